"""`pipeline figures`: a finished run's figures, drawn again without a model."""

import os
import re
import struct
import subprocess
import sys

import pytest

from pipeline.figures.gallery import FIGURES
from tests.conftest import Command
from tests.example_survey import Survey
from tests.integration.test_main_job import files_of

BESIDE = ("csv", "caption.txt", "alt.txt")
ENDINGS = ("pdf", "svg", "png", *BESIDE)


@pytest.mark.slow
def test_all_figures_are_drawn_beside_the_run_that_stays_as_it_is(finished: Survey, command: Command):
    before = files_of(finished.output / "public")
    result = command("figures", finished.output, "--width", "single")
    assert result.exit_code == 0, result.output
    made = {path.name for path in (finished.output / "redrawn").iterdir()}
    names = [name for name in FIGURES if name not in ("audit", "joint_display", "claims", "over_time")]
    assert made == {f"{name}.{ending}" for name in names for ending in ENDINGS}
    assert files_of(finished.output / "public") == before


def test_one_figure_can_be_asked_for_and_comes_out_the_same_twice(finished: Survey, command: Command, tmp_path):
    for folder in ("one", "two"):
        result = command("figures", finished.output, "--only", "alluvial", "--output", tmp_path / folder)
        assert result.exit_code == 0, result.output
    one, two = (files_of(tmp_path / folder) for folder in ("one", "two"))
    assert set(one) == {f"alluvial.{ending}" for ending in ENDINGS}
    assert one == two


@pytest.mark.slow
def test_the_runs_own_figures_come_out_again_from_the_public_folder_alone(finished: Survey, command: Command, tmp_path):
    own = files_of(finished.output / "public" / "figures")
    for path in (finished.output / "internal").rglob("*"):
        if path.is_file() and path.name != "codebook.json":
            path.unlink()
    result = command("figures", finished.output, "--output", tmp_path / "drawn")
    assert result.exit_code == 0, result.output
    drawn = files_of(tmp_path / "drawn")
    # The survey asks for fewer dots an inch than a journal does.
    assert {name: content for name, content in own.items() if not name.endswith(".png")} == {
        name: content for name, content in drawn.items() if not name.endswith(".png")
    }


@pytest.mark.parametrize(("width", "pixels"), [("single", 720), ("double", 1440)])
def test_figures_for_the_web_have_the_pixels_and_the_letters_of_a_page(
    width, pixels, finished: Survey, command: Command, tmp_path
):
    result = command(
        "figures",
        finished.output,
        "--style",
        "web",
        "--width",
        width,
        "--only",
        "crosswalk",
        "--output",
        tmp_path / "web",
    )
    assert result.exit_code == 0, result.output
    drawn = files_of(tmp_path / "web")
    assert set(drawn) == {f"crosswalk.{ending}" for ending in ("svg", "png", *BESIDE)}
    # Two dots of the PNG a pixel.
    assert struct.unpack(">I", drawn["crosswalk.png"][16:20])[0] == pytest.approx(2 * pixels, abs=1)
    svg = drawn["crosswalk.svg"].decode()
    shown, drawn_at = (
        float(re.search(pattern, svg)[1]) for pattern in (r'<svg[^>]* width="([\d.]+)pt"', r'viewBox="0 0 ([\d.]+) ')
    )
    assert shown / 72 * 96 == pytest.approx(pixels, abs=0.1)
    letters = [float(size) * shown / drawn_at for size in re.findall(r"font-size: ([\d.]+)px", svg)]
    assert min(letters) >= 12
    assert max(letters) < 18


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "aluvial"), "Did you mean 'alluvial'?"),
        (("--width", "triple"), "Use single or double."),
        (("--style", "poster"), "Use journal or web."),
    ],
)
def test_what_cannot_be_drawn_is_said(finished: Survey, command: Command, options, said):
    result = command("figures", finished.output, *options)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.slow
def test_no_model_and_no_heavy_library_is_loaded(finished: Survey, tmp_path):
    code = (
        "import sys; from pathlib import Path; from pipeline import load_run;"
        "from pipeline.figures.style import JOURNAL;"
        f"run, drawn = Path({str(finished.output)!r}), Path({str(tmp_path / 'drawn')!r});"
        "load_run(run).redraw(only=None, sheet=JOURNAL, width='double', output=drawn);"
        "print([m for m in ('torch', 'spacy', 'bertopic', 'umap', 'hdbscan') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "[]"
