"""Overlaps of topics and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.discovery.stability import bootstrap_rows, measure_stability, overlaps

LABELS = np.array([0, 0, 0, 0, 1, 1, 1, -1], dtype=np.int64)


def test_overlap_is_the_jaccard_index() -> None:
    other = np.array([0, 0, 1, 1, 1, 1, 1, 0], dtype=np.int64)
    assert overlaps(LABELS, other) == pytest.approx(np.array([[2 / 5, 2 / 7], [0, 3 / 5]]))


def test_overlap_with_no_topics_is_empty() -> None:
    assert overlaps(LABELS, np.full(8, -1)).shape == (2, 0)


def test_a_topic_that_always_returns_has_stability_one_and_one_that_dissolves_less() -> None:
    without_second = np.array([0, 0, 0, 0, -1, -1, -1, -1], dtype=np.int64)
    rows = np.array([0, 1, 4, 5])
    stability = measure_stability(
        LABELS, (LABELS, without_second), [(rows, np.array([0, 0, 1, 1])), (rows, np.array([0, 0, -1, -1]))]
    )
    assert stability.over_seeds.tolist() == [1, 0]
    assert stability.over_samples.tolist() == [1, 0.5]
    assert 0 < stability.of_halves < 1


def test_without_samples_there_is_repeatability_and_no_stability() -> None:
    stability = measure_stability(LABELS, (LABELS, LABELS), [])
    assert stability.over_seeds.tolist() == [1, 1]
    assert np.isnan(stability.over_samples).all()
    assert np.isnan(stability.of_samples)


def test_a_topic_that_was_not_drawn_does_not_count_against_itself() -> None:
    stability = measure_stability(
        LABELS, (LABELS, LABELS), [(np.array([0, 1]), np.array([0, 0])), (np.array([0, 4]), np.array([0, 1]))]
    )
    assert stability.over_samples.tolist() == [1, 1]


def test_samples_hold_each_comment_once() -> None:
    rows = bootstrap_rows(1000, 3, 5)
    assert [len(np.unique(sample)) for sample in rows] == [len(sample) for sample in rows]
    assert all(0.58 < len(sample) / 1000 < 0.68 for sample in rows)
    assert not np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[2], bootstrap_rows(1000, 3, 5)[2])
