"""Co-association, memberships and the tree, against values worked out by hand or by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.cluster.hierarchy import cophenet
from scipy.sparse import csr_matrix, identity

from pipeline.discovery.coassociation import (
    Ensemble,
    dense_coassociation,
    nearest_topics,
    neighbour_smoother,
    topic_coassociation,
)
from pipeline.discovery.tree import dense_tree, sparse_tree

PARTITIONS = np.array([[0, 0, 1, 1, -1, -1], [0, 0, 0, 1, 1, -1]], dtype=np.int32)


@pytest.fixture
def random_partitions() -> NDArray[np.int32]:
    random = np.random.default_rng(0)
    truth = random.integers(5, size=60)
    noisy = np.where(random.random((9, 60)) < 0.2, random.integers(5, size=(9, 60)), truth)
    return np.where(random.random((9, 60)) < 0.15, -1, noisy).astype(np.int32)


def test_coassociation_is_the_share_of_partitions_and_outliers_are_never_together() -> None:
    together = dense_coassociation(Ensemble.of(PARTITIONS))
    assert together[0, 1] == 1.0
    assert together[0, 2] == 0.5
    assert together[2, 3] == 0.5
    assert together[4, 5] == 0.0
    assert (np.diag(together) == 1).all()


def test_topic_coassociation_equals_the_mean_over_pairs(random_partitions: NDArray[np.int32]) -> None:
    ensemble = Ensemble.of(random_partitions)
    together = dense_coassociation(ensemble).astype(float)
    labels = (np.arange(60) % 4).astype(np.int64) - 1
    means = topic_coassociation(ensemble, labels).toarray()
    for comment in (0, 1, 2, 3, 59):
        for topic in range(3):
            others = [i for i in np.flatnonzero(labels == topic) if i != comment]
            assert means[comment, topic] == pytest.approx(together[comment, others].mean(), abs=1e-6)


def test_a_comment_alone_in_a_topic_has_no_membership() -> None:
    labels = np.array([0, 0, 0, 0, 0, 1], dtype=np.int64)
    assert topic_coassociation(Ensemble.of(PARTITIONS), labels).toarray()[5, 1] == 0.0


def test_neighbours_lend_their_membership() -> None:
    graph = csr_matrix(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=float))
    smoother = neighbour_smoother(graph, 0.5).toarray()
    assert smoother.tolist() == [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]]


def test_nearest_topic_of_an_outlier_and_own_topic_of_the_others() -> None:
    labels = np.array([0, 0, -1, 1, 1, -1], dtype=np.int64)
    topic, membership, own = nearest_topics(Ensemble.of(PARTITIONS), labels, identity(6).tocsr())
    assert topic[2] == 0
    assert membership[2] == 0.5
    assert own[2] == 0.0
    assert membership[5] == 0.0
    assert own[0] == 1.0


def test_sparse_tree_over_all_pairs_is_the_dense_tree(random_partitions: NDArray[np.int32]) -> None:
    # Weights make every mean distinct, so that no tie leaves the order open.
    weights = np.repeat(np.arange(9), 2 ** np.arange(9))
    ensemble = Ensemble.of(random_partitions[weights])
    everyone = csr_matrix(np.ones((60, 60)))
    sparse, dense = cophenet(sparse_tree(ensemble, everyone)), cophenet(dense_tree(ensemble))
    lively = dense < 0.98
    assert np.allclose(sparse[lively], dense[lively], atol=1e-5)


def test_sparse_tree_joins_what_no_neighbours_join_at_the_top() -> None:
    tree = sparse_tree(Ensemble.of(PARTITIONS), csr_matrix((6, 6)))
    assert tree.shape == (5, 4)
    assert (tree[:, 2] == 1).all()
    assert tree[-1, 3] == 6
