"""Labels of topics on the map: the name where there is room, the number where only that fits."""

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from pipeline.figures.drawing import ELLIPSIS, page_axes
from pipeline.figures.map_labels import Named, draw_labels, topic_labels
from pipeline.figures.style import figure_style, new_figure

ROOM = (0.0, 0.0, 88.0, 60.0)
NAME = "Laptops, passwords and wifi"


def around(x, y, *, count=20, spread=1.5):
    return np.random.default_rng(0).normal((x, y), spread, size=(count, 2))


def words(label):
    return label.text.replace("\n", " ")


def test_a_topic_has_its_whole_name_at_the_mark_nearest_to_its_middle():
    # Most marks lie along the two arms of an angle, and the middle of all lies beside both.
    marks = np.array([[20.0, 20.0], [20.0, 40.0], [41.0, 39.0], [60.0, 40.0], [60.0, 41.0]])
    (label,) = topic_labels([Named(3, NAME, marks)], room=ROOM)
    assert (words(label), label.is_name) == (NAME, True)
    # The label keeps clear of the edge and covers not all marks, so that it may stand beside its anchor.
    assert np.hypot(label.place.x - 41.0, label.place.y - 39.0) < 10


def test_where_names_have_no_room_the_first_keep_theirs_and_others_have_their_number():
    topics = [Named(number, f"{NAME} {number}", around(15, 4, spread=0.5)) for number in range(4)]
    labels = topic_labels(topics, room=(0.0, 0.0, 40.0, 8.0))
    assert words(labels[0]) == f"{NAME} 0"
    assert labels[0].is_name
    numbers = [label.text for label in labels if not label.is_name]
    assert numbers
    assert set(numbers) <= {"1", "2", "3"}


def test_where_not_even_a_number_fits_a_topic_has_no_label():
    assert topic_labels([Named(0, NAME, around(1, 1))], room=(0.0, 0.0, 1.0, 1.0)) == []
    assert topic_labels([], room=ROOM) == []


def test_a_name_too_long_for_any_form_is_cut():
    (label,) = topic_labels([Named(0, "An endless name " * 12, around(44, 30))], room=ROOM)
    assert label.is_name
    assert label.text.endswith(ELLIPSIS)
    assert label.text.count("\n") <= 2


@pytest.mark.parametrize("width", [88.0, 180.0])
def test_on_a_wide_page_a_line_may_be_longer(width):
    (label,) = topic_labels([Named(0, NAME, around(44, 30))], room=(0.0, 0.0, width, 60.0))
    assert label.text.count("\n") <= 1
    assert words(label) == NAME


def test_each_line_has_a_veil_and_a_label_that_stands_apart_a_line_to_its_topic():
    crowd = [Named(number, f"Topic of many words {number}", around(20, 15, spread=0.4)) for number in range(5)]
    labels = topic_labels(crowd, room=ROOM)
    apart = [label for label in labels if label.place.line is not None]
    assert apart
    with figure_style():
        page = page_axes(new_figure(88, 60))
        draw_labels(page, labels)
    assert [text.get_text() for text in page.texts] == [label.text for label in labels]
    veils = [patch for patch in page.patches if isinstance(patch, Rectangle)]
    assert len(veils) == sum(label.text.count("\n") + 1 for label in labels)
    assert len(page.lines) == len(apart)
    for line, label in zip(page.lines, apart, strict=True):
        x, y = line.get_data()
        # It ends at the mark and begins a little off the label.
        assert (x[1], y[1]) == pytest.approx(label.place.line[2:])
        assert (x[0], y[0]) != pytest.approx(label.place.line[:2])
