"""The coarse level above the topics: few enough groups to read at a glance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SHARE_OF_TOPICS = 1 / 2


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
    vectors, each weighted by its comments, are merged by Ward's criterion (Ward 1963), which keeps
    the groups of a like size. The number is half of the topics within the range, and not read
    off the costs of the merges: where the next merge costs most changed with the seeds (6, 9 or 11
    groups of one corpus), and the coarse topics with it.

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
    wanted = min(most, max(fewest, round(n_topics * _SHARE_OF_TOPICS)), n_topics)
    return _by_size(_ward_groups(means, sizes.astype(np.float64), wanted), sizes)


def _ward_groups(means: NDArray[np.float64], weights: NDArray[np.float64], n_groups: int) -> NDArray[np.int64]:
    """Merge weighted points, the cheapest pair first, until as many groups are left as wanted."""
    means, weights = means.copy(), weights.copy()
    groups = np.arange(len(means), dtype=np.int64)
    alive = groups.copy()
    while len(alive) > n_groups:
        norms = (means[alive] ** 2).sum(axis=1)
        gaps = norms[:, None] + norms[None, :] - 2 * means[alive] @ means[alive].T
        here = weights[alive]
        cost = np.round(here[:, None] * here[None, :] / (here[:, None] + here[None, :]) * gaps, 12)
        cost[np.tril_indices(len(alive))] = np.inf
        first, second = np.unravel_index(int(cost.argmin()), cost.shape)
        keep, gone = alive[first], alive[second]
        total = weights[keep] + weights[gone]
        means[keep] = (weights[keep] * means[keep] + weights[gone] * means[gone]) / total
        weights[keep] = total
        groups[groups == gone] = keep
        alive = alive[alive != gone]
    return groups


def _by_size(groups: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber groups by descending number of comments, ties by their first topic."""
    names = np.unique(groups)
    totals = {int(name): int(sizes[groups == name].sum()) for name in names}
    order = sorted(totals, key=lambda name: (-totals[name], int(np.flatnonzero(groups == name)[0])))
    rank = {name: place for place, name in enumerate(order)}
    return np.array([rank[int(name)] for name in groups], dtype=np.int64)
