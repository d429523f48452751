"""The commands that show a finished run's report, and write its brief."""

import webbrowser

import pytest
from pypdf import PdfReader

from tests.conftest import Command
from tests.example_survey import Survey


@pytest.fixture
def browser(monkeypatch):
    """Return the addresses that a browser was asked to open; it opens the first alone."""
    asked: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda address: asked.append(address) or len(asked) == 1)
    return asked


def test_the_report_is_opened_and_its_path_is_said(finished: Survey, command: Command, browser):
    path = (finished.output / "public" / "report.html").resolve()
    result = command("open", finished.output)
    assert result.exit_code == 0, result.output
    assert browser == [path.as_uri()]
    assert str(path) in result.output
    result = command("open", finished.output, "--internal")
    assert browser[1].endswith("/internal/report.html")
    assert "Open this file yourself" in result.output


@pytest.mark.parametrize("what", ["no folder", "a folder without a report"])
def test_without_a_report_it_is_said_where_none_is(what, tmp_path, command: Command, browser):
    folder = tmp_path / "run"
    if what != "no folder":
        folder.mkdir()
    result = command("open", folder)
    assert result.exit_code == 2
    assert str(folder) in result.output
    assert ("the folder is not there" in result.output) == (what == "no folder")
    assert "What to do" in result.output
    assert browser == []


def test_the_brief_is_written_beside_the_run_or_where_it_is_wanted(finished: Survey, command: Command, tmp_path):
    for where, options in ((finished.output / "redrawn", ()), (tmp_path / "board", ("--output", tmp_path / "board"))):
        result = command("report", finished.output, "--one-page", *options)
        assert result.exit_code == 0, result.output
        assert str(where / "brief.pdf") in result.output
        assert len(PdfReader(where / "brief.pdf").pages) == 2


def test_what_to_write_must_be_said(finished: Survey, command: Command):
    result = command("report", finished.output)
    assert result.exit_code == 2
    assert "--one-page" in result.output
