import numpy as np
import pytest
from scipy.cluster.hierarchy import cophenet, is_valid_linkage, linkage
from scipy.spatial.distance import squareform

from pipeline.discovery.coassociation import Ensemble, dense_coassociation
from pipeline.discovery.topic_tree import topic_tree, tree_from_table, tree_table


def together(partitions, topics):
    """The mean co-association of each pair of topics, pair by pair of units."""
    share = dense_coassociation(Ensemble.of(partitions)).astype(float)
    n = topics.max() + 1
    return np.array([[share[np.ix_(topics == one, topics == other)].mean() for other in range(n)] for one in range(n)])


@pytest.fixture
def partitions():
    return np.random.default_rng(3).integers(-1, 4, size=(40, 60)).astype(np.int32)


def test_with_topics_of_one_size_it_is_average_linkage_of_them(partitions):
    topics = np.repeat(np.arange(6), 10)
    apart = 1 - together(partitions, topics)
    np.fill_diagonal(apart, 0)
    tree = topic_tree({"partitions": partitions}, topics, 6)
    wanted = linkage(squareform(apart, checks=False), "average")
    assert is_valid_linkage(tree)
    np.testing.assert_allclose(cophenet(tree), cophenet(wanted), atol=1e-6)


def test_a_branch_counts_by_its_units(partitions):
    topics = np.repeat([0, 1, 2, -1], [30, 15, 5, 10])
    share = together(partitions, topics)
    tree = topic_tree({"partitions": partitions}, topics, 3)
    one, other = (int(leaf) for leaf in tree[0, :2])
    (third,) = {0, 1, 2} - {one, other}
    sizes = np.array([30, 15, 5])
    last = (sizes[one] * share[one, third] + sizes[other] * share[other, third]) / (sizes[one] + sizes[other])
    assert tree[0, 2] == pytest.approx(1 - share[one, other], abs=1e-6)
    assert tree[1].tolist() == pytest.approx([third, 3, 1 - last, 3], abs=1e-6)


def test_topics_that_never_come_together_meet_at_1_the_largest_first():
    partitions = np.repeat([[0, 0, 0, 1, 1, 2]], 5, axis=0).astype(np.int32)
    tree = topic_tree({"partitions": partitions}, np.array([0, 0, 0, 1, 1, 2]), 3)
    assert tree.tolist() == [[0, 1, 1, 2], [2, 3, 1, 3]]


@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_topics_have_no_tree(n):
    assert topic_tree({}, np.zeros(3, dtype=int) - 1 + n, n).shape == (0, 4)


def test_a_table_of_a_tree_gives_the_tree_back(partitions):
    tree = topic_tree({"partitions": partitions}, np.repeat(np.arange(6), 10), 6)
    numbers = [0, 1, 2, 3, 10, 11]
    table = tree_table(tree, numbers)
    np.testing.assert_allclose(tree_from_table(table, numbers), tree)
    assert sorted(int(topic) for topic in ", ".join(table.iloc[-1, :2]).split(", ")) == numbers
    assert tree_from_table(tree_table(np.zeros((0, 4)), []), []).shape == (0, 4)
