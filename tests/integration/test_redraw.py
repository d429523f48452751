"""`pipeline figures`: a finished run's figures, drawn again without a model."""

import os
import subprocess
import sys

import pytest

from pipeline.presentation.gallery import FIGURES
from tests.conftest import Command
from tests.example_survey import Survey
from tests.integration.test_main_job import files_of

ENDINGS = ("pdf", "svg", "png", "csv", "alt.txt")


def test_all_figures_are_drawn_beside_the_run_that_stays_as_it_is(finished: Survey, command: Command):
    before = files_of(finished.output / "public")
    result = command("figures", finished.output, "--width", "single")
    assert result.exit_code == 0, result.output
    made = {path.name for path in (finished.output / "redrawn").iterdir()}
    assert made == {f"{name}.{ending}" for name in FIGURES for ending in ENDINGS}
    assert files_of(finished.output / "public") == before


def test_one_figure_can_be_asked_for_and_comes_out_the_same_twice(finished: Survey, command: Command, tmp_path):
    for folder in ("one", "two"):
        result = command("figures", finished.output, "--only", "alluvial", "--output", tmp_path / folder)
        assert result.exit_code == 0, result.output
    one, two = (files_of(tmp_path / folder) for folder in ("one", "two"))
    assert set(one) == {f"alluvial.{ending}" for ending in ENDINGS}
    assert one == two


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--only", "aluvial"), "Did you mean 'alluvial'?"), (("--width", "triple"), "Use single or double.")],
)
def test_what_cannot_be_drawn_is_said(finished: Survey, command: Command, options, said):
    result = command("figures", finished.output, *options)
    assert result.exit_code == 2
    assert said in result.stderr


def test_no_model_and_no_heavy_library_is_loaded(finished: Survey, tmp_path):
    code = (
        "import sys; from pathlib import Path; from pipeline.redraw import redraw;"
        f"redraw(Path({str(finished.output)!r}), only=None, width_mm=180.0, output=Path({str(tmp_path / 'drawn')!r}));"
        "print([m for m in ('torch', 'spacy', 'bertopic', 'umap', 'hdbscan') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"
