"""From an ensemble of partitions to one: the topics that its members agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery.coassociation import Ensemble, nearest_topics, neighbour_smoother
from pipeline.discovery.cut import CUT_RULES, guarded, settle
from pipeline.discovery.tree import dense_tree, sparse_tree


@dataclass(frozen=True)
class PartitionRules:
    """How an ensemble becomes topics.

    Attributes
    ----------
    cut : str
        Name of the rule that chooses the tree's level, from `CUT_RULES`.
    min_size : int
        Smallest topic.
    max_size : int
        A topic above this size is split where the tree allows it.
    floor : float
        Membership below which a comment is an outlier; in [0, 1].
    own_weight : float
        What a comment counts in its own membership beside its neighbours; in (0, 1].
    dense_below : int
        Up to this many comments all pairs are compared, beyond only neighbours.
    """

    cut: str
    min_size: int
    max_size: int
    floor: float
    own_weight: float
    dense_below: int


@dataclass(frozen=True)
class Partition:
    """Topics of n comments.

    Attributes
    ----------
    labels : ndarray of shape (n,), int64
        From 0 by descending size; -1 for outliers.
    nearest : ndarray of shape (n,), int64
        The topic, or for an outlier the topic it comes with most often; -1 where there is none.
    membership : ndarray of shape (n,), float64
        Mean co-association with the nearest topic, in [0, 1].
    level : float
        Co-association at which the tree was cut, in [0, 1].
    """

    labels: NDArray[np.int64]
    nearest: NDArray[np.int64]
    membership: NDArray[np.float64]
    level: float


def find_partition(ensemble: Ensemble, graph: Any, rules: PartitionRules) -> Partition:
    """Find the topics that an ensemble agrees on.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments.
    graph : scipy.sparse matrix of shape (n, n)
        The neighbour graph that its layouts share.
    rules : PartitionRules
        How the tree is cut and comments are assigned.

    Returns
    -------
    Partition
    """
    n = ensemble.partitions.shape[1]
    tree = dense_tree(ensemble) if n <= rules.dense_below else sparse_tree(ensemble, graph)
    level = CUT_RULES[rules.cut](tree, ensemble)
    smoother = neighbour_smoother(graph, rules.own_weight)
    cut, level = guarded(tree, level, rules.min_size, rules.max_size)
    labels = settle(ensemble, cut, smoother, min_size=rules.min_size, floor=rules.floor)
    if labels.max() < 0:
        return Partition(labels, labels.copy(), np.zeros(n), level)
    nearest, membership, own = nearest_topics(ensemble, labels, smoother)
    inside = labels >= 0
    return Partition(labels, np.where(inside, labels, nearest), np.where(inside, own, membership), level)
