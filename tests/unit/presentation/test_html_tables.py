"""The report's tables say what is not shown, and why, once."""

import re

import pandas as pd
import pytest

from pipeline import load_run
from pipeline.presentation.html_tables import html_tables, table
from tests.example_survey import Survey

NAMES = ("topics", "coarse_topics", "crosswalk", "diagnosis", "prevalence", "coded", "claims", "agreement", "outlook",
         "groups", "group_tests", "article")  # fmt: skip
WHY = "Not shown: few comments, or they would tell of few."


@pytest.fixture
def tables(finished: Survey):
    run = load_run(finished.output)
    return {name: getattr(run, name) for name in NAMES}


def cells(page):
    """Return the rows of a table's body."""
    return [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in re.findall(r"<tr>(<td.*?)</tr>", page, re.DOTALL)]


def outlook_of(rows):
    return pd.DataFrame(
        [{"group": group, "entry": "positive", "comments": comments, "share": share, "low": share, "high": share,
          "published_share": published, "suppressed": share is None} for group, comments, share, published in rows]
    ).astype({"comments": "Int64", "share": float, "low": float, "high": float, "published_share": float})  # fmt: skip


def test_a_group_whose_share_is_not_shown_keeps_the_base_that_is(tables, codebook):
    outlook = outlook_of([("All", 90, 0.2, 0.25), ("Base", 30, None, None), ("Few", None, None, None)])
    page = html_tables({**tables, "outlook": outlook}, codebook)["outlook"].replace("\u00a0", " ")
    assert cells(page) == [
        ["All", "90", "20 %", "20–20 %", "25 %"],
        ["Base", "30", "not shown", "", "–"],
        ["Few", "not shown", "not shown", "", "–"],
    ]
    assert page.count(WHY) == 2, "once in the caption, and once in the name that the region takes from it"


@pytest.mark.parametrize("name", ["topics", "coarse", "themes_found", "candidates", "routes"])
def test_a_number_that_is_not_shown_is_not_said_to_be_of_too_few(tables, codebook, name):
    hidden = {
        "topics": tables["topics"].assign(size=pd.array([pd.NA] * len(tables["topics"]), dtype="Int64")),
        "coarse_topics": tables["coarse_topics"].assign(
            size=pd.array([pd.NA] * len(tables["coarse_topics"]), dtype="Int64")
        ),
        "diagnosis": tables["diagnosis"].assign(
            comments=pd.array([pd.NA] * len(tables["diagnosis"]), dtype="Int64")
        ),
        "prevalence": tables["prevalence"].assign(share_by_comments=float("nan"), share_by_topics=float("nan")),
    }  # fmt: skip
    hidden["topics"].loc[0, "status"] = "unmapped"
    page = html_tables({**tables, **hidden}, codebook)[name]
    assert any("not shown" in row for row in cells(page))
    assert f"{WHY}</span></caption>" in page
    assert "too few to show" not in page


def test_what_does_not_apply_is_not_said_to_be_left_out(tables, codebook):
    rows = {row[0]: row for row in cells(html_tables(tables, codebook)["routes"])}
    assert rows["In no topic"][2] == "–"


def test_a_table_that_shows_everything_explains_nothing():
    assert WHY not in table("Caption.", [("Name", False)], [["shown"]])
    assert WHY in table("Caption.", [("Name", False)], [["not shown"]])
