"""Labels beside what they name: properties that hold for any anchors."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.figures.label_places import GAP_MM, place_labels

ROOM = (0.0, 0.0, 80.0, 50.0)
ANCHORS = st.lists(st.tuples(st.floats(0, 80), st.floats(0, 50)), min_size=1, max_size=30)


def box_of(place, size):
    return place.x - size[0] / 2, place.y - size[1] / 2, place.x + size[0] / 2, place.y + size[1] / 2


def cut(line, box):
    """Return whether any of many points along a line lies inside a box."""
    steps = np.linspace(0, 1, 400)[:, None]
    along = np.array(line[:2]) + steps * (np.array(line[2:]) - np.array(line[:2]))
    return ((along > np.array(box[:2]) + 1e-6) & (along < np.array(box[2:]) - 1e-6)).all(axis=1).any()


@given(ANCHORS, st.floats(5, 30), st.floats(2, 8))
def test_labels_keep_apart_stay_inside_and_are_crossed_by_no_line(anchors, width, height):
    sizes, numbers = [[(width, height)]] * len(anchors), [(3.0, 2.4)] * len(anchors)
    places = place_labels(anchors, sizes, room=ROOM, fallbacks=numbers)
    standing = [
        (place, box_of(place, (width, height) if place.form == 0 else (3.0, 2.4)))
        for place in places
        if place is not None
    ]
    for _, box in standing:
        assert min(box[0], box[1]) >= -1e-9
        assert box[2] <= 80 + 1e-9
        assert box[3] <= 50 + 1e-9
    for (_, one), (_, other) in itertools.combinations(standing, 2):
        apart = max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])
        assert apart >= GAP_MM - 1e-9
    for place, _ in standing:
        if place.line is not None:
            assert not any(cut(place.line, box) for _, box in standing)


def test_a_label_stands_on_its_anchor_where_nothing_is_in_the_way():
    (place,) = place_labels([(40, 25)], [[(20, 5)]], room=ROOM)
    assert (place.x, place.y, place.line) == (40, 25, None)


def test_a_label_at_the_edge_is_moved_inside():
    (place,) = place_labels([(1, 1)], [[(20, 5)]], room=ROOM)
    assert (place.x, place.y) == (10, 2.5)


def test_the_first_label_keeps_its_place_and_the_second_makes_way():
    first, second = place_labels([(40, 25), (52, 25)], [[(20, 5)]] * 2, room=ROOM)
    assert (first.x, first.y) == (40, 25)
    assert (second.x, second.y) != (52, 25)


def test_a_label_far_from_its_anchor_has_a_line_to_it():
    (place,) = place_labels([(40, 25)], [[(20, 5)]], room=ROOM, taken=[(32, 17, 48, 33)])
    assert place.line is not None
    left, top, right, bottom = box_of(place, (20, 5))
    assert place.line[2:] == (40, 25)
    assert place.line[0] in (pytest.approx(left), pytest.approx(right), pytest.approx(40))
    assert top - 1e-9 <= place.line[1] <= bottom + 1e-9


def test_a_label_leads_to_a_mark_in_sight_where_another_label_covers_its_anchor():
    marks = [np.array([[40.0, 25.0]]), np.array([[50.0, 25.0], [60.0, 47.0]])]
    _, second = place_labels([(40, 25), (50, 25)], [[(78, 30)], [(10, 5)]], room=ROOM, named=marks)
    left, _, right, bottom = box_of(second, (10, 5))
    beside = left - 1 <= 60 <= right + 1 and bottom >= 46
    assert beside if second.line is None else second.line[2:] == (60, 47)


def test_where_no_form_has_room_the_fallback_stands_and_where_it_has_none_nothing_does():
    small = (0.0, 0.0, 20.0, 6.0)
    first, second, third = place_labels(
        [(10, 3), (18.5, 3), (1, 3)], [[(14, 5)]] * 3, room=small, fallbacks=[(2.0, 2.0), (2.0, 2.0), (9.0, 9.0)]
    )
    assert first.form == 0
    assert second.form == 1
    assert third is None
    assert place_labels([(10, 3)], [[(40, 5)]], room=small) == [None]


def test_the_first_form_that_stands_well_is_taken():
    assert place_labels([(40, 25)], [[(20, 5), (10, 8)]], room=ROOM)[0].form == 0
    assert place_labels([(5, 25)], [[(90, 5), (10, 8)]], room=ROOM)[0].form == 1


def test_a_label_does_not_cover_all_of_the_few_marks_that_it_names():
    few = np.array([[40.0, 25.0], [41.0, 25.0]])
    (place,) = place_labels([(40, 25)], [[(20, 5)]], room=ROOM, named=[few])
    left, top, right, bottom = box_of(place, (20, 5))
    assert not all(left < x < right and top < y < bottom for x, y in few)


def test_what_is_taken_stays_free_and_an_anchor_inside_it_can_be_left():
    taken = [(38.0, 23.0, 42.0, 27.0)]
    (place,) = place_labels([(40, 25)], [[(20, 5)]], room=ROOM, taken=taken)
    left, top, right, bottom = box_of(place, (20, 5))
    assert left >= 42 or right <= 38 or top >= 27 or bottom <= 23


def test_the_same_input_has_the_same_places():
    random = np.random.default_rng(0)
    anchors = [tuple(place) for place in random.uniform(0, 50, size=(40, 2))]
    first, second = (place_labels(anchors, [[(20, 5), (14, 8)]] * 40, room=ROOM) for _ in range(2))
    assert first == second


def test_nothing_to_label_is_no_label():
    assert place_labels([], [], room=ROOM) == []
