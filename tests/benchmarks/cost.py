"""Wall time and peak memory of the whole job in a new process, beside the quick-start BERTopic script."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from tests.benchmarks.corpora import BENCH, ROOT, Corpus
from tests.benchmarks.watch import Watch


def measure(command: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return seconds of wall time, and peak memory in MB of a command in a new process and of all that it starts."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "OUTPUT": str(folder)}
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    watch = Watch(process.pid)
    status = process.wait()
    seconds = time.perf_counter() - started
    watch.end()
    if status != 0:
        raise RuntimeError(f"{' '.join(command[:4])} … ended with status {status}")
    return seconds, watch.peak()


def configuration(corpus: Corpus, folder: Path) -> Path:
    """Write a configuration of a corpus, and its codebook, into a folder, and return its path."""
    if corpus.name == "illustrative":
        content = yaml.safe_load((ROOT / "configs" / "default.yaml").read_text(encoding="utf-8"))
    else:
        content = {"input": {"columns": {"id": "comment_id"}}, "assess": {"outlook_facet": None}}
        # Review may be left out with the illustrative comments alone.
        content["quotations"] = {"review": True}
    content["input"]["path"] = str(corpus.path)
    codebook = folder / "codebook.yaml"
    codebook.write_text(yaml.safe_dump(corpus.codebook.model_dump(mode="json")), encoding="utf-8")
    content |= {"codebook": str(codebook), "output": str(folder / "run")}
    content["embed"] = {"cache": None}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def table(corpora: Sequence[Corpus], repeats: int) -> str:
    """Return a Markdown table: nothing cached, each figure the median of some runs."""
    rows = [
        "| corpus | comments | ours, s | BERTopic script, s | ratio | ours, peak MB | BERTopic script, peak MB |",
        "|---|---|---|---|---|---|---|",
    ]
    script = BENCH / "vanilla_bertopic.py"
    for corpus in corpora:
        ours, theirs = [], []
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                config = configuration(corpus, folder)
                ours.append(measure([sys.executable, "-m", "pipeline", "run", str(config)], folder))
                theirs.append(measure([sys.executable, str(script), str(corpus.path)], folder))
        (seconds, memory), (their_seconds, their_memory) = (
            tuple(statistics.median(values) for values in zip(*runs, strict=True)) for runs in (ours, theirs)
        )
        rows.append(
            f"| {corpus.name} | {len(corpus.cleaned.comments):,} | {seconds:.0f} | {their_seconds:.0f} "
            f"| {seconds / their_seconds:.1f} | {memory:.0f} | {their_memory:.0f} |"
        )
        print(rows[-1], flush=True)
    return "\n".join([*rows, "", f"Runs of each, of which the median is shown: {repeats}."])
