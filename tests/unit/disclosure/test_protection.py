import pandas as pd
import pytest
from pipeline.disclosure.protection import protect_public
from pipeline.disclosure.rounding import Rules

from pipeline.disclosure.points import SMALL_TOPICS
from tests.unit.disclosure.example_tables import IDLE, group_rows, public


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


def test_agreement_over_few_comments_is_blank():
    found = protect_public(public(), Rules())["agreement"]
    assert found["value"].isna().tolist() == [True, False]
    assert found.loc[1, "n"] == 155


def test_no_ratio_of_comments_has_digits_enough_to_solve_for_them():
    found = protect_public(public(), Rules())
    assert found["topics"]["stability"].tolist() == [0.85, 0.5, 0.25]


def test_groups_do_not_add_up_to_the_size_of_a_topic_that_is_left_out():
    tables = public(sizes=(90, 50, 3))
    counts = {"A": {"0": 40, "1": 20, "2": 3}, "B": {"0": 30, "1": 15, "2": 0}, "C": {"0": 20, "1": 15, "2": 0}}
    tables["groups"] = group_rows({"A": 80, "B": 60, "C": 60}, counts).assign(facet="topics")
    found = protect_public(tables, Rules())
    assert found["topics"]["suppressed"].tolist() == [False, True, True]
    rows = found["groups"]
    assert rows.loc[rows["entry"].isin(["1", "2"]), "count"].isna().all()
    assert rows.loc[rows["entry"] == "0", "count"].tolist() == [40, 30, 20]


def test_groups_do_not_add_up_to_a_theme_that_is_left_out_of_the_whole():
    tables = public()
    # Each comment carries a or b or neither, so that the three add up to all: b's few would be what is left.
    counts = {"theme": ["a", "b", "unmapped"], "name": ["A", "B", "none"], "n_by_comments": [41, 3, 156]}
    wide = pd.DataFrame(counts).assign(n_by_topics=[41, 20, 139])
    for route in ("topics", "comments"):
        wide = wide.assign(**{f"share_by_{route}{end}": wide[f"n_by_{route}"] / 200 for end in ("", "_low", "_high")})
    tables["prevalence"] = wide.assign(route_difference=0.0, route_low=0.0, route_high=0.0, routes_disagree=False)
    of_groups = {"A": {"a": 21, "b": 3}, "B": {"a": 20, "b": 0}}
    tables["groups"] = group_rows({"A": 100, "B": 100}, of_groups).assign(facet="themes")
    found = protect_public(tables, Rules())
    left_out = set(found["prevalence"].loc[found["prevalence"]["suppressed"], "theme"])
    assert left_out == {"a", "b"}
    assert found["groups"]["count"].isna().all()


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
    assert found["comment_map"]["topic"].value_counts().to_dict() == {0: 90, SMALL_TOPICS: 50, -1: 30}


def test_the_statistic_of_a_test_is_not_shown_and_its_p_value_is_never_nought():
    row = protect_public(public(), Rules())["group_tests"].iloc[0]
    assert pd.isna(row["statistic"])
    assert row["p_value"] == 0.001
