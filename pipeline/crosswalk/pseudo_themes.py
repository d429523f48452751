"""Pseudo-themes: random sets of comments, or of their parts, which a codebook's themes are set against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from pipeline.contracts import OUTLIER, Bools, Labels, Vectors
from pipeline.crosswalk.fit import Reading, Scores, mean_of_largest, mean_of_largest_named, seen_from

PSEUDO_THEMES_OF_COMMENTS = 100
"""Pseudo-themes that the mean fit of a comment is taken over: a mean needs fewer than a tail."""

_ROWS_AT_ONCE = 1_024


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
    def of(cls, pools: Labels, vectors: Vectors, source: Labels, n_phrases: int, nearest_phrases: int) -> Pools:
        """Keep of vectors and their comments only what pools name."""
        drawn, places = np.unique(pools, return_inverse=True)
        return cls(places.reshape(pools.shape), vectors[drawn], source[drawn], n_phrases, nearest_phrases)

    def seen_from(self, point: Vectors) -> Pools:
        """Return the same pools as seen from a point; see `pipeline.crosswalk.fit.seen_from`."""
        return replace(self, vectors=seen_from(self.vectors, point))

    def fits(self, vectors: Vectors, owner: Labels, barred: Bools) -> Iterator[tuple[slice, Scores]]:
        """Fit every pseudo-theme to every part, so many parts at a time.

        Parameters
        ----------
        vectors : ndarray of shape (n_parts, n_dimensions), float32
            Unit vectors of the parts. Where they are fitted in several places, cut them alike each time: products of
            matrices of another height differ in the last digit.
        owner : ndarray of shape (n_parts,), int64
            The comment of each part, which is no part of a pseudo-theme that it is fitted to.
        barred : ndarray of shape (n_drawn,), bool
            What is in no pseudo-theme that these parts are fitted to.

        Yields
        ------
        rows : slice
            Some parts.
        fits : ndarray of shape (n_rows, n_pseudo), float64
            The mean cosine, in [-1, 1], of a pseudo-theme's nearest phrases to each.

        Notes
        -----
        Nearly all parts are fitted to the same phrases of a pool, its first admissible ones: they are read together.
        A part whose own comment is among these, and a pool with too few that are admissible, are read one by one.
        """
        inside = barred[self.places]
        first = np.take_along_axis(self.places, np.argsort(inside, axis=1, kind="stable")[:, : self.n_phrases], axis=1)
        # A corpus that is nearly all one topic leaves too few outside it.
        short = (~inside).sum(axis=1) < self.n_phrases
        named, columns = np.unique(first[~short], return_inverse=True)
        columns = columns.reshape(first[~short].shape)
        said, apart = self.vectors[named], np.isin(owner, self.source[named])
        for start in range(0, len(vectors), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            found = np.empty((len(vectors[rows]), len(self.places)))
            together, alone = ~apart[rows], apart[rows]
            if together.any() and not short.all():
                likeness = said @ vectors[rows][together].T
                found[np.ix_(together, ~short)] = mean_of_largest_named(likeness, columns, self._count).T
            if alone.any():
                found[alone] = self._one_by_one(vectors[rows][alone], owner[rows][alone], barred)
            if together.any() and short.any():
                few = replace(self, places=self.places[short])
                found[np.ix_(together, short)] = few._one_by_one(vectors[rows][together], owner[rows][together], barred)
            yield rows, found

    @property
    def _count(self) -> int:
        """No more than every part has left; a theme with fewer phrases than count uses all of its own as well."""
        return max(min(self.nearest_phrases, self.n_phrases, int(self.places.shape[1]) - 1), 1)

    def _one_by_one(self, vectors: Vectors, owner: Labels, barred: Bools) -> Scores:
        drawn, places = np.unique(self.places, return_inverse=True)
        similarities = vectors @ self.vectors[drawn].T
        own = owner[:, None] == self.source[drawn][None]
        related = own | barred[drawn][None]
        fits = np.empty((len(vectors), len(self.places)))
        for number, pool in enumerate(places.reshape(self.places.shape)):
            out = related[:, pool]
            # Where too few are outside what is barred, only the comment itself is.
            short = (~out).sum(axis=1) < self.n_phrases
            out[short] = own[short][:, pool]
            out |= (~out).cumsum(axis=1) > self.n_phrases
            fits[:, number] = mean_of_largest(np.where(out, -1.0, similarities[:, pool]), self._count)
        return fits


def mean_fits(vectors: Vectors, owner: Labels, pools: Pools) -> Scores:
    """Return the mean fit of pseudo-themes to each part of some comments, shape (n_parts,), in [-1, 1].

    Parameters
    ----------
    vectors, owner
        As for `Pools.fits`.
    pools : Pools
        What pseudo-themes are made of.
    """
    means = np.empty(len(vectors))
    for rows, fits in pools.fits(vectors, owner, np.zeros(len(pools.source), dtype=bool)):
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
    pools = drawn_pools(np.random.default_rng(seed), n, n_phrases + 1, PSEUDO_THEMES_OF_COMMENTS)
    return Pools.of(pools, reading.pseudo_phrases, np.arange(n), n_phrases, nearest_phrases)


def part_pools(reading: Reading, *, n_phrases: int, nearest_phrases: int, seed: int) -> Pools:
    """Draw parts of comments that pseudo-themes are made of, to be fitted to parts; parameters as `comment_pools`.

    A part of a comment is no phrase of a pseudo-theme that another part of it is fitted to. Where themes are short
    names, pseudo-themes are made as for comments.
    """
    whole = reading.short_phrases is not None
    source = np.arange(len(reading.comment_vectors)) if whole else reading.owner
    pools = drawn_pools(
        np.random.default_rng(seed), len(source), enough(source, n_phrases), PSEUDO_THEMES_OF_COMMENTS
    )  # fmt: skip
    vectors = reading.pseudo_phrases if whole else reading.vectors
    return Pools.of(pools, vectors, source, n_phrases, nearest_phrases)


def enough(topics: Labels, n_phrases: int) -> int:
    """Return how many comments to draw, so that enough of them are outside even the largest topic."""
    inside = np.bincount(topics[topics != OUTLIER], minlength=1).max()
    outside = max(len(topics) - int(inside), 1)
    return max(2 * n_phrases + 10, -(-(n_phrases + 10) * len(topics) // outside))


def drawn_pools(rng: np.random.Generator, n: int, size: int, n_pseudo: int) -> Labels:
    """Draw comments in random order, more than a pseudo-theme needs, so that some can be passed over."""
    return np.stack([rng.choice(n, min(size, n), replace=False) for _ in range(n_pseudo)]).astype(np.int64)
