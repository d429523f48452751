"""The languages of texts, by lingua: an extra, since it is large."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from typing import Any

from pipeline.errors import ModelError
from pipeline.language.languages import Confidences

EXTRA = "python -m pip install 'theme-crosswalk[languages]'"


def insist_on_detector() -> None:
    """Refuse to look for languages where lingua is not installed.

    Raises
    ------
    ModelError
        Where it is not.
    """
    if importlib.util.find_spec("lingua") is None:
        raise ModelError(
            "clean.languages.find is 'comment', and what tells languages is not installed.",
            f"Run: {EXTRA} (96 MB), or set clean.languages.find to survey.",
        )


@cache
def _lingua() -> Any:
    insist_on_detector()
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_all_languages().build()


def known_languages() -> dict[str, str]:
    """Return the name of each language that is told from others, by its two letters after ISO 639-1.

    Raises
    ------
    ModelError
        Where lingua is not installed.
    """
    insist_on_detector()
    from lingua import Language

    return {_code(language): str(language.name).capitalize() for language in Language.all()}


def _code(language: Any) -> str:
    return str(language.iso_code_639_1.name).lower()


def detect(texts: Sequence[str]) -> list[Confidences]:
    """Say of each text how likely each of lingua's 75 languages is; see `pipeline.language.languages.Detector`.

    Raises
    ------
    ModelError
        Where lingua is not installed.
    """
    if not texts:
        return []
    return [
        {_code(one.language): one.value for one in found if one.value}
        for found in _lingua().compute_language_confidence_values_in_parallel(list(texts))
    ]
