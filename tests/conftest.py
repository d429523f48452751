"""What the tests share: a fake encoder, one loaded spaCy model, a made-up survey and a finished run of it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock
from hypothesis import settings
from typer.testing import CliRunner, Result

from pipeline import doctor
from pipeline.cli import app
from pipeline.codebook.codebook import Codebook
from pipeline.engine import checks
from pipeline.language import models
from pipeline.language.models import EncoderSource
from pipeline.stages import report
from tests.example_survey import CODEBOOK, Survey
from tests.fake_encoder import FakeEncoder

if TYPE_CHECKING:
    from spacy.language import Language

# Times say nothing on a busy machine. Before a commit a third of the examples is tried.
settings.register_profile("suite", deadline=None, max_examples=60)
settings.register_profile("fast", deadline=None, max_examples=20)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("fast" if "not slow" in config.option.markexpr else "suite")


Command = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def _wide_screen() -> Iterator[None]:
    # Tables are wrapped to the width of the screen; a wide one keeps words whole.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        yield


def _shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers have above their own."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


_draw_anew = report._figure


@pytest.fixture(scope="session", autouse=True)
def _figures_are_drawn_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    # Drawing is most of the work of a run of few comments, and most runs of the suite have the figures of another.
    kept = _shared_folder(tmp_path_factory) / "figures"
    kept.mkdir(exist_ok=True)

    def drawn_once(*figure: object) -> object:
        path = kept / hashlib.sha256(pickle.dumps(figure)).hexdigest()
        if not path.exists():
            part = path.with_suffix(f".{os.getpid()}")
            part.write_bytes(pickle.dumps(_draw_anew(*figure)))
            part.replace(path)
        return pickle.loads(path.read_bytes())  # noqa: S301 - the suite's own file

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "_figure", drawn_once)
        yield


@pytest.fixture
def drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every figure of the test is drawn, whatever was drawn before."""
    monkeypatch.setattr(report, "_figure", _draw_anew)


@pytest.fixture(scope="session")
def language() -> Language:
    """The spaCy model, loaded once."""
    return models.load_language(models.SPACY_MODEL)


@pytest.fixture
def encoder() -> FakeEncoder:
    return FakeEncoder()


@pytest.fixture
def codebook() -> Codebook:
    return Codebook.model_validate(CODEBOOK)


def use_fake_models(patch: pytest.MonkeyPatch, encoder: FakeEncoder, language: Language) -> None:
    """Put the fake encoder and the loaded spaCy model in the place of the real ones."""

    def find_fake(name: str) -> EncoderSource:
        return EncoderSource(name=encoder.name, location="", revision=encoder.revision, is_verified=False)

    load_language = models.load_language

    def load_once(name: str, **kind: bool) -> Language:
        return load_language(name, **kind) if any(kind.values()) else language

    patch.setattr(models, "load_encoder", lambda name, **_: encoder)
    for module in (models, checks, doctor):
        patch.setattr(module, "find_encoder", find_fake)
    patch.setattr(models, "load_language", load_once)


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch, encoder: FakeEncoder, language: Language) -> FakeEncoder:
    """The encoder that the program is given instead of a real one; CachedEncoder wraps it as it would any other."""
    use_fake_models(monkeypatch, encoder, language)
    return encoder


def invoke(*arguments: object) -> Result:
    """Run the real command in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def command(fake_models: FakeEncoder) -> Command:
    """Run the real command in this process, with the fake models."""
    return invoke


@pytest.fixture
def survey(tmp_path: Path) -> Survey:
    """The made-up survey in a folder of its own; no run was made."""
    return Survey(tmp_path).write()


@dataclass(frozen=True)
class Printed:
    """What a run printed."""

    output: str
    stdout: str


@pytest.fixture(scope="session")
def _finished_once(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Survey, Printed]:
    # Whichever worker comes first makes the run, and the others wait for it.
    folder = _shared_folder(tmp_path_factory) / "finished"
    printed = folder.with_suffix(".json")
    with FileLock(folder.with_suffix(".lock")):
        if not printed.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            survey = Survey(folder).write()
            with pytest.MonkeyPatch.context() as patch:
                use_fake_models(patch, FakeEncoder(), request.getfixturevalue("language"))
                result = invoke("run", survey.config)
            assert result.exit_code == 0, result.output
            printed.write_text(json.dumps([result.output, result.stdout]), encoding="utf-8")
    return Survey(folder), Printed(*json.loads(printed.read_text(encoding="utf-8")))


@pytest.fixture
def finished(_finished_once: tuple[Survey, Printed], tmp_path: Path) -> Survey:
    """A finished run of the survey, in a folder of its own that a test may change."""
    shutil.copytree(_finished_once[0].folder, tmp_path / "survey")
    return Survey(tmp_path / "survey")


@pytest.fixture
def first_result(_finished_once: tuple[Survey, Printed]) -> Printed:
    """What the run that `finished` is a copy of printed."""
    return _finished_once[1]
