"""Which entry of a facet, such as the outlook, each comment is given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.codebook.codebook import Facet
from pipeline.contracts import Labels, Vectors
from pipeline.crosswalk.fit import Reading, Scores, some_at_a_time

_EVEN = 0.5


def classify_outlook(
    reading: Reading, facet: Facet, phrases: Sequence[Vectors], theme_phrases: Sequence[Vectors]
) -> Labels:
    """Give each comment an entry of a facet.

    Parameters
    ----------
    reading : Reading
        The comments and their sentences.
    facet : Facet
        The facet.
    phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of each entry's phrases.
    theme_phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Vectors of the phrases of themes and codes: further phrases of an entry that holds the themes.

    Returns
    -------
    ndarray of shape (n_comments,), int64
        The entry of each comment, by its place in the facet.

    Notes
    -----
    A logistic regression learns from the codebook's phrases alone to tell the entries apart. It reads the whole
    comment and each of its sentences; the chance of an entry is the mean of the whole's and of the sentence's
    where it is highest, so that a good word in a long complaint is heard. An entry that combines others is given
    where each of those has a chance of one half or more.
    """
    combining = [place for place, entry in enumerate(facet.themes) if entry.combines]
    plain = [place for place in range(len(facet.themes)) if place not in combining]
    chances = _chances(reading, [_said(facet, place, phrases, theme_phrases) for place in plain])
    decided = np.array(plain)[chances.argmax(axis=1)]
    column = {facet.themes[place].id: number for number, place in enumerate(plain)}
    for place in combining:
        parts = chances[:, [column[part] for part in facet.themes[place].combines]]
        decided[(parts >= _EVEN).all(axis=1)] = place
    return np.asarray(decided, dtype=np.int64)


def _said(facet: Facet, place: int, phrases: Sequence[Vectors], theme_phrases: Sequence[Vectors]) -> Vectors:
    return np.vstack([phrases[place], *theme_phrases]) if facet.themes[place].holds_themes else phrases[place]


def _chances(reading: Reading, phrases: Sequence[Vectors]) -> Scores:
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(class_weight="balanced", max_iter=1_000)
    classifier.fit(
        np.vstack(phrases).astype(np.float64), np.repeat(np.arange(len(phrases)), [len(said) for said in phrases])
    )
    whole, of_parts = (
        np.vstack([classifier.predict_proba(vectors[rows].astype(np.float64)) for rows in some_at_a_time(len(vectors))])
        for vectors in (reading.comment_vectors, reading.vectors)
    )
    highest = np.zeros_like(whole)
    np.maximum.at(highest, reading.owner, of_parts)
    return np.asarray((whole + highest) / 2)
