"""What a theme must beat: pseudo-themes made of comments of the same corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from pipeline.contracts import OUTLIER, Bools, Labels, Vectors
from pipeline.crosswalk.fit import Reading, Scores, mean_of_largest

SMALLEST_CORPUS = 20
"""With fewer distinct comments there are too few to make pseudo-themes of."""

_MEMBERS = 200
"""Comments of a topic, at most, that pseudo-themes are fitted to."""

PSEUDO_THEMES_OF_COMMENTS = 100
"""Pseudo-themes that the mean fit of a comment is taken over: a mean needs fewer than a tail."""

SHUFFLED_BOOKS = 500
"""Codebooks with the phrases shuffled among the themes."""

_ROWS_AT_ONCE = 1_024
_TAIL = 0.1
_FEW = 10
_LEAST_P = 1e-6
_NO_SPREAD = 1e-9
_ROUNDING = 1e-9


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
    pools = _pools(rng, len(topics), _enough(topics, n_phrases), n_pseudo)
    counting = _counting(reading, topics, n_topics, membership, rng)
    used = np.flatnonzero(np.diff(counting.indptr))
    found = np.zeros((n_topics, n_pseudo))
    for first in range(0, len(used), _ROWS_AT_ONCE):
        parts = used[first : first + _ROWS_AT_ONCE]
        fits = _pool_fits(reading, parts, pools, topics, n_phrases, nearest_phrases)
        found += counting[:, parts] @ fits
    return found


@dataclass(frozen=True)
class Pools:
    """What pseudo-themes are made of, apart from the comments that they are fitted to.

    Attributes
    ----------
    places : ndarray of shape (n_pseudo, size), int64
        Rows of `vectors` in random order, of which a pseudo-theme takes the first admissible ones.
    vectors : ndarray of shape (n_drawn, n_dimensions), float32
        Unit vectors of what was drawn.
    source : ndarray of shape (n_drawn,), int64
        The comment that each is from.
    n_phrases, nearest_phrases : int
        Phrases of a pseudo-theme, and how many of them count.
    """

    places: Labels
    vectors: Vectors
    source: Labels
    n_phrases: int
    nearest_phrases: int

    @classmethod
    def drawn(cls, pools: Labels, vectors: Vectors, source: Labels, n_phrases: int, nearest_phrases: int) -> Pools:
        """Keep of vectors and their comments only what pools name."""
        drawn, places = np.unique(pools, return_inverse=True)
        return cls(places.reshape(pools.shape), vectors[drawn], source[drawn], n_phrases, nearest_phrases)


def mean_fits(vectors: Vectors, owner: Labels, pools: Pools) -> Scores:
    """Return the mean fit of pseudo-themes to each part of some comments, shape (n_parts,), in [-1, 1].

    Parameters
    ----------
    vectors : ndarray of shape (n_parts, n_dimensions), float32
        Unit vectors of the parts. Cut them at multiples of `_ROWS_AT_ONCE` where they are fitted in several places.
    owner : ndarray of shape (n_parts,), int64
        The comment of each part, which is no part of a pseudo-theme that it is fitted to.
    pools : Pools
        What pseudo-themes are made of.
    """
    means = np.empty(len(vectors))
    for first in range(0, len(means), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        own = owner[rows, None] == pools.source[None]
        fits = _fits_of(
            vectors[rows] @ pools.vectors.T, own, own, pools.places, pools.n_phrases, pools.nearest_phrases
        )  # fmt: skip
        means[rows] = fits.mean(axis=1)
    return means


def comment_pools(reading: Reading, *, n_phrases: int, nearest_phrases: int, seed: int) -> Pools:
    """Draw comments that pseudo-themes are made of, to be fitted to comments.

    Parameters
    ----------
    reading : Reading
        The comments.
    n_phrases, nearest_phrases, seed
        As for `topic_null`.
    """
    n = reading.weights.shape[0]
    pools = _pools(np.random.default_rng(seed), n, n_phrases + 1, PSEUDO_THEMES_OF_COMMENTS)
    return Pools.drawn(pools, reading.pseudo_phrases, np.arange(n), n_phrases, nearest_phrases)


def part_pools(reading: Reading, *, n_phrases: int, nearest_phrases: int, seed: int) -> Pools:
    """Draw parts of comments that pseudo-themes are made of, to be fitted to parts; parameters as `comment_pools`.

    A part of a comment is no phrase of a pseudo-theme that another part of it is fitted to. Where themes are short
    names, pseudo-themes are made as for comments.
    """
    whole = reading.short_phrases is not None
    source = np.arange(len(reading.comment_vectors)) if whole else reading.owner
    pools = _pools(
        np.random.default_rng(seed), len(source), _enough(source, n_phrases), PSEUDO_THEMES_OF_COMMENTS
    )  # fmt: skip
    vectors = reading.pseudo_phrases if whole else reading.vectors
    return Pools.drawn(pools, vectors, source, n_phrases, nearest_phrases)


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
        likeness = reading.vectors[parts].astype(np.float64) @ every.T
        counts = counting[:, parts]
        for column, said in enumerate(np.split(orders, ends, axis=1)):
            fits = np.empty((len(parts), n_shuffled))
            for number, one in enumerate(said):
                fits[:, number] = mean_of_largest(likeness[:, one], nearest_phrases)
            found[:, column] += counts @ fits
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


def _enough(topics: Labels, n_phrases: int) -> int:
    """Return how many comments to draw, so that enough of them are outside even the largest topic."""
    inside = np.bincount(topics[topics != OUTLIER], minlength=1).max()
    outside = max(len(topics) - int(inside), 1)
    return max(2 * n_phrases + 10, -(-(n_phrases + 10) * len(topics) // outside))


def _pools(rng: np.random.Generator, n: int, size: int, n_pseudo: int) -> Labels:
    """Draw comments in random order, more than a pseudo-theme needs, so that some can be passed over."""
    return np.stack([rng.choice(n, min(size, n), replace=False) for _ in range(n_pseudo)]).astype(np.int64)


def _pool_fits(
    reading: Reading, parts: Labels, pools: Labels, topics: Labels, n_phrases: int, nearest_phrases: int
) -> Scores:
    """Return the fit of each part to each pool of comments, whose first admissible ones are the pseudo-theme."""
    drawn, place = np.unique(pools, return_inverse=True)
    place = place.reshape(pools.shape)
    similarities = reading.vectors[parts] @ reading.pseudo_phrases[drawn].T
    owner = reading.owner[parts]
    own = owner[:, None] == drawn[None]
    home = topics[owner]
    related = own | ((home[:, None] == topics[drawn][None]) & (home != OUTLIER)[:, None])
    return _fits_of(similarities, own, related, place, n_phrases, nearest_phrases)


def _fits_of(
    similarities: Vectors, own: Bools, related: Bools, place: Labels, n_phrases: int, nearest_phrases: int
) -> Scores:
    """Return the fit of each part to each pool.

    Parameters
    ----------
    similarities : ndarray of shape (n_parts, n_drawn), float32
        Cosines of the parts to what was drawn.
    own, related : ndarray of shape (n_parts, n_drawn), bool
        What is of the part's own comment, and what is barred from its pseudo-themes.
    place : ndarray of shape (n_pseudo, size), int64
        Columns that each pool names.
    n_phrases, nearest_phrases
        See `topic_null`.
    """
    fits = np.empty((len(similarities), len(place)))
    # No more than every part has left; a theme with fewer phrases than count uses all of its own as well.
    count = max(min(nearest_phrases, n_phrases, place.shape[1] - 1), 1)
    for number, places in enumerate(place):
        barred = related[:, places]
        # A corpus that is nearly all one topic leaves too few outside it: then only the comment itself is barred.
        short = (~barred).sum(axis=1) < n_phrases
        barred[short] = own[short][:, places]
        barred |= (~barred).cumsum(axis=1) > n_phrases
        likeness = np.where(barred, -1.0, similarities[:, places])
        fits[:, number] = mean_of_largest(likeness, count)
    return fits


@dataclass(frozen=True)
class Tail:
    """The upper tail of a null distribution, smooth beyond what the draws resolve.

    Attributes
    ----------
    draws : ndarray of shape (n_draws,), float64
        In ascending order.
    threshold, shape, scale : float
        A generalised Pareto distribution of what exceeds the threshold, a tenth of the draws; shape is at least 0,
        and scale is 0 where that tenth is all of one value, so that nothing can be said beyond it.
    """

    draws: Scores
    threshold: float
    shape: float
    scale: float

    @classmethod
    def of(cls, draws: Scores) -> Tail:
        """Fit the tail of some draws, at least one.

        The tail is never shorter than an exponential one. Half a hundred draws often suggest a tail that ends, and
        beyond its end every value would be as significant as can be: in simulations from a normal distribution
        a value came below 0.0001 ten times as often as that, and matrices of noise had a match three times as often
        as the rate that was asked for.
        """
        return _tail_of(np.sort(draws).tobytes())

    def p_values(self, values: Scores) -> Scores:
        """Return for each value the chance of a draw at least as large, in [1e-6, 1].

        Where fewer than ten draws reach a value, the chance is read from the fitted tail (Knijnenburg et al.
        2009, doi:10.1093/bioinformatics/btp211): 500 draws alone could show none below 0.002.
        """
        n = len(self.draws)
        reached = n - np.searchsorted(self.draws, values, side="left")
        counted = (1.0 + reached) / (1.0 + n)
        if self.scale > 0:
            from scipy.stats import genpareto

            beyond = _TAIL * genpareto.sf(values - self.threshold, self.shape, loc=0.0, scale=self.scale)
            read = (reached < _FEW) & (values >= self.threshold)
            counted = np.where(read, np.minimum(beyond, counted), counted)
        return np.asarray(np.clip(counted, _LEAST_P, 1.0))

    def value_at(self, p: float) -> float:
        """Return the least value whose `p_values`, but for rounding, is at most `p`; infinite where none is."""
        allowed = int(np.floor(p * (1 + len(self.draws)) + _ROUNDING)) - 1
        least = self._above(allowed)
        if self.scale > 0:
            from scipy.stats import genpareto

            fitted = self.threshold + genpareto.isf(min(p / _TAIL, 1.0), self.shape, loc=0.0, scale=self.scale)
            least = min(least, max(float(fitted), self._above(_FEW - 1)))
        return least

    def _above(self, reached: int) -> float:
        """Return the least value that at most so many draws reach."""
        if reached < 0:
            return float("inf")
        if reached >= len(self.draws):
            return float("-inf")
        return float(np.nextafter(self.draws[-1 - reached], np.inf))


# The codebook and each decoy are held against the same draws, those of all topics in turn: fewer places than there are
# topics would keep none of them.
@lru_cache(maxsize=4_096)
def _tail_of(ordered: bytes) -> Tail:
    from scipy.stats import genpareto

    draws = np.frombuffer(ordered, dtype=np.float64)
    count = max(int(_TAIL * len(draws)), 1)
    threshold = float(draws[-count - 1 :][:2].mean())
    beyond = draws[-count:] - threshold
    if beyond.max() <= _NO_SPREAD:
        return Tail(draws, threshold, 0.0, 0.0)
    shape, _, scale = genpareto.fit(beyond, floc=0.0)
    if shape < 0:
        shape, scale = 0.0, beyond.mean()
    return Tail(draws, threshold, float(shape), float(scale))


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
