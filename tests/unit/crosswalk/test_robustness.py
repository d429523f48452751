import warnings

import numpy as np
import pytest
from scipy.sparse import identity

from pipeline.crosswalk import robustness
from pipeline.crosswalk.choice import combined_fits
from pipeline.crosswalk.fit import Reading
from pipeline.crosswalk.matching import match_topics, own_shares, topic_means
from pipeline.crosswalk.null import topic_null
from pipeline.crosswalk.robustness import replicate_decisions
from tests.pseudo_themes import comment_null

DIMENSIONS = 24


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def ground():
    """Six topics of twenty comments; the first is about the first theme."""
    rng = np.random.default_rng(0)
    style = rng.normal(size=DIMENSIONS)
    centres = rng.normal(size=(6, DIMENSIONS)) + style
    topics = np.repeat(np.arange(6), 20)
    vectors = unit(centres[topics] + 0.5 * rng.normal(size=(120, DIMENSIONS)))
    reading = Reading(vectors, np.arange(120), identity(120, format="csr"), vectors)
    # The second theme is of the survey's style and about none of its topics.
    phrases = [unit(middle + 0.5 * rng.normal(size=(6, DIMENSIONS))) for middle in (centres[0], style)]
    null = topic_null(reading, topics, 6, np.ones(120), n_phrases=6, nearest_phrases=2, n_pseudo=200, seed=1)
    pseudo = comment_null(reading, n_phrases=6, nearest_phrases=2, seed=1)
    return reading, topics, null, pseudo, phrases


def decided(ground, *, membership=1.0, n_replicates=60, seed=1, spare=None, has_none=None, progress=None):
    """Matches and their robustness; `spare` sets by how much the first topic fits better than it needs to."""
    reading, topics, null, pseudo, phrases = ground
    n_topics, n_themes = len(null), len(phrases)
    n = len(topics)
    none = np.zeros(n, dtype=bool) if has_none is None else has_none
    main = combined_fits(reading, phrases, n_themes, 2)[1].argmax(axis=1)
    matches = match_topics(
        topic_means(reading.fits(phrases, 2), topics, n_topics),
        null,
        np.full((n_topics, 20), -1.0),
        own_shares(main, none, topics, np.ones(n), (n_topics, n_themes)),
        false_discovery_rate=0.1,
    )
    if spare is not None:
        matches.critical[0] = matches.fits[0, 0] - spare
    firm = replicate_decisions(
        reading, topics, np.full(n, membership), matches, null, null, pseudo, none, phrases,
        nearest_phrases=2, n_replicates=n_replicates, seed=seed, progress=progress,
    )  # fmt: skip
    return matches, firm


@pytest.mark.thorough
def test_a_clear_match_and_a_clear_lack_of_one_come_back(ground):
    matches, firm = decided(ground)
    assert matches.passed[0]
    assert matches.nearest[0] == 0
    assert firm.matched[0, 0] > 0.95
    assert firm.unmapped[0] < 0.05
    far = (matches.fits < matches.critical[:, None] - 0.03).all(axis=1)
    assert far.any()
    assert not matches.passed[far].any()
    assert (firm.unmapped[far] > 0.9).all()


@pytest.mark.thorough
def test_progress_ends_at_the_number_of_replicates(ground):
    told = []
    decided(ground, progress=lambda *what: told.append(what))
    assert told[-1] == ("re-runs of the decisions", 60, 60)
    assert len(told) == 20


@pytest.mark.thorough
def test_a_borderline_match_comes_back_in_some_replicates_only(ground):
    # The topic needs the very fit that it has.
    _, firm = decided(ground, spare=0.0, n_replicates=100)
    assert 0.1 < firm.matched[0, 0] < 0.9


@pytest.mark.thorough
def test_a_fit_lies_between_its_ends_and_fewer_members_set_them_apart(ground):
    matches, firm = decided(ground, n_replicates=100)
    # Each replicate leaves out a phrase, and the fits lie a little lower for it.
    assert (firm.fit_low < matches.fits).all()
    assert (firm.fit_high > matches.fits - 0.005).all()
    _, looser = decided(ground, n_replicates=100, membership=0.2)
    assert (looser.fit_high - looser.fit_low).mean() > 1.3 * (firm.fit_high - firm.fit_low).mean()


@pytest.mark.thorough
def test_shares_are_shares_and_a_replicate_matches_or_does_not(ground):
    _, firm = decided(ground)
    for share in (firm.matched, firm.unmapped):
        assert ((share >= 0) & (share <= 1)).all()
        assert np.rint(share * 60) == pytest.approx(share * 60)
    assert (firm.matched.max(axis=1) + firm.unmapped <= 1 + 1e-12).all()
    assert (firm.matched.sum(axis=1) + firm.unmapped >= 1 - 1e-12).all()


@pytest.mark.thorough
def test_equal_seeds_give_equal_replicates_and_others_do_not(ground):
    first, again, other = (decided(ground, seed=seed)[1] for seed in (3, 3, 4))
    np.testing.assert_array_equal(first.fit_low, again.fit_low)
    np.testing.assert_array_equal(first.matched, again.matched)
    assert not np.array_equal(first.fit_low, other.fit_low)


@pytest.mark.thorough
def test_a_topic_that_loses_all_its_comments_is_unmapped_and_has_no_fits(ground):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, firm = decided(ground, membership=0.0)
    assert firm.unmapped.tolist() == [1] * 6
    assert not firm.matched.any()
    assert np.isnan(firm.fit_low).all()
    assert np.isnan(firm.fit_high).all()


@pytest.mark.thorough
def test_a_topic_of_one_comment_that_is_often_drawn_no_time_is_often_unmapped(ground):
    reading, _, _, pseudo, phrases = ground
    alone = np.where(np.arange(120) == 0, 0, -1)
    null = topic_null(reading, alone, 1, np.ones(120), n_phrases=6, nearest_phrases=2, n_pseudo=200, seed=1)
    _, firm = decided((reading, alone, null, pseudo, phrases), n_replicates=200, spare=0.2)
    # A Poisson number of mean 1 is 0 with a chance of 1 / e.
    assert firm.unmapped[0] == pytest.approx(1 / np.e, abs=0.1)


def test_themes_that_fit_alike_come_back_as_they_were_decided(ground):
    reading, topics, null, pseudo, phrases = ground
    # Two phrases, so that none is left out and the themes stay equal.
    equal = [phrases[0][:2], phrases[0][:2]]
    matches, firm = decided((reading, topics, null, pseudo, equal))
    assert matches.nearest[0] == 0
    assert matches.passed[0]
    assert firm.matched[0, 1] == 0
    assert firm.matched[0, 0] > 0.9


@pytest.mark.thorough
def test_pseudo_themes_that_are_all_alike_leave_what_a_topic_needs(ground):
    reading, topics, null, pseudo, phrases = ground
    matches, firm = decided((reading, topics, np.full_like(null, 0.99), pseudo, phrases))
    assert not matches.passed.any()
    assert firm.unmapped.tolist() == [1] * 6


@pytest.mark.thorough
def test_a_topic_whose_comments_have_no_theme_is_matched_in_no_rerun(ground):
    _, firm = decided(ground, has_none=ground[1] == 0)
    assert firm.unmapped[0] == 1


@pytest.mark.thorough
def test_comments_in_no_topic_do_not_matter(ground):
    reading, topics, null, pseudo, phrases = ground
    fewer = np.where(topics > 1, -1, topics)
    _, firm = decided((reading, fewer, null[:2], pseudo, phrases))
    changed = pseudo.copy()
    changed[40:] = 5.0
    _, again = decided((reading, fewer, null[:2], changed, phrases))
    np.testing.assert_array_equal(firm.matched, again.matched)


def test_on_several_processes_the_same_is_decided(ground, monkeypatch):
    _, alone = decided(ground)
    monkeypatch.setattr(robustness, "_PARTS_FOR_WORKERS", 1)
    told = []
    _, together = decided(ground, progress=lambda *step: told.append(step))
    for name in ("matched", "unmapped", "fit_low", "fit_high"):
        np.testing.assert_array_equal(getattr(together, name), getattr(alone, name))
    assert told[-1] == ("re-runs of the decisions", 60, 60)
