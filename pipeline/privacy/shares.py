"""Shares of rounded counts, with the intervals that belong to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.privacy.rounding import Flags, Numbers, Rules


def protect_shares(
    shares: pd.DataFrame,
    *,
    count: str,
    base: str,
    rules: Rules,
    ends: Sequence[str] = ("share", "low", "high"),
    also: Sequence[str] = (),
    hidden: Flags | None = None,
) -> pd.DataFrame:
    """Round the counts of a long table, and leave out rows that are small or that were chosen to be left out.

    Parameters
    ----------
    shares : DataFrame
        A row for each share.
    count, base : str
        Columns with how many of how many comments; missing where there is no share.
    rules : Rules
        What is small: the count, what it lacks to its base, or the base.
    ends : sequence of str
        Columns of the share and, where there are any, the two ends of its interval.
    also : sequence of str
        Further columns that are blanked where a row is left out.
    hidden : ndarray of shape (n_rows,), bool, optional
        Rows to leave out as well, for what could be worked out from them.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A left-out row has no count, share, interval nor what `also` names; its base
        stays where it is large enough. Shares are of rounded counts; an interval is Wilson's at them
        (doi:10.1080/01621459.1927.10502953), with the design effect that the interval given had. Equal to what
        came in, but for that column, where the rules are idle and nothing is chosen.
    """
    n, of = (shares[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in (count, base))
    small_base = of < rules.base_limit
    left_out = small_base | rules.is_small(n) | rules.is_small(of - n)
    if hidden is not None:
        left_out |= hidden
    shown, whole = np.where(left_out, np.nan, rules.rounded(n)), np.where(small_base, np.nan, rules.rounded(of))
    public = shares.assign(suppressed=left_out)
    public[count], public[base] = as_counts(shown, shares), as_counts(whole, shares)
    rounded = np.divide(shown, whole, out=np.full(len(shares), np.nan), where=whole > 0)
    public[ends[0]] = rounded
    if len(ends) > 1:
        given = [shares[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ends]
        growth = of / np.where(whole > 0, whole, np.nan)
        public[ends[1]], public[ends[2]] = interval_at(rounded, (given[0], given[1], given[2]), growth)
    for name in also:
        if name in public:
            public[name] = public[name].mask(pd.Series(left_out, index=public.index))
    return public


def as_counts(values: Numbers, frame: pd.DataFrame) -> pd.Series[int]:
    """Return numbers as a column of a table: Int64 with the table's index, missing where they are NaN."""
    return pd.Series(values, index=frame.index).astype("Int64")


def interval_at(rounded: Numbers, given: tuple[Numbers, Numbers, Numbers], growth: Numbers) -> tuple[Numbers, Numbers]:
    """Return Wilson's interval at another share, with the confidence and design effect of an interval given.

    Parameters
    ----------
    rounded : ndarray of shape (n,), float64
        The shares to have intervals, in [0, 1]; NaN for none.
    given : tuple of three ndarray of shape (n,), float64
        The shares that the intervals given are of, and their lower and upper ends.
    growth : ndarray of shape (n,), float64
        The base of the share given over that of the other.

    Returns
    -------
    tuple of two ndarray of shape (n,), float64
        Lower and upper ends, in [0, 1]; NaN where anything is missing.

    Notes
    -----
    Wilson's ends x solve (1 + k) x^2 - (2 p + k) x + p^2 = 0, where k is the squared normal quantile over the
    effective number of comments, so that their product is p^2 / (1 + k), and that of 1 - x is (1 - p)^2 / (1 + k).
    """
    share, low, high = given
    with np.errstate(invalid="ignore", divide="ignore"):
        k = np.where(share >= 0.5, share**2 / (low * high), (1 - share) ** 2 / ((1 - low) * (1 - high))) - 1
        k = k * growth
        centre, half = 2 * rounded + k, np.sqrt(np.maximum(k**2 + 4 * k * rounded * (1 - rounded), 0))
        lower, upper = (centre - half) / (2 * (1 + k)), (centre + half) / (2 * (1 + k))
    return np.clip(lower, 0, 1), np.clip(upper, 0, 1)


def written_coarsely(shown: pd.DataFrame, names: Sequence[str], blank: Flags) -> pd.DataFrame:
    """Write comparisons so coarsely that they do not tell the counts behind them.

    Parameters
    ----------
    shown : DataFrame
        A table with the columns named.
    names : sequence of str
        Columns of float: differences, whose names begin so, and p- or q-values.
    blank : ndarray of shape (n_rows,), bool
        Rows whose comparisons are missing.

    Returns
    -------
    DataFrame
        Differences to two decimals; p- and q-values rounded up to three, so that none is 0.
    """
    public = shown.copy()
    for name in names:
        values = public[name].astype("float64").mask(pd.Series(blank, index=public.index))
        public[name] = values.round(2) if name.startswith("difference") else np.ceil(values * 1000) / 1000
    return public
