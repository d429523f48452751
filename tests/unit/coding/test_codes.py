import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.codebook.codes import NO_THEME
from pipeline.coding.codes import (
    as_coders,
    coded_sample,
    codes_frame,
    counting,
    disagreements,
    main_codes,
    merged,
    parse_codes,
    shown_codes,
    with_agreed_outlook,
    write_codes,
)
from pipeline.errors import DataError, StoreError
from tests.unit.coding.conftest import TEXTS, Desk

COMMENTS = pd.DataFrame({"comment_id": list(TEXTS), "text": TEXTS.values()})


def codes(*rows):
    return codes_frame([(*row, *((), "", False)[len(row) - 3 :]) for row in rows])


@given(data=st.data())
@settings(max_examples=15)
def test_codes_come_back_from_their_file(data, desk: Desk):
    themes = sorted(desk.choices.further.values())
    rows = [
        (
            comment_id, coder,
            data.draw(st.sampled_from([*themes, "none", "nothing"])),
            tuple(data.draw(st.lists(st.sampled_from(themes), max_size=2, unique=True))),
            data.draw(st.sampled_from(["", "mixed", "positive"])), data.draw(st.booleans()),
        )
        for comment_id in desk.record.order[: data.draw(st.integers(0, 4))]
        for coder in ("coder_1", "coder_2", "adjudicated")
    ]  # fmt: skip
    given_codes = codes_frame(rows)
    content = write_codes(given_codes)
    pd.testing.assert_frame_equal(parse_codes(content, desk.record, desk.choices), given_codes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("funding", "founding", "unknown values in the column 'main'"),
        ("equipment", "x; y", "unknown values in the column 'further'"),
        ("mixed", "rosy", "unknown values in the column 'outlook'"),
        ("coder_1", "coder_9", "unknown values in the column 'coder'"),
        ("q02", "q99", "unknown values in the column 'comment_id'"),
        ("q06", "q02", "a comment twice by one coder"),
        ("yes", "perhaps", "is damaged"),
        ("further", "farther", "is damaged"),
    ],
)
def test_a_table_of_codes_that_was_edited_is_refused(old, new, said, desk: Desk):
    rows = codes(("q02", "coder_1", "funding", ("equipment",), "mixed", True), ("q06", "coder_1", "none"))
    content = write_codes(rows).decode("utf-8-sig").replace(old, new).encode()
    with pytest.raises(StoreError, match=said):
        parse_codes(content, desk.record, desk.choices)


def test_a_newer_sheet_takes_the_place_of_an_older_one_and_of_no_other(desk: Desk):
    one, other = desk.sheets
    both = next(iter(set(one.texts) & set(other.texts)))
    alone = next(iter(set(one.texts) - set(other.texts)))
    first = codes((both, "coder_1", "funding"), (alone, "coder_1", "none"))
    second = codes((both, "coder_2", "equipment"))
    kept = merged(codes_frame([]), desk.record, [(other, second), (one, first)])
    assert sorted(zip(kept["comment_id"], kept["coder"], strict=True)) == sorted(
        [(both, "coder_1"), (alone, "coder_1"), (both, "coder_2")]
    )
    again = merged(kept, desk.record, [(one, codes((both, "coder_1", "direction")))])
    assert {tuple(row[:3]) for row in again.to_numpy().tolist()} == {
        (both, "coder_1", "direction"), (both, "coder_2", "equipment"),
    }  # fmt: skip


def test_codes_stand_in_the_order_of_drawing_then_by_coder(desk: Desk):
    rows = [(comment_id, coder, "none") for comment_id in sorted(TEXTS) for coder in ("coder_10", "coder_2")]
    kept = merged(codes(*rows), desk.record, [])
    assert kept["comment_id"].tolist() == [one for comment_id in desk.record.order for one in (comment_id, comment_id)]
    assert kept["coder"].tolist() == ["coder_2", "coder_10"] * 13


def test_the_random_sample_ends_before_the_first_gap(desk: Desk):
    order = desk.record.order
    done = codes(*((comment_id, "coder_2", "none") for comment_id in (*order[:4], *order[5:9])))
    sample = coded_sample(done, desk.record, COMMENTS)
    assert sample.order == sample.drawn == order
    assert sample.complete == order[:4]
    assert (sample.n_open, sample.n_waiting) == (5, 4)
    # A comment that is not analysed any more leaves no gap.
    fewer = COMMENTS[COMMENTS["comment_id"] != order[4]]
    sample = coded_sample(done, desk.record, fewer)
    assert sample.complete == (*order[:4], *order[5:9])
    assert order[4] not in sample.order
    # Nor does its code count.
    fewer = COMMENTS[COMMENTS["comment_id"] != order[0]]
    assert order[0] not in set(coded_sample(done, desk.record, fewer).codes["comment_id"])


def test_no_sample_is_taken_from_comments_that_changed(desk: Desk):
    changed = COMMENTS.assign(text="other")
    with pytest.raises(DataError, match="have other words since"):
        coded_sample(codes_frame([]), desk.record, changed)


def test_disagreements_are_of_theme_further_theme_or_outlook_until_somebody_settles_them():
    rows = codes(
        ("a", "coder_1", "funding"), ("a", "coder_2", "equipment"),
        ("b", "coder_1", "funding", ("equipment",)), ("b", "coder_2", "funding"),
        ("c", "coder_1", "funding", (), "mixed"), ("c", "coder_2", "funding", (), "positive"),
        ("d", "coder_1", "none"), ("d", "coder_2", "nothing"),
        ("e", "coder_1", "funding", ("x", "y"), "mixed", True), ("e", "coder_2", "funding", ("y", "x")),
        ("f", "coder_1", "funding"),
        ("g", "coder_1", "funding"), ("g", "coder_2", "equipment"), ("g", "adjudicated", "none"),
    )  # fmt: skip
    assert disagreements(rows) == ["a", "b", "c"]
    assert counting(rows).query("comment_id == 'g'")["main"].tolist() == ["none"]
    assert len(counting(rows)) == len(rows) - 2
    assert disagreements(codes_frame([])) == []


def test_the_main_code_is_the_adjudicated_one_else_the_first_coders(desk: Desk):
    one, two, three, *_ = desk.record.drawn
    theme, other = sorted(set(desk.choices.further.values()))[:2]
    given = codes((one, "coder_1", theme), (one, "coder_2", other), (one, "adjudicated", other),
                  (two, "coder_1", "nothing"), (three, "coder_1", theme), (three, "coder_2", other))  # fmt: skip
    sample = coded_sample(given, desk.record, COMMENTS)
    assert main_codes(sample) == {one: other, two: NO_THEME, three: theme}
    assert main_codes(None) == {}


def test_codes_to_adjudicate_are_shown_in_words_without_saying_whose_they_are(desk: Desk):
    rows = [
        row
        for comment_id in TEXTS
        for row in ((comment_id, "coder_1", "funding", ("equipment",), "mixed", True), (comment_id, "coder_2", "none"))
    ]
    shown = shown_codes(codes(*rows), list(TEXTS), desk.choices, 20)
    ones = "Money\nalso: Equipment that works\noutlook: Mixed\nunsure"
    assert {tuple(sorted(given)) for given in shown.values()} == {(ones, "no theme fits")}
    # A is now one person, now the other.
    assert 2 <= sum(given[0] == ones for given in shown.values()) <= 10


def test_an_outlook_that_coders_agree_on_stands_where_the_adjudicator_gave_none():
    rows = codes(
        ("a", "coder_1", "funding", (), "mixed"), ("a", "coder_2", "none", (), "mixed"),
        ("b", "coder_1", "funding", (), "mixed"), ("b", "coder_2", "none", (), "positive"),
        ("c", "coder_1", "funding", (), "mixed"), ("c", "coder_2", "none"),
    )  # fmt: skip
    settled = codes(*((name, "adjudicated", "none") for name in "abc"), ("d", "adjudicated", "none", (), "positive"))
    assert with_agreed_outlook(settled, rows)["outlook"].tolist() == ["mixed", "", "mixed", "positive"]


def test_each_persons_codes_are_given_row_by_row():
    rows = codes(
        ("b", "coder_2", "funding", ("equipment", "direction"), "mixed"), ("a", "coder_1", "none"),
        ("b", "adjudicated", "none"),
    )  # fmt: skip
    one, other = as_coders(rows, pd.Series(["a", "b", "c"]))
    assert (one.name, other.name) == ("coder_1", "coder_2")
    assert one.main.tolist() == ["none", "", ""]
    assert other.main.tolist() == ["", "funding", ""]
    assert [column.tolist() for column in other.further] == [["", "equipment", ""], ["", "direction", ""]]
    assert other.outlook.tolist() == ["", "mixed", ""]
    assert as_coders(codes_frame([]), pd.Series(["a"])) == []
