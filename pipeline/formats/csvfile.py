"""Reading a CSV file that somebody's spreadsheet wrote: its separator, its quotation marks, its rows.

A file is read whole or refused with the lines that are wrong: a damaged one is never rearranged.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from pipeline.errors import DataError
from pipeline.formats.raw_table import MOST_COLUMNS, RawTable, empty_file, table_of, too_wide
from pipeline.formats.textfile import decoded
from pipeline.formats.title_rows import LOOKED_AT, rows_above_header, said_of_rows_above

_MOST_SEPARATORS = 100_000
"""On one line: a comment may hold many commas; a damaged file holds millions."""
_SEPARATORS = (",", ";", "\t", "|")
_SAMPLE = 200
_LONGEST_LINE = 1_000_000
_SHOWN = 5
_MOSTLY = 0.8
_SEP_LINE = re.compile(r'"?sep=(.)"?\n', re.IGNORECASE)

csv.field_size_limit(1_000_000_000)

Record = tuple[int, list[str]]
"""The number of the line that a row begins in, and its cells."""


def read_csv(
    content: bytes, path: Path, *, separator: str = "auto", encoding: str = "auto", names: Sequence[str] = ()
) -> RawTable:
    """Read a CSV file.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    separator, encoding : str
        As the configuration names them; "auto" finds them.
    names : sequence of str
        Columns that the header must have; see `rows_above_header`.

    Returns
    -------
    RawTable
        Every cell as it stands. Line ends within a cell are line feeds, whatever system wrote them.

    Raises
    ------
    DataError
        For what cannot be decoded, a row with more or fewer cells than the header, quotation marks that do not come
        in pairs where the rows cannot be told without them, or what is too wide or too long to be a survey.
    """
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(
            f"{path}: this is a workbook (Excel or similar), a CSV file is wanted.",
            "Open it and save the sheet as 'CSV UTF-8'.",
        )
    notes: list[str] = []
    text, encoding = decoded(content, path, encoding=encoding, notes=notes)
    text = text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    before = len(text) - len(text := text.lstrip("\n"))
    if (named := _SEP_LINE.match(text)) and named[1] in _SEPARATORS:
        text, before = text[named.end() :], before + 1
        separator = named[1] if separator == "auto" else separator
        notes.append("The first line names the separator and was left out.")
    lines = text.removesuffix("\n").split("\n")
    if not any(line.strip() for line in lines):
        raise empty_file(path)
    if above := _lines_above(lines, separator, names):
        lines, before = lines[above:], before + above
        notes.append(said_of_rows_above(above))
    if separator == "auto":
        separator = _separator(lines)
    for number, line in enumerate(lines, start=before + 1):
        if (found := line.count(separator)) >= _MOST_SEPARATORS:
            raise _line_too_wide(path, number, found + 1, _MOST_SEPARATORS)
    records = _records(lines, path, separator, before, notes)
    width = len(records[0][1])
    if width > MOST_COLUMNS:
        raise too_wide(path, width, f", line {records[0][0]}")
    _insist_on_width(records, width, path, separator)
    return table_of(
        records[0][1],
        ([*cells, *[""] * (width - len(cells))][:width] for _, cells in records[1:]),
        path,
        origin={"format": "CSV", "encoding": encoding, "separator": {"\t": "tab"}.get(separator, separator)},
        notes=notes,
    )


def _lines_above(lines: Sequence[str], separator: str, names: Sequence[str]) -> int:
    """Return how many lines stand above the header, whatever separates the columns."""
    first = lines[:LOOKED_AT]
    for one in _SEPARATORS if separator == "auto" else (separator,):
        # Above the header nothing has several lines. A cell that does is left to the reader of rows.
        rows = [next(csv.reader([line], delimiter=one), []) if len(line) < _LONGEST_LINE else [] for line in first]
        if above := rows_above_header(rows, names):
            return above
    return 0


def _line_too_wide(path: Path, line: int, found: int, most: int) -> DataError:
    return DataError(
        f"{path}, line {line}: at most {most:,} columns are wanted, found {found:,}.",
        "The file may be damaged: open it in a spreadsheet and save it as 'CSV UTF-8'.",
    )


def _separator(lines: Sequence[str]) -> str:
    """Return what parts the header and the most rows into as many cells; a comma where nothing does."""

    def alike(separator: str) -> tuple[float, int]:
        rows = csv.reader((f"{line}\n" for line in lines[:_SAMPLE]), delimiter=separator)
        widths = [len(row) for row in rows if row]
        if not widths or widths[0] < 2:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(_SEPARATORS, key=alike)


def _records(lines: Sequence[str], path: Path, separator: str, before: int, notes: list[str]) -> list[Record]:
    """Return the rows, read by their quotation marks or, where these are stray ones, without them."""
    try:
        records = list(_quoted(lines, separator, before))
        problem = _swallowed(records, separator)
        if problem is None:
            return records
        line, what = problem, "a quotation mark is opened, and what follows holds whole rows of the file"
    except _UnpairedError as stray:
        line, what = stray.line, stray.what
    plain = [(before + number, _unquoted(text, separator)) for number, text in enumerate(lines, start=1)]
    width = len(plain[0][1])
    if (
        width > 1
        and len(plain) > 1
        and all(len(cells) == width or not any(map(str.strip, cells)) for _, cells in plain)
    ):
        notes.append(
            f"Quotation marks do not stand round whole cells (line {line}). They were read as letters: so each line "
            "is a row."
        )
        return plain
    raise DataError(
        f"{path}, line {line}: {what}.",
        "Write each quotation mark inside a comment twice, or give the file as a workbook (XLSX).",
    )


class _UnpairedError(Exception):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line, self.what = line, what


def _quoted(lines: Sequence[str], separator: str, before: int) -> Iterator[Record]:
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            never = "unexpected end" in str(problem)
            what = "and never closed" if never else "and not closed at the end of its cell"
            raise _UnpairedError(before + start, f"a quotation mark is opened {what}") from None
        yield before + start, cells


def _unquoted(line: str, separator: str) -> list[str]:
    """Return the cells of a line whose quotation marks are letters, but for those around a whole cell."""

    def plain(cell: str) -> str:
        whole = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
        inner = cell[1:-1].replace('""', "")
        return cell[1:-1].replace('""', '"') if whole and '"' not in inner else cell

    return [plain(cell) for cell in line.split(separator)]


def _shape(cell: str) -> str:
    return re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", cell.strip()))


def _outline(cell: str) -> str:
    """Return the shape of a cell whatever the length of its words and numbers."""
    return re.sub(r"a+", "a", re.sub(r"9+", "9", _shape(cell)))


class _Columns:
    """What stands in the columns of rows that nobody doubts."""

    def __init__(self, rows: Sequence[Sequence[str]], width: int) -> None:
        cells = [[row[place].strip() for row in rows if row[place].strip()] for place in range(width)]
        self.width = width
        self._values = [set(column) for column in cells]
        self._cells = cells
        self._shape = [_usual(map(_shape, column)) for column in cells]

    @cached_property
    def _outline(self) -> list[str | None]:
        return [_usual(map(_outline, column)) for column in self._cells]

    def fit(self, pieces: Sequence[str], places: Sequence[int], *, loosely: bool = False) -> bool:
        """Return whether pieces look like those columns, as ids do, or mostly stand in them elsewhere."""
        usual, form = (self._outline, _outline) if loosely else (self._shape, _shape)
        pairs = [(piece.strip(), place) for piece, place in zip(pieces, places, strict=True)]
        like_ids = any(usual[place] is not None and form(piece) == usual[place] for piece, place in pairs)
        return like_ids or 2 * sum(piece in self._values[place] for piece, place in pairs) > len(pairs)


def _usual(shapes: Iterable[str]) -> str | None:
    """Return the shape that most cells of a column have, where it has a digit."""
    count = Counter(shapes)
    return next((shape for shape, n in count.most_common(1) if "9" in shape and n >= _MOSTLY * count.total()), None)


def _swallowed(records: Sequence[Record], separator: str) -> int | None:
    """Return the line of a cell that holds other rows of the file, or None.

    A comment may have line breaks and separators. Its lines are rows where they have as many cells as a row has, with
    values that look like those columns, as ids do, or that mostly stand in them elsewhere.
    """
    width = len(records[0][1])
    broken = [(line, place, cell) for line, cells in records for place, cell in enumerate(cells)
              if "\n" in cell and separator in cell]  # fmt: skip
    if width < 2 or not broken:
        return None
    whole = [cells for _, cells in records[1:] if len(cells) == width and not any("\n" in cell for cell in cells)]
    columns = _Columns(whole, width)
    return next((line for line, place, cell in broken if _holds_rows(cell, place, separator, columns)), None)


def _holds_rows(cell: str, place: int, separator: str, columns: _Columns) -> bool:
    width = columns.width
    others = [*range(place), *range(place + 1, width)]
    first, *middle, last = (part.split(separator) for part in cell.split("\n"))
    rows = [[row[other] for other in others] for row in middle if len(row) == width]
    if any(columns.fit(row, others) for row in rows):
        return True
    even = len(rows) == len(middle) and len(first) == width - place and len(last) == place + 1
    if even and rows and all(columns.fit(row, others, loosely=True) for row in rows):
        return True
    after, before = range(place + 1, width), range(place)
    return even and all(
        columns.fit(pieces, places) for pieces, places in ((first[1:], after), (last[:-1], before)) if places
    )


def _insist_on_width(records: Sequence[Record], width: int, path: Path, separator: str) -> None:
    """Refuse rows with more or fewer cells than the header: which cell is missing cannot be known."""
    wrong = [
        (line, len(cells))
        for line, cells in records
        if len(cells) != width and (any(map(str.strip, cells)) or (len(cells) > width and width == 1))
    ]
    if not wrong:
        return
    mark = {"\t": "tab"}.get(separator, separator)
    widths = {len(cells) for _, cells in records[1:] if any(map(str.strip, cells))}
    if len(wrong) > 1 and len(widths) == 1 and max(widths) < width:
        raise DataError(
            f"{path}, line {records[0][0]}: the header has {width} columns, and every row has {max(widths)}.",
            f"Put a name that holds '{mark}' between quotation marks.",
        )
    (line, found), *others = wrong
    more = ""
    if others:
        places = ", ".join(str(number) for number, _ in others[: _SHOWN - 1])
        dots = " …" if len(others) >= _SHOWN else ""
        more = f" {len(others)} more row{'s do' if len(others) > 1 else ' does'} not fit either (line {places}{dots})."
    raise DataError(
        f"{path}, line {line}: {width} column{'s are' if width > 1 else ' is'} wanted, found {found}.{more}",
        f"A comment that holds '{mark}' or a line break must stand between quotation marks. Save the file again from "
        "where it came, or give it as a workbook (XLSX).",
    )
