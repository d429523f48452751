"""What became of the comments: a bar for each step, from those received to those with a theme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.account.readings import UNCHECKED
from pipeline.figures.drawing import MARGIN, Drawn, floats, nothing_to_draw, text_width, words
from pipeline.figures.rows_chart import Label, rows_chart
from pipeline.figures.style import FAINT, INK, PALETTE, QUIET
from pipeline.tables.numbers import NOT_SHOWN, count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROOMS = ((2, 9.0, 6.5), (1, 8.0, 6.5))
_TALL = 0.44
"""Half of this is the height of a bar, where a row has the height 1."""
_POINTS = 6.0
_STEPS = {
    "received": "Received", "analysed": "Analysed", "in a topic": "In a topic", "with a theme": "With a theme",
}  # fmt: skip


def comment_flow(flow: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw how many comments came to each step.

    Parameters
    ----------
    flow : DataFrame
        The public table: step, reason, reading, comments, share; missing where not shown.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data is the table.
    """
    steps = flow[flow["step"].isin(list(_STEPS))].reset_index(drop=True)
    whole = steps["comments"].astype("Float64").iloc[0]
    if pd.isna(whole) or not whole:
        said = "Too few comments to show what became of them"
        return nothing_to_draw(said, flow, width_mm=width_mm, notice=notice)
    bars = _bars(steps)
    written = [_said(row) for row in steps.to_dict("records")]
    title = f"{count(steps['comments'].iloc[0])} comments were received; {_end(steps)}"
    labels = [Label(_STEPS[step]) for step in steps["step"]]
    aside = _set_aside(flow)
    subtitle = words(
        "Filled: comments that came to this step. Outline: those that did not.",
        "Topics and themes are of those analysed. A comment can have a theme and be in no topic.", aside,
        "Small counts are hidden." if flow["share"].isna().any() else "",
    )  # fmt: skip
    chart = rows_chart(labels, title, subtitle, notice, width_mm=width_mm, what="steps", below_mm=1, rooms=_ROOMS)
    right = max(text_width(text, _POINTS) for text in written) + MARGIN + 2
    with chart.drawn(right_mm=right) as (figure, axes):
        _draw(axes, bars, float(whole), written)
        chart.label(axes, labels)
    each = "; ".join(f"{_STEPS[step]}: {text}" for step, text in zip(steps["step"], written, strict=True))
    return Drawn(figure, chart.said(f"{each}.", aside), flow)


def _bars(steps: pd.DataFrame) -> list[tuple[float, float]]:
    """Return of each step how many comments came so far, and how many could have; NaN where that is not shown."""
    comments, share = floats(steps, "comments"), floats(steps, "share")
    before = [0, 0, 1, 1]
    bars = []
    for place, number in enumerate(comments):
        of = float(comments[before[place]])
        # What was estimated has a share alone.
        bars.append((float(number) if number == number else float(share[place]) * of, of))
    return bars


def _said(row: dict[Any, Any]) -> str:
    if pd.isna(row["share"]):
        return NOT_SHOWN
    if row["step"] == "received":
        return count(row["comments"])
    number = "" if pd.isna(row["comments"]) else f"{count(row['comments'])} "
    kind = " unchecked" if row["reading"] == UNCHECKED else ""
    return f"{number}({percent(row['share'])}){kind}" if number else f"{percent(row['share'])}{kind}"


def _end(steps: pd.DataFrame) -> str:
    themed = steps.to_dict("records")[-1]
    if pd.isna(themed["share"]):
        return "how many have a theme is not shown"
    kind = ", by the machine’s unchecked reading" if themed["reading"] == UNCHECKED else ""
    return f"{percent(themed['share'])} of those analysed have a theme{kind}"


def _set_aside(flow: pd.DataFrame) -> str:
    """Return why comments were set aside and how many, as a sentence."""
    rows = flow[(flow["step"] == "set aside") & ~(flow["comments"].fillna(1) == 0).astype(bool)]
    said = ", ".join(f"{row['reason']} ({count(row['comments'], hidden='number hidden')})"
                     for row in rows.to_dict("records"))  # fmt: skip
    return f"Set aside: {said}." if said else ""


def _draw(axes: Axes, bars: list[tuple[float, float]], whole: float, said: list[str]) -> None:
    for place, (came, of) in enumerate(bars):
        if of == of:
            axes.barh(place, of, height=_TALL, facecolor="white", edgecolor=QUIET, linewidth=0.5)
        if came == came:
            axes.barh(place, came, height=_TALL, color=PALETTE[0])
        before = bars[0][0] if place == 1 else bars[1][0]
        if place and before == before and of == of:
            axes.plot([of, of], [place - 1 + _TALL / 2, place - _TALL / 2], color=FAINT, linewidth=0.4)
    for place, text in enumerate(said):
        axes.annotate(text, (1, place), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
                      ha="left", va="center", fontsize=_POINTS, color=INK)  # fmt: skip
    axes.set_xlim(0, whole)
    axes.set_xticks([])
    for side in ("bottom", "left"):
        axes.spines[side].set_visible(False)
