"""Which themes a comment carries, with what probability, and when it carries none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pipeline.contracts import Bools, Labels
from pipeline.crosswalk.choice import Choice
from pipeline.crosswalk.fit import Scores

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

TEMPERATURE = 0.074
"""Turns differences of fit into probabilities. Fitted by likelihood to people's codes of the three development
corpora together (nhs_feedback alone 0.067, napire_causes 0.102, banking77 0.058); the docs' benchmark says how well
the probabilities hold on comments that it was not fitted to."""

RIVAL_LEAD = 0.0125
"""What a theme must lead the entries that belong to no theme by; a difference of cosines."""

LOST = 0.2
"""Share of comments with a theme that may be said to have none, where codes can promise it."""

_STILL_PROBABLE = 0.3


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


def theme_scores(choice: Choice, weights: csr_matrix) -> Scores:
    """Say how much speaks for a theme in each comment, shape (n_comments,).

    Parameters
    ----------
    choice : Choice
        Parts against themes and rivals.
    weights : sparse matrix of shape (n_comments, n_parts), float64
        How much each part counts for each comment.

    Returns
    -------
    ndarray of shape (n_comments,), float64
        How far the best theme leads the best rival or, where there are no rivals, the pseudo-themes, less the lead
        that is asked for; a difference of cosines. Infinite where there is neither.
    """
    if choice.rivals.shape[1]:
        return np.asarray(weights @ (choice.fits.max(axis=1) - choice.rivals.max(axis=1))) - RIVAL_LEAD
    if choice.lead is not None:
        return np.asarray(weights @ choice.lead.max(axis=1))
    return np.full(weights.shape[0], np.inf)


def carried_themes(
    choice: Choice, owner: Labels, probability: Scores, without: Bools, *, part_lead: float
) -> CommentThemes:
    """Decide which themes each comment carries.

    Parameters
    ----------
    choice : Choice
        Parts against themes.
    owner : ndarray of shape (n_parts,), int64
        The comment of each part.
    probability : ndarray of shape (n_comments, n_themes), float64
        Chance of each theme; rows add up to 1.
    without : ndarray of shape (n_comments,), bool
        Comments for which too little speaks for any theme; see `theme_scores`.
    part_lead : float
        A part shows its best theme where that leads the pseudo-themes by this.

    Returns
    -------
    CommentThemes
        A comment carries every theme that a part of it shows; one of which no part shows a theme has none. In a
        corpus too small for pseudo-themes a comment carries its most probable theme alone.
    """
    n, n_themes = probability.shape
    everything = np.arange(n)
    best = probability.argmax(axis=1)
    shown = np.zeros((n, n_themes), dtype=bool)
    if choice.lead is None:
        shown[everything, best] = True
    else:
        of_part = choice.fits.argmax(axis=1)
        shows = choice.lead[np.arange(len(owner)), of_part] >= part_lead
        shown[owner[shows], of_part[shows]] = True
    shown[without] = False
    has_none = np.asarray(~shown.any(axis=1))
    among = np.where(shown | has_none[:, None], probability, -1.0)
    return CommentThemes(probability, among.argmax(axis=1).astype(np.int64), has_none, shown)


def with_learned(carried: CommentThemes, probability: Scores) -> CommentThemes:
    """Return the themes of comments once codes have taught what each theme's probability is.

    Parameters
    ----------
    carried : CommentThemes
        By the codebook alone.
    probability : ndarray of shape (n_comments, n_themes), float64
        What was learned; rows add up to 1.

    Returns
    -------
    CommentThemes
        The most probable theme is the main one, and what parts show is carried where codes leave it probable enough.
    """
    main = probability.argmax(axis=1).astype(np.int64)
    shown = carried.carried & (probability >= _STILL_PROBABLE)
    shown[np.arange(len(main)), main] = True
    shown[carried.has_none] = False
    return CommentThemes(probability, main, carried.has_none, shown)


def calibrated_cut(scores: Scores, lost: float) -> float:
    """Return the score up to which a comment has no theme, so that few that have one are lost.

    Parameters
    ----------
    scores : ndarray of shape (n_coded,), float64
        `theme_scores` of comments that people gave a theme, drawn at random.
    lost : float
        Share of such comments, in (0, 1), that may be lost at most.

    Returns
    -------
    float
        At most this share of further comments with a theme scores no higher, on average over draws (conformal risk
        control; Angelopoulos et al. 2024, doi:10.48550/arXiv.2208.02814); minus infinity where there are too few to
        promise it.
    """
    allowed = int(np.floor(lost * (len(scores) + 1))) - 1
    return float(np.sort(scores)[allowed - 1]) if allowed > 0 else float("-inf")
