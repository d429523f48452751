"""The report's tables say what is not shown, and why, once."""

import pandas as pd
import pytest

from pipeline import load_run
from pipeline.documents.html_tables import html_tables
from tests.example_survey import Survey
from tests.unit.documents.html_pages import cells

NAMES = ("topics", "coarse_topics", "crosswalk", "diagnosis", "prevalence", "coded", "claims", "agreement", "outlook",
         "groups", "group_tests", "article")  # fmt: skip
WHY = "Not shown: small counts are hidden to protect respondents."


@pytest.fixture
def tables(finished: Survey):
    run = load_run(finished.output)
    return {name: getattr(run, name) for name in NAMES}


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
