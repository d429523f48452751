"""Which theme each part of a comment is about: three readings of the same vectors, and what a theme must lead by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from pipeline.contracts import Labels, Mapper, Progress, Vectors
from pipeline.crosswalk.fit import Reading, Scores, phrase_fits, seen_from, some_at_a_time
from pipeline.crosswalk.pseudo_themes import Pools, comment_pools, mean_fits, part_pools
from pipeline.workers import in_place

_REGULARISATION = 10.0


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
    pseudo : ndarray of shape (n_parts,), float64, or None
        The mean fit of pseudo-themes made of comments to each part, in [-1, 1]; None there too.
    """

    fits: Scores
    rivals: Scores
    lead: Scores | None
    pseudo: Scores | None


@dataclass(frozen=True)
class _Middle:
    """What parts are read against from the middle of the comments, and the pseudo-themes."""

    point: Vectors
    entries: list[Vectors]
    themes: list[Vectors]
    pools: Pools
    of_comments: Pools


@dataclass(frozen=True)
class _Ruler:
    """All that a part is read against, so that parts can be read in different places."""

    entries: list[Vectors]
    classifier: Any
    nearest_phrases: int
    middle: _Middle | None


def choose(
    reading: Reading,
    phrases: Sequence[Vectors],
    rivals: Sequence[Vectors],
    *,
    n_phrases: int,
    nearest_phrases: int,
    large_enough: bool,
    seed: int,
    mapper: Mapper | None = None,
    progress: Progress | None = None,
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
    mapper : Mapper, optional
        Reads the comments' parts, some at a time; None reads them here.
    progress : callable, optional
        Told how many parts are read.
    """
    entries = [*phrases, *rivals]
    middle = None
    if large_enough:
        drawn = {"n_phrases": n_phrases, "nearest_phrases": nearest_phrases, "seed": seed}
        short = reading.short_phrases
        middle = _Middle(
            reading.middle, from_the_middle(entries, phrases), from_the_middle(phrases, phrases),
            part_pools(reading, **drawn).seen_from(reading.middle if short is None else short.mean(axis=0)),
            comment_pools(reading, **drawn),
        )  # fmt: skip
    ruler = _Ruler(entries, _taught(entries), nearest_phrases, middle)
    n, n_themes, done = len(reading.vectors), len(phrases), 0
    # Of millions of parts two copies of what was read would be gigabytes.
    readings = [np.empty((n, len(entries))) for _ in range(2 if middle is None else 3)]
    lead, pseudo = (None, None) if middle is None else (np.empty((n, n_themes)), np.empty(n))
    some = list(some_at_a_time(n))
    parts = [(reading.vectors[rows], reading.owner[rows]) for rows in some]
    for place, (found, leads, pseudos) in (mapper or in_place(None))(partial(_read_part, ruler=ruler), parts):
        rows = some[place]
        for values, of_part in zip(readings, found, strict=True):
            values[rows] = of_part
        if lead is not None and pseudo is not None:
            lead[rows], pseudo[rows] = leads, pseudos
        done += len(parts[place][0])
        if progress is not None:
            progress("parts of comments compared with themes", done, n)
    fits = _mean_reading(readings, n_themes)
    return Choice(fits[:, :n_themes], fits[:, n_themes:], lead, pseudo)


def _read_part(
    _held: None, part: tuple[Vectors, Labels], *, ruler: _Ruler
) -> tuple[list[Scores], Scores | None, Scores | None]:
    """Return the readings of some parts of comments, how far themes lead pseudo-themes, and what these fit by."""
    vectors, owner = part
    readings = [phrase_fits(vectors, ruler.entries, ruler.nearest_phrases), _log_chances(vectors, ruler.classifier)]
    if ruler.middle is None:
        return readings, None, None
    middle = ruler.middle
    centred = seen_from(vectors, middle.point)
    readings.append(phrase_fits(centred, middle.entries, ruler.nearest_phrases))
    lead = phrase_fits(centred, middle.themes, ruler.nearest_phrases) - mean_fits(centred, owner, middle.pools)[:, None]
    return readings, lead, mean_fits(vectors, owner, middle.of_comments)


def combined_fits(
    reading: Reading, entries: Sequence[Vectors], n_themes: int, nearest_phrases: int
) -> tuple[Scores, Scores]:
    """Fit every part to every entry, by its likeness to the nearest phrases and by three readings together.

    Parameters
    ----------
    reading : Reading
        The comments and their parts.
    entries : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of the phrases of each entry, themes first.
    n_themes : int
        How many of the entries are themes.
    nearest_phrases : int
        How many of an entry's phrases count.

    Returns
    -------
    likeness, together : ndarray of shape (n_parts, n_entries), float64
        The first of the three readings, and all three.

    Notes
    -----
    The readings are the likeness to the nearest phrases, the same likeness with comments and phrases each seen from
    their own middle, and a logistic regression that learns from the phrases to tell the entries apart. Each is
    taken from the mean over a part's themes, in spreads of the themes' values; their mean is put back on the scale
    of the first, so that it reads as a cosine. The docs' benchmark has the three alone and together.
    """
    classifier, from_middle = _taught(entries), from_the_middle(entries, entries[:n_themes])
    readings = [np.empty((len(reading.vectors), len(entries))) for _ in range(3)]
    for rows in some_at_a_time(len(reading.vectors)):
        vectors = reading.vectors[rows]
        readings[0][rows] = phrase_fits(vectors, entries, nearest_phrases)
        readings[1][rows] = _log_chances(vectors, classifier)
        readings[2][rows] = phrase_fits(seen_from(vectors, reading.middle), from_middle, nearest_phrases)
    return readings[0], _mean_reading(readings, n_themes)


def _mean_reading(readings: Sequence[Scores], n_themes: int) -> Scores:
    """Return the mean of readings, each in its own spreads, on the scale of the first."""
    mean = _in_spreads(readings[0], n_themes)
    for values in readings[1:]:
        mean += _in_spreads(values, n_themes)
    mean /= len(readings)
    themes = readings[0][:, :n_themes]
    middle = themes.mean(axis=1, keepdims=True)
    mean *= (themes - middle).std()
    mean += middle
    return mean


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
    if spread <= 0:
        return np.zeros_like(values)
    apart: Scores = values - middle
    apart /= spread
    return apart


def _taught(entries: Sequence[Vectors]) -> Any:
    """Return a logistic regression that tells entries apart, taught by their phrases."""
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(C=_REGULARISATION, class_weight="balanced", max_iter=1_000)
    return classifier.fit(
        np.vstack(entries).astype(np.float64), np.repeat(np.arange(len(entries)), [len(said) for said in entries])
    )


def _log_chances(vectors: Vectors, classifier: Any) -> Scores:
    return np.asarray(classifier.predict_log_proba(vectors.astype(np.float64)))
