"""Which scripts letters are of."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def scripts_of(letters: Iterable[str]) -> tuple[str, ...]:
    """Return the scripts of letters and marks as people name them, such as ("Devanagari", "Thai"), in that order.

    What is neither a letter nor a mark on one, such as a digit, is passed over.
    """
    wanted = (letter for letter in set(letters) if unicodedata.category(letter)[0] in "LM")
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in wanted}
    return tuple(sorted("Chinese" if name == "CJK" else name.capitalize() for name in names if name))
