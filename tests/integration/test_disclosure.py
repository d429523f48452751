"""A run whose public figures follow rules for small counts."""

import pytest

from tests.conftest import Command
from tests.example_survey import CODEBOOK, Survey, comment_rows, without_codebook
from tests.integration.test_main_job import table


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_surname_is_in_no_public_file(survey: Survey, command: Command):
    rows = comment_rows()
    said = ["Our manager Ostrowick does not listen.", "Ask Dr Ostrowick.", "Since Ostrowick came nobody can use it."]
    for number, row in enumerate(rows[:8]):
        row["comment"] += f" {said[number % 3]}" if number < 6 else " ostrowick blocks it, ostrowick said no."
    survey.write(rows=rows, changes={"disclosure": {"suppress_below": 2, "round_to": 1, "smallest_base": 0}})
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    public = [path for path in (survey.output / "public").rglob("*") if path.is_file()]
    assert not [path.name for path in public if b"ostrowick" in path.read_bytes().lower()]
    assert "ostrowick" not in (survey.output / "manifest.json").read_text(encoding="utf-8").lower()


@pytest.mark.slow
def test_labels_and_keywords_that_few_use_are_in_no_public_file(finished: Survey, command: Command):
    # A topic may be called what the codebook calls a theme, which is public.
    themes = {theme["name"] for theme in CODEBOOK["themes"]}
    labels = [label for label in table(finished, "topics")["label"] if label not in themes]
    assert labels
    finished.configure({"disclosure": {"suppress_below": 100, "round_to": 1, "smallest_base": 0}})
    assert command("run", finished.config).exit_code == 0
    topics = table(finished, "topics")
    assert topics["label"].tolist() == [f"Topic {topic}" for topic in topics["topic"]]
    for path in (finished.output / "public").rglob("*.*"):
        if path.suffix in {".csv", ".html", ".txt", ".md", ".tex", ".svg"}:
            # What is published of the codebook uses some of the words.
            text = without_codebook(path.read_text(encoding="utf-8"))
            assert not [label for label in labels if label in text], path.name
