"""Two-dimensional coordinates of the comments, for drawing."""

from __future__ import annotations

import numpy as np

from pipeline.contracts import Vectors
from pipeline.discovery.compiled import keep_compiled

MOST_BY_COMPONENTS = 15
"""So many units, or fewer, are too few for UMAP and stand at their principal components."""

FEWEST_FOR_SPECTRAL = 50
"""UMAP's spectral start needs as many units to have something to find."""

MIN_DIST = 0.1
"""UMAP's min_dist: how close together it may put units."""


def lay_out(vectors: Vectors, *, n_neighbors: int, seed: int) -> Vectors:
    """Place units in the plane so that near ones stay near.

    Parameters
    ----------
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    n_neighbors : int
        UMAP's neighbourhood.
    seed : int
        UMAP's seed.

    Returns
    -------
    ndarray of shape (n_units, 2), float32
        Coordinates without a unit. Few units are placed by their first two principal components.
    """
    n_units = len(vectors)
    if n_units <= MOST_BY_COMPONENTS:
        return _principal(vectors)
    from umap import UMAP

    keep_compiled()
    model = UMAP(
        n_components=2, n_neighbors=min(n_neighbors, n_units - 1), min_dist=MIN_DIST, metric="cosine",
        random_state=seed, n_jobs=1, init="pca" if n_units < FEWEST_FOR_SPECTRAL else "spectral",
    )  # fmt: skip
    return np.asarray(model.fit_transform(vectors), dtype=np.float32)


def _principal(vectors: Vectors) -> Vectors:
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((len(vectors), 2), dtype=np.float32)
    usable = min(2, len(sizes))
    plane[:, :usable] = (left * sizes)[:, :usable]
    return plane
