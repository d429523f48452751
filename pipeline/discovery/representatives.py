"""Comments that stand for a topic: central, distinct from one another and short enough to quote."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.contracts import Labels, Vectors

_QUOTABLE_WORDS = (4, 60)
"""A quotation in a paper is a clause at the least and a short paragraph at the most."""

_SPREAD = 0.3
"""Weight of being unlike those already chosen, against being central."""


def choose_representatives(
    labels: Labels, texts: Sequence[str], vectors: Vectors, *, count: int
) -> dict[int, list[int]]:
    """Choose representative comments of each topic.

    Parameters
    ----------
    labels : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    texts : sequence of str
        The comments.
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    count : int
        How many a topic.

    Returns
    -------
    dict of int to list of int
        For each topic, rows of its comments, the most central first; fewer where it has fewer comments.

    Notes
    -----
    Maximal marginal relevance (Carbonell and Goldstein 1998, doi:10.1145/290941.291025) over the members that
    are of a length to quote; over all members where fewer than `count` are.
    """
    words = np.array([len(text.split()) for text in texts])
    quotable = (words >= _QUOTABLE_WORDS[0]) & (words <= _QUOTABLE_WORDS[1])
    chosen: dict[int, list[int]] = {}
    for topic in np.unique(labels[labels >= 0]).tolist():
        members = np.flatnonzero(labels == topic)
        pool = members[quotable[members]]
        if len(pool) < count:
            pool = members
        chosen[topic] = pool[_spread_out(vectors[pool], vectors[members].mean(axis=0), count)].tolist()
    return chosen


def _spread_out(vectors: Vectors, centre: Vectors, count: int) -> list[int]:
    central = vectors @ centre
    picked = [int(np.argmax(central))]
    while len(picked) < min(count, len(vectors)):
        nearest_picked = (vectors @ vectors[picked].T).max(axis=1)
        score = (1 - _SPREAD) * central - _SPREAD * nearest_picked
        score[picked] = -np.inf
        picked.append(int(np.argmax(score)))
    return picked
