"""What a person decided about topics: names, mergers, splits, themes and moved comments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property

from pipeline.formats.digests import digest_of

LONGEST_NAME, LONGEST_DEFINITION = 80, 1000
"""Characters of a topic's name and of its definition."""


@dataclass(frozen=True)
class Decision:
    """What was decided about one topic.

    Attributes
    ----------
    topic : int
        The topic's number.
    name, definition : str
        What it is called, and what belongs to it; "" where the person gave none.
    merge_into : int or None
        The topic that its comments go to.
    split : bool
        Whether it is cut in two.
    theme : str
        The id of its theme, "unmapped" for none, or "" where the machine's decision stays.
    note, reviewer : str
        For people alone: neither is published.
    place : str
        Where it was written, for messages.
    """

    topic: int
    name: str = ""
    definition: str = ""
    merge_into: int | None = None
    split: bool = False
    theme: str = ""
    note: str = ""
    reviewer: str = ""
    place: str = field(default="", compare=False)

    @property
    def changes(self) -> bool:
        """Whether it changes anything but what people tell one another."""
        return bool(self.name or self.definition or self.split or self.theme) or self.merge_into is not None


@dataclass(frozen=True)
class Move:
    """A comment that belongs to another topic; -1 is none."""

    comment_id: str
    topic: int
    note: str = ""
    reviewer: str = ""
    place: str = field(default="", compare=False)


@dataclass(frozen=True)
class Review:
    """All that was decided.

    Attributes
    ----------
    decisions : tuple of Decision
        At most one for each topic, by topic.
    moves : tuple of Move
        At most one for each comment, by comment_id.
    listed : tuple of int
        The topics that the sheet has rows of.
    """

    decisions: tuple[Decision, ...] = ()
    moves: tuple[Move, ...] = ()
    listed: tuple[int, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, decisions: Iterable[Decision], moves: Iterable[Move], listed: Iterable[int] = ()) -> Review:
        """Return decisions and moves in order."""
        by_topic = tuple(sorted(decisions, key=lambda decision: decision.topic))
        return cls(by_topic, tuple(sorted(moves, key=lambda move: move.comment_id)), tuple(sorted(listed)))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was written at all."""
        return not self.decisions and not self.moves

    @property
    def changes(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self.moves) or any(decision.changes for decision in self.decisions)

    @property
    def digest(self) -> str:
        """A hash of all that was written, notes too."""
        written: tuple[Decision | Move, ...] = (*self.decisions, *self.moves)
        return digest_of([self._written(one) for one in written])

    @property
    def digest_of_changes(self) -> str:
        """A hash of what changes a result."""
        return digest_of([self._written(one) | {"note": ""} for one in self._changing])

    @property
    def _changing(self) -> tuple[Decision | Move, ...]:
        return (*(decision for decision in self.decisions if decision.changes), *self.moves)

    @staticmethod
    def _written(decision: Decision | Move) -> dict[str, object]:
        return {name: value for name, value in asdict(decision).items() if name != "place"}

    @cached_property
    def by_topic(self) -> Mapping[int, Decision]:
        """Each decision by its topic."""
        return {decision.topic: decision for decision in self.decisions}

    @property
    def reviewers(self) -> int:
        """How many people wrote their name beside what they changed."""
        return len({one.reviewer.casefold() for one in self._changing if one.reviewer})

    def goes_to(self, topic: int) -> int:
        """Return the topic that a topic's comments end up in."""
        seen = set()
        while (decision := self.by_topic.get(topic)) and decision.merge_into is not None and topic not in seen:
            seen.add(topic)
            topic = decision.merge_into
        return topic


def second_part(topic: int, n_numbers: int) -> int:
    """Return the number of a split topic's second part: 104 for topic 4, where there are up to 100 topics.

    It does not depend on which other topics are split, so that a row of the sheet keeps its meaning.
    """
    step = 100
    while step < n_numbers:
        step *= 10
    return step + topic


def contradictions(review: Review) -> list[str]:
    """Return what cannot be done as decided, whatever the topics are: a sentence each, with its place."""
    problems: list[str] = []
    names = Counter(decision.name.casefold() for decision in review.decisions if decision.name)
    for decision in review.decisions:
        topic, where = decision.topic, decision.place
        if decision.name and names[decision.name.casefold()] > 1:
            problems.append(f"{where}, column 'name': the name is there twice; each topic needs its own.")
        if decision.name and not any(letter.isalnum() for letter in decision.name):
            problems.append(f"{where}, column 'name': the name has no letter or figure.")
        for column, longest in (("name", LONGEST_NAME), ("definition", LONGEST_DEFINITION)):
            if (found := len(getattr(decision, column))) > longest:
                problems.append(f"{where}, column '{column}': found {found} characters, at most {longest} are wanted.")
        if decision.merge_into is None:
            continue
        if decision.split:
            problems.append(f"{where}: topic {topic} is split and merged; only one of the two is possible.")
        if decision.merge_into == topic:
            problems.append(f"{where}, column 'merge_into': topic {topic} is merged into itself.")
        elif topic in _way(review, topic):
            problems.append(f"{where}, column 'merge_into': topic {topic} is merged in a circle.")
        elif decision.name or decision.definition or decision.theme:
            problems.append(
                f"{where}: topic {topic} is merged into {review.goes_to(topic)}; name, definition and theme are wanted "
                "in that topic's row."
            )
    return problems


def _way(review: Review, topic: int) -> list[int]:
    """Return the topics that a topic's comments go to, one after another; a circle is walked once."""
    way: list[int] = []
    while (decision := review.by_topic.get(topic)) and decision.merge_into is not None:
        topic = decision.merge_into
        if topic in way:
            break
        way.append(topic)
    return way
