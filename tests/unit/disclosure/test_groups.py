import numpy as np
import pandas as pd
import pytest
from pipeline.disclosure.groups import protect_groups, protect_outlook
from pipeline.disclosure.rounding import Rules

from pipeline.account.groups import group_table
from pipeline.account.intervals import share_interval
from tests.unit.disclosure.example_tables import COUNTS, SIZES, group_rows, outlook_rows


def test_the_table_of_groups_is_rounded_and_shows_no_exact_test():
    found = protect_groups(group_rows({"A": 101, "B": 97}, {"A": {"up": 51}, "B": {"up": 48}}), rules=Rules())
    assert found["count"].tolist() == [50, 50]
    assert found["comments"].tolist() == [100, 95]
    assert found["p_value"].tolist() == [0.013, 0.013]
    assert "rest_share" not in found


@pytest.mark.parametrize("exact", [(101, 51, 97, 48), (98, 52, 93, 49), (102, 48, 96, 52)])
def test_a_difference_is_the_same_for_all_counts_that_are_rounded_alike(exact):
    size_a, up_a, size_b, up_b = exact
    is_a = pd.Series([True] * size_a + [False] * size_b)
    carried = pd.DataFrame(
        {"up": [place < up_a for place in range(size_a)] + [place < up_b for place in range(size_b)]}
    )
    metadata = pd.DataFrame({"setting": is_a.map({True: "A", False: "B"})})
    people = pd.Series([""] * len(is_a))
    found = protect_groups(
        group_table({"outlook": carried}, metadata, people, columns={"setting": None}), rules=Rules()
    )
    difference, low, high = (found[name].tolist() for name in ("difference", "difference_low", "difference_high"))
    assert difference == [-0.03, 0.03]
    low_a, high_a = share_interval(50, 100)
    low_b, high_b = share_interval(50, 95)
    assert low[0] == round(0.5 - 50 / 95 - np.hypot(0.5 - low_a, high_b - 50 / 95), 2)
    assert high[0] == round(0.5 - 50 / 95 + np.hypot(high_a - 0.5, 50 / 95 - low_b), 2)
    assert (low[1], high[1]) == (-high[0], -low[0])


def test_a_small_group_has_no_figures_and_is_not_alone():
    found = protect_groups(
        group_rows({"A": 100, "B": 5, "C": 80}, {"A": {"up": 50}, "B": {"up": 2}, "C": {"up": 30}}), rules=Rules()
    )
    assert found["suppressed"].tolist() == [False, True, True]
    assert found.loc[found["suppressed"], ["comments", "count", "share", "difference", "p_value"]].isna().all(axis=None)


def test_the_correction_for_many_tests_does_not_tell_of_tests_that_are_left_out():
    sizes, counts = {"A": 100, "B": 5, "C": 80}, {"A": {"up": 50}, "B": {"up": 2}, "C": {"up": 30}}
    rows = group_rows({**sizes, "D": 90}, {**counts, "D": {"up": 45}})
    p_of_hidden = rows["group"].map({"A": 0.02, "B": 0.0, "C": 0.0, "D": 0.03})
    found = protect_groups(rows.assign(p_value=p_of_hidden), rules=Rules())
    assert found.loc[found["group"] == "A", "suppressed"].tolist() == [False]
    assert found["q_value"].dropna().tolist() == [0.03, 0.03]


def test_groups_that_were_left_out_before_are_refused():
    rows = group_rows(SIZES, COUNTS).assign(suppressed=True)
    with pytest.raises(ValueError, match="left out already"):
        protect_groups(rows, rules=Rules())


def test_both_tables_of_the_same_counts_leave_out_the_same_cells():
    outlook = outlook_rows()
    shown = protect_outlook(outlook, rules=Rules())
    assert not shown.loc[shown["group"] == "All", "suppressed"].any()
    decided = outlook.assign(suppressed=shown["suppressed"])
    # As if another rule had chosen: groups must follow it.
    decided.loc[decided["group"] == "A", "suppressed"] = True
    groups = protect_groups(group_rows(SIZES, COUNTS), rules=Rules(), outlook=decided)
    assert groups.loc[groups["group"] == "A", "suppressed"].all()
    assert groups.loc[groups["group"] == "B", "suppressed"].all()


def test_entries_left_out_elsewhere_have_no_count_in_any_group():
    found = protect_groups(group_rows(SIZES, COUNTS), rules=Rules(), left_out={"outlook": {"up"}, "themes": {"down"}})
    assert found.loc[found["entry"] == "up", ["count", "share", "difference"]].isna().all(axis=None)
    assert found.loc[found["entry"] == "down", "count"].notna().any()
