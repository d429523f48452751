import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import load_run
from pipeline.contracts import Assessed
from pipeline.disclosure.public_tables import public_tables
from pipeline.tables.csv_files import to_csv
from tests.example_survey import Survey, comment_rows

CELLS = st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r\n,\"'; "), st.characters(codec="utf-8")), max_size=10)


@given(rows=st.lists(st.tuples(CELLS, st.one_of(st.none(), CELLS), st.floats(-5, 5)), min_size=1, max_size=5))
def test_no_written_text_begins_a_formula(rows):
    frame = pd.DataFrame(rows, columns=["text", "maybe", "number"])
    _, *written = csv.reader(io.StringIO(to_csv(frame).decode("utf-8-sig"), newline=""))
    assert len(written) == len(rows)
    for cells, row in zip(written, rows, strict=True):
        for cell, original in zip(cells[:2], row[:2], strict=True):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
            if original and not original.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
                assert cell == original.replace("\r\n", "\n").replace("\r", "\n")
        assert float(cells[2]) == pytest.approx(row[2], abs=1e-6)


def test_negative_numbers_stay_numbers():
    assert to_csv(pd.DataFrame({"fit": [-0.5]})).decode("utf-8-sig") == "fit\n-0.500000\n"


@pytest.mark.parametrize("dtype", ["float64", "Float64"])
def test_no_nought_has_a_sign_and_other_numbers_are_as_they_were(dtype):
    values = [-0.0, -4e-7, -6e-7, 4e-7, 0.0, -1.25, None]
    written = to_csv(pd.DataFrame({"fit": pd.array(values, dtype=dtype)})).decode("utf-8-sig").splitlines()
    noughts = ["0.000000", "0.000000", "-0.000001", "0.000000", "0.000000"]
    assert written == ["fit", *noughts, "-1.250000", '""']


def test_a_formula_in_the_name_of_a_column_is_neutralised():
    first = to_csv(pd.DataFrame({"=cmd()": [1]})).decode("utf-8-sig").splitlines()[0]
    assert first == "'=cmd()"


@pytest.mark.parametrize("dtype", [object, "string", "category", None])
def test_texts_of_every_kind_are_neutralised(dtype):
    frame = pd.DataFrame({"a": pd.Series(["=1", "b"], dtype=dtype)})
    assert to_csv(frame).decode("utf-8-sig").splitlines()[1] == "'=1"


def test_missing_cells_are_empty_and_letters_are_utf_8_for_excel():
    frame = pd.DataFrame({"a": ["é", None], "b": pd.array([1, None], dtype="Int64")})
    assert to_csv(frame) == "\ufeffa,b\né,1\n,\n".encode()


@pytest.fixture
def tables(finished: Survey):
    run = load_run(finished.output)
    return public_tables(
        run._discovered, run._mapped, run._stage("assess", Assessed), codebook=run.codebook, smallest_group=5
    )


def test_no_table_holds_a_comment_or_an_id(tables):
    comments = {row["comment"] for row in comment_rows()} | {row["comment_id"] for row in comment_rows()}
    for name, table in tables.items():
        for column in table.columns:
            values = {str(value) for value in table[column]} - {""}
            assert not values & comments, (name, column)


def test_points_are_not_in_the_order_of_the_comments(tables, finished):
    """The order of the file would tell which point is which respondent's."""
    points = tables["comment_map"]
    layout = load_run(finished.output).layout
    assert points["x"].is_monotonic_increasing
    assert sorted(points["x"]) == sorted(layout["x"])
    assert points["x"].tolist() != layout["x"].tolist()


def test_each_topic_has_the_theme_of_its_mapping(tables, finished):
    run = load_run(finished.output)
    themes = run._mapped.topic_themes.set_index("topic")["theme"]
    for row in tables["topics"].to_dict("records"):
        assert row["theme"] == themes[row["topic"]]
        assert row["parent_label"] in set(run.coarse_topics["label"])
    assert set(tables["crosswalk"]["theme_name"]) == {theme.name for theme in run.codebook.themes}
