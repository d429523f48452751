"""Comments that stand for a topic: central ones that are short enough to quote, and one that differs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Labels, Vectors

_QUOTABLE_WORDS = (4, 60)
"""A quotation in a paper is a clause at the least and a short paragraph at the most."""

WITH_ONE_THAT_DIFFERS = 3
"""From so many representatives on the last one shows how far a topic goes."""

_SPREAD = 0.3
"""Weight of being unlike those already chosen, against being central."""


def choose_representatives(
    labels: Labels, texts: Sequence[str], people: npt.NDArray[np.int64], vectors: Vectors, *, count: int
) -> dict[int, list[int]]:
    """Choose representative comments of each topic.

    Parameters
    ----------
    labels : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    texts : sequence of str
        The comments.
    people : ndarray of shape (n_units,), int64
        How many said each.
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    count : int
        How many a topic.

    Returns
    -------
    dict of int to list of int
        For each topic, rows of its comments, the most central first; fewer where it has fewer comments. Of three and
        more the last one differs: of the more central half it is the least like the others.

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
        centre = np.average(vectors[members], axis=0, weights=people[members])
        found = _spread_out(vectors[pool], centre, count - 1 if count >= WITH_ONE_THAT_DIFFERS else count)
        if len(found) < min(count, len(pool)):
            found.append(_other(vectors[pool], centre, found))
        chosen[topic] = pool[found].tolist()
    return chosen


def _other(vectors: Vectors, centre: Vectors, chosen: list[int]) -> int:
    central = vectors @ centre
    likeness = (vectors @ vectors[chosen].T).max(axis=1)
    likeness[central < np.median(central)] = np.inf
    likeness[chosen] = np.inf
    if np.isinf(likeness).all():
        rest = np.setdiff1d(np.arange(len(vectors)), chosen)
        return int(rest[np.argmax(central[rest])])
    return int(np.argmin(likeness))


def _spread_out(vectors: Vectors, centre: Vectors, count: int) -> list[int]:
    central = vectors @ centre
    picked = [int(np.argmax(central))]
    while len(picked) < min(count, len(vectors)):
        nearest_picked = (vectors @ vectors[picked].T).max(axis=1)
        score = (1 - _SPREAD) * central - _SPREAD * nearest_picked
        score[picked] = -np.inf
        picked.append(int(np.argmax(score)))
    return picked
