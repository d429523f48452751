"""Stored evidence gives the same topics again."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import load, save

from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.replay import evidence_of, replay
from tests.unit.discovery.test_consensus import QUICK, blobs


def test_stored_evidence_replays_to_the_same_topics():
    vectors, _ = blobs(150, 4)
    clusterer = ConsensusClusterer(**QUICK).fit(vectors)
    evidence, rules = evidence_of(clusterer)
    again = replay(load(save(evidence)), rules)
    assert clusterer.labels_.max() >= 1
    assert np.array_equal(again, clusterer.labels_)


def test_other_evidence_gives_other_topics():
    vectors, _ = blobs(150, 4)
    clusterer = ConsensusClusterer(**QUICK).fit(vectors)
    evidence, rules = evidence_of(clusterer)
    shuffled = evidence["partitions"][:, np.random.default_rng(0).permutation(150)]
    assert not np.array_equal(replay({**evidence, "partitions": shuffled}, rules), clusterer.labels_)
