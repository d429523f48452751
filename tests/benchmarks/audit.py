"""How often an audit confirms what is false, and how many comments it takes to confirm what is true."""

from __future__ import annotations

import numpy as np

from tests.audit_simulation import READINGS, at_least, comments_to_prove, drawn

N_COMMENTS = 660
SHARE = 0.3

KNOWN = {
    (0.2, 0.0): "101", (0.2, 0.5): "95", (0.2, 0.7): "70",
    (0.25, 0.0): "285–311", (0.25, 0.5): "246", (0.25, 0.7): "188",
}  # fmt: skip
"""Median comments that a prototype needed, by bound and by the correlation of the reading with the codes."""


def table(n_false: int = 2_000, n_true: int = 1_000) -> str:
    """Return two Markdown tables: false confirmations at the boundary, and comments until a true claim is confirmed."""
    rows = ["| the machine's reading | false confirmations | simulations |", "|---|---|---|"]
    for reading in READINGS:
        said = 0
        for seed in range(n_false):
            codes, read = drawn(np.random.default_rng(seed), N_COMMENTS, SHARE, 0.5, reading)
            said += np.isfinite(comments_to_prove(at_least(codes, read, codes.mean(), strict=True)))
        rows.append(f"| {reading} | {100 * said / n_false:.1f}% | {n_false:,} |")
        print(rows[-1], flush=True)
    rows += [
        "",
        "| claim, true share 30% | correlation | median comments, prototype | median comments | middle half |",
        "|---|---|---|---|---|",
    ]
    for (bound, correlation), known in KNOWN.items():
        counts = []
        for seed in range(n_true):
            codes, read = drawn(np.random.default_rng(seed), N_COMMENTS, SHARE, correlation)
            counts.append(comments_to_prove(at_least(codes, read, bound)))
        low, median, high = np.percentile(counts, [25, 50, 75])
        rows.append(f"| more than {bound:.0%} | {correlation} | {known} | {median:.0f} | {low:.0f}–{high:.0f} |")
        print(rows[-1], flush=True)
    return "\n".join(rows)
