"""Which theme each part of a comment is about: three readings of the same vectors, and what a theme must lead by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contracts import Vectors
from pipeline.crosswalk.fit import Reading, Scores, phrase_fits
from pipeline.crosswalk.null import part_null

_REGULARISATION = 10.0
_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class Choice:
    """Parts of comments against the entries of a codebook.

    Attributes
    ----------
    fits : ndarray of shape (n_parts, n_themes), float64
        The mean of three readings; see `combined_fits`.
    rivals : ndarray of shape (n_parts, n_rivals), float64
        The same of entries that belong to no theme; may have no column.
    lead : ndarray of shape (n_parts, n_themes), float64, or None
        How much better each theme fits than pseudo-themes do on average, seen from the middle of the comments; a
        difference of cosines. None where the corpus is too small for pseudo-themes.
    """

    fits: Scores
    rivals: Scores
    lead: Scores | None


def choose(
    reading: Reading,
    phrases: Sequence[Vectors],
    rivals: Sequence[Vectors],
    *,
    n_phrases: int,
    nearest_phrases: int,
    large_enough: bool,
    seed: int,
) -> Choice:
    """Read every part of every comment against themes and their rivals.

    Parameters
    ----------
    reading : Reading
        The comments and their parts.
    phrases, rivals : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of the phrases of each theme, and of each entry that belongs to no theme.
    n_phrases : int
        Phrases of a pseudo-theme.
    nearest_phrases : int
        How many of an entry's phrases count.
    large_enough : bool
        Whether there are comments enough to have a middle, and to make pseudo-themes of.
    seed : int
        Which parts pseudo-themes are made of.
    """
    centred = reading.centred() if large_enough else None
    found = combined_fits(reading, centred, [*phrases, *rivals], len(phrases), nearest_phrases)
    lead = None
    if centred is not None:
        fits = phrase_fits(centred.vectors, from_the_middle(phrases, phrases), nearest_phrases)
        lead = fits - part_null(centred, n_phrases=n_phrases, nearest_phrases=nearest_phrases, seed=seed)[:, None]
    return Choice(found[:, : len(phrases)], found[:, len(phrases) :], lead)


def combined_fits(
    reading: Reading, centred: Reading | None, entries: Sequence[Vectors], n_themes: int, nearest_phrases: int
) -> Scores:
    """Return the fit of every part to every entry by three readings together, shape (n_parts, n_entries).

    Parameters
    ----------
    reading : Reading
        The comments and their parts.
    centred : Reading or None
        The same from their middle; None leaves that reading out.
    entries : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of the phrases of each entry, themes first.
    n_themes : int
        How many of the entries are themes.
    nearest_phrases : int
        How many of an entry's phrases count.

    Notes
    -----
    The readings are the likeness to the nearest phrases, the same likeness with comments and phrases each seen from
    their own middle, and a logistic regression that learns from the phrases to tell the entries apart. Each is
    taken from the mean over a part's themes, in spreads of the themes' values; their mean is put back on the scale
    of the first, so that it reads as a cosine. The docs' benchmark has the three alone and together.
    """
    likeness = phrase_fits(reading.vectors, entries, nearest_phrases)
    readings = [likeness, _told_apart(reading.vectors, entries)]
    if centred is not None:
        readings.append(phrase_fits(centred.vectors, from_the_middle(entries, entries[:n_themes]), nearest_phrases))
    mean = np.mean([_in_spreads(values, n_themes) for values in readings], axis=0)
    themes = likeness[:, :n_themes]
    middle = themes.mean(axis=1, keepdims=True)
    return np.asarray(middle + mean * (themes - middle).std())


def from_the_middle(entries: Sequence[Vectors], themes: Sequence[Vectors]) -> list[Vectors]:
    """Return the phrases of entries as seen from the middle of the themes, each theme counting alike."""
    from sklearn.preprocessing import normalize

    middle = np.mean([said.mean(axis=0) for said in themes], axis=0)
    return [normalize(said - middle) for said in entries]


def _in_spreads(values: Scores, n_themes: int) -> Scores:
    themes = values[:, :n_themes]
    middle = themes.mean(axis=1, keepdims=True)
    spread = float((themes - middle).std())
    # Themes that are all alike to every comment tell nothing apart.
    return (values - middle) / spread if spread > 0 else np.zeros_like(values)


def _told_apart(vectors: Vectors, entries: Sequence[Vectors]) -> Scores:
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=1_000)
    classifier.fit(
        np.vstack(entries).astype(np.float64), np.repeat(np.arange(len(entries)), [len(said) for said in entries])
    )
    found = np.empty((len(vectors), len(entries)))
    for first in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        found[rows] = classifier.predict_log_proba(vectors[rows].astype(np.float64))
    return found
