import numpy as np
import pandas as pd
import pytest

from pipeline.documents.quoted import Quoted
from pipeline.documents.topic_rows import stability_said, topic_rows

TOPICS = pd.DataFrame(
    {"topic": [0, 1, 2], "label": ["grants", "logins", "rotas"], "definition": ["", "What fails.", None],
     "keywords": ["grant, money, budget, cut, end", "log", ""], "size": [40.0, 20.0, np.nan],
     "share": [0.4, 0.2, np.nan],
     "stability": [0.8, 0.4, np.nan], "theme": ["funding", "unmapped", "unmapped"],
     "nearest_theme": ["funding", "equipment", "direction"], "status": ["matched", "leaning", "unmapped"],
     "fails": ["", "own share", ""], "settled": [True, False, True], "parent_label": ["all", "all", None],
     "suppressed": [False, False, True]}
)  # fmt: skip
TABLES = {
    "topics": TOPICS,
    "groups": pd.DataFrame(
        {"column": ["s"], "group": ["Town"], "facet": ["topics"], "entry": ["0"], "share": [0.3], "low": [0.2],
         "high": [0.4], "difference": [0.1], "q_value": [0.01]}
    ),
    "topic_tree": pd.DataFrame({"first": ["0", "0, 2"], "second": ["2", "1"], "apart": [0.4, 1.0]}),
}  # fmt: skip


def test_a_row_has_what_it_opens(codebook):
    grants, logins, rotas = topic_rows(TABLES, codebook, {0: [Quoted("No money")]})
    assert (grants.first_words, grants.size, grants.share, grants.theme) == (
        "grant, money, budget, cut",
        "40",
        "40%",
        "Money",
    )
    assert grants.groups == ("Town 30% (20–40%), 10 points above the rest",)
    assert grants.nearest == "“rotas”"
    assert logins.nearest == "“grants” and “rotas”"
    assert (grants.definition, logins.definition, rotas.definition) == ("", "What fails.", "")
    assert [row.is_candidate for row in (grants, logins, rotas)] == [False, False, True]
    assert [row.is_doubtful for row in (grants, logins, rotas)] == [False, True, False]
    assert logins.theme.startswith("leans to ") and "fewer than half" in logins.why
    assert (rotas.theme, rotas.size, rotas.share, rotas.order["size"]) == ("none", "not shown", "not shown", -1.0)
    assert grants.quotations == [Quoted("No money")]
    assert rotas.quotations == ()


def test_a_topic_that_meets_all_others_at_once_is_near_to_none_in_particular(codebook):
    topics = pd.concat([TOPICS, TOPICS.assign(topic=[3, 4, 5])], ignore_index=True)
    tree = pd.DataFrame({"first": ["0, 1, 2, 3, 5"], "second": ["4"], "apart": [1.0]})
    rows = topic_rows({**TABLES, "topics": topics, "topic_tree": tree}, codebook, {})
    assert rows[4].nearest == "none in particular"


def test_a_group_of_topics_that_has_the_topics_own_name_is_not_named_again(codebook):
    named_alike = TOPICS.assign(parent_label=["grants", "all", None])
    assert [row.coarse for row in topic_rows({**TABLES, "topics": named_alike}, codebook, {})] == ["", "all", ""]


def test_without_topics_there_are_no_rows(codebook):
    assert topic_rows({**TABLES, "topics": TOPICS[:0]}, codebook, {}) == []


@pytest.mark.parametrize(
    ("stability", "said"),
    [(0.75, "stable (0.75)"), (0.5, "partly stable (0.50)"), (0.49, "not stable (0.49)"), (np.nan, "not measured")],
)
def test_stability_is_said_in_words(stability, said):
    assert stability_said(stability) == said
