"""A run whose public figures follow rules for small counts."""

import pytest

from tests.conftest import Command
from tests.example_survey import Survey
from tests.integration.test_main_job import table


@pytest.mark.parametrize("rules", [(4, 5, 5), (8, 5, 10), (30, 10, 40)])
def test_counts_are_rounded_or_left_out_and_the_report_is_made_all_the_same(rules, finished: Survey, command: Command):
    below, to, base = rules
    finished.configure({"disclosure": {"suppress_below": below, "round_to": to, "smallest_base": base}})
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    assert "map: reused" in result.stderr
    topics = table(finished, "topics")
    shown = topics["size"].dropna()
    assert (shown % to == 0).all()
    assert (topics["size"].isna() == topics["suppressed"]).all()
    page = (finished.output / "public" / "report.html").read_text(encoding="utf-8")
    assert "<NA>" not in page
    assert "&lt;NA&gt;" not in page
    assert ">nan<" not in page


def test_rules_are_named_where_they_cannot_be(survey: Survey, command: Command):
    survey.configure({"disclosure": {"suppress_below": -1, "round_to": 0}})
    result = command("run", survey.config)
    assert result.exit_code == 2
    assert "disclosure.suppress_below must be at least 0, found -1" in result.stderr
    assert "disclosure.round_to must be at least 1, found 0" in result.stderr
