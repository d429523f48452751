"""From a file of comments to a configuration that runs, with nothing but what the program prints."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from pipeline.codebook.codebook import load_codebook
from pipeline.config import load_config
from tests.conftest import Command
from tests.example_survey import GROUPS
from tests.plain_output import assert_stopped, quotations

WORDS = [comment for comments in GROUPS.values() for comment in comments]
TABLE = pd.DataFrame({
    "ID": range(1, len(WORDS) + 1),
    "Start time": pd.to_datetime("2024-01-31 09:30:00"),
    "Email": [f"p{place}@example.org" for place in range(len(WORDS))],
    "What stops your\u00a0branch: rules, or money?": WORDS,
    "Which site?": ["North", "South"] * (len(WORDS) // 2),
    "Which tools?": ["Drills;Saws;", "Saws;"] * (len(WORDS) // 2),
})  # fmt: skip


def written(folder: Path, kind: str) -> Path:
    path = folder / f"answers.{kind}"
    plain = TABLE.rename(columns=lambda name: "".join(filter(str.isalnum, name))[:30])
    if kind == "xlsx":
        TABLE.to_excel(path, index=False)
    elif kind == "csv":
        path.write_bytes(TABLE.to_csv(index=False).encode("cp1252"))
    elif kind == "parquet":
        TABLE.to_parquet(path)
    elif kind == "jsonl":
        TABLE.astype(str).to_json(path, orient="records", lines=True)
    elif kind == "sav":
        pyreadstat.write_sav(plain, path)
    elif kind == "dta":
        pyreadstat.write_dta(plain, path)
    return path


@pytest.mark.parametrize("kind", ["xlsx", "csv", "parquet", "jsonl", "sav", "dta"])
def test_what_new_writes_passes_check(kind: str, tmp_path: Path, command: Command) -> None:
    result = command("new", written(tmp_path, kind))
    assert result.exit_code == 0, result.output
    assert "python -m pipeline check" in result.stdout
    assert quotations(result.output, WORDS) == []
    config = load_config(tmp_path / "answers.yaml")
    assert config.input.columns.id == "ID"
    assert config.input.columns.comment.startswith("What")
    assert [next(iter(choices)) for choices in config.input.columns.choices.values()] == ["Saws"]
    checked = command("check", tmp_path / "answers.yaml")
    assert checked.exit_code == 0, checked.output
    assert "60 rows" in checked.stdout
    assert "still has what new wrote into it" in checked.stdout


def test_nothing_is_overwritten(tmp_path: Path, command: Command) -> None:
    path = written(tmp_path, "csv")
    (tmp_path / "answers_codebook.yaml").write_text("mine", encoding="utf-8")
    assert_stopped(command("new", path), "answers_codebook.yaml: this file is there already", "--output")
    assert (tmp_path / "answers_codebook.yaml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "answers.yaml").exists()


def test_the_codebook_may_be_a_spreadsheet_and_the_files_may_go_elsewhere(tmp_path: Path, command: Command) -> None:
    result = command("new", written(tmp_path, "csv"), "--codebook", "xlsx", "--output", tmp_path / "set up")
    assert result.exit_code == 0, result.output
    assert len(load_codebook(tmp_path / "set up" / "answers_codebook.xlsx").themes) == 2
    assert command("check", tmp_path / "set up" / "answers.yaml").exit_code == 0


def test_a_file_without_texts_is_told(tmp_path: Path, command: Command) -> None:
    (tmp_path / "a.csv").write_text("id,site\n1,North\n2,South\n", encoding="utf-8")
    assert_stopped(command("new", tmp_path / "a.csv"), "no column holds texts", "first line has the names")


@pytest.mark.slow
def test_a_workbook_becomes_an_opened_report_with_three_commands(tmp_path: Path, command: Command) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in [TABLE.columns.tolist(), *TABLE.values.tolist()]:
        sheet.append([value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for value in row])
    file = io.BytesIO()
    workbook.save(file)
    (tmp_path / "answers.xlsx").write_bytes(file.getvalue())
    for arguments in (["new", tmp_path / "answers.xlsx"], ["check", tmp_path / "answers.yaml"],
                      ["run", tmp_path / "answers.yaml"]):  # fmt: skip
        result = command(*arguments)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "answers_run" / "public" / "report.html").is_file()
