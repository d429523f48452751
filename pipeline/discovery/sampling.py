"""Which comments are clustered where there are very many: a sample in which rare subjects stay."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pipeline.contracts import Vectors

_STREAM = 2
_FROM_EACH = 15


def stratified_rows(vectors: Vectors, size: int, *, seed: int) -> NDArray[np.int64]:
    """Draw comments from every region of their vectors.

    Parameters
    ----------
    vectors : ndarray of shape (n, n_dimensions), float32
        Unit vectors; n is more than `size`.
    size : int
        How many to draw.
    seed : int
        Everything random follows from it.

    Returns
    -------
    ndarray of shape (size,), int64
        Row numbers in ascending order.

    Notes
    -----
    The regions are the cells of k-means, as many as the square root of the size. Each gives comments in proportion,
    and at least 15 or all it has, as far as there is room: a subject that few people raise would otherwise have fewer
    comments in the sample than the smallest topic.
    """
    from sklearn.cluster import MiniBatchKMeans

    random = np.random.default_rng([seed, _STREAM])
    n_cells = max(1, math.isqrt(size))
    model = MiniBatchKMeans(n_cells, batch_size=4_096, max_iter=20, n_init=1, random_state=int(random.integers(2**31)))
    cells = model.fit_predict(vectors)
    counts = np.bincount(cells, minlength=n_cells)
    wanted = _shared_out(counts, size)
    drawn = [random.permutation(np.flatnonzero(cells == cell))[: wanted[cell]] for cell in range(n_cells)]
    return np.sort(np.concatenate(drawn)).astype(np.int64)


def _shared_out(counts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Share a sample out among cells: in proportion, but from each at least as many as there is room for."""
    least = np.minimum(counts, min(_FROM_EACH, size // max(int((counts > 0).sum()), 1)))
    room = counts - least
    exact = (size - least.sum()) * room / max(int(room.sum()), 1)
    wanted = np.floor(exact).astype(np.int64)
    # The places that are left go to the largest remainders, ties to the first cell.
    missing = int(size - least.sum() - wanted.sum())
    wanted[np.argsort(-(exact - wanted), kind="stable")[:missing]] += 1
    return np.asarray(least + wanted, dtype=np.int64)
