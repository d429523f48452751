"""What the figure of the audit says and draws."""

import pandas as pd
import pytest

from pipeline.figures.audit import audit_paths
from tests.unit.figures.figure_tables import audit_of

CLAIMS = {"claim_0": "Money is common.", "claim_1": "Most are cross.", "claim_2": "Two thirds agree."}


def test_the_title_counts_verdicts_and_the_words_give_each_claim():
    paths, audit = audit_of(3)
    drawn = audit_paths(paths, audit, CLAIMS, width_mm=180.0, notice="Made up.")
    assert drawn.alternative == (
        "The audit after 120 coded comments: of 3 claims, 1 confirmed, 1 refuted, 1 open. Money is common: confirmed "
        "after 60 comments; Most are cross: refuted after 60 comments; Two thirds agree: open after 120 comments. "
        "Made up."
    )
    assert drawn.data.equals(paths)


def test_each_claim_has_a_panel_with_two_paths_and_the_limit():
    paths, audit = audit_of(3)
    figure = audit_paths(paths, audit, CLAIMS, width_mm=180.0).figure
    assert len(figure.axes) == 3
    for axes, claim in zip(figure.axes, audit["claim"], strict=True):
        of_claim = paths[paths["claim"] == claim]
        confirms, refutes, limit = axes.lines[:3]
        assert confirms.get_ydata()[1:].tolist() == of_claim["evidence_for"].tolist()
        assert refutes.get_ydata()[1:].tolist() == of_claim["evidence_against"].tolist()
        assert list(limit.get_ydata()) == [1, 1]
    # A diamond where a claim was decided.
    assert [len(axes.lines) for axes in figure.axes] == [4, 4, 3]


@pytest.mark.thorough
@pytest.mark.parametrize("width_mm", [80.0, 180.0])
def test_more_claims_than_fit_are_counted(width_mm):
    paths, audit = audit_of(12)
    figure = audit_paths(paths, audit, {}, width_mm=width_mm).figure
    assert len(figure.axes) < 12
    said = " ".join(text.get_text() for text in figure.texts).replace("\n", " ")
    assert f"{len(figure.axes)} of 12 claims are drawn." in said


def test_without_claims_it_says_so():
    paths, audit = audit_of(0)
    assert audit_paths(paths, pd.DataFrame(audit), {}, width_mm=88.0).alternative == "No claim was audited."
