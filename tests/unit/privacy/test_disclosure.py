import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.privacy.disclosure import hide_small_groups, safe_cell


@pytest.fixture
def shares():
    return pd.DataFrame(
        {"group": ["All", "A", "B"], "n": [100, 9, 10], "count": [50, 4, 5], "share": [0.5, 4 / 9, 0.5]}
    )


def test_groups_below_the_limit_are_blanked_and_marked(shares):
    shown = hide_small_groups(shares, base="n", smallest=10, hidden=("n", "count", "share"))
    assert shown["suppressed"].tolist() == [False, True, False]
    assert shown.loc[1, ["n", "count", "share"]].isna().all()
    assert shown.loc[[0, 2], ["n", "count", "share"]].notna().all(axis=None)
    assert shown["group"].tolist() == ["All", "A", "B"]


def test_what_came_in_is_not_changed(shares):
    before = shares.copy()
    hide_small_groups(shares, base="n", smallest=1000, hidden=("n", "share"))
    pd.testing.assert_frame_equal(shares, before)


def test_nothing_is_lost_of_groups_large_enough(shares):
    shown = hide_small_groups(shares, base="n", smallest=1, hidden=("n", "count", "share"))
    assert shown["share"].tolist() == pytest.approx(shares["share"].tolist())
    assert shown["count"].tolist() == [50, 4, 5]


def test_an_empty_table_stays_empty():
    empty = pd.DataFrame({"n": pd.Series(dtype="int64"), "share": pd.Series(dtype="float64")})
    assert len(hide_small_groups(empty, base="n", smallest=10, hidden=("n", "share"))) == 0


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_text_that_begins_a_formula_gets_an_apostrophe(start):
    assert safe_cell(f"{start}cmd()") == f"'{start}cmd()"


@pytest.mark.parametrize("value", ["plain", "", "a=b", "'=quoted", -3, -0.5, None, True])
def test_what_begins_no_formula_stays_as_it_is(value):
    assert safe_cell(value) is value


@given(text=st.text(alphabet=st.one_of(st.sampled_from("=+-@\t\r\n \u00a0'\""), st.characters()), max_size=8))
def test_no_text_begins_a_formula_and_none_is_lost(text):
    safe = safe_cell(text)
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert safe in (text, f"'{text}")
