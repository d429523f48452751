from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.plain_text import plain_text
from pipeline.formats.typed_columns import (
    Column,
    as_frame,
    as_parquet,
    as_spss,
    as_workbook,
    column_of_file,
    count_cut,
    spss_names,
    text_column,
)

WILD = st.text(st.one_of(st.characters(), st.sampled_from("\0\x0b\r\n😀\ud800=+-@'é")), max_size=20)
COLUMNS = [
    text_column("id", "Id", ["a", "b", "c"]),
    text_column("words", "What was said", ["=1+1", "", "Grüße 😀\nzwei"]),
    column_of_file("age", "Age", ["31", "", "-4"]),
    column_of_file("score", "Score", ["1.5", "", "2"]),
    Column("fit", "Fit", "share", (0.25, None, 1.0)),
    Column("has", "Has it", "yes_no", (True, None, False)),
    Column("topic", "Topic", "choice", (7, None, 0), {0: "grant", 7: "drill"}, numbered=True),
    Column("theme", "Theme", "choice", (2, None, 1), {1: "Money", 2: "People"}),
]


def read_sav(content: bytes, tmp_path):
    path = tmp_path / "table.sav"
    path.write_bytes(content)
    return pyreadstat.read_sav(path)


def test_spss_has_labels_of_variables_and_of_values(tmp_path):
    table, about = read_sav(as_spss(COLUMNS, "Made up."), tmp_path)
    assert table["topic"].tolist()[::2] == [7, 0]
    assert table.iloc[1].drop(["id", "words"]).isna().all()
    assert table["words"].tolist() == ["=1+1", "", "Grüße 😀\nzwei"]
    assert about.column_names_to_labels["words"] == "What was said"
    assert about.variable_value_labels == {
        "has": {0: "No", 1: "Yes"}, "topic": {0: "grant", 7: "drill"}, "theme": {1: "Money", 2: "People"},
    }  # fmt: skip
    assert about.variable_measure["theme"] == "nominal"
    assert about.variable_measure["age"] == "scale"
    assert about.notes == ["Made up."]


def test_parquet_keeps_types_and_says_what_columns_mean():
    content = as_parquet(COLUMNS, "Made up.")
    schema = pq.read_schema(io.BytesIO(content))
    assert schema.metadata[b"notice"] == b"Made up."
    assert schema.field("theme").metadata == {b"description": b"Theme"}
    table = pd.read_parquet(io.BytesIO(content))
    assert table["topic"].tolist()[::2] == [7, 0]
    assert table["topic_label"].tolist()[::2] == ["drill", "grant"]
    assert table["theme"].cat.categories.tolist() == ["Money", "People"]
    assert str(schema.field("has").type) == "bool"
    assert str(schema.field("age").type) == "int64"
    assert table.iloc[1].drop(["id", "words"]).isna().all()


def test_the_flat_table_has_labels_beside_numbers_that_readers_know():
    frame = as_frame(COLUMNS)
    assert frame.columns.tolist() == ["id", "words", "age", "score", "fit", "has", "topic", "topic_label", "theme"]
    assert frame["theme"].tolist() == ["People", "", "Money"]
    assert frame["has"].tolist()[::2] == [1, 0]
    assert frame["score"].tolist() == [1.5, None, 2.0]


def test_a_workbook_has_texts_that_no_program_runs():
    book = openpyxl.load_workbook(io.BytesIO(as_workbook({"comments": as_frame(COLUMNS)})))
    header, *rows = book["comments"].iter_rows()
    assert [cell.value for cell in header] == as_frame(COLUMNS).columns.tolist()
    assert rows[0][1].value == "=1+1"
    assert rows[0][1].data_type == "s"
    assert rows[0][2].value == 31
    assert [cell.value for cell in rows[1]] == ["b", *[None] * 8]


@pytest.mark.parametrize("written", [["007"], ["1e5"], ["1", "x"], [""], ["+3"], ["1,5"], ["١"], ["9" * 16], ["nan"]])
def test_what_is_no_plain_number_stays_as_it_is_written(written):
    assert column_of_file("a", "A", written).values == tuple(written)


@given(values=st.lists(WILD, min_size=1, max_size=4))
def test_any_text_can_be_written_and_is_read_back(values, tmp_path_factory):
    columns = [text_column("id", "Id", ["x"] * len(values)), text_column("a", "A", values)]
    wanted = [plain_text(value) for value in values]
    assert pd.read_parquet(io.BytesIO(as_parquet(columns, "")))["a"].tolist() == wanted
    table, _ = read_sav(as_spss(columns, ""), tmp_path_factory.mktemp("sav"))
    # SPSS fills texts with spaces to their width.
    assert [value.rstrip(" ") for value in table["a"]] == [value.rstrip(" ") for value in wanted]
    book = openpyxl.load_workbook(io.BytesIO(as_workbook({"a": as_frame(columns)})))
    assert [row[1] or "" for row in book["a"].iter_rows(min_row=2, values_only=True)] == wanted


@given(
    names=st.lists(st.one_of(WILD, st.sampled_from(["all", "ALL", "x" * 70, "é" * 50, "1a", "_", "", "a b", "a_b"])))
)
def test_names_are_such_as_spss_takes_and_no_two_are_alike(names):
    made = spss_names(names)
    assert len({name.casefold() for name in made}) == len(names)
    for name in made:
        assert 0 < len(name.encode()) <= 64
        assert name[0].isalpha()
        assert name.replace("_", "a").isalnum()
        assert name.upper() not in {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}


def test_names_that_cannot_be_ours_are_refused_by_nobody(tmp_path):
    columns = [text_column(name, "A", ["x"]) for name in ("all", "ALL", "é" * 50, "1 a", "Ada main", "ada_main", "?")]
    table, _ = read_sav(as_spss(columns, ""), tmp_path)
    assert table.columns.tolist() == spss_names(column.name for column in columns)


def test_texts_that_are_too_long_are_cut_and_counted(tmp_path):
    columns = [
        text_column("a", "é" * 300, ["é" * 20_000, "y" * 32_500, "short"]),
        Column("b", "B", "choice", (1, 1, 1), {1: "é" * 90}),
    ]
    table, about = read_sav(as_spss(columns, ""), tmp_path)
    assert table["a"].tolist() == ["é" * 16_383, "y" * 32_500, "short"]
    assert about.column_labels[0] == "é" * 128
    assert about.variable_value_labels["b"] == {1: "é" * 60}
    assert count_cut(columns, to="spss") == 1
    assert count_cut(columns, to="xlsx") == 1


def test_a_table_without_rows_can_be_written(tmp_path):
    columns = [text_column("a", "A", []), Column("b", "B", "choice", (), {})]
    assert read_sav(as_spss(columns, ""), tmp_path)[0].columns.tolist() == ["a", "b"]
    assert len(pd.read_parquet(io.BytesIO(as_parquet(columns, "")))) == 0
    assert count_cut(columns, to="xlsx") == 0
