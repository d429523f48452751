"""The coarse level of topics and what each coarse topic holds, as an indented chart of sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.figures.drawing import (
    MARGIN,
    Drawn,
    brief,
    floats,
    hidden_said,
    note_of_hidden,
    nothing_to_draw,
    text_width,
    wrapped,
)  # fmt: skip
from pipeline.figures.rows_chart import Label, RowsChart, rows_chart
from pipeline.figures.style import INK, PALETTE
from pipeline.tables.numbers import NOT_SHOWN, counted, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INDENT_MM = 4.0


def topic_hierarchy(topics: pd.DataFrame, coarse_topics: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw each coarse topic's size and, indented below it, the sizes of its topics.

    Parameters
    ----------
    topics : DataFrame
        The public table: topic, parent, label, size, share.
    coarse_topics : DataFrame
        The public table: topic_coarse, label, size, share.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data has a row for each bar: level ("coarse" or "topic"; "both" for a topic that is alone in its coarse
        topic), topic_coarse, topic (missing for a coarse topic), label, size, share.
    """
    bars = _bars(topics, coarse_topics)
    if not len(bars):
        said = "No topics were found, so there is no hierarchy"
        return nothing_to_draw(said, bars, width_mm=width_mm, notice=notice)
    subtitle = (
        "Comments and their share of all analysed. Bold, filled: coarse topics, and topics alone in one; indented, "
        f"open: the topics within.{note_of_hidden(bars['size'])}"
    )
    # Coarse topics are in bold, which takes about what the indent of the others takes.
    labels = [Label(label, is_bold=True) for label in bars["label"]]
    chart = rows_chart(labels, _finding(topics, coarse_topics), subtitle, notice, width_mm=width_mm, what="bars",
                       indent_mm=_INDENT_MM)  # fmt: skip
    shown = bars.head(chart.rows.count)
    widest = max(text_width(_size(row), chart.rows.points, bold=True) for row in shown.to_dict("records"))
    with chart.drawn(right_mm=MARGIN + widest + 1) as (figure, axes):
        _draw_bars(axes, shown, chart)
    return Drawn(figure, chart.said(*_coarse_said(topics, coarse_topics)), bars)


def _coarse_said(topics: pd.DataFrame, coarse_topics: pd.DataFrame) -> list[str]:
    """Return what each coarse topic holds, in sentences; those without a share are named after the others."""
    held = topics["parent"].value_counts()
    said, hidden = list[str](), list[str]()
    for row in coarse_topics.to_dict("records"):
        within = counted(int(held.get(row["topic_coarse"], 0)), "topic")
        if pd.isna(row["share"]):
            hidden.append(f"{row['label']} ({within})")
        else:
            said.append(f"{row['label']}: {within}, {percent(row['share'])}")
    return [f"{'; '.join(said)}." if said else "", hidden_said(hidden)]


def _bars(topics: pd.DataFrame, coarse_topics: pd.DataFrame) -> pd.DataFrame:
    """Return the bars: coarse topics by size, each followed by its topics by size."""
    bars: list[Mapping[Any, Any]] = []
    for coarse in coarse_topics.sort_values(["size", "topic_coarse"], ascending=[False, True]).to_dict("records"):
        within = topics[topics["parent"] == coarse["topic_coarse"]]
        within = within.sort_values(["size", "topic"], ascending=[False, True])
        members: list[dict[Any, Any]] = [
            {"level": "topic", **{name: row[name] for name in ("topic", "label", "size", "share")}}
            for row in within.to_dict("records")
        ]
        if len(members) == 1:
            # The same comments twice would look like two findings.
            members[0]["level"] = "both"
        else:
            bars.append({"level": "coarse", **coarse})
        bars += [{**member, "topic_coarse": coarse["topic_coarse"]} for member in members]
    frame = pd.DataFrame(bars, columns=["level", "topic_coarse", "topic", "label", "size", "share"])
    return frame.astype({"topic": "Int64"})


def _finding(topics: pd.DataFrame, coarse_topics: pd.DataFrame) -> str:
    levels = f"{counted(len(topics), 'topic')} in {counted(len(coarse_topics), 'coarse topic')}"
    shown = coarse_topics[coarse_topics["share"].notna()]
    if not len(shown):
        return f"{levels}; too few comments to show shares"
    largest = shown.sort_values(["size", "topic_coarse"], ascending=[False, True]).to_dict("records")[0]
    which = "largest" if len(shown) == len(coarse_topics) else "largest shown"
    share = f"“{largest['label']}” ({percent(largest['share'])} of comments)"
    return brief(f"{levels}; {which}: {share}", f"The {which} coarse topic is {share}")


def _size(bar: Mapping[Any, Any]) -> str:
    return NOT_SHOWN if pd.isna(bar["size"]) else f"{bar['size']:,} ({percent(bar['share'])})"


def _draw_bars(axes: Axes, shown: pd.DataFrame, chart: RowsChart) -> None:
    rows, position = chart.rows, np.arange(len(shown))
    sizes = np.nan_to_num(floats(shown, "size"))
    outer = (shown["level"] != "topic").to_numpy()
    axes.barh(position[outer], sizes[outer], height=0.72, color=PALETTE[0], edgecolor=PALETTE[0], linewidth=0.6)
    axes.barh(position[~outer], sizes[~outer], height=0.52, color="white", edgecolor=PALETTE[0], linewidth=0.8)
    for place, size, is_outer, bar in zip(position, sizes, outer, shown.to_dict("records"), strict=True):
        style: dict[str, Any] = {
            "textcoords": "offset points", "fontsize": rows.points, "fontweight": "bold" if is_outer else "normal",
            "color": INK,
        }  # fmt: skip
        axes.annotate(_size(bar), (size, place), xytext=(2, 0), va="center_baseline", **style)
        indent = 0.0 if is_outer else _INDENT_MM
        label = wrapped(bar["label"], chart.label_mm - indent, rows.points, lines=rows.lines, bold=bool(is_outer))
        axes.annotate(label, (0, place), xycoords=("axes fraction", "data"), va="center", linespacing=1.1,
                      xytext=((indent - chart.label_mm - 2) * 72 / 25.4, 0), parse_math=False, annotation_clip=False,
                      **style)  # fmt: skip
    axes.set_yticks([])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, max(float(sizes.max()), 1.0))
    axes.locator_params(axis="x", nbins=4, integer=True)
    axes.set_xlabel("comments", fontsize=6.5)
