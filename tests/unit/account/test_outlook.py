import numpy as np
import pandas as pd
import pytest

from pipeline.account.groups import grouped_columns
from pipeline.account.outlook import ALL, NOT_GIVEN, outlook_shares
from pipeline.account.readings import CODED, Reading
from pipeline.crosswalk.membership import one_of_each
from pipeline.tables.schema import empty


@pytest.fixture
def outlook(codebook):
    return codebook.facet("outlook")


def shares_of(codebook, outlook, said, groups=None, respondents=None, positive=("positive",)):
    said = pd.Series(said, dtype=object)
    return outlook_shares(
        Reading(CODED, one_of_each(said, [entry.id for entry in outlook.themes]), (), "ada", "ada"),
        None if groups is None else grouped_columns(pd.DataFrame({"site": groups}), {"site": None})["site"],
        pd.Series([""] * len(said) if respondents is None else respondents, dtype=object),
        codebook=codebook,
        outlook=outlook,
        positive=positive,
    )


def test_shares_are_counted_over_all_and_in_each_group(codebook, outlook):
    table = shares_of(codebook, outlook, ["positive", "negative", "negative", "mixed"], ["a", "a", "b", ""])
    assert list(table.columns) == list(empty("outlook").columns)
    rows = table.set_index(["group", "entry"])
    assert rows.loc[(ALL, "negative"), ["comments", "count", "share"]].tolist() == [4, 2, 0.5]
    assert rows.loc[("a", "positive"), ["comments", "count", "share"]].tolist() == [2, 1, 0.5]
    assert rows.loc[(NOT_GIVEN, "mixed"), ["comments", "count", "share"]].tolist() == [1, 1, 1.0]
    # Those who gave no group come last, and only rows of a group name its column.
    assert table["group"].unique().tolist() == [ALL, "a", "b", NOT_GIVEN]
    assert (table["column"] == np.where(table["group"] == ALL, "", "site")).all()


def test_a_share_has_wilsons_interval(codebook, outlook):
    row = shares_of(codebook, outlook, ["positive"] * 3 + ["negative"] * 7).set_index("entry").loc["positive"]
    assert [row["low"], row["high"]] == pytest.approx([0.1078, 0.6032], abs=1e-4)


def test_entries_that_are_positive_together_come_first_with_their_sum(codebook, outlook):
    table = shares_of(codebook, outlook, ["positive", "mixed", "negative", "negative"], positive=("positive", "mixed"))
    assert table["entry"].tolist() == ["positive or mixed", "positive", "mixed", "negative"]
    assert table["share"].tolist() == [0.5, 0.25, 0.25, 0.5]
    # Which rows add up to it, for those that protect the counts.
    assert table["combines"].tolist() == [["positive", "mixed"], [], [], []]


def test_the_published_share_is_set_beside_all_alone(codebook, outlook):
    table = shares_of(codebook, outlook, ["positive", "negative"], ["a", "b"], positive=("positive", "mixed"))
    published = table.set_index(["group", "entry"])["published_share"]
    assert published[ALL, "positive or mixed"] == 0.2
    assert published.drop(index=ALL).isna().all()
    assert np.isnan(published[ALL, "negative"])


def test_comments_of_one_respondent_widen_the_interval(codebook, outlook):
    said = ["positive"] * 10 + ["negative"] * 10
    alone = shares_of(codebook, outlook, said).iloc[0]
    together = shares_of(codebook, outlook, said, respondents=[f"r{row // 5}" for row in range(20)]).iloc[0]
    assert together["share"] == alone["share"]
    assert together["effective"] < alone["effective"] == 20
    assert together["high"] - together["low"] > 1.3 * (alone["high"] - alone["low"])


def test_no_comments_have_no_shares(codebook, outlook):
    table = shares_of(codebook, outlook, [])
    assert (table["comments"] == 0).all()
    assert table["share"].isna().all()
