"""Reading a file of comments of any kind: which kind it is follows from its first bytes, and then from its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.errors import DataError
from pipeline.formats.columnar import read_json_lines, read_parquet
from pipeline.formats.csvfile import read_csv
from pipeline.formats.labelled import read_labelled
from pipeline.formats.layouts import without_further_headers
from pipeline.formats.raw_table import RawTable, empty_file
from pipeline.formats.refi_reading import is_project, read_project
from pipeline.formats.sheetfile import read_sheet

SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".jsonl", ".ndjson", ".json", ".sav",
    ".zsav", ".dta", ".qdpx",
)  # fmt: skip
"""Names of files that may hold comments end so."""


def read_table(
    content: bytes,
    path: Path,
    *,
    separator: str = "auto",
    encoding: str = "auto",
    sheet: str | None = None,
    names: Sequence[str] = (),
) -> RawTable:
    """Read a file of comments.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from: for messages, and its end for what the first bytes leave open.
    separator, encoding : str
        For text; "auto" finds them.
    sheet : str or None
        For workbooks; None takes the only one that holds something.
    names : sequence of str
        For text and workbooks: columns that the header must have, by which it is found below the title of a report.

    Returns
    -------
    RawTable
        The table, without what stands above its header, and without the further header rows that survey tools write.

    Raises
    ------
    DataError
        Where the file cannot be read, with what to do about it.
    """
    if not content:
        raise empty_file(path)
    table = _read(content, path, separator, encoding, sheet, names)
    return without_further_headers(table)


def _read(
    content: bytes, path: Path, separator: str, encoding: str, sheet: str | None, names: Sequence[str]
) -> RawTable:
    suffix = path.suffix.lower()
    if suffix == ".qdpx" or (content.startswith(b"PK") and is_project(content)):
        return read_project(content, path)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0")):
        return read_sheet(content, path, sheet=sheet, names=names)
    if content.startswith(b"PAR1"):
        return read_parquet(content, path)
    if content.startswith((b"$FL2", b"$FL3")):
        return read_labelled(content, path, kind="SPSS")
    if content.startswith(b"<stata_dta>") or suffix == ".dta":
        return read_labelled(content, path, kind="Stata")
    other = {".parquet": "Parquet", ".sav": "SPSS", ".zsav": "SPSS", ".xlsx": "XLSX", ".ods": "ODS", ".xls": "XLS"}
    if suffix in other and not _is_text(content):
        raise DataError(
            f"{path}: the name says {other[suffix]}, but the file is of another kind or is damaged.",
            "Save it again from the program that made it.",
        )
    if content.startswith(b"%PDF"):
        raise DataError(f"{path}: this is a PDF, which has no rows to read.", "Export the answers as CSV or XLSX.")
    if content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<html", b"<!doctype", b"<table", b"<?xml")):
        raise DataError(
            f"{path}: this is a web page or XML, which some tools call a workbook.",
            "Open it in a spreadsheet and save it as 'Excel workbook (.xlsx)'.",
        )
    if suffix in (".jsonl", ".ndjson", ".json"):
        return read_json_lines(content, path, encoding=encoding)
    return read_csv(content, path, separator=separator, encoding=encoding, names=names)


def _is_text(content: bytes) -> bool:
    """Return whether the bytes may be text: some programs give a CSV file the name of a workbook."""
    start = content[:1024]
    return not any(byte < 9 or 13 < byte < 32 for byte in start) or start.startswith((b"\xff\xfe", b"\xfe\xff"))
