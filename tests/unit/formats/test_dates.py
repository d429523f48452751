"""Dates as people write them, and the periods that they are in."""

import pandas as pd
import pytest

from pipeline.errors import DataError
from pipeline.formats.dates import periods_of, place_of_period, read_dates


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["2025-12-03"], ["2025-12-03"]),
        (["03/12/2025", "04/12/2025"], ["2025-12-03", "2025-12-04"]),
        (["12/25/2025", "03/04/2025"], ["2025-12-25", "2025-03-04"]),
        (["25.12.2025 08:15", "3.4.25"], ["2025-12-25 08:15", "2025-04-03"]),
        (["3 December 2025", "December 2025", "2025"], ["2025-12-03", "2025-12-01", "2025-01-01"]),
        (["2025-12-03T10:00:00Z", "20251203"], ["2025-12-03 10:00", "2025-12-03"]),
        (["2025-12-03", ""], ["2025-12-03", None]),
    ],
)
def test_dates_are_read_as_they_are_written_here(written, read):
    assert read_dates(pd.Series(written), "date").tolist() == [pd.Timestamp(date) for date in read]


@pytest.mark.parametrize(
    ("written", "unread"),
    [
        (["2025-12-03", "soon"], 1),
        (["7", "3"], 2),
        (["13/01/2025", "01/13/2025"], 1),
        (["2025-02-30"], 1),
        (["10:30"], 1),
    ],
)
def test_what_is_no_date_is_counted(written, unread):
    with pytest.raises(DataError, match=rf"{unread} of {len(written)} rows"):
        read_dates(pd.Series(written), "date")


def test_an_empty_column_has_no_dates():
    with pytest.raises(DataError, match="is empty"):
        read_dates(pd.Series(["", " "]), "date")


@pytest.mark.parametrize(
    ("every", "periods"),
    [("month", ["2024-12", "2025-01", ""]), ("quarter", ["2024 Q4", "2025 Q1", ""]), ("year", ["2024", "2025", ""])],
)
def test_a_period_has_a_name_that_stands_in_the_order_of_time(every, periods):
    found = periods_of(pd.Series(["31/12/2024", "1 January 2025", ""]), "date", every)
    assert found.tolist() == periods
    places = [place_of_period(name) for name in periods[:2]]
    assert places == sorted(places)
    assert places[1] == 2025


def test_what_is_no_period_has_no_place():
    assert [place_of_period(name) for name in ("Nurses", "2025-13", "2025 Q5", "20250")] == [None] * 4
    assert place_of_period("2025 Q3") == 2025.5
    assert place_of_period("2025-07") == 2025.5
