"""From sentences to comments."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.discovery.rollup import roll_up


def rolled(units: list[tuple[str, int, float]], nearest: list[int] | None = None):
    comments = list(dict.fromkeys(comment for comment, _, _ in units))
    labels = np.array([topic for _, topic, _ in units])
    return roll_up(
        comments,
        [comment for comment, _, _ in units],
        labels,
        np.array([membership for _, _, membership in units]),
        labels if nearest is None else np.array(nearest),
    )


def test_a_comment_has_the_topic_of_most_of_its_units():
    found = rolled([("a", 0, 0.5), ("a", 1, 0.9), ("a", 0, 0.7), ("b", 2, 0.4)])
    assert found.topic.tolist() == [0, 2]
    assert found.membership.tolist() == pytest.approx([0.6, 0.4])


def test_a_topic_wins_over_being_in_none():
    found = rolled([("a", -1, 0.1), ("a", -1, 0.1), ("a", 3, 0.2)])
    assert found.topic.tolist() == [3]


def test_a_tie_goes_to_the_firmer_topic():
    assert rolled([("a", 0, 0.3), ("a", 1, 0.8)]).topic.tolist() == [1]


def test_an_outlier_knows_its_nearest_topic():
    found = rolled([("a", -1, 0.02), ("a", -1, 0.08)], nearest=[4, 2])
    assert found.topic.tolist() == [-1]
    assert found.nearest.tolist() == [2]


def test_shares_of_a_comment_add_up_and_keep_the_order_of_the_comments():
    found = rolled([("b", 1, 0.5), ("b", 0, 0.5), ("b", 0, 0.5), ("b", -1, 0.0), ("a", 1, 0.5)])
    assert found.shares["comment_id"].tolist() == ["b", "b", "b", "a"]
    assert found.shares.groupby("comment_id")["share"].sum().tolist() == pytest.approx([1.0, 1.0])
    assert dict(zip(found.shares["topic"][:3], found.shares["share"][:3], strict=True)) == {-1: 0.25, 0: 0.5, 1: 0.25}
