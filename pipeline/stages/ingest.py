"""Read a file of comments: decode it, find the columns, check the ids."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.config import InputConfig
from pipeline.contracts import Received
from pipeline.errors import DataError, did_you_mean
from pipeline.formats.csvfile import decoded, header_of, parsed

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
    text, encoding = decoded(content, path, encoding=config.encoding, notes=notes)
    separator, header = header_of(text, path, config.separator)
    columns = config.columns
    _check_header(header, path, config)
    rows = parsed(text, path, separator)
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
        "notes": notes,
    }
    return Received(comments=comments.reset_index(drop=True), summary=summary)


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
        # A file without a header has a respondent's words in its first line: none but a near miss is shown.
        raise DataError.from_problems(
            problems,
            f"The file's first line has {len(header)} column{'s' if len(header) > 1 else ''}. Its names must be there; "
            "set input.columns to match them.",
        )


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
