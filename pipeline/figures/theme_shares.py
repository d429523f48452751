"""How frequent each theme is, in the article’s order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.account.readings import CODED, CORRECTED, reading_of
from pipeline.contracts import UNMAPPED
from pipeline.figures.drawing import Drawn, brief, floats, hidden_said, note_of_hidden, nothing_to_draw, words
from pipeline.figures.rows_chart import ROOMS, Label, Rows, draw_grid, draw_intervals, rows_chart
from pipeline.figures.style import PALETTE
from pipeline.tables.numbers import percent, percent_with_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_TOPIC = "outlier"
_LEGEND_MM = 4.4
_WIDE_MM = 120.0
"""From this width on the legend has one line."""
_ROOMS = ((2, 9.0, 6.5), *ROOMS[:3])
"""Rows have two marks each."""
_METHODS = (("share_by_comments", "by comment", "o"), ("share_by_topics", "by topic", "s"))
"""The machine's two readings, which nobody has checked."""
_MARKS = {CODED: ("coded", "o"), CORRECTED: ("corrected", "D")}
_HIGHER, _LOWER = -0.17, 0.17


def theme_shares(prevalence: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the share of each theme, and beside it the machine's readings, in the article’s order.

    Parameters
    ----------
    prevalence : DataFrame
        The public table: theme, name, published_rank, reading, by, share with its interval, and the shares by either
        of the machine's methods; missing where not shown.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the rows of the table that are in the article or have a share.
    """
    from matplotlib.container import ErrorbarContainer
    from matplotlib.legend_handler import HandlerErrorbar

    names = ["share", *(name for name, *_ in _METHODS)]
    most = pd.DataFrame({name: floats(prevalence, name) for name in names}, prevalence.index).max(axis=1)
    used = prevalence.assign(_most=most)[(most > 0) | prevalence["published_rank"].notna()].reset_index(drop=True)
    title, (kind, by) = _finding(prevalence), reading_of(prevalence)
    if not len(used):
        return nothing_to_draw(title, used.drop(columns="_most"), width_mm=width_mm, notice=notice)
    machine = words(
        "Hollow: the machine’s reading of each comment, or of its topic.",
        "It has no interval: nobody knows how often it errs.",
    )
    subtitle = f"Share of analysed comments. {machine}"
    if kind in _MARKS:
        subtitle = f"Share of analysed comments, {_MARKS[kind][0]} by {by}, with 95% intervals. {machine}"
    if used["published_rank"].notna().any():
        subtitle += " Numbers before names: the article’s order."
    subtitle += note_of_hidden(used["_most"].mask(used["share"].isna() & (used["theme"] != _NO_TOPIC)))
    is_wide = width_mm >= _WIDE_MM
    by_share = used.sort_values("_most", ascending=False, kind="stable")
    chart = rows_chart(_labels(by_share), title, subtitle, notice, width_mm=width_mm, what="rows",
                       sizes=by_share["_most"], above_mm=_LEGEND_MM * (1 if is_wide else 2), rooms=_ROOMS)  # fmt: skip
    shown = by_share.head(chart.rows.count).sort_index()
    with chart.drawn() as (figure, axes):
        chart.label(axes, _labels(shown))
        _draw_shares(axes, shown, chart.rows, kind)
        axes.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3 if is_wide else 2, borderpad=0, borderaxespad=0.4,
            handletextpad=0.6, handler_map={ErrorbarContainer: HandlerErrorbar(xerr_size=1)},
        )  # fmt: skip
    return Drawn(figure, chart.said(*_shares_said(used)), used.drop(columns="_most"))


def _shares_said(used: pd.DataFrame) -> list[str]:
    """Return every share that is shown, in the table's order, then the names of what has none."""
    said, hidden = list[str](), list[str]()
    for row in used.to_dict("records"):
        shares = []
        if row["reading"] in _MARKS and pd.notna(row["share"]):
            shares.append(f"{percent_with_range(row['share'], row['low'], row['high'])} {row['reading']}")
        shares += [f"{percent(row[share])} {method}" for share, method, _ in _METHODS if pd.notna(row[share])]
        (said if shares else hidden).append(f"{row['name']}: {', '.join(shares)}" if shares else row["name"])
    return [f"{'; '.join(said)}." if said else "", hidden_said(hidden)]


def _finding(prevalence: pd.DataFrame) -> str:
    themes = prevalence[~prevalence["theme"].isin([UNMAPPED, _NO_TOPIC])]
    shown = themes[themes["share"].notna()]
    if not len(shown):
        return "Too few comments to show the shares of themes"
    is_whole = len(shown) == len(themes)
    first = shown.sort_values("share", ascending=False, kind="stable").to_dict("records")[0]
    if not first["share"]:
        return "No comment fits a published theme" if is_whole else "No comment fits a theme whose share is shown"
    which = "the most frequent theme" if is_whole else "the most frequent theme shown"
    name, share = f"“{first['name']}”", percent(first["share"])
    if first["reading"] in _MARKS:
        return f"{name} is {which}: {share} of comments, {first['reading']}"
    by_topic = themes[themes["share_by_topics"].notna()].sort_values("share_by_topics", ascending=False, kind="stable")
    short = f"{name} is {which} by the machine’s unchecked reading: {share} of comments"
    if not len(by_topic):
        return short
    other = by_topic.to_dict("records")[0]
    if other["theme"] == first["theme"]:
        return brief(f"{short}, {percent(other['share_by_topics'])} by topic", short)
    most = "most frequent" if is_whole else "most frequent of those shown"
    return (
        f"Unchecked: by comment {name} is {most} ({share}), by topic “{other['name']}” "
        f"({percent(other['share_by_topics'])})"
    )


def _labels(themes: pd.DataFrame) -> list[Label]:
    """Return names, each after its place in the article."""
    rows = themes.to_dict("records")
    return [
        Label(row["name"] if pd.isna(row["published_rank"]) else f"{row['published_rank']}.\u00a0{row['name']}")
        for row in rows
    ]


def _draw_shares(axes: Axes, shown: pd.DataFrame, rows: Rows, kind: str) -> None:
    places, nothing = np.arange(len(shown)), np.full(len(shown), np.nan)
    if kind in _MARKS:
        label, marker = _MARKS[kind]
        ends = (100 * floats(shown, "share"), 100 * floats(shown, "low"), 100 * floats(shown, "high"))
        draw_intervals(axes, places + _HIGHER, ends, rows, fmt=marker, color=PALETTE[0], label=label)
    for name, label, marker in _METHODS:
        ends = (100 * floats(shown, name), nothing, nothing)
        draw_intervals(axes, places + _LOWER, ends, rows, fmt=marker, color=PALETTE[2], label=f"machine, {label}")
    axes.set_xlim(left=0)
    axes.set_xlabel("% of analysed comments", fontsize=6.5)
    draw_grid(axes)
