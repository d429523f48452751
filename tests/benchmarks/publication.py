"""Time of drawing a run's figures again, and size of its report."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from pipeline.figures.style import SHEETS
from tests.benchmarks.corpora import Corpus
from tests.benchmarks.cost import configuration, measure


def table(corpus: Corpus, repeats: int) -> str:
    """Return a Markdown table for a finished run of a corpus, each time the median of some runs."""
    rows = ["| style | width | all figures, s |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure([sys.executable, "-m", "pipeline", "run", str(configuration(corpus, folder))], folder)
        for sheet in SHEETS:
            for width in sheet.widths_mm:
                command = [
                    sys.executable, "-m", "pipeline", "figures", str(folder / "run"), "--style", sheet.name,
                    "--width", width, "--output", str(folder / "drawn"),
                ]  # fmt: skip
                seconds = statistics.median(measure(command, folder)[0] for _ in range(repeats))
                rows.append(f"| {sheet.name} | {width} | {seconds:.1f} |")
                print(rows[-1], flush=True)
        sizes = [(folder / "run" / room / "report.html").stat().st_size / 1e6 for room in ("public", "internal")]
    said = (
        f"{corpus.name}, {len(corpus.cleaned.comments):,} comments: public/report.html has {sizes[0]:.1f} MB, "
        f"internal/report.html {sizes[1]:.1f} MB. Runs of each time, of which the median is shown: {repeats}."
    )
    print(said, flush=True)
    return "\n".join([*rows, "", said])
