"""Which scripts letters are of, and which way they are read."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_AFTER_A_NAME = "\u200e"
"""A mark of direction, which is not seen."""


def before_a_number(name: str) -> str:
    """Return a name as it stands before a number in an English sentence.

    After a name that is read from right to left the number would be taken for a part of it, and set before it.
    """
    is_read_leftwards = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name)
    return name + _AFTER_A_NAME if is_read_leftwards else name


def scripts_of(letters: Iterable[str]) -> tuple[str, ...]:
    """Return the scripts of letters and marks as people name them, such as ("Devanagari", "Thai"), in that order.

    What is neither a letter nor a mark on one, such as a digit, is passed over.
    """
    wanted = (letter for letter in set(letters) if unicodedata.category(letter)[0] in "LM")
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in wanted}
    return tuple(sorted("Chinese" if name == "CJK" else name.capitalize() for name in names if name))
