"""The coarse level of topics and what each coarse topic holds, as an indented chart of sizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.figures.drawing import (
    MARGIN,
    NOT_SHOWN,
    TALLEST,
    WHY_NOT_SHOWN,
    Drawn,
    Rows,
    add_axes,
    counted,
    head,
    head_height,
    label_room,
    note_of_hidden,
    nothing_to_draw,
    percent,
    rows_for,
    text_width,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import INK, PALETTE, figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_INDENT_MM = 4.0
_AXIS_MM = 9.0


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
        return nothing_to_draw("No topics were found, so there is no hierarchy", bars, width_mm=width_mm,
                               notice=notice)  # fmt: skip
    title = _finding(topics, coarse_topics)
    subtitle = (
        "Comments and their share of those analysed. Bold, filled: topics of the coarse level, or a topic alone at "
        f"both; indented, open: the topics within.{note_of_hidden(bars['size'])}"
    )
    # Coarse topics are in bold, which takes about what the indent of the others takes.
    names = bars["label"].tolist()
    label_mm = _INDENT_MM + label_room(names, most_mm=min(74.0, 0.5 * width_mm - MARGIN - 2) - _INDENT_MM, bold=True)
    left = MARGIN + label_mm + 2
    top, bottom = head_height(title, subtitle, notice, width_mm)
    room = TALLEST - top - bottom - _AXIS_MM
    rows = rows_for(names, width_mm=label_mm - _INDENT_MM, room_mm=room)
    if rows.count < len(bars):
        # The sentence takes room itself: the rows are counted once it stands there.
        provisional = f"{subtitle} The first {rows.count} of {len(bars)} bars are drawn."
        top, bottom = head_height(title, provisional, notice, width_mm)
        room = TALLEST - top - bottom - _AXIS_MM
        rows = rows_for(names, width_mm=label_mm - _INDENT_MM, room_mm=room)
        subtitle += f" The first {rows.count} of {len(bars)} bars are drawn."
    shown = bars.head(rows.count)
    with figure_style():
        figure = new_figure(width_mm, top + rows.height * rows.count + _AXIS_MM + bottom)
        head(figure, title, subtitle, notice)
        widest = max(text_width(_size(row), rows.points, bold=True) for row in shown.to_dict("records"))
        axes = add_axes(figure, left, bottom + _AXIS_MM, MARGIN + widest + 1, top)
        _draw_bars(axes, shown, rows, label_mm)
    return Drawn(figure, f"{title}. {_coarse_said(topics, coarse_topics)} {notice}".strip(), bars)


def _coarse_said(topics: pd.DataFrame, coarse_topics: pd.DataFrame) -> str:
    """Return what each coarse topic holds, in sentences; those without a share are named after the others."""
    held = topics["parent"].value_counts()
    said, hidden = list[str](), list[str]()
    for row in coarse_topics.to_dict("records"):
        within = counted(int(held.get(row["topic_coarse"], 0)), "topic")
        if pd.isna(row["share"]):
            hidden.append(f"{row['label']} ({within})")
        else:
            said.append(f"{row['label']}: {within}, {percent(row['share'])}")
    sentences = [f"{'; '.join(said)}."] if said else []
    if hidden:
        sentences.append(f"{NOT_SHOWN.capitalize()} ({WHY_NOT_SHOWN}): {', '.join(hidden)}.")
    return " ".join(sentences)


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
    held = int((topics["parent"] == largest["topic_coarse"]).sum())
    which = "the largest" if len(shown) == len(coarse_topics) else "the largest of those shown"
    return (
        f"{levels}; {which}, “{largest['label']}”, holds {counted(held, 'topic')} and {percent(largest['share'])} of "
        "comments"
    )


def _size(bar: Mapping[Any, Any]) -> str:
    return NOT_SHOWN if pd.isna(bar["size"]) else f"{bar['size']:,} ({percent(bar['share'])})"


def _draw_bars(axes: Axes, shown: pd.DataFrame, rows: Rows, label_mm: float) -> None:
    position = np.arange(len(shown))
    sizes = shown["size"].astype("Float64").fillna(0).to_numpy(dtype=float)
    outer = (shown["level"] != "topic").to_numpy()
    axes.barh(position[outer], sizes[outer], height=0.72, color=PALETTE[0], edgecolor=PALETTE[0], linewidth=0.6)
    axes.barh(position[~outer], sizes[~outer], height=0.52, color="white", edgecolor=PALETTE[0], linewidth=0.8)
    for place, size, is_outer, bar in zip(position, sizes, outer, shown.to_dict("records"), strict=True):
        weight = "bold" if is_outer else "normal"
        axes.annotate(_size(bar), (size, place), xytext=(2, 0), textcoords="offset points", va="center_baseline",
                      fontsize=rows.points, fontweight=weight, color=INK)  # fmt: skip
        indent = 0.0 if is_outer else _INDENT_MM
        label = wrapped(bar["label"], label_mm - indent, rows.points, lines=rows.lines, bold=bool(is_outer))
        offset = ((indent - label_mm - 2) * 72 / 25.4, 0)
        axes.annotate(label, (0, place), xycoords=("axes fraction", "data"), xytext=offset, va="center", ha="left",
                      textcoords="offset points", fontsize=rows.points, fontweight=weight, linespacing=1.1, color=INK,
                      parse_math=False, annotation_clip=False)  # fmt: skip
    axes.set_yticks([])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, max(float(sizes.max()), 1.0))
    axes.locator_params(axis="x", nbins=4, integer=True)
    axes.set_xlabel("comments", fontsize=6.5)
