"""What the map of topics and themes says."""

import pytest
from matplotlib.text import Text

from pipeline.figures.crosswalk import crosswalk_heatmap
from pipeline.figures.style import figure_style, save
from tests.unit.figures.figure_tables import crosswalk_of, themes_of, topics_of

THEMES = {"a": "Investment and funding", "b": "Get the basics right", "c": "Culture & <leadership>", "d": "Nobody's"}


def tables(count, themes=("a", "b", "c", "unmapped"), label="Topic"):
    topics = topics_of(count, label=label, themes=themes)
    return crosswalk_of(topics, THEMES), topics


def cells(drawn):
    return [text.get_text() for text in drawn.figure.axes[0].texts]


def test_the_text_alternative_names_matches_and_gaps():
    said = crosswalk_heatmap(*tables(8), THEMES, width_mm=180).alternative
    assert said.startswith("6 of 8 topics match a theme; none matches Nobody's.")
    assert "Investment and funding: 2 topics; Get the basics right: 2 topics" in said
    assert said.endswith("leaning to one: 0; unmapped: 2.")


def test_many_themes_without_a_topic_are_counted_not_named():
    crosswalk, topics = tables(1)
    said = crosswalk_heatmap(crosswalk, topics, THEMES, width_mm=180).alternative
    assert said.startswith("1 of 1 topic matches a theme; 3 of 4 themes have none.")
    none = tables(2, themes=("unmapped",))
    assert crosswalk_heatmap(*none, THEMES, width_mm=180).alternative.startswith("No topic matches a published theme.")


@pytest.mark.parametrize(("width_mm", "with_values"), [(180.0, True), (48.0, False)])
def test_a_match_is_marked_and_a_leaning_topic_by_an_open_square(width_mm, with_values):
    crosswalk, topics = tables(3, themes=("a", "b", "unmapped"))
    # The third topic leans to a theme, and matches none.
    topics.loc[2, ["status", "nearest_theme"]] = "leaning", "c"
    drawn = crosswalk_heatmap(crosswalk, topics, THEMES, width_mm=width_mm)
    assert sorted(cell[0] for cell in cells(drawn) if cell[0] in "■□") == sorted("■■□")
    assert len([cell for cell in cells(drawn) if "." in cell]) == (12 if with_values else 0)
    assert "2 of 3 topics match a theme; none matches" in drawn.alternative
    assert "leaning to one: 1; unmapped: 0" in drawn.alternative


def test_topics_stand_in_the_order_of_their_themes_and_the_unmapped_come_last():
    drawn = crosswalk_heatmap(*tables(8), THEMES, width_mm=180)
    labels = [label.get_text().split(" (")[0] for label in drawn.figure.axes[0].get_yticklabels()]
    assert labels == [f"Topic {n:03d}" for n in (0, 4, 1, 5, 2, 6, 3, 7)]


def test_where_not_all_themes_fit_those_that_topics_match_are_drawn():
    themes = themes_of(60, "Theme")
    topics = topics_of(3, label="Topic", themes=("theme_59", "theme_31", "unmapped"))
    drawn = crosswalk_heatmap(crosswalk_of(topics, themes), topics, themes, width_mm=88)
    heads = [label.get_text() for label in drawn.figure.axes[0].get_xticklabels()]
    assert {"Theme 31", "Theme 59"} <= set(heads)
    assert heads == sorted(heads)
    assert f"The {len(heads)} themes of 60 with most matches are drawn" in drawn.figure.texts[1].get_text().replace(
        "\n", " "
    )


@pytest.mark.thorough
def test_equal_fits_and_missing_fits_are_drawn_without_a_warning(recwarn):
    crosswalk, topics = tables(4)
    equal = crosswalk_heatmap(crosswalk.assign(fit=0.3), topics, THEMES, width_mm=180)
    missing = crosswalk_heatmap(crosswalk[crosswalk["topic"] != 2], topics, THEMES, width_mm=180)
    with figure_style():
        save(equal.figure, png_dpi=72)
        save(missing.figure, png_dpi=72)
    assert [str(w.message) for w in recwarn if issubclass(w.category, RuntimeWarning)] == []
    assert "nan" not in " ".join(text.get_text() for text in missing.figure.findobj(Text))


def test_its_data_are_the_fits_and_the_tables_are_left_as_they_were():
    crosswalk, topics = tables(4)
    before = topics.copy(deep=True)
    assert crosswalk_heatmap(crosswalk, topics, THEMES, width_mm=180).data is crosswalk
    assert topics.equals(before)
