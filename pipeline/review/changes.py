"""Carrying out what a person decided: the topics after they were split, merged, named, and comments moved.

In this order: topics are split, then merged, then single comments are moved. What follows from a topic's comments is
worked out again by the functions that worked it out before.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from pipeline.contracts import OUTLIER, Bools, Cleaned, Embedded, Labels, Mapped, TopicResult, Vectors
from pipeline.discovery.replay import replay
from pipeline.discovery.rollup import low_membership_share
from pipeline.discovery.stability import count_stable
from pipeline.review.decisions import Review, second_part
from pipeline.review.readback import insist


class Describe(Protocol):
    """Describes topics and coarse topics; see `pipeline.stages.discover.describe_levels`."""

    def __call__(
        self, unit_topics: Labels, comment_topics: Labels, parents: Labels, *, named: Mapping[int, str]
    ) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Return the tables of topics, of coarse topics and of the tree."""


@dataclass(frozen=True)
class Changed:
    """What a review made of the topics.

    Attributes
    ----------
    topics : TopicResult
        The topics as they are now.
    themes : mapping of int to str
        The theme that a person gave a topic, "unmapped" for none.
    counts : mapping of str to int
        How many topics were renamed, defined, merged into others, split and given a theme, how many comments moved,
        and how many people wrote their names.
    """

    topics: TopicResult
    themes: Mapping[int, str]
    counts: Mapping[str, int]


def changed(
    discovered: TopicResult, review: Review, *, cleaned: Cleaned, embedded: Embedded, describe: Describe
) -> Changed:
    """Carry out a review.

    Parameters
    ----------
    discovered : TopicResult
        The topics as the machine found them.
    review : Review
        What was decided about them; see `pipeline.review.replay.refitted`.
    cleaned : Cleaned
        The comments and their units.
    embedded : Embedded
        Their vectors.
    describe : callable
        Finds words, names and representatives of topics.

    Returns
    -------
    Changed
        A merged topic has the number of the topic that it went into, a part of a split one that of
        `pipeline.review.decisions.second_part`. Topics that were split, or that others were merged into, have no
        stability: nobody measured how reliably they come back. A moved comment has a membership of 1.

    Raises
    ------
    DataError
        Where a topic cannot be split, has no comment left, or a comment is moved to two topics.
    """
    comment_ids = discovered.assignments["comment_id"]
    units = cleaned.units["comment_id"].to_numpy()
    unit_topics = _unit_topics(discovered, cleaned, embedded)
    topics = discovered.assignments["topic"].to_numpy(dtype=np.int64, copy=True)
    n_numbers = int(discovered.topics["topic"].max()) + 1
    problems: list[str] = []

    for decision in review.decisions:
        if not decision.split:
            continue
        apart, part = _split(decision.topic, unit_topics, embedded.vectors), second_part(decision.topic, n_numbers)
        ours = topics == decision.topic
        inside = pd.Series(apart, index=units)[unit_topics == decision.topic].groupby(level=0).mean()
        mostly_apart = comment_ids.map(inside).fillna(0.0).to_numpy() > 0.5
        if not (ours & mostly_apart).any() or not (ours & ~mostly_apart).any():
            problems.append(f"{decision.place}, column 'split': topic {decision.topic} cannot be split.")
        unit_topics[apart] = part
        topics[ours & mostly_apart] = part
    insist(problems, "Empty the cell and run the pipeline again.")

    ends = {topic: review.goes_to(topic) for topic in review.by_topic}
    nearest = discovered.assignments["nearest_topic"].to_numpy(dtype=np.int64)
    unit_topics, topics, nearest = (_renumbered(labels, ends) for labels in (unit_topics, topics, nearest))
    nearest = np.where(topics == OUTLIER, nearest, topics)

    membership = discovered.assignments["membership"].to_numpy(dtype=float, copy=True)
    moved = _moved(review, cleaned)
    for comment_id, topic in moved.items():
        row = comment_ids == comment_id
        unit_topics[units == comment_id], topics[row] = topic, topic
        if topic != OUTLIER:
            membership[row], nearest[row] = 1.0, topic

    given = {decision.topic: decision for decision in review.decisions if decision.merge_into is None}
    left = set(topics.tolist()) - {OUTLIER}
    insist(
        [f"{one.place}: topic {topic} has no comment left." for topic, one in given.items()
         if one.changes and topic not in left],
        "Empty the row, or move fewer comments.",
    )  # fmt: skip
    insist([] if left else ["No topic has a comment left."], "Move fewer comments.")
    parents = _parents(discovered, [part for part in left if part >= n_numbers], n_numbers)
    named = {topic: decision.name for topic, decision in given.items() if decision.name}
    fine, coarse, tree = describe(unit_topics, topics, parents, named=named)
    fine["definition"] = [given[topic].definition if topic in given else "" for topic in fine["topic"]]
    for name in ("stability", "repeatability"):
        fine[name] = _measured(discovered, name, fine["topic"], review)
    fine = fine.sort_values("size", ascending=False, kind="stable").reset_index(drop=True)
    coarse = coarse.sort_values("size", ascending=False, kind="stable").reset_index(drop=True)
    stable, dissolved = count_stable(fine["stability"].to_numpy(dtype=float))
    return Changed(
        topics=replace(
            discovered,
            assignments=discovered.assignments.assign(
                topic=topics, membership=membership, nearest_topic=nearest, topic_coarse=parents[topics]
            ),
            topics=fine,
            coarse_topics=coarse,
            topic_tree=tree,
            shares=_shares(units, unit_topics),
            summary={
                **discovered.summary,
                "topics": len(fine),
                "coarse_topics": len(coarse),
                "outlier_share": max(1.0 - float(fine["share"].sum()), 0.0),
                "largest_share": float(fine["share"].max()),
                "stable_topics": stable,
                "dissolved_topics": dissolved,
                "low_membership_share": low_membership_share(topics, membership),
            },
        ),
        themes={topic: decision.theme for topic, decision in given.items() if decision.theme},
        counts={
            "renamed": len(named),
            "defined": sum(bool(decision.definition) for decision in given.values()),
            "merged": len(review.decisions) - len(given),
            "split": sum(decision.split for decision in review.decisions),
            "themed": sum(bool(decision.theme) for decision in given.values()),
            "moved": len(moved),
            "reviewers": review.reviewers,
        },
    )


_FIELDS = {
    "topics": "reviewed_topics",
    "coarse_topics": "reviewed_coarse_topics",
    "topic_tree": "reviewed_topic_tree",
    "assignments": "reviewed_assignments",
    "shares": "reviewed_shares",
}


def kept_with(mapped: Mapped, made: Changed) -> Mapped:
    """Return what the stage map made, with the changed topics that it rests on."""
    frames = {kept: getattr(made.topics, name) for name, kept in _FIELDS.items()}
    review = {"counts": dict(made.counts), "found": dict(made.topics.summary)}
    return replace(mapped, **frames, summary={**mapped.summary, "review": review})


def topics_of(discovered: TopicResult, mapped: Mapped) -> TopicResult:
    """Return the topics of a run: as a person changed them, or as the machine found them where nobody did."""
    if mapped.reviewed_topics is None:
        return discovered
    frames: dict[str, Any] = {name: getattr(mapped, kept) for name, kept in _FIELDS.items()}
    return replace(discovered, **frames, summary=mapped.summary["review"]["found"])


def _unit_topics(discovered: TopicResult, cleaned: Cleaned, embedded: Embedded) -> Labels:
    """Return the topic of each unit, as the machine found it."""
    if cleaned.sentences is None:
        return discovered.assignments["topic"].to_numpy(dtype=np.int64, copy=True)
    units = cleaned.units["comment_id"]
    topics = np.full(len(units), OUTLIER, dtype=np.int64)
    topics[~units.isin(embedded.nothing_said).to_numpy()] = replay(discovered.evidence, discovered.summary["rules"])
    return topics


def _split(topic: int, unit_topics: Labels, vectors: Vectors) -> Bools:
    """Return which units, shape (n_units,), go to the second, smaller part of a topic: 2-means of their vectors."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    rows = np.flatnonzero(unit_topics == topic)
    apart = np.zeros(len(unit_topics), dtype=bool)
    if len(rows) < 2:
        return apart
    # On several threads sums are added up in another order. Equal vectors give one group, which is told elsewhere.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        groups = KMeans(2, n_init=10, random_state=0).fit_predict(vectors[rows].astype(np.float64))
    second = groups != groups[0]
    # Of two parts of one size, the first comment's keeps the number.
    apart[rows] = second if 2 * second.sum() <= len(rows) else ~second
    return apart


def _renumbered(labels: Labels, ends: Mapping[int, int]) -> Labels:
    return np.array([ends.get(label, label) for label in labels.tolist()], dtype=np.int64)


def _moved(review: Review, cleaned: Cleaned) -> dict[str, int]:
    """Return where each distinct comment goes; a folded duplicate goes with the one that stands for it."""
    twin = dict(zip(cleaned.analysed["comment_id"], cleaned.analysed["duplicate_of"], strict=True))
    moved: dict[str, int] = {}
    problems = []
    for move in review.moves:
        comment_id, topic = twin[move.comment_id] or move.comment_id, review.goes_to(move.topic)
        if moved.setdefault(comment_id, topic) != topic:
            problems.append(f"{move.place}: the same comment, or one with the same words, is moved to two topics.")
    insist(problems, "Keep one of the rows.")
    return moved


def _parents(discovered: TopicResult, parts: list[int], n_numbers: int) -> Labels:
    """Return the coarse topic of each topic by its number; the last is that of outliers."""
    parents = np.full(max([n_numbers - 1, *parts]) + 2, OUTLIER, dtype=np.int64)
    parents[discovered.topics["topic"]] = discovered.topics["parent"]
    for part in parts:
        parents[part] = parents[part - second_part(0, n_numbers)]
    return parents


def _measured(discovered: TopicResult, name: str, topics: pd.Series[int], review: Review) -> pd.Series[float]:
    measured = dict(zip(discovered.topics["topic"], discovered.topics[name], strict=True))
    others = {review.goes_to(one.topic) for one in review.decisions if one.merge_into is not None}
    others |= {one.topic for one in review.decisions if one.split}
    return topics.map({topic: value for topic, value in measured.items() if topic not in others}).astype(float)


def _shares(units: np.ndarray, unit_topics: Labels) -> pd.DataFrame:
    """Return how each comment's units spread over topics; see `pipeline.contracts.TopicResult`."""
    spread = pd.DataFrame({"comment_id": units, "topic": unit_topics})
    shares = spread.groupby("comment_id", sort=False)["topic"].value_counts(normalize=True, sort=False)
    table = shares.rename("share").reset_index()
    place = {comment_id: row for row, comment_id in enumerate(dict.fromkeys(units.tolist()))}
    table["_place"] = table["comment_id"].map(place)
    return table.sort_values(["_place", "topic"]).drop(columns="_place").reset_index(drop=True)
