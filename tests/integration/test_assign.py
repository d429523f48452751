"""`pipeline assign` by the real command, on a finished run of the made-up survey."""

from __future__ import annotations

import pandas as pd

from tests.conftest import Command
from tests.example_survey import MARKER, Survey, as_csv, comment_rows


def test_new_comments_are_written_into_the_run_and_counted(finished: Survey, command: Command):
    rows = [row for row in comment_rows() if row["comment_id"][0] in "mx"]
    rows[0] = {**rows[0], "comment_id": "=1+1", "comment": "=SUM(A1) No money: the budget is cut and the grant ended."}
    new = finished.folder / "new year.csv"
    new.write_bytes(as_csv(rows))
    before = {file: file.read_bytes() for file in (finished.output / "public").rglob("*") if file.is_file()}
    result = command("assign", finished.output, new)
    assert result.exit_code == 0, result.output
    assert "20 comments, 5 of them set aside." in result.stdout
    assert MARKER not in result.output
    written = pd.read_csv(finished.output / "internal/assigned_new_year.csv", keep_default_na=False)
    assert len(written) == 20
    in_topic = pd.to_numeric(written["topic"]) >= 0
    assert f"In a topic: {in_topic.sum()}. In none: {15 - in_topic.sum()}." in result.stdout
    # A spreadsheet must not take what somebody wrote for a formula.
    assert written["comment_id"].iloc[0] == "'=1+1"
    assert written["text"].iloc[0].startswith("'=SUM")
    dictionary = pd.read_csv(finished.output / "internal/assigned_new_year_dictionary.csv")
    assert dictionary["column"].tolist() == written.columns.tolist()
    assert {file: file.read_bytes() for file in (finished.output / "public").rglob("*") if file.is_file()} == before
    # What was added does not make the run another one.
    again = command("run", finished.config)
    assert "stages reused" in again.output, again.output
    assert (finished.output / "internal/assigned_new_year.csv").is_file()


def test_a_file_without_the_column_of_comments_is_refused(finished: Survey, command: Command):
    new = finished.folder / "new.csv"
    new.write_text("comment_id,answer\nn1,The grant ended.\n", encoding="utf-8")
    result = command("assign", finished.output, new)
    assert result.exit_code == 2
    assert "the column 'comment' is missing" in result.output
    assert "grant" not in result.output
    assert not list((finished.output / "internal").glob("assigned_*"))
