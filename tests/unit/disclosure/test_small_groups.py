import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipeline.disclosure.small_groups import hide_groups, hide_outlook


@pytest.fixture
def outlook():
    return pd.DataFrame(
        {
            "group": ["All", "A", "B", "C"],
            "entry": "positive",
            "comments": [100, 9, 11, 80],
            "count": [50, 4, 5, 41],
            "share": [0.5, 4 / 9, 5 / 11, 41 / 80],
            "published_share": [0.22, None, None, None],
        }
    )


def test_a_small_group_is_blanked_and_so_is_the_next_that_would_give_it_away(outlook):
    shown = hide_outlook(outlook, smallest=10)
    assert shown["group"].tolist() == ["All", "A", "B", "C"]
    assert shown["suppressed"].tolist() == [False, True, True, False]
    assert shown.loc[[1, 2], ["comments", "count", "share"]].isna().all(axis=None)
    assert shown.loc[[0, 3], ["comments", "count", "share"]].notna().all(axis=None)
    assert shown.loc[0, "published_share"] == 0.22


def test_what_came_in_is_not_changed(outlook):
    before = outlook.copy()
    hide_outlook(outlook, smallest=1000)
    pd.testing.assert_frame_equal(outlook, before)


def test_nothing_is_lost_of_groups_large_enough(outlook):
    shown = hide_outlook(outlook, smallest=1)
    assert shown["share"].tolist() == pytest.approx(outlook["share"].tolist())
    assert shown["count"].tolist() == [50, 4, 5, 41]


def test_an_empty_outlook_stays_empty(outlook):
    shown = hide_outlook(outlook[:0], smallest=10)
    assert len(shown) == 0
    assert set(shown.columns) == {*outlook.columns, "suppressed"}


# Groups.


def groups_of(sizes, *, column="setting"):
    """Groups of the sizes given, each with two entries of a facet."""
    rows = [
        {
            "column": column, "group": group, "facet": "themes", "entry": entry, "comments": size, "count": size // 2,
            "share": 0.5, "low": 0.4, "high": 0.6, "rest_share": 0.3, "difference": 0.2, "difference_low": 0.1,
            "difference_high": 0.3, "p_value": 0.04, "q_value": 0.08,
        }
        for group, size in sizes.items()
        for entry in ("funding", "tools")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def hidden_of(shown, column="setting"):
    chosen = shown[shown["suppressed"] & (shown["column"] == column)]
    return set(chosen["group"])


FIGURES = ["comments", "count", "share", "low", "high", "difference", "difference_low", "difference_high", "p_value",
           "q_value"]  # fmt: skip


def test_where_one_group_alone_is_hidden_the_next_smallest_is_too():
    shown = hide_groups(groups_of({"A": 50, "B": 9, "C": 20, "D": 30}), smallest=10)
    assert hidden_of(shown) == {"B", "C"}
    hidden = shown["suppressed"]
    assert shown.loc[hidden, FIGURES].isna().all(axis=None)
    assert shown.loc[~hidden, FIGURES].notna().all(axis=None)


def test_the_correction_for_many_tests_does_not_tell_of_hidden_groups():
    groups = groups_of({"A": 50, "B": 9, "C": 20, "D": 30}).assign(p_value=[0.01, 0.02, 0, 0, 0, 0, 0.04, 0.03])
    shown = hide_groups(groups, smallest=10)
    assert shown["q_value"].dropna().tolist() == pytest.approx([0.04, 0.04, 0.04, 0.04])
    assert hide_groups(groups, smallest=1)["q_value"].tolist() == groups["q_value"].tolist()


def test_two_hidden_groups_that_are_enough_comments_hide_no_third():
    assert hidden_of(hide_groups(groups_of({"A": 50, "B": 9, "C": 9, "D": 30}), smallest=10)) == {"B", "C"}


def test_hidden_groups_that_are_too_few_comments_together_hide_one_more():
    # The whole less A and D would be the figures of three people.
    assert hidden_of(hide_groups(groups_of({"A": 50, "B": 1, "C": 2, "D": 30}), smallest=10)) == {"B", "C", "D"}


def test_groups_that_are_large_enough_are_all_shown():
    shown = hide_groups(groups_of({"A": 10, "B": 11}), smallest=10)
    assert not shown["suppressed"].any()
    assert shown[FIGURES].notna().all(axis=None)


def test_of_two_groups_the_large_one_is_hidden_with_the_small_one():
    assert hidden_of(hide_groups(groups_of({"A": 90, "B": 3}), smallest=10)) == {"A", "B"}


def test_a_columns_hidden_groups_do_not_matter_to_another():
    both = pd.concat([groups_of({"A": 50, "B": 9, "C": 20}), groups_of({"A": 40, "B": 39}, column="role")])
    shown = hide_groups(both, smallest=10)
    assert hidden_of(shown) == {"B", "C"}
    assert hidden_of(shown, "role") == set()


def test_the_figures_of_the_rest_are_left_out():
    shown = hide_groups(groups_of({"A": 50, "B": 60}), smallest=10)
    assert not [name for name in shown.columns if name.startswith("rest_")]


def test_where_comments_without_a_group_are_hidden_nothing_is_compared_with_a_rest_without_them():
    # From a group's share and difference one could work out the share of the other named groups, and so B's.
    shown = hide_groups(groups_of({"A": 50, "B": 9, "C": 40, "(not given)": 8}), smallest=10)
    assert hidden_of(shown) == {"B", "(not given)"}
    of_rest = ["difference", "difference_low", "difference_high", "p_value", "q_value"]
    assert shown[of_rest].isna().all(axis=None)
    assert shown.loc[~shown["suppressed"], ["comments", "count", "share", "low", "high"]].notna().all(axis=None)


def test_comments_without_a_group_that_are_many_leave_comparisons():
    shown = hide_groups(groups_of({"A": 50, "B": 9, "C": 40, "(not given)": 80}), smallest=10)
    assert shown.loc[shown["group"] == "A", FIGURES].notna().all(axis=None)


def test_hiding_groups_changes_nothing_of_what_came_in_and_keeps_an_empty_table():
    groups = groups_of({"A": 50, "B": 9})
    before = groups.copy()
    hide_groups(groups, smallest=10)
    pd.testing.assert_frame_equal(groups, before)
    assert len(hide_groups(groups[:0], smallest=10)) == 0


@given(sizes=st.lists(st.integers(1, 40), min_size=1, max_size=6), smallest=st.integers(1, 20))
def test_what_is_hidden_is_none_or_all_or_enough_of_several_groups(sizes, smallest):
    groups = dict(zip("ABCDEF", sizes, strict=False))
    shown = hide_groups(groups_of(groups), smallest=smallest)
    hidden = hidden_of(shown)
    assert {group for group, size in groups.items() if size < smallest} <= hidden
    if hidden and hidden != set(groups):
        assert len(hidden) >= 2
        assert sum(groups[group] for group in hidden) >= smallest
    assert shown.loc[shown["suppressed"], FIGURES].isna().all(axis=None)
