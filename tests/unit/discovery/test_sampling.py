"""Samples in which rare subjects stay."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.discovery.sampling import _shared_out, stratified_rows
from tests.unit.discovery.test_consensus import blobs


@pytest.mark.thorough
def test_a_sample_has_the_size_asked_for_and_comes_again() -> None:
    vectors, _ = blobs(900, 6)
    rows = stratified_rows(vectors, 250, seed=1)
    assert len(np.unique(rows)) == 250
    assert (np.diff(rows) > 0).all()
    assert np.array_equal(rows, stratified_rows(vectors, 250, seed=1))
    assert not np.array_equal(rows, stratified_rows(vectors, 250, seed=2))


@pytest.mark.thorough
def test_a_rare_subject_keeps_a_topics_worth() -> None:
    # By chance alone a sample of a fifth would have 4 of the 20.
    common, _ = blobs(1_980, 6)
    rare = np.zeros((20, 32), dtype=np.float32)
    rare[:, 31] = 1.0
    rare[:, 20] = np.linspace(0.0, 0.1, 20)
    drawn = stratified_rows(np.concatenate([common, rare]), 400, seed=0)
    assert (drawn >= 1_980).sum() >= 15


def test_common_subjects_keep_their_proportions() -> None:
    vectors, truth = blobs(3_000, 4)
    drawn = truth[stratified_rows(vectors, 1_000, seed=0)]
    assert np.bincount(drawn) / 1_000 == pytest.approx(np.bincount(truth) / 3_000, abs=0.03)


@pytest.mark.parametrize(("counts", "size"), [([1, 1, 1], 2), ([500, 3, 0, 97], 100), ([20, 20, 20], 59)])
def test_a_sample_is_shared_out_whole_and_within_what_there_is(counts: list[int], size: int) -> None:
    wanted = _shared_out(np.array(counts), size)
    assert wanted.sum() == size
    assert (wanted <= counts).all()
