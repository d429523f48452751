"""Confidence intervals of shares, and of differences between shares, where a respondent may have several comments.

The comments of one respondent are alike, so that they say less than as many comments of different respondents.
The intervals here are score intervals at an *effective* number of comments: the number of comments divided by
the design effect, which is how much more the share varies over respondents than it would over as many
independent comments. Where every respondent has one comment they are Wilson's and Newcombe's intervals exactly.

The percentile bootstrap over respondents is not used: in simulations where respondents have several comments it
covers the true share less often than it says, most of all for rare entries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FEWEST_PLANNED = 30
"""Fewer coded comments are never planned: their interval would rest on a handful of codes of each theme."""

Numbers = npt.NDArray[np.float64]


def respondent_codes(respondents: pd.Series[str]) -> npt.NDArray[np.int64]:
    """Return the number of each comment's respondent, from 0 in the order of appearance.

    Parameters
    ----------
    respondents : Series of str, length n_comments
        Who wrote each comment; a comment whose respondent is "" or missing stands for itself.

    Returns
    -------
    ndarray of shape (n_comments,), int64
        Equal for comments of one respondent.
    """
    names = respondents.fillna("").astype(str)
    # A number cannot be the name of anyone here, so that a comment without a name becomes its own respondent.
    keys: list[Any] = [name if name else row for row, name in enumerate(names)]
    return np.asarray(pd.factorize(pd.Series(keys, dtype=object))[0], dtype=np.int64)


def share_intervals(carried: pd.DataFrame, respondents: pd.Series[str], *, confidence: float = 0.95) -> pd.DataFrame:
    """Return the share of comments that carry each entry, with an interval that allows for respondents.

    Parameters
    ----------
    carried : DataFrame of bool, shape (n_comments, n_entries)
        Which comment carries which entry; a comment may carry several, or none.
    respondents : Series of str, length n_comments
        Who wrote each comment, row by row as `carried`; a comment whose respondent is "" or missing stands for
        itself.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        A row for each entry, in the order of the columns: entry, comments (the base), count, share, low, high
        (in [0, 1]; missing where there are no comments), effective (the effective number of comments, at most
        `comments`; 0 where there are none).

    Notes
    -----
    Wilson's interval at the effective number of comments, after Korn and Graubard (1998, Survey Methodology
    24:193-201), whose correction for few respondents is used too; Dean and Pagano (doi:10.1093/jssam/smv024) and
    Franco et al. (doi:10.1093/jssam/smy019) compare such intervals. The design effect is the linearised variance
    of the ratio over respondents against that of independent comments, and taken as 1 where it comes out lower.
    An entry that no comment or every comment carries shows no design effect: its effective number is then the
    number of respondents. The column `effective` has the correction for 95 % confidence, whatever `confidence`,
    so that tests on it do not hang on the width of an interval.
    """
    people = _People.of(carried, respondents)
    low, high = share_ends(people.shares, people.effective(confidence), confidence=confidence)
    return pd.DataFrame(
        {
            "entry": carried.columns.astype(str),
            "comments": people.n_comments,
            "count": people.sums.sum(axis=0).astype(np.int64),
            "share": people.shares,
            "low": low,
            "high": high,
            "effective": people.effective(0.95),
        }
    )


def share_difference(
    carried: pd.DataFrame, in_group: pd.Series[bool], respondents: pd.Series[str], *, confidence: float = 0.95
) -> pd.DataFrame:
    """Return how much more common each entry is in a group than in the rest.

    Parameters
    ----------
    carried : DataFrame of bool, shape (n_comments, n_entries)
        Which comment carries which entry.
    in_group : Series of bool, length n_comments
        Which comment is of the group, row by row as `carried`; the others are the rest.
    respondents : Series of str, length n_comments
        As in `share_intervals`.
    confidence : float
        In (0, 1).

    Returns
    -------
    DataFrame
        The columns of `share_intervals` for the group; rest_comments, rest_count, rest_share, rest_effective;
        difference, difference_low and difference_high (group less rest, in [-1, 1]; missing where either has no
        comments).

    Notes
    -----
    Newcombe's hybrid score interval (doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I),
    built from the two intervals of `share_intervals`. Group and rest are taken as independent: where respondents
    have comments in both, which makes the difference more certain, the interval is wider than it need be.
    """
    chosen = in_group.to_numpy(dtype=bool)
    group = share_intervals(carried[chosen], respondents[chosen], confidence=confidence)
    rest = share_intervals(carried[~chosen], respondents[~chosen], confidence=confidence)
    low, high = difference_interval(
        *(group[column].to_numpy() for column in ("share", "low", "high")),
        *(rest[column].to_numpy() for column in ("share", "low", "high")),
        correlation=0.0,
    )
    kept = ["comments", "count", "share", "effective"]
    return group.join(rest[kept].add_prefix("rest_")).assign(
        difference=group["share"] - rest["share"], difference_low=low, difference_high=high
    )


def paired_difference(
    carried: pd.DataFrame, first: str, second: str, respondents: pd.Series[str], *, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Return how much more common one entry is than another among the same comments.

    Parameters
    ----------
    carried : DataFrame of bool, shape (n_comments, n_entries)
        Which comment carries which entry.
    first, second : str
        Two entries.
    respondents : Series of str, length n_comments
        As in `share_intervals`.
    confidence : float
        In (0, 1).

    Returns
    -------
    tuple of float
        The share of `first` less that of `second`, and the interval's ends, all in [-1, 1]; missing where there
        are no comments.

    Notes
    -----
    Newcombe's score interval for paired data (doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C,
    method 10, with his correction of a positive correlation), from the intervals of `share_intervals` and the
    correlation over respondents. A bootstrap of the difference would be sure of the
    sign wherever the second entry was never seen, since no resample can show it.
    """
    people = _People.of(carried[[first, second]], respondents)
    low, high = share_ends(people.shares, people.effective(confidence), confidence=confidence)
    one, other = ((people.shares[[i]], low[[i]], high[[i]]) for i in (0, 1))
    below, above = difference_interval(*one, *other, correlation=pair_correlation(carried, first, second, respondents))
    return float(people.shares[0] - people.shares[1]), float(below[0]), float(above[0])


def pair_correlation(carried: pd.DataFrame, first: str, second: str, respondents: pd.Series[str]) -> float:
    """Return the correlation over respondents of two entries, as `paired_difference` takes it, in [-1, 1]."""
    apart = _People.of(carried[[first, second]], respondents).residuals
    spread = float(np.sqrt((apart**2).sum(axis=0).prod()))
    together = float((apart[:, 0] * apart[:, 1]).sum())
    together = max(together - 0.5, 0.0) if together > 0 else together
    return together / spread if spread > 0 else 0.0


@dataclass(frozen=True)
class _People:
    """Comments (n_people) and comments that carry each entry (n_people, n_entries) of each respondent."""

    sizes: Numbers
    sums: Numbers

    @classmethod
    def of(cls, carried: pd.DataFrame, respondents: pd.Series[str]) -> _People:
        values = carried.to_numpy(dtype=np.float64)
        if len(respondents) != len(values):
            raise ValueError(
                f"respondents has {len(respondents)} rows and carried {len(values)}; give both a row for each comment."
            )
        if not len(values):
            return cls(np.zeros(0), values)
        codes = respondent_codes(respondents)
        order = np.argsort(codes, kind="stable")
        sizes = np.bincount(codes).astype(np.float64)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.intp)
        return cls(sizes, np.add.reduceat(values[order], starts, axis=0))

    @property
    def n_comments(self) -> int:
        return int(self.sizes.sum())

    @property
    def shares(self) -> Numbers:
        if not self.n_comments:
            return np.full(self.sums.shape[1], np.nan)
        return np.asarray(self.sums.sum(axis=0) / self.n_comments, dtype=np.float64)

    @property
    def residuals(self) -> Numbers:
        """How many more comments of a respondent carry an entry than their number would lead one to expect."""
        return np.asarray(self.sums - self.sizes[:, None] * self.shares, dtype=np.float64)

    def effective(self, confidence: float) -> Numbers:
        """Return the effective number of comments for each entry."""
        from scipy.stats import t

        n, people, shares = self.n_comments, len(self.sizes), self.shares
        if people < 2:
            # One respondent says nothing of how respondents vary.
            return np.full(len(shares), float(people))
        if people == n:
            return np.full(len(shares), float(n))
        independent = shares * (1 - shares) / (n - 1)
        varies = independent > 0
        over_people = people / (people - 1) * (self.residuals**2).sum(axis=0) / n**2
        design = np.maximum(np.divide(over_people, independent, out=np.ones_like(shares), where=varies), 1.0)
        few_people = (t.ppf((1 + confidence) / 2, n - 1) / t.ppf((1 + confidence) / 2, people - 1)) ** 2
        return np.where(varies, n / design * few_people, float(people))


def share_ends(shares: Numbers, effective: Numbers, *, confidence: float = 0.95) -> tuple[Numbers, Numbers]:
    """Return Wilson's interval of shares at an effective number of comments; scipy's takes whole counts only.

    Parameters
    ----------
    shares, effective : ndarray of shape (n,), float64
        Shares in [0, 1], and of how many independent comments each says as much; NaN for none.
    confidence : float
        In (0, 1).

    Returns
    -------
    tuple of two ndarray of shape (n,), float64
        Lower and upper ends, in [0, 1]; NaN where anything is missing.
    """
    from scipy.stats import norm

    z2 = float(norm.ppf((1 + confidence) / 2)) ** 2
    n = np.where(effective > 0, effective, np.nan)
    middle = (shares + z2 / (2 * n)) / (1 + z2 / n)
    half = np.sqrt(z2 * shares * (1 - shares) / n + z2**2 / (4 * n**2)) / (1 + z2 / n)
    # The bounds hold in theory; rounding may break them in the last digit.
    return np.minimum(np.maximum(middle - half, 0.0), shares), np.maximum(np.minimum(middle + half, 1.0), shares)


def difference_interval(
    first: Numbers,
    first_low: Numbers,
    first_high: Numbers,
    second: Numbers,
    second_low: Numbers,
    second_high: Numbers,
    *,
    correlation: Numbers | float,
) -> tuple[Numbers, Numbers]:
    """Return the interval of first less second from the intervals of both, by squaring and adding.

    Parameters
    ----------
    first, first_low, first_high, second, second_low, second_high : ndarray of shape (n,), float64
        Shares with their intervals, in [0, 1].
    correlation : float or ndarray of shape (n,), float64
        In [-1, 1]; 0 for independent shares.

    Returns
    -------
    tuple of two ndarray of shape (n,), float64
        Lower and upper ends, in [-1, 1].
    """

    def distance(one: Numbers, other: Numbers) -> Numbers:
        return np.sqrt(np.maximum(one**2 - 2 * correlation * one * other + other**2, 0.0))

    difference = first - second
    low = difference - distance(first - first_low, second_high - second)
    high = difference + distance(first_high - first, second - second_low)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


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
