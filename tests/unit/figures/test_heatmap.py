"""Heads and fills of the figures of cells."""

import numpy as np

from pipeline.figures.drawing import text_width
from pipeline.figures.heatmap import column_heads, fill_cells
from pipeline.figures.style import new_figure


def test_heads_are_level_where_their_words_fit_and_upright_where_not():
    level = column_heads(["Get the basics right", "Culture"], 20)
    assert not level.is_upright
    assert all(text_width(line, 6.0) <= 19 for text in level.texts for line in text.split("\n"))
    narrow = column_heads(["Interoperability"], 8)
    assert narrow.is_upright
    assert narrow.height > text_width("Interoperability", 6.0)


def test_upright_heads_are_no_taller_than_may_be_and_on_two_lines_where_a_column_has_them():
    name = "A remarkably long and winding name of a theme that goes on"
    assert column_heads([name], 3.2).texts[0].endswith("…")
    wide = column_heads([name], 7)
    assert wide.texts[0].count("\n") == 1
    assert max(column_heads([name], cell).height for cell in (3.2, 7)) <= 36.5


def test_the_ink_follows_the_fill_and_missing_cells_stay_empty():
    figure = new_figure(60, 40)
    axes = figure.add_subplot()
    ink_on = fill_cells(axes, np.array([[0.0, 1.0], [np.nan, 0.5]]), low=0.0, high=1.0)
    assert (ink_on(0.0), ink_on(1.0)) == ("#000000", "#ffffff")
    assert axes.collections[0].get_array().mask.tolist() == [[False, False], [True, False]]
