"""Themes over time: a chart for each theme, with its share in each period."""

import numpy as np
import pytest

from pipeline.figures.over_time import themes_over_time, time_column
from tests.unit.figures.figure_tables import periods_of_themes

THEMES = {"a": "Money", "b": "Basics", "c": "Culture"}


def marks(axes):
    """Return the share and the fill of each point that is drawn, in the order of time."""
    points = [
        (x, round(y, 6), line.get_markerfacecolor() != "white")
        for line in axes.lines
        if line.get_marker() == "o"
        for x, y in zip(*line.get_data(), strict=True)
    ]
    return sorted(points)


def test_the_column_of_periods_is_found_by_its_groups():
    groups = periods_of_themes(4, THEMES)
    assert time_column(groups) == "sent"
    assert time_column(groups.assign(group=groups["group"].replace("2020 Q1", "Smaller groups"))) == "sent"
    assert time_column(groups.assign(group=groups["group"] + " x")) is None
    assert time_column(groups[:0]) is None


def test_every_share_stands_at_its_time_and_clear_differences_are_filled():
    groups = periods_of_themes(5, THEMES)
    groups["q_value"] = np.where(groups["group"] == "2020 Q3", 0.01, 0.5)
    drawn = themes_over_time(groups, THEMES, width_mm=183)
    assert [text.get_text() for text in drawn.figure.texts[3:]] == list(THEMES.values())
    for axes, theme in zip(drawn.figure.axes, THEMES, strict=True):
        shares = 100 * groups.loc[groups["entry"] == theme, "share"]
        found = marks(axes)
        assert [share for _, share, _ in found] == pytest.approx(shares.round(6).tolist())
        assert [at for at, _, _ in found] == [2020, 2020.25, 2020.5, 2020.75, 2021]
        assert [is_filled for _, _, is_filled in found] == [False, False, True, False, False]
    assert "in 2020 Q3" in drawn.alternative


def test_a_hidden_share_is_a_gap_and_said_to_be():
    groups = periods_of_themes(4, THEMES)
    groups.loc[groups["group"] == "2020 Q2", ["share", "low", "high", "q_value"]] = np.nan
    drawn = themes_over_time(groups, THEMES, width_mm=89)
    assert len(marks(drawn.figure.axes[0])) == 3
    assert np.isnan(drawn.figure.axes[0].lines[0].get_ydata()).sum() == 1
    assert "2020 Q2 not shown" in drawn.alternative
    assert "Small counts are hidden." in drawn.figure.texts[1].get_text().replace("\n", " ")


def test_a_machines_reading_finds_no_difference():
    groups = periods_of_themes(4, THEMES).assign(
        reading="machine reading, unchecked", low=np.nan, high=np.nan, q_value=np.nan
    )
    drawn = themes_over_time(groups, THEMES, width_mm=89)
    assert drawn.alternative.startswith("Themes over 4 periods, by the machine’s unchecked reading.")
    assert not any(is_filled for axes in drawn.figure.axes for _, _, is_filled in marks(axes))


def test_without_dates_there_is_nothing_to_draw():
    groups = periods_of_themes(3, THEMES)
    assert themes_over_time(groups[:0], THEMES, width_mm=89).alternative == "No column of dates was given."
    hidden = groups.assign(share=np.nan)
    assert themes_over_time(hidden, THEMES, width_mm=89).alternative.startswith("Too few comments")
