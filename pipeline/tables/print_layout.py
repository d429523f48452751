"""A table for a paper, before it is CSV, LaTeX, Word or HTML: its cells are texts, and how numbers become texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import pandas as pd

MISSING = "–"
SUPPRESSED = "suppressed"
MARK = "†"
UNSETTLED = "‡"

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_SMALLEST_Q = 0.001
_LONGEST_LINE = 40
"""Letters to a line of a column of text, before columns are fitted to the page."""
_LONGEST_WORD = 24
"""A longer word may be broken: it would leave too little to the other columns."""
_MARGINS = 2
"""Letters that the empty space at the sides of a column takes."""
_BOLD = 1.15


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
    def least_letters(self) -> tuple[int, ...]:
        """How many letters each column must hold so that no word or number in it is broken, with its margins."""
        least = []
        for place, heading in enumerate(self.headings):
            # Heads are bold, and bold letters wider.
            words = [ceil(_BOLD * len(word)) for word in heading.text.split()]
            words += [min(len(word), _LONGEST_WORD) for row in self.rows for word in row[place].split()]
            least.append(max([*words, 1]) + _MARGINS)
        return tuple(least)

    def widths(self, letters: float) -> tuple[float, ...]:
        """Share the width of a page out to the columns.

        Parameters
        ----------
        letters : float
            How many letters a line of the page holds.

        Returns
        -------
        tuple of float
            A share for each column, in (0, 1]; together 1. Each column has what it must hold as long as the page holds
            all of that; what is left goes to those whose cells are longer.
        """
        least = self.least_letters
        left = letters - sum(least)
        if left <= 0:
            return tuple(part / sum(least) for part in least)
        wanted = []
        for place, (heading, part) in enumerate(zip(self.headings, least, strict=True)):
            longest = max((len(row[place]) for row in self.rows), default=0) + _MARGINS
            wanted.append(max((longest if heading.is_number else min(longest, _LONGEST_LINE)) - part, 0))
        shares = wanted if sum(wanted) else list(least)
        return tuple((part + left * share / sum(shares)) / letters for part, share in zip(least, shares, strict=True))


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
