"""The coarse level above the topics: few enough groups to read at a glance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def coarse_topics(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], coarse_range: tuple[int, int]
) -> NDArray[np.int64]:
    """Group topics into a coarse level.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
        Unit vectors of the comments.
    labels : ndarray of shape (n,), int64
        Topics from 0 without gaps; -1 for outliers.
    coarse_range : tuple of int
        Fewest and most coarse topics wanted.

    Returns
    -------
    ndarray of shape (n_topics,), int64
        Coarse topic of each topic, numbered by descending number of comments. Where there are no
        more topics than `coarse_range` begins with, each is its own coarse topic.

    Notes
    -----
    Co-association says nothing here: between clearly different topics it is 0. So the topics' mean
    vectors are merged by Ward's criterion (Ward 1963), each weighted by the square root of its
    size. Weighted by its size, every small topic would join a large one whatever it is about;
    weighted alike, small topics would decide as much as large ones, and the level proved less
    stable. Of the levels in the range that one is taken at which the next merge costs most,
    relative to the one before: the last before unlike things are put together.

    References
    ----------
    Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal of the
    American Statistical Association 58, 236-244. doi:10.1080/01621459.1963.10500845
    """
    n_topics = int(labels.max()) + 1 if len(labels) else 0
    fewest, most = coarse_range
    if n_topics <= fewest:
        return np.arange(n_topics, dtype=np.int64)
    means = np.stack([vectors[labels == topic].mean(axis=0, dtype=np.float64) for topic in range(n_topics)])
    sizes = np.bincount(labels[labels >= 0], minlength=n_topics)
    costs, levels = _ward_levels(means, np.sqrt(sizes))
    # costs[k] is what it costs to go from k groups to k - 1.
    candidates = [k for k in range(fewest, min(most, n_topics - 1) + 1) if k >= 2]
    if not candidates:
        return np.arange(n_topics, dtype=np.int64)
    best = max(candidates, key=lambda k: (round(costs[k] / max(costs[k + 1], 1e-12), 9), k))
    return _by_size(levels[best], sizes)


def _ward_levels(
    means: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[dict[int, float], dict[int, NDArray[np.int64]]]:
    """Merge weighted points one pair at a time; the cost of leaving, and the groups at, each number."""
    means, weights = means.copy(), weights.copy()
    groups = np.arange(len(means))
    alive = np.arange(len(means))
    costs: dict[int, float] = {}
    levels: dict[int, NDArray[np.int64]] = {len(means): groups.copy()}
    while len(alive) > 1:
        norms = (means[alive] ** 2).sum(axis=1)
        gaps = norms[:, None] + norms[None, :] - 2 * means[alive] @ means[alive].T
        share = weights[alive][:, None] * weights[alive][None, :]
        cost = np.round(share / (weights[alive][:, None] + weights[alive][None, :]) * gaps, 12)
        cost[np.tril_indices(len(alive))] = np.inf
        first, second = np.unravel_index(int(cost.argmin()), cost.shape)
        keep, gone = alive[first], alive[second]
        costs[len(alive)] = float(cost[first, second])
        total = weights[keep] + weights[gone]
        means[keep] = (weights[keep] * means[keep] + weights[gone] * means[gone]) / total
        weights[keep] = total
        groups[groups == gone] = keep
        alive = alive[alive != gone]
        levels[len(alive)] = groups.copy()
    return costs, levels


def _by_size(groups: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber groups by descending number of comments, ties by their first topic."""
    names = np.unique(groups)
    totals = {int(name): int(sizes[groups == name].sum()) for name in names}
    order = sorted(totals, key=lambda name: (-totals[name], int(np.flatnonzero(groups == name)[0])))
    rank = {name: place for place, name in enumerate(order)}
    return np.array([rank[int(name)] for name in groups], dtype=np.int64)
