"""How reliably topics come back: over disjoint halves of the seeds, and over samples of the comments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STABLE, DISSOLVED = 0.75, 0.5
"""Overlaps from which a topic is stable, and below which it is dissolved (Hennig, doi:10.1016/j.csda.2006.11.025)."""


@dataclass(frozen=True)
class Stability:
    """How reliably the topics of one fit come back.

    Attributes
    ----------
    over_seeds : ndarray of shape (n_topics,), float64
        Jaccard overlap, in [0, 1], of each topic's best matches in two disjoint halves of the seeds.
    over_samples : ndarray of shape (n_topics,), float64
        Mean over bootstrap samples of the overlap with the best match there, in [0, 1]; NaN without
        samples.
    of_halves : float
        Adjusted mutual information of the two halves' partitions.
    of_samples : float
        Mean adjusted mutual information with the samples' partitions; NaN without samples.
    """

    over_seeds: NDArray[np.float64]
    over_samples: NDArray[np.float64]
    of_halves: float
    of_samples: float


def count_stable(stability: NDArray[np.float64]) -> tuple[int, int]:
    """Return how many topics are stable, and how many dissolved.

    Parameters
    ----------
    stability : ndarray of shape (n_topics,), float64
        In [0, 1]; NaN where it was not measured. Two decimals count, so that the numbers are those of a table that
        shows no more.
    """
    shown = np.round(stability, 2)
    return int((shown >= STABLE).sum()), int((shown < DISSOLVED).sum())


def overlaps(labels: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.float64]:
    """Jaccard overlap of every topic of one partition with every topic of another.

    Parameters
    ----------
    labels, other : ndarray of shape (n,), int64
        Topics of the same comments from 0; -1 for outliers.

    Returns
    -------
    ndarray of shape (n_topics, n_other_topics), float64
        In [0, 1].
    """
    n_topics, n_other = int(labels.max(initial=-1)) + 1, int(other.max(initial=-1)) + 1
    shared = np.zeros((n_topics, n_other))
    both = (labels >= 0) & (other >= 0)
    np.add.at(shared, (labels[both], other[both]), 1.0)
    size = np.bincount(labels[labels >= 0], minlength=n_topics)[:, None]
    other_size = np.bincount(other[other >= 0], minlength=n_other)[None, :]
    union = size + other_size - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def measure_stability(
    labels: NDArray[np.int64],
    halves: tuple[NDArray[np.int64], NDArray[np.int64]],
    samples: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> Stability:
    """Compare topics with those of disjoint halves of the seeds and of samples of the comments.

    Parameters
    ----------
    labels : ndarray of shape (n,), int64
        Topics from 0; -1 for outliers.
    halves : pair of ndarray of shape (n,), int64
        Topics found from each half of the seeds alone.
    samples : list of (rows, labels)
        For each bootstrap sample the distinct comments drawn, ndarray of shape (m,), int64, and
        the topics found among them alone, ndarray of shape (m,), int64.

    Returns
    -------
    Stability

    Notes
    -----
    Hennig (2007) measures a cluster by the mean over bootstrap samples of its largest Jaccard
    overlap with any cluster of the sample's, comments drawn more than once counted once; he calls
    0.75 and above stable, and below 0.5 dissolved. The halves are compared with each other and not
    with the topics, because the topics were made from both.

    References
    ----------
    Hennig, C. (2007). Cluster-wise assessment of cluster stability. Computational Statistics and
    Data Analysis 52, 258-271. doi:10.1016/j.csda.2006.11.025
    """
    from sklearn.metrics import adjusted_mutual_info_score

    n_topics = int(labels.max(initial=-1)) + 1
    first, second = (_best_match(labels, half) for half in halves)
    between = overlaps(*halves)
    over_seeds = np.array([between[i, j] if i >= 0 and j >= 0 else 0.0 for i, j in zip(first, second, strict=True)])
    over_samples = np.full(n_topics, np.nan)
    of_samples = float("nan")
    if samples:
        best = np.zeros((len(samples), n_topics))
        drawn = np.zeros((len(samples), n_topics), dtype=bool)
        for i, (rows, found) in enumerate(samples):
            kept = labels[rows]
            matched = overlaps(kept, found)
            best[i, : len(matched)] = matched.max(axis=1, initial=0.0)
            drawn[i] = np.bincount(kept[kept >= 0], minlength=n_topics) > 0
        counted = np.maximum(drawn.sum(axis=0), 1)
        over_samples = np.where(drawn, best, 0.0).sum(axis=0) / counted
        of_samples = float(np.mean([adjusted_mutual_info_score(labels[rows], found) for rows, found in samples]))
    of_halves = float(adjusted_mutual_info_score(*halves))
    return Stability(over_seeds, over_samples, of_halves, of_samples)


def _best_match(labels: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Topic of the other partition that overlaps most with each topic; -1 where none does."""
    matched = overlaps(labels, other)
    if matched.shape[1] == 0:
        return np.full(len(matched), -1, dtype=np.int64)
    return np.where(matched.max(axis=1) > 0, matched.argmax(axis=1), -1).astype(np.int64)


def bootstrap_rows(n: int, n_bootstrap: int, random_state: int) -> list[NDArray[np.int64]]:
    """Draw bootstrap samples of comments, each comment once.

    Parameters
    ----------
    n : int
        Number of comments.
    n_bootstrap : int
        Number of samples.
    random_state : int
        Seed.

    Returns
    -------
    list of ndarray, int64
        Row numbers in ascending order, about 63 % of the comments in each.

    Notes
    -----
    Copies are left out: to a density they would be a new, infinitely dense topic each.
    """
    random = np.random.default_rng([random_state, 1])
    return [np.unique(random.integers(n, size=n)).astype(np.int64) for _ in range(n_bootstrap)]
