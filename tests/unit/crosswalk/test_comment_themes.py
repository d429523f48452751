import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import identity

from pipeline.crosswalk.choice import Choice
from pipeline.crosswalk.comment_themes import (
    TEMPERATURE,
    CommentThemes,
    calibrated_cut,
    carried_themes,
    probabilities,
    theme_scores,
    with_learned,
)


def test_a_lead_of_one_temperature_makes_a_theme_e_times_as_probable():
    chance = probabilities(np.array([[0.5, 0.5 - TEMPERATURE]]))
    assert chance[0] == pytest.approx([np.e / (1 + np.e), 1 / (1 + np.e)])


def test_themes_that_fit_alike_are_alike_probable():
    assert probabilities(np.full((2, 4), 0.3)) == pytest.approx(np.full((2, 4), 0.25))


@given(fits=arrays(np.float64, st.tuples(st.integers(0, 4), st.integers(2, 5)), elements=st.floats(-1, 1)))
def test_probabilities_add_up_to_one_and_keep_the_order(fits):
    chance = probabilities(fits)
    assert chance.sum(axis=1) == pytest.approx(np.ones(len(fits)))
    # Differences too small for a digit of the probability are lost.
    rows, first, second = np.nonzero(fits[:, :, None] > fits[:, None, :] + 1e-9)
    assert (chance[rows, first] > chance[rows, second]).all()


def choice_of(fits, rivals=None, lead=None):
    fits = np.array(fits, dtype=float)
    rivals = np.zeros((len(fits), 0)) if rivals is None else np.array(rivals, dtype=float)
    return Choice(fits, rivals, None if lead is None else np.array(lead, dtype=float), None)


def test_little_speaks_for_a_theme_where_a_rival_fits_as_well():
    choice = choice_of([[0.2, 0.5]] * 3, rivals=[[0.6, 0.0], [0.5, 0.1], [0.1, 0.4]], lead=[[9.0, 9.0]] * 3)
    assert (theme_scores(choice, identity(3, format="csr")) > 0).tolist() == [False, False, True]


def test_without_rivals_a_theme_must_lead_the_pseudo_themes():
    choice = choice_of([[0.2, 0.5]] * 2, lead=[[-0.1, 0.1], [-0.1, -0.05]])
    assert theme_scores(choice, identity(2, format="csr")) == pytest.approx([0.1, -0.05])


def test_a_corpus_too_small_for_pseudo_themes_gives_every_comment_its_best_theme():
    choice = choice_of([[-0.5, -0.9], [-0.9, -0.5]])
    scores = theme_scores(choice, identity(2, format="csr"))
    assert (scores == np.inf).all()
    found = carried_themes(choice, np.arange(2), probabilities(choice.fits), scores <= 0, part_lead=0.02)
    assert found.carried.tolist() == [[True, False], [False, True]]


def carried(lead, owner, without=None, fits=None):
    choice = choice_of(lead if fits is None else fits, lead=lead)
    n = max(owner) + 1
    probability = np.full((n, len(lead[0])), 1 / len(lead[0]))
    without = np.zeros(n, dtype=bool) if without is None else np.array(without)
    return carried_themes(choice, np.array(owner), probability, without, part_lead=0.02)


def test_a_comment_carries_every_theme_that_a_part_of_it_shows():
    found = carried([[0.1, 0.0], [0.0, 0.1], [0.1, 0.05], [0.01, 0.0]], [0, 0, 1, 2])
    assert found.carried.tolist() == [[True, True], [True, False], [False, False]]
    assert found.has_none.tolist() == [False, False, True]


def test_a_part_shows_its_best_theme_and_no_other_that_leads_too():
    found = carried([[0.5, 0.4]], [0], fits=[[0.1, 0.2]])
    assert found.carried.tolist() == [[False, True]]


def test_too_little_for_any_theme_overrules_the_parts():
    assert not carried([[0.9, 0.1]], [0], without=[True]).carried.any()


def test_the_main_theme_is_one_that_is_carried():
    choice = choice_of([[0.1, 0.0, 0.0], [0.0, 0.1, 0.0]], lead=[[0.1, 0.0, 0.0], [0.0, 0.1, 0.0]])
    found = carried_themes(
        choice, np.array([0, 0]), np.array([[0.2, 0.3, 0.5]]), np.zeros(1, dtype=bool), part_lead=0.02
    )
    assert found.main.tolist() == [1]


def test_what_codes_taught_sets_the_main_theme_and_leaves_what_it_finds_probable():
    known = CommentThemes(
        np.full((2, 3), 1 / 3), np.array([0, 0]), np.array([False, True]), np.array([[True, True, False], [False] * 3])
    )
    found = with_learned(known, np.array([[0.1, 0.35, 0.55], [0.2, 0.2, 0.6]]))
    assert found.main.tolist() == [2, 2]
    assert found.carried.tolist() == [[False, True, True], [False, False, False]]


def test_few_comments_with_a_theme_are_lost_to_a_calibrated_cut():
    """The promise of conformal risk control, simulated: on average over draws, whatever the distribution."""
    rng = np.random.default_rng(0)
    for draw in (rng.normal, rng.exponential):
        lost = [np.mean(draw(size=2_000) <= calibrated_cut(draw(size=30), 0.2)) for _ in range(2_000)]
        assert 0.15 < np.mean(lost) < 0.205


def test_too_few_codes_promise_nothing():
    assert calibrated_cut(np.array([0.1, 0.2, 0.3]), 0.2) == -np.inf


def test_no_comments_carry_nothing():
    choice = choice_of(np.zeros((0, 3)), lead=np.zeros((0, 3)))
    nothing = np.zeros(0, dtype=np.int64)
    found = carried_themes(choice, nothing, np.zeros((0, 3)), np.zeros(0, dtype=bool), part_lead=0.02)
    assert found.carried.shape == (0, 3)
    assert found.main.shape == (0,)
