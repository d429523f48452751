"""Which themes a topic is matched with: those that fit it better than the corpus's own pseudo-themes do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import Bools, Labels, Progress, Vectors
from pipeline.crosswalk.fit import Reading, Scores
from pipeline.crosswalk.null import contrasts, percentiles, shuffled_null
from pipeline.crosswalk.tail import Tail

_DEPENDENT = "bh"


MATCHED, LEANING = "matched", "leaning"

SHUFFLED = 0.1
"""A theme is more than a heap of its codebook's phrases where at most this share of shuffled codebooks has a theme that
stands out as clearly."""

_DECOYS_SHUFFLED = 100

OWN_SHARE = 0.5
"""Share of a topic's comments with a theme that must have the theme for their own main one."""

SETTLED = 0.8
"""A match that fewer re-runs repeat is none."""


@dataclass(frozen=True)
class Matches:
    """Topics against themes, as far as one run tells.

    Attributes
    ----------
    fits : ndarray of shape (n_topics, n_themes), float64
        Mean fit of a topic's comments, in [-1, 1].
    percentile : ndarray of shape (n_topics, n_themes), float64
        Share of pseudo-themes that the theme beats, in [0, 1].
    p_value, q_value : ndarray of shape (n_topics, n_themes), float64
        Chance of a pseudo-theme that fits as well, in (0, 1], and the same after Benjamini and Hochberg's correction
        (doi:10.1111/j.2517-6161.1995.tb02031.x) over the topics' nearest themes; missing for the others, which are
        not asked.
    p_shuffled : ndarray of shape (n_topics, n_themes), float64
        Chance that any theme stands out from the others as clearly once the codebook's phrases are shuffled among its
        themes, in (0, 1].
    own_share : ndarray of shape (n_topics, n_themes), float64
        Share of the topic's comments with a theme whose main theme it is, in [0, 1]; all 0 where none has one.
    beats_chance : ndarray of shape (n_topics, n_themes), bool
        Whether the theme fits better than pseudo-themes.
    beats_shuffled : ndarray of shape (n_topics, n_themes), bool
        Whether it stands out from the others more clearly than shuffled codebooks do.
    nearest : ndarray of shape (n_topics,), int64
        The theme with the largest own share; of several the one that fits best.
    critical : ndarray of shape (n_topics,), float64
        The fit that a theme needs to beat pseudo-themes in a re-run, which repeats one decision: at the chance that
        the decision itself asked for, and without a correction for the others.
    """

    fits: Scores
    percentile: Scores
    p_value: Scores
    q_value: Scores
    p_shuffled: Scores
    own_share: Scores
    beats_chance: Bools
    beats_shuffled: Bools
    nearest: Labels
    critical: Scores

    @property
    def passed(self) -> Bools:
        """Return for each topic whether its nearest theme passes all that one run tells, shape (n_topics,)."""
        return passes(self.beats_chance & self.beats_shuffled, self.own_share)[
            np.arange(len(self.nearest)), self.nearest
        ]


def match_topics(
    fits: Scores, null: Scores, shuffled: Scores, own_share: Scores, *, false_discovery_rate: float
) -> Matches:
    """Decide which theme each topic may be matched with.

    Parameters
    ----------
    fits : ndarray of shape (n_topics, n_themes), float64
        Mean fit of a topic's comments.
    null : ndarray of shape (n_topics, n_pseudo), float64
        Fits of pseudo-themes; see `pipeline.crosswalk.null.topic_null`.
    shuffled : ndarray of shape (n_topics, n_shuffled), float64
        How clearly a theme of each shuffled codebook stands out; see `pipeline.crosswalk.null.shuffled_null`.
    own_share : ndarray of shape (n_topics, n_themes), float64
        See `Matches`.
    false_discovery_rate : float
        The largest q-value of a theme that beats pseudo-themes.

    Returns
    -------
    Matches

    Notes
    -----
    Three questions are asked of a topic's nearest theme, and a match needs yes to all three: does the topic belong
    to the field of the codebook (pseudo-themes), to this theme rather than to a heap of the field's phrases (shuffled
    codebooks), and do its own comments say so one by one (own share)? A fourth, whether re-runs repeat it, is for
    `pipeline.crosswalk.robustness`. The docs' benchmark has the share of right matches under each alone.
    """
    from scipy.stats import false_discovery_control

    n_topics, n_themes = fits.shape
    if n_topics == 0:
        empty, none = np.zeros((0, n_themes)), np.zeros((0, n_themes), dtype=bool)
        numbers = np.zeros(0)
        return Matches(fits, empty, empty, empty, empty, empty, none, none, numbers.astype(np.int64), numbers)
    tails = [Tail.of(draws) for draws in null]
    p = np.stack([tail.p_values(row) for tail, row in zip(tails, fits, strict=True)])
    clearness = contrasts(fits)
    p_shuffled = (1 + (shuffled[:, None, :] >= clearness[:, :, None]).sum(axis=2)) / (1 + shuffled.shape[1])
    nearest = np.array([np.lexsort((-fit, -share))[0] for fit, share in zip(fits, own_share, strict=True)])
    asked = p[np.arange(n_topics), nearest]
    q = np.full(p.shape, np.nan)
    q[np.arange(n_topics), nearest] = false_discovery_control(asked, method=_DEPENDENT)
    return Matches(
        fits=fits,
        percentile=percentiles(fits, null),
        p_value=p,
        q_value=q,
        p_shuffled=p_shuffled,
        own_share=own_share,
        beats_chance=q <= false_discovery_rate,
        beats_shuffled=p_shuffled <= SHUFFLED,
        nearest=nearest,
        critical=np.array([tail.value_at(false_discovery_rate) for tail in tails]),
    )


def passes(beats: Bools, own_share: Scores) -> Bools:
    """Return which themes, shape of `own_share`, beat what they must and are the main one of enough comments."""
    return np.asarray(beats & (own_share >= OWN_SHARE))


def own_shares(main: Labels, has_none: Bools, topics: Labels, weights: Scores, shape: tuple[int, int]) -> Scores:
    """Return the share of each topic's comments with a theme whose main theme each is.

    Parameters
    ----------
    main : ndarray of shape (n_comments,), int64
        Each comment's main theme.
    has_none : ndarray of shape (n_comments,), bool
        Comments that no theme fits; they count for none.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none.
    weights : ndarray of shape (n_comments,), float64
        How much each comment counts.
    shape : tuple of int
        Topics and themes.

    Returns
    -------
    ndarray of that shape, float64
        Rows add up to 1, or are all 0 where no comment of the topic has a theme.
    """
    counts = np.zeros(shape)
    said = ~has_none & (topics >= 0)
    np.add.at(counts, (topics[said], main[said]), weights[said])
    total = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / np.where(total > 0, total, 1.0))


def topic_means(values: Scores, topics: Labels, n_topics: int, weights: Scores | None = None) -> Scores:
    """Return the mean of each column over each topic's comments, shape (n_topics, n_columns).

    Parameters
    ----------
    values : ndarray of shape (n_comments, n_columns), float64
        Values of the comments.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none; every topic has a comment.
    n_topics : int
        Topics are numbered from 0.
    weights : ndarray of shape (n_comments,), float64, optional
        How much each comment counts, above 0; all alike where it is not given.
    """
    inside = topics >= 0
    heavy = np.ones(len(topics)) if weights is None else weights
    counts = np.bincount(topics[inside], weights=heavy[inside], minlength=n_topics)
    sums = [
        np.bincount(topics[inside], weights=column[inside] * heavy[inside], minlength=n_topics) for column in values.T
    ]
    if not sums:
        return np.zeros((n_topics, 0))
    return np.asarray(np.stack(sums, axis=1) / counts[:, None])


def decoy_rates(
    reading: Reading,
    topics: Labels,
    membership: Scores,
    null: Scores,
    decoys: list[tuple[Codebook, list[Vectors]]],
    *,
    n_phrases: int,
    nearest_phrases: int,
    false_discovery_rate: float,
    seed: int,
    progress: Progress | None = None,
) -> dict[str, float]:
    """Return the share of topics that pass all tests of one run with each decoy codebook, by its title.

    Parameters
    ----------
    reading : Reading
        The comments.
    topics : ndarray of shape (n_comments,), int64
        Topic of each comment, -1 for none.
    membership : ndarray of shape (n_comments,), float64
        How much each comment counts for its topic, above 0.
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
    seed : int
        How decoys' phrases are shuffled.
    progress : callable, optional
        Told how many decoys are done.

    Returns
    -------
    dict of str to float
        Shares in [0, 1]; empty without topics. Re-runs are left out, so that a match asks for more.
    """
    if not len(null):
        return {}
    n_topics, rates = len(null), {}
    for done, (book, phrases) in enumerate(decoys, start=1):
        fewer = [said[:n_phrases] for said in phrases]
        fits = reading.fits(fewer, nearest_phrases)
        shuffled = shuffled_null(
            reading, topics, n_topics, membership, fewer, nearest_phrases=nearest_phrases, n_shuffled=_DECOYS_SHUFFLED,
            seed=seed,
        )  # fmt: skip
        nobody = np.zeros(len(topics), dtype=bool)
        main = np.asarray(fits.argmax(axis=1), dtype=np.int64)
        found = match_topics(
            topic_means(fits, topics, n_topics, membership), null, shuffled,
            own_shares(main, nobody, topics, membership, (n_topics, len(fewer))),
            false_discovery_rate=false_discovery_rate,
        )  # fmt: skip
        rates[book.title] = float(found.passed.mean())
        if progress is not None:
            progress("decoy codebooks", done, len(decoys))
    return rates
