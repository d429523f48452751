import numpy as np
import pandas as pd
import pytest
from pipeline.disclosure.rounding import Rules
from pipeline.disclosure.topics import protect_coded, protect_prevalence, protect_topics

from pipeline.account.intervals import paired_difference, share_interval, share_intervals
from tests.unit.disclosure.example_tables import IDLE, coded_rows, topics_of


def test_a_small_topic_is_not_the_rest_of_its_coarse_topic():
    topics, coarse = protect_topics(*topics_of([90, 50, 3], [0, 1, 1]), base=200, rules=Rules())
    assert topics["suppressed"].tolist() == [False, True, True]
    assert coarse["size"].tolist() == [90, 55]


def test_a_coarse_topic_of_one_small_topic_is_not_what_is_left_of_all_in_topics():
    topics, coarse = protect_topics(*topics_of([90, 50, 3], [0, 0, 1]), base=200, rules=Rules())
    assert topics["suppressed"].tolist() == [False, True, True]
    assert coarse["suppressed"].tolist() == [True, True]


LOOSE = Rules(suppress_below=3, round_to=5, smallest_base=5)


def prevalence_of(by_topics, by_comments, base):
    """The shares of a theme by both routes, the first comments having it by each."""
    place = np.arange(base)
    both = pd.DataFrame({"topics": place < by_topics, "comments": place < by_comments})
    people = pd.Series([""] * base)
    shares = share_intervals(both, people).set_index("entry")
    row = {"theme": "a", "name": "A"}
    for route in both:
        row[f"n_by_{route}"] = shares.loc[route, "count"]
        row |= {f"share_by_{route}{end}": shares.loc[route, end.removeprefix("_") or "share"]
                for end in ("", "_low", "_high")}  # fmt: skip
    ends = paired_difference(both, "topics", "comments", people)
    row |= dict(zip(("route_difference", "route_low", "route_high"), ends, strict=True))
    return pd.DataFrame([row]).assign(routes_disagree=ends[1] > 0 or ends[2] < 0)


@pytest.mark.parametrize("base", [18, 20, 22])
@pytest.mark.parametrize("by_topics", [8, 10, 12])
def test_the_difference_of_the_routes_does_not_tell_which_counts_were_rounded(by_topics, base):
    row = protect_prevalence(prevalence_of(by_topics, base, base), base=base, rules=LOOSE).iloc[0]
    assert (row["share_by_topics"], row["share_by_comments"]) == (0.5, 1.0)
    assert (row["route_difference"], row["route_low"], row["route_high"]) == (-0.5, -0.7, -0.24)
    assert row["routes_disagree"]


def test_an_interval_that_held_zero_holds_it_when_the_shares_are_rounded():
    # 42 and 43 of 200 are said to be 40 and 45.
    exact = prevalence_of(42, 43, 200)
    assert not exact["routes_disagree"].iloc[0]
    row = protect_prevalence(exact, base=200, rules=LOOSE).iloc[0]
    assert row["route_low"] <= row["route_difference"] == -0.02
    assert row["route_high"] == 0
    assert not row["routes_disagree"]


@pytest.mark.parametrize(("by_topics", "by_comments"), [(60, 120), (100, 98), (31, 44), (44, 31), (43, 47)])
def test_the_routes_disagree_where_the_interval_that_is_shown_leaves_out_zero(by_topics, by_comments):
    row = protect_prevalence(prevalence_of(by_topics, by_comments, 200), base=200, rules=Rules()).iloc[0]
    assert row["routes_disagree"] == (row["route_low"] > 0 or row["route_high"] < 0)


def test_a_theme_that_is_left_out_has_no_difference_of_routes():
    row = protect_prevalence(prevalence_of(3, 100, 200), base=200, rules=Rules()).iloc[0]
    assert row["suppressed"]
    assert row[["route_difference", "route_low", "route_high", "routes_disagree"]].isna().all()


def test_the_codes_of_people_have_rounded_shares_without_counts_and_few_are_left_out():
    both = [coded_rows({"a": 112, "b": 41, "unmapped": 3}), coded_rows({"a": 9, "b": 0}, base=9, coder="ben")]
    coded = pd.concat(both, ignore_index=True)
    shown = protect_coded(coded, rules=Rules())
    ada, ben = (rows for _, rows in shown.groupby("coder", sort=False))
    assert ada["share"].dropna().tolist() == [0.55, 0.2]
    assert ada["low"].dropna().tolist() == [round(share_interval(n, 200)[0], 2) for n in (110, 40)]
    # Nine comments are too few to tell anything of.
    assert ben[["share", "low", "high"]].isna().all(axis=None)
    assert shown[["comments", "count"]].isna().all(axis=None)
    assert shown["suppressed"].tolist() == [False, False, True, True, True]
    pd.testing.assert_frame_equal(protect_coded(coded, rules=IDLE), coded)


def test_a_theme_that_all_but_few_carry_by_a_persons_codes_is_left_out():
    shown = protect_coded(coded_rows({"a": 195, "b": 30}), rules=Rules())
    assert shown["suppressed"].tolist() == [True, False]


def test_how_few_a_person_did_not_code_is_in_no_share():
    found = {
        (*protect_coded(coded_rows({"a": 90, "unmapped": n - 90}, base=n), rules=Rules())["share"],)
        for n in range(198, 203)
    }
    assert found == {(0.45, 0.55)}
