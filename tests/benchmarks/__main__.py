"""`make bench`: measures, prints, and writes the tables of docs/benchmarks.md. It fails on no figure."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import (
    audit,
    corpora,
    cost,
    crosswalk,
    estimates,
    fuzzing,
    languages,
    publication,
    redaction,
    scale,
    topics,
)

DOCUMENT = corpora.ROOT / "docs" / "benchmarks.md"
SEEDS = (1, 2, 3)


def write_section(name: str, content: str, document: Path = DOCUMENT) -> None:
    """Put a table between its two marks in the document."""
    text = document.read_text(encoding="utf-8")
    first, last = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = text.partition(first)
    _, _, after = rest.partition(last)
    document.write_text(f"{before}{first}\n{content}\n{last}{after}", encoding="utf-8")


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "parts",
        nargs="*",
        default=[],
        help="topics, rounding, comments, matches, points, null, outlook, article, redaction, "
        "languages, fuzzing, audit, estimates, publication, cost; scale, which is measured only when it is asked for",
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs that a time is the median of")
    parser.add_argument("--comments", type=int, nargs="+", default=[1_000, 10_000], help="how many scale is run on")
    parser.add_argument(
        "--backend", choices=["torch", "openvino", "static"], default="torch", help="what makes the vectors for scale"
    )
    parser.add_argument("--tritopic", type=Path, help="the interpreter of an environment with TriTopic, for its rows")
    options = parser.parse_args()
    if options.parts == ["scale"]:
        # The corpora's own texts are enough: none is read or embedded here.
        print("\n## scale", flush=True)
        write_section("scale", scale.table(options.comments, options.backend))
        return
    # Libraries warn of their own affairs; a benchmark prints figures.
    warnings.filterwarnings("ignore")
    if "scale" in options.parts:
        parser.error("scale takes long: ask for it alone")
    names = corpora.names()
    if len(names) == 1:
        print("../shared/bench is not here: only the illustrative comments are measured.")
    loaded = [corpora.load(name) for name in names]
    parts: dict[str, Callable[[], str]] = {
        "topics": lambda: topics.table(loaded, SEEDS, options.tritopic),
        "rounding": lambda: topics.rounding_table(loaded, SEEDS[0]),
        "comments": lambda: crosswalk.comments_table(loaded),
        "matches": lambda: crosswalk.matches_table([c for c in loaded if c.name != "banking77"], SEEDS),
        "points": lambda: crosswalk.points_table(corpora.load(corpora.ILLUSTRATIVE), corpora.PAIRS),
        "null": lambda: crosswalk.null_table(loaded, SEEDS[0]),
        "outlook": lambda: crosswalk.outlook_table(corpora.load(corpora.ILLUSTRATIVE), SEEDS[0], *corpora.outlooks()),
        "article": lambda: crosswalk.article_table(corpora.load(corpora.ILLUSTRATIVE)),
        "redaction": redaction.table,
        "languages": languages.table,
        "fuzzing": fuzzing.table,
        "audit": audit.table,
        "estimates": lambda: estimates.table(loaded),
        "publication": lambda: publication.table(corpora.load(corpora.ILLUSTRATIVE), options.repeats),
        "cost": lambda: cost.table(loaded, options.repeats),
    }
    for name in options.parts or parts:
        print(f"\n## {name}", flush=True)
        if name in ("cost", "points") and len(names) == 1:
            print("skipped: what it needs is not here")
            continue
        write_section(name, parts[name]())


if __name__ == "__main__":
    main()
