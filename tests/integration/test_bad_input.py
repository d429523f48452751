"""What the command says and does where the user's files are not as they should be."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.documents import pictures
from pipeline.engine.fingerprint import result_digest
from pipeline.formats.digests import digest
from tests.conftest import Command, invoke, sketch, use_fake_models
from tests.example_survey import CODEBOOK, GROUPS, Survey, as_csv, comment_rows, few_rows
from tests.fake_encoder import FakeEncoder
from tests.plain_output import assert_stopped, quotations

pytestmark = pytest.mark.usefixtures("sketched")

WORDS = [comment for comments in GROUPS.values() for comment in comments]


# ---------------------------------------------------------------- the file of comments


def test_a_missing_file_is_named_with_its_nearest_neighbour(survey: Survey, command: Command) -> None:
    survey.configure({"input.path": "surveys.csv"})
    result = command("run", survey.config)
    assert_stopped(
        result, f"{survey.folder / 'surveys.csv'}: there is no such file", "Did you mean 'survey.csv'?",
        "What to do: Check input.path", comments=WORDS,
    )  # fmt: skip


def test_a_folder_in_place_of_the_file_lists_the_tables_in_it(survey: Survey, command: Command) -> None:
    survey.configure({"input.path": "."})
    result = command("run", survey.config)
    assert_stopped(
        result, "a file of comments is wanted, found a folder", "survey.csv", "What to do: Name the file itself"
    )


@pytest.mark.parametrize(
    "content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\xff\xfe"],
    ids=["nothing", "white space", "a byte order mark", "a mark and a line", "a UTF-16 mark"],
)  # fmt: skip
def test_an_empty_file_is_called_empty(content: bytes, survey: Survey, command: Command) -> None:
    survey.write(content=content)
    assert_stopped(command("run", survey.config), f"{survey.comments}: the file is empty", "What to do: A CSV file")


def test_a_header_alone_is_no_survey(survey: Survey, command: Command) -> None:
    survey.write(rows=[])
    result = command("run", survey.config)
    assert_stopped(result, f"{survey.comments}: the file has a header and no comments", "What to do: Add the comments")


def test_a_missing_column_is_named_with_the_nearest_one(survey: Survey, command: Command) -> None:
    survey.configure({"input.columns": {"id": "comment_id", "comment": "coment"}, "assess": {}})
    result = command("run", survey.config)
    assert_stopped(
        result, f"{survey.comments}: the column 'coment' is missing. Did you mean 'comment'?",
        "first line has 6 columns", "set input.columns", comments=WORDS,
    )  # fmt: skip


def test_all_missing_columns_are_reported_together(survey: Survey, command: Command) -> None:
    survey.configure({"input.columns": {"id": "number", "comment": "answer", "metadata": ["place"]}, "assess": {}})
    result = command("run", survey.config)
    assert_stopped(result, "'number' is missing", "'answer' is missing", "'place' is missing")


def test_a_file_without_a_header_gives_no_cell_away(survey: Survey, command: Command) -> None:
    survey.write(content=b"r1,Ward 7,She shouts,Dr Quickly,sad,\nr2,Ward 8,b,c,d,\n")
    result = command("run", survey.config)
    assert_stopped(result, "the column 'comment' is missing", "first line has 6 columns")
    said = result.output + (survey.output / "run.log").read_text(encoding="utf-8")
    assert not [cell for cell in ("r1", "Ward 7", "She shouts", "Dr Quickly", "'sad'") if cell in said]


@pytest.mark.parametrize("setting", ["encoding", "separator"])
def test_a_comment_in_the_place_of_a_setting_is_not_shown(setting: str, survey: Survey, command: Command) -> None:
    survey.configure({f"input.{setting}": "She shouts at us"})
    result = command("run", survey.config)
    assert_stopped(result, f"input.{setting}", "a text of 16 characters", comments=["She shouts at us"])


@pytest.mark.parametrize("encoding", ["undefined", "idna", "unicode_escape", "utf\\0"])
def test_an_encoding_that_gives_no_text_is_told(encoding: str, survey: Survey, command: Command) -> None:
    survey.write(content=b"comment_id,comment\n1,\\ud800\n", changes={"input.encoding": encoding})
    survey.config.write_text(survey.config.read_text(encoding="utf-8").replace("utf\\\\0", "utf\\0"), encoding="utf-8")
    assert_stopped(command("check", survey.config), "encoding")


def test_duplicate_ids_are_counted_and_placed(survey: Survey, command: Command) -> None:
    rows = comment_rows()
    rows[6]["comment_id"] = rows[2]["comment_id"]
    rows[9]["comment_id"] = rows[2]["comment_id"]
    survey.write(rows=rows)
    result = command("run", survey.config)
    assert_stopped(
        result, f"{survey.comments}: 2 of 67 rows repeat an earlier 'comment_id' (row 7, 10",
        "Give every comment its own id", comments=WORDS,
    )  # fmt: skip


def test_missing_and_duplicate_ids_are_reported_together(survey: Survey, command: Command) -> None:
    rows = comment_rows()
    rows[0]["comment_id"] = "  "
    rows[6]["comment_id"] = rows[2]["comment_id"]
    survey.write(rows=rows)
    result = command("run", survey.config)
    assert_stopped(result, "1 of 67 rows have no 'comment_id' (row 1", "1 of 67 rows repeat", comments=WORDS)


def test_a_comment_column_named_as_id_does_not_give_comments_away(survey: Survey, command: Command) -> None:
    rows = comment_rows()
    rows[1]["comment"] = rows[0]["comment"]
    survey.write(rows=rows, changes={"input.columns": {"id": "comment", "comment": "setting"}, "assess": {}})
    assert_stopped(command("run", survey.config), "repeat an earlier 'comment'", comments=WORDS)


def test_undecodable_bytes_are_placed(survey: Survey, command: Command) -> None:
    content = as_csv(comment_rows()).replace(b"Insurance eats", b"Insurance \x81\xfe eats")
    survey.write(content=content)
    line = content[: content.index(b"\x81")].count(b"\n") + 1
    result = command("run", survey.config)
    assert_stopped(
        result, f"{survey.comments}, line {line}: byte 0x81 cannot be read as UTF-8 or Windows-1252",
        "Save the file as 'CSV UTF-8'", comments=WORDS,
    )  # fmt: skip


def test_nul_bytes_are_counted_and_placed(survey: Survey, command: Command) -> None:
    survey.write(content=as_csv(comment_rows()).replace(b"Insurance eats", b"Insu\0rance\0 eats"))
    result = command("run", survey.config)
    assert_stopped(result, f"{survey.comments}, line 14: the file holds 2 NUL bytes", "open it in a spreadsheet",
                   comments=WORDS)  # fmt: skip


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00\x06\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_damaged_workbook_is_told(start: bytes, survey: Survey, command: Command) -> None:
    survey.write(content=start + bytes(range(256)))
    assert_stopped(command("check", survey.config), "no workbook that can be read", "'Excel workbook (.xlsx)'")


def test_a_comma_outside_quotation_marks_is_placed(survey: Survey, command: Command) -> None:
    content = as_csv(comment_rows()).replace(b'"Insurance eats', b"Insurance, eats")
    content = content.replace(b"Insurance eats the budget", b"Insurance eats, the budget")
    survey.write(content=content)
    assert_stopped(command("run", survey.config), "line 14: 6 columns are wanted, found 7", "quotation marks",
                   comments=WORDS)  # fmt: skip


def test_an_open_quotation_mark_is_told(survey: Survey, command: Command) -> None:
    survey.write(content=as_csv(comment_rows()) + b'z1,Town,"never closed,,,\n')
    assert_stopped(command("run", survey.config), "a quotation mark is opened and never closed", comments=WORDS)


def test_all_non_answers_stop_with_the_reasons(survey: Survey, command: Command) -> None:
    answers = ["n/a", "N.A.", "-", "", "see above", "nothing to add", "?", "Don't know"]
    rows = [row | {"comment": answer} for row, answer in zip(comment_rows(), answers, strict=False)]
    survey.write(rows=rows)
    result = command("run", survey.config)
    assert_stopped(
        result, "None of the 8 comments can be analysed", "says nothing: 5", "empty: 1", "too short: 2",
        "Check that input.columns.comment",
    )  # fmt: skip


# ---------------------------------------------------------------- small and strange files that do go through


def assignments_of(survey: Survey) -> pd.DataFrame:
    return pd.read_parquet(survey.output / "internal" / "assignments.parquet")


def test_a_handful_of_comments_is_compared_with_the_themes_directly(survey: Survey, command: Command) -> None:
    survey.write(rows=few_rows(5))
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    assert "No topics were looked for" in result.stdout
    assignments = assignments_of(survey)
    assert assignments["topic"].tolist() == [-1] * 5
    assert assignments["theme_direct"].iloc[0] == "funding"
    assert "No topics were looked for" in (survey.output / "public" / "report.html").read_text(encoding="utf-8")
    assert quotations(result.output, WORDS) == []


def test_identical_comments_are_one_comment_that_many_gave(survey: Survey, command: Command) -> None:
    rows = [row | {"comment": "The budget holds no money for tools."} for row in comment_rows()[:30]]
    survey.write(rows=rows)
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    assert "with fewer than 20 distinct comments" in result.stdout
    assignments = assignments_of(survey)
    assert len(assignments) == 30
    assert set(assignments["theme_direct"]) == {"funding"}
    assert assignments["theme_direct_score"].nunique() == 1
    assert quotations(result.output, [rows[0]["comment"]]) == []


@pytest.mark.slow
def test_a_comment_of_a_hundred_thousand_characters_goes_through_whole(survey: Survey, command: Command) -> None:
    rows = few_rows(6)
    sentence = "The budget was cut and no money is left. "
    rows[0]["comment"] = (sentence * (100_000 // len(sentence) + 1))[:100_000]
    survey.write(rows=rows)
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    comments = pd.read_parquet(survey.output / "internal" / "comments.parquet")
    assert len(comments["text"].iloc[0]) >= 99_999
    assert comments["kept"].all()
    assert quotations(result.output, [sentence]) == []


def test_windows_1252_is_read_and_said(survey: Survey, command: Command) -> None:
    rows = few_rows(3)
    rows[0]["comment"] = "The café’s budget was cut by £5"
    survey.write(content=as_csv(rows).decode().encode("cp1252"))
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    assert "read as Windows-1252" in result.stderr
    comments = pd.read_parquet(survey.output / "internal" / "comments.parquet")
    assert comments["text"].iloc[0] in ("The café's budget was cut by £5", "The café’s budget was cut by £5")


def test_some_codes_outside_the_codebook_are_no_reason_to_stop(survey: Survey, command: Command) -> None:
    rows = [row | {"ada_theme": "code 7" if place < 2 else "funding", "ben_theme": ""}
            for place, row in enumerate(few_rows(6))]  # fmt: skip
    survey.write(rows=rows)
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    agreement = pd.read_csv(survey.output / "public" / "agreement.csv")
    assert "Ada" in set(agreement["first"])


def test_a_column_of_codes_that_the_codebook_does_not_have_is_refused(survey: Survey, command: Command) -> None:
    survey.write(rows=[row | {"ada_theme": "4", "ben_theme": ""} for row in few_rows(6)])
    for verb in ("check", "run"):
        result = command(verb, survey.config)
        assert_stopped(result, "6 of 6 codes in the column 'ada_theme' name no theme of the codebook", "labels")


def test_columns_may_have_the_names_that_our_tables_use(survey: Survey, command: Command) -> None:
    """'theme' and 'topic' are what a file of coded comments is likely to have."""
    rows = [{"comment_id": r["comment_id"], "comment": r["comment"], "theme": r["ada_theme"], "topic": "x"}
            for r in few_rows(6)]  # fmt: skip
    columns = {
        "id": "comment_id",
        "comment": "comment",
        "metadata": ["topic"],
        "coders": [{"name": "A", "theme": ["theme"]}],
    }
    survey.write(content=as_csv(rows, list(rows[0])), changes={"input.columns": columns, "assess": {}})
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output


FORMULA = '=cmd|" /C calc"!A0'


@pytest.mark.slow
def test_formula_like_cells_are_neutralised_in_every_csv(survey: Survey, command: Command) -> None:
    rows = comment_rows()
    starts = ["=cmd() ", "+1 ", "-2 ", "@SUM(A1) ", "=1+1 "]
    for place, row in enumerate(rows[:60]):
        row["comment"] = starts[place % 5] + row["comment"]
        row["setting"] = FORMULA if place % 2 else "@town"
    codebook = json.loads(json.dumps(CODEBOOK))
    codebook["themes"][0]["name"] = "=SUM(A1:A9)"
    codebook["themes"][1]["name"] = "+Equipment"
    survey.write(rows=rows, codebook=codebook)
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    tables = sorted(survey.output.rglob("*.csv"))
    assert {path.parent.name for path in tables} == {"public", "internal", "figures", "tables"}
    dangerous, neutralised = [], 0
    for path in tables:
        for cells in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")):
            for cell in cells:
                neutralised += cell.startswith(("'=", "'+", "'-", "'@"))
                if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) and not is_number(cell):
                    dangerous.append((path.name, cell[:12]))
    assert dangerous == []
    # The comments, the group and the names of themes were there to be neutralised.
    assert neutralised > 10
    assert "'=SUM(A1:A9)" in (survey.output / "public" / "prevalence.csv").read_text(encoding="utf-8-sig")
    assert "'@town" in (survey.output / "public" / "outlook.csv").read_text(encoding="utf-8-sig")
    quoted = (survey.output / "internal" / "representative_comments.csv").read_text(encoding="utf-8-sig")
    assert any(f"'{start}" in quoted for start in starts)


def is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------- the configuration


@pytest.mark.parametrize("verb", ["run", "check"])
def test_an_unknown_setting_is_named_with_the_nearest_one(verb: str, survey: Survey, command: Command) -> None:
    survey.configure({"discover.min_topic_sise": 5})
    result = command(verb, survey.config)
    assert_stopped(
        result, f"{survey.config}: discover.min_topic_sise is not a setting.", "Did you mean 'min_topic_size'?"
    )
    assert not survey.output.exists()


def test_a_wrong_type_says_what_is_wanted_and_found(survey: Survey, command: Command) -> None:
    survey.configure({"discover.n_seeds": "many"})
    assert_stopped(command("run", survey.config), "discover.n_seeds must be a whole number, found 'many'",
                   "UMAP layouts in the consensus")  # fmt: skip


def test_a_value_out_of_range_says_the_bound(survey: Survey, command: Command) -> None:
    survey.configure({"discover.min_topic_size": 1})
    assert_stopped(command("run", survey.config), "discover.min_topic_size must be at least 2, found 1",
                   "fewest distinct comments in a topic")  # fmt: skip


def test_several_problems_are_reported_together(survey: Survey, command: Command) -> None:
    survey.configure(
        {"seed": -1, "map.false_discovery_rate": 1.0, "clean.fold": True, "embed.text": "raw", "report.png_dpi": "x"}
    )
    result = command("run", survey.config)
    assert_stopped(result, "seed must be at least 0", "map.false_discovery_rate must be less than 1",
                   "clean.fold is not a setting", "embed.text must be one of",
                   "report.png_dpi must be a whole number")  # fmt: skip
    assert result.stderr.count("Error:") == 5


def test_a_duplicate_key_is_placed_with_its_first_line(survey: Survey, command: Command) -> None:
    text = survey.config.read_text(encoding="utf-8")
    lines = text.splitlines()
    first = next(number for number, line in enumerate(lines, start=1) if line.startswith("codebook:"))
    survey.config.write_text(text + "codebook: other.yaml\n", encoding="utf-8")
    result = command("run", survey.config)
    assert_stopped(
        result, f"{survey.config}, line {len(lines) + 1}: the key 'codebook' is given twice, first on line {first}"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"input: [unclosed", "line"),
        (b"\xff\xfe\x00", "the file is not UTF-8 text"),
        (b"", "sections with names are wanted, found nothing"),
        (b"- a\n- b\n", "sections with names are wanted, found list"),
        (b"input: &a [*a]\ncodebook: c\noutput: o\n", "line 1: the file is nested too deeply"),
    ],
    ids=["no YAML", "no UTF-8", "empty", "a list", "a list in itself"],
)
def test_a_file_that_is_no_configuration_is_told(content: bytes, said: str, survey: Survey, command: Command) -> None:
    survey.config.write_bytes(content)
    assert_stopped(command("run", survey.config), str(survey.config), said)


def test_a_missing_configuration_is_named_with_the_nearest_one(survey: Survey, command: Command) -> None:
    result = command("run", survey.folder / "survy.yaml")
    assert_stopped(
        result, "there is no such configuration file", "Did you mean 'survey.yaml'?", "What to do: Check the name"
    )


def test_an_unknown_stage_is_named_with_the_nearest_one(survey: Survey, command: Command) -> None:
    result = command("run", survey.config, "--force", "discovery")
    assert_stopped(result, "--force: there is no stage 'discovery'. Did you mean 'discover'?", "ingest, clean, embed")


def test_a_group_column_that_is_not_kept_is_told(survey: Survey, command: Command) -> None:
    survey.configure({"assess.group_column": "ward"})
    assert_stopped(command("run", survey.config), "assess.group_column 'ward' must be among input.columns.metadata")


# ---------------------------------------------------------------- the codebook


def without_definition(codebook: dict[str, Any]) -> None:
    codebook["themes"][1]["definition"] = "  "


def with_one_theme(codebook: dict[str, Any]) -> None:
    codebook["themes"] = codebook["themes"][:1]
    codebook["prominence"] = {"order": ["funding"]}


def with_an_id_twice(codebook: dict[str, Any]) -> None:
    codebook["themes"][1]["id"] = "funding"
    codebook["prominence"] = {"order": ["funding"]}


def with_an_id_of_a_code(codebook: dict[str, Any]) -> None:
    codebook["codes"][0]["id"] = "direction"


def with_a_dangling_code(codebook: dict[str, Any]) -> None:
    codebook["codes"][0]["themes"] = ["fundings"]


def with_a_dangling_order(codebook: dict[str, Any]) -> None:
    codebook["prominence"]["order"] = ["equipment", "leadership"]


def with_a_dangling_claim(codebook: dict[str, Any]) -> None:
    codebook["claims"][0]["entry"] = "positives"


def with_an_unknown_key(codebook: dict[str, Any]) -> None:
    codebook["themes"][0]["exmples"] = ["x"]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (with_an_id_twice, ["the id 'funding' is used 2 times", "must be unique"]),
        (with_an_id_of_a_code, ["the id 'direction' is used 2 times"]),
        (without_definition, ["themes[2]", "'equipment' has an empty definition", "write a sentence"]),
        (with_one_theme, ["themes must hold at least 2 entries", "at least two"]),
        (with_a_dangling_code, ["codes: 'repair': 'fundings' is not an id of themes.", "Did you mean 'funding'?"]),
        (with_a_dangling_order, ["prominence.order: 'leadership' is not an id of themes."]),
        (
            with_a_dangling_claim,
            ["claims: 'hopeful': 'positives' is not an id of outlook."],
        ),
        (with_an_unknown_key, ["themes[1].exmples is not a setting.", "Did you mean 'examples'?"]),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_fault_of_the_codebook_names_file_entry_and_mend(
    spoil: Callable[[dict[str, Any]], None], says: list[str], survey: Survey, command: Command
) -> None:
    codebook = json.loads(json.dumps(CODEBOOK))
    spoil(codebook)
    survey.write(codebook=codebook)
    for verb in ("check", "run"):
        assert_stopped(command(verb, survey.config), str(survey.codebook), *says)


def test_an_outlook_facet_that_the_codebook_lacks_is_told(survey: Survey, command: Command) -> None:
    survey.configure({"assess.outlook_facet": "outlooks"})
    assert_stopped(command("run", survey.config), str(survey.codebook), "'outlooks'", "Did you mean 'outlook'?")


def test_check_reports_comments_and_codebook_together(survey: Survey, command: Command) -> None:
    codebook = json.loads(json.dumps(CODEBOOK))
    with_a_dangling_code(codebook)
    survey.write(codebook=codebook, rows=[], changes={})
    result = command("check", survey.config)
    assert_stopped(result, "no comments below it", "'fundings' is not an id of themes")
    assert not survey.output.exists()


@pytest.mark.parametrize("verb", ["check", "run"])
@pytest.mark.parametrize(
    ("installed", "setting", "said", "extra"),
    [
        ("language.backends.has_openvino", {"embed.backend": "openvino"}, "OpenVINO is not installed", "fast"),
        ("discovery.on_gpu.has_cuml", {"discover.device": "cuda"}, "discover.device is cuda, and cuML is not", "gpu"),
    ],
)
def test_what_lacks_its_extra_is_told_before_anything_is_done(
    verb: str,
    installed: str,
    setting: dict[str, str],
    said: str,
    extra: str,
    survey: Survey,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(f"pipeline.{installed}", lambda: False)
    survey.configure(setting)
    assert_stopped(command(verb, survey.config), said, f"theme-crosswalk[{extra}]")
    assert not (survey.output / "internal").exists()


# ---------------------------------------------------------------- the output folder


def test_the_folder_of_another_configuration_is_left_alone(finished: Survey, command: Command) -> None:
    before = {path: path.read_bytes() for path in finished.output.rglob("*") if path.is_file()}
    other = finished.folder / "other.yaml"
    other.write_text(finished.config.read_text(encoding="utf-8"), encoding="utf-8")
    assert_stopped(
        command("run", other), f"{finished.output}: the output folder holds a run of another configuration",
        "'survey.yaml', not 'other.yaml'", "use --output",
    )  # fmt: skip
    changed = [path.name for path, content in before.items() if path.read_bytes() != content]
    assert changed in ([], ["run.log"])


def test_a_folder_with_other_files_is_left_alone(survey: Survey, command: Command) -> None:
    survey.output.mkdir()
    thesis = survey.output / "thesis.docx"
    thesis.write_bytes(b"years of work")
    (survey.output / "public").mkdir()
    result = command("run", survey.config)
    assert_stopped(
        result, f"{survey.output}: the output folder holds files that are no run's", "Set output to a new folder"
    )
    assert thesis.read_bytes() == b"years of work"
    assert not (survey.output / "internal").exists()


@pytest.fixture(scope="module")
def _of_two_comments(tmp_path_factory: pytest.TempPathFactory, language) -> Path:
    survey = Survey(tmp_path_factory.mktemp("two")).write(rows=few_rows(2))
    with pytest.MonkeyPatch.context() as patch:
        use_fake_models(patch, FakeEncoder(), language)
        patch.setattr(pictures, "_figure", sketch)
        assert invoke("run", survey.config).exit_code == 0
    return survey.folder


@pytest.mark.parametrize(
    "harm",
    [
        "not JSON",
        "a name outside",
        *(pytest.param(harm, marks=pytest.mark.slow) for harm in ("a stage nobody knows", "a summary emptied")),
    ],
)
def test_a_run_with_a_damaged_manifest_runs_again_and_says_so(
    harm: str, _of_two_comments: Path, tmp_path: Path, command: Command
) -> None:
    survey = Survey(shutil.copytree(_of_two_comments, tmp_path / "survey"))
    kept = survey.folder / "kept.txt"
    kept.write_bytes(b"years of work")
    path = survey.output / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    stages = manifest["stages"]
    if harm == "a stage nobody knows":
        stages["compare"] = stages["map"]
    elif harm == "a summary emptied":
        stages["ingest"]["summary"] = {}
    elif harm == "a name outside":
        stages["ingest"]["artefacts"]["../kept.txt"] = digest(b"years of work")
        stages["ingest"]["seal"] = result_digest(stages["ingest"])
    path.write_text("{ not JSON" if harm == "not JSON" else json.dumps(manifest), encoding="utf-8")
    assert_stopped(command("figures", survey.output), "manifest.json is damaged", "Run the pipeline again")
    again = command("run", survey.config)
    assert again.exit_code == 0, again.output
    assert "manifest.json) is damaged, everything runs again" in again.stderr
    assert kept.read_bytes() == b"years of work"


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_what_holds_words_is_its_owners_alone(finished: Survey, command: Command) -> None:
    for path in (finished.output / "internal", finished.output / "manifest.json", finished.output / "run.log"):
        assert path.stat().st_mode & 0o077 == 0, path
    assert {path.stat().st_mode & 0o077 for path in (finished.output / "internal").iterdir()} == {0}
    assert (finished.folder / "vectors.sqlite").stat().st_mode & 0o077 == 0
    assert (finished.output / "public").stat().st_mode & 0o055 == 0o055
    assert (finished.output / "public" / "report.html").stat().st_mode & 0o044 == 0o044
    (finished.output / "internal").chmod(0o755)
    assert command("run", finished.config).exit_code == 0
    assert (finished.output / "internal").stat().st_mode & 0o077 == 0


def test_the_log_is_not_written_through_a_link(survey: Survey, command: Command) -> None:
    other = survey.folder / "other.txt"
    other.write_bytes(b"")
    survey.output.mkdir()
    (survey.output / "run.log").symlink_to(other)
    assert_stopped(command("run", survey.config), "run.log: the log cannot be written (it is a link", "Delete it")
    assert other.read_bytes() == b""


@pytest.mark.parametrize("verb", ["check", "figures", "compare"])
def test_a_defect_is_reported_by_its_place_alone(
    verb: str, survey: Survey, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(WORDS[0])

    monkeypatch.setattr("pipeline.engine.checks.check_configuration", fail)
    monkeypatch.setattr("pipeline.results.load_run", fail)
    result = command(verb, *{"check": [survey.config], "figures": ["a"], "compare": ["a", "b"]}[verb])
    assert result.exit_code == 1
    assert "A defect of the program (RuntimeError at test_bad_input.py:" in result.stderr
    assert quotations(result.output, WORDS) == []


@pytest.mark.parametrize(
    ("verb", "name"),
    [
        ("compare", "internal/comments.parquet"),
        ("compare", "internal/embeddings.npy"),
        ("compare", "internal/codebook.json"),
        ("figures", "public/topics.csv"),
    ],
)
def test_a_damaged_file_of_a_run_is_named(verb: str, name: str, finished: Survey, command: Command) -> None:
    path = finished.output / name
    content = path.read_bytes()
    path.write_bytes(content.replace(b",settled", b",x") if verb == "figures" else content[:-40])
    others = [finished.output] if verb == "compare" else ["--only", "alluvial"]
    # The whole path: of two runs that are compared, it says which.
    assert_stopped(command(verb, finished.output, *others), f"{path}: ", comments=WORDS)


def test_an_output_under_a_file_is_told(survey: Survey, command: Command) -> None:
    survey.configure({"output": "survey.csv/run"})
    assert_stopped(command("run", survey.config), "survey.csv/run", "Set output to a folder where you may write")


def test_every_error_is_in_the_log_of_the_run(survey: Survey, command: Command) -> None:
    survey.write(rows=[])
    assert command("run", survey.config).exit_code == 2
    assert "no comments below it" in (survey.output / "run.log").read_text(encoding="utf-8")


def test_a_vector_cache_that_is_none_is_told(survey: Survey, command: Command) -> None:
    survey.write(rows=few_rows(2))
    (survey.folder / "vectors.sqlite").write_bytes(b"this is no database, and long enough to be taken for one" * 40)
    assert_stopped(command("run", survey.config), "the cache of vectors cannot be used", "Delete the file")
