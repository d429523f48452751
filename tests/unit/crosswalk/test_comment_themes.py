import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.crosswalk.comment_themes import TEMPERATURE, carried_themes, probabilities, without_theme


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


def test_no_theme_fits_where_the_best_is_no_better_than_pseudo_themes():
    fits = np.array([[0.2, 0.5], [0.2, 0.4], [0.2, 0.39]])
    assert without_theme(fits, np.full(3, 0.4), np.zeros((3, 0))).tolist() == [False, True, True]


def test_no_theme_fits_where_a_code_without_a_theme_fits_better():
    fits = np.array([[0.2, 0.5]] * 3)
    rivals = np.array([[0.6, 0.0], [0.5, 0.5], [0.1, 0.4]])
    assert without_theme(fits, None, rivals).tolist() == [True, False, False]
    assert without_theme(fits, np.full(3, 0.45), rivals).tolist() == [True, False, False]


def test_a_corpus_too_small_for_pseudo_themes_gives_every_comment_a_theme():
    assert not without_theme(np.array([[-0.5, -0.9]]), None, np.zeros((1, 0))).any()


def test_pseudo_fits_are_not_changed():
    pseudo = np.array([0.4])
    without_theme(np.array([[0.5, 0.1]]), pseudo, np.array([[0.9]]))
    assert pseudo.tolist() == [0.4]


def test_a_comment_carries_its_main_theme_and_those_that_reach_the_cut():
    probability = np.array([[0.4, 0.3, 0.3], [0.2, 0.29, 0.51], [0.34, 0.33, 0.33]])
    found = carried_themes(probability, np.array([False, False, True]), cut=0.3)
    assert found.main.tolist() == [0, 2, 0]
    assert found.carried.tolist() == [[True, True, True], [False, False, True], [False, False, False]]


def test_the_main_theme_is_carried_however_improbable():
    found = carried_themes(np.full((1, 5), 0.2), np.array([False]), cut=0.9)
    assert found.carried.tolist() == [[True, False, False, False, False]]


def test_no_comments_carry_nothing():
    found = carried_themes(np.zeros((0, 3)), np.zeros(0, dtype=bool), cut=0.3)
    assert found.carried.shape == (0, 3)
    assert found.main.shape == (0,)
