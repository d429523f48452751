"""How firmly each decision on a topic stands: the same decision over other seeds, comments and examples."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contracts import Bools, Labels, Progress, Vectors
from pipeline.crosswalk.choice import combined_fits
from pipeline.crosswalk.fit import Reading, Scores
from pipeline.crosswalk.matching import Matches, passes
from pipeline.workers import done_in_order, steady_arithmetic

_VARIANTS = 20
"""Codebooks with one phrase left out of each theme."""

_NOBODY = 1e-12

_PARTS_FOR_WORKERS = 20_000
"""Parts of comments from which on codebooks are read on several processes; fewer are read sooner than those start."""


@dataclass(frozen=True)
class Robustness:
    """What replicates decide.

    Attributes
    ----------
    matched : ndarray of shape (n_topics, n_themes), float64
        Share of replicates in which the topic is matched with the theme, in [0, 1].
    unmapped : ndarray of shape (n_topics,), float64
        Share of replicates in which it is matched with no theme.
    fit_low, fit_high : ndarray of shape (n_topics, n_themes), float64
        The middle 95 % of the fits; missing where every replicate leaves the topic without comments.
    """

    matched: Scores
    unmapped: Scores
    fit_low: Scores
    fit_high: Scores


def replicate_decisions(
    reading: Reading,
    topics: Labels,
    membership: Scores,
    matches: Matches,
    null: Scores,
    one_fewer: Scores,
    pseudo: Scores,
    has_none: Bools,
    phrases: Sequence[Vectors],
    *,
    nearest_phrases: int,
    n_replicates: int,
    seed: int,
    progress: Progress | None = None,
) -> Robustness:
    """Repeat the decisions on topics under small changes of everything that they rest on.

    Parameters
    ----------
    reading : Reading
        The comments.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none.
    membership : ndarray of shape (n_comments,), float64
        Share of the layouts' clusterings that put the comment with its topic, in [0, 1].
    matches : Matches
        The decisions.
    null : ndarray of shape (n_topics, n_pseudo), float64
        Fits of pseudo-themes to topics.
    one_fewer : ndarray of shape (n_topics, n_pseudo), float64
        The same with a phrase fewer.
    pseudo : ndarray of shape (n_comments,), float64
        Mean fit of pseudo-themes to comments.
    has_none : ndarray of shape (n_comments,), bool
        Comments that no theme fits.
    phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of each theme's phrases.
    nearest_phrases : int
        As for the decisions.
    n_replicates : int
        How often they are repeated.
    seed : int
        Everything random follows from it.
    progress : callable, optional
        Told how many replicates are done.

    Returns
    -------
    Robustness

    Notes
    -----
    Each replicate changes four things at once. Seeds: a comment stays in its topic with the chance that its
    membership gives, the share of clusterings that put it there. Comments: those left are drawn again with
    replacement (each counts a Poisson number of times, of mean 1). Examples: one phrase is left out of every
    theme, and what a theme must beat is lowered by what a phrase fewer costs a pseudo-theme. Pseudo-themes:
    those that set what a theme must beat are drawn again. A topic that a replicate leaves without comments is
    unmapped in it.
    """
    n_topics, n_themes = matches.fits.shape
    rng = np.random.default_rng(seed)
    inside = np.flatnonzero(topics >= 0)
    home = topics[inside]
    # Only themes of more than two phrases lose one; a codebook of names alone keeps its ground.
    lighter = one_fewer.mean(axis=1) - null.mean(axis=1) if max(len(said) for said in phrases) > 2 else 0.0
    typical = _weighted_means(membership[inside], home, n_topics, pseudo[inside, None])[:, 0]
    middle, spread = null.mean(axis=1), null.std(axis=1)
    # Where pseudo-themes are all alike, or nothing would be enough, there is no distance in spreads to keep.
    varied = (spread > 0) & np.isfinite(matches.critical)
    beyond = np.where(varied, matches.critical - middle, 0.0) / np.where(varied, spread, 1.0)
    matched = np.zeros((n_topics, n_themes))
    unmapped = np.zeros(n_topics)
    drawn = np.empty((n_replicates, n_topics, n_themes))
    shares = np.array_split(np.arange(n_replicates), min(_VARIANTS, n_replicates))
    ground = (reading, has_none, pseudo, inside, phrases, nearest_phrases)
    tasks = [(*ground, (seed, variant)) for variant in range(len(shares))]
    n_jobs = None if len(reading.vectors) >= _PARTS_FOR_WORKERS else 1
    # Closed here and now: after Ctrl-C, workers must not wait for a garbage collection to be ended.
    with contextlib.closing(done_in_order(_read_again, tasks, n_jobs=n_jobs)) as read:
        for numbers, columns in zip(shares, read, strict=True):
            for number in numbers:
                weights = rng.poisson(1.0, len(inside)) * (rng.random(len(inside)) < membership[inside])
                means = _weighted_means(weights.astype(np.float64), home, n_topics, columns)
                again = null[:, rng.integers(null.shape[1], size=null.shape[1])]
                moved = again.mean(axis=1) - middle + beyond * (again.std(axis=1) - spread) + means[:, -1] - typical
                needed = matches.critical + moved + lighter
                fit, said = means[:, :n_themes], means[:, n_themes:-1]
                share = said / np.maximum(said.sum(axis=1, keepdims=True), _NOBODY)
                hit = passes(fit >= needed[:, None], share)
                matched += hit
                unmapped += ~hit.any(axis=1)
                drawn[number] = fit
            if progress is not None:
                progress("re-runs of the decisions", int(numbers[-1]) + 1, n_replicates)
    with warnings.catch_warnings():
        # A topic that no replicate leaves a comment has no fits: missing is the right answer.
        warnings.filterwarnings("ignore", message="All-NaN slice", category=RuntimeWarning)
        low, high = np.nanquantile(drawn, [0.025, 0.975], axis=0)
    return Robustness(matched / n_replicates, unmapped / n_replicates, low, high)


def _read_again(
    reading: Reading,
    has_none: Bools,
    pseudo: Scores,
    inside: Labels,
    phrases: Sequence[Vectors],
    nearest_phrases: int,
    seed: tuple[int, int],
) -> Scores:
    """Read the topics' comments against a codebook with phrases left out.

    Returns
    -------
    ndarray of shape (n_inside, 2 * n_themes + 1), float64
        Fits, 1 for the main theme of a comment that has one, and the fit of pseudo-themes.
    """
    fewer, n_themes = _leave_one_out(phrases, np.random.default_rng(seed)), len(phrases)
    # In a worker too: sums of several threads would have other last digits than those of one.
    with steady_arithmetic():
        likeness, together = combined_fits(reading, fewer, n_themes, nearest_phrases)
        fits, chosen = ((reading.weights @ values)[inside] for values in (likeness, together))
    main = np.eye(n_themes)[chosen.argmax(axis=1)] * ~has_none[inside, None]
    return np.hstack([fits, main, pseudo[inside, None]])


def _weighted_means(weights: Scores, home: Labels, n_topics: int, columns: Scores) -> Scores:
    """Return weighted means by topic; missing where the weights of a topic are all 0."""
    from scipy.sparse import csr_matrix

    total = np.bincount(home, weights=weights, minlength=n_topics)
    adding = csr_matrix((weights, (home, np.arange(len(home)))), shape=(n_topics, len(home)))
    return np.asarray(adding @ columns) / np.where(total > 0, total, np.nan)[:, None]


def _leave_one_out(phrases: Sequence[Vectors], rng: np.random.Generator) -> list[Vectors]:
    """Leave one phrase out of every theme that has more than two."""
    return [np.delete(said, rng.integers(len(said)), axis=0) if len(said) > 2 else said for said in phrases]
