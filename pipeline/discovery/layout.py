"""Two-dimensional coordinates of the comments, for drawing."""

from __future__ import annotations

import numpy as np

from pipeline.contracts import Vectors

_FEWEST_FOR_UMAP = 15
"""UMAP's spectral start needs more points than this to have something to find."""


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
    if n_units <= _FEWEST_FOR_UMAP:
        return _principal(vectors)
    from umap import UMAP

    model = UMAP(
        n_components=2, n_neighbors=min(n_neighbors, n_units - 1), min_dist=0.1, metric="cosine",
        random_state=seed, n_jobs=1, init="pca" if n_units < 50 else "spectral",
    )  # fmt: skip
    return np.asarray(model.fit_transform(vectors), dtype=np.float32)


def _principal(vectors: Vectors) -> Vectors:
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((len(vectors), 2), dtype=np.float32)
    usable = min(2, len(sizes))
    plane[:, :usable] = (left * sizes)[:, :usable]
    return plane
