"""People code comments in spreadsheets: drawn, filled in, scored, adjudicated and drawn from again, by the command."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import Result

from pipeline import load_run
from pipeline.codebook.codebook import load_codebook
from pipeline.documents import pictures
from pipeline.engine.coding import CODES, DRAWS
from tests.conftest import Command, invoke, sketch, use_fake_models
from tests.example_survey import GROUPS, MARKER, Survey, as_csv, comment_rows
from tests.fake_encoder import FakeEncoder
from tests.filled_sheets import all_cells, columns, edited, filled
from tests.integration.test_main_job import files_of
from tests.plain_output import assert_stopped, quotations

pytestmark = pytest.mark.usefixtures("sketched")

ROOT = Path(__file__).parents[2]
ILLUSTRATIVE = ROOT / "pipeline/corpora/illustrative_comments.csv"
HTN = ROOT / "configs/codebooks/htn_health_tech_trends.yaml"
WORDS = [comment for comments in GROUPS.values() for comment in comments]


def succeeded(result: Result) -> Result:
    assert result.exit_code == 0, result.output
    return result


def sheets(survey: Survey, draw: int = 1) -> list[Path]:
    return sorted((survey.output / "coding").glob(f"draw_{draw}_coder_*.xlsx"))


def fill(path: Path, coded) -> None:
    path.write_bytes(filled(path.read_bytes(), coded))


def chosen(comment_ids, main: str, **cells: str) -> dict[str, dict[str, str]]:
    return {comment_id: {"main theme": main, **cells} for comment_id in comment_ids}


def manifest(survey: Survey) -> dict:
    return json.loads((survey.output / "manifest.json").read_text(encoding="utf-8"))


# ---------------------------------------------------------------- the whole loop


def illustrative_rows() -> list[dict[str, str]]:
    with ILLUSTRATIVE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:160]


@pytest.fixture(scope="module")
def illustrative(tmp_path_factory: pytest.TempPathFactory, language) -> Survey:
    """A finished run of 160 illustrative comments, which two people have coded outside the program."""
    survey = Survey(tmp_path_factory.mktemp("illustrative"))
    rows = illustrative_rows()
    survey.write(
        content=as_csv(rows, list(rows[0])),
        codebook=yaml.safe_load(HTN.read_text(encoding="utf-8")),
        changes={"input.columns.metadata": [], "input.columns.coders": [], "assess.group_column": None},
    )
    with pytest.MonkeyPatch.context() as patch:
        use_fake_models(patch, FakeEncoder(), language)
        patch.setattr(pictures, "_figure", sketch)
        succeeded(invoke("run", survey.config))
    return survey


def choices_of(coder: str) -> dict[str, dict[str, str]]:
    """Return what one of the two people would choose on a sheet, by comment_id."""
    codebook = load_codebook(HTN)
    names = {theme.id: theme.name for theme in codebook.themes}
    outlooks = {entry.id: entry.name for entry in codebook.facets[0].themes}
    coded = {}
    for row in illustrative_rows():
        main = row[f"{coder}_theme"]
        cells = {"main theme": {"other": "no theme fits", "none": "nothing to say"}.get(main) or names[main]}
        if main in names and row[f"{coder}_theme_2"] in names:
            cells["further theme 1"] = names[row[f"{coder}_theme_2"]]
        if row[f"{coder}_outlook"] in outlooks:
            cells["outlook"] = outlooks[row[f"{coder}_outlook"]]
        coded[row["comment_id"]] = cells
    return coded


@pytest.mark.slow
def test_the_whole_loop_of_coding(illustrative: Survey, language, monkeypatch: pytest.MonkeyPatch):
    use_fake_models(monkeypatch, FakeEncoder(), language)
    folder = illustrative.output / "coding"
    people = [choices_of(coder) for coder in ("coder_1", "coder_2")]
    texts = [row["comment"] for row in illustrative_rows()]

    planned = succeeded(invoke("code", "plan", illustrative.output)).stdout
    assert "for a 95% interval of ±5 points" in planned
    assert "Get the basics right" in planned
    assert "theme_order" in planned and "basics_prominent" not in planned

    succeeded(invoke("code", "draw", illustrative.output, "--n", 80, "--coders", 2, "--overlap", 40))
    sealed = manifest(illustrative)["coding"]
    order = json.loads((illustrative.output / DRAWS).read_text(encoding="utf-8"))["order"]
    for path, coded in zip(sheets(illustrative), people, strict=True):
        fill(path, coded)
    first = succeeded(invoke("code", "score", illustrative.output, *sheets(illustrative)))
    assert "draw_1_coder_1: 60 of 60 comments are coded." in first.stdout
    assert "The random sample has 80 coded comments" in first.stdout
    audited = succeeded(invoke("audit", illustrative.output)).stdout
    for claim in ("share_positive", "theme_order"):
        (line,) = [line for line in audited.splitlines() if line.startswith(claim)]
        assert line in first.stdout
        assert any(verdict in line for verdict in ("confirmed", "refuted", "go on"))
        assert " 80 " in line
    # A claim without a number is not audited.
    assert "basics_prominent" not in audited
    sample = load_run(illustrative.output).coded_sample
    assert sample.complete == tuple(order[:80])
    assert len(sample.codes) == 120
    wanted = {row["comment_id"]: row for row in illustrative_rows()}
    for row in sample.codes.to_dict("records"):
        code = wanted[row["comment_id"]][f"{row['coder']}_theme"]
        assert row["main"] == {"other": "none", "none": "nothing"}.get(code, code)
    differing = [
        comment_id for comment_id in order[:40] if people[0][comment_id] != people[1][comment_id]
        and {"nothing to say", "no theme fits"} != {coded[comment_id]["main theme"] for coded in people}
    ]  # fmt: skip
    assert len(differing) > 0
    assert f"Coders disagree on {len(differing)} comments that nobody has adjudicated." in first.stdout

    adjudicate = folder / "adjudicate_1.xlsx"
    rows = all_cells(adjudicate.read_bytes())["comments"]
    assert rows[0][2:4] == ["code A", "code B"]
    assert [row[0] for row in rows[1:]] == differing
    fill(adjudicate, chosen(differing, "no theme fits", outlook="Mixed"))
    second = succeeded(invoke("code", "score", illustrative.output, adjudicate))
    assert "Coders disagree" not in second.stdout
    assert not (folder / "adjudicate_2.xlsx").exists()
    settled = load_run(illustrative.output).coded_sample.codes.query("coder == 'adjudicated'")
    assert settled["comment_id"].tolist() == differing
    assert set(settled["main"]) == {"none"}

    # The next run keeps the seal, and its figures are corrected by the codes.
    before = load_run(illustrative.output).prevalence
    again = succeeded(invoke("run", illustrative.config))
    assert "map: reused" in again.stderr
    assert "assess: people's codes changed" in again.stderr
    assert manifest(illustrative)["coding"] == sealed
    assert set(before["reading"].dropna()) - {""} == {"machine reading, unchecked"}
    run = load_run(illustrative.output)
    table = run.prevalence[run.prevalence["theme"] != "outlier"]
    assert (table["reading"] == "corrected").all() and (table["by"] == "coder_1 and coder_2").all()
    assert table["count"].isna().all()
    told = table[table["share"].notna()]
    assert len(told) >= 3
    assert ((told["low"] <= told["share"]) & (told["share"] <= told["high"]) & (told["low"] < told["high"])).all()
    assert set(run.claims["reading"]) - {""} == {"corrected"}
    assert "not checked" not in set(run.claims["verdict"])
    report = (illustrative.output / "public" / "report.html").read_text(encoding="utf-8")
    assert "Corrected by what coder_1 and coder_2 coded" in report
    assert "all stages reused" in succeeded(invoke("run", illustrative.config)).stdout

    succeeded(invoke("code", "draw", illustrative.output, "--more", 20))
    later = sheets(illustrative, draw=2)
    ids = [row[0] for path in later for row in all_cells(path.read_bytes())["comments"][1:]]
    assert sorted(ids) == sorted(order[80:100])
    assert manifest(illustrative)["coding"] == sealed
    waiting = succeeded(invoke("code", "score", illustrative.output))
    assert "20 drawn comments have no code yet." in waiting.stdout
    for path, coded in zip(later, people, strict=True):
        fill(path, coded)
    last = succeeded(invoke("code", "score", illustrative.output, *later))
    assert "The random sample has 100 coded comments" in last.stdout
    assert len(load_run(illustrative.output).coded_sample.codes) == 140 + len(differing)

    for result in (first, second, again, waiting, last):
        assert quotations(result.output, texts) == []
    for name, content in files_of(illustrative.output).items():
        if name in ("manifest.json", "run.log", "config.yaml", CODES, DRAWS):
            assert quotations(content.decode("utf-8"), texts) == [], name


# ---------------------------------------------------------------- what goes wrong


def drawn(survey: Survey, command: Command, *options: object) -> Result:
    return succeeded(command("code", "draw", survey.output, *(options or ("--n", 20, "--overlap", 10))))


def test_without_codes_there_is_nothing_to_audit(finished: Survey, command: Command):
    assert_stopped(command("audit", finished.output), "nobody's codes have been read yet")


def test_the_order_is_sealed_before_anybody_can_have_coded(finished: Survey, command: Command):
    result = drawn(finished, command)
    record = json.loads((finished.output / DRAWS).read_text(encoding="utf-8"))
    sealed = manifest(finished)["coding"]
    assert sealed["order_sha256"] in result.stdout
    assert (sealed["comments"], sealed["seed"]) == (62, 20)
    assert sorted(record["order"]) == sorted(load_run(finished.output).assignments["comment_id"])
    assert "stages" in manifest(finished)
    load_run(finished.output)


def test_nothing_of_the_machine_and_nobodys_words_are_where_they_should_not_be(finished: Survey, command: Command):
    result = drawn(finished, command, "--n", 62, "--coders", 1)
    for name, content in files_of(finished.output).items():
        if name.startswith("coding/draw_"):
            machine = load_run(finished.output)
            written = {cell for rows in all_cells(content).values() for row in rows for cell in row}
            assert MARKER in "".join(map(str, written))
            # A topic may be called what the codebook calls a theme.
            names = {theme.name for theme in machine.codebook.themes}
            assert not written & ({*machine.topics["label"], *machine.topics["keywords"]} - names)
            comments = all_cells(content)["comments"][1:]
            assert all(cell is None for row in comments for cell in row[2:])
        elif not name.startswith("internal/"):
            assert MARKER.encode() not in content, name
    assert quotations(result.output, WORDS) == []
    assert not list((finished.output / "public").rglob("*coding*"))


@pytest.mark.skipif(not hasattr(stat, "S_IRWXG"), reason="rights are those of POSIX")
def test_the_folder_is_its_owners_alone(finished: Survey, command: Command):
    drawn(finished, command)
    assert stat.S_IMODE((finished.output / "coding").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (finished.output / "coding").iterdir()} == {0o600}


def test_half_finished_sheets_count_as_far_as_they_go(finished: Survey, command: Command):
    drawn(finished, command, "--n", 20, "--coders", 1)
    (path,) = sheets(finished)
    order = json.loads((finished.output / DRAWS).read_text(encoding="utf-8"))["order"]
    fill(path, chosen([*order[:5], *order[6:15]], "Money", unsure="yes"))
    result = succeeded(command("code", "score", finished.output, path))
    assert "draw_1_coder_1: 14 of 20 comments are coded." in result.stdout
    assert "The random sample has 5 coded comments, of 62 in all." in result.stdout
    assert "6 drawn comments have no code yet. 9 coded ones stand behind the first." in result.stdout
    sample = load_run(finished.output).coded_sample
    assert sample.complete == tuple(order[:5])
    assert sample.codes["unsure"].all()
    # A copy that was filled in further, anywhere, takes its place.
    newer = finished.folder / "from the coder.xlsx"
    shutil.copy(path, newer)
    fill(newer, chosen(order[5:20], "Money"))
    assert "has 20 coded comments" in succeeded(command("code", "score", finished.output, newer)).stdout


def test_a_bad_sheet_changes_nothing_and_quotes_nobody(finished: Survey, command: Command):
    drawn(finished, command)
    path = sheets(finished)[0]

    def spoil(book):
        rows = book["comments"]
        places = columns(rows)
        rows.cell(2, places["comment"]).value += " More words of somebody else."
        rows.cell(3, places["main theme"]).value = rows.cell(3, places["comment"]).value
        rows.delete_rows(5)

    path.write_bytes(edited(path.read_bytes(), spoil))
    before = files_of(finished.output)
    result = command("code", "score", finished.output, path)
    says = ("row 2, column 'comment': the comment was edited", "row 3, column 'main theme'", "1 of its comments is")
    assert_stopped(result, *says, comments=WORDS)
    assert files_of(finished.output) == before


def test_sheets_that_cannot_be_read_are_told(finished: Survey, command: Command, tmp_path: Path):
    drawn(finished, command)
    path = sheets(finished)[0]
    assert_stopped(command("code", "score", finished.output, tmp_path / "none.xlsx"), "the sheet cannot be read")
    assert_stopped(command("code", "score", finished.output, finished.comments), "no XLSX workbook", comments=WORDS)
    assert_stopped(command("code", "score", finished.output, path, path), "are both the sheet 'draw_1_coder_1'")
    assert_stopped(command("code", "score", finished.output), "No codes have been read yet.")


def test_draws_out_of_turn_are_told(finished: Survey, command: Command):
    assert_stopped(command("code", "score", finished.output), "no comments have been drawn yet", "Use code draw first")
    assert_stopped(command("code", "draw", finished.output, "--more", 5), "no comments have been drawn yet")
    assert_stopped(command("code", "draw", finished.output, "--n", 63), "63 comments cannot be drawn: 62 of 62")
    assert not (finished.output / "coding").exists()
    assert "coding" not in manifest(finished)
    drawn(finished, command)
    assert_stopped(command("code", "draw", finished.output), "20 comments have been drawn already", "Use --more")
    assert_stopped(command("code", "draw", finished.output, "--more", 5, "--seed", 3), "--seed: the order was fixed")
    assert_stopped(command("code", "draw", finished.output, "--more", 5, "--kind", "model"), "--kind: the first draw")
    assert_stopped(command("code", "draw", finished.output, "--kind", "robot"), "--kind: found 'robot'")
    assert_stopped(command("code", "plan", finished.output, "--width", 0), "--width: found 0")


def test_a_sheet_that_is_there_is_never_written_over(finished: Survey, command: Command):
    drawn(finished, command)
    (finished.output / DRAWS).unlink()
    before = sheets(finished)[0].read_bytes()
    assert_stopped(command("code", "draw", finished.output), "draw_1_coder_1.xlsx: this file is there already")
    assert sheets(finished)[0].read_bytes() == before


def test_disagreements_on_a_sheet_to_adjudicate_are_not_listed_again(finished: Survey, command: Command):
    drawn(finished, command)
    one, other = sheets(finished)
    order = json.loads((finished.output / DRAWS).read_text(encoding="utf-8"))["order"]
    fill(one, chosen(order, "Money"))
    fill(other, chosen(order, "Money") | chosen(order[:3], "no theme fits"))
    assert "adjudicate_1.xlsx" in succeeded(command("code", "score", finished.output, one, other)).stdout
    begun = finished.output / "coding" / "adjudicate_1.xlsx"
    fill(begun, {order[0]: {"main theme": "Equipment that works"}})
    content = begun.read_bytes()
    fill(other, chosen(order[3:5], "Leadership and strategy"))
    result = succeeded(command("code", "score", finished.output, other))
    # What somebody has begun to settle stays as it is; what is new goes on a sheet of its own.
    assert begun.read_bytes() == content
    assert "Coders disagree on 5 comments" in result.stdout
    fresh = all_cells((finished.output / "coding" / "adjudicate_2.xlsx").read_bytes())["comments"]
    assert {row[0] for row in fresh[1:]} == set(order[3:5])
    assert "Coders disagree on 4 comments" in succeeded(command("code", "score", finished.output, begun)).stdout
    assert not (finished.output / "coding" / "adjudicate_3.xlsx").exists()


@pytest.mark.slow
def test_comments_that_were_added_since_the_draw_stop_scoring(finished: Survey, command: Command):
    drawn(finished, command)
    path = sheets(finished)[0]
    finished.write(
        rows=[*comment_rows(), {**comment_rows()[0], "comment_id": "new", "comment": "Saws are far too dear."}]
    )
    succeeded(command("run", finished.config))
    said = "1 comments of this run were not there when the order was drawn."
    assert_stopped(command("code", "score", finished.output, path), said, comments=WORDS)


def test_the_record_must_be_the_sealed_one(finished: Survey, command: Command):
    drawn(finished, command)
    path = finished.output / "manifest.json"
    content = manifest(finished)
    content["coding"]["order_sha256"] = "0" * 64
    path.write_text(json.dumps(content), encoding="utf-8")
    said = "the order of drawing is not the one in manifest.json"
    assert_stopped(command("code", "draw", finished.output, "--more", 5), said)


def test_a_manifest_that_lost_the_seal_gets_it_back_with_a_new_date(finished: Survey, command: Command):
    drawn(finished, command)
    content = manifest(finished)
    sealed = content.pop("coding")
    (finished.output / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    drawn(finished, command, "--more", 5)
    again = manifest(finished)["coding"]
    assert again["order_sha256"] == sealed["order_sha256"]
    assert again["sealed"] >= sealed["sealed"]


def test_starting_again_with_another_seed_leaves_a_trace(finished: Survey, command: Command):
    drawn(finished, command)
    first = manifest(finished)["coding"]
    shutil.move(finished.output / "coding", finished.folder / "old coding")
    drawn(finished, command, "--n", 10, "--seed", 3)
    second = manifest(finished)["coding"]
    assert second["seed"] == 3
    assert [entry["order_sha256"] for entry in second["earlier"]] == [first["order_sha256"]]
    # The old sheets belong to the old order.
    old = next((finished.folder / "old coding").glob("draw_1_coder_1.xlsx"))
    assert_stopped(command("code", "score", finished.output, old), "this sheet is of another run")


@pytest.mark.slow
def test_codes_of_comments_that_the_machine_learned_from_are_not_held_against_it(finished: Survey, command: Command):
    finished.configure({"map.learn_from": ["ada_theme"]})
    succeeded(command("run", finished.config))
    learned = load_run(finished.output).assignments["learned_from"]
    drawn(finished, command, "--n", 62, "--coders", 1)
    (path,) = sheets(finished)
    run = load_run(finished.output)
    fill(path, chosen(run.assignments["comment_id"], "Money"))
    succeeded(command("code", "score", finished.output, path))
    _, by_theme = run.coding_scores(load_run(finished.output).coded_sample)
    assert learned.sum() > 0
    assert by_theme.set_index("theme").loc["funding", "positives"] == 62 - learned.sum()


def test_codes_are_a_table_that_other_programs_read(finished: Survey, command: Command):
    drawn(finished, command, "--n", 3, "--coders", 1)
    (path,) = sheets(finished)
    order = json.loads((finished.output / DRAWS).read_text(encoding="utf-8"))["order"]
    fill(path, {order[0]: {"main theme": "Money", "further theme 1": "Equipment that works", "note": "a note of mine"}})
    succeeded(command("code", "score", finished.output, path))
    table = pd.read_csv(finished.output / CODES, keep_default_na=False)
    assert table.to_dict("records") == [
        {"comment_id": order[0], "coder": "coder_1", "main": "funding", "further": "equipment", "outlook": "",
         "unsure": ""}
    ]  # fmt: skip
