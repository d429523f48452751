"""Shares of rounded counts, with the intervals that belong to them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.account.intervals import difference_interval
from pipeline.disclosure.rounding import Flags, Numbers, Rules

Ends = tuple[Numbers, Numbers, Numbers]
"""A share or a difference, and the lower and upper end of its interval."""


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


def ends_of(rows: pd.DataFrame, names: Sequence[str]) -> Ends:
    """Return three columns of a table, a share or difference and its ends, as numbers; NaN where missing."""
    share, low, high = (rows[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in names)
    return share, low, high


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


def difference_at(
    first: Ends, second: Ends, given: tuple[Ends, Ends, Ends], *, paired: bool
) -> tuple[Numbers, Numbers, Numbers]:
    """Return the difference of two shares that follow from rounded counts, with an interval.

    Parameters
    ----------
    first, second : tuple of three ndarray of shape (n,), float64
        The shares to take the difference of, and their lower and upper ends; NaN for none.
    given : tuple of three tuples of three ndarray of shape (n,), float64
        The same of the exact counts: first, second, and the difference of the two.
    paired : bool
        Whether both are shares of the same comments, so that they go together.

    Returns
    -------
    tuple of three ndarray of shape (n,), float64
        The difference and its lower and upper ends, to two decimals; NaN where anything is missing.

    Notes
    -----
    The exact difference of a small survey has one pair of counts alone that fits it. This one follows from the rounded
    counts, and so does its interval, by `difference_interval`. Of the exact counts it keeps how strongly paired shares
    go together, which is worked out from the interval given and taken to one decimal; and whether the interval holds
    zero: it is drawn out to zero where the one given holds it, lest rounding make a finding.
    """
    together: Numbers | float = 0.0
    if paired:
        (one, one_low, one_high), (other, other_low, other_high), (difference, low, high) = given
        # An end that was cut off at -1 tells nothing.
        below = _correlation(one - one_low, other_high - other, difference - low)
        together = np.where(low > -1, below, _correlation(one_high - one, other - other_low, high - difference))
    lower, upper = difference_interval(*first, *second, correlation=together)
    _, low, high = given[2]
    lower, upper = np.where(low > 0, lower, np.minimum(lower, 0)), np.where(high < 0, upper, np.maximum(upper, 0))
    # Adding 0 takes the sign from a nought.
    shown = [np.round(values, 2) + 0.0 for values in (first[0] - second[0], lower, upper)]
    return shown[0], shown[1], shown[2]


def _correlation(one: Numbers, other: Numbers, distance: Numbers) -> Numbers:
    """Return what makes two sides of a triangle have this third one, to one decimal; 0 where there are not two."""
    twice = 2 * one * other
    with np.errstate(invalid="ignore"):
        rest = one**2 + other**2 - distance**2
    found = np.divide(rest, twice, out=np.zeros_like(twice), where=twice > 0)
    # Below -1 where the distance allows for respondents with several comments and the sides do not.
    return np.asarray(np.round(np.minimum(found, 1), 1), dtype=np.float64)


def ends_of_rest(share: Ends, difference: Ends) -> Ends:
    """Return what a share was compared with, with its interval, from their difference.

    Parameters
    ----------
    share, difference : tuple of three ndarray of shape (n,), float64
        A share, and it less the share of the rest, with their lower and upper ends.

    Returns
    -------
    tuple of three ndarray of shape (n,), float64
        The share of the rest with its ends, in [0, 1]: `difference_interval` for independent shares, solved for them.
    """
    with np.errstate(invalid="ignore"):
        above = np.sqrt(np.maximum((difference[0] - difference[1]) ** 2 - (share[0] - share[1]) ** 2, 0))
        below = np.sqrt(np.maximum((difference[2] - difference[0]) ** 2 - (share[2] - share[0]) ** 2, 0))
    rest = share[0] - difference[0]
    return rest, np.clip(rest - below, 0, 1), np.clip(rest + above, 0, 1)


def written_coarsely(shown: pd.DataFrame, names: Sequence[str], blank: Flags) -> pd.DataFrame:
    """Write the results of tests so coarsely that they do not tell the counts behind them.

    Parameters
    ----------
    shown : DataFrame
        A table with the columns named.
    names : sequence of str
        Columns of float: p- or q-values.
    blank : ndarray of shape (n_rows,), bool
        Rows whose results are missing.

    Returns
    -------
    DataFrame
        The values rounded up to three decimals, so that none is 0.
    """
    public = shown.copy()
    for name in names:
        values = public[name].astype("float64").mask(pd.Series(blank, index=public.index))
        public[name] = np.ceil(values * 1000) / 1000
    return public
