"""What a look at a run notices: anything that its results depend on, or that was made of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.config import RunConfig
from pipeline.engine import last_look
from pipeline.engine.last_look import recall, remember, state_of
from pipeline.engine.store import LOCK, LOG, LOOK, RunStore

SAID = {"notice": "", "topics": [], "lines": ["said"]}


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    for name in ("comments.csv", "codebook.yaml", "article.txt", "run/manifest.json", "run/coding/sheet.xlsx"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return RunConfig.model_validate(
        {
            "input": {"path": tmp_path / "comments.csv"},
            "codebook": tmp_path / "codebook.yaml",
            "reference": {"article": tmp_path / "article.txt"},
            "output": tmp_path / "run",
        }
    )


def looked_at(config: RunConfig) -> None:
    remember(config, state_of(config, configuration_file="a.yaml"), SAID, {"clean": {"code": "x"}})


def test_a_run_of_which_nothing_changed_is_recalled(config: RunConfig):
    assert recall(config, configuration_file="a.yaml") is None
    looked_at(config)
    assert recall(config, configuration_file="a.yaml") == SAID


@pytest.mark.parametrize(
    "name", ["comments.csv", "codebook.yaml", "article.txt", "run/manifest.json", "run/coding/sheet.xlsx", "run/new"]
)
def test_any_file_that_is_read_or_made_is_noticed(name: str, config: RunConfig, tmp_path: Path):
    looked_at(config)
    (tmp_path / name).write_text("other", encoding="utf-8")
    assert recall(config, configuration_file="a.yaml") is None


@pytest.mark.parametrize("name", ["comments.csv", "run/coding/sheet.xlsx"])
def test_a_file_that_is_gone_is_noticed(name: str, config: RunConfig, tmp_path: Path):
    looked_at(config)
    (tmp_path / name).unlink()
    assert recall(config, configuration_file="a.yaml") is None


def test_a_setting_and_the_name_of_the_configuration_are_noticed(config: RunConfig):
    looked_at(config)
    changed = config.model_copy(update={"report": config.report.model_copy(update={"title": "Another"})})
    assert recall(changed, configuration_file="a.yaml") is None
    assert recall(config, configuration_file="b.yaml") is None


def _other_program(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "package").mkdir()
    (folder / "package" / "module.py").write_text("", encoding="utf-8")
    patch.setattr(last_look, "_PACKAGE", folder / "package")


def _other_library(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "a_library-2.0.dist-info").mkdir()
    patch.syspath_prepend(folder)


def _other_model(patch: pytest.MonkeyPatch, folder: Path) -> None:
    (folder / "weights").write_bytes(b"changed")
    patch.setattr(last_look, "model_folders", lambda *_: [folder])


@pytest.mark.parametrize("change", [_other_program, _other_library, _other_model])
def test_program_libraries_and_models_are_noticed(
    change: Callable[[pytest.MonkeyPatch, Path], None],
    config: RunConfig,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
):
    looked_at(config)
    other = tmp_path / "other"
    other.mkdir()
    change(monkeypatch, other)
    last_look.program_digest.cache_clear()
    assert recall(config, configuration_file="a.yaml") is None
    last_look.program_digest.cache_clear()


def test_the_log_and_the_lock_are_no_part_of_a_run(config: RunConfig):
    looked_at(config)
    for name in (LOG, LOCK):
        (config.output / name).write_text("more", encoding="utf-8")
    assert recall(config, configuration_file="a.yaml") == SAID


@pytest.mark.parametrize("content", ["", "{}", "no JSON"])
def test_a_damaged_look_is_no_look(content: str, config: RunConfig):
    RunStore(config.output).write(LOOK, content.encode())
    assert recall(config, configuration_file="a.yaml") is None
