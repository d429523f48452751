"""Workbooks (XLSX) that people fill in: texts that stay texts, and reading what any spreadsheet program saved."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline.errors import DataError

_LONGEST = 32_000
"""Characters of a text; a cell holds 32,767."""
_LARGEST = 200_000_000
"""Bytes of an unpacked workbook: a small file may unpack to any size."""
_MOST_ROWS, _MOST_COLUMNS = 100_000, 100
"""What is read of a sheet: one cell in its far corner makes it as large as a sheet can be."""
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CARRIAGE_RETURN = "_x000D_"
"""How a workbook writes it."""


def cell_text(text: str) -> str:
    """Return a text as a cell can hold it: without control characters, its end cut off after 32,000 characters."""
    kept = _UNSTORABLE.sub("", text[:_LONGEST])
    return kept if len(text) <= _LONGEST else f"{kept} […]"


def same_words(text: str) -> str:
    """Return a text as it is compared: spaces and line ends, which spreadsheets change, do not count."""
    return " ".join(cell_text(text).split())


def write_text(cell: Any, text: str) -> None:
    """Put a text into an openpyxl cell so that no program takes it for a formula, whatever it begins with."""
    cell.value = cell_text(text)
    cell.data_type = "s"
    # The mark that a spreadsheet sets for a leading apostrophe: the cell stays a text when somebody edits it.
    cell.quotePrefix = True


def read_text(value: object) -> str:
    """Return what a cell holds as a text without spaces around it; "" for an empty cell, "7" for the number 7.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).replace(_CARRIAGE_RETURN, "").strip()


def read_workbook(content: bytes, path: Path) -> dict[str, list[list[str]]]:
    """Read every sheet of a workbook.

    Parameters
    ----------
    content : bytes
        The file, as Excel, LibreOffice or another program saved it.
    path : pathlib.Path
        Where it came from, for messages.

    Returns
    -------
    dict of str to list of list of str
        For each sheet its rows from the first on, each cell as `read_text` gives it; of formulas the last result.

    Raises
    ------
    DataError
        Where the file is no workbook of this kind, is damaged, or unpacks to more than 200 MB.
    """
    with _opened(content, path, read_only=True, data_only=True) as workbook:
        return {sheet.title: _rows(sheet) for sheet in workbook.worksheets}


def workbook_without(
    content: bytes, path: Path, *, is_out: Callable[[Mapping[str, str]], bool], emptied: Collection[str] = ()
) -> bytes:
    """Return a workbook without some of its rows; what people filled in, and how it looks, stays.

    Parameters
    ----------
    content : bytes
        The file.
    path : pathlib.Path
        Where it came from, for messages.
    is_out : callable
        Given a row of any sheet, by the names in the sheet's first row in small letters, says whether it goes.
    emptied : collection of str
        Columns whose cells are emptied in the rows that stay.

    Returns
    -------
    bytes
        The file as it was where nothing is changed.

    Raises
    ------
    DataError
        As `read_workbook`.
    """
    with _opened(content, path) as workbook:
        changed = [_without(sheet, is_out, emptied) for sheet in workbook.worksheets]
        buffer = io.BytesIO()
        workbook.save(buffer)
    return buffer.getvalue() if any(changed) else content


def _without(sheet: Any, is_out: Callable[[Mapping[str, str]], bool], emptied: Collection[str]) -> bool:
    changed = False
    names = [read_text(cell.value).casefold() for cell in sheet[1]]
    heights = {number: sheet.row_dimensions[number].height for number in range(1, sheet.max_row + 1)}
    for number in range(sheet.max_row, 1, -1):
        cells = dict(zip(names, sheet[number], strict=False))
        if is_out({name: read_text(cell.value) for name, cell in cells.items()}):
            sheet.delete_rows(number)
            heights = {row - (row > number): height for row, height in heights.items() if row != number}
            changed = True
            continue
        for name in emptied:
            if name in cells and cells[name].value is not None:
                cells[name].value, changed = None, True
    for number, height in heights.items():
        sheet.row_dimensions[number].height = height
    return changed


@contextmanager
def _opened(content: bytes, path: Path, **how: bool) -> Iterator[Any]:
    """Open a workbook; whatever is wrong with it is one error."""
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ValueError
        with warnings.catch_warnings():
            # openpyxl warns of features that other programs save and nothing here reads.
            warnings.simplefilter("ignore")
            yield load_workbook(io.BytesIO(content), **how)
    # openpyxl may raise nearly anything for a damaged file.
    except Exception:
        raise DataError(
            f"{path}: this is no XLSX workbook, or it is damaged.",
            "Save the sheet as 'Excel workbook (.xlsx)', and give that file.",
        ) from None


def _rows(sheet: Any) -> list[list[str]]:
    """Return the rows of a sheet, all as wide as the widest, without empty ones at its end."""
    # Some programs write a size that is too small.
    sheet.reset_dimensions()
    rows: list[list[str]] = []
    last = widest = 0
    for number, row in enumerate(sheet.iter_rows(max_row=_MOST_ROWS, values_only=True), start=1):
        rows.append([read_text(cell) for cell in row[:_MOST_COLUMNS]])
        if any(rows[-1]):
            last, widest = number, max(widest, len(rows[-1]))
    return [[*row, *[""] * (widest - len(row))][:widest] for row in rows[:last]]
