import pandas as pd
import pytest

from pipeline.privacy.disclosure import protect_public
from pipeline.privacy.points import SMALL_TOPICS
from pipeline.privacy.rounding import Rules
from tests.unit.privacy.example_tables import IDLE, public


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
    assert found["comment_map"]["topic"].value_counts().to_dict() == {0: 90, SMALL_TOPICS: 50, -1: 30}


def test_the_statistic_of_a_test_is_not_shown_and_its_p_value_is_never_nought():
    row = protect_public(public(), Rules())["group_tests"].iloc[0]
    assert pd.isna(row["statistic"])
    assert row["p_value"] == 0.001
