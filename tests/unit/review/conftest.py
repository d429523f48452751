"""Twelve comments in three topics, and what a review of them is carried out with."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.contracts import OUTLIER, Cleaned, Embedded, TopicResult

TOPICS = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, OUTLIER]
PARENTS = {0: 0, 1: 0, 2: 1}


@pytest.fixture
def cleaned() -> Cleaned:
    """Thirteen distinct comments, c00 to c12, and one that repeats c09."""
    ids = [f"c{number:02d}" for number in range(13)]
    comments = pd.DataFrame(
        {
            "comment_id": [*ids, "twin"], "text": [f"words of {one}" for one in [*ids, "c09"]],
            "lemmas": "", "phrases": "", "qualities": "", "kept": True, "dropped_because": "",
            "duplicate_of": [*[""] * 13, "c09"],
        }
    )  # fmt: skip
    return Cleaned(comments, {})


@pytest.fixture
def embedded(cleaned: Cleaned) -> Embedded:
    """Vectors in which the last two comments of topic 0 are far from its first three."""
    vectors = np.tile(np.array([1.0, 0.0], dtype=np.float32), (13, 1))
    vectors[3:5] = [0.0, 1.0]
    return Embedded(tuple(cleaned.distinct["comment_id"]), vectors, {})


@pytest.fixture
def discovered(cleaned: Cleaned) -> TopicResult:
    """The topics of `TOPICS`, with the parents of `PARENTS`."""
    topics, parents, tree = describe(np.array(TOPICS), np.array(TOPICS), np.array([0, 0, 1, OUTLIER]), named={})
    topics["stability"] = topics["repeatability"] = [0.9, 0.8, 0.4]
    ids = cleaned.distinct["comment_id"]
    return TopicResult(
        assignments=pd.DataFrame(
            {
                "comment_id": ids, "topic": TOPICS, "membership": 0.5, "nearest_topic": [*TOPICS[:-1], 1],
                "topic_coarse": [PARENTS.get(topic, OUTLIER) for topic in TOPICS],
            }
        ),
        topics=topics,
        coarse_topics=parents,
        topic_tree=tree,
        layout=pd.DataFrame({"comment_id": ids, "x": 0.0, "y": 0.0}),
        shares=pd.DataFrame({"comment_id": ids, "topic": TOPICS, "share": 1.0}),
        summary={"topics": 3, "stability": 0.7},
    )  # fmt: skip


def describe(unit_topics, comment_topics, parents, *, named):
    """Count topics and name them by their numbers."""

    def table(labels, name):
        found, sizes = np.unique(labels[labels != OUTLIER], return_counts=True)
        return pd.DataFrame({name: found, "size": sizes, "share": sizes / len(labels)})

    topics = table(comment_topics, "topic")
    topics["label"] = [named.get(topic, f"Topic {topic}") for topic in topics["topic"]]
    topics["parent"] = parents[topics["topic"]]
    topics["keywords"] = ""
    meetings = [(str(topics["topic"][0]), str(topic), 1.0) for topic in topics["topic"][1:]]
    tree = pd.DataFrame(meetings, columns=["first", "second", "apart"])
    return topics, table(parents[comment_topics], "topic_coarse"), tree
