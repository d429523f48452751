"""What the tests share: a fake encoder, one loaded spaCy model, a made-up survey and a finished run of it."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from hypothesis import settings
from typer.testing import CliRunner, Result

from pipeline import doctor, workers
from pipeline.cli import app
from pipeline.codebook.codebook import Codebook
from pipeline.documents import pictures, shown_tables, texts
from pipeline.engine import checks, last_look
from pipeline.figures import gallery
from pipeline.figures.gallery import Draw, Rendering
from pipeline.language import model_files, models
from pipeline.language.model_files import EncoderSource
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


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """Return the folder that all workers have above their own."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


Make = Callable[..., Any]

_MADE_ONCE: tuple[tuple[ModuleType, str, Make], ...] = tuple(
    (module, name, getattr(module, name))
    for module, name in ((pictures, "_figure"), (shown_tables, "as_word"), (texts, "text_as_word"))
)
"""Most of the work of a run of few comments; what they return follows from what they are given alone."""


_PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg"></svg>'


def sketch(name: str, draw: Draw, rendering: Rendering, parts: Collection[str]) -> dict[str, bytes]:
    """Return the files of parts of a figure; what it shows is worked out, and no picture is drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gallery, "save", lambda *_, **__: dict.fromkeys(("pdf", "svg", "png"), _PICTURE))
        files = gallery.figure_files(name, draw, rendering)
    return files | {f"{name}.wide.svg": _PICTURE, f"{name}.narrow.svg": _PICTURE}


def done_here(work: Make, tasks: Iterable[tuple[Any, ...]], **_: object) -> Iterator[Any]:
    """Do the tasks in this process: for what is made already, workers cost more than they save."""
    yield from (work(*task) for task in tasks)


@pytest.fixture(scope="session")
def _once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Make], Make]:
    kept = shared_folder(tmp_path_factory) / "made"
    kept.mkdir(exist_ok=True)

    def once(make: Make) -> Make:
        def made(*given: object, **named: object) -> Any:
            path = kept / hashlib.sha256(pickle.dumps((make.__qualname__, given, named))).hexdigest()
            if not path.exists():
                part = path.with_suffix(f".{os.getpid()}")
                part.write_bytes(pickle.dumps(make(*given, **named)))
                part.replace(path)
            return pickle.loads(path.read_bytes())  # noqa: S301 - the suite's own file

        return made

    return once


@pytest.fixture(scope="session", autouse=True)
def _made_once(_once: Callable[[Make], Make]) -> Iterator[None]:
    # Most runs of the suite have the figures and the tables of another.
    with pytest.MonkeyPatch.context() as patch:
        for module, name, make in _MADE_ONCE:
            patch.setattr(module, name, _once(make))
        patch.setattr(pictures, "done_in_order", done_here)
        yield


def make_anew(patch: pytest.MonkeyPatch) -> None:
    """Have all figures and documents made as the program makes them, whatever was made before."""
    for module, name, make in _MADE_ONCE:
        patch.setattr(module, name, make)
    patch.setattr(pictures, "done_in_order", workers.done_in_order)


@pytest.fixture
def made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """All figures and documents of the test are made; see `make_anew`."""
    make_anew(monkeypatch)


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch, _once: Callable[[Make], Make]) -> None:
    """Runs of the test draw no pictures: for tests that look at none."""
    monkeypatch.setattr(pictures, "_figure", _once(sketch))


@pytest.fixture(scope="session")
def language() -> Language:
    """The spaCy model, loaded once."""
    return models.load_language(model_files.SPACY_MODEL)


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
    for module in (models, model_files, checks, doctor):
        patch.setattr(module, "find_encoder", find_fake)
    patch.setattr(models, "load_language", load_once)
    patch.setattr(last_look, "state_of_models", lambda config: [encoder.name, encoder.revision])


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
    folder = shared_folder(tmp_path_factory) / "finished"
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
