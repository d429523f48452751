"""Themes that come together: the shares and marks in the cells."""

import numpy as np
import pytest

from pipeline.figures.theme_pairs import themes_together
from tests.unit.figures.figure_tables import pairs_of

THEMES = {"a": "Money", "b": "Basics", "c": "Culture"}


def cells(drawn):
    return {text.get_position(): text.get_text() for text in drawn.figure.axes[0].texts}


def test_a_cell_is_of_the_comments_of_its_row_and_marked_alike_on_both_sides():
    pairs = pairs_of(THEMES).assign(share_of_first=[0.1, 0.2, 0.3], share_of_second=[0.4, 0.5, 0.6])
    pairs["together"] = ["more often than chance", "", "less often than chance"]
    drawn = themes_together(pairs, THEMES, width_mm=183)
    found = cells(drawn)
    assert (found[1.5, 0.5], found[0.5, 1.5]) == ("10+", "40+")
    assert (found[2.5, 0.5], found[0.5, 2.5]) == ("20", "50")
    assert (found[2.5, 1.5], found[1.5, 2.5]) == ("30−", "60−")
    assert (0.5, 0.5) not in found
    assert drawn.alternative.startswith("“Money” and “Basics” come together more often than chance (40%).")
    assert "Basics and Culture less often than chance (30% of the comments on Basics" in drawn.alternative.replace(
        "\u00a0", " "
    )


def test_where_shares_are_hidden_the_marks_are_left():
    pairs = pairs_of(THEMES).assign(share_of_first=np.nan, share_of_second=np.nan)
    pairs["together"] = ["more often than chance", "", ""]
    drawn = themes_together(pairs, THEMES, width_mm=89)
    assert set(cells(drawn).values()) == {"+"}
    assert drawn.alternative.startswith("1 pair of themes come")
    assert "Small counts are hidden" in drawn.figure.texts[1].get_text().replace("\n", " ")
    nothing = themes_together(pairs.assign(together=""), THEMES, width_mm=89)
    assert nothing.alternative == "Too few comments to show which themes come together."


def test_a_machines_reading_has_no_test_and_says_so():
    pairs = pairs_of(THEMES).assign(reading="machine reading, unchecked", together="")
    drawn = themes_together(pairs, THEMES, width_mm=89)
    said = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert "machine reading, unchecked" in said
    assert "chance" not in said
    assert "come together most often" in drawn.alternative


@pytest.mark.parametrize("count", [2, 60])
def test_few_and_many_themes_have_a_figure(count):
    themes = {f"t{n}": f"Theme {n}" for n in range(count)}
    drawn = themes_together(pairs_of(themes), themes, width_mm=89)
    said = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert ("are drawn across" in said) is (count == 60)
