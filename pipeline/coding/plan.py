"""How many comments people should code, before anybody has coded one."""

from __future__ import annotations

import math

import pandas as pd

from pipeline.codebook.codebook import Codebook

FEWEST = 30
"""Fewer coded comments are never planned: their interval would rest on a handful of codes of each theme."""

MOST_CORRELATION = 0.7
"""The machine's reading is never taken to go along with people's codes better than this before anybody has coded."""


def comments_to_code(share: float, correlation: float, half_width: float, n_comments: int) -> int:
    """Return how many comments drawn at random give the share of a theme to a wanted precision.

    Parameters
    ----------
    share : float
        The share expected, in [0, 1].
    correlation : float
        Between people's codes and the machine's reading, in [0, 1]; 0 for people's codes alone.
    half_width : float
        Half of the 95 % interval, as a proportion, above 0.
    n_comments : int
        How many comments there are.

    Returns
    -------
    int
        At most `n_comments`.

    Notes
    -----
    The difference estimator (Cassel, Särndal and Wretman 1976, doi:10.1093/biomet/63.3.615) has 1 - correlation² of the
    variance of the coded sample alone. n0 = z² p (1 - p) (1 - correlation²) / w² comments of an endless supply are
    n0 / (1 + n0 / N) of N.
    """
    from scipy.stats import norm

    endless = (float(norm.ppf(0.975)) / half_width) ** 2 * share * (1 - share) * (1 - correlation**2)
    return min(n_comments, math.ceil(endless / (1 + endless / n_comments)))


def coding_plan(
    carried: pd.DataFrame, comment_themes: pd.DataFrame, codebook: Codebook, *, half_width: float
) -> pd.DataFrame:
    """Plan the coding of every theme from the machine's reading.

    Parameters
    ----------
    carried : DataFrame of bool, shape (n_comments, n_themes)
        Which comment has which theme by the machine's direct reading.
    comment_themes : DataFrame
        theme, probability: of each theme that a comment has, in [0, 1].
    codebook : Codebook
        The themes.
    half_width : float
        Half of the 95 % interval that is wanted, as a proportion, above 0.

    Returns
    -------
    DataFrame
        theme, name, share (by the machine, in [0, 1]), correlation (guessed, in [0, `MOST_CORRELATION`]), people
        (comments to code, from people's codes alone) and together (with the machine's reading as a control variate):
        at least `FEWEST`, at most all.

    Notes
    -----
    The guess: of the comments that the machine gives a theme the mean probability is right, and it overlooks as many as
    it gives wrongly. Then the correlation is (precision - share) / (1 - share). Both guesses may be far off; codes
    replace them.
    """
    rows = []
    n_comments = len(carried)
    precision = comment_themes.groupby("theme")["probability"].mean()
    for theme in codebook.theme_ids:
        share = float(carried[theme].mean())
        guess = (float(precision.get(theme, 0.0)) - share) / (1 - share) if share < 1 else 0.0
        correlation = min(max(guess, 0.0), MOST_CORRELATION)
        people, together = (
            min(n_comments, max(FEWEST, comments_to_code(share, guessed, half_width, n_comments)))
            for guessed in (0.0, correlation)
        )
        rows.append((theme, codebook.name_of(theme), share, correlation, people, together))
    return pd.DataFrame(rows, columns=["theme", "name", "share", "correlation", "people", "together"])
