"""What the tests share: a fake encoder, one loaded spaCy model, a made-up survey and a finished run of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from typer.testing import CliRunner, Result

from pipeline import doctor
from pipeline.cli import app
from pipeline.codebook.codebook import Codebook
from pipeline.engine import checks
from pipeline.language import models
from pipeline.language.models import EncoderSource
from tests.example_survey import CODEBOOK, Survey
from tests.fake_encoder import FakeEncoder

if TYPE_CHECKING:
    from spacy.language import Language

# Times say nothing on a busy machine. Attacks on what is published ask for more examples where they stand.
settings.register_profile("suite", deadline=None, max_examples=60)
settings.load_profile("suite")

Command = Callable[..., Result]


@pytest.fixture(scope="session", autouse=True)
def _wide_screen() -> Iterator[None]:
    # Tables are wrapped to the width of the screen; a wide one keeps words whole.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "200")
        yield


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
        return EncoderSource(name=encoder.name, location="", revision=encoder.revision, is_default=False)

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


@pytest.fixture(scope="session")
def _finished_once(tmp_path_factory: pytest.TempPathFactory, language: Language) -> tuple[Survey, Result]:
    survey = Survey(tmp_path_factory.mktemp("finished")).write()
    with pytest.MonkeyPatch.context() as patch:
        use_fake_models(patch, FakeEncoder(), language)
        result = invoke("run", survey.config)
    assert result.exit_code == 0, result.output
    return survey, result


@pytest.fixture
def finished(_finished_once: tuple[Survey, Result], tmp_path: Path) -> Survey:
    """A finished run of the survey, in a folder of its own that a test may change."""
    shutil.copytree(_finished_once[0].folder, tmp_path / "survey")
    return Survey(tmp_path / "survey")


@pytest.fixture
def first_result(_finished_once: tuple[Survey, Result]) -> Result:
    """What the run that `finished` is a copy of printed."""
    return _finished_once[1]
