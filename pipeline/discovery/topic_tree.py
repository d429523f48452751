"""How topics hang together: the consensus tree above the topics, as a linkage and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import OUTLIER, Cleaned, Labels, Mapped, TopicResult
from pipeline.discovery.coassociation import Ensemble

_Tree = npt.NDArray[np.float64]
_DECIMALS = 9


def tree_of_topics(cleaned: Cleaned, discovered: TopicResult, mapped: Mapped) -> _Tree:
    """Return the tree of a run's topics as SciPy's linkage matrix, leaves in the order of the table of topics.

    Where the unit is the sentence, a sentence counts for the topic of its comment. Without rows where the evidence is
    not at hand; see `topic_tree`.
    """
    if not discovered.evidence:
        return np.zeros((0, 4))
    # What says nothing was not clustered.
    silent = mapped.assignments.loc[mapped.assignments["says_nothing"], "comment_id"]
    units = cleaned.units["comment_id"]
    units = units[~units.isin(silent)]
    place = {topic: number for number, topic in enumerate(discovered.topics["topic"])}
    topic_of = dict(zip(discovered.assignments["comment_id"], discovered.assignments["topic"], strict=True))
    numbers = np.array([place.get(topic_of[comment], OUTLIER) for comment in units], dtype=np.int64)
    # Where a sample was clustered, it alone says what came together.
    clustered = discovered.evidence.get("clustered", np.arange(len(numbers)))
    return topic_tree(discovered.evidence, numbers[clustered], len(place))


def topic_tree(evidence: Mapping[str, npt.NDArray[Any]], topics: Labels, n_topics: int) -> npt.NDArray[np.float64]:
    """Merge topics by average linkage on the co-association of their units.

    Parameters
    ----------
    evidence : mapping of str to ndarray
        partitions, int32 of shape (n_partitions, n_units); see `pipeline.discovery.replay`.
    topics : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for none.
    n_topics : int
        How many topics there are. One without a unit comes together with none.

    Returns
    -------
    ndarray of shape (n_topics - 1, 4), float64
        SciPy's linkage matrix over the topics: a height is 1 - mean co-association of all pairs of units of two
        branches. Without rows for fewer than two topics.

    Notes
    -----
    This is the consensus tree as it is above the topics, whose own comments it does not divide. A branch counts by its
    units, not by its topics, so SciPy's linkage of topics would be another tree. Equal means merge the largest topics
    first, which have the lowest numbers.
    """
    from scipy.sparse import csr_matrix

    if n_topics < 2:
        return np.zeros((0, 4))
    ensemble = Ensemble.of(evidence["partitions"])
    inside = np.flatnonzero(topics >= 0)
    member = csr_matrix((np.ones(len(inside)), (topics[inside], inside)), shape=(n_topics, len(topics)))
    profiles = member @ ensemble.clusters.astype(np.float64)
    pairs = np.asarray((profiles @ profiles.T).todense(), dtype=np.float64) / ensemble.n_partitions
    sizes, nodes = np.asarray(member.sum(axis=1), dtype=np.float64).ravel(), np.arange(n_topics)
    counts, tree = np.ones(n_topics), np.empty((n_topics - 1, 4))
    for row in range(n_topics - 1):
        means = np.round(pairs / np.maximum(np.outer(sizes, sizes), 1.0), _DECIMALS)
        means[np.tril_indices(len(means))] = -1.0
        one, other = np.unravel_index(int(means.argmax()), means.shape)
        counts[one] += counts[other]
        tree[row] = (*sorted((nodes[one], nodes[other])), 1.0 - means[one, other], counts[one])
        pairs[one] += pairs[other]
        pairs[:, one] += pairs[:, other]
        sizes[one] += sizes[other]
        nodes[one] = n_topics + row
        pairs = np.delete(np.delete(pairs, other, axis=0), other, axis=1)
        sizes, nodes, counts = np.delete(sizes, other), np.delete(nodes, other), np.delete(counts, other)
    return tree


def branches(tree: _Tree) -> list[tuple[list[int], list[int], float]]:
    """Return the leaves of each two branches that meet, and their mean co-association in [0, 1], nearest first."""
    leaves: list[list[int]] = [[leaf] for leaf in range(len(tree) + 1)]
    meetings = []
    for one, other, height, _ in tree:
        first, second = sorted((leaves[int(one)], leaves[int(other)]))
        meetings.append((first, second, 1.0 - float(height)))
        leaves.append(sorted(first + second))
    return meetings


def tree_table(tree: _Tree, topics: Sequence[int]) -> pd.DataFrame:
    """Return a tree as a table: first, second (numbers of topics, separated by ", "), together (in [0, 1])."""
    rows = [
        (*(", ".join(str(topics[leaf]) for leaf in leaves) for leaves in (first, second)), together)
        for first, second, together in branches(tree)
    ]
    return pd.DataFrame(rows, columns=["first", "second", "together"]).astype({"together": float})


def tree_from_table(table: pd.DataFrame, topics: Sequence[int]) -> _Tree:
    """Return the tree that `tree_table` wrote as SciPy's linkage matrix; its leaves are the topics in their order."""
    nodes = {frozenset([str(topic)]): number for number, topic in enumerate(topics)}
    tree = np.empty((len(table), 4))
    for row, (first, second, together) in enumerate(table[["first", "second", "together"]].itertuples(index=False)):
        one, other = (frozenset(leaves.split(", ")) for leaves in (first, second))
        tree[row] = (*sorted((nodes[one], nodes[other])), 1.0 - together, len(one | other))
        nodes[one | other] = len(topics) + row
    return tree
