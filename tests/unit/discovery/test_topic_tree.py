"""The tree of topics, its cut into coarse topics, and its table."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, fcluster, is_valid_linkage, linkage
from sklearn.metrics import adjusted_rand_score

from pipeline.discovery.topic_tree import branches, coarse_topics, topic_tree, tree_from_table, tree_table


def families(n_families, each, sizes=None):
    """Topics in families: the same first half of the vector, their own second half."""
    random = np.random.default_rng(0)
    rows, labels = [], []
    for topic in range(n_families * each):
        centre = np.zeros(64)
        centre[topic // each] = 1.0
        centre[20 + topic] = 0.4
        for _ in range(5 + topic if sizes is None else sizes[topic]):
            rows.append(centre + random.normal(scale=0.01, size=64))
            labels.append(topic)
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.array(labels, dtype=np.int64)


def coarse_of(vectors, labels, coarse_range):
    sizes = np.bincount(labels[labels >= 0])
    return coarse_topics(topic_tree(vectors, labels, len(sizes)), sizes, coarse_range)


def test_with_topics_of_one_size_it_is_wards_linkage_of_their_means():
    vectors, labels = families(3, 3, sizes=[6] * 9)
    tree = topic_tree(vectors, labels, 9)
    means = np.stack([vectors[labels == topic].mean(axis=0, dtype=float) for topic in range(9)])
    wanted = cophenet(linkage(means, "ward"))
    assert is_valid_linkage(tree)
    np.testing.assert_allclose(cophenet(tree), wanted / wanted.max(), atol=1e-4)


def test_a_topic_counts_by_its_units():
    # Of a large and a small neighbour at one distance a topic meets the small one: that moves fewer comments.
    at = np.array([[0.0, 1.0], [-0.6, 0.8], [0.6, 0.8]], dtype=np.float32)
    labels = np.repeat([0, 1, 2], [10, 40, 4])
    assert branches(topic_tree(at[labels], labels, 3))[0][:2] == ([0], [2])


def test_heights_ascend_to_1_and_outliers_do_not_count():
    vectors, labels = families(4, 3)
    tree = topic_tree(vectors, labels, 12)
    assert (np.diff(tree[:, 2]) >= 0).all()
    assert tree[-1, 2] == 1
    padded = np.concatenate([vectors, np.zeros((10, 64), dtype=np.float32)])
    assert (topic_tree(padded, np.concatenate([labels, np.full(10, -1)]), 12) == tree).all()


def test_topics_of_the_same_comments_meet_at_0():
    vectors = np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (6, 1))
    assert topic_tree(vectors, np.repeat([0, 1, 2], 2), 3).tolist() == [[0, 1, 0, 2], [2, 3, 0, 3]]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_topics_have_no_tree(n):
    assert topic_tree(np.ones((3, 2), dtype=np.float32), np.zeros(3, dtype=int) - 1 + n, n).shape == (0, 4)


def test_families_are_the_coarse_topics_and_a_cut_of_the_tree():
    vectors, labels = families(7, 3)
    groups = coarse_of(vectors, labels, (4, 7))
    assert groups.max() + 1 == 7
    assert [len(set(family)) for family in groups.reshape(7, 3).tolist()] == [1] * 7
    cut = fcluster(topic_tree(vectors, labels, 21), 7, criterion="maxclust")
    assert adjusted_rand_score(cut, groups) == 1


def test_coarse_topics_are_numbered_by_size():
    vectors, labels = families(7, 3)
    groups = coarse_of(vectors, labels, (4, 15))
    assert (np.diff(np.bincount(groups[labels])) <= 0).all()


def test_half_of_the_topics_within_the_range():
    vectors, labels = families(3, 5)
    for coarse_range, found in (((4, 8), 8), ((4, 6), 6), ((1, 20), 8), ((12, 14), 12), ((1, 3), 3), ((20, 30), 15)):
        assert coarse_of(vectors, labels, coarse_range).max() + 1 == found


def test_few_topics_are_left_alone():
    vectors, labels = families(4, 1)
    assert coarse_of(vectors, labels, (6, 15)).tolist() == [0, 1, 2, 3]
    assert coarse_of(vectors, np.full(len(vectors), -1), (6, 15)).tolist() == []


def test_a_table_of_a_tree_gives_the_tree_back():
    vectors, labels = families(3, 2)
    tree = topic_tree(vectors, labels, 6)
    numbers = [0, 1, 2, 3, 10, 11]
    table = tree_table(tree, numbers)
    np.testing.assert_allclose(tree_from_table(table, numbers), tree)
    assert sorted(int(topic) for topic in ", ".join(table.iloc[-1, :2]).split(", ")) == numbers
    assert tree_from_table(tree_table(np.zeros((0, 4)), []), []).shape == (0, 4)
