"""Dates as people write them, and the months, quarters and years that they are in."""

from __future__ import annotations

import re
import warnings

import pandas as pd

from pipeline.errors import DataError

PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}
"""What dates may be grouped by, with the name that pandas has for it."""

# A number alone, such as an age or a mark, is no date: there must be a year, or three numbers.
_LIKE_A_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|^\s*\d{1,2}[/.-]\d{1,2}[/.-]\d{2}(?!\d)|(?:19|20)\d{6}(?!\d)")
_DAY_AND_MONTH = re.compile(r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2}(?:\d{2})?(?!\d)")
_MONTHS = 12
_A_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2])| Q([1-4]))?")


def periods_of(values: pd.Series[str], column: str, every: str) -> pd.Series[str]:
    """Return the period of each date, such as "2025-03", "2025 Q1" or "2025"; "" where no date is given.

    Parameters
    ----------
    values : Series of str
        "" where no date is given.
    column : str
        Its name, for messages.
    every : str
        One of `PERIODS`.

    Raises
    ------
    DataError
        As `read_dates`.
    """
    dates = read_dates(values, column)
    written = {"month": "%Y-%m", "quarter": "%Y Q%q", "year": "%Y"}[every]
    return dates.dt.to_period(PERIODS[every]).dt.strftime(written).where(dates.notna(), "").astype(str)


def place_of_period(name: str) -> float | None:
    """Return when a period of `periods_of` begins, in years; None for any other text."""
    found = _A_PERIOD.fullmatch(name)
    if found is None:
        return None
    year, month, quarter = found.groups()
    return int(year) + (int(month or 1) - 1) / 12 + (int(quarter or 1) - 1) / 4


def read_dates(values: pd.Series[str], column: str) -> pd.Series[pd.Timestamp]:
    """Read texts as dates.

    Parameters
    ----------
    values : Series of str
        "" where no date is given.
    column : str
        Its name, for messages.

    Returns
    -------
    Series of datetime64
        Without a time zone; missing where no date is given.

    Raises
    ------
    DataError
        Where some rows are no dates, or none has one. The message says how many, and nothing that they hold.

    Notes
    -----
    The day comes first, as in 03/12/2025 for the third of December, unless a row shows that the month does.
    """
    given = values.fillna("").astype(str).str.strip()
    there = given != ""
    if not there.any():
        raise DataError(f"The column '{column}' is empty: it holds no dates.", "Name a column with dates.")
    numbers = given.str.extract(_DAY_AND_MONTH).astype(float)
    day_first = bool((numbers[0] > _MONTHS).any() or not (numbers[1] > _MONTHS).any())
    like_dates = given.str.contains(_LIKE_A_DATE) & ~(day_first & (numbers[1] > _MONTHS))
    numeric = numbers[0].notna()
    # Pandas would take the month of 2025-12-03 for its day too.
    dates = pd.concat(
        [
            _parsed(given[there & like_dates & numeric], day_first=day_first),
            _parsed(given[there & like_dates & ~numeric], day_first=False),
        ]
    ).reindex(given.index)
    unread = int((there & dates.isna()).sum())
    if unread:
        raise DataError(
            f"The column '{column}' cannot be read as dates: {unread:,} of {int(there.sum()):,} rows with an entry are "
            "no dates.",
            "Write dates as 2025-12-03 or 03/12/2025, all in one way, and run the pipeline again.",
        )
    return dates.dt.tz_localize(None)


def _parsed(given: pd.Series[str], *, day_first: bool) -> pd.Series[pd.Timestamp]:
    with warnings.catch_warnings():
        # Pandas warns of each row whose day cannot be a month, which was found out before.
        warnings.simplefilter("ignore")
        return pd.to_datetime(given, format="mixed", dayfirst=day_first, errors="coerce", utc=True)
