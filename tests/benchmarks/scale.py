"""A whole run of many comments: time, processor time and peak memory of all its processes, stage by stage."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import yaml

from tests.benchmarks.corpora import BENCH, ROOT

_EVERY = 0.2
"""Seconds between two looks at the memory, at least."""

_PART = 0.02
"""Share of its time that the watch may look: what is shared is looked up page by page, which would slow the run."""


@dataclass
class Used:
    """What a stage used: seconds of wall time and of processor time, and MB at its peak."""

    stage: str
    seconds: float
    processor: float
    peak: float


class _Watch:
    """Adds up memory and processor time of a process and all that it started."""

    def __init__(self, number: int) -> None:
        self._process = psutil.Process(number)
        self._peak = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _tree(self) -> list[psutil.Process]:
        try:
            return [self._process, *self._process.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def _look(self) -> None:
        wait = _EVERY
        while not self._over.wait(wait):
            began, total = time.thread_time(), 0
            for process in self._tree():
                try:
                    # What forked processes share counts once.
                    total += getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss
                except psutil.Error:
                    continue
            self._peak = max(self._peak, total / 2**20)
            wait = max(_EVERY, (time.thread_time() - began) / _PART)

    def peak(self) -> float:
        """Return the peak since the last call, in MB."""
        peak, self._peak = self._peak, 0.0
        return peak

    def processor(self) -> float:
        """Return the processor time so far, in seconds."""
        seconds = 0.0
        for place, process in enumerate(self._tree()):
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            seconds += times.user + times.system
            if place == 0:
                seconds += times.children_user + times.children_system
        return seconds

    def end(self) -> None:
        self._over.set()
        self._thread.join()


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
        watch = _Watch(process.pid)
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
