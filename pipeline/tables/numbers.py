"""How numbers are written, wherever a person reads them: 26%, 22–29%, −10, 1,240."""

from __future__ import annotations

from typing import Any

import pandas as pd

MISSING = "–"
"""What a number that was not measured is written as."""

NOT_SHOWN = "not shown"
"""What a number is written as that disclosure control hides."""

_SMALLEST_CHANCE = 0.001


def percent(share: Any) -> str:
    """Return a share in [0, 1] as a whole percentage, such as "26%"; "–" where it is missing."""
    return MISSING if pd.isna(share) else f"{whole_percent(share)}%"


def whole_percent(share: Any) -> str:
    """Return a share as a whole percentage without its sign, for columns headed with one; "–" where it is missing."""
    return MISSING if pd.isna(share) else _signed(f"{100 * float(share):z.0f}")


def percent_range(low: Any, high: Any) -> str:
    """Return the ends of a share's interval, such as "22–29%"; "–" where one is missing."""
    return MISSING if pd.isna(low) or pd.isna(high) else f"{whole_percent(low)}–{percent(high)}"


def percent_with_range(share: Any, low: Any, high: Any) -> str:
    """Return a share with its interval, such as "26% (22–29%)"; the share alone where an end is missing."""
    return percent(share) if _lacks(share, low, high) else f"{percent(share)} ({percent_range(low, high)})"


def points(difference: Any) -> str:
    """Return a difference of shares in whole percentage points with its sign, such as "+3" or "−10"."""
    return MISSING if pd.isna(difference) else _signed(f"{100 * float(difference):+z.0f}".replace("+0", "0"))


def points_range(low: Any, high: Any) -> str:
    """Return the ends of a difference's interval, such as "−15 to −5"; "–" where one is missing."""
    return MISSING if pd.isna(low) or pd.isna(high) else f"{points(low)} to {points(high)}"


def points_with_range(difference: Any, low: Any, high: Any) -> str:
    """Return a difference with its interval, such as "−10 (−15 to −5)"; alone where an end is missing."""
    return points(difference) if _lacks(difference, low, high) else f"{points(difference)} ({points_range(low, high)})"


def count(number: Any, *, hidden: str = NOT_SHOWN) -> str:
    """Return a whole number with commas, such as "1,240"; `hidden` where it is missing."""
    return hidden if pd.isna(number) else f"{int(number):,}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as "1 topic" or "3 topics"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def decimal(value: Any, places: int = 2) -> str:
    """Return a number with decimals and a true minus sign; "–" where it is missing."""
    return MISSING if pd.isna(value) else _signed(f"{float(value):z.{places}f}")


def decimal_with_range(value: Any, low: Any, high: Any, places: int = 2) -> str:
    """Return a number with its interval, such as "0.64 (0.60–0.68)"; alone where an end is missing.

    Negative ends are joined by "to": a dash would read as a sign.
    """
    if _lacks(value, low, high):
        return decimal(value, places)
    ends = decimal(low, places), decimal(high, places)
    between = " to " if "−" in "".join(ends) else "–"
    return f"{decimal(value, places)} ({ends[0]}{between}{ends[1]})"


def chance(value: Any) -> str:
    """Return a p- or q-value with three decimals, "<0.001" below that; "–" where it is missing."""
    if pd.isna(value):
        return MISSING
    return f"<{_SMALLEST_CHANCE}" if value < _SMALLEST_CHANCE else f"{float(value):.3f}"


def _lacks(*numbers: Any) -> bool:
    return any(pd.isna(number) for number in numbers)


def _signed(written: str) -> str:
    return written.replace("-", "−")
