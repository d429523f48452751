"""The picture of a sweep over settings."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pipeline.documents.tuning import trade_off
from pipeline.figures.style import figure_style, save
from tests.unit.figures.test_figure_layout import assert_readable


def tuned(count, *, chosen=1):
    random = np.random.default_rng(count)
    return SimpleNamespace(
        candidates=pd.DataFrame(
            {
                "n_neighbors": range(5, 5 + count), "min_topic_size": 12, "min_samples": 3,
                "stability": random.uniform(0.6, 0.7, count), "coverage": random.uniform(0.7, 0.9, count),
                "coherence": random.uniform(0, 0.1, count), "chosen": [n == chosen for n in range(count)],
            }
        )
    )  # fmt: skip


@pytest.mark.thorough
@pytest.mark.parametrize("width_mm", [88.0, 180.0])
@pytest.mark.parametrize("count", [2, 12, 30])
def test_no_label_of_a_candidate_covers_another_or_leaves_the_page(count, width_mm):
    assert_readable(trade_off(tuned(count), width_mm=width_mm, notice="Illustrative data").figure)


def test_every_candidate_is_labelled_where_there_is_room():
    figure = trade_off(tuned(12), width_mm=180).figure
    assert {text.get_text() for text in figure.axes[1].texts} == {f"{n}/12/3" for n in range(5, 17)}


def test_candidates_that_do_not_differ_are_drawn_without_a_warning(recwarn):
    alike = tuned(3)
    alike.candidates[["stability", "coverage", "coherence"]] = 0.5
    with figure_style():
        save(trade_off(alike, width_mm=88).figure, png_dpi=72)
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def test_the_picture_says_which_settings_were_chosen():
    said = trade_off(tuned(4), width_mm=180).alternative
    assert said.startswith("Chosen: n_neighbors 6, min_topic_size 12, min_samples 3.")
    assert trade_off(tuned(4, chosen=0), width_mm=180).alternative.startswith("No candidate is clearly better")
