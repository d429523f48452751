import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import DisclosureConfig
from pipeline.disclosure.rules import EXACT, Rules

NUMBERS = st.integers(0, 10_000)


@given(count=NUMBERS, step=st.integers(1, 50))
def test_rounding_is_to_the_nearest_multiple_and_never_to_none(count, step):
    rounded = Rules(round_to=step).rounded(np.array([float(count)]))[0]
    assert rounded % step == 0
    assert abs(rounded - count) <= (step / 2 if count >= step / 2 else step)
    assert (rounded == 0) == (count == 0)


def test_what_is_missing_stays_missing_and_is_not_small():
    assert np.isnan(Rules().rounded(np.array([np.nan]))).all()
    assert not Rules().is_small(np.array([np.nan, 0.0, 8.0])).any()
    assert Rules().is_small(np.array([1.0, 7.0])).all()


@pytest.mark.parametrize("wrong", [{"suppress_below": -1}, {"round_to": 0}, {"smallest_base": -1}])
def test_rules_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="give such numbers"):
        Rules(**wrong)


def test_without_the_section_counts_are_exact_and_small_groups_go_under_one_name():
    rules = Rules.of(None, smallest_group=12)
    assert rules.exact
    assert rules.smallest_group == 12
    assert EXACT.exact


def test_under_rules_a_group_below_the_smallest_base_is_small():
    config = DisclosureConfig(suppress_below=4, round_to=5, smallest_base=15)
    assert Rules.of(config, smallest_group=2) == Rules(4, 5, 15, 15)
    assert not Rules.of(config, smallest_group=2).exact
