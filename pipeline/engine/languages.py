"""Which languages a run analyses; a module of its own, so that a check of the settings loads no stage."""

from __future__ import annotations

from typing import TypedDict

from pipeline.config import RunConfig
from pipeline.language.detector import detect, insist_on_detector
from pipeline.language.languages import Detector
from pipeline.language.model_files import languages_wanted


class LanguagesFor(TypedDict):
    """What the stage clean is told of languages; see `clean_comments`."""

    wanted: tuple[str, ...]
    detect: Detector | None


def languages_for(settings: RunConfig) -> LanguagesFor:
    """Return which languages are analysed, and what tells them apart where each comment's is wanted.

    Raises
    ------
    ModelError
        Where what tells them apart is not installed.
    """
    clean = settings.clean.languages
    if clean is None:
        return {"wanted": (), "detect": None}
    wanted = languages_wanted(clean, encoder=settings.embed.model, spacy_model=settings.clean.spacy_model)
    if clean.find == "survey":
        return {"wanted": wanted, "detect": None}
    insist_on_detector()
    return {"wanted": wanted, "detect": detect}
