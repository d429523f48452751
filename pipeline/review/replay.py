"""Tying decisions to topics by the comments that these held, and finding the same topics in another result.

The number of a topic says nothing once comments were added or a setting was changed. What is kept with the sheets says
which comments each topic held; a decision goes to the topic that holds most of them now, and to no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from pydantic import BaseModel

from pipeline.contracts import OUTLIER, Cleaned, TopicResult
from pipeline.formats.digests import digest, digest_of
from pipeline.review.decisions import Review, second_part
from pipeline.review.readback import insist

SAME = 0.5
"""Jaccard overlap over shared comments from which two topics are the same."""

NEW_SHEET = (
    "Empty these rows. Or move the review's files out of the folder internal, and write new ones: pipeline topics."
)
"""What to do where decisions fit no longer."""


class Held(BaseModel, strict=True, frozen=True, extra="forbid"):
    """What topics held when the sheets were written.

    Attributes
    ----------
    n_numbers : int
        One more than the largest number of a topic.
    comments : tuple of (str, str, int)
        comment_id, hash of the text and topic of each analysed comment.
    written : dict of str to str
        Hash of what each kind of sheet said when the program last wrote or read it.
    """

    n_numbers: int
    comments: tuple[tuple[str, str, int], ...]
    written: dict[str, str] = {}

    @property
    def digest(self) -> str:
        """A hash of what the topics held."""
        return digest_of([self.n_numbers, self.comments])

    @property
    def topics(self) -> frozenset[int]:
        """The topics that there were."""
        return frozenset(topic for _, _, topic in self.comments if topic != OUTLIER)


def held_by(cleaned: Cleaned, discovered: TopicResult) -> Held:
    """Return what the topics hold now.

    Parameters
    ----------
    cleaned : Cleaned
        The comments.
    discovered : TopicResult
        The topics as the machine found them.
    """
    analysed = cleaned.analysed
    twin = analysed["duplicate_of"].where(analysed["duplicate_of"] != "", analysed["comment_id"])
    topic_of = dict(zip(discovered.assignments["comment_id"], discovered.assignments["topic"], strict=True))
    return Held(
        n_numbers=int(discovered.topics["topic"].max()) + 1 if len(discovered.topics) else 0,
        comments=tuple(
            (comment_id, digest(text.encode())[:16], int(topic_of[stands_for]))
            for comment_id, text, stands_for in zip(analysed["comment_id"], analysed["text"], twin, strict=True)
        ),
    )


def refitted(review: Review, before: Held, now: Held, *, has_ids: bool) -> Review:
    """Return a review whose numbers and ids are those of a result, for the topics that are the same in it.

    Parameters
    ----------
    review : Review
        Decisions on topics as they were.
    before, now : Held
        What the topics held when the sheets were written, and what they hold in this result.
    has_ids : bool
        Whether the file of comments gives them ids; else an id is a row's number, and only equal words make the same
        comment.

    Returns
    -------
    Review
        For the topics of `now`.

    Raises
    ------
    DataError
        Where a topic or a comment is not there, or is another one now. All rows that do not fit are named.
    """
    if review.changes and not now.topics:
        insist(["A review changes topics, and this run found none."], NEW_SHEET)
    same_comment = _same_comments(before, now, has_ids)
    same_topic = (
        {topic: topic for topic in before.topics}
        if before.comments == now.comments
        else _same_topics(before, now, same_comment)
    )
    fit = _Fit(review, before, now, same_comment, same_topic)
    fitted = fit.review()
    insist(fit.unknown)
    insist(fit.lost, NEW_SHEET)
    return fitted


def _same_comments(before: Held, now: Held, has_ids: bool) -> dict[str, str]:
    """Return for each comment the same one now: of the same id and words, of the same words, or of the same id."""
    words = {comment_id: text for comment_id, text, _ in now.comments}
    by_words = {text: comment_id for comment_id, text, _ in reversed(now.comments)}
    same = {}
    for comment_id, text, _ in before.comments:
        if words.get(comment_id) == text or (has_ids and comment_id in words and text not in by_words):
            same[comment_id] = comment_id
        elif text in by_words:
            same[comment_id] = by_words[text]
    return same


def _same_topics(before: Held, now: Held, same_comment: Mapping[str, str]) -> dict[int, int]:
    """Pair topics one to one by their overlap over shared comments; those that overlap too little have no pair."""
    from scipy.optimize import linear_sum_assignment

    topic_now = {comment_id: topic for comment_id, _, topic in now.comments}
    pairs = pd.DataFrame(
        [(topic, topic_now[same_comment[comment_id]]) for comment_id, _, topic in before.comments
         if comment_id in same_comment],
        columns=["before", "now"],
    )  # fmt: skip
    shared = pd.crosstab(pairs["before"], pairs["now"])
    sizes = shared.sum(axis=1).to_numpy()[:, None] + shared.sum(axis=0).to_numpy()[None, :]
    jaccard = shared / np.maximum(sizes - shared.to_numpy(), 1)
    jaccard = jaccard.drop(index=OUTLIER, columns=OUTLIER, errors="ignore")
    rows, columns = linear_sum_assignment(-jaccard.to_numpy(dtype=float))
    return {
        int(jaccard.index[row]): int(jaccard.columns[column])
        for row, column in zip(rows, columns, strict=True)
        if jaccard.iloc[row, column] >= SAME
    }


class _Fit:
    """Renumbers decisions, and collects what does not fit."""

    def __init__(
        self, review: Review, before: Held, now: Held, same_comment: Mapping[str, str], same_topic: Mapping[int, int]
    ) -> None:
        self._review, self._before, self._now = review, before, now
        self._comments, self._topics = same_comment, same_topic
        self._known = {comment_id for comment_id, _, _ in before.comments} | {row[0] for row in now.comments}
        self._split = {decision.topic for decision in review.decisions if decision.split}
        self.unknown: list[str] = []
        self.lost: list[str] = []

    def review(self) -> Review:
        decisions, moves = [], []
        for decision in self._review.decisions:
            numbers = [self._topic(decision.topic, decision.place, "topic")]
            if decision.merge_into is not None:
                numbers.append(self._topic(decision.merge_into, decision.place, "merge_into"))
            if decision.split and decision.topic not in self._before.topics:
                self.unknown.append(f"{decision.place}, column 'split': a part of a topic cannot be split again.")
            decisions.append(replace(decision, topic=numbers[0], merge_into=[*numbers[1:], None][0]))
        for move in self._review.moves:
            topic = OUTLIER if move.topic == OUTLIER else self._topic(move.topic, move.place, "topic")
            moves.append(replace(move, comment_id=self._comment(move.comment_id, move.place), topic=topic))
        return Review.of(decisions, moves)

    def _topic(self, topic: int, place: str, column: str) -> int:
        for known in self._before.topics:
            part = second_part(known, self._before.n_numbers)
            if topic == known and known in self._topics:
                return self._topics[known]
            if topic == part and known in self._split and known in self._topics:
                return second_part(self._topics[known], self._now.n_numbers)
            if topic == known or (topic == part and known in self._split):
                self.lost.append(f"{place}, column '{column}': topic {topic} is another topic now, or none.")
                return topic
        largest = max(self._before.topics, default=-1)
        self.unknown.append(
            f"{place}, column '{column}': found {topic}, a topic from 0 to {largest} is wanted, or the second part of "
            "one that is split."
        )
        return topic

    def _comment(self, comment_id: str, place: str) -> str:
        if comment_id in self._comments:
            return self._comments[comment_id]
        if comment_id in {row[0] for row in self._now.comments}:
            return comment_id
        what = "is there no longer" if comment_id in self._known else "is not among those analysed"
        (self.lost if comment_id in self._known else self.unknown).append(
            f"{place}, column 'comment_id': the comment {what}."
        )
        return comment_id
