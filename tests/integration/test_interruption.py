"""Runs that are killed, interrupted or refused by the disk leave the last good state, and nothing half made."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.example_survey import GROUPS, Survey, comment_rows, few_rows
from tests.plain_output import assert_stopped, quotations

ROOT = Path(__file__).parents[2]
WORDS = [comment for comments in GROUPS.values() for comment in comments]
KILLED = -signal.SIGKILL


def carry_out(plan: list[tuple[list[object], str]], folder: Path) -> list[dict[str, Any]]:
    """Run the command for each (arguments, end) of a plan, in processes of their own."""
    written = folder / "plan.json"
    jobs = [{"arguments": ["run", *map(str, arguments)], "end": end} for arguments, end in plan]
    written.write_text(json.dumps(jobs), encoding="utf-8")
    driver = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.doomed_runs", str(written)], cwd=ROOT, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"COLUMNS": "200"},
    )  # fmt: skip
    stdout, stderr = driver.communicate(timeout=120)
    assert driver.returncode == 0, stderr
    return json.loads(stdout)


def processes_left_in(group: int, *, patience: float = 5.0) -> bool:
    """Return whether a process of the group is still there after some patience; it is ended then."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    return True


def results_in(folder: Path) -> dict[str, bytes]:
    """Return what a run made, without what tells when and where it was made."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("run.log", ".lock", "manifest.json", "config.yaml", "last_look.json")
    }


def manifest_of(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def small_survey(folder: Path, **changes: object) -> Survey:
    """A survey too small for topics: its stages are quick, and write the same files."""
    folder.mkdir(exist_ok=True)
    return Survey(folder).write(rows=few_rows(14), changes={"report.figure_width_mm": 90.0, **changes})


# ---------------------------------------------------------------- in processes of their own


@pytest.mark.slow
def test_a_run_killed_at_any_moment_goes_on_to_the_same_result(tmp_path: Path):
    """Each run goes on from where the one before it was killed, and is killed a little further on."""
    survey = small_survey(tmp_path / "survey")
    ends = [f"{how} {number}" for number in (1, 2, 3, 4, 5) for how in ("half", "whole", "after")]
    ends += ["half 9", "after 15", "half 21", "after 28"]
    plan: list[tuple[list[object], str]] = [([survey.config], end) for end in ends]
    plan += [([survey.config], ""), ([survey.config, "--output", tmp_path / "uninterrupted"], "")]
    outcomes = carry_out(plan, tmp_path)
    codes = [outcome["code"] for outcome in outcomes]
    # The later moments may lie beyond the last file of a run that had little left to do.
    assert codes[:15] == [KILLED] * 15, outcomes[codes.index(next(c for c in codes if c != KILLED))]
    assert set(codes[15:-2]) <= {KILLED, 0}
    assert codes.count(KILLED) >= 17
    assert codes[-2:] == [0, 0], outcomes[-2]
    assert results_in(survey.output) == results_in(tmp_path / "uninterrupted")
    assert list(survey.output.rglob("*.part")) == []


@pytest.mark.slow
def test_what_a_killed_run_leaves_is_whole_or_not_counted(tmp_path: Path):
    surveys = {end: small_survey(tmp_path / end) for end in ("half 2", "after 2", "half 3", "after 12", "half 20")}
    outcomes = carry_out([([survey.config], end) for end, survey in surveys.items()], tmp_path)
    assert [outcome["code"] for outcome in outcomes] == [KILLED] * len(surveys)
    for end, survey in surveys.items():
        for stage in manifest_of(survey.output)["stages"].values():
            for path, expected in stage["artefacts"].items():
                found = hashlib.sha256((survey.output / path).read_bytes()).hexdigest()
                assert found == expected, (end, path)


@pytest.mark.slow
def test_a_change_that_was_killed_half_way_and_taken_back_leaves_the_old_result(tmp_path: Path):
    survey = small_survey(tmp_path / "survey")
    changed = tmp_path / "survey" / "changed"
    changed.mkdir()
    copy = survey.config.read_text(encoding="utf-8").replace("path: survey.csv", "path: ../survey.csv")
    copy = copy.replace("codebook: codebook.yaml", "codebook: ../codebook.yaml").replace("run", "../run")
    assert "\nmap:\n" in copy
    copy = copy.replace("\nmap:\n", "\nmap:\n  nearest_phrases: 4\n")
    (changed / "survey.yaml").write_text(copy, encoding="utf-8")
    # Its first file of the mapping is the changed assignments.
    outcomes = carry_out(
        [([survey.config], ""), ([changed / "survey.yaml"], "after 1"), ([survey.config], ""),
         ([survey.config, "--output", tmp_path / "uninterrupted"], "")],
        tmp_path,
    )  # fmt: skip
    assert [outcome["code"] for outcome in outcomes] == [0, KILLED, 0, 0], outcomes
    assert "map: its files are missing or were changed" in outcomes[2]["stderr"]
    assert results_in(survey.output) == results_in(tmp_path / "uninterrupted")


@pytest.mark.slow
def test_ctrl_c_ends_with_one_line_and_the_stages_that_were_done(tmp_path: Path):
    survey = small_survey(tmp_path / "survey")
    stopped, resumed = carry_out([([survey.config], "interrupt 8"), ([survey.config], "")], tmp_path)
    assert stopped["code"] == 130
    assert "Traceback" not in stopped["stderr"]
    last = stopped["stderr"].strip().splitlines()[-1]
    assert last == "Stopped. Finished stages are kept: the same command goes on from there."
    assert resumed["code"] == 0
    assert "ingest: reused" in resumed["stderr"]
    assert "clean: reused" in resumed["stderr"]
    assert quotations(stopped["stdout"] + stopped["stderr"], WORDS) == []


@pytest.mark.slow
def test_ctrl_c_while_topics_are_looked_for_stops_the_workers_as_well(tmp_path: Path):
    """A terminal sends Ctrl-C to the workers too: they must neither complain nor stay."""
    survey = Survey(tmp_path).write(rows=comment_rows(), changes={"discover.n_seeds": 12})
    stopped = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.doomed_runs", "SIGINT", "run", str(survey.config)], cwd=ROOT,
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    stdout, stderr = stopped.communicate(timeout=120)
    assert not processes_left_in(stopped.pid), "workers of a stopped run stay"
    assert stopped.returncode == 130, stderr
    assert "Traceback" not in stderr, stderr
    assert stderr.count("Stopped.") == 1
    assert quotations(stdout + stderr, WORDS) == []
    assert list(manifest_of(survey.output)["stages"]) == ["ingest", "clean", "embed"]


@pytest.mark.slow
def test_an_error_is_printed_once_and_logged_once(tmp_path: Path):
    """Outside pytest nobody listens to the program's logger but the program: nothing may be said twice."""
    survey = small_survey(tmp_path / "survey")
    survey.comments.write_bytes(b"comment_id,comment\n")
    broken = tmp_path / "survey" / "broken.yaml"
    broken.write_text("seed: x\n", encoding="utf-8")
    no_comments, no_settings = carry_out([([survey.config], ""), ([broken], "")], tmp_path)
    assert (no_comments["code"], no_settings["code"]) == (2, 2)
    assert no_comments["stderr"].count("'setting' is missing") == 1
    assert no_settings["stderr"].count("seed must be a whole number") == 1
    assert (survey.output / "run.log").read_text(encoding="utf-8").count("'setting' is missing") == 1


# ---------------------------------------------------------------- a disk that refuses


def refuse_from(write: int, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the disk refuse every file from the given one on."""
    fsync, count = os.fsync, [0]

    def refusing(descriptor: int) -> None:
        count[0] += 1
        if count[0] >= write:
            raise OSError(number, os.strerror(number))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refusing)


@pytest.mark.usefixtures("sketched")
@pytest.mark.parametrize("write", [1, 20])
def test_a_full_disk_ends_with_one_clear_error_and_the_last_good_state(
    write: int, tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
):
    survey = small_survey(tmp_path / "survey")
    with monkeypatch.context() as patch:
        refuse_from(write, errno.ENOSPC, patch)
        result = command("run", survey.config)
    assert_stopped(result, "the disk is full", "Free some space", "finished stages are kept", comments=WORDS)
    assert result.stderr.count("Error:") == 1
    assert list(survey.output.rglob("*.part")) == []
    again = command("run", survey.config)
    assert again.exit_code == 0, again.output


def test_a_full_disk_leaves_a_finished_run_finished(
    finished: Survey, command: Command, monkeypatch: pytest.MonkeyPatch
):
    before = results_in(finished.output)
    with monkeypatch.context() as patch:
        refuse_from(1, errno.ENOSPC, patch)
        assert_stopped(command("run", finished.config, "--force", "map"), "the disk is full")
    assert results_in(finished.output) == before
    again = command("run", finished.config)
    assert again.exit_code == 0
    assert "all stages reused" in again.stdout


def test_an_unwritable_folder_is_told(survey: Survey, command: Command, monkeypatch: pytest.MonkeyPatch):
    mkdir = Path.mkdir

    def refusing(path: Path, *arguments: object, **named: object) -> None:
        if path == survey.output:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        mkdir(path, *arguments, **named)

    monkeypatch.setattr(Path, "mkdir", refusing)
    result = command("run", survey.config)
    assert_stopped(result, f"{survey.output}: the output folder cannot be written (Permission denied)", "use --output")


def test_a_folder_that_became_unwritable_is_told(tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch):
    survey = small_survey(tmp_path / "survey")
    with monkeypatch.context() as patch:
        refuse_from(3, errno.EACCES, patch)
        result = command("run", survey.config)
    assert_stopped(result, "permission denied", "Set output to a folder where you may write", comments=WORDS)


def test_too_little_memory_is_told(survey: Survey, command: Command, monkeypatch: pytest.MonkeyPatch):
    def exhaust(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pipeline.engine.wiring.embed_comments", exhaust)
    result = command("run", survey.config)
    assert_stopped(result, "too little free memory", "close other programs")


def test_a_folder_in_use_is_told(finished: Survey, command: Command):
    from pipeline.engine.store import RunStore

    with RunStore(finished.output).locked():
        result = command("run", finished.config)
    assert_stopped(result, f"{finished.output}: another run is using this folder", "use --output")
