"""How reliably each topic comes back, and how reliably it is mapped alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.discovery.stability import DISSOLVED, STABLE, count_stable
from pipeline.figures.drawing import (
    MARGIN,
    TALLEST,
    Drawn,
    Rows,
    add_axes,
    amount,
    counted,
    head,
    head_height,
    label_room,
    note_of_hidden,
    note_of_part,
    nothing_to_draw,
    rows_for,
    with_ending,
)  # fmt: skip
from pipeline.figures.style import GRID, INK, PALETTE, QUIET, figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SETTLED = 0.8
"""The share of replicates from which a mapping is settled."""

_AXIS_MM = 9.0
_LINE_LABEL_MM = 4.0


def topic_stability(topics: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw a dot for each topic's stability and a square for the robustness of its mapping.

    Parameters
    ----------
    topics : DataFrame
        The public table: topic, label, size, stability, mapping_robustness; missing where it was not measured.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data has a row for each topic, most stable first: topic, label, size, stability, mapping_robustness.
    """
    drawn = topics[["topic", "label", "size", "stability", "mapping_robustness"]]
    if not len(drawn):
        return nothing_to_draw(
            "No topics were found, so there is no stability", drawn, width_mm=width_mm, notice=notice
        )
    measured = {name: drawn[name].astype("Float64").dropna() for name in ("stability", "mapping_robustness")}
    title = "; ".join(
        [
            _stable(measured["stability"], len(drawn)),
            _mapped_alike(measured["mapping_robustness"], len(drawn)),
        ]
    )  # fmt: skip
    title = title[0].upper() + title[1:]
    subtitle = (
        "● stability: Jaccard overlap with the topics of other seeds or of samples of the comments, the lower of the "
        f"two; lines: dissolved below {DISSOLVED}, stable from {STABLE}. □ mapping robustness: share of replicates "
        "that decide on its theme alike. In brackets: comments."
    ) + note_of_hidden(drawn["size"])
    ordered = drawn.sort_values(["size", "topic"], ascending=[False, True])
    labels = [f"{row['label']} ({amount(row['size'])})" for row in ordered.to_dict("records")]
    label_mm = label_room(labels, most_mm=min(69.0, 0.46 * width_mm - MARGIN - 2))
    left = MARGIN + label_mm + 2
    top, bottom = head_height(title, subtitle, notice, width_mm)
    rows = rows_for(labels, width_mm=label_mm, room_mm=TALLEST - top - bottom - _AXIS_MM - _LINE_LABEL_MM)
    if rows.count < len(drawn):
        # The sentence takes room itself: the rows are counted once it stands there.
        provisional = subtitle + note_of_part(rows.count, drawn["size"], "topics")
        top, bottom = head_height(title, provisional, notice, width_mm)
        room = TALLEST - top - bottom - _AXIS_MM - _LINE_LABEL_MM
        rows = rows_for(labels, width_mm=label_mm, room_mm=room)
        subtitle += note_of_part(rows.count, drawn["size"], "topics")
    shown = _most_stable_first(ordered.head(rows.count))
    with figure_style():
        figure = new_figure(width_mm, top + _LINE_LABEL_MM + rows.height * rows.count + _AXIS_MM + bottom)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + _AXIS_MM, MARGIN + 2, top + _LINE_LABEL_MM)
        _draw_topics(axes, shown, rows, label_mm)
    ranges = "; ".join(
        f"{said} runs from {values.min():.2f} to {values.max():.2f}, median {values.median():.2f}"
        for said, values in zip(("stability", "mapping robustness"), measured.values(), strict=True)
        if len(values)
    )
    alternative = f"{title}. {ranges[:1].upper()}{ranges[1:]}{'. ' if ranges else ''}{notice}"
    return Drawn(figure, alternative.strip(), _most_stable_first(drawn))


def _stable(stability: pd.Series[float], count: int) -> str:
    if not len(stability):
        return "topic stability was not measured"
    stable, dissolved = count_stable(np.asarray(stability, dtype=np.float64))
    said = f"{stable or 'none'} of {counted(count, 'topic')} {'are' if stable > 1 else 'is'} stable ({STABLE} or more)"
    return f"{said}, {dissolved} dissolved (below {DISSOLVED})" if dissolved else said


def _mapped_alike(robustness: pd.Series[float], count: int) -> str:
    if not len(robustness):
        return "no mapping was repeated"
    alike = int((robustness >= _SETTLED).sum())
    return (
        f"{alike or 'none'} of {counted(count, 'mapping')} {'are' if alike > 1 else 'is'} settled ({_SETTLED} or more)"
    )


def _most_stable_first(topics: pd.DataFrame) -> pd.DataFrame:
    keys = ["stability", "size", "topic"]
    return topics.sort_values(keys, ascending=[False, False, True]).reset_index(drop=True)


def _draw_topics(axes: Axes, shown: pd.DataFrame, rows: Rows, label_mm: float) -> None:
    stability, robustness = (
        shown[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        for name in ("stability", "mapping_robustness")
    )
    position = np.arange(len(shown))
    axes.hlines(position, 0, 1, color=GRID, linewidth=0.5, zorder=0)
    # Where the two meet, the dot is seen inside the square.
    axes.scatter(robustness, position, s=16, marker="s", facecolor="white", edgecolor=PALETTE[2], linewidths=0.9,
                 zorder=2, clip_on=False)  # fmt: skip
    axes.scatter(stability, position, s=9, marker="o", color=PALETTE[0], linewidths=0, zorder=3, clip_on=False)
    for place in position[np.isnan(stability)]:
        axes.text(0.01, place, "not measured" if rows.height > 3 else "–", fontsize=rows.points, va="center",
                  color=QUIET, zorder=4)  # fmt: skip
    for limit in (DISSOLVED, STABLE):
        axes.axvline(limit, color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
        axes.annotate(f"{limit}", (limit, 1), xycoords=("data", "axes fraction"), xytext=(0, 2),
                      textcoords="offset points", ha="center", va="bottom", fontsize=6, color=INK)  # fmt: skip
    labels = [
        with_ending(row["label"], f"({amount(row['size'])})", label_mm, rows.points, lines=rows.lines)
        for row in shown.to_dict("records")
    ]
    axes.set_yticks(position, labels, fontsize=rows.points, linespacing=1.1, parse_math=False)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1])
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("overlap, or share of replicates", fontsize=6.5)
