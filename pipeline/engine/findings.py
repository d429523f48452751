"""What `check` says of codes and groups, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pipeline.codebook.written_codes import CodedColumn

_NAMED = 6
_LONGEST = 40


def counted(found: Counter[str], near: Callable[[str], str] = lambda _: "") -> str:
    """Return what was found with how often, the most frequent first, and how many kinds more there are.

    `near` says what may have been meant, as `did_you_mean` does.
    """
    named = [f"'{_short(name)}' ({n}{near(name).replace(' D', '; d')})" for name, n in found.most_common(_NAMED)]
    more = len(found) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def _short(name: str) -> str:
    one_line = " ".join(name.split())
    return one_line if len(one_line) <= _LONGEST else f"{one_line[: _LONGEST - 1]}…"


def said_of_column(column: CodedColumn, near: Callable[[str], str]) -> str:
    """Return what was made of a column of codes; `near` says what an unknown one may have meant."""
    if column.ticks is not None:
        return f"'{column.name}' has {column.coded} ticks for {column.ticks}."
    said = [f"'{column.name}': {column.understood} of {column.coded} codes are the codebook's."]
    if column.several:
        said.append(f"{column.several} cells hold several; the first counts as the main one.")
    if column.finer:
        said.append(f"Finer codes went to their themes: {counted(column.finer)}.")
    if column.no_theme:
        said.append(f"{column.no_theme} say that no theme fits.")
    if column.unknown:
        said.append(f"Not in the codebook, counted as no theme: {counted(column.unknown, near)}.")
    return " ".join(said)
