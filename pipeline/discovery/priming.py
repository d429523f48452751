"""Compiling once, before the first run, what UMAP needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pipeline.discovery.compiled import place_of_compiled
from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.layout import lay_out

_MADE_UP = 90


def prime() -> Path | None:
    """Have numba compile what a run calls of UMAP, and keep it.

    Returns
    -------
    pathlib.Path or None
        Where it is kept; None where numba finds no place to write to, so that each run compiles anew.
    """
    random = np.random.default_rng(0)
    vectors = np.eye(16)[np.arange(_MADE_UP) % 3] + random.normal(scale=0.2, size=(_MADE_UP, 16))
    units = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    lay_out(units, n_neighbors=8, seed=0)
    ConsensusClusterer(n_seeds=1, n_bootstrap=0, n_jobs=1).fit(units)
    return place_of_compiled()
