"""The map of comments that a reader can search, filter and zoom, as a part of the report that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.contracts import OF_COMMENTS, OUTLIER, UNMAPPED, Cleaned, Mapped, TopicResult
from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.figures.drawing import NOT_MAPPED
from pipeline.figures.map_words import IN_SMALL_TOPIC, no_topic_name, points_said, share_said
from pipeline.figures.style import theme_colours, theme_markers
from pipeline.tables.numbers import count, counted

_SHAPES = ("circle", "square", "triangle", "diamond", "down", "plus")
ON_DARK = ("#4F7DFF", "#7CF0CB", "#F0602A", "#D3C6FF", "#A8688C", "#FFC233")
"""The hues of the palette for a dark page: each at least 4:1 on it, any two 20 apart in CAM02-UCS, as in `PALETTE`."""

_GREYS = ("#767676", "#A8A8A8")
_NO_THEME = (NOT_MAPPED, "#595959", "#C8C8C8", "cross")
_SMALL = "\0small"
"""Stands in the place of a theme for the points whose topics are too small to show."""
_DECIMALS = 3
_MOST = 20_000
"""Points that a page can hold and a browser can move."""
_MOST_LETTERS = 6_000_000
"""Letters of the comments on the map, so that the page stays below 10 MB."""
_FILTER_VALUES = 40
"""A metadata column with more values than this is no filter."""


def map_with_comments(
    cleaned: Cleaned, discovered: TopicResult, mapped: Mapped, theme_names: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the map with the comments themselves is filled with, and a filter for each short metadata column.

    Parameters
    ----------
    cleaned, discovered, mapped
        Results of the stages, the topics by the names that the page gives them.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    """
    points = discovered.layout.merge(mapped.assignments[["comment_id", "topic", "theme"]], on="comment_id")
    comments = cleaned.comments.set_index("comment_id").loc[points["comment_id"]]
    known = comments.drop(columns=list(OF_COMMENTS[1:]))
    short = [name for name in known.columns if known[name].nunique() <= _FILTER_VALUES]
    return explorer_context(points, discovered.topics, theme_names, texts=comments["text"], metadata=known[short])


def explorer_context(
    points: pd.DataFrame,
    topics: pd.DataFrame,
    theme_names: Mapping[str, str],
    *,
    texts: pd.Series[str] | None = None,
    metadata: pd.DataFrame | None = None,
    round_to: int = 1,
    comments: int | None = None,
) -> dict[str, Any]:
    """Return what the map's template is filled with.

    Parameters
    ----------
    points : DataFrame
        x, y, topic, theme; a row for each distinct comment that may be shown, sorted by place.
    topics : DataFrame
        The public table of topics.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    texts : Series of str, optional
        The comments, row by row as the points; for the internal report alone.
    metadata : DataFrame, optional
        What is known of each comment, row by row as the points, a filter for each column; for the internal report
        alone.
    round_to : int
        What the points of each topic were thinned to a multiple of; 1 where they were not.
    comments : int, optional
        The comments that the points are of, where that number is public.

    Returns
    -------
    dict
        data (JSON, safe inside a script element), filters, legend, summary, with_text. Of more than 20,000 points, or
        where their texts have more than 6 million letters, every second, third, … is taken, and the summary says so.
    """
    n_all = len(points)
    letters = 0 if texts is None else int(texts.str.len().sum())
    every = max(-(-n_all // _MOST), -(-letters // _MOST_LETTERS))
    if every > 1:
        kept = np.arange(0, n_all, every)
        points = points.iloc[kept]
        texts = None if texts is None else texts.iloc[kept]
        metadata = None if metadata is None else metadata.iloc[kept]
    outside = {OUTLIER: no_topic_name(points, topics), SMALL_TOPICS: IN_SMALL_TOPIC}
    kinds = [
        ("", outside[OUTLIER], *_GREYS, "dot"),
        (_SMALL, outside[SMALL_TOPICS], *_GREYS, "ring"),
        (UNMAPPED, *_NO_THEME),
    ]
    colours, shapes = theme_colours(list(theme_names)), theme_markers(list(theme_names), _SHAPES)
    kinds += [
        (theme, name, colours[theme], ON_DARK[place % len(ON_DARK)], shapes[theme])
        for place, (theme, name) in enumerate(theme_names.items())
    ]
    place_of = {kind[0]: place for place, kind in enumerate(kinds)}
    themes = [place_of[theme] for theme in points["theme"].mask(points["topic"] == SMALL_TOPICS, _SMALL)]
    named = {int(row["topic"]): str(row["label"]) for row in topics.to_dict("records")} | outside
    there = set(points["topic"])
    labels = {str(topic): name for topic, name in named.items() if topic in there}
    used = [(str(place), kinds[place][1]) for place in sorted(set(themes))]
    filters: list[dict[str, Any]] = [
        {"name": "Topic", "options": list(labels.items())},
        {"name": "Theme", "options": used},
    ]
    columns: list[list[Any]] = [points["topic"].tolist(), themes]
    known = pd.DataFrame() if metadata is None else metadata.astype(str)
    for name, values in known.items():
        filters.append(
            {"name": name, "options": [(value, value or "(not given)") for value in sorted(values.unique())]}
        )
        columns.append(values.tolist())
    data: dict[str, Any] = {
        "x": points["x"].astype(float).round(_DECIMALS).tolist(),
        "y": points["y"].astype(float).round(_DECIMALS).tolist(),
        "topic": points["topic"].tolist(),
        "theme": themes,
        "themes": [dict(zip(("name", "colour", "light", "shape"), kind[1:], strict=True)) for kind in kinds],
        "labels": labels,
        "topics": _anchors(points, topics),
        "filters": columns,
    }
    if texts is not None:
        data["text"] = texts.tolist()
    found = (
        "No topics were found."
        if not len(topics)
        else share_said(topics, round_to) or f"{counted(len(topics), 'topic')}."
    )
    drawn = "" if len(points) == n_all else f" We draw {count(len(points))} of the points, evenly spread."
    return {
        # "<" could end the script element, whatever the comment says.
        "data": json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c"),
        "filters": filters,
        "legend": [{"place": int(place), "name": name} for place, name in used],
        "summary": f"{points_said(n_all, round_to, comments)} {found}{drawn}",
        "with_text": texts is not None,
    }


def _anchors(points: pd.DataFrame, topics: pd.DataFrame) -> list[dict[str, Any]]:
    """Return for each topic, largest first, the point nearest to its middle, where its label stands."""
    anchors = []
    for row in topics.sort_values(["size", "topic"], ascending=[False, True]).to_dict("records"):
        inside = np.flatnonzero(points["topic"] == row["topic"])
        if len(inside):
            places = points[["x", "y"]].to_numpy(dtype=float)[inside]
            nearest = np.linalg.norm(places - np.median(places, axis=0), axis=1).argmin()
            anchors.append({"label": str(row["label"]), "at": int(inside[nearest])})
    return anchors
