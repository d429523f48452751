"""A table for a paper, before it is CSV, LaTeX, Word or HTML: its cells are texts, and how numbers become texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

MISSING = "–"
SUPPRESSED = "suppressed"
MARK = "†"
UNSETTLED = "‡"

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_SMALLEST_Q = 0.001
_LONGEST_LINE = 28
"""Letters to a line of a column of text, before columns are fitted to the page."""


@dataclass(frozen=True)
class Heading:
    """The head of a column, and whether the column holds numbers."""

    text: str
    is_number: bool = False


@dataclass(frozen=True)
class PrintTable:
    """A table as a reader sees it.

    Attributes
    ----------
    name : str
        Of its files, without an ending: lower-case letters and underscores.
    caption : str
        What the table shows, without a number.
    headings : tuple of Heading
        One for each column; two may read alike.
    rows : tuple of tuple of str
        Each as long as the headings.
    notes : tuple of str
        Sentences that stand below.
    """

    name: str
    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]

    @property
    def widths(self) -> tuple[float, ...]:
        """The share of the page's width for each column, in (0, 1]; together 1.

        No word is wider than its column as long as all of them fit on the page, and no number is broken.
        """
        wanted = []
        for place, heading in enumerate(self.headings):
            cells = [row[place] for row in self.rows]
            broken = [heading.text] if heading.is_number else [heading.text, *cells]
            words = [len(word) for text in broken for word in text.split()]
            longest = max([len(cell) for cell in cells], default=1)
            wanted.append(max([*words, longest if heading.is_number else min(longest, _LONGEST_LINE), 1]) + 1)
        return tuple(letters / sum(wanted) for letters in wanted)


def print_table(
    name: str, caption: str, headings: Sequence[Heading], rows: Iterable[Sequence[str]], notes: Sequence[str]
) -> PrintTable:
    """Return a table whose texts can be written in every form.

    Parameters
    ----------
    name, caption, headings, rows, notes
        See `PrintTable`. Empty notes are left out. A control character, a line break or what cannot be encoded
        becomes a space, since neither XML nor a cell of LaTeX can hold it. Space at the ends goes, so that nothing
        hides the sign that makes a formula; no text is cut off.
    """
    return PrintTable(
        name,
        plain(caption),
        tuple(Heading(plain(heading.text), heading.is_number) for heading in headings),
        tuple(tuple(plain(cell) for cell in row) for row in rows),
        tuple(plain(note) for note in notes if note),
    )


def plain(value: Any) -> str:
    """Return a value as one line of text that can be printed; "–" where it is missing."""
    return MISSING if pd.isna(value) else _UNPRINTABLE.sub(" ", str(value)).strip()


def holds(value: Any) -> bool:
    """Return whether a flag is set; a missing one is not."""
    return bool(pd.notna(value) and value)


def count(value: Any) -> str:
    """Return a whole number; "–" where it is missing."""
    return MISSING if pd.isna(value) else f"{int(value)}"


def decimal(value: Any) -> str:
    """Return a number with two decimals and a true minus sign; "–" where it is missing."""
    return MISSING if pd.isna(value) else f"{float(value):z.2f}".replace("-", "−")


def percent(value: Any) -> str:
    """Return a proportion in whole per cent, without the sign; "–" where it is missing."""
    return MISSING if pd.isna(value) else f"{100 * float(value):z.0f}".replace("-", "−")


def chance(value: Any) -> str:
    """Return a p- or q-value with three decimals, "<0.001" below that; "–" where it is missing."""
    if pd.isna(value):
        return MISSING
    return f"<{_SMALLEST_Q}" if value < _SMALLEST_Q else f"{float(value):.3f}"


def with_interval(value: str, low: str, high: str) -> str:
    """Return a written number with its written interval: "16 (14–19)", "−3 (−5 to 1)".

    Without both ends there is the number alone. Negative ends are joined by "to": a dash would read as a sign.
    """
    if MISSING in (value, low, high):
        return value
    between = " to " if "−" in low + high else "–"
    return f"{value} ({low}{between}{high})"
