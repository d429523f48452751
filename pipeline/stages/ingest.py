"""Read a file of comments: decode it, find the columns, check the ids."""

from __future__ import annotations

import codecs
import csv
import io
import re
from pathlib import Path

import pandas as pd

from pipeline.config import InputConfig
from pipeline.contracts import Received
from pipeline.errors import DataError
from pipeline.suggest import did_you_mean

_SHOWN = 5
_RESERVED = frozenset({"comment_id", "text", "lemmas", "phrases", "kept", "dropped_because", "duplicate_of"})
"""Columns that the cleaned comments have of their own."""


def read_comments(content: bytes, *, path: Path, config: InputConfig) -> Received:
    """Turn the bytes of a CSV file into comments.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    config : InputConfig
        Columns, separator and encoding.

    Returns
    -------
    Received
        All comments in the file's order, and how the file was read.

    Raises
    ------
    DataError
        Where the file is empty, no text, holds NUL bytes, lacks a column or rows, or has missing or repeated
        ids. All problems with ids are reported together.
    """
    notes: list[str] = []
    text, encoding = _decode(content, path, config.encoding, notes)
    if not text.strip():
        raise _empty(path)
    separator, header = _read_header(text, config.separator)
    columns = config.columns
    _check_header(header, path, config)
    rows = _parse(text, path, separator)
    if rows.empty:
        raise DataError(
            f"{path}: the file has a header and no comments below it.", "Add the comments, one a row, and run again."
        )
    comment_ids = _comment_ids(rows, path, columns.id)
    keep = [name for name in columns.all_columns() if name not in (columns.id, columns.comment)]
    comments = rows[keep].copy()
    comments.insert(0, "comment_id", comment_ids)
    comments.insert(1, "text", rows[columns.comment])
    summary = {
        "file": path.name,
        "encoding": encoding,
        "separator": {"\t": "tab"}.get(separator, separator),
        "rows": len(comments),
        "columns": header,
        "notes": notes,
    }
    return Received(comments=comments.reset_index(drop=True), summary=summary)


def _decode(content: bytes, path: Path, encoding: str, notes: list[str]) -> tuple[str, str]:
    if not content.strip():
        raise _empty(path)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise DataError(
            f"{path}: this is a workbook (Excel or similar), a CSV file is wanted.",
            "Open it and save the sheet with the comments as 'CSV UTF-8'.",
        )
    if encoding != "auto":
        try:
            text = content.decode(encoding)
        except LookupError:
            raise DataError(
                f"{path}: input.encoding '{encoding}' is not an encoding that is known.",
                "Use auto, utf-8, cp1252 or another of Python's encodings.",
            ) from None
        except UnicodeDecodeError as problem:
            raise _undecodable(content, path, encoding, problem) from None
        return _without_nul(text.removeprefix("\ufeff"), path), encoding
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        notes.append("The file is UTF-16, as Excel's 'Unicode text' writes it.")
        try:
            return _without_nul(content.decode("utf-16"), path), "utf-16"
        except UnicodeDecodeError as problem:
            raise _undecodable(content, path, "utf-16", problem) from None
    try:
        text = content.decode("utf-8-sig")
        return _without_nul(text, path), "utf-8 with a byte order mark" if text != content.decode() else "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError as problem:
        raise _undecodable(content, path, "UTF-8 or Windows-1252", problem) from None
    notes.append("The file is not UTF-8; it was read as Windows-1252, as Excel's plain 'CSV' writes it.")
    return _without_nul(text, path), "cp1252"


def _empty(path: Path) -> DataError:
    return DataError(f"{path}: the file is empty.", "A CSV file with a header and one comment a row is wanted.")


def _undecodable(content: bytes, path: Path, encoding: str, problem: UnicodeDecodeError) -> DataError:
    line = content.count(b"\n", 0, problem.start) + 1
    return DataError(
        f"{path}, line {line}: byte 0x{content[problem.start]:02x} cannot be read as {encoding}.",
        "Save the file as 'CSV UTF-8', or name its encoding as input.encoding.",
    )


def _without_nul(text: str, path: Path) -> str:
    if "\0" in text:
        count, line = text.count("\0"), text.count("\n", 0, text.index("\0")) + 1
        raise DataError(
            f"{path}, line {line}: the file holds {count} NUL byte{'s' if count > 1 else ''}, a text file has none.",
            "It may be damaged, or UTF-16 without a mark: open it in a spreadsheet and save it as 'CSV UTF-8'.",
        )
    return text


def _read_header(text: str, separator: str) -> tuple[str, list[str]]:
    first_line = text.lstrip("\r\n").splitlines()[0]
    if separator == "auto":
        counts = {candidate: first_line.count(candidate) for candidate in (",", ";", "\t", "|")}
        separator = max(counts, key=lambda candidate: counts[candidate])
    # newline=None reads the line ends of old Macs too.
    header = next(csv.reader(io.StringIO(text.lstrip("\r\n"), newline=None), delimiter=separator))
    return separator, [name.strip() for name in header]


def _check_header(header: list[str], path: Path, config: InputConfig) -> None:
    problems = []
    for name in config.columns.all_columns():
        if header.count(name) == 0:
            problems.append(f"{path}: the column '{name}' is missing.{did_you_mean(name, header)}")
        elif header.count(name) > 1:
            problems.append(f"{path}: the column '{name}' stands {header.count(name)} times in the header.")
    columns = config.columns
    clashes = [
        name for name in columns.all_columns() if name in _RESERVED and name not in (columns.id, columns.comment)
    ]
    problems += [f"{path}: the column '{name}' has a name that the outputs use; rename it." for name in clashes]
    if problems:
        raise DataError.from_problems(
            problems, f"The file's first line has the columns {_shown(header)}. Set input.columns to match."
        )


def _shown(header: list[str]) -> str:
    # A file without a header has a respondent's words in its first line: only what looks like a name is shown.
    named = [f"'{name}'" if len(name) <= 30 and len(name.split()) <= 4 else "(a long text)" for name in header]
    return ", ".join(named[:20]) + (" …" if len(named) > 20 else "")


def _parse(text: str, path: Path, separator: str) -> pd.DataFrame:
    try:
        rows = pd.read_csv(io.StringIO(text), sep=separator, dtype=str, keep_default_na=False, on_bad_lines="error")
    except pd.errors.ParserError as problem:
        wider = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(problem))
        if wider:
            raise DataError(
                f"{path}, line {wider[2]}: {wider[1]} columns are wanted, found {wider[3]}.",
                f"A comment that holds '{separator}' or a line break must stand between quotation marks.",
            ) from None
        raise DataError(
            f"{path}: a quotation mark is opened and never closed.",
            "Save the file from a spreadsheet as CSV: it sets quotation marks in pairs.",
        ) from None
    if not isinstance(rows.index, pd.RangeIndex):
        # pandas takes surplus columns of the first row for an index instead of refusing them.
        raise DataError(
            f"{path}, line 2: {rows.shape[1]} columns are wanted, found {rows.shape[1] + rows.index.nlevels}.",
            f"A comment that holds '{separator}' or a line break must stand between quotation marks.",
        )
    rows.columns = [str(name).strip() for name in rows.columns]
    return rows


def _comment_ids(rows: pd.DataFrame, path: Path, id_column: str | None) -> list[str]:
    if id_column is None:
        width = max(4, len(str(len(rows))))
        return [f"r{number:0{width}d}" for number in range(1, len(rows) + 1)]
    comment_ids = rows[id_column].str.strip()
    problems = []
    missing = rows.index[comment_ids == ""]
    if len(missing):
        shown = ", ".join(str(row + 1) for row in missing[:_SHOWN])
        problems.append(
            f"{path}: {len(missing)} of {len(rows)} rows have no '{id_column}' "
            f"(row {shown}{' …' if len(missing) > _SHOWN else ''}, counted below the header)."
        )
    # Rows are shown, not values: the column named may turn out to hold comments.
    repeated = rows.index[(comment_ids != "") & comment_ids.duplicated()]
    if len(repeated):
        shown = ", ".join(str(row + 1) for row in repeated[:_SHOWN])
        problems.append(
            f"{path}: {len(repeated)} of {len(rows)} rows repeat an earlier '{id_column}' "
            f"(row {shown}{' …' if len(repeated) > _SHOWN else ''}, counted below the header)."
        )
    if problems:
        raise DataError.from_problems(
            problems, "Give every comment its own id, or set input.columns.id to null and the rows are numbered."
        )
    return comment_ids.tolist()
