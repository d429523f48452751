"""The consensus tree: average linkage on co-association, over all pairs or over neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery.coassociation import Ensemble, dense_coassociation

_LOWEST = 0.02
_PAIRS_AT_ONCE = 65_536


def dense_tree(ensemble: Ensemble) -> NDArray[np.float64]:
    """Merge comments by average linkage on the co-association of all pairs.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments, at least 2.

    Returns
    -------
    ndarray of shape (n - 1, 4), float64
        SciPy's linkage matrix; heights are 1 - mean co-association.
    """
    from scipy.cluster.hierarchy import linkage
    from scipy.spatial.distance import squareform

    apart = 1.0 - dense_coassociation(ensemble).astype(np.float64)
    np.fill_diagonal(apart, 0.0)
    return np.asarray(linkage(squareform(apart, checks=False), method="average"), dtype=np.float64)


def sparse_tree(ensemble: Ensemble, graph: Any) -> NDArray[np.float64]:
    """Merge comments by average linkage, comparing only those that the neighbour graph joins.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments, at least 2.
    graph : scipy.sparse matrix of shape (n, n)
        Neighbour graph, symmetric.

    Returns
    -------
    ndarray of shape (n - 1, 4), float64
        SciPy's linkage matrix; heights are 1 - mean co-association. Branches that no pair of
        neighbours joins above a co-association of 0.02 are joined at height 1.

    Notes
    -----
    The mean co-association of two branches is the product of their mean clusters, so it is exact
    without the pairs inside. In every round each branch names the neighbour it comes with most
    often, and those that name each other merge: average linkage is reducible, so this gives the
    tree that one merge at a time would give (Murtagh 1983), in some dozens of rounds. Only pairs of which
    one has just merged are looked at again. Time and memory grow with n and the number of neighbour
    pairs.

    References
    ----------
    Murtagh, F. (1983). A survey of recent advances in hierarchical clustering algorithms. The
    Computer Journal 26, 354-359. doi:10.1093/comjnl/26.4.354
    """
    from scipy.sparse import coo_matrix, csr_matrix

    n = len(ensemble.partitions[0])
    profiles = ensemble.clusters.tocsr()
    sizes = np.ones(n)
    branch_of = np.arange(n)
    upper = coo_matrix(graph)
    above = upper.row < upper.col
    one, other = upper.row[above].astype(np.int64), upper.col[above].astype(np.int64)
    # Of each pair, and for all pairs at first: -1 where it must be counted.
    sums = np.full(len(one), -1.0)
    merges: list[tuple[float, int, int]] = []
    while len(one):
        unknown = np.flatnonzero(sums < 0)
        sums[unknown] = _pair_sums(profiles, one[unknown], other[unknown])
        means = sums / (sizes[one] * sizes[other]) / ensemble.n_partitions
        # Rounded, so that equal means rank by row number and not by the order of a sum.
        means = np.round(means, 9)
        keep = means >= _LOWEST
        one, other, means, sums = one[keep], other[keep], means[keep], sums[keep]
        if len(one) == 0:
            break
        order = np.lexsort((other, one, -means))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        best = np.full(len(sizes), len(order), dtype=np.int64)
        np.minimum.at(best, one, rank)
        np.minimum.at(best, other, rank)
        mutual = np.flatnonzero((best[one] == rank) & (best[other] == rank))
        merges.extend((1.0 - float(means[i]), int(branch_of[one[i]]), int(branch_of[other[i]])) for i in mutual)
        target = np.arange(len(sizes))
        target[other[mutual]] = one[mutual]
        kept, renumbered = np.unique(target, return_inverse=True)
        gather = csr_matrix(
            (np.ones(len(sizes), dtype=np.float32), (renumbered, np.arange(len(sizes)))),
            shape=(len(kept), len(sizes)),
        )
        profiles = (gather @ profiles).tocsr()
        sizes = np.asarray(gather @ sizes)
        branch_of = branch_of[kept]
        merged = np.bincount(renumbered, minlength=len(kept)) > 1
        one, other = renumbered[one], renumbered[other]
        one, other = np.minimum(one, other), np.maximum(one, other)
        apart = one != other
        # A pair of which neither has merged was there once, and keeps its sum.
        pairs, first = np.unique((one * len(kept) + other)[apart], return_index=True)
        one, other = pairs // len(kept), pairs % len(kept)
        sums = np.where(merged[one] | merged[other], -1.0, sums[apart][first])
    return _linkage(merges, n)


def _pair_sums(profiles: Any, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum co-association counts over each pair of branches."""
    sums = np.empty(len(one))
    for first in range(0, len(one), _PAIRS_AT_ONCE):
        part = slice(first, first + _PAIRS_AT_ONCE)
        left, right = profiles[one[part]].astype(np.float64), profiles[other[part]].astype(np.float64)
        sums[part] = np.asarray(left.multiply(right).sum(axis=1)).ravel()
    return sums


def _linkage(merges: list[tuple[float, int, int]], n: int) -> NDArray[np.float64]:
    """Write merges, each named by one comment of either branch, as SciPy's linkage matrix."""
    parent = list(range(n))

    def root(comment: int) -> int:
        while parent[comment] != comment:
            parent[comment] = parent[parent[comment]]
            comment = parent[comment]
        return comment

    node = list(range(n))
    size = [1] * n
    tree = np.empty((n - 1, 4))
    row = 0

    def join(height: float, one: int, other: int) -> None:
        nonlocal row
        one, other = sorted((root(one), root(other)))
        parent[other] = one
        size[one] += size[other]
        tree[row] = (*sorted((node[one], node[other])), height, size[one])
        node[one] = n + row
        row += 1

    # A round's merges are of any height; stable sorting keeps each after those inside it.
    for height, one, other in sorted(merges, key=lambda merge: merge[0]):
        join(height, one, other)
    apart = [comment for comment in range(n) if root(comment) == comment]
    for comment in apart[1:]:
        join(1.0, apart[0], comment)
    return tree
