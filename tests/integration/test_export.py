"""`pipeline export` by the real command, on a finished run, read back by programs that others wrote."""

from __future__ import annotations

import io
import json
import os
import stat
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest
from pyrefiqda import RefiCodebook, RefiProject

from pipeline import __version__, load_run
from pipeline.codebook.written_codes import coder_of
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.exporting.files import FORMATS
from pipeline.exporting.folder import RECORD
from pipeline.formats.spreadsheet import plain_cell
from tests.conftest import Command
from tests.example_survey import MARKER, SET_ASIDE, Survey

FILES = {
    "refi": {"codebook.qdc", "project.qdpx"}, "csv": {"comments.csv", "columns.csv"}, "xlsx": {"comments.xlsx"},
    "parquet": {"comments.parquet"}, "spss": {"comments.sav"},
}  # fmt: skip


def exported(finished: Survey, command: Command, to: str) -> Path:
    result = command("export", finished.output, "--to", to)
    assert result.exit_code == 0, result.output
    assert "hold respondents' own words" in result.output
    return finished.output / "internal" / "export"


@pytest.mark.parametrize("to", FORMATS)
def test_the_files_lie_inside_and_nobody_else_may_read_them(to, finished: Survey, command: Command):
    public = {file: file.read_bytes() for file in (finished.output / "public").rglob("*") if file.is_file()}
    result = command("export", finished.output, "--to", to)
    assert result.exit_code == 0, result.output
    assert MARKER not in result.output
    folder = finished.output / "internal" / "export"
    assert {path.name for path in folder.iterdir()} == FILES[to] | {RECORD}
    for path in folder.iterdir():
        assert path.name == RECORD or str(path) in result.output
        assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {file: file.read_bytes() for file in (finished.output / "public").rglob("*") if file.is_file()} == public
    # A second export replaces the first, and is the same.
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert command("export", finished.output, "--to", to).exit_code == 0
    second = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(second) == set(first)
    if to != "spss" and to != "xlsx":  # these say when they were written
        assert second == first
    # The run is the same as before.
    assert "stages reused" in command("run", finished.config).output


def test_a_project_has_every_code_text_and_coding(finished: Survey, command: Command, tmp_path: Path):
    folder = exported(finished, command, "refi")
    project = RefiProject.load(folder / "project.qdpx", tmp_path / "unpacked")
    run = load_run(finished.output)
    book = RefiCodebook.load(folder / "codebook.qdc")
    themes, topics = run.codebook.themes, run.exact_topics
    for codes in (project.code_book.codes.code, book.codes.code):
        by_name = {code.name: code for code in codes}
        for theme in themes:
            below = topics.loc[topics["theme"] == theme.id]
            named = [f"Topic {topic}: {label}" for topic, label in zip(below["topic"], below["label"], strict=True)]
            assert [code.name for code in by_name[theme.name].code] == named
        unmapped = (topics["theme"] == UNMAPPED).sum()
        assert unmapped == len(by_name["Topics without a theme"].code if unmapped else [])
        assert len(by_name["Outlook"].code) == 3
        assert not by_name["Outlook"].is_codable
        assert "No theme" in by_name  # Ada wrote "other"
    sources = project.sources.text_source
    assignments = run.assignments.set_index("comment_id")
    texts = run.comments.set_index("comment_id")["text"]
    assert [source.name for source in sources] == assignments.index.tolist()
    assert not set(SET_ASIDE) & {source.name for source in sources}
    program, ada, ben = project.users.user
    assert (program.name, ada.name, ben.name) == (f"Theme Crosswalk {__version__}", "Ada", "Ben")
    codings = dict.fromkeys((program.guid, ada.guid, ben.guid), 0)
    for source in sources:
        path = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "unpacked")
        text = path.read_bytes().decode("utf-8")
        for part in source.plain_text_selection:
            assert text[part.start_position : part.end_position] == texts[source.name]
            codings[part.creating_user] += len(part.coding)
            assert {coding.creating_user for coding in part.coding} == {part.creating_user}
    in_topic = int((assignments["topic"] != OUTLIER).sum())
    assert codings[program.guid] == in_topic + len(run.comment_themes) + len(assignments)
    coders = run.config.input.columns.coders
    analysed = run.comments[run.comments["kept"]]
    for user, coder in zip((ada, ben), coders, strict=True):
        codes = coder_of(analysed, coder, run.codebook)
        expected = int((codes.main != "").sum()) + sum(int((further != "").sum()) for further in codes.further)
        if codes.outlook is not None:
            expected += int(codes.outlook.isin(["positive", "mixed", "negative"]).sum())
        assert codings[user.guid] == expected > 0
    settings = {case.name: case.variable_value[0].text_value for case in project.cases.case}
    assert settings == run.comments.set_index("comment_id").loc[assignments.index, "setting"].to_dict()


def test_a_project_names_no_folder_of_the_machine(finished: Survey, command: Command):
    folder = exported(finished, command, "refi")
    with zipfile.ZipFile(folder / "project.qdpx") as archive:
        written = [archive.read(name) for name in archive.namelist()]
    for content in [*written, (folder / "codebook.qdc").read_bytes()]:
        assert str(finished.folder).encode() not in content
        assert Path.home().name.encode() not in content or len(Path.home().name) < 6


def test_csv_excel_parquet_and_spss_say_the_same(finished: Survey, command: Command):
    for to in ("csv", "xlsx", "parquet", "spss"):
        folder = exported(finished, command, to)
    csv = pd.read_csv(folder / "comments.csv", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    parquet = pd.read_parquet(folder / "comments.parquet")
    spss, about = pyreadstat.read_sav(folder / "comments.sav")
    sheet = openpyxl.load_workbook(io.BytesIO((folder / "comments.xlsx").read_bytes()))["comments"]
    rows = list(sheet.iter_rows(values_only=True))
    assert list(rows[0]) == csv.columns.tolist()
    # In CSV what looks like a formula has an apostrophe before it; in a workbook it is a text.
    in_csv = csv[["comment_id", "text", "set_aside"]].map(plain_cell).to_numpy().tolist()
    assert [[cell or "" for cell in row[:3]] for row in rows[1:]] == in_csv
    run = load_run(finished.output)
    found = run.assignments.set_index("comment_id")
    names = {theme.id: theme.name for theme in run.codebook.themes}
    labels = dict(zip(run.exact_topics["topic"], run.exact_topics["label"], strict=True))
    assert csv["comment_id"].tolist() == run.comments["comment_id"].tolist() == spss["comment_id"].tolist()
    assert (csv.set_index("comment_id").loc[list(SET_ASIDE), "set_aside"] != "").all()
    assert about.variable_value_labels["topic"] == labels
    carried = set(zip(run.comment_themes["comment_id"], run.comment_themes["theme"], strict=True))
    for place, row in enumerate(csv.to_dict("records")):
        comment_id = row["comment_id"]
        if comment_id in SET_ASIDE:
            assert (
                row["topic"] == row["topic_label"] == row["main_theme"] == row["theme_funding"] == row["Ada_main"] == ""
            )
            assert pd.isna(spss["topic"][place])
            assert pd.isna(parquet["theme_funding"][place])
            continue
        of_run = found.loc[comment_id]
        topic = int(of_run["topic"])
        assert row["topic"] == ("" if topic == OUTLIER else str(topic))
        assert row["topic_label"] == labels.get(topic, "")
        assert row["topic_label"] == ("" if topic == OUTLIER else parquet["topic_label"][place])
        assert topic == OUTLIER or spss["topic"][place] == topic
        assert row["main_theme"] == names.get(of_run["theme_direct"], "")
        if row["main_theme"]:
            assert about.variable_value_labels["main_theme"][spss["main_theme"][place]] == row["main_theme"]
            assert parquet["main_theme"][place] == row["main_theme"]
        for theme in names:
            has_it = (comment_id, theme) in carried
            assert row[f"theme_{theme}"] == str(int(has_it))
            assert spss[f"theme_{theme}"][place] == parquet[f"theme_{theme}"][place] == has_it
    ada = coder_of(run.comments, run.config.input.columns.coders[0], run.codebook).main.tolist()
    wanted = [{**names, "": ""}.get(code, "None of these") if row["set_aside"] == "" else ""
              for code, row in zip(ada, csv.to_dict("records"), strict=True)]  # fmt: skip
    assert csv["Ada_main"].tolist() == wanted
    meanings = pd.read_csv(folder / "columns.csv")
    assert meanings["column"].tolist() == csv.columns.tolist()


@pytest.mark.slow
@pytest.mark.usefixtures("sketched")
def test_a_persons_review_is_what_is_exported(finished: Survey, command: Command):
    run = load_run(finished.output)
    topic = int(run.exact_topics["topic"].iloc[0])
    run.rename({topic: "Renamed by somebody"})
    run.set_theme(topic, "none")
    run.save_review()
    assert command("run", finished.config).exit_code == 0
    folder = exported(finished, command, "refi")
    codes = {code.name: code for code in RefiCodebook.load(folder / "codebook.qdc").codes.code}
    assert f"Topic {topic}: Renamed by somebody" in [code.name for code in codes["Topics without a theme"].code]
    folder = exported(finished, command, "csv")
    assert "Renamed by somebody" in pd.read_csv(folder / "comments.csv")["topic_label"].tolist()


def test_nobodys_files_are_overwritten(finished: Survey, command: Command, tmp_path: Path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "comments.csv").write_text("mine", encoding="utf-8")
    result = command("export", finished.output, "--to", "csv", "--output", theirs)
    assert result.exit_code == 2
    assert "this file is there already" in result.output
    assert [path.name for path in theirs.iterdir()] == ["comments.csv"]
    assert command("export", finished.output, "--to", "csv", "--output", theirs, "--force").exit_code == 0
    assert (theirs / "comments.csv").read_bytes().startswith(b"\xef\xbb\xbfcomment_id")
    assert command("export", finished.output, "--to", "csv", "--output", theirs).exit_code == 0
    # What somebody changed since is theirs again.
    with (theirs / "columns.csv").open("a", encoding="utf-8") as file:
        file.write("a note\n")
    assert command("export", finished.output, "--to", "csv", "--output", theirs).exit_code == 2
    assert set(json.loads((theirs / RECORD).read_text())) == FILES["csv"]


@pytest.mark.parametrize("inside", ["", "export"])
def test_nothing_is_written_into_the_public_folder(inside, finished: Survey, command: Command):
    result = command("export", finished.output, "--to", "csv", "--output", finished.output / "public" / inside)
    assert result.exit_code == 2
    assert "this folder is public" in result.output
    assert not list((finished.output / "public").rglob("comments.csv"))


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are(finished: Survey, command: Command):
    result = command("export", finished.output, "--to", "spps")
    assert result.exit_code == 2
    assert "spss" in result.output
    assert "refi, csv, xlsx, parquet, spss" in result.output


def test_a_project_that_was_exported_can_be_read_as_a_survey(finished: Survey, command: Command):
    folder = exported(finished, command, "refi")
    finished.configure(
        {
            "input.path": str(folder / "project.qdpx"),
            "input.columns.id": "id",
            "input.columns.coders": [{"name": "Ada", "theme": ["codes by Ada"]}],
        }
    )
    result = command("check", finished.config)
    assert result.exit_code == 0, result.output
    assert "REFI-QDA" in result.output
    assert MARKER not in result.output
