"""The public tables as they stand in the public folder: written as CSV, and read back from it.

Figures, tables for print and the report are made from what is read back, so that they cannot show more than the
files do, and so that they come out alike when they are made again later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
from pandas.api import types

from pipeline.errors import DataError
from pipeline.formats.csvfile import read_csv
from pipeline.formats.spreadsheet import plain_cell
from pipeline.tables.csv_files import to_csv
from pipeline.tables.schema import Column, dictionary, public, published, tables

DICTIONARY = "data_dictionary.csv"
"""Says what each column of the public tables means."""

_ANEW = "Undo the change; or delete the file, and the next run writes it anew."


def write_public(frames: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    """Return the files of public tables by their place in the public folder.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By their names, as `pipeline.disclosure.public_tables.public_results` gives them, and quotations.
    """
    return {published()[name]: to_csv(public(name, frame)) for name, frame in frames.items()}


def write_dictionary(notice: str) -> bytes:
    """Return the file that says what the columns of the public tables mean.

    Parameters
    ----------
    notice : str
        What the tables must say; may be empty. It is the last row.
    """
    said = pd.DataFrame([{"table": "all", "kind": "notice", "meaning": notice}] if notice else [])
    return to_csv(pd.concat([dictionary(), said]).fillna(""))


def read_public(
    read: Callable[[str], bytes], names: Iterable[str] | None = None, *, folder: Path = Path("public")
) -> dict[str, pd.DataFrame]:
    """Return public tables from their files.

    Parameters
    ----------
    read : callable
        Returns the bytes of a file by its place in the public folder.
    names : iterable of str, optional
        Which tables; by itself all.
    folder : pathlib.Path, default "public"
        Where the public folder is, for messages.

    Returns
    -------
    dict of str to DataFrame
        By name. A file that a spreadsheet has saved in its own way is read too. Numbers have the six decimals that the
        files have; counts are Int64, missing where they are not shown; a missing text is "". Columns that the table
        does not have are left out.

    Raises
    ------
    DataError
        Where a file is no table, a column is missing, or one holds something else than it must.
    """
    places = {name: published()[name] for name in (published() if names is None else names)}
    return {name: _table(name, read(place), folder / place) for name, place in places.items()}


def _table(name: str, content: bytes, path: Path) -> pd.DataFrame:
    columns = tables()[name].of("public")
    # Every cell as the text that stands there: a label may be "None" or "007".
    try:
        written = read_csv(content, path).frame()
    except DataError as problem:
        # What to do with a file of comments is no help here.
        raise DataError(problem.message, _ANEW) from None
    written = written.loc[:, ~written.columns.duplicated()]
    missing = [column for column, defined in columns.items() if column not in written and not defined.optional]
    if missing:
        which = f"the column {missing[0]} is" if len(missing) == 1 else f"the columns {', '.join(missing)} are"
        raise DataError(f"{path}: {which} missing.", _ANEW)
    return pd.DataFrame({name: _typed(written[name], columns[name], path) for name in written if name in columns})


def _typed(cells: pd.Series[str], column: Column, path: Path) -> pd.Series:
    if column.kind == "flag":
        # Spreadsheets write them in capitals.
        flags = cells.str.casefold().map({"true": True, "false": False}).astype("boolean")
        return flags if flags.isna().any() else flags.astype(bool)
    if column.kind == "text":
        return cells.map(plain_cell).astype(object)
    try:
        numbers = pd.to_numeric(cells.mask(cells == ""))
        return numbers.astype(types.pandas_dtype("Int64" if column.kind == "count" else column.stored_as))
    except (ValueError, TypeError):
        raise DataError(f"{path}: the column {cells.name} holds something other than numbers.", _ANEW) from None
