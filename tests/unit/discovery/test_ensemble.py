"""Neighbours, layouts and their reading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline import workers
from pipeline.discovery import neighbours
from pipeline.discovery.ensemble import LayoutPlan, lay_out_member, member_seeds, members_in_order, read_layout
from pipeline.discovery.neighbours import fuzzy_graph, nearest_neighbours, starting_positions


def vectors(n: int = 90) -> NDArray[np.float32]:
    random = np.random.default_rng(0)
    rows = np.eye(16)[np.arange(n) % 3] + random.normal(scale=0.1, size=(n, 16))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def plan(rows: NDArray[np.float32], *, granularities: tuple[int, ...] = (5, 10), largest: int = 1_000) -> LayoutPlan:
    graph = fuzzy_graph(nearest_neighbours(rows, 10, seed=0))
    return LayoutPlan(graph, starting_positions(rows, 3), 30, granularities, 5, largest)


def test_neighbours_are_exact_and_begin_with_the_comment_itself() -> None:
    rows = vectors()
    found = nearest_neighbours(rows, 7, seed=0)
    gaps = 1 - rows @ rows.T
    assert (found.indices[:, 0] == np.arange(90)).all()
    assert np.allclose(found.distances, np.sort(gaps, axis=1)[:, :7].clip(0), atol=2e-6)


def test_copies_are_ranked_by_row_and_do_not_displace_the_comment() -> None:
    rows = np.repeat(vectors(3), 8, axis=0)
    found = nearest_neighbours(rows, 4, seed=0)
    assert found.indices[5].tolist() == [5, 0, 1, 2]
    assert (found.distances == 0).all()


def test_what_is_equal_once_rounded_is_ranked_by_column() -> None:
    values = np.array([[0.3, 0.1000004, 0.1, 0.2, 0.1000006], [5, 4, 3, 2, 1]], dtype=np.float32)
    columns, millionths = neighbours.smallest(values, 3, lambda some: np.rint(some * 1e6).astype(np.int64))
    assert columns.tolist() == [[1, 2, 4], [4, 3, 2]]
    assert millionths.tolist() == [[100_000, 100_000, 100_001], [1_000_000, 2_000_000, 3_000_000]]


@pytest.mark.slow  # pynndescent compiles when it is imported
def test_approximate_neighbours_are_put_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.repeat(vectors(30), 2, axis=0)
    exact = nearest_neighbours(rows, 5, seed=0)

    class Approximate:
        """Stands for pynndescent, which takes half a minute to compile: exact, but in another order."""

        def __init__(self, data: NDArray[np.float32], *, n_neighbors: int, **_: object) -> None:
            gaps = 1 - data @ data.T
            found = np.argsort(gaps, axis=1)[:, :n_neighbors][:, ::-1]
            self.neighbor_graph = found, np.take_along_axis(gaps, found, axis=1)

    monkeypatch.setattr("pynndescent.NNDescent", Approximate)
    monkeypatch.setattr(neighbours, "EXACT_BELOW", 10)
    found = nearest_neighbours(rows, 5, seed=0)
    assert (found.indices[:, 0] == np.arange(60)).all()
    assert np.allclose(found.distances, exact.distances, atol=2e-6)


def test_start_is_deterministic_and_fills_missing_dimensions_with_nothing() -> None:
    start = starting_positions(np.eye(4, 2, dtype=np.float32), 5)
    assert start.shape == (4, 5)
    assert (start[:, 2:] == 0).all()
    assert np.array_equal(start, starting_positions(np.eye(4, 2, dtype=np.float32), 5))


def test_seeds_differ_and_do_not_depend_on_how_many_there_are() -> None:
    assert member_seeds(3, 2) == member_seeds(3, 9)[:2]
    assert len({*member_seeds(3, 9), *member_seeds(3, 9, stream=1), *member_seeds(4, 9)}) == 27


def test_a_seed_gives_its_layout_again_and_another_seed_another() -> None:
    shared = plan(vectors())
    assert np.array_equal(lay_out_member(shared, 1), lay_out_member(shared, 1))
    assert not np.array_equal(lay_out_member(shared, 1), lay_out_member(shared, 2))


def test_a_layout_is_read_at_every_granularity() -> None:
    shared = plan(vectors(), granularities=(5, 8, 20))
    labels = read_layout(shared, lay_out_member(shared, 1))
    assert labels.shape == (3, 90)
    assert labels.dtype == np.int32
    assert np.bincount(labels[2][labels[2] >= 0]).min() >= 20


def test_the_tree_made_once_gives_what_hdbscan_gives_at_each_granularity() -> None:
    from hdbscan import HDBSCAN

    layout = np.random.default_rng(0).normal(size=(90, 3)).astype(np.float32)
    shared = plan(vectors(), granularities=(4, 7, 15))
    alone = [
        HDBSCAN(min_cluster_size=size, min_samples=5, core_dist_n_jobs=1).fit_predict(layout) for size in (4, 7, 15)
    ]
    assert np.array_equal(read_layout(shared, layout), np.stack(alone))


def test_a_cluster_that_is_too_large_gives_way_to_its_parts() -> None:
    # Two halves so near one another that HDBSCAN prefers them whole, and one far away.
    random = np.random.default_rng(0)
    near, far = random.normal(size=(120, 2)), random.normal(size=(40, 2))
    near[:60] += (2.2, 0)
    near[60:] -= (2.2, 0)
    layout = np.concatenate([near, far + np.array([0, 200])]).astype(np.float32)
    shared = plan(vectors(160), granularities=(20,))
    whole = read_layout(shared, layout)[0]
    split = read_layout(replace(shared, max_cluster_size=80), layout)[0]
    assert np.bincount(whole[whole >= 0]).max() > 80
    assert np.bincount(split[split >= 0]).max() <= 80
    assert split.max() > whole.max()


def test_a_large_cluster_without_parts_is_kept() -> None:
    random = np.random.default_rng(1)
    side = np.arange(12.0)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    layout = np.concatenate([grid, random.normal(size=(30, 2)) + np.array([300, 0])]).astype(np.float32)
    shared = plan(vectors(174), granularities=(25,))
    labels = read_layout(replace(shared, max_cluster_size=40), layout)[0]
    assert (labels >= 0).mean() > 0.5


def test_members_come_in_the_order_of_their_tasks_whatever_made_them(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = plan(vectors())
    tasks = [(shared, seed) for seed in member_seeds(0, 4)]
    alone = list(members_in_order(tasks, n_jobs=1))
    together = list(members_in_order(tasks, n_jobs=2))
    monkeypatch.setattr(workers, "can_fork", lambda: False)
    unforked = list(members_in_order(tasks, n_jobs=2))
    for one, other, third in zip(alone, together, unforked, strict=True):
        assert np.array_equal(one, other)
        assert np.array_equal(one, third)
