import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crosswalk.intervals import share_interval


def test_wilsons_interval_of_a_published_example():
    """Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), table I."""
    assert share_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert share_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert share_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert share_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)


def test_nothing_observed_has_no_interval():
    assert all(math.isnan(end) for end in share_interval(0, 0))


def test_less_confidence_is_a_narrower_interval():
    wide, narrow = share_interval(20, 50), share_interval(20, 50, confidence=0.5)
    assert wide[0] < narrow[0] < 0.4 < narrow[1] < wide[1]


@given(total=st.integers(1, 500), data=st.data())
def test_the_interval_holds_the_share_and_stays_within_bounds(total, data):
    count = data.draw(st.integers(0, total))
    low, high = share_interval(count, total)
    assert 0 <= low <= count / total + 1e-12
    assert count / total - 1e-12 <= high <= 1
