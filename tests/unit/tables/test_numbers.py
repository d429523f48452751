import math

import pandas as pd
import pytest

from pipeline.tables import numbers


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (numbers.percent(0.256), "26%"),
        (numbers.percent(-0.001), "0%"),
        (numbers.percent(pd.NA), "–"),
        (numbers.percent_range(0.22, 0.294), "22–29%"),
        (numbers.percent_with_range(0.26, 0.22, 0.29), "26% (22–29%)"),
        (numbers.percent_with_range(0.26, math.nan, math.nan), "26%"),
        (numbers.percent_with_range(math.nan, 0.22, 0.29), "–"),
        (numbers.points(-0.1), "−10"),
        (numbers.points(0.031), "+3"),
        (numbers.points(-0.001), "0"),
        (numbers.points_with_range(-0.1, -0.15, 0.002), "−10 (−15 to 0)"),
        (numbers.count(1240), "1,240"),
        (numbers.count(pd.NA), "not shown"),
        (numbers.counted(1, "topic"), "1 topic"),
        (numbers.counted(1200, "topic"), "1,200 topics"),
        (numbers.decimal(-0.254), "−0.25"),
        (numbers.decimal(-0.001), "0.00"),
        (numbers.decimal_with_range(0.64, 0.6, 0.68), "0.64 (0.60–0.68)"),
        (numbers.decimal_with_range(0.0, -0.05, 0.05), "0.00 (−0.05 to 0.05)"),
        (numbers.chance(0.0002), "<0.001"),
        (numbers.chance(0.0456), "0.046"),
    ],
)
def test_numbers_are_written_in_one_form(written, expected):
    assert written == expected
