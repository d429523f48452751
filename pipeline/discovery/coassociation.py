"""How often comments come together in an ensemble of partitions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def indicator(partitions: NDArray[np.int32]) -> Any:
    """Write an ensemble as one sparse matrix of comments by clusters.

    Parameters
    ----------
    partitions : ndarray of shape (n_partitions, n), int32
        Labels from 0; -1 for outliers.

    Returns
    -------
    scipy.sparse.csr_matrix of shape (n, n_clusters), float32
        1 where a comment is in a cluster. Its product with its own transpose counts the partitions
        that put two comments together; outliers have no entry and so are never together.
    """
    from scipy.sparse import csr_matrix

    n_partitions, n = partitions.shape
    sizes = np.maximum(partitions.max(axis=1) + 1, 0)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    member, comment = np.nonzero(partitions >= 0)
    columns = partitions[member, comment] + offsets[member]
    ones = np.ones(len(comment), dtype=np.float32)
    return csr_matrix((ones, (comment, columns)), shape=(n, max(1, int(offsets[n_partitions]))))


def dense_coassociation(partitions: NDArray[np.int32]) -> NDArray[np.float32]:
    """Share of the partitions that put each pair of comments together.

    Parameters
    ----------
    partitions : ndarray of shape (n_partitions, n), int32
        Labels from 0; -1 for outliers.

    Returns
    -------
    ndarray of shape (n, n), float32
        Symmetric, in [0, 1]; the diagonal is 1.

    References
    ----------
    Fred, A. L. N. and Jain, A. K. (2005). Combining multiple clusterings using evidence
    accumulation. IEEE Transactions on Pattern Analysis and Machine Intelligence 27, 835-850.
    doi:10.1109/TPAMI.2005.113
    """
    # At most as many clusters as fit a few thousand columns: the product is faster dense.
    clusters = indicator(partitions).toarray()
    together = clusters @ clusters.T
    together /= len(partitions)
    np.fill_diagonal(together, 1.0)
    return np.asarray(together, dtype=np.float32)


def membership(partitions: NDArray[np.int32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean co-association of every comment with every topic.

    Parameters
    ----------
    partitions : ndarray of shape (n_partitions, n), int32
        The ensemble.
    labels : ndarray of shape (n,), int64
        Topics from 0 without gaps; -1 for outliers.

    Returns
    -------
    ndarray of shape (n, n_topics), float64
        In [0, 1]. A comment is not counted with itself: in a topic of its own it has 0.

    Notes
    -----
    Computed from the comments' clusters and the topics' mean clusters, so that no pair of comments
    is ever looked at: the cost grows with n, not with its square.
    """
    from scipy.sparse import csr_matrix

    n_topics = int(labels.max()) + 1
    clusters = indicator(partitions)
    inside = np.flatnonzero(labels >= 0)
    ones = np.ones(len(inside), dtype=np.float32)
    topics = csr_matrix((ones, (labels[inside], inside)), shape=(n_topics, len(labels)))
    counts = np.asarray((topics @ clusters).todense(), dtype=np.float64)
    sums = np.asarray(clusters @ counts.T, dtype=np.float64)
    sizes = np.bincount(labels[inside], minlength=n_topics).astype(np.float64)
    others = np.tile(sizes, (len(labels), 1))
    itself = np.asarray(clusters.sum(axis=1)).ravel()
    sums[inside, labels[inside]] -= itself[inside]
    others[inside, labels[inside]] -= 1
    return np.clip(sums / np.maximum(others, 1.0) / len(partitions), 0.0, 1.0)
