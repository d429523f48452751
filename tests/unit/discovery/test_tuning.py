"""Choosing settings without people's codes."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.config import DiscoverConfig
from pipeline.discovery.tuning import _choose, _score, candidates_for, tune
from tests.fake_encoder import FakeEncoder
from tests.unit.discovery.test_consensus import blobs

QUICK = DiscoverConfig.model_validate({"n_seeds": 3, "n_neighbors": 10, "min_samples": 3, "min_topic_size": 8})


def test_the_configured_settings_come_first_and_none_comes_twice():
    candidates = candidates_for(500, QUICK)
    settings = [(c.n_neighbors, c.min_topic_size, c.min_samples) for c in candidates]
    assert settings[0] == (10, 8, 3)
    assert len(set(settings)) == len(settings) >= 9


def test_what_is_not_clearly_better_is_not_changed():
    near = pd.DataFrame({"score": [0.70, 0.74, 0.60]})
    better = pd.DataFrame({"score": [0.60, 0.74, 0.73]})
    assert (_choose(near), _choose(better)) == (0, 1)


def test_every_score_counts_alike():
    candidates = pd.DataFrame({"stability": [0.8, 0.9], "coverage": [0.7, 0.6], "coherence": [0.1, 0.1]})
    score = _score(candidates)
    assert score[0] == score[1]


@pytest.mark.slow
def test_a_sweep_measures_every_candidate_and_chooses_one():
    vectors, truth = blobs(120, 3)
    words = ["paper fax post letter", "wifi laptop login screen", "training leader course skill"]
    tuned = tune(vectors, [words[topic] for topic in truth], encoder=FakeEncoder(), config=QUICK, seed=1)
    assert tuned.candidates["chosen"].sum() == 1
    assert len(tuned.candidates) == len(candidates_for(120, QUICK))
    assert tuned.candidates[["stability", "coverage"]].notna().all(axis=None)
    assert tuned.candidates["coverage"].between(0, 1).all()
    assert tuned.chosen.min_topic_size == tuned.candidates.loc[tuned.candidates["chosen"], "min_topic_size"].item()
