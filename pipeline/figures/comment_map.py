"""The comments in the plane: a mark for each, a label for each topic, a shape and colour for each theme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.figures.drawing import (
    MARGIN,
    NOT_MAPPED,
    TALLEST,
    Drawn,
    add_axes,
    brief,
    head,
    head_height,
    nothing_to_draw,
    page_axes,
    shortened,
    text_width,
    words,
)  # fmt: skip
from pipeline.figures.map_labels import Named, TopicLabel, draw_labels, height_for, label_room, topic_labels
from pipeline.figures.map_words import IN_SMALL_TOPIC, no_topic_name, points_said, share_said
from pipeline.figures.style import FAINT, INK, QUIET, figure_style, new_figure, theme_colours, theme_markers
from pipeline.tables.numbers import counted, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_VECTOR = 8_000
"""Points beyond which the marks are an image within the figure: as shapes they would make files of megabytes."""

_MOST_TRIED = 100
"""Topics that a label is tried for: a page has room for some sixty, and each name is measured several times."""

_EDGE = 0.03
_SHORTEST_MM = 55.0
_LEGEND_POINTS = 6.5
_LEGEND_MM = 3.6
_LEGEND_MARK_MM = 4.5
_SMALL = "\0small"
"""Stands in the place of a theme for the points whose topics are too small to show."""


@dataclass(frozen=True)
class _Kind:
    """The marks of one kind: the themes they stand for, their name, colour and shape, and whether they are open."""

    themes: tuple[str, ...]
    name: str
    colour: str
    marker: str
    is_open: bool = False

    def as_drawn(self, size: float, edge: float) -> dict[str, Any]:
        """Return how matplotlib draws its marks at a size in points; the edge is that of crosses and open marks."""
        return {
            "linestyle": "none", "marker": self.marker, "color": self.colour,
            # The diamond is a square on its corner: of the same width it would look larger than the others.
            "markersize": 1.3 * size if self.marker == "." else 0.85 * size if self.marker == "D" else size,
            "markerfacecolor": "white" if self.is_open else self.colour,
            "markeredgewidth": edge if self.is_open or self.marker == "x" else 0,
        }  # fmt: skip


def comment_map(
    points: pd.DataFrame,
    topics: pd.DataFrame,
    theme_names: Mapping[str, str],
    *,
    width_mm: float,
    notice: str = "",
    round_to: int = 1,
    comments: int | None = None,
) -> Drawn:
    """Draw the comments in the plane, each topic labelled, coloured by the theme of its topic.

    Parameters
    ----------
    points : DataFrame
        x, y, topic, theme; a row for each distinct comment that may be shown.
    topics : DataFrame
        The public table of topics.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    round_to : int
        What the points of each topic were thinned to a multiple of; 1 where they were not.
    comments : int, optional
        The comments that the points are of, where that number is public.

    Returns
    -------
    Drawn
        Its data are the points.

    Notes
    -----
    Labels stand beside the points, so that none covers one. Topics are labelled largest first; where there is no room
    for all the subtitle says how many are.
    """
    if not len(points):
        return nothing_to_draw("There are no comments to draw", points, width_mm=width_mm, notice=notice)
    ordered = topics.sort_values(["size", "topic"], ascending=[False, True])
    title, in_topics = _finding(ordered), share_said(topics, round_to)
    of_points = points_said(len(points), round_to, comments)
    subtitle = words(
        of_points, "Near points are alike in meaning.", in_topics,
        "Shape and colour: the published theme that the topic matches.",
    )  # fmt: skip
    of_kinds = points.assign(theme=points["theme"].mask(points["topic"] == SMALL_TOPICS, _SMALL))
    most = len(topics)
    top, bottom = head_height(title, subtitle + _note(most, most), notice, width_mm)
    columns, kinds = _kinds_that_fit(
        _kinds(of_kinds, theme_names, no_topic_name(points, topics)), width_mm,
        TALLEST - top - bottom - 2 - _SHORTEST_MM,
    )  # fmt: skip
    legend_mm = _LEGEND_MM * -(-len(kinds) // columns)

    there = ordered[ordered["topic"].isin(points["topic"])].head(_MOST_TRIED)
    names = there["label"].tolist()

    def laid_out(note: str) -> _Layout:
        top, bottom = head_height(title, subtitle + note, notice, width_mm)
        tallest = TALLEST - top - bottom - legend_mm - 2
        body = min(max(0.5 * width_mm, 68.0, height_for(names, width_mm)), tallest)
        return _Layout(points, width_mm, body, top, bottom + legend_mm + 2, label_room(names, width_mm))

    layout = laid_out("")
    labels = _labels(points, there, layout)
    note = ""
    if len(labels) < len(topics):
        # The note may take a line of its own, and the points and labels then have less room; no count that it can
        # hold is wider than this one.
        layout = laid_out(_note(most, most))
        labels = _labels(points, there, layout)
        note = _note(len(labels), len(topics))
    with figure_style():
        figure = new_figure(width_mm, layout.top + layout.body + layout.below)
        head(figure, title, subtitle + note, notice)
        _draw_points(figure, of_kinds, kinds, layout)
        page = page_axes(figure)
        draw_labels(page, labels)
        _draw_legend(page, kinds, columns, layout.top + layout.body + 2, width_mm)
    return Drawn(figure, words(f"{title}.", of_points, in_topics, _largest(ordered), notice), points)


@dataclass(frozen=True)
class _Layout:
    """Where the points stand on the page, in millimetres from its upper left corner."""

    points: pd.DataFrame
    width: float
    body: float
    top: float
    below: float
    beside: float

    @property
    def margin(self) -> float:
        """Millimetres at either side of the points."""
        return MARGIN + self.beside

    def limits(self, axis: str) -> tuple[float, float]:
        """Return where an axis begins and ends, so that no mark is cut at the edge."""
        low, high = float(self.points[axis].min()), float(self.points[axis].max())
        edge = _EDGE * (high - low) or 1.0
        return low - edge, high + edge

    def on_page(self, places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return where points of the data, of shape (n, 2), stand on the page."""
        (x0, x1), (y0, y1) = self.limits("x"), self.limits("y")
        across = self.margin + (places[:, 0] - x0) / (x1 - x0) * (self.width - 2 * self.margin)
        return np.column_stack([across, self.top + (y1 - places[:, 1]) / (y1 - y0) * self.body])


def _finding(topics: pd.DataFrame) -> str:
    if not len(topics):
        return "No topics were found: the comments are too few or too varied"
    found, shown = counted(len(topics), "topic"), topics[topics["share"].notna()]
    if not len(shown):
        return f"{found}; too few comments to show shares"
    label, share = f"“{shown['label'].iloc[0]}”", f"holds {percent(shown['share'].iloc[0])} of comments"
    which = "" if len(topics) == 1 else "the largest" if len(shown) == len(topics) else "the largest shown"
    return brief(f"{found}; {f'{which}, {label},' if which else label} {share}", f"{found}; {which or 'it'} {share}")


def _largest(topics: pd.DataFrame) -> str:
    """Return the largest topics of those whose share is shown, as a sentence."""
    shown = topics[topics["share"].notna()]
    if not len(shown):
        return ""
    which = "The largest topics" if len(shown) == len(topics) else "The largest topics shown"
    shares = ", ".join(f"{row['label']} ({percent(row['share'])})" for row in shown.head(5).to_dict("records"))
    return f"{which} are {shares}."


def _note(labelled: int, topics: int) -> str:
    """Return the sentence that says how many topics have their name on the map."""
    return f" Labelled: {labelled} of {counted(topics, 'topic')}."


def _kinds(points: pd.DataFrame, theme_names: Mapping[str, str], no_topic: str) -> list[_Kind]:
    """Return the kinds of marks that there are points of, in the order in which they are drawn."""
    colours, markers = theme_colours(list(theme_names)), theme_markers(list(theme_names))
    kinds = [
        _Kind(("",), no_topic, FAINT, "."),
        _Kind((_SMALL,), IN_SMALL_TOPIC, FAINT, "o", is_open=True),
        _Kind((UNMAPPED,), NOT_MAPPED, QUIET, "x"),
    ]
    kinds += [_Kind((theme,), name, colours[theme], markers[theme]) for theme, name in theme_names.items()]
    counts = points["theme"].value_counts()
    return [kind for kind in kinds if kind.themes[0] in counts.index]


def _kinds_that_fit(kinds: list[_Kind], width_mm: float, room_mm: float) -> tuple[int, list[_Kind]]:
    """Return the columns of the legend, as many as hold the widest name, and the kinds that it has room for.

    Themes beyond those, the last of the codebook, share one kind.
    """
    widest = max(text_width(kind.name, _LEGEND_POINTS) for kind in kinds) + _LEGEND_MARK_MM + 3
    columns = max(min(int((width_mm - 2 * MARGIN) / widest), len(kinds)), 1)
    fits = max(int(room_mm / _LEGEND_MM), 1) * columns
    if len(kinds) <= fits:
        return columns, kinds
    rest = kinds[fits - 1 :]
    others = tuple(theme for kind in rest for theme in kind.themes)
    return columns, [*kinds[: fits - 1], _Kind(others, f"Other themes ({len(others)})", INK, "*")]


def _labels(points: pd.DataFrame, topics: pd.DataFrame, layout: _Layout) -> list[TopicLabel]:
    """Return the labels of topics that have points, as far as there is room."""
    places = {topic: rows[["x", "y"]].to_numpy(dtype=float) for topic, rows in points.groupby("topic")}
    named = [
        Named(str(label), layout.on_page(places[topic]))
        for topic, label in zip(topics["topic"], topics["label"], strict=True)
    ]
    return topic_labels(named, room=(MARGIN, layout.top, layout.width - MARGIN, layout.top + layout.body))


def _draw_points(figure: Figure, points: pd.DataFrame, kinds: list[_Kind], layout: _Layout) -> None:
    axes = add_axes(figure, layout.margin, layout.below, layout.margin, layout.top)
    axes.set_axis_off()
    axes.set_xlim(layout.limits("x"))
    axes.set_ylim(layout.limits("y"))
    size = float(np.sqrt(np.clip(4000 / len(points), 2.2, 9)))
    for kind in kinds:
        members = points[points["theme"].isin(kind.themes)]
        # A line of markers alone takes a tenth of a collection's bytes in an SVG.
        axes.plot(
            members["x"], members["y"], **kind.as_drawn(size, 0.5), label=kind.name, clip_on=False,
            rasterized=len(points) > MOST_VECTOR,
        )  # fmt: skip


def _draw_legend(page: Axes, kinds: list[_Kind], columns: int, top: float, width_mm: float) -> None:
    column_mm = (width_mm - 2 * MARGIN) / columns
    rows = -(-len(kinds) // columns)
    for number, kind in enumerate(kinds):
        x = MARGIN + number // rows * column_mm
        y = top + (number % rows + 0.5) * _LEGEND_MM
        page.plot(x + 1.5, y, **kind.as_drawn(4.5, 0.7))
        name = shortened(kind.name, column_mm - _LEGEND_MARK_MM, _LEGEND_POINTS)
        page.text(x + _LEGEND_MARK_MM, y, name, fontsize=_LEGEND_POINTS, va="center", parse_math=False)
