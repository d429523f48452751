"""A clusterer that gives the same topics again: the consensus of many layouts and granularities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClusterMixin

SMALLEST_CLUSTERED = 20
"""Below this many comments nothing is clustered."""


class ConsensusClusterer(ClusterMixin, BaseEstimator):
    """Consensus of UMAP layouts under several seeds, read by HDBSCAN at several granularities."""

    def __init__(
        self,
        *,
        n_neighbors: int = 15,
        n_components: int = 5,
        n_seeds: int | None = None,
        n_epochs: int = 100,
        granularities: tuple[int, ...] | None = None,
        min_samples: int = 5,
        min_topic_size: int | None = None,
        max_topic_share: float = 0.2,
        membership_floor: float = 0.1,
        coarse_range: tuple[int, int] = (6, 15),
        n_bootstrap: int = 10,
        dense_below: int = 6_000,
        random_state: int = 0,
        n_jobs: int | None = None,
        on_step: Callable[[int, int], None] | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.n_components = n_components
        self.n_seeds = n_seeds
        self.n_epochs = n_epochs
        self.granularities = granularities
        self.min_samples = min_samples
        self.min_topic_size = min_topic_size
        self.max_topic_share = max_topic_share
        self.membership_floor = membership_floor
        self.coarse_range = coarse_range
        self.n_bootstrap = n_bootstrap
        self.dense_below = dense_below
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.on_step = on_step

    def fit(self, X: NDArray[Any], y: object = None) -> ConsensusClusterer:
        """Find the topics of unit vectors."""
        from pipeline.discovery.coassociation import Ensemble, nearest_topics, neighbour_smoother
        from pipeline.discovery.cut import agreed_level, cut_tree, settle
        from pipeline.discovery.ensemble import LayoutPlan, build_members, member_seeds
        from pipeline.discovery.hierarchy import coarse_topics
        from pipeline.discovery.neighbours import fuzzy_graph, nearest_neighbours, starting_positions
        from pipeline.discovery.tree import dense_tree, sparse_tree

        vectors = np.ascontiguousarray(X, dtype=np.float32)
        n = len(vectors)
        self.n_features_in_ = vectors.shape[1]
        self.clustered_ = n >= SMALLEST_CLUSTERED
        self.labels_ = np.full(n, -1, dtype=np.int64)
        self.nearest_label_ = np.full(n, -1, dtype=np.int64)
        self.probabilities_ = np.zeros(n)
        self.coarse_labels_ = np.full(n, -1, dtype=np.int64)
        self.cluster_stability_ = np.zeros(0)
        self.stability_ = 0.0
        if not self.clustered_:
            return self
        smallest = self.min_topic_size or max(4, min(round(n / 40), 10), round(n**0.5 / 5))
        sizes = self.granularities or tuple(max(2, round(smallest * f)) for f in (0.8, 1.2, 1.8, 2.7))
        neighbours = nearest_neighbours(vectors, min(self.n_neighbors, n), seed=self.random_state)
        graph = fuzzy_graph(neighbours)
        plan = LayoutPlan(
            graph,
            starting_positions(vectors, self.n_components),
            self.n_epochs,
            sizes,
            self.min_samples,
            max(2, int(n * self.max_topic_share)),
        )
        n_seeds = self.n_seeds or max(20, min(100, round(70_000 / n)))
        seeds = member_seeds(self.random_state, n_seeds)
        members = build_members([(plan, s) for s in seeds], n_jobs=self.n_jobs, on_step=self.on_step)
        ensemble = Ensemble.of(np.concatenate(members))
        tree = dense_tree(ensemble) if n <= self.dense_below else sparse_tree(ensemble, graph)
        self.cut_level_ = agreed_level(tree, ensemble)
        smoother = neighbour_smoother(graph, 0.5)
        self.labels_ = settle(
            ensemble,
            cut_tree(tree, self.cut_level_),
            smoother,
            min_size=smallest,
            floor=self.membership_floor,
        )
        if self.labels_.max() < 0:
            return self
        self.nearest_label_, self.probabilities_ = nearest_topics(ensemble, self.labels_, smoother)
        groups = coarse_topics(vectors, self.labels_, self.coarse_range)
        self.coarse_labels_ = np.where(self.labels_ >= 0, groups[self.labels_], -1)
        self.cluster_stability_ = np.array(
            [self.probabilities_[self.labels_ == k].mean() for k in range(self.labels_.max() + 1)]
        )
        self.stability_ = float(self.cluster_stability_.mean())
        return self
