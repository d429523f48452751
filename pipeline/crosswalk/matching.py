"""Which themes a topic is matched with: those that fit it better than the corpus's own pseudo-themes do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import Labels, Vectors
from pipeline.crosswalk.fit import Reading, Scores
from pipeline.crosswalk.null import Tail, percentiles

Bools = npt.NDArray[np.bool_]

_DEPENDENT = "bh"


@dataclass(frozen=True)
class Matches:
    """Topics against themes.

    Attributes
    ----------
    fits : ndarray of shape (n_topics, n_themes), float64
        Mean fit of a topic's comments, in [-1, 1].
    percentile : ndarray of shape (n_topics, n_themes), float64
        Share of pseudo-themes that the theme beats, in [0, 1].
    p_value, q_value : ndarray of shape (n_topics, n_themes), float64
        Chance of a pseudo-theme that fits as well, and the same after Benjamini and Hochberg's correction over the
        whole matrix (doi:10.1111/j.2517-6161.1995.tb02031.x), in (0, 1].
    matched : ndarray of shape (n_topics, n_themes), bool
        Whether the topic is matched with the theme; a row without any is unmapped.
    critical : ndarray of shape (n_topics,), float64
        The fit that a theme needs.
    """

    fits: Scores
    percentile: Scores
    p_value: Scores
    q_value: Scores
    matched: Bools
    critical: Scores


def match_topics(
    fits: Scores, null: Scores, carried_share: Scores, *, false_discovery_rate: float, second_share: float
) -> Matches:
    """Decide which themes each topic is matched with.

    Parameters
    ----------
    fits : ndarray of shape (n_topics, n_themes), float64
        Mean fit of a topic's comments.
    null : ndarray of shape (n_topics, n_pseudo), float64
        Fits of pseudo-themes; see `pipeline.crosswalk.null.topic_null`.
    carried_share : ndarray of shape (n_topics, n_themes), float64
        Share of a topic's comments whose own main theme it is, in [0, 1].
    false_discovery_rate : float
        The largest q-value of a match.
    second_share : float
        A theme that is not a topic's best is matched as well where at least this share of the comments has it for
        their main theme: a topic can fuse two themes, but a theme that merely resembles the best is no second one.

    Returns
    -------
    Matches
    """
    from scipy.stats import false_discovery_control

    n_topics, n_themes = fits.shape
    if n_topics == 0:
        empty = np.zeros((0, n_themes))
        return Matches(fits, empty, empty, empty, np.zeros((0, n_themes), dtype=bool), np.zeros(0))
    tails = [Tail.of(draws) for draws in null]
    p = np.stack([tail.p_values(row) for tail, row in zip(tails, fits, strict=True)])
    q = false_discovery_control(p.ravel(), method=_DEPENDENT).reshape(p.shape)
    significant = q <= false_discovery_rate
    # The p-value that the correction asks for: the largest that passes, or that of a single test among all.
    needed = float(p[significant].max()) if significant.any() else false_discovery_rate / p.size
    return Matches(
        fits=fits,
        percentile=percentiles(fits, null),
        p_value=p,
        q_value=q,
        matched=significant & best_or_second(fits, carried_share, second_share),
        critical=np.array([tail.value_at(needed) for tail in tails]),
    )


def best_or_second(fits: Scores, carried_share: Scores, second_share: float) -> Bools:
    """Tell which themes may be a topic's: its best, and those that enough of its comments have for their main one.

    Parameters are those of `match_topics`; the first of several best is the best.
    """
    best = np.zeros(fits.shape, dtype=bool)
    best[np.arange(len(fits)), fits.argmax(axis=1)] = True
    return best | (carried_share >= second_share)


def topic_means(values: Scores, topics: Labels, n_topics: int) -> Scores:
    """Return the mean of each column over each topic's comments, shape (n_topics, n_columns).

    Parameters
    ----------
    values : ndarray of shape (n_comments, n_columns), float64
        Values of the comments.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none; every topic has a comment.
    n_topics : int
        Topics are numbered from 0.
    """
    inside = topics >= 0
    counts = np.bincount(topics[inside], minlength=n_topics)
    sums = [np.bincount(topics[inside], weights=column[inside], minlength=n_topics) for column in values.T]
    if not sums:
        return np.zeros((n_topics, 0))
    return np.asarray(np.stack(sums, axis=1) / counts[:, None])


def decoy_rates(
    reading: Reading,
    topics: Labels,
    null: Scores,
    decoys: list[tuple[Codebook, list[Vectors]]],
    *,
    n_phrases: int,
    nearest_phrases: int,
    false_discovery_rate: float,
) -> dict[str, float]:
    """Return the share of topics that each decoy codebook is matched with, by its title.

    Parameters
    ----------
    reading : Reading
        The comments.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none.
    null : ndarray of shape (n_topics, n_pseudo), float64
        Fits of pseudo-themes.
    decoys : list of (Codebook, list of ndarray)
        Codebooks from other fields, with the vectors of their themes' phrases.
    n_phrases : int
        How many of a decoy theme's phrases are used: as many as a pseudo-theme has.
    nearest_phrases : int
        How many of them count.
    false_discovery_rate : float
        As for the codebook's own themes.

    Returns
    -------
    dict of str to float
        Shares in [0, 1]; empty without topics.
    """
    from scipy.stats import false_discovery_control

    if not len(null):
        return {}
    tails = [Tail.of(draws) for draws in null]
    rates = {}
    for book, phrases in decoys:
        fits = topic_means(reading.fits([said[:n_phrases] for said in phrases], nearest_phrases), topics, len(null))
        p = np.stack([tail.p_values(row) for tail, row in zip(tails, fits, strict=True)])
        q = false_discovery_control(p.ravel(), method=_DEPENDENT).reshape(p.shape)
        rates[book.title] = float((q <= false_discovery_rate).any(axis=1).mean())
    return rates
