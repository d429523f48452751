"""A report that is made again after a setting changed: what depends on it is made anew, and all else is taken over."""

from __future__ import annotations

import pytest

from pipeline.documents import pictures, shown_tables, texts
from pipeline.stages import report
from tests.conftest import Command, make_anew, sketch
from tests.example_survey import Survey
from tests.integration.test_main_job import files_of

NOT_OF_A_STAGE = ("run.log", ".lock", "manifest.json", "config.yaml", "last_look.json")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Which parts of figures and which documents a run makes, and whether public tables; no picture is drawn."""
    made: dict[str, list[str]] = {"counts": [], "lines": [], "dots": [], "page": [], "tables": [], "texts": []}
    as_word, text_as_word = shown_tables.as_word, texts.text_as_word
    public_results = report.public_results

    def draw(name, drawn, rendering, parts):
        for part in parts:
            made[part].append(name)
        return sketch(name, drawn, rendering, parts)

    monkeypatch.setattr(pictures, "_figure", draw)
    monkeypatch.setattr(
        report, "public_results", lambda *args, **how: made["counts"].append("all") or public_results(*args, **how)
    )
    monkeypatch.setattr(shown_tables, "as_word", lambda table: made["tables"].append(table.name) or as_word(table))
    monkeypatch.setattr(
        texts, "text_as_word", lambda text, **how: made["texts"].append(text[:9]) or text_as_word(text, **how)
    )
    return made


def run_again(survey: Survey, command: Command, changes: dict[str, object], *more: object) -> None:
    survey.configure(changes)
    result = command("run", survey.config, *more)
    assert result.exit_code == 0, result.output
    assert "stages run: report" in result.output


def kinds(made: dict[str, list[str]]) -> set[str]:
    return {kind for kind, names in made.items() if names}


@pytest.mark.parametrize(
    ("changes", "anew"),
    [
        ({"report.title": "Another title"}, set()),
        ({"report.salt": "a secret"}, set()),
        ({"report.png_dpi": 80}, {"dots"}),
        ({"report.figure_width_mm": 120.0}, {"lines", "dots"}),
        ({"input.notice": "Made up"}, {"lines", "dots", "page", "tables", "texts"}),
        (
            {"disclosure": {"suppress_below": 4, "round_to": 5, "smallest_base": 5}},
            {"counts", "lines", "dots", "page", "tables", "texts"},
        ),
    ],
)
@pytest.mark.thorough
def test_a_changed_setting_makes_anew_what_depends_on_it(
    changes: dict[str, object], anew: set[str], finished: Survey, command: Command, made: dict[str, list[str]]
):
    run_again(finished, command, {"report.title": "The first title"})
    for names in made.values():
        names.clear()
    if "disclosure" in changes:
        finished.configure(changes)
        assert command("run", finished.config).exit_code == 0
    else:
        run_again(finished, command, {"report.title": "The first title", **changes})
    assert kinds(made) == anew


@pytest.mark.thorough
def test_force_makes_everything_anew(finished: Survey, command: Command, made: dict[str, list[str]]):
    run_again(finished, command, {}, "--force", "report")
    assert kinds(made) == {"counts", "lines", "dots", "page", "tables", "texts"}
    assert len(made["page"]) == len(set(made["page"])) > 7


@pytest.mark.thorough
def test_a_figure_that_somebody_changed_is_drawn_anew(finished: Survey, command: Command, made: dict[str, list[str]]):
    path = finished.output / "public" / "figures" / "crosswalk.png"
    path.write_bytes(b"changed")
    run_again(finished, command, {})
    assert path.read_bytes() != b"changed"
    assert {kind: made[kind] for kind in ("lines", "dots", "page")} == {"lines": [], "dots": ["crosswalk"], "page": []}


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["public/groups.csv", "internal/said_counts.json"])
def test_public_tables_that_somebody_changed_are_counted_anew(
    name: str, finished: Survey, command: Command, made: dict[str, list[str]]
):
    path = finished.output / name
    before = path.read_bytes()
    path.write_bytes(before.replace(b"5", b"7"))
    run_again(finished, command, {})
    assert path.read_bytes() == before
    assert kinds(made) == {"counts"}


@pytest.mark.thorough
def test_another_library_makes_everything_anew(
    finished: Survey, command: Command, made: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
):
    from pipeline.engine import wiring

    code_parts = wiring.code_parts

    def with_another(modules, unused=()):
        parts = code_parts(modules, unused)
        if "pipeline.stages.report" in modules:
            parts["libraries"]["matplotlib"] = "0.0"
        return parts

    (finished.output / "last_look.json").unlink()
    monkeypatch.setattr(wiring, "code_parts", with_another)
    run_again(finished, command, {})
    assert len(made["lines"]) == len(made["page"]) > 7
    assert made["counts"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"report.title": "Another title"},
        {"report.png_dpi": 80},
        {"report.figure_width_mm": 120.0, "report.title": "Another title"},
    ],
)
def test_a_report_with_what_was_taken_over_is_byte_for_byte_one_made_from_nothing(
    changes: dict[str, object], finished: Survey, command: Command, monkeypatch: pytest.MonkeyPatch
):
    make_anew(monkeypatch)
    run_again(finished, command, {}, "--force", "report")
    run_again(finished, command, changes)
    taken = files_of(finished.output)
    result = command("run", finished.config, "--force", "report")
    assert result.exit_code == 0, result.output
    anew = files_of(finished.output)
    for name in NOT_OF_A_STAGE:
        taken.pop(name, None), anew.pop(name, None)
    assert taken.keys() == anew.keys()
    assert [name for name in taken if taken[name] != anew[name]] == []
