"""From a file of comments to a configuration that runs, with nothing but what the program prints."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest

from pipeline.codebook.codebook import load_codebook
from pipeline.config import load_config
from pipeline.stages.ingest import read_comments
from tests.conftest import Command
from tests.plain_output import assert_stopped, quotations
from tests.survey_exports import EXPORTS, TABLE, WORDS, an_export


@pytest.mark.parametrize("kind", EXPORTS)
def test_what_new_writes_for_an_export_reads_the_same_comments_and_passes_check(
    kind: str, tmp_path: Path, command: Command
) -> None:
    path = an_export(tmp_path, kind)
    result = command("new", path)
    assert result.exit_code == 0, result.output
    assert "python -m pipeline check" in result.stdout
    assert quotations(result.output, WORDS) == []
    config = load_config(tmp_path / "answers.yaml")
    received = read_comments(path.read_bytes(), path=path, config=config.input)
    assert received.comments["text"].tolist() == WORDS
    columns = config.input.columns
    assert any("site" in name.lower() or name == "Q2" for name in columns.metadata)
    assert (columns.id is None) == (kind == "Google Forms")
    has_choices = kind not in ("REFI-QDA", "Qualtrics", "SurveyMonkey", "Jisc")
    assert [next(iter(choices)) for choices in columns.choices.values()] == ["Saws"] * has_choices
    checked = command("check", tmp_path / "answers.yaml")
    assert checked.exit_code == 0, checked.output
    assert "60 rows" in checked.stdout
    assert "still has what new wrote into it" in checked.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize("kind", EXPORTS)
def test_an_export_becomes_a_report_with_three_commands(kind: str, tmp_path: Path, command: Command) -> None:
    for arguments in (["new", an_export(tmp_path, kind)], ["check", tmp_path / "answers.yaml"],
                      ["run", tmp_path / "answers.yaml"]):  # fmt: skip
        result = command(*arguments)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "answers_run" / "public" / "report.html").is_file()


def test_a_command_to_type_has_names_with_spaces_in_quotation_marks(tmp_path: Path, command: Command) -> None:
    path = an_export(tmp_path, "Microsoft Forms").rename(tmp_path / "Staff survey(1-60).xlsx")
    said = command("new", path).stdout
    typed = shlex.split(said.partition("python -m pipeline check ")[2].splitlines()[0], posix=os.name == "posix")
    assert [Path(part.strip('"')).name for part in typed] == ["Staff survey(1-60).yaml"]


def test_nothing_is_overwritten(tmp_path: Path, command: Command) -> None:
    path = an_export(tmp_path, "CSV")
    (tmp_path / "answers_codebook.yaml").write_text("mine", encoding="utf-8")
    assert_stopped(command("new", path), "answers_codebook.yaml: this file is there already", "--output")
    assert (tmp_path / "answers_codebook.yaml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "answers.yaml").exists()


def test_the_codebook_may_be_a_spreadsheet_and_the_files_may_go_elsewhere(tmp_path: Path, command: Command) -> None:
    result = command("new", an_export(tmp_path, "CSV"), "--codebook", "xlsx", "--output", tmp_path / "set up")
    assert result.exit_code == 0, result.output
    assert len(load_codebook(tmp_path / "set up" / "answers_codebook.xlsx").themes) == 2
    assert command("check", tmp_path / "set up" / "answers.yaml").exit_code == 0


def test_a_file_without_texts_is_told(tmp_path: Path, command: Command) -> None:
    (tmp_path / "a.csv").write_text("id,site\n1,North\n2,South\n", encoding="utf-8")
    assert_stopped(command("new", tmp_path / "a.csv"), "no column holds texts", "first line has the names")


def test_one_row_is_called_a_row(tmp_path: Path, command: Command) -> None:
    (tmp_path / "a.csv").write_text("id,site\n1,North\n", encoding="utf-8")
    assert command("new", tmp_path / "a.csv").stdout.startswith("1 row below the header.")


def several_questions(folder: Path) -> Path:
    path = folder / "answers.csv"
    table = TABLE.assign(**{"Anything else?": [" ".join(words.split()[:4]) for words in reversed(WORDS)]})
    table.to_csv(path, index=False)
    return path


def test_several_open_questions_have_a_configuration_each(tmp_path: Path, command: Command) -> None:
    result = command("new", several_questions(tmp_path))
    assert result.exit_code == 0, result.output
    first, second = (load_config(tmp_path / name) for name in ("answers.yaml", "answers_2.yaml"))
    assert first.input.columns.comment.startswith("What stops")
    assert second.input.columns.comment == second.report.title == "Anything else?"
    assert first.output != second.output
    assert first.codebook == second.codebook
    assert first.input.columns.metadata == second.input.columns.metadata
    for said in ("2 open questions", "answers_2.yaml: Anything else?", "--pool"):
        assert said in result.stdout
    checked = command("check", tmp_path / "answers_2.yaml")
    assert checked.exit_code == 0, checked.output


def test_several_open_questions_can_be_pooled(tmp_path: Path, command: Command) -> None:
    result = command("new", several_questions(tmp_path), "--pool")
    assert result.exit_code == 0, result.output
    config = load_config(tmp_path / "answers.yaml")
    assert len(config.input.columns.texts) == 2
    assert not (tmp_path / "answers_2.yaml").exists()
    checked = command("check", tmp_path / "answers.yaml")
    assert checked.exit_code == 0, checked.output
    assert "120 rows" in checked.stdout
    assert "Answers to 2 questions were pooled" in checked.stdout


def test_a_title_above_the_header_is_no_column(tmp_path: Path, command: Command) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(f"Tool survey 2024\n\n{TABLE.to_csv(index=False)}", encoding="utf-8")
    result = command("new", path)
    assert result.exit_code == 0, result.output
    assert "2 rows above the header were left out." in result.stdout
    assert "Tool survey" not in result.stdout
    checked = command("check", tmp_path / "answers.yaml")
    assert checked.exit_code == 0, checked.output
    assert "2 rows above the header were left out." in checked.stdout
