import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import identity

from pipeline.crosswalk.fit import Reading
from pipeline.crosswalk.matching import decoy_rates, match_topics, own_shares, topic_means
from pipeline.crosswalk.tail import Tail

DRAWS = np.linspace(-1, 1, 501)


FAR_BELOW = -9.0


def matched(fits, null, shares=None, *, shuffled=None, rate=0.1):
    shares = np.eye(fits.shape[1])[fits.argmax(axis=1)] if shares is None else shares
    shuffled = np.full((len(fits), 20), FAR_BELOW) if shuffled is None else shuffled
    return match_topics(fits, null, shuffled, shares, false_discovery_rate=rate)


def noise(seed, n_topics, n_themes, n_draws=500):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_topics, n_themes)), rng.normal(size=(n_topics, n_draws))


def test_a_clear_theme_passes_and_an_ordinary_one_does_not():
    fits = np.array([[5.0, 0.1, -0.2], [0.0, 0.3, 0.1]])
    found = matched(fits, np.stack([DRAWS, DRAWS]))
    assert found.nearest.tolist() == [0, 1]
    assert found.passed.tolist() == [True, False]
    assert found.percentile[0, 0] == 1


def test_q_values_are_those_of_benjamini_and_hochberg_over_the_nearest_themes():
    # Counted chances of 51 and 151 in 502; q is p times two over its rank.
    found = matched(DRAWS[[[-50, -100], [-150, -200]]], np.stack([DRAWS, DRAWS]))
    p = np.array([51, 101, 151, 201]) / 502
    assert found.p_value.ravel() == pytest.approx(p)
    assert found.q_value[:, 0] == pytest.approx([2 * p[0], p[2]])
    assert np.isnan(found.q_value[:, 1]).all()


def test_the_nearest_theme_is_the_one_that_most_comments_have_for_their_main_one():
    found = matched(np.array([[5.0, 4.0]]), DRAWS[None], np.array([[0.4, 0.6]]))
    assert found.nearest.tolist() == [1]
    assert found.passed.tolist() == [True]
    even = matched(np.array([[4.0, 5.0]]), DRAWS[None], np.array([[0.5, 0.5]]))
    assert even.nearest.tolist() == [1]


def test_a_theme_that_too_few_comments_have_does_not_pass():
    for share, passes in ((0.49, False), (0.5, True)):
        found = matched(np.array([[5.0, 0.0, 0.0]]), DRAWS[None], np.array([[share, 0.3, 0.2]]))
        assert found.passed.tolist() == [passes]


def test_a_theme_that_the_codebooks_phrases_in_disorder_reach_does_not_pass():
    # Of 99 shuffled codebooks 9, or 10, have a theme that stands out as clearly.
    for reached, passes in ((9, True), (10, False)):
        shuffled = np.where(np.arange(99) < reached, 5.0, 0.0)[None]
        found = matched(np.array([[5.0, 0.0]]), DRAWS[None], shuffled=shuffled)
        assert found.p_shuffled[0, 0] == pytest.approx((1 + reached) / 100)
        assert found.passed.tolist() == [passes]


def test_the_fit_that_a_rerun_needs_is_that_of_one_test():
    found = matched(np.array([[0.9, 0.0]] * 3), np.stack([DRAWS] * 3))
    assert found.critical == pytest.approx(np.full(3, Tail.of(DRAWS).value_at(0.1)))


def test_a_theme_is_asked_how_far_it_stands_out_from_the_others():
    # Both topics fit their theme alike; the second fits all themes nearly as well.
    fits = np.array([[5.0, 1.0, 0.0], [5.0, 4.9, 4.8]])
    found = matched(fits, np.stack([DRAWS, DRAWS]), shuffled=np.full((2, 99), 3.0))
    assert found.beats_shuffled[:, 0].tolist() == [True, False]
    assert found.passed.tolist() == [True, False]


@pytest.mark.slow
@pytest.mark.parametrize("n_themes", [2, 7])
def test_pure_noise_passes_in_no_larger_a_share_of_runs_than_the_rate_says(n_themes, monkeypatch):
    """Whichever theme is nearest by chance, only it is asked."""
    rng = np.random.default_rng(11)
    nulls = rng.normal(size=(100, 500))
    # Each null's tail is fitted once; which topics it meets in a run is drawn.
    tails = {draws[0]: Tail.of(draws) for draws in nulls}
    monkeypatch.setattr(Tail, "of", lambda draws: tails[draws[0]])
    hits = [
        matched(
            rng.normal(size=(25, n_themes)), rng.permutation(nulls)[:25],
            np.eye(n_themes)[rng.integers(n_themes, size=25)],
        ).passed.any()
        for _ in range(500)
    ]  # fmt: skip
    # The tail errs on the safe side.
    assert 0.002 < np.mean(hits) < 0.14


def test_without_topics_nothing_is_matched():
    found = matched(np.zeros((0, 3)), np.zeros((0, 1)))
    assert found.passed.shape == (0,)
    assert found.q_value.shape == (0, 3)
    assert found.critical.shape == (0,)


def test_pseudo_themes_that_are_all_alike_match_nothing_that_fits_no_better():
    assert not matched(np.full((2, 3), 0.4), np.full((2, 100), 0.4)).passed.any()


def test_a_share_is_of_the_comments_with_a_theme_and_weighs_them():
    main, topics = np.array([0, 1, 1, 0]), np.array([0, 0, 0, -1])
    shares = own_shares(main, np.array([False, False, True, False]), topics, np.array([3.0, 1.0, 9.0, 9.0]), (2, 2))
    assert shares.tolist() == [[0.75, 0.25], [0.0, 0.0]]


@pytest.mark.thorough
@given(
    fits=arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(2, 4)), elements=st.floats(-1, 1)),
    seed=st.integers(0, 5),
)
def test_chances_are_chances_and_what_passes_is_significant(fits, seed):
    null = np.random.default_rng(seed).uniform(-1, 1, size=(len(fits), 100))
    found = matched(fits, null)
    asked = np.arange(len(fits)), found.nearest
    for values in (found.p_value, found.q_value[asked], found.percentile, found.p_shuffled):
        assert ((values >= 0) & (values <= 1)).all()
    assert (found.q_value[asked] >= found.p_value[asked] - 1e-12).all()
    np.testing.assert_array_equal(found.passed, found.q_value[asked] <= 0.1)


def test_a_topics_mean_is_that_of_its_comments_and_leaves_out_those_in_none():
    values = np.array([[1.0, 0.0], [3.0, 2.0], [9.0, 9.0], [5.0, 7.0]])
    assert topic_means(values, np.array([1, 1, -1, 0]), 2).tolist() == [[5.0, 7.0], [2.0, 1.0]]
    weighed = topic_means(values, np.array([1, 1, -1, 0]), 2, np.array([3.0, 1.0, 1.0, 1.0]))
    assert weighed.tolist() == [[5.0, 7.0], [1.5, 0.5]]
    assert topic_means(values[:, :0], np.array([1, 1, -1, 0]), 2).shape == (2, 0)
    assert topic_means(values, np.full(4, -1), 0).shape == (0, 2)


# Decoys.


def decoys_of(vectors, phrases, null, codebook, topics, *, n_phrases=4):
    n = len(vectors)
    reading = Reading(vectors, np.arange(n), identity(n, format="csr"), vectors)
    return decoy_rates(
        reading, topics, np.ones(n), null, [(codebook, phrases)], n_phrases=n_phrases, nearest_phrases=4,
        false_discovery_rate=0.1, seed=1,
    )  # fmt: skip


def test_the_decoy_rate_is_the_share_of_topics_with_a_match(codebook):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:2], 5, axis=0)
    phrases = [np.eye(4, dtype=np.float32)[[0] * 4], np.eye(4, dtype=np.float32)[[3] * 4]]
    null = np.random.default_rng(0).normal(0, 0.05, size=(2, 500))
    rates = decoys_of(vectors, phrases, null, codebook, np.repeat([0, 1], 5))
    assert rates == {codebook.title: 0.5}


def test_a_decoy_that_fits_as_well_in_disorder_matches_nothing(codebook):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:1], 5, axis=0)
    phrases = [np.eye(4, dtype=np.float32)[[0] * 4]] * 2
    null = np.random.default_rng(0).normal(0, 0.05, size=(1, 500))
    assert decoys_of(vectors, phrases, null, codebook, np.zeros(5, dtype=int)) == {codebook.title: 0.0}


def test_a_decoy_theme_is_read_with_no_more_phrases_than_a_pseudo_theme_has(codebook):
    vectors = np.repeat(np.eye(4, dtype=np.float32)[:1], 5, axis=0)
    phrases = [np.eye(4, dtype=np.float32)[[2, 3, 0, 0, 0, 0]], np.eye(4, dtype=np.float32)[[3] * 6]]
    null = np.random.default_rng(0).normal(0, 0.05, size=(1, 500))
    for count, rate in ((2, 0.0), (6, 1.0)):
        assert decoys_of(vectors, phrases, null, codebook, np.zeros(5, dtype=int), n_phrases=count) == {
            codebook.title: rate
        }


def test_without_topics_there_are_no_decoy_rates(codebook):
    assert decoys_of(np.eye(4, dtype=np.float32), [], np.zeros((0, 1)), codebook, np.full(4, -1)) == {}
