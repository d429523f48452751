import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.disclosure.quotation_review import (
    COLUMNS,
    WAITS,
    no_marks,
    published_quotations,
    quotation_sheet,
    read_marks,
)
from pipeline.errors import DataError
from pipeline.tables.csv_files import to_csv

PATH = Path("internal/quotations.csv")
THEMES = {0: "Money"}


@pytest.fixture
def comments():
    return pd.DataFrame(
        {
            "comment_id": ["a", "b", "c", "d"],
            "text": ["No money, said Ann.", "=SUM is broken", "first line\nsecond line", "Somebody else's words"],
            "topic": [0, 0, 1, -1],
            "label": ["budget", "budget", "systems", ""],
            "comment_themes": ["Money", "", "Money; Basics", ""],
            "groups": ["Doctors", "Doctors, North", "", "Nurses"],
        }
    )


@pytest.fixture
def candidates(comments):
    return comments.iloc[:3][["topic", "label", "comment_id"]]


def sheet_of(candidates, comments, marks=None):
    return quotation_sheet(candidates, comments, no_marks() if marks is None else marks, THEMES)


def reviewed(sheet, changes, *, encode="utf-8-sig", separator=","):
    """Return the sheet as a spreadsheet would save it once somebody has changed some cells."""
    written = pd.read_csv(io.BytesIO(to_csv(sheet)), dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for (comment_id, column), value in changes.items():
        written.loc[written["comment_id"] == comment_id, column] = value
    return written.to_csv(index=False, sep=separator, lineterminator="\r\n").encode(encode)


def test_nothing_is_published_until_it_is_marked(candidates, comments):
    sheet = sheet_of(candidates, comments)
    assert tuple(sheet.columns) == COLUMNS
    assert sheet["publish"].tolist() == [""] * 3
    assert len(published_quotations(sheet, review=True)) == 0
    assert len(read_marks(to_csv(sheet), PATH)) == 0


def test_what_is_marked_is_published_as_the_reviewer_worded_it(candidates, comments):
    content = reviewed(
        sheet_of(candidates, comments), {("a", "publish"): "x", ("a", "quotation"): "No money, said [a colleague]."}
    )
    shown = published_quotations(sheet_of(candidates, comments, read_marks(content, PATH)), review=True)
    assert shown.to_dict("records") == [
        {"topic": 0, "label": "budget", "theme": "Money", "comment_themes": "Money",
         "quotation": "No money, said [a colleague].", "attribution": ""}
    ]  # fmt: skip


@pytest.mark.parametrize(("encode", "separator"), [("utf-8-sig", ","), ("cp1252", ";"), ("utf-16", "\t")])
def test_a_sheet_that_a_spreadsheet_saved_in_its_own_way_is_read(encode, separator, candidates, comments):
    marked = {("b", "publish"): "X", ("c", "publish"): "Yes "}
    content = reviewed(sheet_of(candidates, comments), marked, encode=encode, separator=separator)
    marks = read_marks(content, PATH)
    assert marks["comment_id"].tolist() == ["b", "c"]
    shown = published_quotations(sheet_of(candidates, comments, marks), review=True)
    assert shown["quotation"].tolist() == ["=SUM is broken", "first line\nsecond line"]


def test_nobody_is_described_but_as_the_reviewer_wrote(candidates, comments):
    changes = {("a", "publish"): "x", ("b", "publish"): "x", ("b", "attribution"): "a doctor"}
    first = sheet_of(candidates, comments, read_marks(reviewed(sheet_of(candidates, comments), changes), PATH))
    again = sheet_of(candidates, comments, read_marks(to_csv(first), PATH))
    for sheet in (first, again):
        assert sheet["groups"].tolist() == ["Doctors", "Doctors, North", ""]
        assert published_quotations(sheet, review=True)["attribution"].tolist() == ["", "a doctor"]


def test_an_attribution_is_kept_without_a_mark(candidates, comments):
    marks = read_marks(reviewed(sheet_of(candidates, comments), {("b", "attribution"): "a doctor"}), PATH)
    assert sheet_of(candidates, comments, marks).set_index("comment_id")["attribution"]["b"] == "a doctor"


def test_a_sheet_of_an_earlier_version_keeps_its_marks_and_describes_nobody(candidates, comments):
    earlier = sheet_of(candidates, comments).drop(columns=["comment_themes", "groups", "attribution"])
    marks = read_marks(reviewed(earlier, {("a", "publish"): "x"}), PATH)
    shown = published_quotations(sheet_of(candidates, comments, marks), review=True)
    assert shown[["quotation", "attribution"]].to_numpy().tolist() == [["No money, said Ann.", ""]]


def test_without_review_the_groups_describe_who_said_it(candidates, comments):
    shown = published_quotations(sheet_of(candidates, comments), review=False)
    assert shown["attribution"].tolist() == ["Doctors", "Doctors, North", ""]


def test_marks_and_wordings_outlive_any_number_of_runs(candidates, comments):
    content = reviewed(sheet_of(candidates, comments), {("a", "publish"): "x", ("c", "quotation"): "second line"})
    first = sheet_of(candidates, comments, read_marks(content, PATH))
    again = sheet_of(candidates, comments, read_marks(to_csv(first), PATH))
    pd.testing.assert_frame_equal(first, again)
    assert again.set_index("comment_id")["quotation"]["c"] == "second line"


def test_a_marked_comment_that_stands_for_no_topic_any_more_is_still_quoted(candidates, comments):
    marks = read_marks(reviewed(sheet_of(candidates, comments), {("a", "publish"): "x"}), PATH)
    sheet = sheet_of(candidates[candidates["comment_id"] != "a"], comments, marks)
    assert published_quotations(sheet, review=True)["quotation"].tolist() == ["No money, said Ann."]


def test_a_reviewer_may_add_a_comment_by_its_id(candidates, comments):
    content = to_csv(sheet_of(candidates, comments)) + b"x,,,,,d,,,,,,\n"
    shown = published_quotations(sheet_of(candidates, comments, read_marks(content, PATH)), review=True)
    assert shown.to_dict("records") == [
        {"topic": -1, "label": "", "theme": "", "comment_themes": "", "quotation": "Somebody else's words",
         "attribution": ""}
    ]  # fmt: skip


def test_a_mark_does_not_hold_for_other_words(candidates, comments):
    marks = read_marks(reviewed(sheet_of(candidates, comments), {("a", "publish"): "x"}), PATH)
    changed = comments.assign(text=comments["text"].replace("No money, said Ann.", "No money, said Ann of Ward 9."))
    sheet = sheet_of(candidates, changed, marks)
    assert sheet.loc[0, ["comment", "quotation", "publish", "status"]].tolist() == [
        "No money, said Ann of Ward 9.", "No money, said Ann of Ward 9.", "", "",
    ]  # fmt: skip
    assert len(published_quotations(sheet, review=True)) == 0


def test_a_mark_whose_words_are_gone_waits_however_many_runs_go_by(candidates, comments):
    changes = {("a", "publish"): "x", ("a", "quotation"): "No money.", ("a", "note"): "consent by letter"}
    marks = read_marks(reviewed(sheet_of(candidates, comments), changes), PATH)
    without = comments[comments["comment_id"] != "a"]
    sheet = sheet_of(candidates[candidates["comment_id"] != "a"], without, marks)
    for _ in range(2):
        kept = sheet[sheet["status"] == WAITS].iloc[0]
        assert kept[["publish", "comment", "quotation", "note"]].tolist() == [
            "x", "No money, said Ann.", "No money.", "consent by letter",
        ]  # fmt: skip
        assert len(published_quotations(sheet, review=True)) == 0
        sheet = sheet_of(candidates[candidates["comment_id"] != "a"], without, read_marks(to_csv(sheet), PATH))
    back = sheet_of(candidates, comments, read_marks(to_csv(sheet), PATH))
    assert published_quotations(back, review=True)["quotation"].tolist() == ["No money."]


@pytest.mark.parametrize("ids", [["7", "b", "c", "d"], ["-5", "b", "c", "d"], ["=1+1", "'b", "c", "d"]])
def test_ids_that_a_spreadsheet_takes_for_something_else_keep_their_marks(ids, candidates, comments):
    comments = comments.assign(comment_id=ids)
    candidates = candidates.assign(comment_id=ids[:3])
    content = reviewed(sheet_of(candidates, comments), {}).replace(b"\n,0,budget", b"\nx,0,budget", 1)
    shown = sheet_of(candidates, comments, read_marks(content, PATH))
    assert shown["comment_id"].tolist() == ids[:3]
    assert published_quotations(shown, review=True)["quotation"].tolist() == ["No money, said Ann."]
    assert sheet_of(candidates, comments, read_marks(to_csv(shown), PATH)).equals(shown)


def test_a_mark_follows_its_words_where_rows_are_numbered_anew(candidates, comments):
    marks = read_marks(
        reviewed(sheet_of(candidates, comments), {("a", "publish"): "x", ("a", "quotation"): "No money."}), PATH
    )
    # A row was put in first: every comment has its neighbour's number.
    moved = comments.assign(comment_id=["b", "c", "d", "e"])
    sheet = sheet_of(candidates.assign(comment_id=["b", "c", "d"]), moved, marks).set_index("comment_id")
    assert sheet.loc["b", ["publish", "quotation"]].tolist() == ["x", "No money."]
    assert sheet.loc["c", ["publish", "quotation"]].tolist() == ["", "=SUM is broken"]


def test_a_note_of_the_reviewers_is_kept_without_a_mark(candidates, comments):
    marks = read_marks(reviewed(sheet_of(candidates, comments), {("b", "note"): "ask AK"}), PATH)
    sheet = sheet_of(candidates, comments, marks)
    assert sheet.set_index("comment_id")["note"]["b"] == "ask AK"
    assert len(published_quotations(sheet, review=True)) == 0


def test_names_of_columns_may_be_written_otherwise(candidates, comments):
    content = reviewed(sheet_of(candidates, comments), {("a", "publish"): "x"}).replace(b"publish", b"Publish", 1)
    assert read_marks(content, PATH)["comment_id"].tolist() == ["a"]


def test_without_review_every_candidate_is_shown_by_topic(candidates, comments):
    shown = published_quotations(sheet_of(candidates, comments), review=False)
    assert shown["topic"].tolist() == [0, 0, 1]
    assert "comment_id" not in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"tick,comment_id\nx,a\n", "the column 'publish' is missing"),
        (b"publish,comment_id\nmaybe,a\nx,b\nperhaps,c\n", "in 2 rows the column 'publish' .* (row 1, 3"),
        (b"publish,comment_id\nx,a\nx,a\n", "in 1 rows a comment stands there twice"),
        (b"publish,comment_id\nx,\n", "in 1 rows a mark stands beside no comment"),
        (b"publish,comment_id,comment,quotation\nx,a,secret words, \n", "a quotation that is marked has been emptied"),
        (b"PK\x03\x04 a workbook", "a CSV file is wanted"),
    ],
)
def test_what_is_wrong_with_a_sheet_is_said_without_anybodys_words(content, said):
    with pytest.raises(DataError, match=said.replace("(row", r"\(row")) as raised:
        read_marks(content, PATH)
    assert raised.value.hint
    assert "input.encoding" not in str(raised.value)
    assert "maybe" not in str(raised.value)
    assert "secret" not in str(raised.value)


@given(st.lists(st.tuples(st.text(max_size=30), st.booleans(), st.text(max_size=30)), max_size=8))
def test_no_words_but_marked_ones_are_ever_shown(rows):
    comments = pd.DataFrame(
        {"comment_id": [f"c{n}" for n in range(len(rows))], "text": [row[0] for row in rows], "topic": 0, "label": "l",
         "comment_themes": "", "groups": "Nurses"}
    ).astype({"topic": "int64"})  # fmt: skip
    marks = pd.DataFrame(
        {"comment_id": comments["comment_id"], "comment": comments["text"], "quotation": [row[2] for row in rows],
         "attribution": "", "note": "", "publish": [row[1] for row in rows]}
    ).astype({"publish": bool})  # fmt: skip
    shown = published_quotations(sheet_of(comments[["topic", "label", "comment_id"]], comments, marks), review=True)
    assert len(shown) <= sum(row[1] for row in rows)
    assert set(shown["quotation"]) <= {row[2] or row[0] for row in rows if row[1]}
    assert set(shown["attribution"]) <= {""}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\u2003 \n", "the file is empty"),
        ("Publish,publish,comment_id\nx,,1\n", "the column 'publish' stands 2 times"),
        ("She shouts,Ward 7\nx,1\n", "the column 'publish' is missing"),
    ],
)
def test_a_sheet_beyond_reading_is_told_without_its_cells(content, said):
    with pytest.raises(DataError, match=said) as caught:
        read_marks(content.encode(), Path("quotations.csv"))
    assert "Ward" not in str(caught.value)
    assert "shouts" not in str(caught.value)
