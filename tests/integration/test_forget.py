"""`pipeline forget`: nothing of a respondent is left in any byte below the output folder, and all of others stays."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline import load_run
from pipeline.engine import forgetting
from pipeline.engine.forgetting import FORGOTTEN
from pipeline.engine.store import RunStore
from pipeline.errors import StoreError
from pipeline.exporting.files import FORMATS
from tests.conftest import Command, invoke, use_fake_models
from tests.everything_written import files_in, holding
from tests.example_survey import COLUMNS, Survey, as_csv, comment_rows, few_rows
from tests.fake_encoder import FakeEncoder
from tests.plain_output import assert_stopped

pytestmark = pytest.mark.slow

ID, SECOND, PERSON = "idqx7731", "idqx7732", "personvv88"
SAID = "Our quibblewhumper is broken, the budget is gone and there is no money for another quibblewhumper."
ALSO = "The flibbergast computer crashes and forgets the password of every flibbergast booking."
PLANTED = ("quibblewhumper", "flibbergast", ID, SECOND, PERSON)
NOTE = "a note of the reviewer"


def with_person(others: list[dict[str, str]]) -> list[dict[str, str]]:
    rows = [row | {"who": f"p{number:03d}"} for number, row in enumerate(others)]
    for comment_id, comment, group in ((ID, SAID, "money"), (SECOND, ALSO, "computers")):
        near = next(row for row in rows if row["comment_id"].startswith(group[0]))
        rows.insert(7, near | {"comment_id": comment_id, "comment": comment, "who": PERSON})
    return rows


def write(survey: Survey, others: list[dict[str, str]], *, named: bool = True) -> Survey:
    survey.write(
        content=as_csv(with_person(others), (*COLUMNS, "who")),
        changes={
            "input.columns.respondent": "who",
            "quotations": {"review": True},
            "discover.n_bootstrap": 0,
            "embed.cache": "run_cache/vectors.sqlite",
            **({} if named else {"input.columns.id": None, "input.columns.respondent": None}),
        },
    )
    return survey


@pytest.fixture(scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory, language) -> Survey:
    """A run with all that people fill in, and all that is written into its folder on request."""
    survey = write(Survey(tmp_path_factory.mktemp("made")), comment_rows())
    with pytest.MonkeyPatch.context() as patch:
        use_fake_models(patch, FakeEncoder(), language)
        for arguments in (
            ("run", survey.config),
            ("topics", survey.output),
            ("code", "draw", survey.output, "--n", 64, "--coders", 2, "--overlap", 64),
            *(("export", survey.output, "--to", to) for to in FORMATS),
            ("assign", survey.output, survey.comments),
            ("figures", survey.output, "--only", "crosswalk"),
        ):
            result = invoke(*arguments)
            assert result.exit_code == 0, result.output
        fill_in(survey)
        result = invoke("run", survey.config)
        assert result.exit_code == 0, result.output
    return survey


def fill_in(survey: Survey) -> None:
    """Code all comments, move one of the respondent's, name a topic, and mark quotations of theirs and of others."""
    sheets = sorted((survey.output / "coding").glob("*.xlsx"))
    for number, path in enumerate(sheets):
        book = openpyxl.load_workbook(path)
        for place, (comment_id, *_) in enumerate(book["comments"].iter_rows(min_row=2, values_only=True), start=2):
            money = str(comment_id).startswith("m") or (comment_id == ID and number == 0)
            book["comments"].cell(place, 3, "Money" if money else "No theme fits")
        book.save(path)
    scored = invoke("code", "score", survey.output, *sheets)
    assert scored.exit_code == 0, scored.output
    run = load_run(survey.output)
    topic = int(run.exact_topics["topic"].iloc[0])
    run.rename({topic: "Named by somebody"})
    run.move(ID, -1)
    run.move("m01", -1)
    run.save_review()
    path = survey.output / "internal" / "quotations.csv"
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    more = pd.DataFrame({"publish": "x", "comment_id": [ID, "m02"], "comment": "", "quotation": "", "note": NOTE})
    sheet = pd.concat([sheet[~sheet["comment_id"].isin([ID, "m02"])], more]).fillna("")
    sheet.to_csv(path, index=False, encoding="utf-8-sig")


@pytest.fixture
def made(_made: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command) -> Survey:
    """A copy of it at the same place, since a run knows its places."""
    kept = tmp_path / "kept"
    shutil.copytree(_made.folder, kept)
    yield _made
    shutil.rmtree(_made.folder)
    shutil.copytree(kept, _made.folder)


def everything(survey: Survey) -> list[Path]:
    return files_in(survey.output, survey.folder / "run_cache")


def left_of_person(survey: Survey) -> dict[str, list[str]]:
    vectors = FakeEncoder().encode([SAID, ALSO])
    planted = {**{said: said for said in PLANTED}, **{f"vector {n}": one.tobytes() for n, one in enumerate(vectors)}}
    found = {name: holding(said, everything(survey)) for name, said in planted.items()}
    return {name: [path.name for path in paths] for name, paths in found.items() if paths}


def test_nothing_of_the_respondent_is_left_and_nothing_of_people_s_work_goes(made: Survey, command: Command):
    before = left_of_person(made)
    assert set(before) == {*PLANTED, "vector 0", "vector 1"}
    assert {"vectors.sqlite", "project.qdpx", "comments.sav", "draws.json", "quotations.csv", "report.html"} <= {
        name for names in before.values() for name in names
    }
    assert holding("quibblewhumper", files_in(made.output / "public"))
    result = command("forget", made.output, "--id", ID)
    assert result.exit_code == 0, result.output
    assert left_of_person(made) == {}
    for said in PLANTED:
        assert said not in result.output
    flat = " ".join(result.output.split())
    assert "2 comments forgotten" in flat
    assert f"The file of comments still has the words: {made.comments}" in flat
    kept = json.loads((made.output / FORGOTTEN).read_text(encoding="utf-8"))
    assert [removal["comments"] for removal in kept["removals"]] == [2]
    assert kept["unfinished"] == []
    assert_stopped(command("audit", made.output), "the run did not finish")

    again = command("run", made.config)
    assert again.exit_code == 0, again.output
    assert "2 comments forgotten" in again.output
    assert left_of_person(made) == {}
    run = load_run(made.output)
    assert len(run.comments) == len(comment_rows())
    # What people did is there as before.
    assert len(run.coded_sample.complete) == len(run.assignments)
    assert set(run.coded_sample.codes["coder"]) == {"coder_1", "coder_2"}
    assert "Named by somebody" in run.exact_topics["label"].tolist()
    assert run.assignments.set_index("comment_id").at["m01", "topic"] == -1
    sheet = pd.read_csv(made.output / "internal" / "quotations.csv", keep_default_na=False).set_index("comment_id")
    assert sheet.at["m02", "publish"] == "x"
    assert sheet.at["m02", "note"] == NOTE
    assert "all stages reused" in command("run", made.config).output
    assert command("topics", made.output).exit_code == 0
    assert left_of_person(made) == {}


def test_a_sheet_that_a_coder_has_elsewhere_still_counts(made: Survey, command: Command, tmp_path: Path):
    elsewhere = tmp_path / "sheet.xlsx"
    shutil.copy(made.output / "coding" / "draw_1_coder_1.xlsx", elsewhere)
    assert command("forget", made.output, "--id", SECOND).exit_code == 0
    assert command("run", made.config).exit_code == 0
    scored = command("code", "score", made.output, elsewhere)
    assert scored.exit_code == 0, scored.output
    assert left_of_person(made) == {}
    assert command("code", "score", made.output, made.output / "coding" / "draw_1_coder_2.xlsx").exit_code == 0


@pytest.mark.parametrize("breaks", ["write", "clear", "empty"])
def test_a_removal_that_is_killed_is_finished_by_the_next_command(
    breaks: str, made: Survey, command: Command, monkeypatch: pytest.MonkeyPatch
):
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        if breaks == "write":
            write, writes = RunStore.write, []

            def dying(store: RunStore, name: str, content: bytes) -> str:
                writes.append(name)
                return killed() if len(writes) == 4 else write(store, name, content)

            patch.setattr(RunStore, "write", dying)
        elif breaks == "clear":
            patch.setattr(RunStore, "clear", killed)
        else:
            patch.setattr(forgetting, "empty_cache", killed)
        assert command("forget", made.output, "--id", ID).exit_code == 130
    assert left_of_person(made) != {}
    again = command("forget", made.output, "--id", ID)
    assert again.exit_code == 0, again.output
    assert "2 comments forgotten" in again.output
    assert left_of_person(made) == {}
    assert len(json.loads((made.output / FORGOTTEN).read_text(encoding="utf-8"))["removals"]) == 1


def test_it_says_what_is_wrong(made: Survey, command: Command, tmp_path: Path):
    result = command("forget", made.output, "--id", "nobody17")
    assert_stopped(result, "no comment of this run has this id", "'comment_id'")
    assert "nobody17" not in result.output
    assert_stopped(command("forget", tmp_path / "none", "--id", ID), "there is no run in this folder")
    assert not (tmp_path / "none").exists()
    made.comments.rename(tmp_path / "away.csv")
    assert_stopped(command("forget", made.output, "--id", ID), "the file of comments is missing", "--force")
    assert load_run(made.output).comments["comment_id"].isin([ID]).any()
    assert command("forget", made.output, "--id", ID, "--force").exit_code == 0
    assert "forgotten before" in command("forget", made.output, "--id", ID).output
    assert left_of_person(made) == {}


def test_where_rows_are_numbered_the_words_say_which_comment_it_is(survey: Survey, command: Command):
    others = few_rows(14)
    write(survey, others, named=False)
    assert command("run", survey.config).exit_code == 0
    received = pd.read_parquet(survey.output / "internal" / "received.parquet").set_index("comment_id")["text"]
    (number,) = received.index[received == SAID]
    assert command("forget", survey.output, "--id", number).exit_code == 0
    # A row less above it: the number is another's now.
    survey.comments.write_bytes(as_csv(with_person(others)[1:], (*COLUMNS, "who")))
    assert command("run", survey.config).exit_code == 0
    assert holding("quibblewhumper", everything(survey)) == []
    assert len(load_run(survey.output).comments) == 14


def test_a_damaged_list_lets_nobody_come_back(made: Survey, command: Command):
    assert command("forget", made.output, "--id", ID).exit_code == 0
    (made.output / FORGOTTEN).write_text("{}", encoding="utf-8")
    assert_stopped(command("run", made.config), "the list of what was forgotten is damaged")
    with pytest.raises(StoreError):
        forgetting.forget(made.output, [SECOND])


def test_of_pooled_answers_all_of_a_row_go(survey: Survey, command: Command):
    rows = [
        {"id": f"w{n:02d}", "why": row["comment"], "else": row["comment"][::-1]} for n, row in enumerate(few_rows(8))
    ]
    rows.append({"id": ID, "why": SAID, "else": ALSO})
    rows.append({"id": "w99", "why": "", "else": "We lend no more drills."})
    survey.write(
        content=as_csv(rows, ("id", "why", "else")),
        changes={
            "input.columns": {"id": "id", "comment": ["why", "else"]},
            "assess": {"groups": {"question": None}, "smallest_group": 5, "n_bootstrap": 100},
        },
    )
    result = command("run", survey.config)
    assert result.exit_code == 0, result.output
    run = load_run(survey.output)
    assert len(run.comments) == 19
    assert {"why", "else"} <= set(run.groups["group"])
    assert command("forget", survey.output, "--id", ID).exit_code == 0
    assert command("run", survey.config).exit_code == 0
    assert load_run(survey.output).comments["comment_id"].tolist()[-3:] == ["w07-q1", "w07-q2", "w99-q2"]
    for said in ("quibblewhumper", "flibbergast", ID):
        assert holding(said, files_in(survey.output)) == []
