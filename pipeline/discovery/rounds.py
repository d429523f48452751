"""As many layouts as the result needs: they are added in rounds until two disjoint halves give the same topics."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.discovery.coassociation import Ensemble
from pipeline.discovery.ensemble import LayoutPlan, members_in_order
from pipeline.discovery.partition import PartitionRules, find_partition

FEWEST = 20
"""No decision is made on fewer layouts."""

ROUND = 10
"""Layouts that are added before the halves are compared again."""

ENOUGH = 0.95
"""Adjusted mutual information of the halves at which no layout is added."""


@dataclass(frozen=True)
class Grown:
    """An ensemble with as many layouts as were needed.

    Attributes
    ----------
    members : list of ndarray of shape (n_granularities, n), int32
        The partitions of each layout.
    halves : pair of ndarray of shape (n,), int64
        The topics of every second layout, and of the others.
    """

    members: list[NDArray[np.int32]]
    halves: tuple[NDArray[np.int64], NDArray[np.int64]]


def ensemble_of(members: Sequence[NDArray[np.int32]]) -> Ensemble:
    """Return the partitions of some layouts as one ensemble."""
    return Ensemble.of(np.concatenate(members))


def grow(
    plan: LayoutPlan,
    seeds: Sequence[int],
    rules: PartitionRules,
    *,
    all_of_them: bool,
    n_jobs: int | None,
    on_step: Callable[[int], None] | None = None,
) -> Grown:
    """Lay out and read comments until the topics no longer depend on how often that is done.

    Parameters
    ----------
    plan : LayoutPlan
        What the layouts share.
    seeds : sequence of int
        One for each layout that may be made.
    rules : PartitionRules
        How layouts become topics.
    all_of_them : bool
        True makes a layout for every seed.
    n_jobs : int or None
        Processes; None for one per core. The result does not depend on it.
    on_step : callable or None
        Called with the number of layouts done, after each.

    Returns
    -------
    Grown

    Notes
    -----
    From twenty layouts on, and after every ten more, the topics of every second layout are set beside those of the
    others. Where their adjusted mutual information is at least 0.95 no layout is added. Each half has half the layouts,
    so that two whole fits under other seeds agree more than this. People's codes take no part.
    """

    def halves() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        first, second = members[::2], members[1::2] or members
        return (
            find_partition(ensemble_of(first), plan.graph, rules).labels,
            find_partition(ensemble_of(second), plan.graph, rules).labels,
        )

    from sklearn.metrics import adjusted_mutual_info_score

    members: list[NDArray[np.int32]] = []
    tasks = [(plan, seed) for seed in seeds]
    # Closed here and now: after Ctrl-C, workers must not wait for a garbage collection to be ended.
    with contextlib.closing(members_in_order(tasks, n_jobs=n_jobs)) as made:
        for member in made:
            members.append(member)
            if on_step is not None:
                on_step(len(members))
            done = len(members)
            if all_of_them or done < FEWEST or done % ROUND or done == len(seeds):
                continue
            compared = halves()
            if adjusted_mutual_info_score(*compared) >= ENOUGH:
                return Grown(members, compared)
    return Grown(members, halves())
