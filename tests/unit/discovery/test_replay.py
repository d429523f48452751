"""Stored evidence gives the same topics again."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import load, save

from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.replay import evidence_of, replay
from tests.unit.discovery.test_consensus import QUICK, blobs


@pytest.mark.thorough
def test_stored_evidence_replays_to_the_same_topics():
    vectors, _ = blobs(150, 4)
    clusterer = ConsensusClusterer(**QUICK).fit(vectors)
    evidence, rules = evidence_of(clusterer)
    again = replay(load(save(evidence)), rules)
    assert clusterer.labels_.max() >= 1
    assert np.array_equal(again, clusterer.labels_)


@pytest.mark.thorough
def test_other_evidence_gives_other_topics():
    vectors, _ = blobs(150, 4)
    clusterer = ConsensusClusterer(**QUICK).fit(vectors)
    evidence, rules = evidence_of(clusterer)
    shuffled = evidence["partitions"][:, np.random.default_rng(0).permutation(150)]
    assert not np.array_equal(replay({**evidence, "partitions": shuffled}, rules), clusterer.labels_)


@pytest.mark.thorough
def test_what_a_sample_gave_to_all_replays_too():
    vectors, _ = blobs(300, 4)
    clusterer = ConsensusClusterer(**{**QUICK, "n_bootstrap": 0}, fit_on=150).fit(vectors)
    evidence, rules = evidence_of(clusterer)
    assert evidence["partitions"].shape[1] == 150
    assert clusterer.labels_.max() >= 1
    assert np.array_equal(replay(load(save(evidence)), rules), clusterer.labels_)
