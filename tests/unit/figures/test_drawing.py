"""Texts that fit where they stand, and labels that move apart."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.figures.drawing import (
    brief,
    head_height,
    hidden_said,
    note_of_hidden,
    shortened,
    spread,
    text_width,
    wrapped,
)  # fmt: skip

LETTERS = st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["Cc"])


def test_labels_move_apart_as_little_as_they_must():
    assert spread([1.0, 5.0], [2.0, 2.0], low=0, high=10).tolist() == [1.0, 5.0]
    assert spread([5.0, 5.0], [2.0, 2.0], low=0, high=10).tolist() == [4.0, 6.0]
    assert spread([0.0, 0.0], [2.0, 2.0], low=0, high=10).tolist() == [1.0, 3.0]
    assert spread([10.0, 10.0], [2.0, 4.0], low=0, high=10).tolist() == [5.0, 8.0]
    assert spread([], [], low=0, high=10).tolist() == []


BLOCKS = st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 4)), min_size=1, max_size=20)


@given(BLOCKS)
def test_labels_that_fit_never_overlap_and_never_leave(blocks):
    centres = sorted(centre for centre, _ in blocks)
    heights = np.array([height for _, height in blocks])
    places = spread(centres, heights.tolist(), low=0, high=100)
    assert (np.diff(places) >= (heights[:-1] + heights[1:]) / 2 - 1e-9).all()
    assert places[0] - heights[0] / 2 >= -1e-9
    assert places[-1] + heights[-1] / 2 <= 100 + 1e-9


@given(BLOCKS)
def test_labels_move_as_an_isotonic_regression_moves_them(blocks):
    from sklearn.isotonic import isotonic_regression

    centres = sorted(centre for centre, _ in blocks)
    heights = np.array([height for _, height in blocks])
    before = np.concatenate([[0.0], np.cumsum((heights[:-1] + heights[1:]) / 2)])
    low, high = heights[0] / 2, 100 - heights[-1] / 2 - before[-1]
    expected = isotonic_regression(np.array(centres) - before, y_min=low, y_max=high) + before
    np.testing.assert_allclose(spread(centres, heights.tolist(), low=0, high=100), expected, atol=1e-9)


@given(st.text(LETTERS, max_size=80), st.integers(1, 3))
def test_a_wrapped_text_keeps_to_its_lines_and_its_width(text, lines):
    broken = wrapped(text, 20.0, 6.0, lines=lines).split("\n")
    assert len(broken) <= lines
    assert all(text_width(line, 6.0) <= 20.0 for line in broken)


def test_a_text_is_cut_only_where_it_must_be_and_no_more_than_it_must_be():
    assert shortened("short", 40, 6.5) == "short"
    cut = shortened("a label that is too long by far", 15, 6.5)
    assert cut == "a label…"
    assert text_width(cut, 6.5) <= 15 < text_width("a label that…", 6.5)
    assert shortened("money, people and time", 15, 6.5) == "money…"
    # Of a word that is too wide itself as much as fits.
    long = shortened("incomprehensibilities", 15, 6.5)
    assert text_width(long, 6.5) <= 15 < text_width("incomprehensibilities"[: len(long)] + "…", 6.5)
    assert wrapped("one two", 6.0, 6.5, lines=2) == "one\ntwo"
    assert shortened("anything", 0.1, 6.5) == "…"


@given(st.text(LETTERS, max_size=200), st.sampled_from([60.0, 88.0, 180.0]))
def test_a_head_takes_more_room_only_for_more_text(text, width_mm):
    top, bottom = head_height("Title", text, "", width_mm)
    assert top >= head_height("Title", "", "", width_mm)[0]
    assert bottom == 2


def test_numbers_that_are_hidden_are_said_to_be_and_why():
    assert note_of_hidden(pd.Series([1, 2])) == ""
    assert note_of_hidden(pd.Series([1, None])) == " Small counts are hidden."
    assert hidden_said([]) == ""
    assert hidden_said(["A", "B"]) == "Small counts are hidden to protect respondents: A, B."


def test_a_title_has_at_most_fifteen_words_where_one_of_them_has():
    long, short = "word " * 15 + "word", "word " * 14 + "word"
    assert brief(long, short, "word") == short
    assert brief(long, f"{long} more") == f"{long} more"
