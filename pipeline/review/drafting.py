"""Deciding from a notebook: each function returns a review with something more decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from pipeline.codebook.codebook import Codebook
from pipeline.errors import ConfigError, did_you_mean
from pipeline.review.decisions import Decision, Move, Review
from pipeline.review.readback import theme_named
from pipeline.review.sheets import NO_THEME


def renamed(review: Review, names: Mapping[int, str]) -> Review:
    """Return a review that gives topics these names; "" takes a name back."""
    return _decided(review, {topic: {"name": " ".join(name.split())} for topic, name in names.items()})


def merged(review: Review, topics: Sequence[int]) -> Review:
    """Return a review that merges topics into the first of them.

    Raises
    ------
    ConfigError
        For fewer than two topics.
    """
    first, *others = dict.fromkeys(topics)
    if not others:
        raise ConfigError("merge: found one topic.", "Give two or more; the first keeps its number.")
    return _decided(review, {topic: {"merge_into": int(first)} for topic in others})


def split(review: Review, topic: int) -> Review:
    """Return a review that cuts a topic in two."""
    return _decided(review, {topic: {"split": True}})


def themed(review: Review, topic: int, theme: str, codebook: Codebook) -> Review:
    """Return a review that gives a topic a theme, by id or name; "none" says that it has none, "" takes it back.

    Raises
    ------
    ConfigError
        For a theme that the codebook does not have.
    """
    found = theme_named(theme, codebook)
    if found is None:
        names = [one.name for one in codebook.themes]
        raise ConfigError(
            f"set_theme: the codebook has no theme '{theme}'.{did_you_mean(theme, [*names, NO_THEME])}",
            f"It has {', '.join(names)}; '{NO_THEME}' says that a topic belongs to none.",
        )
    return _decided(review, {topic: {"theme": found}})


def moved(review: Review, comment_ids: Iterable[str], topic: int) -> Review:
    """Return a review that moves comments to a topic; -1 is none."""
    # An id may be a respondent's: messages count.
    new = {
        one: Move(one, int(topic), place=f"moved comment {number}") for number, one in enumerate(comment_ids, start=1)
    }
    return Review.of(review.decisions, [*(move for move in review.moves if move.comment_id not in new), *new.values()])


def _decided(review: Review, changes: Mapping[int, Mapping[str, object]]) -> Review:
    decisions = dict(review.by_topic)
    for topic, change in changes.items():
        before = decisions.get(topic, Decision(int(topic)))
        decisions[topic] = replace(before, place=f"topic {topic}", **change)  # type: ignore[arg-type]
    return Review.of(decisions.values(), review.moves)
