import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import identity

from pipeline.crosswalk.fit import Reading
from pipeline.crosswalk.matching import best_or_second, decoy_rates, match_topics, topic_means
from pipeline.crosswalk.null import Tail

DRAWS = np.linspace(-1, 1, 501)


def matched(fits, null, shares=None, *, rate=0.1, second_share=0.25):
    shares = np.zeros(fits.shape) if shares is None else shares
    return match_topics(fits, null, shares, false_discovery_rate=rate, second_share=second_share)


def noise(seed, n_topics, n_themes, n_draws=500):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_topics, n_themes)), rng.normal(size=(n_topics, n_draws))


def test_a_clear_theme_is_matched_and_the_others_are_not():
    fits = np.array([[5.0, 0.1, -0.2], [0.0, 0.3, 0.1]])
    found = matched(fits, np.stack([DRAWS, DRAWS]))
    assert found.matched.tolist() == [[True, False, False], [False, False, False]]
    assert found.percentile[0, 0] == 1


def test_q_values_are_those_of_benjamini_and_hochberg():
    # Counted chances of 51, 101, 151 and 201 in 502; q is p times four over its rank.
    found = matched(DRAWS[[[-50, -100], [-150, -200]]], np.stack([DRAWS, DRAWS]))
    p = np.array([51, 101, 151, 201]) / 502
    assert found.p_value.ravel() == pytest.approx(p)
    assert found.q_value.ravel() == pytest.approx([p[3], p[3], p[3], p[3]])
    spread = matched(DRAWS[[[-12, -400], [-401, -402]]], np.stack([DRAWS, DRAWS]))
    assert spread.q_value[0, 0] == pytest.approx(4 * 13 / 502)


def test_a_second_theme_is_matched_where_enough_comments_have_it_and_it_fits_too():
    fits = np.array([[5.0, 4.0, 0.0]])
    for share, wanted in ((0.24, [True, False, False]), (0.25, [True, True, False])):
        shares = np.array([[0.4, share, 0.35]])
        assert matched(fits, DRAWS[None], shares).matched[0].tolist() == wanted


def test_the_best_theme_is_matched_even_if_no_comment_has_it_for_its_main_one():
    assert matched(np.array([[5.0, 0.0]]), DRAWS[None], np.array([[0.0, 1.0]])).matched.tolist() == [[True, False]]


def test_the_first_of_two_themes_that_fit_alike_is_the_best():
    assert matched(np.array([[5.0, 5.0]]), DRAWS[None]).matched.tolist() == [[True, False]]
    assert best_or_second(np.full((2, 3), 0.1), np.zeros((2, 3)), 0.5).tolist() == [[True, False, False]] * 2


def test_the_fit_that_is_needed_tells_the_significant_from_the_others():
    for seed in range(10):
        fits, null = noise(seed, 6, 4)
        fits[:3, 0] += 4
        found = matched(fits, null)
        significant = found.q_value <= 0.1
        assert significant.any()
        np.testing.assert_array_equal(fits >= found.critical[:, None] - 1e-12, significant)


def test_where_nothing_is_significant_the_fit_that_is_needed_is_beyond_all_fits():
    found = matched(np.zeros((2, 3)), np.stack([DRAWS, DRAWS]))
    assert not found.matched.any()
    assert (found.critical > 0.9).all()


@pytest.mark.parametrize("n_themes", [pytest.param(2, marks=pytest.mark.slow), 7])
def test_pure_noise_has_a_match_in_no_larger_a_share_of_runs_than_the_rate_says(n_themes, monkeypatch):
    rng = np.random.default_rng(11)
    nulls = rng.normal(size=(100, 500))
    # Each null's tail is fitted once; which topics it meets in a run is drawn.
    tails = {draws[0]: Tail.of(draws) for draws in nulls}
    monkeypatch.setattr(Tail, "of", lambda draws: tails[draws[0]])
    hits = [
        matched(rng.normal(size=(25, n_themes)), rng.permutation(nulls)[:25], np.ones((25, n_themes))).matched.any()
        for _ in range(500)
    ]
    # The tail errs on the safe side.
    assert 0.002 < np.mean(hits) < 0.14


def test_without_topics_nothing_is_matched():
    found = matched(np.zeros((0, 3)), np.zeros((0, 1)))
    assert found.matched.shape == found.q_value.shape == (0, 3)
    assert found.critical.shape == (0,)


def test_pseudo_themes_that_are_all_alike_match_nothing_that_fits_no_better():
    assert not matched(np.full((2, 3), 0.4), np.full((2, 100), 0.4)).matched.any()


@given(
    fits=arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 4)), elements=st.floats(-1, 1)),
    seed=st.integers(0, 5),
)
def test_chances_are_chances_and_matches_significant(fits, seed):
    null = np.random.default_rng(seed).uniform(-1, 1, size=(len(fits), 100))
    found = matched(fits, null, np.full(fits.shape, 1.0))
    for values in (found.p_value, found.q_value, found.percentile):
        assert ((values >= 0) & (values <= 1)).all()
    assert (found.q_value >= found.p_value - 1e-12).all()
    np.testing.assert_array_equal(found.matched, found.q_value <= 0.1)


def test_a_topics_mean_is_that_of_its_comments_and_leaves_out_those_in_none():
    values = np.array([[1.0, 0.0], [3.0, 2.0], [9.0, 9.0], [5.0, 7.0]])
    assert topic_means(values, np.array([1, 1, -1, 0]), 2).tolist() == [[5.0, 7.0], [2.0, 1.0]]
    assert topic_means(values[:, :0], np.array([1, 1, -1, 0]), 2).shape == (2, 0)
    assert topic_means(values, np.full(4, -1), 0).shape == (0, 2)


# Decoys.


def decoys_of(vectors, phrases, null, codebook, topics, *, n_phrases=2):
    n = len(vectors)
    reading = Reading(vectors, np.arange(n), identity(n, format="csr"), vectors)
    return decoy_rates(
        reading, topics, null, [(codebook, phrases)], n_phrases=n_phrases, nearest_phrases=2, false_discovery_rate=0.1
    )


def test_the_decoy_rate_is_the_share_of_topics_with_a_match(codebook):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:2], 5, axis=0)
    phrases = [np.eye(4, dtype=np.float32)[[0, 0]], np.eye(4, dtype=np.float32)[[3, 3]]]
    null = np.random.default_rng(0).normal(0, 0.05, size=(2, 500))
    rates = decoys_of(vectors, phrases, null, codebook, np.repeat([0, 1], 5))
    assert rates == {codebook.title: 0.5}


def test_a_decoy_theme_is_read_with_no_more_phrases_than_a_pseudo_theme_has(codebook):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:1], 5, axis=0)
    phrases = [np.eye(4, dtype=np.float32)[[2, 3, 0, 0]]] * 2
    null = np.random.default_rng(0).normal(0, 0.05, size=(1, 500))
    for count, rate in ((2, 0.0), (4, 1.0)):
        assert decoys_of(vectors, phrases, null, codebook, np.zeros(5, dtype=int), n_phrases=count) == {
            codebook.title: rate
        }


def test_without_topics_there_are_no_decoy_rates(codebook):
    assert decoys_of(np.eye(4, dtype=np.float32), [], np.zeros((0, 1)), codebook, np.full(4, -1)) == {}
