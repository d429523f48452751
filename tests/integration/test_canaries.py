"""Whatever breaks, what people wrote, their ids and the user's folder stay out of all that is not kept inside."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.engine import wiring
from pipeline.engine.store import RunStore
from pipeline.language import vector_cache
from pipeline.stages import STAGE_NAMES, assess, clean, discover, embed, ingest, report
from pipeline.stages import map as map_stage
from tests.conftest import Command
from tests.everything_written import files_in, holding
from tests.example_survey import COLUMNS, Survey, as_csv, few_rows
from tests.fake_encoder import FakeEncoder

SAID = "quibblewhumper flibbergast"
IN_METADATA, COMMENT_ID, RESPONDENT, SPARE, USER = "grottlebeck", "idqx7731", "personvv88", "zanzibarcell", "jqsmythe"
COLUMN, SPARE_COLUMN = "colfrobnitz", "colunusedwibble"
MESSAGE = f"in row 3: {SAID!r}, {COMMENT_ID} of {RESPONDENT} in {IN_METADATA} ({SPARE})"
ANYWHERE = ("quibblewhumper", "flibbergast", COMMENT_ID, RESPONDENT, SPARE, SPARE_COLUMN, USER)
"""What stands nowhere outside internal/ and coding/. (The names of columns and of groups that the user chose may.)"""

INSIDE = ("internal", "coding")


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Survey:
    """A survey in a user's own folder, with something to find wherever a file of comments has a place for it."""
    home = tmp_path / USER
    (home / "survey").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    rows = [
        {COLUMN if name == "comment" else name: cell for name, cell in row.items()}
        | {"who": f"p{number}", SPARE_COLUMN: SPARE}
        for number, row in enumerate(few_rows(14))
    ]
    rows[3] |= {"comment_id": COMMENT_ID, "who": RESPONDENT, "setting": IN_METADATA}
    rows[3][COLUMN] += f" The {SAID} is what I miss."
    survey = Survey(home / "survey")
    survey.write(
        content=as_csv(rows, (*(COLUMN if name == "comment" else name for name in COLUMNS), "who", SPARE_COLUMN)),
        changes={
            "input.columns.comment": COLUMN,
            "input.columns.respondent": "who",
            "input.path": f"answers of {COMMENT_ID}.csv",
            "embed.model": "~/model",
            "report.figure_width_mm": 90.0,
            "disclosure": {"suppress_below": 3, "round_to": 1},
            "quotations": {"review": True},
        },
    )
    survey.comments.rename(survey.folder / f"answers of {COMMENT_ID}.csv")
    return survey


class UnforeseenError(Exception):
    """Raised where a library, or this program, meets something that nobody thought of."""

    def __str__(self) -> str:
        return MESSAGE


def problems() -> list[BaseException]:
    home = str(Path.home())
    chained = RuntimeError(f"{home}: {MESSAGE}")
    chained.__cause__ = KeyError(SAID)
    chained.add_note(MESSAGE)
    return [
        UnforeseenError(), chained, OSError(f"{home}/x: {MESSAGE}"), MemoryError(MESSAGE),
        sqlite3.DatabaseError(MESSAGE), UnicodeEncodeError("ascii", MESSAGE, 0, 1, MESSAGE),
        FileNotFoundError(2, MESSAGE, f"{home}/{SAID}"),
    ]  # fmt: skip


def failing(problem: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise problem

    return fail


WITHIN = {
    "ingest": (ingest, "_comment_ids"), "clean": (clean, "analyse_in_parts"), "embed": (FakeEncoder, "encode"),
    "discover": (discover, "TopicResult"), "map": (map_stage, "Mapped"), "assess": (assess, "Assessed"),
    "report": (report, "public_words"),
}  # fmt: skip
"""A place deep within each stage."""


def leaks(survey: Survey, printed: str) -> dict[str, list[str]]:
    own = {
        survey.config,
        survey.codebook,
        *survey.folder.glob("*.csv"),
        *files_in(*map(survey.output.joinpath, INSIDE)),
    }
    outside = [path for path in files_in(survey.folder) if path not in own]
    found = {said: [path.name for path in holding(said, outside)] for said in ANYWHERE}
    # The name of the file of comments is the user's choice, and stands in the private manifest and log.
    named = {path for path in found[COMMENT_ID] if path in ("manifest.json", "config.yaml", "run.log")}
    found[COMMENT_ID] = [
        path for path in found[COMMENT_ID]
        if path not in named or COMMENT_ID in without_the_files_name((survey.output / path).read_text(encoding="utf-8"))
    ]  # fmt: skip
    said = without_the_files_name(printed)
    return {one: paths + ["printed"] * (one in said) for one, paths in found.items() if paths or one in said}


def without_the_files_name(text: str) -> str:
    return re.sub(f"answers.of.{COMMENT_ID}", "", text)


@pytest.mark.slow
def test_every_stage_may_break_and_nothing_leaks(planted: Survey, command: Command, monkeypatch: pytest.MonkeyPatch):
    assert set(WITHIN) == set(STAGE_NAMES)
    for stage in STAGE_NAMES:
        for problem in problems():
            with monkeypatch.context() as patch:
                patch.setattr(*WITHIN[stage], failing(problem))
                result = command("run", planted.config)
            assert result.exit_code in (1, 2), (stage, problem, result.output)
            assert leaks(planted, result.output) == {}, (stage, problem)
        # The disk refuses what the stage wants to read, and what it wants to write. Then it is done.
        for place, name in ((wiring, "read_result"), (RunStore, "write"))[stage == "ingest" :]:
            with monkeypatch.context() as patch:
                patch.setattr(place, name, failing(OSError(MESSAGE)))
                result = command("run", planted.config)
            assert result.exit_code in (1, 2), (stage, name, result.output)
            assert leaks(planted, result.output) == {}, (stage, name)
        with monkeypatch.context() as patch:
            if stage != STAGE_NAMES[-1]:
                following = STAGE_NAMES[STAGE_NAMES.index(stage) + 1]
                patch.setattr(*WITHIN[following], failing(UnforeseenError()))
            command("run", planted.config)
        done = json.loads((planted.output / "manifest.json").read_text(encoding="utf-8"))["stages"]
        assert stage in done


@pytest.mark.slow
def test_a_finished_run_and_every_command_leak_nothing(planted: Survey, command: Command):
    result = command("run", planted.config)
    assert result.exit_code == 0, result.output
    assert leaks(planted, result.output) == {}
    public = files_in(planted.output / "public")
    assert holding(IN_METADATA, public) == [], "a group of one"
    for said in ("quibblewhumper", COMMENT_ID, RESPONDENT):
        assert holding(said, files_in(planted.output / "internal")), said
    for arguments in (
        ("code", "draw", planted.output, "--n", 6), ("topics", planted.output), ("check", planted.config),
        ("audit", planted.output), ("export", planted.output, "--to", "refi"), ("doctor",),
        ("assign", planted.output, planted.folder / f"answers of {COMMENT_ID}.csv"), ("figures", planted.output),
        ("compare", planted.output, planted.output), ("code", "plan", planted.output), ("seal", planted.config),
        ("forget", planted.output, "--id", "nobody"), ("run", planted.config, "--force", "nothing"),
    ):  # fmt: skip
        assert leaks(planted, command(*arguments).output) == {}, arguments


@pytest.mark.slow
def test_a_cache_that_breaks_leaks_nothing(planted: Survey, command: Command, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(vector_cache.CachedEncoder, "_look_up", failing(sqlite3.OperationalError(MESSAGE)))
        result = command("run", planted.config)
    assert result.exit_code == 2
    assert "the cache of vectors cannot be used" in result.output
    assert leaks(planted, result.output) == {}


def test_the_places_of_a_stage_are_where_its_work_is_done():
    for module in (assess, clean, discover, embed, ingest, map_stage, report):
        place = WITHIN[module.__name__.rpartition(".")[2]]
        assert hasattr(*place)
