import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pipeline.crosswalk.comment_themes import calibrated_cut
from pipeline.crosswalk.learning import FEWEST, FEWEST_OF_EACH, learn_themes, learn_what_speaks

DIMENSIONS = 12


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def corpus(n_themes=3, n_comments=90, *, spread=0.3, seed=0):
    """Comments about themes, and the themes' phrases."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(n_themes, DIMENSIONS)))
    truth = np.arange(n_comments) % n_themes
    vectors = unit(centres[truth] + spread * rng.normal(size=(n_comments, DIMENSIONS)))
    phrases = [unit(centre + spread * rng.normal(size=(4, DIMENSIONS))) for centre in centres]
    return vectors, truth, phrases


def flat(n_comments, n_themes):
    return np.full((n_comments, n_themes), 1 / n_themes)


def test_what_people_coded_is_learned():
    vectors, truth, phrases = corpus()
    # The codebook takes each theme for the next one, and people put it right.
    wrong = np.eye(3)[(truth + 1) % 3] * 0.4 + 0.2
    coded = np.arange(60)
    found = learn_themes(vectors, wrong, phrases, coded, truth[coded], seed=1)
    assert found.n_coded == 60
    assert found.accuracy[0] == found.macro_f1[0] == 0
    assert found.accuracy[1] > 0.9
    assert found.macro_f1[1] > 0.9
    assert found.codebook_weight == 0.5
    assert np.mean(found.probability[60:].argmax(axis=1) == truth[60:]) > 0.9


def test_what_phrases_do_not_say_is_learned_from_the_coded_comments():
    vectors, truth, phrases = corpus()
    alike = [phrases[0]] * 3
    found = learn_themes(vectors, flat(90, 3), alike, np.arange(60), truth[:60], seed=1)
    assert found.accuracy[1] > 0.8
    assert np.mean(found.probability[60:].argmax(axis=1) == truth[60:]) > 0.8


def test_codes_without_sense_lower_the_figures_they_are_measured_by():
    rng = np.random.default_rng(2)
    # So many dimensions that a classifier can remember every comment that it has seen.
    vectors, phrases = unit(rng.normal(size=(90, 200))), [unit(rng.normal(size=(4, 200))) for _ in range(3)]
    coded = np.arange(60)
    found = learn_themes(vectors, flat(90, 3), phrases, coded, rng.integers(3, size=60), seed=1)
    assert found.accuracy[1] < 0.6


def test_a_codebook_that_is_right_counts_more():
    vectors, truth, phrases = corpus(spread=2.0)
    right = np.eye(3)[truth] * 0.8 + 0.1
    coded = np.arange(40)
    found = learn_themes(vectors, right / right.sum(axis=1, keepdims=True), phrases, coded, truth[coded], seed=1)
    assert found.codebook_weight == 2.0
    assert found.accuracy[0] == 1.0


@pytest.mark.thorough
def test_the_fewest_comments_are_enough_and_equal_seeds_give_the_same():
    vectors, truth, phrases = corpus()
    coded = np.arange(FEWEST)
    first, again = (learn_themes(vectors, flat(90, 3), phrases, coded, truth[coded], seed=4) for _ in range(2))
    assert first.n_coded == FEWEST
    np.testing.assert_array_equal(first.probability, again.probability)
    assert first.accuracy == again.accuracy
    assert first.probability.sum(axis=1) == pytest.approx(np.ones(90))


def test_themes_that_nobody_coded_keep_a_chance():
    vectors, truth, phrases = corpus()
    coded = np.flatnonzero(truth == 0)[:FEWEST]
    found = learn_themes(vectors, flat(90, 3), phrases, coded, truth[coded], seed=1)
    assert (found.probability > 0).all()
    # Their phrases are comments of theirs, so that they are still told apart.
    assert np.mean(found.probability.argmax(axis=1) == truth) > 0.8
    assert found.macro_f1[1] == pytest.approx(2 * found.accuracy[1] / (1 + found.accuracy[1]))


def test_a_theme_coded_once_is_missing_from_some_folds_and_does_no_harm():
    vectors, truth, phrases = corpus()
    coded = np.r_[np.flatnonzero(truth == 0)[:12], np.flatnonzero(truth == 1)[:12], np.flatnonzero(truth == 2)[:1]]
    found = learn_themes(vectors, flat(90, 3), phrases, coded, truth[coded], seed=1)
    assert found.probability.shape == (90, 3)
    assert found.accuracy[1] > 0.8


def test_a_codebook_of_two_themes_by_name_alone_is_learned_with():
    vectors, truth, phrases = corpus(n_themes=2)
    named = [np.vstack([said[:1], said[:1]]) for said in phrases]
    coded = np.arange(30)
    found = learn_themes(vectors, flat(90, 2), named, coded, truth[coded], seed=1)
    assert found.probability.shape == (90, 2)
    assert np.mean(found.probability.argmax(axis=1) == truth) > 0.9


def test_a_codebook_that_is_certain_can_be_overruled():
    vectors, truth, phrases = corpus(spread=0.1)
    certain = np.eye(3)[(truth + 1) % 3].astype(float)
    found = learn_themes(vectors, certain, phrases, np.arange(60), truth[:60], seed=1)
    assert np.isfinite(found.probability).all()
    assert (found.probability[np.arange(90), truth] > 0).all()


@pytest.mark.thorough
@settings(max_examples=3)
@given(themes=st.lists(st.integers(0, 2), min_size=FEWEST, max_size=30), seed=st.integers(0, 3))
def test_whatever_the_codes_chances_are_chances(themes, seed):
    vectors, _, phrases = corpus(n_comments=40)
    vectors[3] = 0
    found = learn_themes(
        vectors, flat(40, 3), phrases, np.arange(len(themes)), np.array(themes, dtype=np.int64), seed=seed
    )
    assert found.probability.sum(axis=1) == pytest.approx(np.ones(40))
    assert all(0 <= figure <= 1 for figure in (*found.accuracy, *found.macro_f1))


def with_and_without(n_comments=200, *, seed=3):
    """Comments of which a third have no theme: they lie elsewhere, and the codebook's score says a little of it."""
    rng = np.random.default_rng(seed)
    has_theme = np.arange(n_comments) % 3 > 0
    vectors = unit(rng.normal(size=(n_comments, DIMENSIONS)) + 2.0 * has_theme[:, None] * np.eye(DIMENSIONS)[0])
    return vectors, has_theme, has_theme + 3.0 * rng.normal(size=n_comments)


def told_apart(has_theme, scores):
    return roc_auc_score(has_theme, scores)


def test_what_has_no_theme_is_learned_from_codes_of_none():
    vectors, has_theme, speaks = with_and_without()
    coded, rest = np.arange(80), np.arange(80, 200)
    learned, unseen = learn_what_speaks(speaks, vectors, coded, has_theme[coded], seed=1)
    assert told_apart(has_theme[rest], learned[rest]) > told_apart(has_theme[rest], speaks[rest]) + 0.1
    # A coded comment is scored by what had not seen it: no better than the others are.
    assert told_apart(has_theme[coded], unseen) < told_apart(has_theme[coded], learned[coded])


def test_without_a_score_by_the_codebook_vectors_alone_are_learned_from():
    vectors, has_theme, speaks = with_and_without()
    learned, _ = learn_what_speaks(np.full_like(speaks, np.inf), vectors, np.arange(80), has_theme[:80], seed=1)
    assert told_apart(has_theme[80:], learned[80:]) > 0.8


def test_too_few_codes_of_none_leave_the_score_as_it_was():
    vectors, has_theme, speaks = with_and_without()
    coded = np.r_[np.flatnonzero(has_theme)[:60], np.flatnonzero(~has_theme)[: FEWEST_OF_EACH - 1]]
    learned, unseen = learn_what_speaks(speaks, vectors, coded, has_theme[coded], seed=1)
    assert np.array_equal(learned, speaks)
    assert np.array_equal(unseen, speaks[coded])


@pytest.mark.slow
def test_at_most_a_fifth_of_comments_with_a_theme_are_lost_by_the_cut_that_codes_set():
    """The promise of the cut, over many surveys and draws of coded comments."""
    lost = []
    for seed in range(300):
        vectors, has_theme, speaks = with_and_without(300, seed=seed)
        coded = np.random.default_rng(seed).choice(300, 90, replace=False)
        learned, unseen = learn_what_speaks(speaks, vectors, coded, has_theme[coded], seed=seed)
        cut = calibrated_cut(unseen[has_theme[coded]], 0.2)
        others = np.setdiff1d(np.flatnonzero(has_theme), coded)
        lost.append(np.mean(learned[others] <= cut))
    assert np.mean(lost) <= 0.2 + 2 * np.std(lost) / np.sqrt(len(lost))
    assert np.mean(lost) > 0.1
