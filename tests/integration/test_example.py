"""The worked example of docs/example.md: its commands, one after another, on some of its comments."""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from typer.testing import Result

from pipeline import load_run
from tests.conftest import invoke, use_fake_models
from tests.fake_encoder import FakeEncoder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "example.md").read_text(encoding="utf-8")
CONFIG = ROOT / "examples" / "coded_sample.yaml"
COMMENTS = ROOT / "pipeline" / "corpora" / "illustrative_comments.csv"
N_COMMENTS = 170


def commands() -> list[list[str]]:
    """Return the commands of the page, each as its words after "python"."""
    lines = [line for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines if line.startswith("python ")]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language) -> Path:
    """A folder with the example's configuration, on fewer comments and with fewer layouts."""
    use_fake_models(monkeypatch, FakeEncoder(), language)
    rows = pd.read_csv(COMMENTS, dtype=str, keep_default_na=False).head(N_COMMENTS)
    rows.to_csv(tmp_path / "comments.csv", index=False)
    settings = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    settings["input"]["path"] = "../comments.csv"
    settings["codebook"] = str(ROOT / "examples" / settings["codebook"])
    settings["quotations"]["review"] = True
    settings["discover"] = {"n_seeds": 2, "n_bootstrap": 0}
    settings["map"] = {"n_pseudo_themes": 100, "n_replicates": 100}
    settings["report"] = {"png_dpi": 72}
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / CONFIG.name).write_text(yaml.safe_dump(settings), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def done(words: list[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Do one command of the page and return what it printed."""
    if words[:2] == ["-m", "pipeline"]:
        result: Result = invoke(*words[2:])
        assert result.exit_code == 0, result.output
        return result.output
    monkeypatch.setattr(sys, "argv", [str(ROOT / words[0]), *words[1:]])
    runpy.run_path(str(ROOT / words[0]), run_name="__main__")
    return ""


def test_the_configuration_reads_nobodys_codes():
    settings = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    assert "coders" not in settings["input"]["columns"]
    assert "learn_from" not in settings.get("map", {})


@pytest.mark.slow
def test_the_commands_of_the_example_do_what_its_page_says(here: Path, monkeypatch: pytest.MonkeyPatch):
    said = {" ".join(words[2:]): done(words, monkeypatch) for words in commands()}
    assert [words[2] for words in commands() if words[0] == "-m"][:3] == ["seal", "run", "code"]
    drawn = next(output for command, output in said.items() if command.startswith("code draw"))
    assert f"120 of {len(load_run(here / 'outputs/example').assignments)} comments are drawn." in drawn
    run = load_run(here / "outputs" / "example")
    sample = run.coded_sample
    assert len(sample.complete) == 160 and sample.kind == "model"
    # The codes are those of the column.
    codes = pd.read_csv(COMMENTS, dtype=str, keep_default_na=False).set_index("comment_id")["coder_1_theme"]
    assert sample.codes["main"].tolist() == [
        {"other": "none", "none": "nothing"}.get(code, code) for code in codes.loc[sample.codes["comment_id"]]
    ]
    themes = run.prevalence[run.prevalence["theme"] != "outlier"]
    assert set(themes["reading"]) == {"corrected"} and set(themes["by"]) == {"coder_1 (a language model)"}
    assert set(run.audited_claims["claim"]) == {"share_positive", "primary_care_more_positive", "theme_order"}
    assert run.audited_claims["coded"].tolist() == [160] * 3
    public = (run.folder / "public" / "report.html").read_text(encoding="utf-8")
    internal = (run.folder / "internal" / "report.html").read_text(encoding="utf-8")
    assert "The audit of the claims, by what coder_1 (a language model) coded." in public
    assert 'id="figure-audit"' in internal and 'id="figure-audit"' not in public
    assert "Nothing has changed since." in public
    assert (run.folder / "internal" / "figures" / "audit.png").is_file()
    assert not list((run.folder / "public" / "figures").glob("audit*"))
    checklist = (run.folder / "public" / "reporting_checklist.md").read_text(encoding="utf-8")
    assert "1 coder (1 language model) and the machine." in checklist
