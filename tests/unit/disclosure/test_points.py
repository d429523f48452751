import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.contracts import OUTLIER
from pipeline.disclosure.points import SMALL_TOPICS, protect_points
from pipeline.disclosure.rules import Rules
from tests.unit.disclosure.example_tables import points_of


def numbers_of(shown):
    return shown["topic"].value_counts().to_dict()


def test_topics_and_outliers_have_a_round_number_of_points_and_never_more_than_there_are():
    shown = protect_points(points_of({0: 93, 1: 50, 2: 8, OUTLIER: 34}), set(), Rules())
    assert numbers_of(shown) == {0: 90, 1: 50, 2: 5, OUTLIER: 30}
    assert shown.index.tolist() == list(range(175))


def test_topics_left_out_are_put_together_and_thinned_together():
    shown = protect_points(points_of({0: 90, 1: 26, 2: 7, OUTLIER: 30}), {1, 2}, Rules())
    assert numbers_of(shown) == {0: 90, SMALL_TOPICS: 30, OUTLIER: 30}
    assert set(shown.loc[shown["topic"] == SMALL_TOPICS, "theme"]) == {""}


def test_few_points_of_topics_left_out_are_among_those_in_no_topic():
    shown = protect_points(points_of({0: 90, 1: 7, OUTLIER: 30}), {1}, Rules())
    assert numbers_of(shown) == {0: 90, OUTLIER: 35}
    assert set(shown.loc[shown["topic"] == OUTLIER, "theme"]) == {""}


def test_few_points_in_no_topic_are_not_shown():
    assert numbers_of(protect_points(points_of({0: 90, OUTLIER: 7}), set(), Rules())) == {0: 90}
    assert numbers_of(protect_points(points_of({0: 90, 1: 3, OUTLIER: 4}), {1}, Rules())) == {0: 90}


def test_a_topic_of_less_than_a_step_of_rounding_is_put_together_with_others_rather_than_emptied():
    shown = protect_points(points_of({0: 9, 1: 6, 2: 40}), set(), Rules(suppress_below=4, round_to=10, smallest_base=0))
    assert numbers_of(shown) == {SMALL_TOPICS: 10, 2: 40}


def test_without_rounding_only_few_points_are_put_together():
    shown = protect_points(points_of({0: 9, 1: 43}), set(), Rules(round_to=1))
    assert numbers_of(shown) == {0: 9, 1: 43}


def test_a_map_without_points_stays_without():
    assert protect_points(points_of({}), set(), Rules()).columns.tolist() == ["x", "y", "topic", "theme"]


def test_what_came_in_is_not_changed():
    points = points_of({0: 93, 1: 7})
    before = points.copy()
    protect_points(points, {1}, Rules())
    pd.testing.assert_frame_equal(points, before)


def test_which_points_are_left_out_differs_between_maps_and_not_between_runs():
    points = points_of({0: 1003})
    shown = protect_points(points, set(), Rules())
    pd.testing.assert_frame_equal(shown, protect_points(points, set(), Rules()))
    more = pd.concat([points, points_of({OUTLIER: 10}, seed=9)], ignore_index=True)
    other = protect_points(more, set(), Rules())
    gone = [set(points["x"]) - set(map_["x"]) for map_ in (shown, other)]
    assert len(gone[0]) == len(gone[1]) == 3
    assert gone[0] != gone[1]


@pytest.mark.thorough
def test_it_is_not_the_points_at_the_edge_that_are_left_out():
    left_out = []
    for seed in range(300):
        points = points_of({0: 24}, seed=seed)
        gone = ~points["x"].isin(protect_points(points, set(), Rules())["x"])
        left_out += points["x"].rank()[gone].tolist()
    # The mean of 1,200 ranks from 1 to 24 drawn at random has a standard error of 0.2.
    assert np.mean(left_out) == pytest.approx(12.5, abs=0.8)


@pytest.mark.thorough
@given(
    numbers=st.dictionaries(st.sampled_from([OUTLIER, 0, 1, 2, 3]), st.integers(0, 40), max_size=5),
    small=st.sets(st.sampled_from([0, 1, 2, 3])), below=st.integers(0, 12), to=st.integers(1, 12), data=st.data(),
)  # fmt: skip
@settings(max_examples=100)
def test_numbers_of_points_are_round_and_do_not_depend_on_the_order_of_rows(numbers, small, below, to, data):
    rules = Rules(suppress_below=below, round_to=to, smallest_base=0)
    points = points_of(numbers)
    shown = protect_points(points, small, rules)
    for topic, number in numbers_of(shown).items():
        assert number % to == 0
        assert number >= to
        if topic >= 0:
            assert topic not in small
            assert number in range(max(numbers[topic] - to + 1, 1), numbers[topic] + 1)
            assert numbers[topic] >= below
    for topic, number in numbers.items():
        if topic >= 0 and topic not in small and number >= max(below, to):
            assert topic in set(shown["topic"])
    again = protect_points(points.iloc[data.draw(st.permutations(range(len(points))))], small, rules)
    pd.testing.assert_frame_equal(
        shown.sort_values(["x", "y"]).reset_index(drop=True), again.sort_values(["x", "y"]).reset_index(drop=True)
    )
