"""Every notebook is executed on a finished run of the made-up survey."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.example_survey import Survey

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
RUN_FOLDER = re.compile(r'^run_folder = "\.\./outputs/default"$', re.MULTILINE)


def test_there_are_notebooks_for_topics_themes_figures_and_a_survey_of_ones_own():
    assert [path.stem for path in NOTEBOOKS] == [
        "01_explore_topics", "02_compare_with_themes", "03_publication_figures", "04_your_own_survey"
    ]  # fmt: skip


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_no_output_and_is_short(path: Path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [number for number, cell in enumerate(code, start=1) if cell.outputs or cell.execution_count] == []
    assert len(notebook.cells) <= 15


# The kernel is spoken to over sockets of this machine.
@pytest.mark.enable_socket
@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_through_on_a_finished_run(
    path: Path, finished: Survey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    # The kernel stands in another folder, and the package need not be installed.
    monkeypatch.setenv("PYTHONPATH", str(FOLDER.parent))
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert len(RUN_FOLDER.findall(first.source)) == 1
    first.source = RUN_FOLDER.sub(f'run_folder = "{finished.output.as_posix()}"', first.source)
    before = {file: file.read_bytes() for file in finished.output.rglob("*") if file.is_file()}
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    shown = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert [output for output in shown if output.get("name") == "stderr"] == []
    assert any("image/png" in output.get("data", {}) for output in shown)
    # Looking at a run must not change it.
    assert {file: file.read_bytes() for file in finished.output.rglob("*") if file.is_file()} == before
