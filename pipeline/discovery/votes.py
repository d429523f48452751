"""The topic of a comment that was not clustered: that of its nearest neighbours among those that were."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.contracts import Labels, Progress, Vectors
from pipeline.discovery.cut import ordered
from pipeline.discovery.neighbours import smallest
from pipeline.discovery.partition import Partition
from pipeline.workers import done_in_order, steady_arithmetic

NEIGHBOURS = 5
"""How many of the nearest clustered comments say which topic a comment is in.

On the default run each comment was left out and assigned in this way: 86 % of those in a topic came back into it, and
83 % of all. With 10 or 20 neighbours no more did, and with votes by membership fewer.
"""

_EQUAL = 1.0 - 1e-5
"""Two comments with a cosine of at least this are the same text, but for spelling that the encoder does not see."""

_ROWS_AT_ONCE = 512
_ROWS_OF_A_TASK = 32 * _ROWS_AT_ONCE
_GRID = 1e6


@dataclass(frozen=True)
class Voters:
    """The nearest clustered comments of each other comment.

    Attributes
    ----------
    rows : ndarray of shape (m, n_voters), int32
        Their rows, the nearest first, ties by row.
    cosines : ndarray of shape (m, n_voters), float32
        Rounded to six decimals.
    """

    rows: NDArray[np.int32]
    cosines: NDArray[np.float32]

    @property
    def weights(self) -> NDArray[np.float64]:
        """What each counts, (m, n_voters): the square of its cosine. The same text counts alone."""
        weights = np.clip(self.cosines.astype(np.float64), 0.0, None) ** 2
        weights[self.cosines[:, 0] >= np.float32(_EQUAL), 1:] = 0.0
        return weights


def nearest_voters(
    vectors: Vectors,
    clustered: Vectors,
    *,
    of: Labels | None = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Voters:
    """Find the nearest clustered comments of other comments.

    Parameters
    ----------
    vectors, clustered : ndarray of shape (m, n_dimensions) and (n, n_dimensions), float32
        Unit vectors of the other comments, and of the clustered ones, at least one.
    of : ndarray of shape (m_asked,), int64, optional
        The rows of the first that are asked for, of which there may be too many to copy; all, unless given.
    n_jobs : int or None, default None
        Processes, where there is work for several; None for one per core. The result does not depend on it.
    progress : callable, optional
        Told how many comments are done.

    Returns
    -------
    Voters
        `NEIGHBOURS` of each, or all where there are fewer.
    """
    count = min(NEIGHBOURS, len(clustered))
    asked = np.arange(len(vectors)) if of is None else of
    rows = np.empty((len(asked), count), dtype=np.int32)
    cosines = np.empty((len(asked), count), dtype=np.float32)
    parts = [asked[first : first + _ROWS_OF_A_TASK] for first in range(0, len(asked), _ROWS_OF_A_TASK)]
    done = 0
    tasks = [(vectors, clustered, part, count) for part in parts]
    # Closed here and now: after Ctrl-C, workers must not wait for a garbage collection to be ended.
    with contextlib.closing(done_in_order(_nearest_of, tasks, n_jobs=n_jobs)) as found:
        for some_rows, some_cosines in found:
            rows[done : done + len(some_rows)], cosines[done : done + len(some_rows)] = some_rows, some_cosines
            done += len(some_rows)
            if progress is not None:
                progress("comments compared with the sample", done, len(asked))
    return Voters(rows, cosines)


def _nearest_of(
    vectors: Vectors, clustered: Vectors, asked: Labels, count: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Return the rows of the nearest clustered comments of some others, and their cosines."""
    rows = np.empty((len(asked), count), dtype=np.int32)
    cosines = np.empty((len(asked), count), dtype=np.float32)

    def rounded(against: NDArray[np.float32]) -> NDArray[np.int64]:
        # So that the last bit of a product does not decide between equally near comments.
        return np.asarray(np.rint(against.astype(np.float64) * _GRID), dtype=np.int64)

    with steady_arithmetic():
        for first in range(0, len(asked), _ROWS_AT_ONCE):
            part = slice(first, first + _ROWS_AT_ONCE)
            rows[part], ticks = smallest(-np.clip(vectors[asked[part]] @ clustered.T, -1.0, 1.0), count, rounded)
            cosines[part] = -ticks / _GRID
    return rows, cosines


def voted(voters: Voters, topics: Labels) -> tuple[Labels, NDArray[np.float64]]:
    """Count the votes.

    Parameters
    ----------
    voters : Voters
        Of m comments.
    topics : ndarray of shape (n,), int64
        The topic of each clustered comment; -1 for none.

    Returns
    -------
    topic : ndarray of shape (m,), int64
        The topic with most votes; -1 where most are in none. Ties go to none, then to the lower number.
    share : ndarray of shape (m,), float64
        Its share of the votes, in [0, 1]; 0 where no vote counts anything.
    """
    return _most_voted(topics[voters.rows], voters.weights)


def _most_voted(names: Labels, weights: NDArray[np.float64]) -> tuple[Labels, NDArray[np.float64]]:
    topic = np.full(len(names), -1, dtype=np.int64)
    share = np.zeros(len(names))
    for first in range(0, len(names), _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        votes = np.zeros((len(names[part]), int(names.max(initial=-1)) + 2))
        for place in range(names.shape[1]):
            votes[np.arange(len(votes)), names[part, place] + 1] += weights[part, place]
        total = votes.sum(axis=1)
        topic[part] = votes.argmax(axis=1) - 1
        share[part] = np.divide(votes.max(axis=1), total, out=np.zeros(len(votes)), where=total > 0)
    return topic, share


def voted_membership(
    voters: Voters, topics: Labels, nearest: Labels, membership: NDArray[np.float64]
) -> tuple[Labels, Labels, NDArray[np.float64]]:
    """Give comments the topic of their voters, and a membership on the scale of theirs.

    Parameters
    ----------
    voters : Voters
        Of m comments.
    topics, nearest : ndarray of shape (n,), int64
        Topic (-1 for none) and nearest topic of each clustered comment.
    membership : ndarray of shape (n,), float64
        Membership of each clustered comment in its nearest topic, in [0, 1].

    Returns
    -------
    topic, nearest : ndarray of shape (m,), int64
        Topic and, for a comment in none, the nearest topic of most of its voters that are in none.
    membership : ndarray of shape (m,), float64
        Mean membership, by votes, of the voters that agree in both; in [0, 1].
    """
    topic, _ = voted(voters, topics)
    weights = np.where(topics[voters.rows] == topic[:, None], voters.weights, 0.0)
    closest, _ = _most_voted(nearest[voters.rows], weights)
    weights = np.where(nearest[voters.rows] == closest[:, None], weights, 0.0)
    total = weights.sum(axis=1)
    mean = np.divide((weights * membership[voters.rows]).sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    return topic, closest, np.clip(mean, 0.0, 1.0)


def given_to_all(found: Partition, clustered: Labels, voters: Voters) -> Partition:
    """Give every comment a topic, where a sample of them was clustered.

    Parameters
    ----------
    found : Partition
        Of the clustered comments.
    clustered : ndarray of shape (n_clustered,), int64
        Their rows among all.
    voters : Voters
        Of the other comments, in the order of their rows.

    Returns
    -------
    Partition
        Of all comments; topics are numbered by their size among all.
    """
    n = len(clustered) + len(voters.rows)
    others = np.setdiff1d(np.arange(n), clustered, assume_unique=True)
    topics, nearest, membership = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n)
    topics[clustered], nearest[clustered], membership[clustered] = found.labels, found.nearest, found.membership
    topics[others], nearest[others], membership[others] = voted_membership(
        voters, found.labels, found.nearest, found.membership
    )
    labels = ordered(topics)
    # The last number stands for none.
    renumbered = np.full(int(topics.max(initial=-1)) + 2, -1, dtype=np.int64)
    renumbered[topics] = labels
    return Partition(labels, renumbered[nearest], membership, found.level)
