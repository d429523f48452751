"""Where a consensus tree is cut, and how comments settle in the topics."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import identity
from sklearn.metrics import adjusted_rand_score

from pipeline.discovery.coassociation import Ensemble
from pipeline.discovery.cut import (
    CUT_RULES,
    LEVELS,
    agreed_level,
    agreement,
    coarsest_level,
    cut_tree,
    drop_small,
    guarded,
    ordered,
    settle,
)
from pipeline.discovery.tree import dense_tree


def noisy_ensemble(share: float = 0.15) -> tuple[Ensemble, np.ndarray]:
    random = np.random.default_rng(0)
    truth = np.repeat(np.arange(4), [30, 25, 20, 15])
    noisy = np.where(random.random((12, 90)) < share, random.integers(4, size=(12, 90)), truth)
    return Ensemble.of(noisy.astype(np.int32)), truth


def test_agreement_is_the_mean_adjusted_rand_index() -> None:
    ensemble, _ = noisy_ensemble()
    tree = dense_tree(ensemble)
    labels = cut_tree(tree, 0.5)
    by_hand = np.mean([adjusted_rand_score(labels, member) for member in ensemble.partitions])
    assert agreement(tree, ensemble, (0.5,))[0] == pytest.approx(by_hand)


def test_levels_score_alike_alone_and_together_in_any_order() -> None:
    ensemble, _ = noisy_ensemble()
    tree = dense_tree(ensemble)
    levels = (0.3, 0.9, 0.5, 0.7)
    alone = [agreement(tree, ensemble, (level,))[0] for level in levels]
    assert agreement(tree, ensemble, levels).tolist() == alone


@pytest.mark.parametrize("rule", list(CUT_RULES))
def test_every_rule_finds_what_the_members_nearly_agree_on(rule: str) -> None:
    ensemble, truth = noisy_ensemble()
    tree = dense_tree(ensemble)
    level = CUT_RULES[rule](tree, ensemble)
    labels = settle(ensemble, cut_tree(tree, level), identity(90).tocsr(), min_size=8, floor=0.1)
    assert adjusted_rand_score(truth, labels) > 0.95


def test_agreed_level_moves_little_with_the_members() -> None:
    ensemble, _ = noisy_ensemble()
    levels = [agreed_level(dense_tree(part), part) for part in map(Ensemble.of, np.split(ensemble.partitions, 3))]
    assert np.ptp(levels) < 0.15
    assert LEVELS[0] <= min(levels)
    assert max(levels) <= LEVELS[-1]


def test_of_levels_that_agree_nearly_alike_the_coarsest_is_taken() -> None:
    # About as many members read the comments coarsely as finely: both levels agree nearly alike.
    fine = np.repeat(np.arange(6), 10)
    ensemble = Ensemble.of(np.array([fine] * 6 + [fine // 2] * 5, dtype=np.int32))
    tree = dense_tree(ensemble)
    assert len(np.unique(cut_tree(tree, agreed_level(tree, ensemble)))) == 6
    assert len(np.unique(cut_tree(tree, coarsest_level(tree, ensemble)))) == 3


def test_the_coarsest_level_is_no_coarser_than_the_members_bear() -> None:
    fine = np.repeat(np.arange(6), 10)
    ensemble = Ensemble.of(np.array([fine] * 9 + [fine // 2] * 2, dtype=np.int32))
    tree = dense_tree(ensemble)
    assert len(np.unique(cut_tree(tree, coarsest_level(tree, ensemble)))) == 6


def test_a_topic_that_is_too_large_is_cut_higher() -> None:
    # Three of ten members glue two topics together: low in the tree they are one.
    split = np.repeat(np.arange(3), 20)
    glued = np.where(split == 2, 1, 0)
    ensemble = Ensemble.of(np.array([split] * 7 + [glued] * 3, dtype=np.int32))
    tree = dense_tree(ensemble)
    assert np.bincount(cut_tree(tree, 0.2)).max() == 40
    labels, level = guarded(tree, 0.2, 5, 25)
    assert np.bincount(labels).max() == 20
    assert level > 0.3


def test_one_large_topic_stays_where_it_has_no_parts() -> None:
    ensemble = Ensemble.of(np.array([np.repeat([0, 1], [50, 10])] * 5, dtype=np.int32))
    labels, level = guarded(dense_tree(ensemble), 0.4, 5, 20)
    assert np.bincount(labels).max() == 50
    assert level == 0.4


def test_topics_are_ordered_by_size_then_first_comment() -> None:
    assert ordered(np.array([5, 2, 2, -1, 9, 9, 5, 9])).tolist() == [1, 2, 2, -1, 0, 0, 1, 0]
    assert ordered(np.array([-1, -1])).tolist() == [-1, -1]


def test_small_topics_are_dropped() -> None:
    assert drop_small(np.array([0, 1, 1, 2, 2, 2, -1]), 2).tolist() == [-1, 1, 1, 0, 0, 0, -1]


def test_comments_settle_where_they_mostly_come_and_strangers_stay_out() -> None:
    partitions = np.array([[0, 0, 0, 1, 1, 1, 1, -1]] * 4 + [[0, 0, 0, 1, 1, 1, 0, -1]], dtype=np.int32)
    wrong = np.array([0, 0, 0, 1, 1, 1, 0, -1], dtype=np.int64)
    settled = settle(Ensemble.of(partitions), wrong, identity(8).tocsr(), min_size=2, floor=0.1)
    assert settled.tolist() == [1, 1, 1, 0, 0, 0, 0, -1]


def test_an_ensemble_of_outliers_gives_no_topic() -> None:
    ensemble = Ensemble.of(np.full((3, 10), -1, dtype=np.int32))
    tree = dense_tree(ensemble)
    for rule in CUT_RULES.values():
        labels = cut_tree(tree, rule(tree, ensemble))
        assert (settle(ensemble, labels, identity(10).tocsr(), min_size=3, floor=0.1) == -1).all()
