"""A whole run of many comments: time, processor time and peak memory of all its processes, stage by stage."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from tests.benchmarks.corpora import BENCH, ROOT
from tests.benchmarks.watch import Watch


@dataclass
class Used:
    """What a stage used: seconds of wall time and of processor time, and MB at its peak."""

    stage: str
    seconds: float
    processor: float
    peak: float


def write_comments(path: Path, number: int) -> None:
    """Write as many different comments: those of the corpora at hand, then two of them joined, drawn at random."""
    sources = [ROOT / "pipeline" / "corpora" / "illustrative_comments.csv"]
    sources += sorted(BENCH.glob("*/comments.csv")) if BENCH.is_dir() else []
    texts: dict[str, None] = {}
    for source in sources:
        with source.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            texts |= dict.fromkeys(row["comment"].strip() for row in rows if len(row["comment"].split()) >= 3)
    single = list(texts)
    random = np.random.default_rng(0)
    texts = dict.fromkeys(single[place] for place in random.permutation(len(single))[:number])
    while len(texts) < number:
        one, other = random.integers(len(single), size=2)
        texts[f"{single[one]} {single[other]}"] = None
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["comment_id", "comment"])
        writer.writerows((f"c{place}", text) for place, text in enumerate(texts))


def measure(number: int, backend: str) -> list[Used]:
    """Run the program on as many comments, with nothing cached, and return what each stage used."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_comments(folder / "comments.csv", number)
        settings = {
            "input": {"path": str(folder / "comments.csv"), "columns": {"id": "comment_id"}},
            "codebook": str(ROOT / "configs" / "codebooks" / "htn_health_tech_trends.yaml"),
            "output": str(folder / "run"),
            # Empty at first, as for a first run: vectors beyond what memory should hold are kept there.
            "embed": {"backend": backend, "cache": str(folder / "vectors.sqlite")},
            "assess": {"outlook_facet": None},
            "quotations": {"review": True},
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline", "run", str(folder / "config.yaml")],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
        watch = Watch(process.pid)
        used: list[Used] = []
        began, before = time.perf_counter(), 0.0
        try:
            for line in process.stderr or ():
                print(line.rstrip(), flush=True)
                if ": done in " in line:
                    now, processor = time.perf_counter(), watch.processor()
                    used.append(Used(line.split(":")[0], now - began, processor - before, watch.peak()))
                    began, before = now, processor
        finally:
            watch.end()
            if process.wait() != 0:
                raise RuntimeError(f"the run of {number:,} comments ended with status {process.returncode}")
        return used


def table(numbers: Sequence[int], backend: str) -> str:
    """Return a Markdown table: a row for each stage of each size, and one for the whole."""
    rows = [
        "| comments | vectors by | stage | s | processor, s | peak of all processes, MB |",
        "|---|---|---|---|---|---|",
    ]
    for number in numbers:
        used = measure(number, backend)
        whole = Used(
            "all", sum(one.seconds for one in used), sum(one.processor for one in used), max(one.peak for one in used)
        )
        for one in (*used, whole):
            rows.append(
                f"| {number:,} | {backend} | {one.stage} | {one.seconds:.0f} | {one.processor:.0f} | {one.peak:.0f} |"
            )
            print(rows[-1], flush=True)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return "\n".join([*rows, "", f"One run each, on {cores} cores of a machine that may do other work too."])
