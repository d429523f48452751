"""Candidates for new themes: the comments of topics that match none, and a start for the codebook."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import yaml

from pipeline.codebook.codebook import RESERVED_IDS, Codebook
from pipeline.contracts import UNMAPPED, Cleaned, Mapped, TopicResult
from pipeline.discovery.labels import Terms
from pipeline.documents.reading import beside_ours

_MOST_VALUES = 40
"""A metadata column with more values than this is no grouping."""

_HEAD = """\
# Candidates for new themes: topics that match no theme of the codebook, and lean to none.
# Read all their comments first: internal/candidates_comments.csv.
# Copy the entries that you want below "themes:" in your codebook. Write each name and definition yourself.
# No comment is quoted here, because codebooks get published. Quote none when you add examples.
# The phrases come from this run's comments, so these comments will match them. Only other comments can test the theme.
"""


def candidate_comments(
    cleaned: Cleaned, discovered: TopicResult, mapped: Mapped, *, metadata: Sequence[str]
) -> pd.DataFrame:
    """List every comment of the topics that match no theme and lean to none; for reading inside.

    Parameters
    ----------
    cleaned, discovered, mapped
        Results of the stages.
    metadata : sequence of str
        The columns that say who wrote a comment.

    Returns
    -------
    DataFrame
        A row for each comment, those that belong most firmly first. Of its topic: topic, label, keywords, size,
        stability, mapping_robustness, nearest_theme, fit, said_by (how many of its comments are from which group, by
        each column with few values). Of the comment: comment_id, membership, the metadata (see
        `pipeline.documents.reading.beside_ours`), comment.
    """
    topics = discovered.topics[["topic", "label", "keywords", "size", "stability"]].merge(
        _unmapped(mapped)[["topic", "mapping_robustness", "nearest_theme", "fit"]], on="topic"
    )
    inside = mapped.assignments[["comment_id", "topic", "membership"]]
    own = beside_ours(metadata, [*topics, *inside, "said_by", "comment"])
    known = cleaned.analysed[["comment_id", *metadata, "text"]].set_axis(["comment_id", *own, "comment"], axis=1)
    comments = inside.merge(known, on="comment_id", validate="one_to_one")
    groupings = [name for name in own if known[name].nunique() <= _MOST_VALUES]
    topics["said_by"] = [_said_by(comments[comments["topic"] == topic], groupings) for topic in topics["topic"]]
    rows = topics.astype({"said_by": object}).merge(comments, on="topic")
    return rows.sort_values(["topic", "membership"], ascending=[True, False], kind="stable").reset_index(drop=True)


def candidate_entries(named: TopicResult, mapped: Mapped, codebook: Codebook) -> bytes:
    """Write the start of a codebook entry for each candidate, as YAML.

    Parameters
    ----------
    named : TopicResult
        The topics, with the labels and keywords that may be published.
    mapped : Mapped
        The themes of topics.
    codebook : Codebook
        The codebook, whose ids and names are taken.

    Returns
    -------
    bytes
        A list of themes that `load_codebook` reads as part of that codebook: the topic's label as name, keywords as
        phrases, and a definition to write. It holds no comment.
    """
    ids = {*RESERVED_IDS, *codebook.theme_ids, *(code.id for code in codebook.codes)}
    ids |= {entry.id for facet in codebook.facets for entry in facet.themes}
    taken = {name.casefold() for name in ids} | {theme.name.casefold() for theme in codebook.themes}
    candidates = named.topics[named.topics["topic"].isin(_unmapped(mapped)["topic"])]
    themes = [_entry(row, taken) for row in candidates.to_dict("records")]
    return (_HEAD + yaml.safe_dump({"themes": themes}, sort_keys=False, allow_unicode=True, width=110)).encode()


def _unmapped(mapped: Mapped) -> pd.DataFrame:
    return mapped.topic_themes[mapped.topic_themes["status"] == UNMAPPED]


def _said_by(comments: pd.DataFrame, groupings: Sequence[str]) -> str:
    return "; ".join(
        f"{name}: " + ", ".join(f"{group or '(not given)'} {n}" for group, n in comments[name].value_counts().items())
        for name in groupings
    )


def _entry(topic: Mapping[Any, Any], taken: set[str]) -> dict[str, Any]:
    """Return a topic as an entry whose id and name are no other's id or name, and take them."""
    name = str(replace(Terms.of(str(topic["label"])), mixed=False))
    if name.casefold() in taken:
        name = f"{name} ({topic['topic']})"
    entry = re.sub(r"\W+", "-", name.casefold()).strip("-") or "topic"
    if entry in taken:
        entry = f"{entry}-{topic['topic']}"
    taken |= {entry, name.casefold()}
    words = [word for word in str(topic["keywords"]).split(", ") if word]
    about = f" Its comments say: {', '.join(words)}." if words else ""
    return {"id": entry, "name": name, "definition": f"To be written.{about}", "includes": words}
