"""Commands that compute nothing load nothing that computes."""

import subprocess
import sys

from tests.conftest import Command
from tests.example_survey import Survey
from tests.fake_encoder import FakeEncoder

FRAMES = ("numpy", "pandas", "pyarrow")
LIBRARIES = ("bertopic", "hdbscan", "matplotlib", "numba", "scipy", "sklearn", "spacy", "torch", "transformers", "umap")
SCRIPT = """
import sys
from pipeline.engine import last_look
last_look.state_of_models = lambda config: {models!r}
sys.argv = ["pipeline", *{arguments!r}]
from pipeline.cli import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print("loaded:", *(name for name in {names!r} if name in sys.modules))
"""


def loaded_by(*arguments: str, names: tuple[str, ...], models: tuple[str, ...] = ()) -> tuple[set[str], str]:
    """Run a command in a process of its own; return which of these modules it loaded, and what it printed."""
    script = SCRIPT.format(models=list(models), arguments=arguments, names=names)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *_, last = done.stdout.splitlines()
    return set(last.removeprefix("loaded:").split()), done.stdout + done.stderr


def test_help_loads_no_data_frames():
    loaded, printed = loaded_by("--help", names=(*LIBRARIES, *FRAMES))
    assert "Usage" in printed
    assert loaded == set()


def test_check_loads_nothing_that_computes(survey: Survey):
    loaded, printed = loaded_by("check", str(survey.config), names=(*LIBRARIES, *FRAMES, "pipeline.engine.wiring"))
    assert "Comments: " in printed
    assert "Codes: " in printed
    assert loaded == set()


def test_a_run_of_which_nothing_changed_loads_no_stage(finished: Survey, command: Command, fake_models: FakeEncoder):
    first = command("run", finished.config)
    models = (fake_models.name, fake_models.revision)
    stages = ("pipeline.engine.runner", "pipeline.results")
    loaded, printed = loaded_by("run", str(finished.config), names=(*LIBRARIES, *FRAMES, *stages), models=models)
    assert loaded == set()
    assert printed.count("reused, nothing changed") == 7
    told = [line for line in first.stdout.splitlines() if not line.startswith(("Done in", "loaded:"))]
    assert [line for line in told if line not in printed] == []


def test_what_a_stage_needs_is_loaded_when_it_runs():
    script = f"import sys, pipeline.engine.runner\nprint(*set({LIBRARIES!r}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_what_was_printed_is_not_recalled_once_a_file_of_the_run_is_damaged(finished: Survey, command: Command):
    assert "all stages reused" in command("run", finished.config).stdout
    (finished.output / "public" / "report.html").write_bytes(b"")
    assert "report: its files are missing or were changed" in command("run", finished.config).stderr
