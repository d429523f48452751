"""Reading a sheet of a workbook that Excel, LibreOffice or a survey tool saved: XLSX, XLS and ODS."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline.errors import DataError, did_you_mean
from pipeline.formats.raw_table import MOST_CELLS, RawTable, cell_text, empty_file, table_of, too_many_cells
from pipeline.formats.title_rows import LOOKED_AT, rows_above_header, said_of_rows_above

_LARGEST = 500_000_000
"""Bytes of an unpacked workbook: a small file may unpack to any size."""
_MOST_FOR_MEMORY = 20_000_000
"""Cells from the first to the last one used: the reader makes room for all of them."""
_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,8})(\d{1,10})["']""")
_CARRIAGE_RETURN = "_x000D_"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def read_sheet(content: bytes, path: Path, *, sheet: str | None = None, names: Sequence[str] = ()) -> RawTable:
    """Read a sheet of a workbook; of formulas the last result, as a text like any other.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    sheet : str or None
        The name of the sheet; None takes the only visible one with cells.
    names : sequence of str
        Columns that the header must have; see `rows_above_header`.

    Returns
    -------
    RawTable
        The rows from the header on.

    Raises
    ------
    DataError
        Where the file is no workbook, is damaged, protected by a password or too large, or the sheet is not there
        or cannot be chosen.
    """
    if content.startswith(b"PK"):
        _insist_on_size(content, path)
    try:
        sheets, rows, chosen = _opened(content, sheet)
    except (MemoryError, KeyboardInterrupt, SystemExit, _TooManyError):
        raise
    # The reader may raise nearly anything for a damaged file, its own kind of BaseException too.
    except BaseException:
        raise _damaged(path) from None
    if chosen is None:
        raise _no_sheet(path, sheet, sheets)
    if not rows:
        raise empty_file(path)
    if len(rows) * len(rows[0]) > MOST_CELLS:
        raise too_many_cells(path)
    notes = [f"The sheet '{chosen}' was read."] if len(sheets) > 1 else []
    first = rows_above_header([[_text(cell) for cell in row] for row in rows[:LOOKED_AT]], names)
    if first:
        notes.append(said_of_rows_above(first))
    body = ([_text(cell) for cell in row] for row in rows[first + 1 :])
    kind = "ODS" if path.suffix.lower() == ".ods" else "XLS" if content.startswith(b"\xd0\xcf") else "XLSX"
    return table_of(
        [_text(cell) for cell in rows[first]], body, path, origin={"format": kind, "sheet": chosen}, notes=notes
    )


class _TooManyError(DataError):
    pass


def _opened(content: bytes, sheet: str | None) -> tuple[list[str], list[list[Any]], str | None]:
    """Return the names of the sheets that hold something, the rows of the chosen one, and its name."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    known = [one for one in workbook.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
    visible = [one.name for one in known if one.visible == SheetVisibleEnum.Visible]
    if sheet is not None:
        wanted = _folded(sheet)
        chosen = next((one.name for one in known if one.name == sheet), None)
        chosen = chosen or next((one.name for one in known if _folded(one.name) == wanted), None)
        return [one.name for one in known], [] if chosen is None else _rows(workbook, chosen), chosen
    held = {name: rows for name in visible if (rows := _rows(workbook, name))}
    if not held:
        return visible, [], visible[0] if visible else None
    return list(held), next(iter(held.values())), next(iter(held)) if len(held) == 1 else None


def _rows(workbook: Any, name: str) -> list[list[Any]]:
    rows: list[list[Any]] = workbook.get_sheet_by_name(name).to_python(skip_empty_area=True)
    return rows


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _text(cell: Any) -> str:
    return cell_text(cell).replace(_CARRIAGE_RETURN, "").replace("\r\n", "\n")


def _damaged(path: Path) -> DataError:
    return DataError(
        f"{path}: this is no workbook that can be read: it is damaged, has a password, or is of another kind.",
        "Open it in a spreadsheet, and save it without a password as 'Excel workbook (.xlsx)' or 'CSV UTF-8'.",
    )


def _no_sheet(path: Path, sheet: str | None, names: list[str]) -> DataError:
    listed = ", ".join(f"'{name}'" for name in names[:10]) + (" …" if len(names) > 10 else "")
    if sheet is None:
        return DataError(
            f"{path}: the workbook has {len(names)} sheets with something in them: {listed}.",
            "Name the one with the comments as input.sheet.",
        )
    return DataError(
        f"{path}: there is no sheet '{sheet}' (input.sheet).{did_you_mean(sheet, names)}", f"It has {listed}."
    )


def _insist_on_size(content: bytes, path: Path) -> None:
    """Refuse a workbook that would fill the memory, before anything is unpacked that is not counted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            size = sum(member.file_size for member in archive.infolist())
            if size > _LARGEST:
                raise _TooManyError(
                    f"{path}: the workbook unpacks to {size // 1_000_000:,} MB, at most {_LARGEST // 1_000_000:,} MB "
                    "are read.",
                    "Keep the sheet and the columns that you need, and save it again.",
                )
            # What a member says of its size is checked by reading it.
            if archive.testzip() is not None:
                raise zipfile.BadZipFile
            extents = [_extent(archive, name) for name in archive.namelist()]
    except (MemoryError, DataError):
        raise
    except Exception:
        raise _damaged(path) from None
    if max(extents, default=0) > _MOST_FOR_MEMORY:
        raise _TooManyError(
            f"{path}: a sheet reaches so far that it has more than {_MOST_FOR_MEMORY:,} cells, which is the limit.",
            "There may be something in a far corner: delete the empty rows and columns, and save it again.",
        )


def _extent(archive: zipfile.ZipFile, name: str) -> int:
    """Return how many cells a part of a workbook spans, from the first cell to the last."""
    if name == "content.xml":
        return _open_document_extent(archive.read(name))
    if not name.lower().endswith(".xml") or "sheet" not in name.lower():
        return 0
    rows = columns = 1
    for letters, digits in _PLACE.findall(archive.read(name)):
        rows = max(rows, int(digits))
        place = 0
        for letter in letters.upper():
            place = place * 26 + letter - 64
        columns = max(columns, place)
    return rows * columns


def _open_document_extent(content: bytes) -> int:
    from defusedxml.ElementTree import iterparse

    def times(element: Any, what: str) -> int:
        return int(element.get(f"{_TABLE}number-{what}-repeated", "1"))

    def spans() -> Iterator[int]:
        for _, element in iterparse(io.BytesIO(content)):
            if element.tag != f"{_TABLE}table-row":
                continue
            width = reach = 0
            for cell in element:
                width += times(cell, "columns")
                reach = width if len(cell) or len(cell.attrib) > 1 else reach
            # An empty row at the end says how tall a sheet may be, not how tall it is.
            yield times(element, "rows") * reach
            element.clear()

    return sum(spans())
