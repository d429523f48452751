"""What each table of a run holds: storage, public files, empty tables, checks and the data dictionary follow from it.

The tables are defined in definitions.yaml, each once. To add one, define it there, compute it, and give the stage's
result a field for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import pandas as pd
import yaml
from pandas.api import types
from pydantic import BaseModel, ConfigDict, Field

Room = Literal["internal", "public"]
Kind = Literal["id", "count", "share", "number", "flag", "text", "list"]

_STORED = {"id": "int64", "count": "int64", "share": "float64", "number": "float64", "flag": "bool"}
"""What pandas keeps a kind in; texts and lists are objects."""
_UNITS = {"id": "whole number", "count": "comments", "share": "0 to 1", "flag": "true or false"}


class _Defined(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Defined):
    """One column: its kind, its unit or range, what it means, on which side it is, and whether it may be absent."""

    kind: Kind
    meaning: str
    unit: str = ""
    where: Literal["internal", "public", "both"] = "both"
    optional: bool = False

    @property
    def measured_in(self) -> str:
        """Its unit or range; "" for a text or a list."""
        return self.unit or _UNITS.get(self.kind, "")

    @property
    def stored_as(self) -> str:
        """The type that pandas keeps it in."""
        return _STORED.get(self.kind, "object")

    def holds(self, values: pd.Series) -> bool:
        """Return whether values are of this kind; a column without rows may be of any."""
        if self.kind in ("id", "count"):
            return types.is_integer_dtype(values)
        if self.kind == "flag":
            return types.is_bool_dtype(values)
        if self.kind in ("share", "number"):
            return types.is_float_dtype(values)
        wanted = str if self.kind == "text" else list
        return all(isinstance(value, wanted) for value in values.dropna())


class Table(_Defined):
    """One table.

    Attributes
    ----------
    meaning : str
        What a row is.
    kept : str
        Contract and field that hold it, such as "Mapped.crosswalk"; "" where it is not stored inside.
    public : str
        Its file in the public folder; "" where it is not published.
    open : bool
        Whether it has further columns, named by the user's file.
    optional : bool
        Whether a run may be without it.
    columns : dict of str to Column
        In order.
    """

    meaning: str
    kept: str = ""
    public: str = ""
    open: bool = False
    optional: bool = False
    columns: dict[str, Column] = Field(min_length=1)

    def of(self, room: Room) -> dict[str, Column]:
        """Return the columns that one side has."""
        return {name: column for name, column in self.columns.items() if column.where in (room, "both")}


@lru_cache(maxsize=1)
def tables() -> dict[str, Table]:
    """Return every table by its name."""
    text = resources.files("pipeline.tables").joinpath("definitions.yaml").read_text(encoding="utf-8")
    # Five times as fast where libyaml is there; what it reads is the program's own file.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(text, Loader=loader)  # noqa: S506
    return {name: Table.model_validate(table) for name, table in content["tables"].items()}


def kept_in(contract: str) -> dict[str, str]:
    """Return the names of the tables that a stage's result holds, by field."""
    split = {name: table.kept.partition(".") for name, table in tables().items()}
    return {field: name for name, (owner, _, field) in split.items() if owner == contract}


def published() -> dict[str, str]:
    """Return the files of the public tables by name, as they lie in the public folder."""
    return {name: table.public for name, table in tables().items() if table.public}


def empty(name: str) -> pd.DataFrame:
    """Return a table without rows, as it is stored inside."""
    columns = tables()[name].of("internal")
    return pd.DataFrame({name: pd.Series(dtype=column.stored_as) for name, column in columns.items()})


def made(name: str, rows: Sequence[Any] | pd.DataFrame, *, room: Room = "internal") -> pd.DataFrame:
    """Return rows as a table: its columns in their order, each in the type of its kind.

    Parameters
    ----------
    name : str
        The table.
    rows : sequence or DataFrame
        A mapping or a tuple each, or a table that has further columns.
    room : str
        Whether it has the columns of the inside or of the public folder; optional ones are left out.
    """
    columns = {column: defined for column, defined in tables()[name].of(room).items() if not defined.optional}
    table = pd.DataFrame(rows, columns=list(columns))
    for column, defined in columns.items():
        hidden = defined.kind == "count" and table[column].isna().any()
        table[column] = table[column].astype(types.pandas_dtype("Int64" if hidden else defined.stored_as))
    return table


def public(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of a table that are published, in their order.

    Raises
    ------
    ValueError
        Where a column is missing or holds something else: a defect of the program.
    """
    check(name, frame, room="public")
    return frame[[column for column in tables()[name].of("public") if column in frame]]


def check(name: str, frame: pd.DataFrame, *, room: Room = "internal") -> None:
    """Check a table where the stage that makes it ends.

    Raises
    ------
    ValueError
        Where a column is missing or holds something else: a defect of the program. No value is named.
    """
    for column, defined in tables()[name].of(room).items():
        if column not in frame:
            if not defined.optional:
                raise ValueError(f"Table {name}: the column {column} is missing.")
        elif len(frame) and not defined.holds(frame[column]):
            raise ValueError(f"Table {name}: the column {column} is {frame[column].dtype}, not of kind {defined.kind}.")


def dictionary() -> pd.DataFrame:
    """Return what the public tables hold: table, column, kind, unit and meaning, a row for each column."""
    rows = [
        (name, column, defined.kind, defined.measured_in, defined.meaning)
        for name, table in tables().items()
        if table.public
        for column, defined in table.of("public").items()
    ]
    return pd.DataFrame(rows, columns=["table", "column", "kind", "unit", "meaning"])
