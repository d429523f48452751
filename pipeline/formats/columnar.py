"""Reading tables that programs exchange: Parquet, and JSON with one object a row."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pipeline.errors import DataError
from pipeline.formats.raw_table import (
    MOST_CELLS,
    MOST_COLUMNS,
    RawTable,
    cell_text,
    empty_file,
    table_of,
    too_many_cells,
    too_wide,
)
from pipeline.formats.textfile import decoded

_LARGEST = 1_000_000_000
"""Bytes of the unpacked columns."""


def read_parquet(content: bytes, path: Path) -> RawTable:
    """Read a Parquet file.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.

    Returns
    -------
    RawTable
        Every value as a text; see `cell_text`. Labels of categories take the place of their numbers.

    Raises
    ------
    DataError
        Where the file is none, damaged or too large.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # Arrow's own reader of bytes: threads of Arrow that read a Python file wait for this one.
        file = pq.ParquetFile(pa.BufferReader(content))
        about = file.metadata
        size = sum(about.row_group(place).total_byte_size for place in range(about.num_row_groups))
        width, cells = about.num_columns, about.num_columns * about.num_rows
        if width <= MOST_COLUMNS and cells <= MOST_CELLS and size <= _LARGEST:
            table = file.read()
            header = [str(name) for name in table.column_names]
            columns = [[cell_text(_flat(value)) for value in column.to_pylist()] for column in table.columns]
    except MemoryError:
        raise
    # pyarrow raises many kinds of errors for a damaged file.
    except Exception:
        raise DataError(
            f"{path}: this is no Parquet file, or it is damaged.", "Write the file again, or give it as CSV."
        ) from None
    if width > MOST_COLUMNS:
        raise too_wide(path, width)
    if cells > MOST_CELLS or size > _LARGEST:
        raise too_many_cells(path)
    rows = map(list, zip(*columns, strict=True))
    return table_of(header, rows, path, origin={"format": "Parquet"})


def holds_parquet(folder: Path) -> bool:
    """Return whether a folder looks like a data set: others, such as somebody's home, are not searched through."""
    return any(True for kind in ("*.parquet", "*=*") for _ in folder.glob(kind))


def parquet_of_folder(folder: Path) -> bytes | None:
    """Put the Parquet files of a folder, and of those below it, into one file, in the order of their names.

    Parameters
    ----------
    folder : pathlib.Path
        A data set as Dask or Spark write it. A folder such as region=North in it makes a column. What begins with "."
        or "_" is left out, as these programs do.

    Returns
    -------
    bytes or None
        A Parquet file with every column that one of them has; None where there are no Parquet files.

    Raises
    ------
    DataError
        Where a file is damaged, or columns of one name hold different things.
    OSError
        Where a file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(path.relative_to(folder) for path in folder.rglob("*.parquet"))
    files = [file for file in files if not any(part.startswith((".", "_")) for part in file.parts)]
    tables = []
    for file in files:
        content = (folder / file).read_bytes()
        try:
            table = pq.ParquetFile(pa.BufferReader(content)).read()
        except pa.ArrowException:
            raise DataError(
                f"{folder / file}: this is no Parquet file, or it is damaged.", "Write the file again, or delete it."
            ) from None
        for name, equals, value in (part.partition("=") for part in file.parts[:-1]):
            if equals and name not in table.column_names:
                table = table.append_column(name, pa.array([unquote(value)] * len(table), pa.string()))
        tables.append(table)
    if not tables:
        return None
    try:
        together = pa.concat_tables(tables, promote_options="permissive")
    except pa.ArrowException:
        raise DataError(
            f"{folder}: its files have columns of the same name that hold different things, such as texts and numbers.",
            "Write all files with the same columns.",
        ) from None
    held = io.BytesIO()
    pq.write_table(together, held)
    return held.getvalue()


def read_json_lines(content: bytes, path: Path, *, encoding: str = "auto") -> RawTable:
    """Read JSON with an object for each row: one a line (JSON Lines), or all in one list.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    encoding : str
        As the configuration names it.

    Returns
    -------
    RawTable
        A column for each name, in the order in which names first come up; "" where an object lacks one.

    Raises
    ------
    DataError
        Where a line is no JSON object, names something twice, or the table is too large.
    """
    notes: list[str] = []
    text, encoding = decoded(content, path, encoding=encoding, notes=notes)
    objects: list[dict[str, str]] = []
    names: dict[str, None] = {}
    for line, found in _objects(text, path):
        if not isinstance(found, dict):
            raise _no_object(path, line)
        objects.append({name: cell_text(_flat(value)) for name, value in found.items()})
        names.update(dict.fromkeys(found))
        if len(names) > MOST_COLUMNS:
            raise too_wide(path, len(names), f", line {line}")
        if len(names) * len(objects) > MOST_CELLS:
            raise too_many_cells(path)
    if not objects:
        raise empty_file(path)
    rows = ([one.get(name, "") for name in names] for one in objects)
    return table_of(list(names), rows, path, origin={"format": "JSON Lines", "encoding": encoding}, notes=notes)


def _objects(text: str, path: Path) -> list[tuple[int, Any]]:
    """Return what each line holds, or each part of a list, with its line."""
    if text.lstrip().startswith("["):
        whole = _parsed(text, path, 1)
        return [(1, part) for part in whole] if isinstance(whole, list) else [(1, whole)]
    lines = enumerate(text.split("\n"), start=1)
    return [(number, _parsed(line, path, number)) for number, line in lines if line.strip()]


def _parsed(text: str, path: Path, line: int) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise _no_object(path, line) from None


def _no_object(path: Path, line: int) -> DataError:
    return DataError(
        f"{path}, line {line}: this is no JSON object with each name once.",
        'Write one object a line, such as {"id": "1", "comment": "…"}.',
    )


def _flat(value: Any) -> Any:
    """Return a value without nesting: a list of plain values stays one, all else that is nested becomes JSON."""
    nested = isinstance(value, dict) or (isinstance(value, list) and any(isinstance(v, dict | list) for v in value))
    return json.dumps(value, ensure_ascii=False, default=cell_text) if nested else value
