import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.crosswalk.intervals import share_interval
from pipeline.privacy.disclosure import (
    SMALL_TOPICS,
    cells_to_hide,
    protect_groups,
    protect_outlook,
    protect_public,
    protect_shares,
    protect_topics,
)
from pipeline.privacy.rounding import Rules

IDLE = Rules(suppress_below=1, round_to=1, smallest_base=0)


def shares_of(*pairs):
    rows = [(n, of, n / of, *share_interval(n, of)) for n, of in pairs]
    return pd.DataFrame(rows, columns=["n", "comments", "share", "low", "high"])


def shown_of(*pairs, rules=None, **more):
    return protect_shares(shares_of(*pairs), count="n", base="comments", rules=rules or Rules(), **more)


def test_a_share_is_that_of_rounded_counts_and_its_interval_wilsons_at_them():
    row = shown_of((33, 231)).iloc[0]
    assert (row["n"], row["comments"]) == (35, 230)
    assert row["share"] == pytest.approx(35 / 230)
    assert (row["low"], row["high"]) == pytest.approx(share_interval(35, 230))


@pytest.mark.parametrize(("n", "of", "left_out"), [
    (7, 100, True), (8, 100, False), (0, 100, False), (93, 100, True), (92, 100, False), (100, 100, False),
    (0, 9, True), (0, 10, False),
])  # fmt: skip
def test_small_counts_small_remainders_and_small_bases_are_left_out(n, of, left_out):
    row = shown_of((n, of)).iloc[0]
    assert row["suppressed"] == left_out
    assert row[["n", "share", "low", "high"]].isna().all() == left_out
    assert pd.isna(row["comments"]) == (of < 10)


def test_the_design_effect_of_an_interval_is_kept():
    wide = shares_of((50, 200)).assign(low=share_interval(25, 100)[0], high=share_interval(25, 100)[1])
    row = protect_shares(wide, count="n", base="comments", rules=Rules()).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(share_interval(25, 100))


@pytest.mark.parametrize("n", [0, 1, 20, 39, 40])
def test_rounding_to_one_leaves_figures_as_they_are(n):
    row = shown_of((n, 40), rules=IDLE).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(share_interval(n, 40), abs=1e-9)
    assert not row["suppressed"]


def test_rows_chosen_are_left_out_and_their_tests_with_them():
    frame = shares_of((33, 231), (33, 231)).assign(p_value=0.2)
    before = frame.copy()
    found = protect_shares(
        frame, count="n", base="comments", rules=Rules(), also=["p_value"], hidden=np.array([True, False])
    )
    assert found["suppressed"].tolist() == [True, False]
    assert found["p_value"].isna().tolist() == [True, False]
    pd.testing.assert_frame_equal(frame, before)


# Groups.


def counts_of(rows, entries=("x", "y")):
    return pd.DataFrame(rows, columns=list(entries), index=[f"g{number}" for number in range(len(rows))])


def test_a_small_count_of_one_group_takes_another_groups_with_it():
    found = cells_to_hide(counts_of([[3, 90], [40, 80], [50, 70]]), pd.Series([200, 200, 200.0]), summed=True,
                          rules=Rules())  # fmt: skip
    assert found["x"].sum() == 2
    assert found.loc["g0", "x"]
    assert not found["y"].any()


def test_without_totals_of_all_groups_a_small_count_stands_alone():
    found = cells_to_hide(counts_of([[3, 90], [40, 80]]), pd.Series([200.0, 300]), summed=False, rules=Rules())
    assert found.to_numpy().tolist() == [[True, False], [False, False]]


def test_entries_that_add_up_to_the_base_take_one_another():
    found = cells_to_hide(counts_of([[3, 40, 57]], "xyz"), pd.Series([100.0]), summed=False, rules=Rules())
    assert found.to_numpy().sum() == 2


def test_an_entry_that_combines_two_does_not_give_one_of_them_away():
    found = cells_to_hide(counts_of([[43, 3, 40, 57]], ["x or y", "x", "y", "z"]), pd.Series([100.0]), summed=False,
                          rules=Rules())  # fmt: skip
    assert found.loc["g0", "x"]
    assert found.loc["g0", ["x or y", "y"]].any()


def possible(counts, bases, hidden, cell, *, exclusive):
    """Lowest and highest count of a cell for a reader who knows bases and totals, by linear programmes."""
    values, gone = counts.to_numpy(dtype=float), hidden.to_numpy()
    n_groups, n_entries = values.shape
    # Whoever sees a hidden row or column of all entries cannot tell whether a zero is among them.
    bounds = [(0, bases.iloc[row]) if gone[row, column] else (values[row, column],) * 2
              for row in range(n_groups) for column in range(n_entries)]  # fmt: skip
    sums = np.zeros((n_entries, values.size))
    for column in range(n_entries):
        sums[column, column::n_entries] = 1
    right = values.sum(axis=0)
    if exclusive:
        rows = np.kron(np.eye(n_groups), np.ones(n_entries))
        sums, right = np.vstack([sums, rows]), np.append(right, values.sum(axis=1))
    ends = []
    for sign in (1, -1):
        goal = np.zeros(values.size)
        goal[cell[0] * n_entries + cell[1]] = sign
        solved = linprog(goal, A_eq=sums, b_eq=right, bounds=bounds)
        assert solved.success
        ends.append(sign * solved.fun)
    return ends


@given(rows=st.lists(st.lists(st.one_of(st.integers(0, 9), st.integers(10, 60)), min_size=3, max_size=3), min_size=1,
                     max_size=4), exclusive=st.booleans())  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_small_count_of_a_group_can_be_worked_out_from_bases_and_totals(rows, exclusive):
    counts = counts_of(rows, "xyz")
    bases = counts.sum(axis=1).astype(float) + (0 if exclusive else 15)
    counts, bases = counts[bases >= 10], bases[bases >= 10]
    hidden = cells_to_hide(counts, bases, summed=True, rules=Rules())
    values = counts.to_numpy()
    small = (values > 0) & (values < 8)
    assert (hidden.to_numpy() >= small).all()
    if hidden.all(axis=None):
        return
    for row, column in zip(*np.nonzero(small), strict=True):
        if 0 < values[:, column].sum() < 8:
            continue
        low, high = possible(counts, bases, hidden, (row, column), exclusive=exclusive)
        assert low <= 1 + 1e-6
        assert high >= min(7, bases.iloc[row]) - 1e-6


def group_rows(sizes, counts):
    rows = [
        {"column": "setting", "group": group, "facet": "outlook", "entry": entry, "comments": sizes[group],
         "count": n, "share": n / sizes[group], "low": 0.0, "high": 1.0, "rest_share": 0.1, "difference": 0.1234,
         "difference_low": 0.0, "difference_high": 0.2, "p_value": 0.01234, "q_value": 0.0234}
        for group, of_group in counts.items() for entry, n in of_group.items()
    ]  # fmt: skip
    return pd.DataFrame(rows).assign(suppressed=False)


SIZES = {"A": 100, "B": 90, "C": 80}
COUNTS = {"A": {"up": 60, "down": 40}, "B": {"up": 87, "down": 3}, "C": {"up": 30, "down": 50}}


def test_the_table_of_groups_is_rounded_and_shows_no_exact_test():
    found = protect_groups(group_rows({"A": 101, "B": 97}, {"A": {"up": 51}, "B": {"up": 48}}), rules=Rules())
    assert found["count"].tolist() == [50, 50]
    assert found["comments"].tolist() == [100, 95]
    assert found["difference"].tolist() == [0.12, 0.12]
    assert found["p_value"].tolist() == [0.013, 0.013]
    assert "rest_share" not in found


def test_a_small_group_has_no_figures_and_is_not_alone():
    found = protect_groups(
        group_rows({"A": 100, "B": 5, "C": 80}, {"A": {"up": 50}, "B": {"up": 2}, "C": {"up": 30}}), rules=Rules()
    )
    assert found["suppressed"].tolist() == [False, True, True]
    assert found.loc[found["suppressed"], ["comments", "count", "share", "difference", "p_value"]].isna().all(axis=None)


def test_groups_that_were_left_out_before_are_refused():
    rows = group_rows(SIZES, COUNTS).assign(suppressed=True)
    with pytest.raises(ValueError, match="left out already"):
        protect_groups(rows, rules=Rules())


def outlook_rows():
    groups = group_rows(SIZES, COUNTS)[["group", "entry", "comments", "count", "share", "low", "high"]]
    whole = groups.groupby("entry", as_index=False)[["comments", "count"]].sum()
    whole = whole.assign(group="All", share=whole["count"] / whole["comments"], low=0.0, high=1.0)
    return pd.concat([whole, groups], ignore_index=True).assign(published_share=np.nan)


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


# Topics and everything together.


def topics_of(sizes, parents, base=200):
    topics = pd.DataFrame({"topic": range(len(sizes)), "parent": parents, "size": sizes})
    topics["share"] = topics["size"] / base
    coarse = topics.groupby("parent", as_index=False)["size"].sum().rename(columns={"parent": "topic_coarse"})
    return topics, coarse.assign(share=coarse["size"] / base)


def test_a_small_topic_is_not_the_rest_of_its_coarse_topic():
    topics, coarse = protect_topics(*topics_of([90, 50, 3], [0, 1, 1]), base=200, rules=Rules())
    assert topics["suppressed"].tolist() == [False, True, True]
    assert coarse["size"].tolist() == [90, 55]


def test_a_coarse_topic_of_one_small_topic_is_not_what_is_left_of_all_in_topics():
    topics, coarse = protect_topics(*topics_of([90, 50, 3], [0, 0, 1]), base=200, rules=Rules())
    assert topics["suppressed"].tolist() == [False, True, True]
    assert coarse["suppressed"].tolist() == [True, True]


def claim(
    kind="share", facet="themes", n=200, shown="'A': 41 of 203 comments, 20.2 % (95 % interval 15.2 % to 26.3 %)."
):
    return {"claim": "c", "kind": kind, "statement": "s", "facet": facet, "claimed": "", "estimate": 0.2021,
            "low": 0.152, "high": 0.263, "shown": shown, "verdict": "supported", "reason": "r", "n": n}  # fmt: skip


def public(claims=(), sizes=(90, 50, 30)):
    topics, coarse = topics_of(list(sizes), [0, 1, 1], base=200)
    prevalence = pd.DataFrame({"theme": ["a", "unmapped"], "name": ["A", "none"]})
    for route, counts in (("topics", [120, 80]), ("comments", [41, 159])):
        prevalence[f"n_by_{route}"] = pd.array(counts, dtype="Int64")
        prevalence[f"share_by_{route}"] = [n / 200 for n in counts]
        for end, at in (("low", 0), ("high", 1)):
            prevalence[f"share_by_{route}_{end}"] = [share_interval(n, 200)[at] for n in counts]
    prevalence = prevalence.assign(route_difference=0.1, route_low=0.0, route_high=0.2, routes_disagree=False)
    diagnosis = pd.DataFrame({"kind": ["theme", "topic", "topic", "topic"], "id": ["a", "0", "1", "2"],
                              "with": ["1; 2", "", "a", "a"], "comments": [sizes[1] + sizes[2], *sizes]})  # fmt: skip
    agreement = pd.DataFrame({"measure": ["m", "m"], "value": [0.5, 0.6], "low": 0.1, "high": 0.9, "n": [9, 453]})
    points = [(topic, "a") for topic, size in enumerate(sizes) for _ in range(size)] + [(-1, "")] * 30
    return {
        "topics": topics, "coarse_topics": coarse, "crosswalk": pd.DataFrame({"fit": [0.1]}), "diagnosis": diagnosis,
        "prevalence": prevalence, "claims": pd.DataFrame(list(claims) or [claim()]), "agreement": agreement,
        "outlook": outlook_rows(), "groups": group_rows(SIZES, COUNTS), "article": pd.DataFrame({"fit": [0.2]}),
        "group_tests": pd.DataFrame({"statistic": [12.3], "p_value": [0.00001], "q_value": [0.2]}),
        "comment_map": pd.DataFrame(points, columns=["topic", "theme"]),
    }  # fmt: skip


@pytest.mark.parametrize("rules", [IDLE, Rules(suppress_below=0, round_to=1, smallest_base=0)])
def test_idle_rules_change_no_table(rules):
    tables = public()
    for name, table in protect_public(tables, rules).items():
        pd.testing.assert_frame_equal(table, tables[name])


def test_no_table_that_came_in_is_changed():
    tables = public()
    before = {name: table.copy() for name, table in tables.items()}
    protect_public(tables, Rules())
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_a_sentence_quotes_round_numbers_and_its_names_stay():
    names = "'Level 2.5 of 7 comments': 41 of 1,203 comments, 20.2 % (97.5 % interval 15.2 % to 26.3 %)."
    found = protect_public(public([claim(shown=names)]), Rules())["claims"].iloc[0]
    assert found["shown"] == "'Level 2.5 of 7 comments': 40 of 1205 comments, 20 % (97.5 % interval 15 % to 26 %)."
    assert (found["estimate"], found["low"], found["n"]) == (0.2, 0.15, 200)


@pytest.mark.parametrize("told", [
    claim(n=9), claim(shown="'A': 5 of 203 comments, 2.5 %."), claim(shown="'A': 198 of 203 comments, 97.5 %."),
    claim("order", shown="Of 200 comments: 'A' 20 %, 'B' 3 %. 'A' less 'B': 17 percentage points."),
    claim("difference", "outlook", shown="'Up': 87 of 90 comments in 'B' (96.7 %), 90 of 180 in the rest (50 %)."),
    claim("difference", "outlook", shown="'Up': 60 of 90 comments in 'B' (66.7 %), 90 of 180 in the rest (50 %)."),
])  # fmt: skip
def test_a_claim_that_tells_of_few_comments_says_nothing(told):
    found = protect_public(public([told]), Rules())["claims"].iloc[0]
    assert found["suppressed"]
    assert found[["estimate", "low", "high", "n"]].isna().all()
    assert found["verdict"] == "cannot tell"
    assert not any(letter.isdigit() for letter in found["shown"])


def test_agreement_over_few_comments_is_blank():
    found = protect_public(public(), Rules())["agreement"]
    assert found["value"].isna().tolist() == [True, False]
    assert found.loc[1, "n"] == 455


def test_a_small_topic_is_nowhere():
    found = protect_public(public(sizes=(90, 50, 3)), Rules())
    left_out = found["topics"].loc[found["topics"]["suppressed"], "topic"].tolist()
    assert 2 in left_out
    diagnosis = found["diagnosis"].set_index("id")
    assert diagnosis.loc[["a", "2"], "comments"].isna().all()
    by_topics = [name for name in found["prevalence"] if "by_topics" in name or name.startswith("route_")]
    assert found["prevalence"][by_topics].isna().all(axis=None)
    assert found["prevalence"]["n_by_comments"].tolist() == [40, 160]
    assert 2 not in set(found["comment_map"]["topic"])
    assert len(found["comment_map"]) == 90 + 50 + 3 + 30


def test_points_of_small_topics_are_pooled_and_few_of_them_among_those_in_no_topic():
    many = protect_public(public(sizes=(90, 7, 6)), Rules())["comment_map"]
    assert (many["topic"] == SMALL_TOPICS).sum() == 13
    assert set(many.loc[many["topic"] == SMALL_TOPICS, "theme"]) == {""}
    assert SMALL_TOPICS not in set(protect_public(public(sizes=(90, 50, 0)), Rules())["comment_map"]["topic"])


def test_the_statistic_of_a_test_is_not_shown_and_its_p_value_is_never_nought():
    row = protect_public(public(), Rules())["group_tests"].iloc[0]
    assert pd.isna(row["statistic"])
    assert row["p_value"] == 0.001
