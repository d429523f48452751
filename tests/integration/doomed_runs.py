"""Make runs that meet a bad end, in processes of their own.

python -m tests.integration.doomed_runs PLAN.json

The plan is a list of {"arguments": [...], "end": "half 3"}. The heavy imports are done once; each run is a fork,
and how each ended is printed as JSON. The ends:

half N       the process is killed (SIGKILL) with half of its Nth file on disk
whole N      it is killed with all of its Nth file written and not yet moved to its place
after N      it is killed when its Nth file is in its place
interrupt N  it gets Ctrl-C (SIGINT) in the midst of its Nth file
""           it runs to its end

python -m tests.integration.doomed_runs SIGNAL ARGUMENTS...

Makes one run in this process, and sends the signal while workers look for topics: SIGINT to the whole group, as a
terminal does, SIGKILL to the run alone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from pytest_socket import disable_socket

from pipeline import cli
from pipeline.documents import pictures
from pipeline.engine import runner
from pipeline.language import model_files, models
from tests.conftest import sketch, use_fake_models
from tests.fake_encoder import FakeEncoder


def arm_layouts(number: signal.Signals) -> None:
    """Arrange for a signal once the second layout is done: the first is made before there are workers."""
    show = cli._Screen.progress
    # A test that is run in the background inherits a SIGINT that is ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def progress(screen: Any, what: str, done: int, total: int) -> None:
        show(screen, what, done, total)
        if what == "layouts" and done == 2:
            if number == signal.SIGKILL:
                os.kill(os.getpid(), number)
            os.killpg(0, number)

    cli._Screen.progress = progress


def arm_writes(how: str, doomed: int) -> None:
    """Arrange for this process's end at one of its files."""
    fsync, replace, count = os.fsync, Path.replace, [0]

    def counting_fsync(descriptor: int) -> None:
        fsync(descriptor)
        count[0] += 1
        if count[0] != doomed:
            return
        if how == "half":
            os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
        if how in ("half", "whole"):
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "interrupt":
            os.kill(os.getpid(), signal.SIGINT)

    def counting_replace(path: Path, target: Path) -> Path:
        moved = replace(path, target)
        if how == "after" and count[0] == doomed:
            os.kill(os.getpid(), signal.SIGKILL)
        return moved

    os.fsync = counting_fsync
    Path.replace = counting_replace


def run(job: dict[str, Any], said: Path) -> dict[str, Any]:
    """Run the command in a fork and return how it ended and what it said."""
    child = os.fork()
    if child == 0:
        for stream, name in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(said / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["pipeline", *job["arguments"]]
        how, _, number = job["end"].partition(" ")
        if how:
            arm_writes(how, int(number))
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        else:
            code = 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "stdout": (said / "stdout").read_text(encoding="utf-8"),
        "stderr": (said / "stderr").read_text(encoding="utf-8"),
    }


def main() -> None:
    """Do what the arguments say."""
    disable_socket(allow_unix_socket=True)
    language = models.load_language(model_files.SPACY_MODEL)
    assert runner.STAGES
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as said:
        use_fake_models(patch, FakeEncoder(), language)
        # A picture is written as any other file is, and no end depends on what is in it.
        patch.setattr(pictures, "_figure", sketch)
        if sys.argv[1].startswith("SIG"):
            arm_layouts(signal.Signals[sys.argv.pop(1)])
            cli.main()
        else:
            plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
            print(json.dumps([run(job, Path(said)) for job in plan]))


if __name__ == "__main__":
    main()
