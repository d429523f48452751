import pickle

import numpy as np
import pytest
from scipy.sparse import identity

from pipeline.crosswalk import fit
from pipeline.crosswalk.choice import choose, combined_fits, from_the_middle
from pipeline.crosswalk.fit import Reading, phrase_fits, seen_from
from tests.pseudo_themes import comment_null

DIMENSIONS = 16


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def ground():
    """Sixty comments about three things in one style, and phrases about the same three."""
    rng = np.random.default_rng(0)
    style = 2 * rng.normal(size=DIMENSIONS)
    centres = rng.normal(size=(3, DIMENSIONS))
    about = np.repeat(np.arange(3), 20)
    vectors = unit(style + centres[about] + 0.6 * rng.normal(size=(60, DIMENSIONS)))
    phrases = [unit(centre - style + 0.4 * rng.normal(size=(5, DIMENSIONS))) for centre in centres]
    return Reading(vectors, np.arange(60), identity(60, format="csr"), vectors), phrases, about


def test_what_comments_share_is_taken_out_before_they_are_compared(ground):
    reading, phrases, about = ground
    centred = seen_from(reading.vectors, reading.middle)
    assert np.linalg.norm(centred, axis=1) == pytest.approx(np.ones(60))
    assert np.linalg.norm(centred.mean(axis=0)) < 0.5 * np.linalg.norm(reading.vectors.mean(axis=0))
    alone = phrase_fits(centred, from_the_middle(phrases, phrases), 2)
    assert (alone.argmax(axis=1) == about).mean() > 0.9


def test_three_readings_together_read_as_a_cosine(ground):
    reading, phrases, about = ground
    alone, found = combined_fits(reading, phrases, 3, 2)
    likeness = phrase_fits(reading.vectors, phrases, 2)
    np.testing.assert_array_equal(alone, likeness)
    assert found.shape == (60, 3)
    assert found.mean(axis=1) == pytest.approx(likeness.mean(axis=1))
    assert (found.argmax(axis=1) == about).mean() > 0.9


def test_a_rival_does_not_move_what_themes_are_measured_from(ground):
    reading, phrases, _ = ground
    rival = unit(np.random.default_rng(1).normal(size=(4, DIMENSIONS)))
    _, found = combined_fits(reading, [*phrases, rival], 3, 2)
    assert found.shape == (60, 4)
    assert found[:, :3].mean(axis=1) == pytest.approx(phrase_fits(reading.vectors, phrases, 2).mean(axis=1))


def test_themes_that_are_all_alike_fit_alike(ground):
    reading, phrases, _ = ground
    _, found = combined_fits(reading, [phrases[0]] * 3, 3, 2)
    assert np.isfinite(found).all()
    assert np.ptp(found, axis=1) == pytest.approx(np.zeros(60), abs=1e-6)


def test_a_theme_leads_pseudo_themes_where_a_comment_is_about_it(ground):
    reading, phrases, about = ground
    found = choose(reading, phrases, [], n_phrases=5, nearest_phrases=2, large_enough=True, seed=1)
    assert found.rivals.shape == (60, 0)
    own = found.lead[np.arange(60), about]
    others = found.lead[np.arange(60), (about + 1) % 3]
    assert own.mean() > others.mean() + 0.2


def in_a_process_of_its_own(work, parts):
    """Work on parts in the other order, each on what was sent and came back as bytes."""
    for place in range(len(parts))[::-1]:
        sent = pickle.loads(pickle.dumps((work, parts[place])))  # noqa: S301
        yield place, pickle.loads(pickle.dumps(sent[0](None, sent[1])))  # noqa: S301


@pytest.mark.parametrize("large_enough", [True, False])
def test_parts_read_in_other_places_are_equal_to_the_last_digit(ground, large_enough: bool, monkeypatch):
    reading, phrases, _ = ground
    monkeypatch.setattr(fit, "ROWS_AT_ONCE", 16)
    asked = {"n_phrases": 5, "nearest_phrases": 2, "large_enough": large_enough, "seed": 1}
    here = choose(reading, phrases[:2], phrases[2:], **asked)
    there = choose(reading, phrases[:2], phrases[2:], **asked, mapper=in_a_process_of_its_own)
    for name in ("fits", "rivals", "lead", "pseudo"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))


def test_parts_cut_elsewhere_are_read_alike(ground, monkeypatch):
    reading, phrases, _ = ground
    asked = {"n_phrases": 5, "nearest_phrases": 2, "large_enough": True, "seed": 1}
    whole = choose(reading, phrases, [], **asked)
    monkeypatch.setattr(fit, "ROWS_AT_ONCE", 7)
    cut = choose(reading, phrases, [], **asked)
    np.testing.assert_allclose(whole.fits, cut.fits, atol=1e-6)
    np.testing.assert_allclose(whole.lead, cut.lead, atol=1e-6)
    np.testing.assert_allclose(whole.pseudo, comment_null(reading, n_phrases=5, nearest_phrases=2, seed=1))


def test_a_corpus_too_small_to_have_a_middle_is_read_as_it_stands(ground):
    reading, phrases, _ = ground
    found = choose(reading, phrases, [], n_phrases=5, nearest_phrases=2, large_enough=False, seed=1)
    assert found.lead is None
    assert np.isfinite(found.fits).all()
