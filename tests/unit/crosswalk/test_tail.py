import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kstest

from pipeline.crosswalk.tail import Tail


def draws_of(seed, n=500):
    return np.random.default_rng(seed).normal(size=n)


def test_p_values_count_the_value_among_the_draws():
    tail = Tail.of(np.arange(100.0))
    assert tail.p_values(np.array([-1.0, 0.0, 50.0, 90.0])) == pytest.approx([1, 1, 51 / 101, 11 / 101])


@pytest.mark.thorough
def test_p_values_of_normal_draws_are_uniform():
    p = np.concatenate([Tail.of(draws_of(seed)).p_values(draws_of(1000 + seed, 400)) for seed in range(100)])
    assert kstest(p, "uniform").statistic < 0.02
    for rate, most in ((0.05, 0.058), (0.01, 0.014), (0.001, 0.0016)):
        assert rate / 4 < (p <= rate).mean() < most


@pytest.mark.parametrize("rate", [0.001, 0.0001])
def test_far_out_a_value_is_never_much_rarer_than_it_should_be(rate):
    # The chance itself is known here, so that no luck is left but that of the draws.
    from scipy.stats import norm

    value = norm.isf(rate)
    p = [Tail.of(draws_of(seed)).p_values(np.array([value]))[0] for seed in range(100)]
    assert rate * 0.9 < np.median(p) < rate * 8
    assert np.mean(np.array(p) < rate / 2) < 0.1


def test_a_distribution_that_ends_is_not_trusted_to_end():
    tail = Tail.of(np.linspace(0, 1, 500))
    assert tail.p_values(np.array([1.01]))[0] > 1e-4


def test_a_heavy_tail_is_heavier_than_an_exponential_one():
    heavy = np.random.default_rng(2).standard_t(2, size=2000)
    assert Tail.of(heavy).shape > 0.2


@pytest.mark.parametrize("seed", range(10))
def test_p_values_fall_without_a_leap_where_counting_ends(seed):
    tail = Tail.of(draws_of(seed))
    values = np.linspace(tail.draws[-60], tail.draws[-1] + 3, 4000)
    p = tail.p_values(values)
    assert (np.diff(p) <= 0).all()
    # One draw is worth 0.002; the tail may differ from counting by a few.
    assert np.abs(np.diff(p[p > 0.002])).max() < 0.012


@pytest.mark.parametrize("p", [1e-6, 0.0005, 0.005, 0.0199, 0.02, 0.021, 0.05, 0.3, 0.9])
@pytest.mark.parametrize("seed", range(5))
def test_the_value_at_a_chance_is_the_least_that_passes(p, seed):
    tail = Tail.of(draws_of(seed))
    value = tail.value_at(p)
    at, just_below = tail.p_values(np.array([value, value - 1e-4]))
    assert p * (1 - 1e-9) - 0.01 < at <= p * (1 + 1e-9)
    assert just_below > p


@given(draws=arrays(np.float64, st.integers(1, 40), elements=st.floats(-1, 1)), value=st.floats(-1, 1))
def test_a_value_passes_at_its_own_p_value(draws, value):
    tail = Tail.of(draws)
    p = tail.p_values(np.array([value]))[0]
    assert 1e-6 <= p <= 1
    assert value >= tail.value_at(p) - 1e-9


@pytest.mark.parametrize("draws", [np.full(500, 0.3), np.repeat([0.1, 0.3], 250), np.full(500, 0.3) + 1e-16])
def test_where_the_tail_is_one_value_nothing_beyond_it_is_claimed(draws):
    tail = Tail.of(draws)
    assert tail.p_values(np.array([0.31])) == pytest.approx([1 / 501])
    assert tail.value_at(0.0001) == np.inf
