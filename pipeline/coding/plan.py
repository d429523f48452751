"""How many comments people should code, before anybody has coded one."""

from __future__ import annotations

import pandas as pd

from pipeline.account.audit import Groups, Tables, codes_for_claim
from pipeline.account.intervals import FEWEST_PLANNED, comments_to_code
from pipeline.codebook.codebook import Codebook

MOST_CORRELATION = 0.7
"""The machine's reading is never taken to go along with people's codes better than this before anybody has coded."""


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
        at least `FEWEST_PLANNED`, at most all.

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
            min(n_comments, max(FEWEST_PLANNED, comments_to_code(share, guessed, half_width, n_comments)))
            for guessed in (0.0, correlation)
        )
        rows.append((theme, codebook.name_of(theme), share, correlation, people, together))
    return pd.DataFrame(rows, columns=["theme", "name", "share", "correlation", "people", "together"])


def codes_for_claims(codebook: Codebook, read: Tables, groups: Groups, *, seed: int) -> dict[str, int]:
    """Return about how many comments to code until the audit decides a claim, were the machine's shares right.

    Parameters
    ----------
    codebook : Codebook
        The account, with its claims.
    read, groups, seed
        See `pipeline.account.audit.codes_for_claim`.

    Returns
    -------
    dict of str to int
        For each claim that has a number or an order, by its id.
    """
    n_claims = max(len(codebook.claims), 1)
    found = {
        claim.id: codes_for_claim(claim, read, groups, n_claims=n_claims, seed=seed) for claim in codebook.claims
    }  # fmt: skip
    return {claim: codes for claim, codes in found.items() if codes is not None}
