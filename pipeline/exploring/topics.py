"""One topic: its comments, its words, who is in it, and what lies near it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np
import pandas as pd

from pipeline.exploring.counts import counts_by
from pipeline.exploring.material import Material, as_topic
from pipeline.tables.numbers import counted, decimal, percent

INSIDE = "Internal: it holds respondents' words and exact counts."
_FIRST_COMMENTS, _FIRST_NEAR = 10, 5
MOST_VALUES = 40
"""A metadata column with more values than this is no grouping."""


@dataclass(frozen=True)
class TopicView:
    """A topic as a reader looks into it; for reading inside.

    Attributes
    ----------
    topic : int
        Its number.
    label : str
        Its label.
    share : float
        Its share of the analysed comments, in [0, 1].
    stability : float
        How reliably it comes back, in [0, 1]; NaN where that was not measured.
    comments : DataFrame
        comment_id, membership (in [0, 1]), themes (names, separated by "; "), the metadata, text: a row for each
        comment, those that belong most firmly first.
    keywords : DataFrame
        keyword, comments (of the topic that say it), share (of the topic's comments), elsewhere (share of all other
        analysed comments).
    groups : DataFrame
        column, group, comments (of the topic in the group), of (all comments of the group), share: by each metadata
        column with few values.
    neighbours : DataFrame
        topic, label, similarity (cosine of the topics' means, in [-1, 1]), comments: all other topics, nearest first.
    themes : DataFrame
        theme, name, fit (cosine), own_share (share of the topic's comments with a theme that have this one), matched
        (bool): all themes, best fit first.
    """

    topic: int
    label: str
    share: float
    stability: float
    comments: pd.DataFrame
    keywords: pd.DataFrame
    groups: pd.DataFrame
    neighbours: pd.DataFrame
    themes: pd.DataFrame

    @property
    def summary(self) -> str:
        """The topic in two sentences."""
        firm = "not measured" if np.isnan(self.stability) else decimal(self.stability)
        return (
            f"{counted(len(self.comments), 'comment')}, {percent(self.share)} of those analysed. Stability: {firm}. "
            f"{INSIDE}"
        )

    def __repr__(self) -> str:
        words = ", ".join(self.keywords["keyword"])
        return (
            f"Topic {self.topic}: {self.label}\n{self.summary}\nWords: {words}\n"
            "Tables: .comments, .keywords, .groups, .neighbours, .themes"
        )

    def _repr_html_(self) -> str:
        parts = [
            (f"The {min(_FIRST_COMMENTS, len(self.comments))} comments that belong most firmly (all: .comments)",
             self.comments.head(_FIRST_COMMENTS)),
            ("Words (.keywords)", self.keywords),
            ("Who is in it (.groups)", self.groups),
            ("Nearest topics (.neighbours)", self.neighbours.head(_FIRST_NEAR)),
            ("Nearest themes (.themes)", self.themes.head(_FIRST_NEAR)),
        ]  # fmt: skip
        tables = "".join(f"<h4>{escape(said)}</h4>{table_html(table)}" for said, table in parts if len(table))
        return f"<h3>Topic {self.topic}: {escape(self.label)}</h3><p>{escape(self.summary)}</p>{tables}"


@dataclass(frozen=True)
class TopicBrowser:
    """All topics, each to open in a notebook; for reading inside."""

    topics: tuple[TopicView, ...]

    def __repr__(self) -> str:
        return "\n".join(f"{view.topic}: {view.label} ({len(view.comments):,})" for view in self.topics)

    def _repr_html_(self) -> str:
        # A browser opens these without a script, and so in a notebook that somebody else made.
        rows = (
            f"<details><summary>{view.topic}: {escape(view.label)} ({len(view.comments):,})</summary>"
            f"{view._repr_html_()}</details>"
            for view in self.topics
        )
        return "".join(rows) or "<p>No topics were found.</p>"


def table_html(table: pd.DataFrame) -> str:
    """Return a table as HTML whose cells are escaped and left whole."""
    with pd.option_context("display.max_colwidth", None):
        return table.to_html(index=False, border=0, escape=True, float_format="{:.2f}".format, justify="left")


def topic_view(material: Material, topic: int) -> TopicView:
    """Look into a topic.

    Parameters
    ----------
    material : Material
        The run.
    topic : int
        Its number.

    Returns
    -------
    TopicView
        Its tables.

    Raises
    ------
    DataError
        Where the run has no such topic.
    """
    topic = as_topic(material, topic)
    inside = (material.comments["topic"] == topic).to_numpy()
    row = next(one for one in material.discovered.topics.to_dict("records") if one["topic"] == topic)
    shown = ["comment_id", "membership", "themes", *material.metadata, "text"]
    comments = material.comments.loc[inside, shown].sort_values("membership", ascending=False, kind="stable")
    return TopicView(
        topic=topic,
        label=str(row["label"]),
        share=float(row["share"]),
        stability=float(row["stability"]) if pd.notna(row["stability"]) else float("nan"),
        comments=comments.reset_index(drop=True),
        keywords=_keywords(material.comments["lemmas"], inside, str(row["keywords"])),
        groups=_groups(material, topic),
        neighbours=_neighbours(material, topic),
        themes=_themes(material, topic),
    )


def topic_browser(material: Material) -> TopicBrowser:
    """Return all topics, largest first, to open one after another."""
    return TopicBrowser(tuple(topic_view(material, int(topic)) for topic in material.discovered.topics["topic"]))


def _keywords(lemmas: pd.Series[str], inside: np.ndarray, keywords: str) -> pd.DataFrame:
    rows = []
    for keyword in filter(None, keywords.split(", ")):
        says = (" " + lemmas.str.casefold() + " ").str.contains(f" {keyword.casefold()} ", regex=False).to_numpy()
        rows.append((keyword, int(says[inside].sum()), says[inside].mean(), says[~inside].mean() if (~inside).any()
                     else np.nan))  # fmt: skip
    return pd.DataFrame(rows, columns=["keyword", "comments", "share", "elsewhere"])


def _groups(material: Material, topic: int) -> pd.DataFrame:
    columns = [name for name in material.metadata if material.group(name).nunique() <= MOST_VALUES]
    tables = []
    for name in columns:
        found = counts_by(material, material.group(name))
        found = found[(found["kind"] == "topic") & (found["id"] == str(topic))]
        tables.append(found[["group", "comments", "of", "share"]].assign(column=name))
    order = ["column", "group", "comments", "of", "share"]
    return pd.concat(tables, ignore_index=True)[order] if tables else pd.DataFrame(columns=order)


def _neighbours(material: Material, topic: int) -> pd.DataFrame:
    numbers = list(material.labels)
    likeness = material.centroids @ material.centroids[numbers.index(topic)]
    sizes = material.comments["topic"].value_counts()
    rows = pd.DataFrame(
        {
            "topic": numbers,
            "label": list(material.labels.values()),
            "similarity": likeness.astype(float),
            "comments": [int(sizes.get(number, 0)) for number in numbers],
        }
    )
    rows = rows[rows["topic"] != topic]
    return rows.sort_values("similarity", ascending=False, kind="stable").reset_index(drop=True)


def _themes(material: Material, topic: int) -> pd.DataFrame:
    crosswalk = material.mapped.crosswalk
    rows = crosswalk[crosswalk["topic"] == topic].sort_values("fit", ascending=False, kind="stable")
    rows = rows.assign(name=rows["theme"].map(material.names))
    return rows[["theme", "name", "fit", "own_share", "matched"]].reset_index(drop=True)
