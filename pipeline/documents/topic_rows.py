"""The topics of a run, each with what its row of the report opens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.by_person import matches_none
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.documents.quoted import Quoted
from pipeline.documents.theme_sections import clear_differences
from pipeline.documents.topic_tables import match_and_why, said_of_match
from pipeline.tables.numbers import NOT_SHOWN, count, decimal, percent
from pipeline.tables.record import is_set, rows_of

_FIRST_WORDS = 4
"""Keywords that a row shows before it is opened."""
_MOST_NEAREST = 3
"""Of more topics none is named as near: a topic that joins the tree last meets all the others at once."""


@dataclass(frozen=True)
class TopicRow:
    """A topic in the report's table.

    Attributes
    ----------
    topic : int
        Its number.
    label, definition : str
        Its name, and a person's definition or "".
    keywords, first_words : str
        All of them, and those that the row shows.
    size, share, stability : str
        As they are written; stability with a word for it.
    order : mapping of str to float
        By what the table is sorted: size and stability; −1 where there is no number.
    theme, why : str
        Which theme it matches or leans to; the same with what keeps it from a match, and the nearest where it has none.
    is_doubtful : bool
        Whether few re-runs decide alike.
    is_candidate : bool
        Whether it matches no theme and leans to none.
    groups : tuple of str
        The groups that differ clearly.
    coarse, nearest : str
        Its group of topics, where that has another name, and the topics that it meets first; may be "".
    quotations : sequence of Quoted
        May be empty.
    """

    topic: int
    label: str
    definition: str
    keywords: str
    first_words: str
    size: str
    share: str
    stability: str
    order: Mapping[str, float]
    theme: str
    why: str
    is_doubtful: bool
    is_candidate: bool
    groups: tuple[str, ...]
    coarse: str
    nearest: str
    quotations: Sequence[Quoted]


def topic_rows(
    tables: Mapping[str, pd.DataFrame], codebook: Codebook, quotations: Mapping[int, Sequence[Quoted]]
) -> list[TopicRow]:
    """Return a row for each topic, largest first.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For the names of themes.
    quotations : mapping of int to sequence of Quoted
        By the topic's number.
    """
    topics, groups = tables["topics"], tables["groups"]
    labels = {int(row["topic"]): str(row["label"]) for row in rows_of(topics)}
    candidates = matches_none(topics) if len(topics) else pd.Series(dtype=bool)
    rows = []
    for row, is_candidate in zip(rows_of(topics), candidates, strict=True):
        number = int(row["topic"])
        words = str(row["keywords"]).split(", ")
        rows.append(
            TopicRow(
                topic=number,
                label=str(row["label"]),
                definition=_text(row.get("definition")),
                keywords=", ".join(words),
                first_words=", ".join(words[:_FIRST_WORDS]),
                size=count(row["size"]),
                share=percent(row["share"]) if pd.notna(row["share"]) else NOT_SHOWN,
                stability=stability_said(row["stability"]),
                order={name: -1.0 if pd.isna(row[name]) else float(row[name]) for name in ("size", "stability")},
                theme="none" if is_candidate and row["status"] == UNMAPPED else said_of_match(row, codebook),
                why=match_and_why(row, codebook),
                is_doubtful=not is_set(row["settled"]),
                is_candidate=bool(is_candidate),
                groups=tuple(clear_differences(groups, "topics", str(number))),
                coarse=coarse if (coarse := _text(row.get("parent_label"))) != str(row["label"]) else "",
                nearest=_nearest(number, tables["topic_tree"], labels),
                quotations=quotations.get(number, ()),
            )
        )
    return rows


def stability_said(stability: object) -> str:
    """Return a stability in [0, 1] in words, such as "not stable (0.46)"; "not measured" where it is missing."""
    if not isinstance(stability, float) or pd.isna(stability):
        return "not measured"
    word = "stable" if stability >= STABLE else "not stable" if stability < DISSOLVED else "partly stable"
    return f"{word} ({decimal(stability)})"


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)  # type: ignore[call-overload]


def _nearest(topic: int, tree: pd.DataFrame, labels: Mapping[int, str]) -> str:
    """Return the topics that are nearest to a topic in meaning: those it meets first in the tree."""
    for meeting in rows_of(tree):
        for own, other in (("first", "second"), ("second", "first")):
            if str(topic) in str(meeting[own]).split(", "):
                return _named(str(meeting[other]), labels)
    return ""


def _named(topics: str, labels: Mapping[int, str]) -> str:
    named = [f"“{labels[int(one)]}”" for one in topics.split(", ") if int(one) in labels]
    return " and ".join(named) if len(named) <= _MOST_NEAREST else "none in particular"
