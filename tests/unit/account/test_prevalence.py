import pandas as pd
import pytest

from pipeline.account.prevalence import IN_NO_TOPIC, coded_prevalence, theme_prevalence
from pipeline.codebook.codes import Coder
from pipeline.contracts import UNMAPPED
from tests.example_readings import coded, unchecked

THEMES = ("funding", "equipment", "direction")


def carried(*rows):
    """What each comment carries, as the initials of themes."""
    return pd.DataFrame([[theme[0] in row for theme in THEMES] for row in rows], columns=list(THEMES), dtype=bool)


def prevalence(by_topics, by_comments, topics, codebook, respondents=None, codes=None):
    respondents = pd.Series([""] * len(topics) if respondents is None else respondents, dtype=object)
    found = {"themes": by_comments if codes is None else codes}
    reading = (unchecked if codes is None else coded)(found)["themes"]
    table = theme_prevalence(reading, by_topics, by_comments, pd.Series(topics, dtype="int64"), respondents, codebook)
    return table.set_index("theme")


def test_themes_are_counted_by_both_routes(codebook):
    table = prevalence(carried("f", "f", "", ""), carried("f", "e", "", "d"), [0, 0, 1, -1], codebook)
    assert table["n_by_topics"].tolist()[:4] == [2, 0, 0, 1]
    assert table["n_by_comments"].tolist()[:4] == [1, 1, 1, 1]
    assert table["share_by_topics"].tolist() == [0.5, 0, 0, 0.25, 0.25]


def test_a_comment_in_no_topic_is_not_one_that_no_theme_fits(codebook):
    table = prevalence(carried("", ""), carried("", "f"), [-1, 3], codebook)
    assert table.loc[IN_NO_TOPIC, "n_by_topics"] == 1
    assert table.loc[UNMAPPED, "n_by_topics"] == 1
    assert table.loc[UNMAPPED, "n_by_comments"] == 1


def test_only_the_reading_by_topics_has_comments_in_no_topic(codebook):
    table = prevalence(carried("f"), carried("f"), [0], codebook)
    missing = ["n_by_comments", "share_by_comments", "comments", "count", "share", "low", "high"]
    assert table.loc[IN_NO_TOPIC, missing].isna().all()


def test_a_reading_that_nobody_checked_has_shares_and_no_interval(codebook):
    table = prevalence(carried("f", "f"), carried("f", "e"), [0, 0], codebook).iloc[:4]
    assert (table["reading"] == "machine reading, unchecked").all()
    assert table["share"].tolist() == table["share_by_comments"].tolist() == [0.5, 0.5, 0, 0]
    assert table[["low", "high", "effective"]].isna().all(axis=None)


def test_codes_of_all_comments_are_the_share_and_the_machine_stands_beside(codebook):
    table = prevalence(carried("f", "f"), carried("f", "e"), [0, 0], codebook, codes=carried("d", "de")).iloc[:4]
    assert (table["reading"] == "coded").all() and (table["by"] == "ada").all()
    assert table["count"].tolist() == [0, 1, 2, 0]
    assert table["share_by_comments"].tolist() == [0.5, 0.5, 0, 0]
    assert (table["low"] <= table["share"]).all() and (table["share"] <= table["high"]).all()


def test_with_several_themes_a_comment_shares_add_up_to_more_than_one(codebook):
    table = prevalence(carried("fe", "fe", "d"), carried("fed", "fe", "f"), [0, 0, 1], codebook)
    assert table["share_by_topics"].sum() == pytest.approx(5 / 3)
    assert table["share_by_comments"].sum() == pytest.approx(2)
    assert table.loc[UNMAPPED, "n_by_topics"] == table.loc[UNMAPPED, "n_by_comments"] == 0


def test_comments_of_one_respondent_say_less(codebook):
    codes = carried(*["f"] * 4, *["e"] * 8)
    alone, together = (
        prevalence(codes, codes, [0] * 12, codebook, respondents=people, codes=codes).loc["equipment"]
        for people in (None, ["one"] * 12)
    )
    # As many comments as the share is worth, from which its interval can be made again when counts are rounded.
    assert alone["effective"] == 12
    assert together["effective"] < 12
    assert together["high"] - together["low"] > alone["high"] - alone["low"]


def test_the_accounts_ranks_stand_beside_the_shares(codebook):
    table = prevalence(carried("f"), carried("f"), [0], codebook)
    assert table["published_rank"].tolist()[:3] == [2, 1, 3]
    assert table["published_rank"].iloc[3:].isna().all()
    assert table["name"].tolist() == [
        "Money", "Equipment that works", "Leadership and strategy", "No theme fits", "In no topic",
    ]  # fmt: skip


def test_without_comments_shares_are_missing(codebook):
    table = prevalence(carried(), carried(), [], codebook)
    assert table[["share", "share_by_topics"]].isna().all(axis=None)


def coder_of(main, *further, name="ada"):
    return Coder(name, pd.Series(main), tuple(pd.Series(codes) for codes in further), None)


def test_themes_are_counted_by_each_coders_main_and_further_codes(codebook):
    ada = coder_of(["funding", "funding", "weather", ""], ["equipment", "", "", "funding"])
    ben = coder_of(["equipment"] * 4, name="ben")
    found = coded_prevalence([ada, ben], pd.Series([""] * 4), codebook, leading="ada").set_index(["coder", "theme"])
    # What has no main code was not coded.
    assert found.loc["ada", "comments"].tolist() == [3] * 4
    assert found.loc["ada", "count"].to_dict() == {"funding": 2, "equipment": 1, "direction": 0, "unmapped": 1}
    assert found.loc[("ben", "equipment"), "share"] == 1
    assert found["leads"].groupby("coder").all().to_dict() == {"ada": True, "ben": False}
    assert found.loc[("ada", "unmapped"), "name"] == "No theme fits"
    assert (found["low"] <= found["share"]).all() and (found["share"] <= found["high"]).all()


def test_nobodys_codes_and_no_codes_have_no_shares(codebook):
    assert len(coded_prevalence([], pd.Series([""] * 4), codebook, leading="ada")) == 0
    none = coded_prevalence([coder_of([""] * 4)], pd.Series([""] * 4), codebook, leading="ada")
    assert none["share"].isna().all()
