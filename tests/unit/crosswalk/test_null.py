import numpy as np
import pytest
from scipy.sparse import identity

from pipeline.crosswalk import null, pseudo_themes
from pipeline.crosswalk.fit import Reading
from pipeline.crosswalk.matching import topic_means
from pipeline.crosswalk.null import contrasts, percentiles, shuffled_null, topic_null, typical_phrases
from pipeline.crosswalk.tail import Tail
from tests.pseudo_themes import comment_null, part_null


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def reading_of(vectors):
    """Comments of one sentence each, each read alone."""
    n = len(vectors)
    return Reading(vectors, np.arange(n), identity(n, format="csr"), vectors)


def clusters(sizes, *, dimensions=24, spread=0.25, seed=0):
    """Comments about as many things as there are sizes, all of them in the style of one survey."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(sizes), dimensions)) + rng.normal(size=dimensions)
    topics = np.repeat(np.arange(len(sizes)), sizes)
    noise = rng.normal(size=(len(topics), dimensions)) * spread * np.sqrt(dimensions) / 2
    return unit(centres[topics] + noise), topics.astype(np.int64)


def null_of(reading, topics, n_topics, *, n_phrases=6, nearest_phrases=2, n_pseudo=200, seed=1):
    return topic_null(
        reading, topics, n_topics, np.ones(len(topics)), n_phrases=n_phrases, nearest_phrases=nearest_phrases,
        n_pseudo=n_pseudo, seed=seed,
    )  # fmt: skip


# Pseudo-themes against topics.


def test_equal_seeds_give_equal_pseudo_themes_and_others_do_not():
    vectors, topics = clusters([20, 20, 20])
    first, again, other = (null_of(reading_of(vectors), topics, 3, seed=seed) for seed in (1, 1, 2))
    assert first.shape == (3, 200)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_pseudo_theme_has_no_comment_of_the_topic_that_it_is_fitted_to():
    # Within the topic all comments are one vector, so that any of them would show as a fit of 1.
    vectors, topics = clusters([15, 15, 30], spread=0.2)
    vectors[topics == 0] = vectors[0]
    assert null_of(reading_of(vectors), topics, 3, nearest_phrases=1)[0].max() < 0.999


def test_a_topic_of_most_comments_is_still_fitted_to_comments_outside_it():
    vectors, topics = clusters([160, 40], spread=0.2)
    vectors[topics == 0] = vectors[0]
    assert null_of(reading_of(vectors), topics, 2, nearest_phrases=1)[0].max() < 0.999


def test_a_pseudo_theme_may_hold_comments_in_no_topic_but_not_the_comment_itself():
    vectors, _ = clusters([40], spread=1.0)
    topics = np.full(40, -1)
    topics[:10] = 0
    assert null_of(reading_of(vectors), topics, 1, n_phrases=10, nearest_phrases=1).max() < 0.9999


@pytest.mark.parametrize("rows_at_once", [1, 7])
def test_chunks_do_not_matter(rows_at_once, monkeypatch):
    vectors, topics = clusters([12, 12, 1])
    reading = reading_of(vectors)
    whole, of_comments = null_of(reading, topics, 3), comment_null(reading, n_phrases=4, nearest_phrases=2, seed=3)
    monkeypatch.setattr(pseudo_themes, "_ROWS_AT_ONCE", rows_at_once)
    np.testing.assert_allclose(null_of(reading, topics, 3), whole, atol=1e-6)
    np.testing.assert_allclose(comment_null(reading, n_phrases=4, nearest_phrases=2, seed=3), of_comments, atol=1e-6)


def test_a_topic_of_one_comment_has_fits_that_vary():
    vectors, topics = clusters([20, 20, 1])
    found = null_of(reading_of(vectors), topics, 3)
    assert np.isfinite(found).all()
    assert found[2].std() > 0.01


def test_a_topic_with_many_comments_is_fitted_on_a_sample_of_them():
    vectors, topics = clusters([260, 40])
    found = null_of(reading_of(vectors), topics, 2, n_pseudo=100)
    assert found.shape == (2, 100)
    assert (np.abs(found) <= 1).all()


def test_no_topics_have_no_fits():
    vectors, _ = clusters([20])
    assert null_of(reading_of(vectors), np.full(20, -1), 0).shape == (0, 200)


def test_where_one_topic_holds_everything_pseudo_themes_come_from_it():
    vectors, topics = clusters([40])
    found = null_of(reading_of(vectors), topics, 1)
    assert found.min() > 0
    assert found.std() > 0.001


def test_what_a_pseudo_theme_scores_does_not_sink_with_the_size_of_the_topic():
    # Nothing tells the comments of the topic from others, so that it must not matter how many they are.
    vectors, _ = clusters([400], spread=2.0)
    small, large = (
        null_of(reading_of(vectors), np.where(np.arange(400) < size, 0, -1), 1).mean() for size in (40, 340)
    )
    assert large == pytest.approx(small, abs=0.02)


def test_with_more_phrases_than_comments_all_are_taken():
    vectors, topics = clusters([10, 10])
    found = null_of(reading_of(vectors), topics, 2, n_phrases=50)
    assert np.isfinite(found).all()
    assert (np.abs(found) <= 1).all()


@pytest.mark.parametrize("n_phrases", [1, 2, 6])
def test_where_more_phrases_count_than_there_are_all_of_them_do(n_phrases):
    vectors, topics = clusters([15, 15])
    reading = reading_of(vectors)
    all_of_them, more = (
        null_of(reading, topics, 2, n_phrases=n_phrases, nearest_phrases=count) for count in (n_phrases, 20)
    )
    np.testing.assert_array_equal(more, all_of_them)
    of_comments = [
        comment_null(reading, n_phrases=n_phrases, nearest_phrases=count, seed=1) for count in (n_phrases, 20)
    ]
    np.testing.assert_array_equal(*of_comments)


def test_where_all_comments_of_a_small_corpus_count_the_comment_itself_does_not():
    vectors = np.tile(unit(np.ones((1, 5))), (null.SMALLEST_CORPUS, 1))
    found = comment_null(reading_of(vectors), n_phrases=40, nearest_phrases=20, seed=1)
    assert found == pytest.approx(np.ones(null.SMALLEST_CORPUS))


def test_equal_comments_and_a_zero_vector_are_no_trouble():
    vectors = np.tile(unit(np.ones((1, 5))), (30, 1))
    vectors[4] = 0
    topics = np.repeat([0, 1, -1], 10)
    assert np.isfinite(null_of(reading_of(vectors), topics, 2)).all()
    assert np.isfinite(comment_null(reading_of(vectors), n_phrases=6, nearest_phrases=2, seed=1)).all()


def test_a_theme_of_a_topics_own_comments_is_rare_and_one_of_other_comments_ordinary():
    rng = np.random.default_rng(4)
    vectors, topics = clusters([30] * 8, spread=0.9)
    reading = reading_of(vectors)
    draws = null_of(reading, topics, 8)
    ordinary = []
    for topic in range(8):
        tail = Tail.of(draws[topic])
        others = np.flatnonzero(topics != topic)
        themes = [vectors[np.flatnonzero(topics == topic)[:6]]]
        themes += [vectors[rng.choice(others, 6, replace=False)] for _ in range(50)]
        p = tail.p_values(topic_means(reading.fits(themes, 2), topics, 8)[topic])
        assert p[0] < 0.005
        ordinary.append(p[1:])
    p = np.concatenate(ordinary)
    assert 0.4 < p.mean() < 0.6
    assert 0.02 < (p <= 0.05).mean() < 0.09


# Pseudo-themes against comments.


def test_the_mean_fit_to_a_comment_leaves_out_the_comment_itself():
    vectors = np.eye(30, dtype=np.float32)
    assert comment_null(reading_of(vectors), n_phrases=6, nearest_phrases=2, seed=1) == pytest.approx(np.zeros(30))


def test_the_mean_fit_to_a_comment_of_equal_comments_is_one():
    vectors = np.tile(unit(np.ones((1, 5))), (25, 1))
    assert comment_null(reading_of(vectors), n_phrases=40, nearest_phrases=2, seed=1) == pytest.approx(np.ones(25))


def test_a_comment_like_the_rest_has_a_higher_mean_fit_than_a_stranger():
    vectors, _ = clusters([39], spread=0.3)
    vectors = np.vstack([vectors, -vectors[:1]])
    found = comment_null(reading_of(vectors), n_phrases=6, nearest_phrases=2, seed=1)
    assert found.argmin() == 39
    assert found[:39].min() > found[39] + 0.3


# The rest.


def test_a_percentile_is_the_share_of_pseudo_themes_beaten():
    assert percentiles(np.array([[0.0, 0.25, 9.0]]), np.array([[0.1, 0.2, 0.3, 0.25]])).tolist() == [[0.0, 0.5, 1.0]]


def test_the_typical_number_of_phrases_is_the_median_and_at_least_two():
    def said(*counts):
        return [np.zeros((count, 3), dtype=np.float32) for count in counts]

    assert typical_phrases(said(2, 7, 30)) == 7
    assert typical_phrases(said(2, 3)) == 2
    assert typical_phrases(said(1, 1)) == 2


# Pseudo-themes made of parts.


def test_a_part_is_no_phrase_of_what_another_part_of_its_comment_is_fitted_to():
    vectors, _ = clusters([20, 20], spread=0.6)
    # Every comment says the same thing twice.
    doubled = np.repeat(vectors, 2, axis=0)
    reading = Reading(doubled, np.repeat(np.arange(40), 2), identity(40, format="csr"), vectors)
    found = part_null(reading, n_phrases=30, nearest_phrases=1, seed=1)
    assert found.shape == (80,)
    assert found.max() < 0.999
    np.testing.assert_array_equal(found, part_null(reading, n_phrases=30, nearest_phrases=1, seed=1))


# The codebook with its phrases shuffled.


def shuffled_of(vectors, topics, n_topics, phrases, **changed):
    settings = {"nearest_phrases": 2, "n_shuffled": 200, "seed": 1} | changed
    return shuffled_null(reading_of(vectors), topics, n_topics, np.ones(len(topics)), phrases, **settings)


def test_a_theme_in_order_fits_its_topic_better_than_its_phrases_in_disorder():
    vectors, topics = clusters([20] * 6)
    centres = [vectors[topics == topic].mean(axis=0) for topic in range(6)]
    rng = np.random.default_rng(3)
    # Each theme has two phrases on each of two topics; no two themes share a topic.
    phrases = [
        unit(np.repeat([centres[2 * theme], centres[2 * theme + 1]], 2, axis=0) + 0.05 * rng.normal(size=(4, 24)))
        for theme in range(3)
    ]
    clearness = contrasts(topic_means(reading_of(vectors).fits(phrases, 2), topics, 6))
    found = shuffled_of(vectors, topics, 6, phrases)
    assert found.shape == (6, 200)
    for topic in range(6):
        # Two phrases on a topic come together again in one shuffled codebook in three or four.
        assert (found[topic] >= clearness[topic, topic // 2] - 1e-9).mean() < 0.4


def test_a_contrast_is_a_fit_less_the_mean_of_the_others():
    assert contrasts(np.array([[0.5, 0.1, 0.3]])).tolist() == [pytest.approx([0.3, -0.3, 0.0])]
    assert contrasts(np.array([[0.5], [0.1]])).tolist() == [[0.5], [0.1]]
    several = np.random.default_rng(0).normal(size=(4, 3, 6))
    np.testing.assert_allclose(contrasts(several)[:, :, 2], contrasts(several[:, :, 2]))


def test_phrases_in_disorder_reach_a_theme_of_random_phrases_as_often_as_chance_says():
    """A codebook without order is none: its best theme is beaten by one shuffled codebook in two, and p is uniform."""
    vectors, topics = clusters([30] * 4, spread=0.4)
    shares = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        phrases = [unit(vectors[rng.choice(120, 5)] + 0.1 * rng.normal(size=(5, 24))) for _ in range(3)]
        best = contrasts(topic_means(reading_of(vectors).fits(phrases, 2), topics, 4)).max(axis=1)
        found = shuffled_of(vectors, topics, 4, phrases, n_shuffled=100, seed=seed)
        shares += ((1 + (found >= best[:, None] - 1e-12).sum(axis=1)) / 101).tolist()
    assert np.mean(np.array(shares) <= 0.1) < 0.15


@pytest.mark.parametrize("rows_at_once", [1, 7])
def test_chunks_do_not_matter_to_phrases_in_disorder(rows_at_once, monkeypatch):
    vectors, topics = clusters([12, 12, 1])
    phrases = [vectors[:4], vectors[12:15]]
    whole = shuffled_of(vectors, topics, 3, phrases, n_shuffled=20)
    monkeypatch.setattr(null, "_ROWS_AT_ONCE", rows_at_once)
    np.testing.assert_allclose(shuffled_of(vectors, topics, 3, phrases, n_shuffled=20), whole, atol=1e-6)
