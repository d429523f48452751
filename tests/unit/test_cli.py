"""What a run shows where there is no terminal, such as in a batch job."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from pipeline import cli

DEFAULT = Path(__file__).parents[2] / "configs" / "default.yaml"


def shown(monkeypatch: pytest.MonkeyPatch, told: list[tuple[float, str, int, int]], *, terminal: bool = False) -> str:
    """Return what is printed of progress told at some seconds."""
    now = [0.0]
    monkeypatch.setattr(cli.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=200)
    with cli._Screen(console, logging.getLogger("silent")) as screen:
        screen.stage_started("discover", ["first run"])
        for seconds, what, done, total in told:
            now[0] = seconds
            screen.progress(what, done, total)
    return out.getvalue()


def test_a_line_a_minute_says_how_long_it_takes_still(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(10.0, "layouts", 1, 101), (40.0, "layouts", 6, 101), (70.0, "layouts", 11, 101)]
    told += [(100.0, "layouts", 16, 101), (130.0, "layouts", 61, 101)]
    assert shown(monkeypatch, told).splitlines() == [
        "discover: first run",
        "discover: layouts 11 of 101, about 9 minutes to go",
        "discover: layouts 61 of 101, about a minute to go",
    ]


def test_another_piece_of_work_is_timed_anew_and_what_is_done_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(0.0, "lemmas", 1, 9), (50.0, "vectors", 32, 64), (65.0, "vectors", 48, 64), (200.0, "vectors", 64, 64)]
    assert shown(monkeypatch, told).splitlines() == ["discover: first run"]


def test_little_time_is_said_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(0.0, "vectors", 1, 1_300), (60.0, "vectors", 1_201, 1_300)]
    assert "vectors 1,201 of 1,300, less than a minute to go" in shown(monkeypatch, told)


def test_the_time_to_go_follows_the_pace_of_late(monkeypatch: pytest.MonkeyPatch) -> None:
    # Short texts come first: 900 in two minutes, and then 10 a minute.
    told = [(0.0, "vectors", 0, 1_000), (120.0, "vectors", 900, 1_000), (240.0, "vectors", 920, 1_000)]
    assert shown(monkeypatch, told).splitlines()[-1] == "discover: vectors 920 of 1,000, about 8 minutes to go"


def test_a_stage_that_tells_nothing_is_said_to_be_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(cli.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    with cli._Screen(Console(file=out, width=200), logging.getLogger("silent")) as screen:
        screen.stage_started("discover", ["first run"])
        for now[0] in (50.0, 66.0, 100.0, 132.0):
            screen.still_at_work()
        screen.progress("layouts", 1, 100)
        now[0] = 193.0
        screen.progress("layouts", 51, 100)
        now[0] = 250.0
        screen.still_at_work()
        screen.stage_finished("discover", 250.0, {})
        now[0] = 400.0
        screen.still_at_work()
    assert out.getvalue().splitlines() == [
        "discover: first run",
        "discover: at work for about a minute",
        "discover: at work for about 2 minutes",
        "discover: layouts 51 of 100, about a minute to go",
        "discover: done in 250.0 s",
    ]


def test_a_terminal_has_a_bar_in_place_of_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    told = [(0.0, "layouts", 1, 100), (70.0, "layouts", 20, 100)]
    assert "to go" not in shown(monkeypatch, told, terminal=True)


def test_arrow_gives_back_the_memory_of_what_is_freed():
    code = (
        "import sys; from pathlib import Path; from pipeline import cli; cli._load(Path(sys.argv[1]), None);"
        "import pyarrow; print(pyarrow.default_memory_pool().backend_name)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ARROW_DEFAULT_MEMORY_POOL"}
    found = subprocess.run(
        [sys.executable, "-c", code, str(DEFAULT)], capture_output=True, text=True, check=True, env=environment,
        cwd=DEFAULT.parents[1],
    )  # fmt: skip
    assert found.stdout.strip() == "system"


def test_between_two_slow_steps_the_time_to_go_is_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(cli.time, "monotonic", lambda: now[0])
    out = io.StringIO()
    with cli._Screen(Console(file=out, width=200), logging.getLogger("silent")) as screen:
        screen.stage_started("map", ["first run"])
        for now[0], done in ((10.0, 50), (70.0, 100), (130.0, 150)):
            screen.progress("re-runs of the decisions", done, 300)
        now[0] = 196.0
        screen.still_at_work()
        screen.progress("re-runs of the decisions", 300, 300)
        now[0] = 262.0
        screen.still_at_work()
    assert out.getvalue().splitlines() == [
        "map: first run",
        "map: re-runs of the decisions 100 of 300, about 4 minutes to go",
        "map: re-runs of the decisions 150 of 300, about 3 minutes to go",
        "map: re-runs of the decisions 150 of 300, about 2 minutes to go",
        "map: at work for about 4 minutes",
    ]
