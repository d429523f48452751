"""A table as a file has it: names, and cells that are all texts."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

MOST_COLUMNS = 10_000
MOST_CELLS = 50_000_000
LONGEST_CELL = 1_000_000

_HALF = re.compile(r"[\ud800-\udfff]")
"""Half of a pair of surrogates: programs that cut texts at so many units cut emoji in two. No file can hold it."""
_LOST = "\ufffd"


@dataclass(frozen=True)
class RawTable:
    """What one file or sheet holds.

    Attributes
    ----------
    header : tuple of str
        The name of each column as it stands in the file; "" where it has none. Names may be repeated.
    rows : list of list of str
        The rows below the header, each as wide as the header; "" where a cell is empty.
    numbers : list of int
        The place of each row below the header, from 1; blank rows that were left out count.
    origin : dict
        How the file was read: format and, where it has them, encoding, separator and sheet.
    notes : list of str
        What a reader should know of how it was read.
    titles : tuple of str
        A second name of each column, such as the question that it answers; empty where there are none.
    """

    header: tuple[str, ...]
    rows: list[list[str]]
    numbers: list[int]
    origin: dict[str, str]
    notes: list[str] = field(default_factory=list)
    titles: tuple[str, ...] = ()

    def column(self, place: int) -> list[str]:
        """Return the cells of a column, in the file's order."""
        return [row[place] for row in self.rows]

    def frame(self) -> pd.DataFrame:
        """Return the table as a frame of texts; row 0 is the first below the header."""
        import pandas as pd

        index = [number - 1 for number in self.numbers]
        return pd.DataFrame(self.rows, columns=list(self.header), index=index, dtype="str")


def table_of(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    path: Path,
    *,
    origin: dict[str, str],
    notes: Sequence[str] = (),
    titles: Sequence[str] = (),
) -> RawTable:
    """Put a header and rows together, without rows that are blank.

    In a table of a single column a blank row is an answer that was left empty, and stays. Half of a character is read
    as U+FFFD, and how many rows hold one is noted.

    Raises
    ------
    DataError
        For too many columns, or a cell of over a million characters.
    """
    names = tuple(_HALF.sub(_LOST, name.strip()) for name in header)
    if len(names) > MOST_COLUMNS:
        raise too_wide(path, len(names))
    kept: list[list[str]] = []
    numbers: list[int] = []
    blank = cut = 0
    for number, row in enumerate(rows, start=1):
        if len(names) > 1 and not any(cell and not cell.isspace() for cell in row):
            blank += 1
            continue
        cells = list(row)
        if not all(map(str.isascii, cells)) and any(map(_HALF.search, cells)):
            cells = [_HALF.sub(_LOST, cell) for cell in cells]
            cut += 1
        longest = max(map(len, cells), default=0)
        if longest > LONGEST_CELL:
            raise DataError(
                f"{path}: a cell of row {number} (counted below the header) has {longest:,} characters, "
                f"at most {LONGEST_CELL:,} are read.",
                "The file may be damaged, or lack a quotation mark: open it in a spreadsheet and look at that row.",
            )
        kept.append(cells)
        numbers.append(number)
    said = list(notes)
    if blank:
        said.append(f"{blank} blank row{'s were' if blank > 1 else ' was'} left out.")
    if cut:
        said.append(
            f"{cut} row{'s hold' if cut > 1 else ' holds'} half of a character, such as of an emoji that was cut off: "
            f"it was read as “{_LOST}”."
        )
    return RawTable(names, kept, numbers, origin, said, tuple(titles))


def too_wide(path: Path, found: int, where: str = "") -> DataError:
    """Return what is said of a table with more columns than any survey has."""
    return DataError(
        f"{path}{where}: at most {MOST_COLUMNS:,} columns are wanted, found {found:,}.",
        "The file may be damaged: open it in a spreadsheet and save it as 'CSV UTF-8'.",
    )


def too_many_cells(path: Path) -> DataError:
    """Return what is said of a table that would fill the memory."""
    return DataError(
        f"{path}: the table has more than {MOST_CELLS:,} cells, which is the limit.",
        "Delete empty rows and columns at its end, or keep the columns that you need.",
    )


def empty_file(path: Path) -> DataError:
    """Return what is said of a file without content."""
    return DataError(f"{path}: the file is empty.", "A CSV file with a header and one comment a row is wanted.")


def cell_text(value: Any) -> str:
    """Return what a typed cell holds as a text: "7" for 7.0, a date in ISO 8601, "" for a missing value.

    A list, as of several choices, becomes its items with semicolons between them.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        if value != value:  # pandas' NaT is a datetime that equals nothing
            return ""
        midnight = value.time() == dt.time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value.is_finite() else ""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, list | tuple):
        return ";".join(cell_text(item) for item in value)
    return str(value)
