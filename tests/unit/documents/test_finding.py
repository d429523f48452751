import re

import numpy as np
import pandas as pd

from pipeline.account.readings import UNCHECKED
from pipeline.documents.finding import finding


def prevalence(kind="coded"):
    is_coded = kind == "coded"
    return pd.DataFrame(
        {"theme": ["funding", "equipment", "direction", "unmapped"],
         "name": ["Money", "Equipment", "Leadership", "None"], "reading": kind, "by": "ada" if is_coded else "",
         "share": [0.2, 0.5, 0.1, 0.2], "low": [0.16, 0.45, 0.08, 0.16] if is_coded else np.nan,
         "high": [0.24, 0.55, 0.14, 0.24] if is_coded else np.nan, "share_by_topics": [0.1, 0.3, 0.05, 0.4]}
    )  # fmt: skip


def first_screen(themes, codebook, table=None):
    status = ["matched" if own else "unmapped" for own in themes]
    topics = pd.DataFrame({"status": status, "theme": [own or "unmapped" for own in themes]}, dtype=object)
    return finding({"topics": topics, "prevalence": prevalence() if table is None else table}, codebook)


def test_the_title_is_the_finding_and_the_shares_say_what_they_rest_on(codebook):
    title, said = first_screen(["funding", "equipment", "", ""], codebook)
    assert title == "The most frequent theme is “Equipment”"
    assert said == (
        "Coded by ada: Equipment 50%, Money 20%, Leadership 10% of comments. Each share could be 5 points higher or "
        "lower. 2 of 4 topics fit none of the article’s themes."
    )


def test_a_reading_that_nobody_checked_says_so_in_the_title(codebook):
    title, said = first_screen([""], codebook, prevalence(UNCHECKED))
    assert title == "The most frequent theme is “Equipment”, by a reading that nobody has checked"
    assert "people must code some comments first" in said
    assert "higher or lower" not in said


def test_the_first_screen_has_at_most_60_words_and_7_numbers(codebook):
    many = pd.concat([prevalence().assign(theme=theme) for theme in codebook.theme_ids], ignore_index=True)
    for table in (many, many.assign(reading=UNCHECKED, low=np.nan, high=np.nan)):
        whole = " ".join(first_screen(["funding", ""], codebook, table))
        assert len(whole.split()) <= 60
        assert len(re.findall(r"\d+", whole)) <= 7


def test_where_every_topic_matches_nothing_is_called_new(codebook):
    assert first_screen(["funding"], codebook)[1].endswith(
        "Every topic matches one of the article’s themes, or leans to one."
    )
    assert "topic" not in first_screen([], codebook)[1]


def test_themes_without_a_share_have_no_place_in_the_finding(codebook):
    title, said = first_screen([], codebook, prevalence().assign(share=[0.2, np.nan, 0.1, 0.2]))
    assert title == "The most frequent theme is “Money”"
    assert "Equipment" not in said
    none = first_screen([], codebook, prevalence().assign(share=np.nan))
    assert none == ("No theme’s share can be shown", "Too few comments have a theme.")
