"""The one neighbour graph that every layout of an ensemble shares."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery.compiled import umap_functions

EXACT_BELOW = 20_000
"""Up to this many comments neighbours are found by comparing all pairs, beyond by approximation."""

_ROWS_AT_ONCE = 1_024
_MOST_TREES = 32
_DISTANCE_GRID = 1e6
_MARGIN = np.float32(4e-6)
"""What is this much larger cannot come before, once both are rounded to six decimals."""


@dataclass(frozen=True)
class Neighbours:
    """Nearest neighbours of every comment, itself first.

    Attributes
    ----------
    indices : ndarray of shape (n, k), int64
        Row numbers of the neighbours by increasing distance, ties by row number.
    distances : ndarray of shape (n, k), float32
        Cosine distances in [0, 2].
    """

    indices: NDArray[np.int64]
    distances: NDArray[np.float32]


def nearest_neighbours(vectors: NDArray[np.float32], n_neighbors: int, *, seed: int) -> Neighbours:
    """Find the nearest neighbours of every comment by cosine distance.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
        Unit vectors; n is at least 2.
    n_neighbors : int
        Neighbours to find, the comment itself among them; at most n.
    seed : int
        Used only above `EXACT_BELOW` comments, where neighbours are found by approximation.

    Returns
    -------
    Neighbours

    Notes
    -----
    Distances are rounded to six decimals before they are ranked and ties go to the lower row
    number. Without that, the last bit of a matrix product (which depends on the processor and on
    its number of threads) would decide between equally distant comments.
    """
    if len(vectors) > EXACT_BELOW:
        return _approximate(vectors, n_neighbors, seed)
    n = len(vectors)
    indices = np.empty((n, n_neighbors), dtype=np.int64)
    distances = np.empty((n, n_neighbors), dtype=np.float32)

    def rounded(gaps: NDArray[np.float32]) -> NDArray[np.int64]:
        return np.asarray(np.rint(gaps * _DISTANCE_GRID), dtype=np.int64)

    for first in range(0, n, _ROWS_AT_ONCE):
        rows = np.arange(first, min(first + _ROWS_AT_ONCE, n))
        gaps = np.clip(1.0 - vectors[rows] @ vectors.T, 0.0, 2.0)
        gaps[np.arange(len(rows)), rows] = -1.0
        indices[rows], ticks = smallest(gaps, n_neighbors, rounded)
        distances[rows] = (ticks / _DISTANCE_GRID).astype(np.float32)
        distances[rows, 0] = 0.0
    return Neighbours(indices, distances)


def smallest(
    values: NDArray[np.float32], count: int, rounded: Callable[[NDArray[np.float32]], NDArray[np.int64]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the smallest values of each row, once they are rounded; ties by column.

    Parameters
    ----------
    values : ndarray of shape (m, n), float32
        Distances, or cosines with their sign turned.
    count : int
        How many, at most n.
    rounded : callable
        Rounds values to whole millionths.

    Returns
    -------
    columns, millionths : ndarray of shape (m, count), int64
        The smallest first.

    Notes
    -----
    Only values that can be among them are rounded and ranked: rounding all of a row and sorting whole numbers takes
    several times as long as the products that the values come from.
    """
    bound = np.partition(values, count - 1, axis=1)[:, count - 1] + _MARGIN
    row, column = np.nonzero(values <= bound[:, None])
    ticks = rounded(values[row, column])
    # Columns ascend within a row, and a stable sort leaves ties so.
    order = np.lexsort((ticks, row))
    before = np.searchsorted(row, np.arange(len(values)))
    chosen = order[before[:, None] + np.arange(count)]
    return column[chosen], ticks[chosen]


def _approximate(vectors: NDArray[np.float32], n_neighbors: int, seed: int) -> Neighbours:
    from pynndescent import NNDescent

    n = len(vectors)
    index = NNDescent(
        vectors,
        n_neighbors=n_neighbors,
        metric="cosine",
        # As many as UMAP makes, but no more than the search itself would: of a million they take gigabytes.
        n_trees=min(_MOST_TREES, 5 + round(n**0.5 / 20)),
        n_iters=max(5, round(np.log2(n))),
        max_candidates=60,
        random_state=np.random.RandomState(seed),
        n_jobs=1,
        compressed=False,
    )
    found, gaps = index.neighbor_graph
    ticks = np.rint(np.clip(gaps, 0.0, 2.0) * _DISTANCE_GRID).astype(np.int64)
    keys = ticks * n + found
    keys[found == np.arange(n)[:, None]] = -1
    # Where a comment's many copies crowded it out of its own list, it takes the last place's.
    absent = keys.min(axis=1) >= 0
    keys[absent, -1] = -1
    keys.sort(axis=1)
    indices = (keys % n).astype(np.int64)
    indices[:, 0] = np.arange(n)
    distances = (keys // n / _DISTANCE_GRID).astype(np.float32)
    distances[:, 0] = 0.0
    return Neighbours(indices, distances)


def fuzzy_graph(neighbours: Neighbours) -> Any:
    """Turn neighbour distances into UMAP's fuzzy simplicial set.

    Parameters
    ----------
    neighbours : Neighbours
        Of n comments.

    Returns
    -------
    scipy.sparse.coo_matrix of shape (n, n), float32
        Symmetric; weights in (0, 1].

    References
    ----------
    McInnes, L., Healy, J. and Melville, J. (2018). UMAP: Uniform manifold approximation and
    projection for dimension reduction. doi:10.48550/arXiv.1802.03426
    """
    n, k = neighbours.indices.shape
    umap = umap_functions()
    with warnings.catch_warnings():
        # numba compiles on first use and may say that it has nothing to run in parallel.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"numba\..*")
        graph, _, _ = umap.fuzzy_simplicial_set(
            np.empty((n, 0), dtype=np.float32),
            k,
            np.random.RandomState(0),
            "precomputed",
            knn_indices=neighbours.indices,
            knn_dists=neighbours.distances,
        )
    return graph.tocoo()


def starting_positions(vectors: NDArray[np.float32], n_components: int) -> NDArray[np.float32]:
    """Place comments by their first principal components.

    Parameters
    ----------
    vectors : ndarray of shape (n, d), float32
        Unit vectors.
    n_components : int
        Dimensions of the layout.

    Returns
    -------
    ndarray of shape (n, n_components), float32
        Scaled to a largest absolute coordinate of 10; columns beyond the rank are zero.

    Notes
    -----
    Principal components rather than UMAP's spectral layout: they are deterministic, exist for
    every n, for duplicates and for a graph in several pieces, and never fall back to random
    positions with a warning. A layout keeps the global order it starts from, so the choice
    matters (Kobak and Linderman 2021).

    References
    ----------
    Kobak, D. and Linderman, G. C. (2021). Initialization is critical for preserving global data
    structure in both t-SNE and UMAP. Nature Biotechnology 39, 156-157.
    doi:10.1038/s41587-020-00809-z
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    _, axes = np.linalg.eigh(centred.T @ centred)
    leading = axes[:, ::-1][:, :n_components]
    # An eigenvector's sign is arbitrary: fix it by its largest entry.
    signs = np.sign(leading[np.abs(leading).argmax(axis=0), np.arange(leading.shape[1])])
    positions = np.zeros((len(vectors), n_components))
    positions[:, : leading.shape[1]] = centred @ (leading * np.where(signs == 0, 1.0, signs))
    largest = np.abs(positions).max()
    return (positions * (10.0 / largest if largest > 0 else 1.0)).astype(np.float32)
