"""From co-association to topics: the level at which the consensus tree is cut, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery.coassociation import Ensemble, nearest_topics

LEVELS: tuple[float, ...] = tuple(round(0.05 + 0.025 * i, 3) for i in range(37))
"""Co-association levels, 0.05 to 0.95, among which a cut is sought."""

_CLOSE = 0.01
_NEARLY = 0.05
_MAX_ROUNDS = 10


def cut_tree(tree: NDArray[np.float64], level: float) -> NDArray[np.int64]:
    """Cut a consensus tree where mean co-association falls below a level.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), float64
        SciPy's linkage matrix, with heights of 1 - mean co-association.
    level : float
        Mean co-association in [0, 1].

    Returns
    -------
    ndarray of shape (n,), int64
        Labels from 0.
    """
    from scipy.cluster.hierarchy import fcluster

    return np.asarray(fcluster(tree, 1.0 - level, criterion="distance"), dtype=np.int64) - 1


def agreement(tree: NDArray[np.float64], ensemble: Ensemble, levels: tuple[float, ...] = LEVELS) -> NDArray[np.float64]:
    """Mean adjusted Rand index between a tree's levels and the members of its ensemble.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), float64
        Consensus tree.
    ensemble : Ensemble
        Of the same n comments; outliers count as comments on their own.
    levels : tuple of float
        Co-association levels in [0, 1].

    Returns
    -------
    ndarray of shape (n_levels,), float64
        At most 1; 0 is chance.

    References
    ----------
    Hubert, L. and Arabie, P. (1985). Comparing partitions. Journal of Classification 2, 193-218.
    doi:10.1007/BF01908075
    """
    from scipy.sparse import csr_matrix

    n_partitions, n = ensemble.partitions.shape
    sizes = np.asarray(ensemble.clusters.sum(axis=0), dtype=np.float64).ravel()
    member_pairs = np.bincount(ensemble.owner, weights=sizes * (sizes - 1) / 2, minlength=n_partitions)
    scores = np.zeros(len(levels))
    inside, blocks_of = ensemble.clusters, np.arange(n)
    # From the finest level down: what a coarser one holds of each cluster is the sum over its parts.
    for i in sorted(range(len(levels)), key=lambda place: -levels[place]):
        labels = cut_tree(tree, levels[i])
        n_blocks = int(blocks_of.max()) + 1
        block = np.empty(n_blocks, dtype=np.int64)
        block[blocks_of] = labels
        gather = csr_matrix((np.ones(n_blocks, dtype=np.float32), (block, np.arange(n_blocks))))
        inside, blocks_of = gather @ inside, labels
        shared = inside.tocoo()
        overlap = shared.data.astype(np.float64)
        both = np.bincount(ensemble.owner[shared.col], weights=overlap * (overlap - 1) / 2, minlength=n_partitions)
        widths = np.bincount(labels).astype(np.float64)
        level_pairs = float((widths * (widths - 1) / 2).sum())
        expected = level_pairs * member_pairs / (n * (n - 1) / 2)
        room = (level_pairs + member_pairs) / 2 - expected
        scores[i] = np.mean(np.where(room > 0, both - expected, 0.0) / np.where(room > 0, room, 1.0))
    return scores


def agreed_level(tree: NDArray[np.float64], ensemble: Ensemble) -> float:
    """Find the level of a consensus tree that agrees best with the partitions it came from.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), float64
        Consensus tree.
    ensemble : Ensemble
        Of the same n comments.

    Returns
    -------
    float
        Co-association in [0.05, 0.95].

    Notes
    -----
    The partition with the highest mean agreement with the members is the consensus that Strehl and
    Ghosh (2002) define; here it is sought among the tree's levels, with agreement corrected for
    chance (Hubert and Arabie 1985) so that neither few nor many topics gain by their number.

    The curve is flat at its top, and the single best level would jump from one ensemble to the
    next. So every level counts by exp((agreement - best) / 0.01) and the weighted mean level is
    taken: levels within a hundredth of the best weigh nearly alike.

    References
    ----------
    Strehl, A. and Ghosh, J. (2002). Cluster ensembles: a knowledge reuse framework for combining
    multiple partitions. Journal of Machine Learning Research 3, 583-617.
    doi:10.1162/153244303321897735
    """
    scores = agreement(tree, ensemble)
    weights = np.exp((scores - scores.max()) / _CLOSE)
    return float((weights * np.asarray(LEVELS)).sum() / weights.sum())


def coarsest_level(tree: NDArray[np.float64], ensemble: Ensemble) -> float:
    """Find the lowest level of a consensus tree that agrees nearly as well as the best one with its partitions.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), float64
        Consensus tree.
    ensemble : Ensemble
        Of the same n comments.

    Returns
    -------
    float
        Co-association in [0.05, 0.95]: where, from below, the mean adjusted Rand index with the partitions comes
        within 0.05 of the highest; interpolated between levels.

    Notes
    -----
    Where several levels agree nearly alike with the layouts, the one with the fewest topics is taken: it comes back
    better in samples of the comments, and there is less to read. Where fewer topics would be at odds with the layouts,
    agreement falls steeply, and the level stays near `agreed_level`. The 0.05 was chosen by what comes back in samples
    and under other seeds on two corpora, without people's codes.
    """
    scores = agreement(tree, ensemble)
    enough = scores.max() - _NEARLY
    first = int(np.argmax(scores >= enough))
    if first == 0:
        return LEVELS[0]
    # Between two levels that were looked at, so that it does not jump from one to the next with the seeds.
    return float(np.interp(enough, scores[first - 1 : first + 1], LEVELS[first - 1 : first + 1]))


def _majority(_tree: NDArray[np.float64], _ensemble: Ensemble) -> float:
    return 0.5


CUT_RULES: dict[str, Callable[[NDArray[np.float64], Ensemble], float]] = {
    "coarsest": coarsest_level,
    "agreement": agreed_level,
    "majority": _majority,
}
"""The rules by which a tree's level can be chosen, by name.

"coarsest" is the default: see `coarsest_level`; for "agreement", `agreed_level`. "majority" puts comments together that
half of the members put together (the median partition under Mirkin's distance, within the tree).
"""


def guarded(tree: NDArray[np.float64], level: float, min_size: int, max_size: int) -> tuple[NDArray[np.int64], float]:
    """Cut a tree, higher where one topic would be too large.

    Parameters
    ----------
    tree : ndarray of shape (n - 1, 4), float64
        Consensus tree.
    level : float
        Co-association at which to cut, in [0, 1].
    min_size : int
        Smallest topic.
    max_size : int
        Largest topic wanted.

    Returns
    -------
    labels : ndarray of shape (n,), int64
        Labels from 0, small topics included.
    level : float
        The level used: the one given, or the lowest above it at which no topic is too large. A
        level that would leave out more than half of the comments then in topics is not taken: some
        corpora have one large topic.
    """
    labels = cut_tree(tree, level)
    sizes = np.bincount(labels)
    if sizes.max() <= max_size:
        return labels, level
    covered = sizes[sizes >= min_size].sum()
    for higher in (x for x in LEVELS if x > level):
        finer = cut_tree(tree, higher)
        sizes = np.bincount(finer)
        if 2 * sizes[sizes >= min_size].sum() < covered:
            break
        if sizes.max() <= max_size:
            return finer, higher
    return labels, level


def ordered(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Renumber topics by descending size, ties by their first comment.

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
    if not inside.any():
        return ordered(labels)
    sizes = np.bincount(labels[inside])
    keep = inside & (sizes[np.maximum(labels, 0)] >= min_size)
    return ordered(np.where(keep, labels, -1))


def settle(
    ensemble: Ensemble, labels: NDArray[np.int64], smoother: Any, *, min_size: int, floor: float
) -> NDArray[np.int64]:
    """Give every comment to the topic it most often comes with.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments.
    labels : ndarray of shape (n,), int64
        Topics of the cut tree; -1 for outliers.
    smoother : scipy.sparse.csr_matrix of shape (n, n)
        From `neighbour_smoother`.
    min_size : int
        Topics below this size are dissolved and their comments given to others.
    floor : float
        A comment whose best membership is below this is an outlier; in [0, 1].

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
        topic, membership, _ = nearest_topics(ensemble, labels, smoother)
        moved = drop_small(np.where(membership >= floor, topic, -1), min_size)
        if np.array_equal(moved, labels):
            break
        labels = moved
    return labels
