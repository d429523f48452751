"""What a theme must beat: pseudo-themes made of comments of the same corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.contracts import OUTLIER, Labels, Progress, Vectors
from pipeline.crosswalk.fit import Reading, Scores, mean_of_largest_named
from pipeline.crosswalk.pseudo_themes import Pools, drawn_pools, enough

SMALLEST_CORPUS = 20
"""With fewer distinct comments there are too few to make pseudo-themes of."""

_MEMBERS = 200
"""Comments of a topic, at most, that pseudo-themes are fitted to."""

SHUFFLED_BOOKS = 500
"""Codebooks with the phrases shuffled among the themes."""

_ROWS_AT_ONCE = 1_024


def topic_null(
    reading: Reading,
    topics: Labels,
    n_topics: int,
    membership: Scores,
    *,
    n_phrases: int,
    nearest_phrases: int,
    n_pseudo: int,
    seed: int,
    progress: Progress | None = None,
) -> Scores:
    """Fit pseudo-themes to topics.

    Parameters
    ----------
    reading : Reading
        The comments.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none.
    n_topics : int
        Topics are numbered from 0.
    membership : ndarray of shape (n_comments,), float64
        How much each comment counts for its topic, above 0.
    n_phrases : int
        Phrases of a pseudo-theme: as many as a theme has.
    nearest_phrases : int
        How many of them count, as for themes.
    n_pseudo : int
        How many pseudo-themes.
    seed : int
        Which comments they are made of.
    progress : callable, optional
        Told how many topics are done.

    Returns
    -------
    ndarray of shape (n_topics, n_pseudo), float64
        Fit of each pseudo-theme to each topic, in [-1, 1].

    Notes
    -----
    A pseudo-theme is a random set of comments, none of them in the topic that it is fitted to: it has the
    style and the vocabulary of the survey, and no more to do with the topic than anything else in it. Comments
    dealt at random among topics would be no null for themes, since topics differ from one another in every
    direction, and any theme, a foreign one too, would come out as significant.
    """
    rng = np.random.default_rng(seed)
    places = drawn_pools(rng, len(topics), enough(topics, n_phrases), n_pseudo)
    pools = Pools.of(places, reading.pseudo_phrases, np.arange(len(topics)), n_phrases, nearest_phrases)
    counting = _counting(reading, topics, n_topics, membership, rng)
    used = np.flatnonzero(np.diff(counting.indptr))
    home = topics[reading.owner[used]]
    found = np.zeros((n_topics, n_pseudo))
    named = np.unique(home)
    for done, topic in enumerate(named, start=1):
        parts = used[home == topic]
        barred = (topics[pools.source] == topic) & (topic != OUTLIER)
        for rows, fits in pools.fits(reading.vectors[parts], reading.owner[parts], barred):
            found += counting[:, parts[rows]] @ fits
        if progress is not None:
            progress("comparisons of topics with pseudo-themes", done, len(named))
    return found


def shuffled_null(
    reading: Reading,
    topics: Labels,
    n_topics: int,
    membership: Scores,
    phrases: Sequence[Vectors],
    *,
    nearest_phrases: int,
    n_shuffled: int,
    seed: int,
    progress: Progress | None = None,
) -> Scores:
    """Fit the codebook to topics with its phrases shuffled among its themes.

    Parameters
    ----------
    reading, topics, n_topics, membership
        As for `topic_null`.
    phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of each theme's phrases.
    nearest_phrases : int
        How many of a theme's phrases count.
    n_shuffled : int
        How often the phrases are shuffled.
    seed : int
        How they are shuffled.
    progress : callable, optional
        Told how many parts of comments are done.

    Returns
    -------
    ndarray of shape (n_topics, n_shuffled), float64
        How clearly the theme of a shuffled codebook that stands out most does so for each topic; see `contrasts`.

    Notes
    -----
    Pseudo-themes say whether a topic belongs to the field of the codebook. A theme is more than a heap of the
    field's phrases only where it stands out from the codebook's other themes more clearly than such heaps do. Its fit
    alone would not tell: a theme counts by its few nearest phrases, and a heap soon holds as many that are near.
    """
    rng = np.random.default_rng(seed)
    counting = _counting(reading, topics, n_topics, membership, rng)
    used = np.flatnonzero(np.diff(counting.indptr))
    every = np.vstack(phrases).astype(np.float64)
    ends = np.cumsum([len(said) for said in phrases])[:-1]
    orders = np.stack([rng.permutation(len(every)) for _ in range(n_shuffled)])
    found = np.zeros((n_topics, len(phrases), n_shuffled))
    for first in range(0, len(used), _ROWS_AT_ONCE):
        parts = used[first : first + _ROWS_AT_ONCE]
        likeness = every @ reading.vectors[parts].astype(np.float64).T
        counts = counting[:, parts]
        for column, said in enumerate(np.split(orders, ends, axis=1)):
            found[:, column] += counts @ mean_of_largest_named(likeness, said, nearest_phrases).T
        if progress is not None:
            progress("parts of comments compared with shuffled codebooks", first + len(parts), len(used))
    return np.asarray(contrasts(found).max(axis=1))


def contrasts(fits: Scores) -> Scores:
    """Return by how much each theme's fit is above the mean fit of the others.

    Parameters
    ----------
    fits : ndarray of shape (n_topics, n_themes) or (n_topics, n_themes, n_codebooks), float64
        Mean fits of a topic's comments, in [-1, 1].

    Returns
    -------
    ndarray of the same shape, float64
        In [-2, 2]; the fit itself where a codebook has one theme.
    """
    n_themes = fits.shape[1]
    if n_themes < 2:
        return fits
    return np.asarray(fits - (fits.sum(axis=1, keepdims=True) - fits) / (n_themes - 1))


def _counting(reading: Reading, topics: Labels, n_topics: int, membership: Scores, rng: np.random.Generator) -> Any:
    """Return how much each part counts for each topic, as a sparse matrix of shape (n_topics, n_parts)."""
    from scipy.sparse import csr_matrix

    rows, columns, weights = [], [], []
    for topic in range(n_topics):
        members = np.flatnonzero(topics == topic)
        if len(members) > _MEMBERS:
            members = np.sort(rng.choice(members, _MEMBERS, replace=False))
        rows += [topic] * len(members)
        columns += members.tolist()
        weights += (membership[members] / membership[members].sum()).tolist()
    averages = csr_matrix((weights, (rows, columns)), shape=(n_topics, len(topics)))
    return (averages @ reading.weights).tocsc()


def percentiles(fits: Scores, null: Scores) -> Scores:
    """Return the share of pseudo-themes that each fit beats, shape of `fits`, in [0, 1].

    Parameters
    ----------
    fits : ndarray of shape (n_topics, n_themes), float64
        Fits of themes.
    null : ndarray of shape (n_topics, n_pseudo), float64
        From `topic_null`.
    """
    return np.asarray((null[:, None, :] < fits[:, :, None]).mean(axis=2))


def typical_phrases(phrases: list[Vectors]) -> int:
    """Return how many phrases a theme of a codebook has, at the median; at least 2."""
    return max(2, int(np.median([len(said) for said in phrases])))
