"""Two-dimensional coordinates of the comments, for drawing."""

from __future__ import annotations

import numpy as np

from pipeline.contracts import Vectors
from pipeline.discovery.compiled import umap_functions
from pipeline.discovery.neighbours import fuzzy_graph, nearest_neighbours
from pipeline.discovery.votes import Voters

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
    umap = umap_functions()
    graph = fuzzy_graph(nearest_neighbours(vectors, min(n_neighbors, n_units - 1), seed=seed))
    a, b = umap.find_ab_params(1.0, MIN_DIST)
    # Not by UMAP's class, which looks for neighbours of its own: by a call for each pair, or by approximation.
    places, _ = umap.simplicial_set_embedding(
        vectors, graph, 2, 1.0, a, b, 1.0, 5, None, "pca" if n_units < FEWEST_FOR_SPECTRAL else "spectral",
        np.random.RandomState(seed), "cosine", {}, False, {}, False,
    )  # fmt: skip
    return np.asarray(places, dtype=np.float32)


def placed_beside(places: Vectors, voters: Voters) -> Vectors:
    """Place units where those are that they are nearest to: there are too many to lay out all.

    Parameters
    ----------
    places : ndarray of shape (n, 2), float32
        Coordinates of the units that were laid out.
    voters : Voters
        The nearest of these for each of m others.

    Returns
    -------
    ndarray of shape (m, 2), float32
        The mean place of the nearest units that lie together, by weight: of those no further from the nearest one than
        half of them are. A mean between two groups that lie apart would be a place where nobody is.
    """
    around = places[voters.rows].astype(np.float64)
    apart = np.linalg.norm(around - around[:, :1], axis=2)
    weights = np.where(apart <= np.median(apart, axis=1, keepdims=True), voters.weights, 0.0)
    # Units that are like none of the others stand where the nearest one stands.
    weights[weights.sum(axis=1) <= 0.0, 0] = 1.0
    return np.asarray(np.einsum("mk,mkd->md", weights, around) / weights.sum(axis=1)[:, None], dtype=np.float32)


def _principal(vectors: Vectors) -> Vectors:
    centred = vectors - vectors.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((len(vectors), 2), dtype=np.float32)
    usable = min(2, len(sizes))
    plane[:, :usable] = (left * sizes)[:, :usable]
    return plane
