"""Several choices in one cell, as forms write them: "North;South;" or "North, South"."""

from __future__ import annotations

import re
from collections.abc import Collection

from pipeline.formats.column_names import folded_name

_FIRM = re.compile(r"[;|\n]")
_COMMA = re.compile(r",\s*")


def folded_choice(choice: str) -> str:
    """Return a choice without differences of case and white space."""
    return folded_name(choice)


def choices_in(cell: str, known: Collection[str] = ()) -> list[str]:
    """Return the choices that a cell holds, in its order.

    Semicolons, upright bars and line breaks always part choices. A comma does where a part on one of its sides is a
    known choice, or where nothing is known: "Leeds, Bradford" may be one place.
    """
    wanted = {folded_choice(choice) for choice in known}
    found: list[str] = []
    for part in map(str.strip, _FIRM.split(cell)):
        pieces = [piece.strip() for piece in _COMMA.split(part)]
        whole = folded_choice(part) in wanted or not (not wanted or any(folded_choice(p) in wanted for p in pieces))
        found += [part] if whole else pieces
    return [choice for choice in found if choice]
