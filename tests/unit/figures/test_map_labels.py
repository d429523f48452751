"""Labels of topics on the map: beside the points, each with a line to its topic that no other line crosses."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.figures.drawing import ELLIPSIS, page_axes
from pipeline.figures.map_labels import Named, draw_labels, height_for, label_room, topic_labels
from pipeline.figures.style import figure_style, new_figure

ROOM = (4.0, 10.0, 85.0, 80.0)
NAME = "Laptops, passwords and wifi"
PLACES = st.lists(st.tuples(st.floats(30, 60), st.floats(10, 80)), min_size=1, max_size=24)


def around(x, y, *, count=20, spread=1.5):
    return np.random.default_rng(0).normal((x, y), spread, size=(count, 2))


def words(label):
    return label.text.replace("\n", " ")


def meet(one, other):
    """Return whether two lines meet, by solving for the point in which they would."""
    (a, b), (c, d) = (np.array(line).reshape(2, 2) for line in (one, other))
    matrix = np.column_stack([b - a, c - d])
    if abs(np.linalg.det(matrix)) < 1e-9:
        return False
    along = np.linalg.solve(matrix, c - a)
    return bool(((along > 1e-6) & (along < 1 - 1e-6)).all())


def test_a_topic_has_its_whole_name_and_a_line_to_the_mark_nearest_to_its_middle():
    # Most marks lie along the two arms of an angle, and the middle of all lies beside both.
    marks = np.array([[20.0, 20.0], [20.0, 40.0], [41.0, 39.0], [60.0, 40.0], [60.0, 41.0]])
    (label,) = topic_labels([Named(NAME, marks)], room=ROOM)
    assert words(label) == NAME
    assert label.line[2:] == label.mark == (41.0, 39.0)
    assert label.line[1] == label.y == 39.0


def test_topics_further_left_have_their_labels_at_the_left():
    topics = [Named(str(x), around(x, 40, spread=0.1)) for x in (50.0, 35.0, 40.0, 45.0, 55.0)]
    sides = {label.text: label.is_left for label in topic_labels(topics, room=ROOM)}
    assert sides == {"35.0": True, "40.0": True, "45.0": True, "50.0": False, "55.0": False}


@given(PLACES)
def test_labels_keep_apart_stay_inside_and_their_lines_do_not_cross(places):
    topics = [Named(f"{NAME} {n}", np.array([place])) for n, place in enumerate(places)]
    labels = topic_labels(topics, room=ROOM)
    assert len(labels) == len(topics) or len(labels) > 15
    strip = label_room([topic.name for topic in topics], 89.0)
    for side in (True, False):
        of_side = sorted((label for label in labels if label.is_left is side), key=lambda label: label.y)
        tall = [2.45 * (label.text.count("\n") + 1) for label in of_side]
        for label, height in zip(of_side, tall, strict=True):
            assert label.y - height / 2 >= ROOM[1]
            assert label.y + height / 2 <= ROOM[3] + 1e-6
            assert label.x <= ROOM[0] + strip if side else label.x >= ROOM[2] - strip
        for (upper, above), (lower, below) in itertools.pairwise(zip(of_side, tall, strict=True)):
            assert lower.y - upper.y >= (above + below) / 2
        # Points in one place may share a line; labels next to one another may not change places for nothing.
        for one, other in itertools.pairwise(of_side):
            assert one.mark == other.mark or not meet(one.line, other.line)


def test_where_there_is_no_room_the_last_have_no_label():
    topics = [Named(f"{NAME} {number}", around(15, 14, spread=0.5)) for number in range(40)]
    labels = topic_labels(topics, room=ROOM)
    numbers = sorted(int(words(label).rsplit(" ", 1)[1]) for label in labels)
    assert numbers == list(range(len(labels)))
    assert 8 < len(labels) < 40
    assert topic_labels(topics, room=(0.0, 0.0, 88.0, 1.0)) == []
    assert topic_labels([], room=ROOM) == []


def test_the_height_asked_for_holds_every_label():
    topics = [Named(f"{NAME} {number}", around(40, 14 + number)) for number in range(21)]
    tall = height_for([topic.name for topic in topics], 81.0)
    assert len(topic_labels(topics, room=(4.0, 0.0, 85.0, tall))) == 21
    assert height_for([], 81.0) == label_room([], 81.0) == 0


def test_a_name_too_long_for_three_lines_is_cut():
    (label,) = topic_labels([Named("An endless name " * 12, around(44, 30))], room=ROOM)
    assert label.text.endswith(ELLIPSIS)
    assert label.text.count("\n") == 2


@pytest.mark.parametrize("width", [88.0, 180.0])
def test_on_a_wide_page_a_line_may_be_longer(width):
    (label,) = topic_labels([Named(NAME, around(44, 30))], room=(0.0, 0.0, width, 60.0))
    assert label.text.count("\n") == (width < 100)
    assert words(label) == NAME


def test_each_label_is_drawn_with_a_line_to_its_mark_and_a_ring_around_it():
    labels = topic_labels([Named(f"Topic {n}", around(40 + n, 15)) for n in range(5)], room=ROOM)
    with figure_style():
        page = page_axes(new_figure(88, 60))
        draw_labels(page, labels)
    assert [text.get_text() for text in page.texts] == [label.text for label in labels]
    lines, rings = page.lines[::2], page.lines[1::2]
    for line, ring, label in zip(lines, rings, labels, strict=True):
        x, y = line.get_data()
        assert (x[1], y[1]) == label.mark == tuple(float(value[0]) for value in ring.get_data())
        # It begins a little off the label: a line that touches a letter looks like a part of it.
        assert abs(x[0] - label.x) > 0.3
