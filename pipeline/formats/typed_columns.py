"""Columns that know what they hold, as other programs want them: Parquet, Excel and SPSS files."""

from __future__ import annotations

import io
import re
import tempfile
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pipeline.formats.plain_text import plain_text
from pipeline.formats.workbook import cell_text, write_text

Kind = Literal["text", "whole", "number", "share", "yes_no", "choice"]

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,14})", re.ASCII)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,9})?", re.ASCII)

_LONGEST_NAME, _LONGEST_TITLE, _LONGEST_LABEL, _LONGEST_STRING = 64, 256, 120, 32_767
"""Bytes that SPSS allows for a variable's name and label, a value's label, and a text."""
_RESERVED = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})
"""No variable of SPSS can be called so."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
        Its name.
    title : str
        What it holds, in words.
    kind : str
        text; whole, number, share (in [0, 1]); yes_no (bool); or choice (a key of `labels`).
    values : tuple
        A value for each row; None where there is none.
    labels : mapping of int to str
        Of a choice, what each value stands for.
    numbered : bool
        Whether the numbers of a choice mean something to readers, as those of topics do.
    """

    name: str
    title: str
    kind: Kind
    values: tuple[Any, ...]
    labels: Mapping[int, str] = field(default_factory=dict)
    numbered: bool = False


def text_column(name: str, title: str, values: Iterable[str]) -> Column:
    """Return a column of texts, "" where there is none."""
    return Column(name, title, "text", tuple(map(plain_text, values)))


def kind_of(values: Iterable[str]) -> Literal["text", "whole", "number"]:
    """Return what cells of a file hold: numbers where each that is not empty is one, and is written as plainly."""
    said = [value for value in values if value]
    if not said or not all(_NUMBER.fullmatch(value) for value in said):
        return "text"
    return "whole" if all(_WHOLE.fullmatch(value) for value in said) else "number"


def column_of_file(name: str, title: str, values: Sequence[str]) -> Column:
    """Return a column of a file, as numbers where all its cells are some; see `kind_of`."""
    kind = kind_of(values)
    if kind == "text":
        return text_column(name, title, values)
    as_number = int if kind == "whole" else float
    return Column(name, title, kind, tuple(as_number(value) if value else None for value in values))


def flat(columns: Iterable[Column]) -> list[Column]:
    """Return columns for files that know no labels: of a choice its label, and its number where readers know it."""
    found = []
    for column in columns:
        if column.kind != "choice":
            found.append(column)
            continue
        if column.numbered:
            found.append(replace(column, kind="whole", labels={}))
        name = f"{column.name}_label" if column.numbered else column.name
        title = f"{column.title}: its label" if column.numbered else column.title
        labels = ["" if value is None else column.labels[value] for value in column.values]
        found.append(text_column(name, title, labels))
    return found


def as_frame(columns: Iterable[Column]) -> pd.DataFrame:
    """Return flat columns as a frame: yes and no as 1 and 0, and numbers of a file as the file has them."""
    return pd.DataFrame({column.name: _series(column) for column in flat(columns)})


def _series(column: Column) -> pd.Series[Any]:
    if column.kind == "share":
        return pd.Series(column.values, dtype="float64")
    if column.kind in ("whole", "yes_no"):
        return pd.Series([None if value is None else int(value) for value in column.values], dtype="Int64")
    return pd.Series(column.values, dtype=object)


def as_parquet(columns: Sequence[Column], notice: str) -> bytes:
    """Return columns as Parquet; each field's metadata say what it holds, and those of the table have the notice."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"text": pa.string(), "whole": pa.int64(), "yes_no": pa.bool_()}
    arrays, fields = [], []
    for column in _with_labels(columns):
        if column.kind == "choice":
            keys = {key: place for place, key in enumerate(column.labels)}
            places = [None if value is None else keys[value] for value in column.values]
            labels = [plain_text(label) for label in column.labels.values()]
            arrays.append(pa.DictionaryArray.from_arrays(pa.array(places, pa.int32()), pa.array(labels, pa.string())))
        else:
            arrays.append(pa.array(column.values, types.get(column.kind, pa.float64())))
        fields.append(pa.field(column.name, arrays[-1].type, metadata={"description": plain_text(column.title)}))
    schema = pa.schema(fields, metadata={"notice": notice} if notice else None)
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), buffer)
    return buffer.getvalue()


def _with_labels(columns: Iterable[Column]) -> list[Column]:
    """Return columns in which a choice whose numbers mean something has them in a column of their own."""
    found = []
    for column in columns:
        if column.numbered:
            found.append(replace(column, kind="whole", labels={}, numbered=False))
            column = replace(column, name=f"{column.name}_label", title=f"{column.title}: its label")
        found.append(column)
    return found


def as_workbook(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Return an Excel workbook (.xlsx); texts stay texts, whatever they begin with; they end at 32,000 characters."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    workbook = Workbook(write_only=True)
    for title, table in sheets.items():
        sheet = workbook.create_sheet(title)
        sheet.freeze_panes = "B2"

        def written(value: Any, sheet: Any = sheet) -> Any:
            if not isinstance(value, str) or not value:
                return None if isinstance(value, str) or pd.isna(value) else value
            cell = WriteOnlyCell(sheet)
            write_text(cell, value)
            return cell

        sheet.append([written(str(name)) for name in table.columns])
        for row in table.astype(object).itertuples(index=False):
            sheet.append([written(value) for value in row])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def count_cut(columns: Iterable[Column], *, to: Literal["xlsx", "spss"]) -> int:
    """Return how many rows have a text that is too long for a cell of Excel, or a variable of SPSS."""
    is_cut = (
        (lambda text: cell_text(text) != text) if to == "xlsx" else (lambda text: len(text.encode()) > _LONGEST_STRING)
    )
    texts = [column.values for column in columns if column.kind == "text"]
    return sum(any(map(is_cut, row)) for row in zip(*texts, strict=True))


def as_spss(columns: Sequence[Column], notice: str) -> bytes:
    """Return an SPSS file (.sav) with the labels of its variables and of their values.

    Parameters
    ----------
    columns : sequence of Column
        The table. Texts are cut after 32,767 bytes, the labels of values after 120, those of variables after 256.
    notice : str
        Goes into the file's documents.
    """
    import pyreadstat

    names = spss_names([column.name for column in columns])
    data: dict[str, pd.Series[Any]] = {}
    labels: dict[str, dict[int, str]] = {}
    measures, formats = {}, {}
    for name, column in zip(names, columns, strict=True):
        measures[name] = "scale" if column.kind in ("whole", "number", "share") else "nominal"
        if column.kind == "text":
            data[name] = pd.Series([_cut(value, _LONGEST_STRING) for value in column.values], dtype=object)
            continue
        data[name] = pd.Series(column.values, dtype=object).astype("float64")
        formats[name] = {"share": "F8.6", "number": "F16.9"}.get(
            column.kind, "F16.0" if column.kind == "whole" else "F8.0"
        )
        if column.kind == "yes_no":
            labels[name] = {0: "No", 1: "Yes"}
        elif column.kind == "choice" and column.labels:
            labels[name] = {key: _cut(plain_text(label), _LONGEST_LABEL) for key, label in column.labels.items()}
    titles = {name: _cut(plain_text(column.title), _LONGEST_TITLE) for name, column in zip(names, columns, strict=True)}
    # A line of the documents has 80 bytes.
    lines = textwrap.wrap(plain_text(notice), 80 if notice.isascii() else 20)
    # The library writes to a path alone. Nobody else may look into a temporary folder.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.sav"
        pyreadstat.write_sav(
            pd.DataFrame(data), path, column_labels=titles, variable_value_labels=labels, variable_measure=measures,
            variable_format=formats, row_compress=True, note=lines or None,
        )  # fmt: skip
        return path.read_bytes()


def spss_names(names: Iterable[str]) -> list[str]:
    """Return names that SPSS takes for variables: of letters, digits and underscores, unique, of 64 bytes at most."""
    found: list[str] = []
    taken = set(_RESERVED)
    for name in names:
        kept = "".join(mark if mark.isalpha() or mark in "0123456789_" else "_" for mark in plain_text(name))
        kept = re.sub("_+", "_", kept).strip("_")
        if not kept[:1].isalpha():
            kept = f"v_{kept}".rstrip("_")
        start, place = _cut(kept, _LONGEST_NAME).rstrip("_"), 1
        unique = start
        while unique.casefold() in taken:
            place += 1
            end = f"_{place}"
            unique = _cut(start, _LONGEST_NAME - len(end)).rstrip("_") + end
        taken.add(unique.casefold())
        found.append(unique)
    return found


def _cut(text: str, n_bytes: int) -> str:
    return text.encode()[:n_bytes].decode(errors="ignore")
