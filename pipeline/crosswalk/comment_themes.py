"""Which themes a comment carries, with what probability, and when it carries none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Labels
from pipeline.crosswalk.fit import Scores

Bools = npt.NDArray[np.bool_]

TEMPERATURE = 0.074
"""Turns differences of fit into probabilities. Fitted by likelihood to people's codes of the three development
corpora together (nhs_feedback alone 0.067, napire_causes 0.102, banking77 0.058); the docs' benchmark says how well
the probabilities hold on comments that it was not fitted to."""


@dataclass(frozen=True)
class CommentThemes:
    """Comments against themes.

    Attributes
    ----------
    probability : ndarray of shape (n_comments, n_themes), float64
        Chance that a person would give the comment this theme as its main one, if one of them; rows add up to 1.
    main : ndarray of shape (n_comments,), int64
        Column of the most probable theme.
    has_none : ndarray of shape (n_comments,), bool
        Whether no theme fits.
    carried : ndarray of shape (n_comments, n_themes), bool
        The themes that the comment carries: none, its main theme, or that and others.
    """

    probability: Scores
    main: Labels
    has_none: Bools
    carried: Bools


def probabilities(fits: Scores) -> Scores:
    """Turn fits of themes, shape (n_comments, n_themes), into probabilities; each row adds up to 1."""
    from scipy.special import softmax

    return np.asarray(softmax(fits / TEMPERATURE, axis=1))


def without_theme(fits: Scores, pseudo: Scores | None, rivals: Scores) -> Bools:
    """Tell which comments no theme fits.

    Parameters
    ----------
    fits : ndarray of shape (n_comments, n_themes), float64
        Fits of themes.
    pseudo : ndarray of shape (n_comments,), float64, or None
        Mean fit of pseudo-themes; None where the corpus is too small for them.
    rivals : ndarray of shape (n_comments, n_rivals), float64
        Fits of codes that the codebook ties to no theme; may have no column.

    Returns
    -------
    ndarray of shape (n_comments,), bool
        True where the best theme fits no better than random comments of the same corpus do, or less well than a
        code that belongs to no theme.
    """
    best = fits.max(axis=1)
    none = np.zeros(len(fits), dtype=bool) if pseudo is None else best <= pseudo
    if rivals.shape[1]:
        none |= rivals.max(axis=1) > best
    return none


def carried_themes(probability: Scores, has_none: Bools, *, cut: float) -> CommentThemes:
    """Decide which themes each comment carries.

    Parameters
    ----------
    probability : ndarray of shape (n_comments, n_themes), float64
        Rows add up to 1.
    has_none : ndarray of shape (n_comments,), bool
        Comments that no theme fits.
    cut : float
        A theme that is not the most probable one is carried as well where its probability is at least this.
    """
    main = probability.argmax(axis=1).astype(np.int64)
    carried = probability >= cut
    carried[np.arange(len(main)), main] = True
    carried[has_none] = False
    return CommentThemes(probability, main, has_none, carried)
