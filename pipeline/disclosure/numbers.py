"""Counts and shares as a text may say them: rounded as in the tables, small ones left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.disclosure.rounding import Rules, protect_counts

NOT_SHOWN = "not shown"
"""What stands in the place of a count that would tell of another, or of itself."""


@dataclass(frozen=True)
class ShownCount:
    """A count as it may be said.

    Attributes
    ----------
    text : str
        "1,240"; "fewer than 8" for a small one; `NOT_SHOWN`.
    value : int or None
        The number in the text; None where it is left out.
    """

    text: str
    value: int | None

    def __str__(self) -> str:
        return self.text


def few(rules: Rules) -> str:
    """Return what stands in the place of a small count."""
    return f"fewer than {rules.suppress_below}"


def rounded_count(count: int, rules: Rules) -> ShownCount:
    """Return a count that is not small as it may be said."""
    value = int(rules.rounded(np.array(float(count))))
    return ShownCount(f"{value:,}", value)


def shown_count(n: int, rules: Rules | None) -> str:
    """Return a count that stands by itself as it may be said.

    Parameters
    ----------
    n : int
        Comments, 0 or more.
    rules : Rules or None
        What is small; None or idle rules leave the count exact.

    Returns
    -------
    str
        "1,240", rounded; "fewer than 8" where it is small. Counts that add up to a total which is shown too want
        `shown_parts`.
    """
    if rules is None or rules.idle:
        return f"{n:,}"
    return few(rules) if 0 < n < rules.suppress_below else rounded_count(n, rules).text


def shown_parts(parts: Mapping[str, int], rules: Rules | None) -> dict[str, str]:
    """Return counts that add up to a total which is known, as they may be said.

    Parameters
    ----------
    parts : mapping of str to int
        Comments, each in one part.
    rules : Rules or None
        What is small; None or idle rules leave the counts exact.

    Returns
    -------
    dict of str to str
        Each count, rounded, or `NOT_SHOWN`: for small ones, and for as many others as it takes that the small ones
        cannot be worked out (`pipeline.disclosure.rounding.protect_counts`).
    """
    if rules is None or rules.idle:
        return {name: f"{count:,}" for name, count in parts.items()}
    counts = pd.DataFrame([list(parts.values())], columns=list(parts), dtype="int64")
    shown = protect_counts(counts, totals="rows", rules=rules).shown.iloc[0]
    return {name: NOT_SHOWN if pd.isna(shown[name]) else f"{int(shown[name]):,}" for name in parts}


def shown_share(share: float, base: int, rules: Rules | None) -> float:
    """Return a share of comments as it may be said.

    Parameters
    ----------
    share : float
        In [0, 1]; NaN where there is none.
    base : int
        Of how many comments.
    rules : Rules or None
        What is small; None or idle rules leave the share exact.

    Returns
    -------
    float
        The share of rounded counts, as in the tables; NaN where the base, the count behind the share or what it lacks
        to the base is small.
    """
    if rules is None or rules.idle or np.isnan(share):
        return share
    count = round(share * base)
    if base < rules.base_limit or rules.is_small(np.array([count, base - count])).any():
        return float("nan")
    together = rules.rounded(np.array([count, base], dtype=np.float64))
    return float(together[0] / together[1]) if together[1] else float("nan")


def shown_largest(topics: pd.DataFrame, share: float, base: int, rules: Rules | None) -> float:
    """Return the share of the largest topic as it may be said.

    Parameters
    ----------
    topics : DataFrame
        The public table of topics: size, share; missing where left out.
    share : float
        The share of the largest topic, in [0, 1].
    base : int
        Comments analysed.
    rules : Rules or None
        What is small; None or idle rules leave the share exact.

    Returns
    -------
    float
        As the table shows it; NaN where the table leaves the largest topic out, small or not.
    """
    if rules is None or rules.idle:
        return share
    said = shown_share(share, base, rules)
    in_table = topics["share"].to_numpy(dtype=np.float64, na_value=np.nan)
    return said if np.isclose(in_table, said).any() else float("nan")
