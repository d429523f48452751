"""Confidence intervals of shares."""

from __future__ import annotations


def share_interval(count: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's interval of a share (doi:10.1080/01621459.1927.10502953).

    Parameters
    ----------
    count, total : int
        How many of how many; 0 <= count <= total.
    confidence : float
        In (0, 1).

    Returns
    -------
    tuple of float
        Lower and upper end in [0, 1]; both missing (NaN) where `total` is 0.
    """
    if total == 0:
        return float("nan"), float("nan")
    from scipy.stats import binomtest

    interval = binomtest(count, total).proportion_ci(confidence_level=confidence, method="wilson")
    return float(interval.low), float(interval.high)
