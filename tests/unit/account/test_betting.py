from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from pipeline.account import betting
from pipeline.account.betting import Assertion, comments_until, log_e_values
from tests.audit_simulation import READINGS, at_least, comments_to_prove, drawn

VALUES = np.array([1.0, 0.0, 0.5, 1.0, 0.0])
PREDICTORS = {
    "right": VALUES[:, None],
    "wrong": 1 - VALUES[:, None],
    "far out": np.array([[0.0], [0.0], [0.0], [0.0], [1e6]]),
    "two": np.array([[0.1, 3.0], [0.9, -1.0], [0.2, 2.0], [0.3, 2.0], [0.8, 7.0]]),
    "none": np.ones((5, 1)),
}


def over_all_orders(assertion, missing=()):
    """Return the mean e-value after each comment, over every order in which the comments can be drawn."""
    values = assertion.values.copy()
    values[list(missing)] = np.nan
    evidence = [
        np.exp(
            log_e_values(
                Assertion(
                    values[order], assertion.predictors[order], assertion.lower[order], assertion.upper[order],
                    assertion.bound, assertion.strict,
                )
            )
        )
        for order in map(list, permutations(range(len(values))))
    ]  # fmt: skip
    return np.mean(evidence, axis=0)


@pytest.mark.parametrize("predictors", PREDICTORS)
def test_at_the_bound_the_evidence_is_a_fair_game(predictors):
    assertion = at_least(VALUES, PREDICTORS[predictors], VALUES.mean(), strict=True)
    assert over_all_orders(assertion) == pytest.approx(np.ones(5))
    # Turned round it is another false assertion, which is as fair.
    assert over_all_orders(replace(assertion, strict=False).complement) == pytest.approx(np.ones(5))


def test_a_mean_of_weighted_values_with_ends_of_their_own_is_a_fair_game():
    weights = np.array([2.0, 2.0, -1.5, -1.5, -3.0])
    values = np.array([1.0, 0.5, 1.0, 0.0, 1.0]) * weights
    predictors = np.column_stack([weights, weights * VALUES])
    assertion = Assertion(
        values, predictors, np.minimum(weights, 0), np.maximum(weights, 0), float(values.mean()), strict=True
    )
    assert over_all_orders(assertion) == pytest.approx(np.ones(5))


@pytest.mark.parametrize("missing", [(0,), (1,), (0, 2, 4)])
def test_missing_values_never_help_either_side(missing):
    assertion = at_least(VALUES, PREDICTORS["two"], VALUES.mean(), strict=True)
    assert (over_all_orders(assertion, missing) <= 1 + 1e-9).all()
    assert (over_all_orders(replace(assertion, strict=False).complement, missing) <= 1 + 1e-9).all()


def test_below_the_bound_the_game_is_worse_than_fair():
    assert (over_all_orders(at_least(VALUES, PREDICTORS["two"], VALUES.mean() + 0.05)) < 1).all()


def test_evidence_follows_from_what_is_coded_and_not_from_which_comment_comes_next():
    rng = np.random.default_rng(0)
    codes, read = drawn(rng, 80, 0.3)
    path = log_e_values(at_least(codes, read, 0.2))
    first = at_least(codes[:30], read, 0.2)
    assert log_e_values(first) == pytest.approx(path[:30])
    assert (log_e_values(at_least(codes, read, 0.2).first(30)) == log_e_values(first)).all()
    left = replace(first, predictors=np.concatenate([first.predictors[:30], rng.permutation(first.predictors[30:])]))
    assert log_e_values(left) == pytest.approx(path[:30])


@pytest.mark.parametrize("bound, strict, proven", [(0.3, False, True), (0.3, True, False), (0.31, False, False)])
def test_where_all_are_coded_the_codes_decide(bound, strict, proven):
    for seed in range(5):
        codes, read = drawn(np.random.default_rng(seed), 100, 0.3)
        assertion = at_least(codes, read, bound, strict=strict)
        assert np.isinf(log_e_values(assertion)[-1]) == proven
        assert np.isinf(log_e_values(assertion.complement)[-1]) != proven


@pytest.mark.parametrize("cells", [1, 40, 10**6])
@pytest.mark.parametrize("kinds", [3, 90])
def test_the_least_that_may_come_next_is_that_of_all_comments_left(kinds, cells, monkeypatch):
    monkeypatch.setattr(betting, "_CELLS", cells)
    random = np.random.default_rng(kinds)
    of = random.integers(kinds, size=90)
    lower, design = random.normal(size=kinds)[of], random.normal(size=(kinds, 2))[of]
    coefficients = random.normal(size=(60, 2))
    found = betting._least_of_left(lower, design, coefficients)
    wanted = [(lower[t:] - design[t:] @ coefficients[t]).min() for t in range(60)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert betting._least_of_left(lower, design, coefficients[:0]).shape == (0,)


def test_what_the_comments_left_cannot_change_is_proven():
    codes, read = np.array([1.0, 1.0, 0.0, 1.0]), np.zeros(6)
    assert np.isinf(log_e_values(at_least(codes, read, 0.5))).tolist() == [False, False, False, True]
    assert np.isinf(log_e_values(at_least(codes, read, 0.0))).all()


def test_values_and_predictors_are_checked():
    with pytest.raises(ValueError, match="finite predictors"):
        at_least(np.ones(3), np.array([0.1, np.nan, 0.2]), 0.5)
    with pytest.raises(ValueError, match="finite predictors"):
        at_least(np.ones(3), np.zeros(2), 0.5)
    with pytest.raises(ValueError, match="lies outside"):
        at_least(np.array([0.0, 1.5]), np.zeros(3), 0.5)


def false_confirmations(n_simulations, n, share=0.3):
    """Return how often a share is said to be above what it is, whatever the machine reads."""
    said = 0
    for seed in range(n_simulations):
        codes, read = drawn(np.random.default_rng(seed), n, share, 0.7, READINGS[seed % len(READINGS)])
        said += np.isfinite(comments_to_prove(at_least(codes, read, codes.mean(), strict=True)))
    return said / n_simulations


def test_few_false_assertions_are_ever_confirmed():
    assert 0 < false_confirmations(240, 80) <= 0.075


@pytest.mark.slow
def test_at_most_one_false_assertion_in_twenty_is_ever_confirmed():
    assert 0.02 < false_confirmations(3_000, 300) <= 0.05


def median_comments(bound, correlation, n_simulations, reading="codes"):
    counts = []
    for seed in range(n_simulations):
        codes, read = drawn(np.random.default_rng(seed), 660, 0.3, correlation, reading)
        counts.append(comments_to_prove(at_least(codes[:450], read, bound, n_comments=660)))
    return np.median(counts)


# The numbers of comments that the plain way of betting needed; see docs/benchmarks.md.
NEEDED = [(0.2, 0.0, 101), (0.2, 0.5, 95), (0.2, 0.7, 70), (0.25, 0.0, 298), (0.25, 0.5, 246), (0.25, 0.7, 188)]


@pytest.mark.slow
@pytest.mark.parametrize("bound, correlation, known", NEEDED)
def test_a_true_share_is_confirmed_after_few_comments(bound, correlation, known):
    assert median_comments(bound, correlation, 200) <= 1.1 * known


@pytest.mark.slow
def test_a_bad_reading_costs_few_comments():
    alone = median_comments(0.2, 0.0, 200, "useless")
    assert median_comments(0.2, 0.0, 200, "noise") <= 1.1 * alone
    assert median_comments(0.2, 0.7, 200, "reversed") < 0.9 * alone


@pytest.mark.thorough
@pytest.mark.parametrize("bound", [0.2, 0.25])
def test_a_projection_from_a_right_estimate_is_near_what_is_needed(bound):
    projected, needed, read = [], [], np.ones(660)
    for seed in range(80):
        rng = np.random.default_rng(seed)
        # The first 40 comments have the share of all.
        codes = np.concatenate([rng.permutation(np.repeat([1.0, 0.0], [0.3 * n, 0.7 * n])) for n in (40, 620)])
        needed.append(comments_to_prove(at_least(codes[:450], read, bound)))
        projected.append(40 + comments_until(at_least(codes[:40], read, bound), np.log(20)))
    assert np.median(projected) == pytest.approx(np.median(needed), rel=0.25)


def test_a_projection_is_zero_once_proven_and_infinite_on_the_other_side():
    codes, read = drawn(np.random.default_rng(0), 100, 0.3)
    assert comments_until(at_least(codes, read, 0.3), np.log(20)) == 0
    assert comments_until(at_least(codes[:50], read, 0.9), np.log(20)) == np.inf
    assert comments_until(at_least(codes[:0], read, 0.1), np.log(20)) == np.inf
