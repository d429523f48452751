"""The coarse level above the topics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def coarse_topics(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], coarse_range: tuple[int, int]
) -> NDArray[np.int64]:
    """Group topics into a coarse level that people can read at a glance.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
        Unit vectors of the comments.
    labels : ndarray of shape (n,), int64
        Topics from 0 without gaps; -1 for outliers.
    coarse_range : tuple of int
        Fewest and most coarse topics.

    Returns
    -------
    ndarray of shape (n_topics,), int64
        Coarse topic of each topic, by descending number of comments.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    n_topics = int(labels.max()) + 1
    if n_topics <= coarse_range[0]:
        return np.arange(max(n_topics, 0), dtype=np.int64)
    means = np.stack([vectors[labels == topic].mean(axis=0) for topic in range(n_topics)])
    tree = linkage(means.astype(np.float64), method="ward")
    groups = fcluster(tree, min(coarse_range[1], max(coarse_range[0], n_topics // 3)), criterion="maxclust")
    sizes = np.bincount(groups[labels[labels >= 0]])
    order = sorted(np.unique(groups), key=lambda group: (-sizes[group], group))
    rank = {group: place for place, group in enumerate(order)}
    return np.array([rank[group] for group in groups], dtype=np.int64)
