"""How topics hang together: a tree of topics by nearness in meaning, its cut into coarse topics, and its table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import Labels, Vectors

Tree = npt.NDArray[np.float64]

_SHARE_OF_TOPICS = 1 / 2
_DECIMALS = 9


def topic_tree(vectors: Vectors, topics: Labels, n_topics: int) -> Tree:
    """Merge topics by Ward's criterion, each at the mean of its units' vectors and with their number as its weight.

    Parameters
    ----------
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    topics : ndarray of shape (n_units,), int64
        The topic of each unit, from 0 without gaps; -1 for none.
    n_topics : int
        How many topics there are, each with a unit.

    Returns
    -------
    ndarray of shape (n_topics - 1, 4), float64
        SciPy's linkage matrix over the topics. A height is the square root of what the merge adds to the sum of squares
        within groups, as a share of the last merge's, in [0, 1]. Without rows for fewer than two topics.

    Notes
    -----
    Ward's criterion (Ward 1963) keeps groups of a like size. Co-association was tried in its place: it is near 0
    between most topics, and its groups came back less well under other seeds.

    References
    ----------
    Ward, J. H. (1963). Hierarchical grouping to optimize an objective function. Journal of the
    American Statistical Association 58, 236-244. doi:10.1080/01621459.1963.10500845
    """
    if n_topics < 2:
        return np.zeros((0, 4))
    means = np.stack([vectors[topics == topic].mean(axis=0, dtype=np.float64) for topic in range(n_topics)])
    weights = np.bincount(topics[topics >= 0], minlength=n_topics).astype(np.float64)
    nodes, leaves, tree = np.arange(n_topics), np.ones(n_topics), np.empty((n_topics - 1, 4))
    for row in range(n_topics - 1):
        norms = (means**2).sum(axis=1)
        gaps = np.maximum(norms[:, None] + norms[None, :] - 2 * means @ means.T, 0.0)
        # Rounded, so that equal costs merge the larger topics first on any machine.
        cost = np.round(weights[:, None] * weights[None, :] / (weights[:, None] + weights[None, :]) * gaps, _DECIMALS)
        cost[np.tril_indices(len(cost))] = np.inf
        one, other = np.unravel_index(int(cost.argmin()), cost.shape)
        total = weights[one] + weights[other]
        means[one] = (weights[one] * means[one] + weights[other] * means[other]) / total
        weights[one], leaves[one] = total, leaves[one] + leaves[other]
        tree[row] = (*sorted((nodes[one], nodes[other])), np.sqrt(cost[one, other]), leaves[one])
        nodes[one] = n_topics + row
        means, weights, leaves, nodes = (np.delete(held, other, axis=0) for held in (means, weights, leaves, nodes))
    tree[:, 2] /= tree[-1, 2] or 1.0
    return tree


def coarse_topics(tree: Tree, sizes: Labels, coarse_range: tuple[int, int]) -> Labels:
    """Cut a tree of topics into a coarse level.

    Parameters
    ----------
    tree : ndarray of shape (n_topics - 1, 4), float64
        From `topic_tree`.
    sizes : ndarray of shape (n_topics,), int64
        How many units each topic has.
    coarse_range : tuple of int
        Fewest and most coarse topics wanted.

    Returns
    -------
    ndarray of shape (n_topics,), int64
        Coarse topic of each topic, numbered by descending number of units, ties by their first topic. Where there are
        no more topics than `coarse_range` begins with, each is its own coarse topic.

    Notes
    -----
    The number is half of the topics within the range, and not read off the costs of the merges: where the next merge
    costs most changed with the seeds (6, 9 or 11 groups of one corpus), and the coarse topics with it.
    """
    n_topics = len(sizes)
    fewest, most = coarse_range
    if n_topics <= fewest:
        return np.arange(n_topics, dtype=np.int64)
    wanted = min(most, max(fewest, round(n_topics * _SHARE_OF_TOPICS)), n_topics)
    groups: dict[int, list[int]] = {topic: [topic] for topic in range(n_topics)}
    for row, (one, other, *_) in enumerate(tree[: n_topics - wanted]):
        groups[n_topics + row] = groups.pop(int(one)) + groups.pop(int(other))
    order = sorted(groups.values(), key=lambda held: (-int(sizes[held].sum()), min(held)))
    coarse = np.empty(n_topics, dtype=np.int64)
    for number, held in enumerate(order):
        coarse[held] = number
    return coarse


def branches(tree: Tree) -> list[tuple[list[int], list[int], float]]:
    """Return the leaves of each two branches that meet, and the height at which they do, nearest first."""
    leaves: list[list[int]] = [[leaf] for leaf in range(len(tree) + 1)]
    meetings = []
    for one, other, height, _ in tree:
        first, second = sorted((leaves[int(one)], leaves[int(other)]))
        meetings.append((first, second, float(height)))
        leaves.append(sorted(first + second))
    return meetings


def tree_table(tree: Tree, topics: Sequence[int]) -> pd.DataFrame:
    """Return a tree as a table: first, second (numbers of topics, separated by ", "), apart (in [0, 1])."""
    rows = [
        (*(", ".join(str(topics[leaf]) for leaf in leaves) for leaves in (first, second)), apart)
        for first, second, apart in branches(tree)
    ]
    return pd.DataFrame(rows, columns=["first", "second", "apart"]).astype({"apart": float})


def tree_from_table(table: pd.DataFrame, topics: Sequence[int]) -> Tree:
    """Return the tree that `tree_table` wrote as SciPy's linkage matrix; its leaves are the topics in their order."""
    nodes = {frozenset([str(topic)]): number for number, topic in enumerate(topics)}
    tree = np.empty((len(table), 4))
    for row, (first, second, apart) in enumerate(table[["first", "second", "apart"]].itertuples(index=False)):
        one, other = (frozenset(leaves.split(", ")) for leaves in (first, second))
        tree[row] = (*sorted((nodes[one], nodes[other])), apart, len(one | other))
        nodes[one | other] = len(topics) + row
    return tree
