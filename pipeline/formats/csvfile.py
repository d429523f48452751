"""Reading a CSV file that somebody's spreadsheet wrote: its encoding, its separator, its rows."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

import pandas as pd

from pipeline.errors import DataError, shown

_MOST_COLUMNS = 10_000
_MOST_SEPARATORS = 100_000
"""On one line: a comment may hold many commas; a damaged file holds millions."""
_LONGEST_CELL = 1_000_000


def decoded(content: bytes, path: Path, *, encoding: str, notes: list[str]) -> tuple[str, str]:
    """Return the text of a file and the encoding it was read with.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    encoding : str
        One of Python's encodings, or "auto" for UTF-8, UTF-16 with a mark, and Windows-1252.
    notes : list of str
        Is added to where the encoding is one that the reader may not have meant.

    Raises
    ------
    DataError
        Where the file is empty or white space, a workbook, of another encoding, or holds NUL bytes.
    """
    if not content.strip():
        raise empty_file(path)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(
            f"{path}: this is a workbook (Excel or similar), a CSV file is wanted.",
            "Open it and save the sheet with the comments as 'CSV UTF-8'.",
        )
    if encoding != "auto":
        try:
            text = content.decode(encoding)
            # Some codecs give characters that no file can hold.
            text.encode()
        except UnicodeDecodeError as problem:
            raise _undecodable(content, path, encoding, problem) from None
        except (LookupError, ValueError):
            raise DataError(
                f"{path}: input.encoding {shown(encoding)} is not an encoding that is known.",
                "Use auto, utf-8, cp1252 or another of Python's encodings.",
            ) from None
        return _insisted_on(text.removeprefix("\ufeff"), path), encoding
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        notes.append("The file is UTF-16, as Excel's 'Unicode text' writes it.")
        try:
            return _insisted_on(content.decode("utf-16"), path), "utf-16"
        except UnicodeDecodeError as problem:
            raise _undecodable(content, path, "utf-16", problem) from None
    try:
        text = content.decode("utf-8-sig")
        return _insisted_on(text, path), "utf-8 with a byte order mark" if text != content.decode() else "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as problem:
        raise _undecodable(content, path, "UTF-8 or Windows-1252", problem) from None
    notes.append("The file is not UTF-8; it was read as Windows-1252, as Excel's plain 'CSV' writes it.")
    return _insisted_on(text, path), "cp1252"


def empty_file(path: Path) -> DataError:
    """Return what is said of a file without content."""
    return DataError(f"{path}: the file is empty.", "A CSV file with a header and one comment a row is wanted.")


def _undecodable(content: bytes, path: Path, encoding: str, problem: UnicodeDecodeError) -> DataError:
    line = content.count(b"\n", 0, problem.start) + 1
    return DataError(
        f"{path}, line {line}: byte 0x{content[problem.start : problem.start + 1].hex()} cannot be read as {encoding}.",
        "Save the file as 'CSV UTF-8', or name its encoding as input.encoding.",
    )


def _insisted_on(text: str, path: Path) -> str:
    if not text.strip():
        raise empty_file(path)
    if "\0" in text:
        count, line = text.count("\0"), text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{path}, line {line}: the file holds {count} NUL byte{'s' if count > 1 else ''}, a text file has none.",
            "It may be damaged, or UTF-16 without a mark: open it in a spreadsheet and save it as 'CSV UTF-8'.",
        )
    return text


def header_of(text: str, path: Path, separator: str) -> tuple[str, list[str]]:
    """Return the separator and the names of the columns; "auto" takes the separator that the first line has most of.

    Raises
    ------
    DataError
        For a line or a header that is too wide to be one, or a quotation mark that is never closed.
    """
    text = text.lstrip("\r\n")
    first_line = text.splitlines()[0]
    if separator == "auto":
        counts = {candidate: first_line.count(candidate) for candidate in (",", ";", "\t", "|")}
        separator = max(counts, key=lambda candidate: counts[candidate])
    # newline=None reads the line ends of old Macs too.
    for number, line in enumerate(io.StringIO(text, newline=None), start=1):
        if (found := line.count(separator)) >= _MOST_SEPARATORS:
            raise _too_wide(path, number, found + 1, _MOST_SEPARATORS)
    try:
        header = next(csv.reader(io.StringIO(text, newline=None), delimiter=separator))
    except csv.Error:
        raise _unclosed(path, ", line 1") from None
    if len(header) > _MOST_COLUMNS:
        raise _too_wide(path, 1, len(header), _MOST_COLUMNS)
    return separator, [name.strip() for name in header]


def _too_wide(path: Path, line: int, found: int, most: int) -> DataError:
    return DataError(
        f"{path}, line {line}: at most {most:,} columns are wanted, found {found:,}.",
        "The file may be damaged: open it in a spreadsheet and save it as 'CSV UTF-8'.",
    )


def _unclosed(path: Path, where: str = "") -> DataError:
    return DataError(
        f"{path}{where}: a quotation mark is opened and never closed.",
        "Save the file from a spreadsheet as CSV: it sets quotation marks in pairs.",
    )


def parsed(text: str, path: Path, separator: str) -> pd.DataFrame:
    """Return the rows below the header, every cell a text as it stands.

    Raises
    ------
    DataError
        For a row with more cells than the header, a cell of over a million characters, or a quotation mark that is
        never closed.
    """
    try:
        rows = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, on_bad_lines="error")
    except pd.errors.ParserError as problem:
        wider = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(problem))
        if wider:
            raise DataError(
                f"{path}, line {wider[2]}: {wider[1]} columns are wanted, found {wider[3]}.",
                f"A comment that holds '{separator}' or a line break must stand between quotation marks.",
            ) from None
        raise _unclosed(path) from None
    except pd.errors.EmptyDataError:
        raise empty_file(path) from None
    if not isinstance(rows.index, pd.RangeIndex):
        # pandas takes surplus columns of the first row for an index instead of refusing them.
        raise DataError(
            f"{path}, line 2: {rows.shape[1]} columns are wanted, found {rows.shape[1] + rows.index.nlevels}.",
            f"A comment that holds '{separator}' or a line break must stand between quotation marks.",
        )
    rows.columns = [str(name).strip() for name in rows.columns]
    for place in range(rows.shape[1]):
        lengths = rows.iloc[:, place].str.len()
        if len(lengths) and lengths.max() > _LONGEST_CELL:
            raise DataError(
                f"{path}: a cell of row {lengths.argmax() + 1} (counted below the header) has {lengths.max():,} "
                f"characters, at most {_LONGEST_CELL:,} are read.",
                "The file may be damaged, or lack a quotation mark: open it in a spreadsheet and look at that row.",
            )
    return rows
