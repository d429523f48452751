"""How reliably each topic comes back, and how reliably it is mapped alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.crosswalk.matching import SETTLED
from pipeline.discovery.stability import DISSOLVED, STABLE, count_stable
from pipeline.figures.drawing import Drawn, floats, note_of_hidden, nothing_to_draw
from pipeline.figures.rows_chart import LINE_LABEL_MM, Rows, draw_limit, rows_chart, sized_labels
from pipeline.figures.style import GRID, PALETTE, QUIET
from pipeline.tables.numbers import counted, decimal, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    stability, robustness = (drawn[name].astype("Float64").dropna() for name in ("stability", "mapping_robustness"))
    title = f"{_stable(stability, len(drawn))}; {_doubtful(robustness)}"
    subtitle = (
        "● Stability: how much of a topic comes back with other seeds or another sample, whichever is less (Jaccard). "
        f"Below {DISSOLVED} a topic dissolved, from {STABLE} it is stable. □ Mapping robustness: share of re-runs "
        f"that decide alike; below {percent(SETTLED)} it is doubtful. In brackets: comments."
    ) + note_of_hidden(drawn["size"])
    ordered = drawn.sort_values(["size", "topic"], ascending=[False, True])
    chart = rows_chart(sized_labels(ordered), title, subtitle, notice, width_mm=width_mm, what="topics",
                       sizes=ordered["size"], above_mm=LINE_LABEL_MM)  # fmt: skip
    shown = _most_stable_first(ordered.head(chart.rows.count))
    with chart.drawn() as (figure, axes):
        chart.label(axes, sized_labels(shown))
        _draw_topics(axes, shown, chart.rows)
    ranges = (
        f"{said} runs from {decimal(values.min())} to {decimal(values.max())}, median {decimal(values.median())}."
        for said, values in (("Stability", stability), ("Mapping robustness", robustness))
        if len(values)
    )
    return Drawn(figure, chart.said(_stable_said(stability), *ranges), _most_stable_first(drawn))


def _stable(stability: pd.Series[float], topics: int) -> str:
    if not len(stability):
        return "Topic stability was not measured"
    stable, dissolved = count_stable(np.asarray(stability, dtype=np.float64))
    if dissolved > topics / 2:
        return "Most topics would change with another sample of comments"
    return f"{stable or 'None'} of {counted(topics, 'topic')} {'are' if stable > 1 else 'is'} stable"


def _stable_said(stability: pd.Series[float]) -> str:
    stable, dissolved = count_stable(np.asarray(stability, dtype=np.float64))
    said = f"{stable or 'None'} stable ({STABLE} or more), {dissolved} dissolved (below {DISSOLVED})."
    return said if len(stability) else ""


def _doubtful(robustness: pd.Series[float]) -> str:
    if not len(robustness):
        return "no mapping was re-run"
    doubtful = int((robustness < SETTLED).sum())
    return f"{doubtful or 'none'} of {counted(len(robustness), 'mapping')} {'are' if doubtful > 1 else 'is'} doubtful"


def _most_stable_first(topics: pd.DataFrame) -> pd.DataFrame:
    keys = ["stability", "size", "topic"]
    return topics.sort_values(keys, ascending=[False, False, True]).reset_index(drop=True)


def _draw_topics(axes: Axes, shown: pd.DataFrame, rows: Rows) -> None:
    stability, robustness = floats(shown, "stability"), floats(shown, "mapping_robustness")
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
        draw_limit(axes, limit, f"{limit}")
    axes.set_xlim(0, 1)
    axes.set_xlabel("overlap, or share of re-runs", fontsize=6.5)
