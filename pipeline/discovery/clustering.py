"""The clusterer that a configuration asks for."""

from __future__ import annotations

from pipeline.config import DiscoverConfig
from pipeline.contracts import Progress, Vectors
from pipeline.discovery.consensus import ConsensusClusterer


def cluster(
    vectors: Vectors, config: DiscoverConfig, *, seed: int, progress: Progress | None = None, copy: bool = True
) -> ConsensusClusterer:
    """Return the clusterer of a configuration, fitted to unit vectors of shape (n_units, n_dimensions).

    Without a copy the vectors are scaled where they are.
    """
    return ConsensusClusterer(
        n_neighbors=config.n_neighbors,
        n_components=config.n_components,
        n_seeds=config.n_seeds,
        min_samples=config.min_samples,
        min_topic_size=config.min_topic_size,
        max_topic_share=config.max_topic_share,
        membership_floor=config.membership_floor,
        coarse_range=config.coarse_range,
        n_bootstrap=config.n_bootstrap,
        fit_on=config.fit_on,
        random_state=seed,
        copy=copy,
        device=config.device,
        progress=progress,
    ).fit(vectors)
