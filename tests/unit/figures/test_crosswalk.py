"""What the chart of topics and themes says, and how it shows what decides."""

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.text import Text

from pipeline.figures.crosswalk import crosswalk_chart
from pipeline.figures.style import PALETTE, figure_style, save
from tests.unit.figures.figure_tables import crosswalk_of, themes_of, topics_of

THEMES = {"a": "Investment and funding", "b": "Get the basics right", "c": "Culture & <leadership>", "d": "Nobody's"}


def tables(count, themes=("a", "b", "c", "unmapped"), label="Topic"):
    topics = topics_of(count, label=label, themes=themes)
    return crosswalk_of(topics, THEMES), topics


def words(drawn):
    return [text.get_text().replace("\u00a0", " ") for text in drawn.figure.axes[0].texts]


def circles(drawn):
    """Return across, down and whether it is filled, of every circle."""
    return sorted(
        (*place, to_hex(circle.get_facecolor()[0]).upper() == PALETTE[0].upper())
        for circle in drawn.figure.axes[0].collections
        if isinstance(circle, PathCollection)
        for place in np.asarray(circle.get_offsets()).round(3).tolist()
    )


def test_the_text_alternative_names_matches_and_gaps():
    said = crosswalk_chart(*tables(8), THEMES, width_mm=180).alternative
    assert said.startswith("6 of 8 topics match a theme; none matches Nobody's.")
    assert "Investment and funding: 2 topics; Get the basics right: 2 topics" in said
    assert "leaning to one: 0; unmapped: 2." in said


def test_many_themes_without_a_topic_are_counted_not_named():
    crosswalk, topics = tables(1)
    said = crosswalk_chart(crosswalk, topics, THEMES, width_mm=180).alternative
    assert said.startswith("1 of 1 topic matches a theme; 3 of 4 themes have none.")
    none = tables(2, themes=("unmapped",))
    assert crosswalk_chart(*none, THEMES, width_mm=180).alternative.startswith("No topic matches a published theme.")


def test_each_test_has_a_circle_that_is_filled_and_right_of_the_cut_where_it_is_passed():
    crosswalk, topics = tables(2, themes=("a", "unmapped"))
    topics = topics.assign(q_value=[0.0001, 0.5], p_shuffled=[0.1, 0.11], own_share=[0.9, 0.1])
    crosswalk["replicates"] = np.where(crosswalk["topic"] == 0, 0.8, 0.3)
    drawn = crosswalk_chart(crosswalk, topics, THEMES, width_mm=180, false_discovery_rate=0.05)
    found = circles(drawn)
    assert [is_passed for across, down, is_passed in found if down == 1] == [True] * 4
    assert [is_passed for across, down, is_passed in found if down == 3] == [False] * 4
    lines = [line.get_xdata()[0] for line in drawn.figure.axes[0].lines]
    for cut, (passed, failed) in zip(sorted(set(lines)), zip(found[1::2], found[::2], strict=True), strict=True):
        # One that meets the cut passes.
        assert failed[0] < cut <= passed[0] + 0.001
    assert {"0.05", "0.1", "50%", "80%", "match", "none", "Investment and funding", "No theme"} <= set(words(drawn))
    assert "Topics that fail each test: chance: 1; shuffled: 1; own share: 1; re-runs: 1." in drawn.alternative


def test_a_test_without_public_numbers_is_not_drawn_and_the_caption_says_why():
    crosswalk, topics = tables(4)
    drawn = crosswalk_chart(crosswalk, topics.drop(columns="own_share"), THEMES, width_mm=180)
    assert "Own share" not in words(drawn)
    assert len(circles(drawn)) == 12
    assert "it could reveal small counts" in drawn.figure.texts[1].get_text().replace("\n", " ")
    assert "could reveal" not in crosswalk_chart(crosswalk, topics, THEMES, width_mm=180).figure.texts[1].get_text()


def test_topics_stand_under_the_theme_that_they_match_or_lean_to_and_the_others_come_last():
    crosswalk, topics = tables(8)
    # The fourth topic leans to a theme, and matches none.
    topics.loc[3, ["status", "nearest_theme"]] = "leaning", "b"
    drawn = crosswalk_chart(crosswalk, topics, THEMES, width_mm=180)
    axes = drawn.figure.axes[0]
    rows = {text.get_text().split("\u00a0(")[0].split(" (")[0]: place
            for text, place in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)}  # fmt: skip
    heads = {text.get_text(): text.xy[1] for text in axes.texts if text.get_text() in (*THEMES.values(), "No theme")}
    assert list(rows) == [f"Topic {n:03d}" for n in (0, 4, 1, 5, 3, 2, 6, 7)]
    assert heads == {
        "Investment and funding": 0,
        "Get the basics right": 3,
        "Culture & <leadership>": 7,
        "No theme": 10,
    }
    assert list(rows.values()) == [1, 2, 4, 5, 6, 8, 9, 11]
    assert words(drawn).count("match") == 6
    assert words(drawn).count("leans") == 1
    assert "leaning to one: 1; unmapped: 1" in drawn.alternative


@pytest.mark.thorough
def test_where_not_all_topics_fit_the_largest_are_drawn_with_their_themes():
    themes = themes_of(60, "Theme")
    topics = topics_of(90, label="Topic", themes=tuple(themes))
    drawn = crosswalk_chart(crosswalk_of(topics, themes), topics, themes, width_mm=88)
    labels = [text.get_text() for text in drawn.figure.axes[0].get_yticklabels()]
    shown = [row for row in drawn.data["topic"] if row < len(labels)]
    assert [label.split()[1] for label in labels] == [f"{row:03d}" for row in shown]
    assert {theme for theme in words(drawn) if theme.startswith("Theme")} == {themes[f"theme_{row}"] for row in shown}
    said = drawn.figure.texts[1].get_text().replace("\n", " ")
    assert f"The {len(labels)} largest of 90 topics are drawn" in said


@pytest.mark.thorough
def test_numbers_that_a_decision_by_a_person_lacks_are_drawn_without_a_warning(recwarn):
    crosswalk, topics = tables(4)
    topics.loc[1, ["q_value", "p_shuffled", "own_share"]] = None
    topics.loc[1, "status"] = "by a person"
    drawn = crosswalk_chart(crosswalk[crosswalk["topic"] != 2], topics, THEMES, width_mm=180)
    assert "by a person" in words(drawn)
    with figure_style():
        save(drawn.figure, png_dpi=72)
    assert [str(w.message) for w in recwarn if issubclass(w.category, RuntimeWarning)] == []
    assert "nan" not in " ".join(text.get_text() for text in drawn.figure.findobj(Text))


def test_its_data_are_the_numbers_that_decide_and_the_tables_are_left_as_they_were():
    crosswalk, topics = tables(4)
    before = topics.copy(deep=True)
    data = crosswalk_chart(crosswalk, topics, THEMES, width_mm=180).data
    assert data.columns.tolist() == [
        "topic", "label", "size", "nearest_theme", "status", "q_value", "p_shuffled", "own_share", "replicates",
        "theme_name",
    ]  # fmt: skip
    assert topics.equals(before)
