"""Layouts are added until two halves of them give the same topics."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.sparse import identity

from pipeline.discovery import rounds
from pipeline.discovery.partition import PartitionRules
from pipeline.discovery.rounds import FEWEST, ROUND, grow

RULES = PartitionRules("agreement", min_size=5, max_size=60, floor=0.1, own_weight=0.5, dense_below=1_000)
TRUTH = np.repeat(np.arange(4), 15).astype(np.int32)


def grown(monkeypatch: pytest.MonkeyPatch, noise: float, n_seeds: int, *, all_of_them: bool = False) -> Any:
    """Grow an ensemble whose layouts give topics of which some comments are moved by chance."""
    made: list[int] = []

    def members(tasks: Any, *, n_jobs: int | None) -> Any:
        for _, seed in tasks:
            made.append(seed)
            random = np.random.default_rng(seed)
            moved = np.where(random.random(60) < noise, random.integers(4, size=60), TRUTH)
            yield moved[None].astype(np.int32)

    monkeypatch.setattr(rounds, "members_in_order", members)
    plan: Any = SimpleNamespace(graph=identity(60).tocsr())
    told: list[int] = []
    found = grow(plan, range(n_seeds), RULES, all_of_them=all_of_them, n_jobs=1, on_step=told.append)
    assert told == list(range(1, len(found.members) + 1))
    assert len(made) == len(found.members)
    return found


def test_layouts_that_agree_are_enough_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = grown(monkeypatch, 0.05, 100)
    assert len(found.members) == FEWEST
    assert np.array_equal(*found.halves)


def test_layouts_that_disagree_are_added_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(grown(monkeypatch, 0.97, 45).members) == 45


def test_layouts_are_added_in_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    agreements = iter([0.5, 0.94, 0.95])
    monkeypatch.setattr("sklearn.metrics.adjusted_mutual_info_score", lambda *_: next(agreements))
    assert len(grown(monkeypatch, 0.5, 100).members) == FEWEST + 2 * ROUND


def test_a_number_that_was_set_is_made_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(grown(monkeypatch, 0.05, 33, all_of_them=True).members) == 33


def test_one_layout_is_both_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    found = grown(monkeypatch, 0.0, 1, all_of_them=True)
    assert np.array_equal(*found.halves)
