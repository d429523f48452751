"""Comments, people's codes and a machine's reading of them, made up for audits."""

import numpy as np

from pipeline.account.betting import Assertion, log_e_values

READINGS = ("codes", "scores", "noise", "useless", "reversed", "one far out")


def drawn(rng, n, share, correlation=0.5, reading="codes"):
    """Return codes of n comments in random order, exactly `share` of them 1, and what the machine reads of each."""
    codes = np.zeros(n)
    codes[: round(share * n)] = 1
    moved = np.flatnonzero(rng.random(n) >= correlation)
    read = codes.copy()
    read[moved] = codes[rng.permutation(moved)]
    if reading == "scores":
        apart = correlation / np.sqrt(1 - correlation**2) * (codes - share) / np.sqrt(share * (1 - share))
        read = 1 / (1 + np.exp(-apart - rng.normal(size=n)))
    elif reading == "noise":
        read = rng.random(n)
    elif reading == "useless":
        read = np.ones(n)
    elif reading == "reversed":
        read = 1 - read
    elif reading == "one far out":
        read[rng.integers(n)] = -1000.0
    order = rng.permutation(n)
    return codes[order], read[order]


def at_least(codes, read, bound, *, n_comments=None, strict=False):
    """Return the assertion that a share is at least a bound, or above it, of codes with a reading."""
    n = n_comments or len(read)
    return Assertion(codes, read.reshape(n, -1), np.zeros(n), np.ones(n), bound, strict)


def comments_to_prove(assertion, risk=0.05):
    """Return after how many comments the evidence first reaches 1 / risk, or infinity."""
    reached = log_e_values(assertion) >= np.log(1 / risk)
    return int(np.argmax(reached)) + 1 if reached.any() else np.inf
