"""How frequent each theme is by either route, in the account's order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.figures.drawing import (
    MARGIN,
    NOT_SHOWN,
    TALLEST,
    WHY_NOT_SHOWN,
    Drawn,
    add_axes,
    head,
    head_height,
    label_room,
    nothing_to_draw,
    percent,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import GRID, PALETTE, figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_NO_TOPIC = "outlier"
_LEVEL_LEGEND_MM = 160.0
"""From this width on both routes fit beside one another above the longest names."""
_AXIS_MM = 9.0
_ROOMY_MM, _DENSEST_MM = 9.0, 3.4
_LINE_MM = 2.9
_ROUTES = (
    ("share_by_comments", "each comment matched directly", PALETTE[0], "o", -0.17),
    ("share_by_topics", "through the comment's topic", PALETTE[2], "s", 0.17),
)


def theme_shares(prevalence: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the share of each theme by both routes, with 95 % intervals, in the account's order.

    Parameters
    ----------
    prevalence : DataFrame
        The public table: theme, name, published_rank, and for either route its share with interval; missing where
        not shown.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the rows of the table that are in the account or have a share.
    """
    from matplotlib.container import ErrorbarContainer
    from matplotlib.legend_handler import HandlerErrorbar

    shares = pd.DataFrame({name: _numbers(prevalence, name) for name, *_ in _ROUTES}, index=prevalence.index)
    is_used = (shares.fillna(0) > 0).any(axis=1) | prevalence["published_rank"].notna()
    used = prevalence[is_used].reset_index(drop=True)
    title = _finding(prevalence.assign(**shares))
    most = shares[is_used].max(axis=1).reset_index(drop=True)
    if not len(used):
        return nothing_to_draw(title, used, width_mm=width_mm, notice=notice)
    subtitle = "Share of analysed comments with 95 % interval (Wilson)."
    if used["published_rank"].notna().any():
        subtitle += " Numbers before names: the account's order of prominence."
    if most.isna().any():
        subtitle += f" Without a mark: {NOT_SHOWN} ({WHY_NOT_SHOWN})."
    is_level = width_mm >= _LEVEL_LEGEND_MM
    legend_mm = 4.4 if is_level else 8.0
    top, bottom = head_height(title, subtitle, notice, width_mm)
    room = TALLEST - top - bottom - legend_mm - _AXIS_MM
    shown = used
    if len(used) * _DENSEST_MM > room:
        # What says so takes up to two lines.
        kept = most.dropna().sort_values(ascending=False, kind="stable").index[: int((room - 6) / _DENSEST_MM)]
        which = f"{len(used)}" if most.notna().all() else f"the {most.notna().sum()} with a share that is shown"
        subtitle += f" The {len(kept)} most frequent of {which} are drawn."
        top, bottom = head_height(title, subtitle, notice, width_mm)
        room = TALLEST - top - bottom - legend_mm - _AXIS_MM
        shown = used.loc[sorted(kept)]
    row_mm = min(_ROOMY_MM, room / len(shown))
    names = [_ranked_name(row) for row in shown.to_dict("records")]
    label_mm = label_room(names, most_mm=min(58.0, 0.4 * width_mm - MARGIN - 2))
    lines = max(int((row_mm - 0.5) / _LINE_MM), 1)
    with figure_style():
        figure = new_figure(width_mm, top + legend_mm + row_mm * len(shown) + _AXIS_MM + bottom)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, MARGIN + label_mm + 2, bottom + _AXIS_MM, MARGIN + 2, top + legend_mm)
        _draw_shares(axes, shown, is_dense=row_mm < 5)
        axes.set_yticks(np.arange(len(shown)), [wrapped(name, label_mm, 6.5, lines=lines) for name in names],
                        linespacing=1.1, parse_math=False)  # fmt: skip
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=2 if is_level else 1,
            borderpad=0,
            borderaxespad=0.4,
            handletextpad=0.6,
            handler_map={ErrorbarContainer: HandlerErrorbar(xerr_size=1)},
        )
    return Drawn(figure, f"{title}. {_shares_said(used)} {notice}".strip(), used)


def _shares_said(used: pd.DataFrame) -> str:
    """Return every share that is shown, in the table's order, then the names of what has none."""
    said, hidden = list[str](), list[str]()
    for row in used.to_dict("records"):
        shares = [
            f"{percent(row[share])} {route}"
            for share, route in (("share_by_comments", "directly"), ("share_by_topics", "by topics"))
            if pd.notna(row[share])
        ]
        (said if shares else hidden).append(f"{row['name']}: {', '.join(shares)}" if shares else row["name"])
    sentences = [f"{'; '.join(said)}."] if said else []
    if hidden:
        sentences.append(f"{NOT_SHOWN.capitalize()} ({WHY_NOT_SHOWN}): {', '.join(hidden)}.")
    return " ".join(sentences)


def _numbers(table: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(table[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def _finding(prevalence: pd.DataFrame) -> str:
    themes = prevalence[~prevalence["theme"].isin([UNMAPPED, _NO_TOPIC])]
    shown = themes[themes["share_by_comments"].notna()]
    if not len(shown):
        return "Too few comments to show the shares of themes"
    is_whole = len(shown) == len(themes)
    first = shown.sort_values("share_by_comments", ascending=False, kind="stable").to_dict("records")[0]
    if not first["share_by_comments"]:
        return "No comment fits a published theme" if is_whole else "No comment fits a theme whose share is shown"
    which = "the most frequent theme" if is_whole else "the most frequent of the themes shown"
    directly = percent(first["share_by_comments"])
    by_topics = themes[themes["share_by_topics"].notna()].sort_values("share_by_topics", ascending=False, kind="stable")
    if not len(by_topics):
        return f"“{first['name']}” is {which}: {directly} of comments"
    other = by_topics.to_dict("records")[0]
    through = percent(other["share_by_topics"])
    if other["theme"] == first["theme"]:
        return f"“{first['name']}” is {which} by both routes: {directly} of comments directly, {through} by topics"
    return f"Directly “{first['name']}” is {which} ({directly} of comments), by topics “{other['name']}” ({through})"


def _ranked_name(theme: Mapping[Any, Any]) -> str:
    rank = theme["published_rank"]
    return str(theme["name"]) if pd.isna(rank) else f"{rank}.\u00a0{theme['name']}"


def _draw_shares(axes: Axes, shown: pd.DataFrame, *, is_dense: bool) -> None:
    for name, label, colour, marker, shift in _ROUTES:
        share, low, high = (100 * _numbers(shown, f"{name}{end}") for end in ("", "_low", "_high"))
        axes.errorbar(
            share, np.arange(len(shown)) + shift, xerr=np.vstack([share - low, high - share]).clip(0), fmt=marker,
            color=colour, markersize=2.6 if is_dense else 4, elinewidth=1, capsize=1.2 if is_dense else 2, label=label,
            clip_on=False,
        )  # fmt: skip
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(left=0)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("% of analysed comments", fontsize=6.5)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
