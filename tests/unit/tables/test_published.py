import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import load_run
from pipeline.errors import DataError
from pipeline.tables.csv_files import to_csv
from pipeline.tables.published import DICTIONARY, _table, read_public, write_dictionary, write_public
from pipeline.tables.schema import published
from tests.example_survey import Survey

PATH = Path("topics.csv")


@pytest.fixture
def files(finished: Survey):
    public = finished.output / "public"
    return {place: (public / place).read_bytes() for place in (*published().values(), DICTIONARY)}


@pytest.mark.thorough
@pytest.mark.parametrize("notice", ["", "Mind this, and that."])
def test_what_is_read_back_is_written_as_the_same_bytes(files, notice):
    again = write_public(read_public(files.__getitem__)) | {DICTIONARY: write_dictionary(notice)}
    explained = again[DICTIONARY].decode("utf-8-sig").splitlines()
    assert {**again, DICTIONARY: b""} == {**files, DICTIONARY: b""}
    assert [line for line in explained if "notice" in line] == ([f'all,,notice,,"{notice}"'] if notice else [])
    assert files[DICTIONARY].decode("utf-8-sig").splitlines() == explained[: -1 if notice else None]


def test_a_table_of_before_that_has_a_notice_in_every_row_is_read(files):
    head, *rows = files["topics.csv"].decode().splitlines()
    before = "\n".join([f"{head},notice", *(f"{row},Mind this." for row in rows)]).encode()
    pd.testing.assert_frame_equal(_table("topics", before, PATH), _table("topics", files["topics.csv"], PATH))


@pytest.mark.thorough
def test_every_column_comes_back_as_what_it_is(finished: Survey, files):
    tables = read_public(files.__getitem__)
    topics, outlook = tables["topics"], tables["outlook"]
    assert topics["size"].dtype == "Int64"
    assert topics["settled"].dtype == bool
    assert topics["fit"].dtype == float
    assert set(map(type, topics["label"])) == {str}
    assert outlook["count"].dtype == "Int64"
    assert outlook["suppressed"].dtype == bool
    numbers = {(name, column) for name, table in tables.items() for column in table.select_dtypes("object")}
    texts_that_are_numbers = {
        (name, column)
        for name, column in numbers
        if len(tables[name]) and pd.to_numeric(tables[name][column], errors="coerce").notna().all()
    }
    assert texts_that_are_numbers <= {("groups", "entry"), ("topic_tree", "first"), ("topic_tree", "second")}
    pd.testing.assert_frame_equal(load_run(finished.output).topics, topics)


# A file of comments with NUL bytes is refused.
LABELS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)


ODD = st.sampled_from(["None", "nan", "NA", "007", "=1", "'=1", "''-", "-", "a\nb", "\t"])


@given(st.lists(st.one_of(LABELS, ODD)))
def test_a_label_comes_back_letter_for_letter(labels):
    quotations = pd.DataFrame({"topic": range(len(labels)), "label": labels, "theme": "", "quotation": labels})
    read = _table("quotations", to_csv(quotations), PATH)
    assert read["label"].tolist() == labels
    assert read["quotation"].tolist() == labels


def test_what_a_spreadsheet_saved_in_its_own_way_is_read(files):
    table = pd.read_csv(io.BytesIO(files["topics.csv"]), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    in_capitals = table.replace({"True": "TRUE", "False": "FALSE"})
    saved = in_capitals.to_csv(index=False, sep=";", lineterminator="\r\n").encode("cp1252")
    pd.testing.assert_frame_equal(_table("topics", saved, PATH), _table("topics", files["topics.csv"], PATH))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b",status", b",state", "the column status is missing"),
        (b",share,", b",part,", "the column share is missing"),
        (b"\n0,", b"\nnought,", "the column topic holds something other than numbers"),
        (b"\n0,", b"\n0,0,", "columns are wanted, found"),
    ],
)
def test_a_table_that_was_changed_beyond_reading_is_told(old, new, said, files):
    with pytest.raises(DataError, match=said) as raised:
        read_public((files | {"topics.csv": files["topics.csv"].replace(old, new)}).__getitem__)
    assert "topics.csv" in raised.value.message
    assert "the next run writes it anew" in raised.value.hint
