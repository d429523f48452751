"""From a file of comments to a configuration that runs, with nothing but what the program prints."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from pipeline.codebook.codebook import load_codebook
from pipeline.config import load_config
from tests.conftest import Command
from tests.example_survey import GROUPS
from tests.plain_output import assert_stopped, quotations
from tests.unit.formats.example_files import open_document

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


def an_export(folder: Path, kind: str) -> Path:
    """Write the table as Excel, LibreOffice or a program for qualitative data would save it."""
    path = folder / f"answers.{kind}"
    if kind == "xlsx":
        workbook = openpyxl.Workbook()
        for row in [TABLE.columns.tolist(), *TABLE.values.tolist()]:
            workbook.active.append(
                [value.to_pydatetime() if isinstance(value, pd.Timestamp) else value for value in row]
            )
        file = io.BytesIO()
        workbook.save(file)
        path.write_bytes(file.getvalue())
    elif kind == "ods":
        text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
        rows = [TABLE.columns.tolist(), *TABLE.astype(str).values.tolist()]
        path.write_bytes(open_document([text.format(escape(cell)) for cell in row] for row in rows))
    else:
        sources = "".join(
            f'<TextSource guid="{place}" name="answer {place}"><PlainTextContent>{escape(said)}</PlainTextContent>'
            f'<VariableValue><VariableRef targetGUID="v"/><TextValue>{("North", "South")[place % 2]}</TextValue>'
            "</VariableValue></TextSource>"
            for place, said in enumerate(WORDS)
        )
        project = (
            '<Project xmlns="urn:QDA-XML:project:1.0" name="answers"><Users/><CodeBook><Codes/></CodeBook><Variables>'
            f'<Variable guid="v" name="Which site?" typeOfVariable="Text"/></Variables><Sources>{sources}</Sources>'
            "</Project>"
        )
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("project.qde", project)
    return path


@pytest.mark.parametrize("kind", ["ods", "qdpx"])
def test_an_export_of_another_program_passes_check(kind: str, tmp_path: Path, command: Command) -> None:
    result = command("new", an_export(tmp_path, kind))
    assert result.exit_code == 0, result.output
    assert quotations(result.output, WORDS) == []
    columns = load_config(tmp_path / "answers.yaml").input.columns
    assert columns.id == ("ID" if kind == "ods" else "id")
    assert columns.comment.startswith("What" if kind == "ods" else "comment")
    assert "Which site?" in columns.metadata
    checked = command("check", tmp_path / "answers.yaml")
    assert checked.exit_code == 0, checked.output
    assert "60 rows" in checked.stdout


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


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods", "qdpx"])
def test_an_export_becomes_an_opened_report_with_three_commands(kind: str, tmp_path: Path, command: Command) -> None:
    for arguments in (["new", an_export(tmp_path, kind)], ["check", tmp_path / "answers.yaml"],
                      ["run", tmp_path / "answers.yaml"]):  # fmt: skip
        result = command(*arguments)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "answers_run" / "public" / "report.html").is_file()


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
