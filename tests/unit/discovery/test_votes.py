"""The topic of comments that were not clustered, by their nearest neighbours among those that were."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.discovery import votes
from pipeline.discovery.partition import Partition
from pipeline.discovery.votes import Voters, given_to_all, nearest_voters, voted, voted_membership


def unit(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_the_nearest_come_first_and_ties_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes, "_ROWS_AT_ONCE", 1)
    found = nearest_voters(unit(0, 90), unit(80, 10, 10, 20, 100, 95))
    assert found.rows.tolist() == [[1, 2, 3, 0, 5], [5, 0, 4, 3, 1]]
    assert found.cosines[0] == pytest.approx(np.cos(np.deg2rad([10, 10, 20, 80, 95])), abs=1e-6)


def test_the_nearest_of_some_comments_alone_can_be_asked_for() -> None:
    vectors, clustered = unit(0, 90, 45), unit(80, 10, 10, 20, 100, 95)
    found, every = nearest_voters(vectors, clustered, of=np.array([2, 0])), nearest_voters(vectors, clustered)
    assert found.rows.tolist() == every.rows[[2, 0]].tolist()
    assert found.cosines.tolist() == every.cosines[[2, 0]].tolist()
    assert nearest_voters(vectors, clustered, of=np.array([], dtype=np.int64)).rows.shape == (0, 5)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_many_comments_are_looked_up_in_parts_and_told(n_jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, clustered = unit(*range(0, 90, 7)), unit(80, 10, 10, 20, 100, 95)
    every = nearest_voters(vectors, clustered)
    monkeypatch.setattr(votes, "_ROWS_OF_A_TASK", 4)
    told: list[tuple[str, int, int]] = []
    found = nearest_voters(vectors, clustered, n_jobs=n_jobs, progress=lambda *step: told.append(step))
    assert found.rows.tolist() == every.rows.tolist()
    assert found.cosines.tolist() == every.cosines.tolist()
    assert told == [("comments compared with the sample", done, 13) for done in (4, 8, 12, 13)]


def test_fewer_clustered_comments_than_voters_all_vote() -> None:
    assert nearest_voters(unit(0), unit(10, 20)).rows.shape == (1, 2)


def test_votes_count_by_the_square_of_the_cosine() -> None:
    voters = Voters(np.array([[0, 1, 2]], dtype=np.int32), np.array([[0.9, 0.6, 0.6]], dtype=np.float32))
    topic, share = voted(voters, np.array([1, 0, 0]))
    assert topic.tolist() == [1]
    assert share[0] == pytest.approx(0.81 / 1.53)


def test_the_same_text_alone_decides() -> None:
    voters = Voters(np.array([[0, 1, 2]], dtype=np.int32), np.array([[1.0, 0.99, 0.99]], dtype=np.float32))
    topic, share = voted(voters, np.array([1, 0, 0]))
    assert (topic.tolist(), share.tolist()) == ([1], [1.0])


def test_ties_go_to_none_and_opposites_have_no_vote() -> None:
    even = Voters(np.array([[0, 1]], dtype=np.int32), np.array([[0.5, 0.5]], dtype=np.float32))
    assert voted(even, np.array([0, -1]))[0].tolist() == [-1]
    opposite = Voters(np.array([[0, 1]], dtype=np.int32), np.array([[-0.1, -0.5]], dtype=np.float32))
    topic, share = voted(opposite, np.array([0, 0]))
    assert (topic.tolist(), share.tolist()) == ([-1], [0.0])


def test_membership_is_that_of_the_voters_that_agree() -> None:
    voters = Voters(np.array([[0, 1, 2], [2, 3, 4]], dtype=np.int32), np.full((2, 3), 0.5, dtype=np.float32))
    topics, nearest = np.array([0, 0, -1, -1, 1]), np.array([0, 0, 1, 1, 1])
    membership = np.array([0.8, 0.4, 0.06, 0.02, 0.9])
    topic, closest, found = voted_membership(voters, topics, nearest, membership)
    assert topic.tolist() == [0, -1]
    assert closest.tolist() == [0, 1]
    # A comment in no topic takes no membership from one that is in its nearest topic.
    assert found == pytest.approx([0.6, 0.04])


def test_topics_are_numbered_by_their_size_among_all() -> None:
    clustered = np.array([0, 2, 4])
    found = Partition(np.array([0, 0, 1]), np.array([0, 0, 1]), np.array([0.5, 0.5, 0.9]), 0.4)
    voters = Voters(np.full((3, 1), 2, dtype=np.int32), np.full((3, 1), 0.7, dtype=np.float32))
    everyone = given_to_all(found, clustered, voters)
    assert everyone.labels.tolist() == [1, 0, 1, 0, 0, 0]
    assert everyone.nearest.tolist() == [1, 0, 1, 0, 0, 0]
    assert everyone.membership == pytest.approx([0.5, 0.9, 0.5, 0.9, 0.9, 0.9])
