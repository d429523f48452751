"""The ensemble behind a consensus: many layouts of one graph, each read at several granularities.

What differs between members is the order in which UMAP samples the graph (its seed) and the
granularity at which HDBSCAN reads the layout. Everything else is computed once and shared.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery import on_gpu
from pipeline.discovery.compiled import umap_functions
from pipeline.workers import done_in_order

_MIN_DIST = 0.0
_NEGATIVE_SAMPLES = 5
_NOISE = 1e-4


@dataclass(frozen=True)
class LayoutPlan:
    """What every layout of one graph shares.

    Attributes
    ----------
    graph : scipy.sparse.coo_matrix of shape (n, n), float32
        UMAP's fuzzy simplicial set.
    start : ndarray of shape (n, n_components), float32
        Positions from which every layout starts, before its seed adds a little noise.
    n_epochs : int
        Passes of UMAP's optimiser over the graph.
    granularities : tuple of int
        HDBSCAN's ``min_cluster_size``: one partition for each.
    min_samples : int
        HDBSCAN's ``min_samples``.
    max_cluster_size : int
        A cluster with more comments than this gives way to its parts where it has parts.
    device : {"cpu", "cuda"}
        What lays out and reads: the processor, or a GPU; see `pipeline.discovery.on_gpu`.
    """

    graph: Any
    start: NDArray[np.float32]
    n_epochs: int
    granularities: tuple[int, ...]
    min_samples: int
    max_cluster_size: int
    device: str = "cpu"


def member_seeds(random_state: int, n_seeds: int, *, stream: int = 0) -> list[int]:
    """Derive the seeds of an ensemble's layouts.

    Parameters
    ----------
    random_state : int
        The seed of the whole.
    n_seeds : int
        How many to derive. The first ones do not depend on how many are asked for.
    stream : int, default 0
        Separates ensembles of one fit from one another.

    Returns
    -------
    list of int
        In [0, 2**32).
    """
    return [int(np.random.SeedSequence([random_state, stream, i]).generate_state(1)[0]) for i in range(n_seeds)]


@functools.cache
def _curve() -> tuple[float, float]:
    """Return the two numbers of UMAP's curve of distances; it fits them anew each time it is asked."""
    a, b = umap_functions().find_ab_params(1.0, _MIN_DIST)
    return float(a), float(b)


def lay_out_member(plan: LayoutPlan, seed: int) -> NDArray[np.float32]:
    """Lay the comments out with UMAP under one seed.

    Parameters
    ----------
    plan : LayoutPlan
        Graph, start, epochs and device.
    seed : int
        In [0, 2**32).

    Returns
    -------
    ndarray of shape (n, n_components), float32
    """
    random = np.random.RandomState(seed)
    # Noise in the start also keeps copies of one comment from sitting on exactly one point, where
    # HDBSCAN would divide by their distance.
    start = plan.start + random.normal(scale=_NOISE, size=plan.start.shape).astype(np.float32)
    spread = np.ptp(start, axis=0)
    start[:, spread == 0] += random.normal(size=(len(start), int((spread == 0).sum())))
    a, b = _curve()
    if plan.device == "cuda":
        return on_gpu.lay_out(
            plan.graph, start, n_epochs=plan.n_epochs, curve=(a, b), negative_samples=_NEGATIVE_SAMPLES, seed=seed
        )
    layout, _ = umap_functions().simplicial_set_embedding(
        None,
        plan.graph.copy(),
        plan.start.shape[1],
        1.0,
        a,
        b,
        1.0,
        _NEGATIVE_SAMPLES,
        plan.n_epochs,
        start,
        random,
        "euclidean",
        {},
        False,
        {},
        False,
    )
    return np.asarray(layout, dtype=np.float32)


def read_layout(plan: LayoutPlan, layout: NDArray[np.float32]) -> NDArray[np.int32]:
    """Cluster one layout with HDBSCAN at every granularity of the plan.

    Parameters
    ----------
    plan : LayoutPlan
        Granularities, ``min_samples``, the largest size of a cluster and the device.
    layout : ndarray of shape (n, n_components), float32
        Positions of the comments.

    Returns
    -------
    ndarray of shape (n_granularities, n), int32
        Labels from 0; -1 for outliers.

    Notes
    -----
    HDBSCAN's choice by excess of mass is bistable: with the same layout, a slightly different
    minimum size can turn twenty clusters into "one small, one with all the rest" (McInnes and
    Healy's selection compares a branch with the sum of its parts and takes one or the other).
    Such members would glue everything together, so a cluster above ``max_cluster_size`` gives way
    to its parts. Where it has no parts of the size asked for it is kept: a corpus may have a
    topic that large.
    """
    reader = on_gpu.reader if plan.device == "cuda" else _reader
    cluster = reader(layout, min(plan.min_samples, len(layout) - 1))
    partitions = []
    for size in plan.granularities:
        labels = cluster(size, 0)
        if np.bincount(labels[labels >= 0], minlength=1).max() > plan.max_cluster_size:
            parts = cluster(size, plan.max_cluster_size)
            if 2 * (parts >= 0).sum() >= (labels >= 0).sum():
                labels = parts
        partitions.append(labels)
    return np.stack(partitions)


def _reader(layout: NDArray[np.float32], min_samples: int) -> Callable[[int, int], NDArray[np.int32]]:
    """Return what reads one layout with HDBSCAN on the processor; see `pipeline.discovery.on_gpu.reader`.

    The tree that HDBSCAN reads depends on ``min_samples`` alone: it is made once for all granularities.
    """
    from hdbscan import HDBSCAN

    made_once = _MadeOnce()

    def cluster(size: int, limit: int) -> NDArray[np.int32]:
        model = HDBSCAN(
            min_cluster_size=size,
            min_samples=min_samples,
            max_cluster_size=limit,
            core_dist_n_jobs=1,
            memory=made_once,
        )
        with warnings.catch_warnings():
            # A layout can hold coinciding points; their density is infinite and ranks first.
            warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"hdbscan\..*")
            return np.asarray(model.fit_predict(layout), dtype=np.int32)

    return cluster


class _MadeOnce:
    """Stands where HDBSCAN takes a joblib.Memory: keeps the tree of one layout, in this process and for as long."""

    def __init__(self) -> None:
        self._made: Any = None

    def cache(self, make: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that gives what `make` gave first: within a layout it is always asked for the same."""

        def made(*args: Any, **kwargs: Any) -> Any:
            if self._made is None:
                self._made = make(*args, **kwargs)
            return self._made

        return made


def _member(plan: LayoutPlan, seed: int) -> NDArray[np.int32]:
    from threadpoolctl import threadpool_limits

    # One thread each: workers would otherwise fight over the cores, and a forked process must not
    # start OpenMP threads that its parent has already used (torch does).
    with threadpool_limits(limits=1):
        return read_layout(plan, lay_out_member(plan, seed))


def members_in_order(
    tasks: Sequence[tuple[LayoutPlan, int]], *, n_jobs: int | None
) -> Generator[NDArray[np.int32], None, None]:
    """Lay out and read every task, on several processes where that is safe.

    Parameters
    ----------
    tasks : sequence of (LayoutPlan, int)
        A plan and a seed each.
    n_jobs : int or None
        Processes; None for one per core that this process may use. On a GPU everything is done in this process.

    Yields
    ------
    ndarray of shape (n_granularities, n), int32
        In the order of the tasks; the same whatever `n_jobs` is. Close the generator where not all are wanted.
    """
    # A process that is forked cannot use the GPU of the one that it comes from.
    alone = any(plan.device == "cuda" for plan, _ in tasks)
    return done_in_order(_member, tasks, n_jobs=1 if alone else n_jobs)
