"""From co-association to topics: the consensus tree and where it is cut."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery.coassociation import membership

_MAX_ROUNDS = 10


def consensus_tree(together: NDArray[np.float32]) -> NDArray[np.float64]:
    """Merge comments by average linkage on co-association.

    Parameters
    ----------
    together : ndarray of shape (n, n), float32
        Co-association in [0, 1].

    Returns
    -------
    ndarray of shape (n - 1, 4), float64
        SciPy's linkage matrix; heights are 1 - mean co-association.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    apart = 1.0 - together.astype(np.float64)
    np.fill_diagonal(apart, 0.0)
    return np.asarray(linkage(squareform(apart, checks=False), method="average"))


def ordered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number topics by descending size, ties by their first comment.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Any labels; negative for outliers.

    Returns
    -------
    ndarray of shape (n,), int64
        From 0 without gaps; -1 for outliers.
    """
    renumbered = np.full(len(labels), -1, dtype=np.int64)
    inside = np.flatnonzero(labels >= 0)
    if len(inside) == 0:
        return renumbered
    _, first, which, sizes = np.unique(labels[inside], return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    renumbered[inside] = rank[which]
    return renumbered


def drop_small(labels: NDArray[np.int64], min_size: int) -> NDArray[np.int64]:
    """Make outliers of the comments in topics below a size.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Topics; -1 for outliers.
    min_size : int
        Smallest size kept.

    Returns
    -------
    ndarray of shape (n,), int64
        Renumbered by `ordered`.
    """
    inside = labels >= 0
    sizes = np.bincount(labels[inside]) if inside.any() else np.zeros(1, dtype=np.int64)
    keep = inside & (sizes[np.maximum(labels, 0)] >= min_size)
    return ordered(np.where(keep, labels, -1))


def settle(
    partitions: NDArray[np.int32], labels: NDArray[np.int64], *, min_size: int, floor: float
) -> NDArray[np.int64]:
    """Give every comment to the topic it most often comes with.

    Parameters
    ----------
    partitions : ndarray of shape (n_partitions, n), int32
        The ensemble.
    labels : ndarray of shape (n,), int64
        Topics of the cut tree; -1 for outliers.
    min_size : int
        Topics below this size are dissolved and their comments given to others.
    floor : float
        A comment whose best mean co-association is below this is an outlier; in [0, 1].

    Returns
    -------
    ndarray of shape (n,), int64
        Topics from 0 by descending size; -1 for outliers.

    Notes
    -----
    The tree decides early merges once and for all; this corrects them, in the way that k-means
    improves on its start. It stops when nothing changes, or after ten rounds.
    """
    labels = drop_small(labels, min_size)
    for _ in range(_MAX_ROUNDS):
        if labels.max() < 0:
            break
        means = membership(partitions, labels)
        best = means.argmax(axis=1)
        moved = np.where(means[np.arange(len(best)), best] >= floor, best, -1).astype(np.int64)
        moved = drop_small(moved, min_size)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return labels


def cut_tree(tree: NDArray[np.float64], level: float) -> NDArray[np.int64]:
    """Cut a consensus tree where mean co-association falls below a level.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), float64
        From `consensus_tree`.
    level : float
        Mean co-association in [0, 1].

    Returns
    -------
    ndarray of shape (n,), int64
        Labels from 0.
    """
    from scipy.cluster.hierarchy import fcluster

    return np.asarray(fcluster(tree, 1.0 - level, criterion="distance"), dtype=np.int64) - 1
