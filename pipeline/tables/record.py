"""A table as a reader sees it, before it is HTML, LaTeX, Word, CSV or Markdown: its cells are texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import pandas as pd

from pipeline.tables.numbers import MISSING, NOT_SHOWN

WHY_NOT_SHOWN = "Not shown: the number is small, or would reveal a small one."

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_LONGEST_LINE = 40
"""Letters to a line of a column of text, before columns are fitted to the page."""
_MORE = 4
"""Letters to a line that a longer cell has beyond that, by the square root of what it has more."""
_LONGEST_WORD = 24
"""A longer word may be broken: it would leave too little to the other columns."""
_MARGINS = 2
"""Letters that the empty space at the sides of a column takes."""
_BOLD = 1.3
_LONG_CELL, _LONG_COLUMNS = 120, 2
"""Letters of a long cell; a table with more such columns than this lies."""
_BEFORE_INTERVAL = re.compile(r" (?=\()")
_NARROWEST = 12
"""Letters to a line of a column of text: in less, three-letter lines run down the page."""

Row = Mapping[Hashable, Any]
"""A row of a frame, by its columns' names."""


@dataclass(frozen=True)
class Heading:
    """The head of a column, and whether the column holds numbers."""

    text: str
    is_number: bool = False


@dataclass(frozen=True)
class TableRecord:
    """A table as a reader sees it.

    Attributes
    ----------
    name : str
        Of its files, without an ending: lower-case letters and underscores.
    caption : str
        What the table shows.
    headings : tuple of Heading
        One for each column; two may read alike.
    rows : tuple of tuple of str
        Each as long as the headings.
    notes : tuple of str
        Sentences that follow below.
    keys : int
        How many of the first columns say what a row is: where a page cannot hold all columns, each part has these.
        0 for a table that is not taken apart.
    """

    name: str
    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    keys: int = 0

    @property
    def least_letters(self) -> tuple[int, ...]:
        """How many letters each column must hold so that no word or number in it is broken, with its margins."""
        least = []
        for place, heading in enumerate(self.headings):
            # Heads are bold, and bold letters wider.
            words = [ceil(_BOLD * len(word)) for word in heading.text.split()]
            # A number and its interval may stand one below the other; neither is broken.
            split = _BEFORE_INTERVAL.split if heading.is_number else str.split
            words += [min(len(word), _LONGEST_WORD) for row in self.rows for word in split(row[place])]
            if not heading.is_number:
                words.append(min(max((len(row[place]) for row in self.rows), default=0), _NARROWEST))
            least.append(max([*words, 1]) + _MARGINS)
        return tuple(least)

    @property
    def has_long_cells(self) -> bool:
        """Whether a page upright would make a column of many short lines of several columns of text."""
        long = [max((len(row[place]) for row in self.rows), default=0) for place in range(len(self.headings))]
        return sum(length > _LONG_CELL for length in long) > _LONG_COLUMNS

    def parts(self, letters: float) -> tuple[TableRecord, ...]:
        """Return the table in as many parts, side by side, as a page needs whose lines hold so many letters.

        The table itself is the only part where it fits, or is not to be taken apart. Each part has the key columns;
        the last has the notes.
        """
        least = self.least_letters
        if not self.keys or sum(least) <= letters:
            return (self,)
        key_columns = range(self.keys)
        room, taken = letters - sum(least[: self.keys]), 0.0
        columns: list[list[int]] = [[]]
        for place in range(self.keys, len(least)):
            if columns[-1] and taken + least[place] > room:
                columns.append([])
                taken = 0.0
            columns[-1].append(place)
            taken += least[place]
        return tuple(
            replace(
                self,
                caption=f"{self.caption} Part {number} of {len(columns)}.",
                headings=tuple(self.headings[place] for place in (*key_columns, *chosen)),
                rows=tuple(tuple(row[place] for place in (*key_columns, *chosen)) for row in self.rows),
                notes=self.notes if number == len(columns) else (),
                keys=0,
            )
            for number, chosen in enumerate(columns, start=1)
        )

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
            # A cell of many lines gets more room, but not as much more as it has letters.
            line = min(longest, _LONGEST_LINE) + _MORE * max(longest - _LONGEST_LINE, 0) ** 0.5
            wanted.append(max((longest if heading.is_number else line) - part, 0))
        shares = wanted if sum(wanted) else list(least)
        return tuple((part + left * share / sum(shares)) / letters for part, share in zip(least, shares, strict=True))


def record(
    name: str,
    caption: str,
    headings: Sequence[Heading],
    rows: Iterable[Sequence[Any]],
    notes: Sequence[str] = (),
    *,
    keys: int = 0,
) -> TableRecord:
    """Return a table whose texts can be written in every form.

    Parameters
    ----------
    name, caption, headings, rows, notes, keys
        See `TableRecord`. Empty notes go. Where a cell is not shown, a last note says why. A control character, a line
        break or what cannot be encoded becomes a space, since neither XML nor a cell of LaTeX can hold it. Space at the
        ends goes, so that nothing hides the sign that makes a formula; no text is cut off.
    """
    cells = tuple(tuple(plain(cell) for cell in row) for row in rows)
    why = WHY_NOT_SHOWN if any(cell == NOT_SHOWN for row in cells for cell in row) else ""
    return TableRecord(
        name,
        plain(caption),
        tuple(Heading(plain(heading.text), heading.is_number) for heading in headings),
        cells,
        tuple(plain(note) for note in (*notes, why) if note),
        keys,
    )


@dataclass(frozen=True)
class ShownColumn:
    """A column of a record: its heading, and how a row's cell is written."""

    heading: Heading
    cell: Callable[[Row], str]


def words(heading: str, source: str | Callable[[Row], str]) -> ShownColumn:
    """Return a column of texts: those of a column of the frame, or what a function makes of a row."""
    return ShownColumn(Heading(heading), (lambda row: plain(row[source])) if isinstance(source, str) else source)


def figures(heading: str, form: Callable[..., str], *sources: str) -> ShownColumn:
    """Return a column of numbers, written by a function of one or several columns of the frame; of the row without."""
    cell = (lambda row: form(*(row[source] for source in sources))) if sources else form
    return ShownColumn(Heading(heading, is_number=True), cell)


def record_of(
    name: str, caption: str, rows: Iterable[Row], columns: Sequence[ShownColumn], notes: Sequence[str] = ()
) -> TableRecord:
    """Return the record of a frame's rows; what a suppressed row lacks is not shown."""

    def written(row: Row, column: ShownColumn) -> str:
        cell = column.cell(row)
        is_hidden = column.heading.is_number and cell == MISSING and is_set(row.get("suppressed"))
        return NOT_SHOWN if is_hidden else cell

    cells = [[written(row, column) for column in columns] for row in rows]
    return record(name, caption, [column.heading for column in columns], cells, notes)


def rows_of(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return the rows of a frame, each by its columns' names."""
    return frame.to_dict("records")


def plain(value: Any) -> str:
    """Return a value as one line of text that can be printed; "–" where it is missing."""
    return MISSING if pd.isna(value) else _UNPRINTABLE.sub(" ", str(value)).strip()


def is_set(flag: Any) -> bool:
    """Return whether a flag is set; a missing one is not."""
    return bool(pd.notna(flag) and flag)
