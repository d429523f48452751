"""How well a comment fits a theme: the mean similarity of the theme's nearest phrases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Encoder, Vectors
from pipeline.crosswalk.codebook import Theme

Scores = npt.NDArray[np.float64]


def phrases_of(theme: Theme) -> tuple[str, ...]:
    """Return what a theme is matched by: its name, name and definition, what belongs, and its examples.

    What does not belong is left out: an encoder places "not X" beside X.
    """
    said = (theme.name, f"{theme.name}: {theme.definition}", *theme.includes, *theme.examples)
    return tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in said))


def fit_to_themes(vectors: Vectors, themes: Sequence[Theme], *, encoder: Encoder, nearest_phrases: int) -> Scores:
    """Score every unit against every theme.

    Parameters
    ----------
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors, made by `encoder`.
    themes : sequence of Theme
        The themes.
    encoder : Encoder
        Encodes the themes' phrases.
    nearest_phrases : int
        How many of a theme's phrases count; a theme with fewer uses all.

    Returns
    -------
    ndarray of shape (n_units, n_themes), float64
        The mean cosine, in [-1, 1], of the nearest phrases.

    Notes
    -----
    A comment fits a theme when it is like some ways of saying it, not like the mean of all of them:
    the docs' benchmark has both beside matching by name alone.
    """
    scores = np.empty((len(vectors), len(themes)), dtype=np.float64)
    for column, theme in enumerate(themes):
        similarities = vectors.astype(np.float64) @ encoder.encode(phrases_of(theme)).astype(np.float64).T
        count = min(nearest_phrases, similarities.shape[1])
        # A full sort, not a partition: the sum's order, and so its last digit, must not depend on the layout.
        scores[:, column] = -np.sort(-similarities, axis=1)[:, :count].mean(axis=1)
    return scores


def best_two(scores: Scores) -> tuple[npt.NDArray[np.int64], Scores, Scores]:
    """Return for each row the column of the best score, that score, and its margin over the second best.

    The margin is in [0, 2]; the first column wins a tie.
    """
    best = scores.argmax(axis=1)
    ordered = -np.sort(-scores, axis=1)
    return best.astype(np.int64), ordered[:, 0], ordered[:, 0] - ordered[:, 1]
