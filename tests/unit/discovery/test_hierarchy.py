"""The coarse level: related topics together, a number that people can read."""

from __future__ import annotations

import numpy as np

from pipeline.discovery.hierarchy import coarse_topics


def families(n_families: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Topics in families: the same first half of the vector, their own second half."""
    random = np.random.default_rng(0)
    rows, labels = [], []
    for topic in range(n_families * each):
        centre = np.zeros(64)
        centre[topic // each] = 1.0
        centre[20 + topic] = 0.4
        for _ in range(5 + topic):
            rows.append(centre + random.normal(scale=0.01, size=64))
            labels.append(topic)
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.array(labels, dtype=np.int64)


def test_families_are_the_coarse_topics() -> None:
    vectors, labels = families(7, 3)
    groups = coarse_topics(vectors, labels, (4, 7))
    assert groups.max() + 1 == 7
    for family in groups.reshape(7, 3):
        assert len(set(family)) == 1
    assert len({family[0] for family in groups.reshape(7, 3)}) == 7


def test_coarse_topics_are_numbered_by_size() -> None:
    vectors, labels = families(7, 3)
    groups = coarse_topics(vectors, labels, (4, 15))
    assert (np.diff(np.bincount(groups[labels])) <= 0).all()


def test_two_thirds_of_the_topics_within_the_range() -> None:
    vectors, labels = families(3, 5)
    for coarse_range, found in (((4, 8), 8), ((4, 6), 6), ((1, 20), 8), ((12, 14), 12), ((1, 3), 3), ((20, 30), 15)):
        assert coarse_topics(vectors, labels, coarse_range).max() + 1 == found


def test_few_topics_are_left_alone() -> None:
    vectors, labels = families(4, 1)
    assert coarse_topics(vectors, labels, (6, 15)).tolist() == [0, 1, 2, 3]
    assert coarse_topics(vectors, np.full(len(vectors), -1), (6, 15)).tolist() == []


def test_outliers_do_not_count() -> None:
    vectors, labels = families(7, 3)
    with_outliers = np.concatenate([labels, np.full(10, -1)])
    padded = np.concatenate([vectors, np.zeros((10, 64), dtype=np.float32)])
    assert (coarse_topics(padded, with_outliers, (6, 15)) == coarse_topics(vectors, labels, (6, 15))).all()
