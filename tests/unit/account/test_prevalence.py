import numpy as np
import pandas as pd
import pytest

from pipeline.account.prevalence import IN_NO_TOPIC, coded_prevalence, theme_prevalence
from pipeline.codebook.codes import Coder
from pipeline.contracts import UNMAPPED

THEMES = ("funding", "equipment", "direction")


def carried(*rows):
    """What each comment carries, as the initials of themes."""
    return pd.DataFrame([[theme[0] in row for theme in THEMES] for row in rows], columns=list(THEMES), dtype=bool)


def prevalence(by_topics, by_comments, topics, codebook, respondents=None):
    respondents = pd.Series([""] * len(topics) if respondents is None else respondents, dtype=object)
    table = theme_prevalence(by_topics, by_comments, pd.Series(topics, dtype="int64"), respondents, codebook)
    return table.set_index("theme")


def test_themes_are_counted_by_both_routes(codebook):
    table = prevalence(carried("f", "f", "", ""), carried("f", "e", "", "d"), [0, 0, 1, -1], codebook)
    assert table["n_by_topics"].tolist()[:4] == [2, 0, 0, 1]
    assert table["n_by_comments"].tolist()[:4] == [1, 1, 1, 1]
    assert table["share_by_topics"].tolist() == [0.5, 0, 0, 0.25, 0.25]
    assert table["route_difference"].tolist()[:4] == [0.25, -0.25, -0.25, 0]


def test_a_comment_in_no_topic_is_not_one_that_no_theme_fits(codebook):
    table = prevalence(carried("", ""), carried("", "f"), [-1, 3], codebook)
    assert table.loc[IN_NO_TOPIC, "n_by_topics"] == 1
    assert table.loc[UNMAPPED, "n_by_topics"] == 1
    assert table.loc[UNMAPPED, "n_by_comments"] == 1


def test_the_route_by_comments_has_no_comments_in_no_topic(codebook):
    table = prevalence(carried("f"), carried("f"), [0], codebook)
    missing = ["n_by_comments", "share_by_comments", "share_by_comments_low", "share_by_comments_high"]
    assert table.loc[IN_NO_TOPIC, [*missing, "route_difference", "route_low", "route_high"]].isna().all()
    assert not table.loc[IN_NO_TOPIC, "routes_disagree"]


def test_with_several_themes_a_comment_shares_add_up_to_more_than_one(codebook):
    table = prevalence(carried("fe", "fe", "d"), carried("fed", "fe", "f"), [0, 0, 1], codebook)
    assert table["share_by_topics"].sum() == pytest.approx(5 / 3)
    assert table["share_by_comments"].sum() == pytest.approx(2)
    assert table.loc[UNMAPPED, "n_by_topics"] == table.loc[UNMAPPED, "n_by_comments"] == 0


def test_routes_disagree_where_the_interval_of_their_difference_leaves_out_zero(codebook):
    by_topics = carried(*(["f"] * 30 + ["e"] * 10))
    by_comments = carried(*(["f"] * 10 + ["e"] * 20 + ["ed"] * 10))
    table = prevalence(by_topics, by_comments, [0] * 30 + [1] * 10, codebook)
    assert table["routes_disagree"].tolist() == [True, True, True, False, False]
    assert table["routes_disagree"].dtype == bool
    assert table.loc["funding", "route_low"] > 0
    assert table.loc["equipment", "route_high"] < 0


@pytest.mark.parametrize("n", [2, 40])
def test_routes_that_say_the_same_do_not_disagree(n, codebook):
    said = carried(*(["f", "e"] * (n // 2)))
    table = prevalence(said, said, [0, 1] * (n // 2), codebook)
    assert not table["routes_disagree"].any()
    assert (table["route_difference"].dropna() == 0).all()


def test_few_comments_are_too_few_to_disagree(codebook):
    assert not prevalence(carried("f", "f"), carried("e", "f"), [0, 0], codebook)["routes_disagree"].any()


def test_comments_of_one_respondent_do_not_make_routes_disagree(codebook):
    by_topics, by_comments = carried(*["f"] * 12), carried(*["f"] * 4, *["e"] * 8)
    alone = prevalence(by_topics, by_comments, [0] * 12, codebook)
    together = prevalence(by_topics, by_comments, [0] * 12, codebook, respondents=["one"] * 12)
    # As many comments as each share is worth, from which its interval can be made again when counts are rounded.
    for route in ("topics", "comments"):
        assert alone.loc["funding", f"effective_by_{route}"] == 12
    assert together.loc["equipment", "effective_by_comments"] < 12
    assert alone.loc["funding", "routes_disagree"]
    assert not together.loc["funding", "routes_disagree"]


def test_the_accounts_ranks_stand_beside_the_shares(codebook):
    table = prevalence(carried("f"), carried("f"), [0], codebook)
    assert table["published_rank"].tolist()[:3] == [2, 1, 3]
    assert table["published_rank"].iloc[3:].isna().all()
    assert table["name"].tolist() == [
        "Money", "Equipment that works", "Leadership and strategy", "No theme fits", "In no topic",
    ]  # fmt: skip


def test_an_interval_holds_its_share(codebook):
    rng = np.random.default_rng(0)
    said = carried(*("".join(rng.choice(["f", "e", "d", ""], 2)) for _ in range(30)))
    table = prevalence(said, said, [0] * 30, codebook)
    for route in ("topics", "comments"):
        known = table[table[f"share_by_{route}"].notna()]
        assert (known[f"share_by_{route}_low"] <= known[f"share_by_{route}"]).all()
        assert (known[f"share_by_{route}"] <= known[f"share_by_{route}_high"]).all()


def test_without_comments_shares_are_missing_and_nothing_disagrees(codebook):
    table = prevalence(carried(), carried(), [], codebook)
    assert table["share_by_topics"].isna().all()
    assert not table["routes_disagree"].any()


def coder_of(main, *further, name="ada"):
    return Coder(name, pd.Series(main), tuple(pd.Series(codes) for codes in further), None)


def test_themes_are_counted_by_each_coders_main_and_further_codes(codebook):
    ada = coder_of(["funding", "funding", "weather", ""], ["equipment", "", "", "funding"])
    ben = coder_of(["equipment"] * 4, name="ben")
    found = coded_prevalence([ada, ben], pd.Series([""] * 4), codebook).set_index(["coder", "theme"])
    # What has no main code was not coded.
    assert found.loc["ada", "comments"].tolist() == [3] * 4
    assert found.loc["ada", "count"].to_dict() == {"funding": 2, "equipment": 1, "direction": 0, "unmapped": 1}
    assert found.loc[("ben", "equipment"), "share"] == 1
    assert found.loc[("ada", "unmapped"), "name"] == "No theme fits"
    assert (found["low"] <= found["share"]).all() and (found["share"] <= found["high"]).all()


def test_nobodys_codes_and_no_codes_have_no_shares(codebook):
    assert len(coded_prevalence([], pd.Series([""] * 4), codebook)) == 0
    none = coded_prevalence([coder_of([""] * 4)], pd.Series([""] * 4), codebook)
    assert none["share"].isna().all()
