"""How often comments come together in an ensemble of partitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class Ensemble:
    """Partitions of the same comments.

    Attributes
    ----------
    partitions : ndarray of shape (n_partitions, n), int32
        Labels from 0; -1 for outliers.
    clusters : scipy.sparse.csr_matrix of shape (n, n_clusters), float32
        1 where a comment is in a cluster of any partition. Its product with its own transpose
        counts the partitions that put two comments together; an outlier of a partition has no
        entry there, and so is together with nobody.
    owner : ndarray of shape (n_clusters,), int64
        The partition of each cluster.
    """

    partitions: NDArray[np.int32]
    clusters: Any
    owner: NDArray[np.int64]

    @classmethod
    def of(cls, partitions: NDArray[np.int32]) -> Ensemble:
        """Index the clusters of partitions.

        Parameters
        ----------
        partitions : ndarray of shape (n_partitions, n), int32
            Labels from 0 without gaps; -1 for outliers.

        Returns
        -------
        Ensemble
        """
        from scipy.sparse import csr_matrix

        n_partitions, n = partitions.shape
        counts = np.maximum(partitions.max(axis=1) + 1, 0)
        offsets = np.cumsum(counts) - counts
        member, comment = np.nonzero(partitions >= 0)
        columns = partitions[member, comment] + offsets[member]
        ones = np.ones(len(comment), dtype=np.float32)
        clusters = csr_matrix((ones, (comment, columns)), shape=(n, int(counts.sum())))
        return cls(partitions, clusters, np.repeat(np.arange(n_partitions), counts))

    @property
    def n_partitions(self) -> int:
        """Number of partitions."""
        return len(self.partitions)


def dense_coassociation(ensemble: Ensemble) -> NDArray[np.float32]:
    """Share of the partitions that put each pair of comments together.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments.

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
    # Counts up to 2**24 are exact in float32, so the order of the sums cannot change the result. Most comments are in
    # few of the clusters: only pairs within one are looked at.
    together = (ensemble.clusters @ ensemble.clusters.T).toarray()
    together /= np.float32(ensemble.n_partitions)
    np.fill_diagonal(together, 1.0)
    return np.asarray(together, dtype=np.float32)


def topic_coassociation(ensemble: Ensemble, labels: NDArray[np.int64]) -> Any:
    """Mean co-association of every comment with every topic.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments.
    labels : ndarray of shape (n,), int64
        Topics from 0 without gaps; -1 for outliers.

    Returns
    -------
    scipy.sparse.csr_matrix of shape (n, n_topics), float64
        In [0, 1]. A comment is not counted with itself: alone in a topic it has 0.

    Notes
    -----
    Computed from the comments' clusters and the topics' mean clusters, so that no pair of comments
    is ever looked at: time and memory grow with n, not with its square.
    """
    from scipy.sparse import csr_matrix, diags

    n, n_topics = len(labels), int(labels.max()) + 1
    clusters = ensemble.clusters.astype(np.float64)
    inside = np.flatnonzero(labels >= 0)
    topics = csr_matrix((np.ones(len(inside)), (inside, labels[inside])), shape=(n, n_topics))
    sums = (clusters @ (clusters.T @ topics)).tocsr()
    sizes = np.bincount(labels[inside], minlength=n_topics).astype(np.float64)
    with_own = np.asarray(sums[inside, labels[inside]]).ravel()
    itself = np.asarray(clusters.sum(axis=1)).ravel()[inside]
    own_size = sizes[labels[inside]]
    correction = (with_own - itself) / np.maximum(own_size - 1, 1) - with_own / own_size
    means = sums @ diags(1.0 / sizes)
    means = means + csr_matrix((correction, (inside, labels[inside])), shape=(n, n_topics))
    means = (means / ensemble.n_partitions).tocsr()
    np.clip(means.data, 0.0, 1.0, out=means.data)
    return means


def neighbour_smoother(graph: Any, own_weight: float) -> Any:
    """Average each comment's memberships with those of its neighbours.

    Parameters
    ----------
    graph : scipy.sparse matrix of shape (n, n)
        The fuzzy graph that every layout shares.
    own_weight : float
        What the comment itself counts, in (0, 1]; its neighbours share the rest by their weights.

    Returns
    -------
    scipy.sparse.csr_matrix of shape (n, n), float64
        Rows add up to 1.

    Notes
    -----
    Whether a comment at a topic's edge is an outlier is the noisiest thing about one HDBSCAN run.
    Its neighbours are fixed, so averaging over them lowers that noise without another layout.
    """
    from scipy.sparse import diags

    weights = graph.tocsr().astype(np.float64)
    totals = np.asarray(weights.sum(axis=1)).ravel()
    linked = totals > 0
    # A comment without a neighbour keeps its own membership whole.
    shares = np.where(linked, (1.0 - own_weight) / np.where(linked, totals, 1.0), 0.0)
    own = np.where(linked, own_weight, 1.0)
    return (diags(own) + diags(shares) @ weights).tocsr()


def nearest_topics(
    ensemble: Ensemble, labels: NDArray[np.int64], smoother: Any
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Find the topic that each comment comes with most often.

    Parameters
    ----------
    ensemble : Ensemble
        Of n comments.
    labels : ndarray of shape (n,), int64
        Topics from 0 without gaps, at least one; -1 for outliers.
    smoother : scipy.sparse.csr_matrix of shape (n, n)
        From `neighbour_smoother`.

    Returns
    -------
    topic : ndarray of shape (n,), int64
        From 0; ties go to the lower number.
    membership : ndarray of shape (n,), float64
        Mean co-association with that topic, of the comment and its neighbours, in [0, 1].
    own : ndarray of shape (n,), float64
        The same with the topic that the comment has in `labels`; 0 for outliers.
    """
    means = topic_coassociation(ensemble, labels)
    n = len(labels)
    topic = np.zeros(n, dtype=np.int64)
    membership = np.zeros(n)
    own = np.zeros(n)
    for first in range(0, n, _ROWS_AT_ONCE):
        rows = slice(first, min(first + _ROWS_AT_ONCE, n))
        # Rounded, so that the order of a sum does not decide between equals.
        smoothed = np.round((smoother[rows] @ means).toarray(), 9)
        topic[rows] = smoothed.argmax(axis=1)
        membership[rows] = smoothed.max(axis=1)
        of_label = smoothed[np.arange(len(smoothed)), np.maximum(labels[rows], 0)]
        own[rows] = np.where(labels[rows] >= 0, of_label, 0.0)
    return topic, np.clip(membership, 0.0, 1.0), np.clip(own, 0.0, 1.0)
