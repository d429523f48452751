"""What the map of comments says, where its marks and labels stand, and how large its files are."""

import re

import numpy as np
import pandas as pd
import pytest

from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.figures.comment_map import MOST_VECTOR, comment_map
from pipeline.figures.style import figure_style, save
from tests.unit.figures.figure_tables import draw, points_of, themes_of, topics_of

THEMES = {"theme_0": "Money", "theme_1": "Basics", "theme_2": "Culture"}


def a_map(count, *, width_mm=180.0, themes=THEMES, label="Topic", outliers=60):
    topics = topics_of(count, label=label)
    return comment_map(points_of(topics, outliers=outliers), topics, themes, width_mm=width_mm)


def subtitle(drawn):
    return drawn.figure.texts[1].get_text().replace("\n", " ").replace("\u00a0", " ")


def labels(drawn):
    """Return the texts of topics on the page, those of the legend left out."""
    return [text.get_text() for text in labels_drawn(drawn.figure)]


def labels_drawn(figure):
    # A name in the legend stands over the labels.
    return [text for text in figure.axes[1].texts if text.get_zorder() == 5]


def legend(drawn):
    return [text.get_text() for text in drawn.figure.axes[1].texts if text.get_zorder() != 5]


def test_the_text_alternative_names_the_largest_topic():
    said = a_map(4, outliers=0).alternative.replace("\u00a0", " ")
    assert said.startswith(
        "4 topics; the largest, “Topic 000”, holds 34% of comments. 1,282 points, each a comment; equal "
        "comments share one. 71% of comments are in a topic. The largest topics are Topic 000 (34%), Topic 001 ("
    )


def without_sizes(topics, *numbers):
    topics = topics.astype({"size": "Int64", "share": "Float64"})
    topics.loc[list(numbers), ["size", "share"]] = pd.NA
    return topics


def test_topics_without_a_share_are_in_no_list_and_no_superlative_is_of_all():
    topics = topics_of(4, label="Topic")
    points = points_of(topics)
    drawn = comment_map(points, without_sizes(topics, 0, 2), THEMES, width_mm=180)
    said = drawn.alternative.replace("\u00a0", " ")
    assert said.startswith("4 topics; the largest shown, “Topic 001”, holds 17% of comments.")
    assert said.endswith("The largest topics shown are Topic 001 (17%), Topic 003 (9%).")
    # A share of the comments cannot be said, nor is one of the points put in its place.
    for words in (said, subtitle(drawn)):
        assert "in a topic" not in words
    none = comment_map(points, without_sizes(topics, 0, 1, 2, 3), THEMES, width_mm=180).alternative
    assert none.startswith("4 topics; too few comments to show shares. 1,342 points, each a comment")
    assert none.endswith("share one.")


def test_the_share_in_a_topic_is_that_of_the_table_not_of_the_points():
    topics = topics_of(4, label="Topic")
    thinned = points_of(topics).groupby("topic").head(5)
    said = comment_map(thinned, topics, THEMES, width_mm=180)
    assert "25 points" in said.alternative
    assert "71% of comments are in a topic." in subtitle(said)
    # Shares of rounded counts add up to another number than the report's.
    assert "in a topic" not in subtitle(comment_map(thinned, topics, THEMES, width_mm=180, round_to=5))


def test_a_thinned_map_says_so_in_figure_and_words():
    topics = topics_of(4, label="Topic")
    points = points_of(topics)
    thinned = comment_map(points, topics, THEMES, width_mm=180, round_to=5, comments=1400)
    whole = comment_map(points, topics, THEMES, width_mm=180)
    for words in (thinned.alternative, subtitle(thinned)):
        assert (
            "Each point is a comment; equal comments share one. To protect respondents we show 1,342 of 1,400." in words
        )
    for words in (whole.alternative, subtitle(whole)):
        assert "protect" not in words


def test_the_key_speaks_of_matches_since_a_topic_may_have_none():
    assert "Shape and colour: the published theme that the topic matches." in subtitle(a_map(4))


def test_each_topic_is_labelled_where_there_is_room_and_nothing_is_said_of_it():
    drawn = a_map(4)
    assert sorted(labels(drawn)) == [f"Topic {n:03d}" for n in range(4)]
    assert "Labelled" not in subtitle(drawn)


@pytest.mark.thorough
def test_where_there_is_no_room_the_subtitle_counts_the_labels_and_the_largest_have_theirs():
    drawn = draw("comment_map", 90, width_mm=88.0, label="Topic")
    labelled, of = map(int, re.search(r"Labelled: (\d+) of (\d+) topics", subtitle(drawn)).groups())
    assert (labelled, of) == (len(labels(drawn)), 90)
    assert sorted(labels(drawn)) == [f"Topic {n:03d}" for n in range(labelled)]


@pytest.mark.thorough
@pytest.mark.parametrize(("count", "width_mm"), [(18, 89.0), (40, 80.0), (18, 183.0)])
def test_no_label_covers_a_point_or_leaves_the_room_for_points_and_labels(count, width_mm):
    figure = draw("comment_map", count, width_mm=width_mm).figure
    with figure_style():
        figure.draw_without_rendering()
        axes = figure.axes[0]
        room, page = axes.get_window_extent(), figure.bbox
        boxes = [text.get_window_extent() for text in labels_drawn(figure)]
        marks = np.vstack([axes.transData.transform(np.column_stack(line.get_data())) for line in axes.lines])
    assert len(boxes) >= min(count, 10)
    assert min(box.y0 for box in boxes) >= room.y0 - 1
    assert max(box.y1 for box in boxes) <= room.y1 + 1
    assert min(box.x0 for box in boxes) >= page.x0
    assert max(box.x1 for box in boxes) <= page.x1
    size = max(line.get_markersize() for line in axes.lines) * figure.dpi / 72 / 2
    for box in boxes:
        inside = (marks > [box.x0 - size, box.y0 - size]) & (marks < [box.x1 + size, box.y1 + size])
        assert not inside.all(axis=1).any()


def test_no_mark_leaves_the_axes():
    drawn = draw("comment_map", 40, width_mm=88.0)
    axes = drawn.figure.axes[0]
    for axis, limits in (("x", axes.get_xlim()), ("y", axes.get_ylim())):
        assert limits[0] < drawn.data[axis].min() <= drawn.data[axis].max() < limits[1]


def test_the_legend_has_the_themes_that_there_are_points_of():
    drawn = a_map(3)
    assert legend(drawn) == ["In no topic", "Money", "Basics", "Culture"]
    assert "No match" in legend(a_map(4))


def test_marks_stand_where_the_comments_are_in_the_colour_and_shape_of_their_theme():
    drawn = a_map(3)
    lines = {line.get_label(): line for line in drawn.figure.axes[0].lines}
    money = drawn.data[drawn.data["theme"] == "theme_0"]
    assert np.allclose(np.column_stack(lines["Money"].get_data()), money[["x", "y"]])
    assert len({(line.get_color(), line.get_marker()) for line in lines.values()}) == 4


@pytest.mark.thorough
def test_themes_that_the_legend_has_no_room_for_share_a_mark():
    themes = themes_of(60)
    topics = topics_of(60, label="t", themes=tuple(themes))
    drawn = comment_map(points_of(topics), topics, themes, width_mm=88)
    *own, others = legend(drawn)
    assert re.fullmatch(rf"Other themes \({61 - len(own)}\)", others)
    drawn_points = sum(len(line.get_xdata()) for line in drawn.figure.axes[0].lines)
    assert drawn_points == len(drawn.data)


@pytest.mark.parametrize("count", [0, 1])
def test_few_comments_or_topics_have_a_map_all_the_same(count):
    points = pd.DataFrame({"x": [1.0], "y": [2.0], "topic": [count - 1], "theme": ["theme_0" if count else ""]})
    topics = topics_of(count, label="Topic")
    said = comment_map(points, topics, THEMES, width_mm=88).alternative
    assert said.startswith("1 topic; “Topic 000” holds" if count else "No topics were found: the comments are")
    assert "1 point, each a comment" in said
    assert "distinct" not in said
    nothing = comment_map(points[:0], topics, THEMES, width_mm=88)
    assert nothing.alternative == "There are no comments to draw."


def test_topics_too_small_to_show_have_no_label():
    topics = topics_of(2, label="Topic").astype({"size": "Int64", "share": "Float64"})
    points = points_of(topics)
    topics.loc[1, ["size", "share"]] = pd.NA
    drawn = comment_map(points[points["topic"] != 1], topics, THEMES, width_mm=180)
    assert labels(drawn) == ["Topic 000"]
    pooled = points["topic"].eq(1)
    points = points.assign(topic=points["topic"].mask(pooled, SMALL_TOPICS), theme=points["theme"].mask(pooled, ""))
    with_pooled = comment_map(points, topics, THEMES, width_mm=180)
    assert legend(with_pooled) == ["In no topic", "In a topic too small to show", "Money"]
    assert "Labelled: 1 of 2 topics." in subtitle(drawn)
    lines = {line.get_label(): line for line in with_pooled.figure.axes[0].lines}
    small, outside = lines["In a topic too small to show"], lines["In no topic"]
    assert (len(small.get_xdata()), len(outside.get_xdata())) == (pooled.sum(), 60)
    assert small.get_marker() != outside.get_marker()
    assert small.get_markerfacecolor() != lines["Money"].get_markerfacecolor() == lines["Money"].get_color()
    # What is written beside the figure is what was given.
    assert set(with_pooled.data["theme"]) == {"theme_0", ""}


def test_small_topics_that_are_put_with_the_points_in_no_topic_are_named_with_them():
    topics = without_sizes(topics_of(2, label="Topic"), 1)
    points = points_of(topics_of(2, label="Topic"))
    points = points.assign(topic=points["topic"].replace(1, -1), theme=points["theme"].where(points["topic"] != 1, ""))
    assert legend(comment_map(points, topics, THEMES, width_mm=180))[0] == "In no topic, or in one too small to show"


def strewn(count):
    random = np.random.default_rng(0)
    topics = topics_of(40)
    points = pd.DataFrame(random.uniform(size=(count, 2)), columns=["x", "y"])
    points["topic"] = random.integers(-1, 40, size=count)
    points["theme"] = [topics["theme"][topic] if topic >= 0 else "" for topic in points["topic"]]
    return comment_map(points, topics, THEMES, width_mm=180)


@pytest.mark.thorough
@pytest.mark.parametrize("count", [MOST_VECTOR, MOST_VECTOR + 1])
def test_the_map_of_thousands_of_comments_is_a_file_of_less_than_a_megabyte(count):
    with figure_style():
        svg = save(strewn(count).figure, png_dpi=150)["svg"]
    assert len(svg) < 1_000_000
    assert (b"<image" in svg) == (count > MOST_VECTOR)
    # Labels are text, to be searched and copied.
    assert svg.count(b"<text") > 40
