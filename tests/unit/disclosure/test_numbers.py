import numpy as np
import pandas as pd
import pytest
from pipeline.disclosure.numbers import NOT_SHOWN, shown_count, shown_largest, shown_parts, shown_share
from pipeline.disclosure.rounding import Rules

from tests.unit.disclosure.example_tables import IDLE

FEW = "fewer than 8"


@pytest.mark.parametrize(("n", "rules", "text"), [
    (1240, None, "1,240"), (3, IDLE, "3"), (0, Rules(), "0"), (1, Rules(), FEW), (7, Rules(), FEW), (8, Rules(), "10"),
    (1243, Rules(), "1,245"), (2, Rules(3, 1, 0), "fewer than 3"),
])  # fmt: skip
def test_a_count_by_itself(n, rules, text):
    assert shown_count(n, rules) == text


def test_parts_of_a_known_total_do_not_give_one_another_away():
    assert shown_parts({"with": 641, "without": 3}, Rules()) == {"with": NOT_SHOWN, "without": NOT_SHOWN}
    assert shown_parts({"with": 1641, "without": 23}, Rules()) == {"with": "1,640", "without": "25"}
    assert shown_parts({"with": 641, "without": 0}, Rules()) == {"with": "640", "without": "0"}
    assert shown_parts({"with": 1641, "without": 3}, None) == {"with": "1,641", "without": "3"}


def test_a_share_is_that_of_rounded_counts():
    assert shown_share(33 / 231, 231, Rules()) == 35 / 230
    assert shown_share(33 / 231, 231, None) == 33 / 231
    assert shown_share(0.0, 231, Rules()) == 0


@pytest.mark.parametrize(("n", "base"), [(3, 231), (228, 231), (4, 9), (0, 0)])
def test_a_share_that_tells_of_few_comments_is_missing(n, base):
    assert np.isnan(shown_share(n / max(base, 1), base, Rules()))


def test_a_share_that_is_missing_stays_so():
    assert np.isnan(shown_share(float("nan"), 200, Rules()))


def test_the_largest_topic_has_the_share_that_the_table_shows():
    table = pd.DataFrame({"share": pd.array([90 / 200, None, 25 / 200], dtype="Float64")})
    assert shown_largest(table, 91 / 201, 201, Rules()) == 90 / 200
    assert shown_largest(table, 91 / 201, 201, None) == 91 / 201
    # Left out of the table, to protect a smaller one.
    assert np.isnan(shown_largest(table, 101 / 201, 201, Rules()))
    assert np.isnan(shown_largest(table[:0], 101 / 201, 201, Rules()))
