"""Respondents' words reach public/ only where a reviewer has marked them."""

import pandas as pd
import pytest

from pipeline import load_run
from pipeline.disclosure.quotation_review import SHEET
from pipeline.stages.report import publish
from tests.conftest import Command
from tests.example_survey import QUESTION, Survey, comment_rows


def rewritten(survey: Survey, change) -> None:
    path = survey.output / SHEET
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    change(sheet)
    sheet.to_csv(path, index=False, encoding="utf-8-sig")


def public_words(survey: Survey) -> str:
    files = [path for path in (survey.output / "public").rglob("*") if path.suffix in (".csv", ".html", ".md", ".svg")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_a_marked_quotation_and_no_other_is_published(finished: Survey, command: Command):
    # One comment only repeats the question, which is the report's title.
    texts = [row["comment"] for row in comment_rows() if len(row["comment"].split()) > 4 and row["comment"] != QUESTION]
    assert not any(text in public_words(finished) for text in texts)
    marked = {}

    def mark(sheet):
        sheet.loc[2, ["publish", "quotation"]] = ["x", "words as the reviewer left them"]
        marked.update(sheet.loc[2])

    rewritten(finished, mark)
    result = command("run", finished.config)
    assert result.exit_code == 0, result.output
    assert f"report: what is marked in {SHEET} changed" in result.stderr
    shown = load_run(finished.output).quotations
    assert shown["quotation"].tolist() == ["words as the reviewer left them"]
    assert str(shown["topic"][0]) == marked["topic"]
    words = public_words(finished)
    assert "words as the reviewer left them" in words
    assert not any(text in words for text in texts)
    again = command("run", finished.config)
    assert "report: reused" in again.stderr
    assert len(load_run(finished.output).quotations) == 1


def test_a_sheet_that_cannot_be_read_stops_the_run_and_stays_as_it_is(finished: Survey, command: Command):
    rewritten(finished, lambda sheet: sheet.__setitem__("publish", "perhaps"))
    before = (finished.output / SHEET).read_bytes()
    result = command("run", finished.config)
    assert result.exit_code == 2
    assert "is neither marked nor empty" in result.stderr
    assert "Write x where a quotation may be published" in result.stderr
    assert (finished.output / SHEET).read_bytes() == before


@pytest.mark.parametrize("name", ["run", "check"])
def test_review_cannot_be_left_out_with_anybodys_comments(name, survey: Survey, command: Command):
    survey.configure({"quotations": {"review": False}})
    result = command(name, survey.config)
    assert result.exit_code == 2
    assert "quotations.review is false, which is for the illustrative comments alone" in result.stderr
    assert "Set quotations.review to true" in result.stderr


def test_a_lost_sheet_is_written_again(finished: Survey, command: Command):
    (finished.output / SHEET).unlink()
    assert command("run", finished.config).exit_code == 0
    assert (finished.output / SHEET).is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_a_sheet_that_was_saved_while_the_run_went_on_is_not_written_over(
    finished: Survey, command: Command, monkeypatch
):
    finished.configure({"report": {"png_dpi": 72, "title": "Tools"}})
    before = (finished.output / SHEET).read_bytes()

    def meanwhile(*args, **parts):
        rewritten(finished, lambda sheet: sheet.__setitem__("publish", "x"))
        return publish(*args, **parts)

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.engine.wiring.publish", meanwhile)
        result = command("run", finished.config)
    assert result.exit_code == 2
    assert "was changed while the run was under way" in result.stderr
    assert (finished.output / SHEET).read_bytes() != before
    again = command("run", finished.config)
    assert again.exit_code == 0
    assert "map: reused" in again.stderr
    assert len(load_run(finished.output).quotations) > 3


@pytest.mark.slow
def test_a_row_added_by_its_id_costs_one_run(finished: Survey, command: Command):
    def add(sheet):
        sheet.loc[len(sheet)] = {**dict.fromkeys(sheet.columns, ""), "publish": "x", "comment_id": "m03"}

    rewritten(finished, add)
    assert command("run", finished.config).exit_code == 0
    assert len(load_run(finished.output).quotations) == 1
    assert "report: reused" in command("run", finished.config).stderr
