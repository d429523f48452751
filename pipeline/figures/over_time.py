"""Themes over time: a small chart for each theme, with its share in each period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from pipeline.account.outlook import NOT_GIVEN
from pipeline.account.readings import UNCHECKED
from pipeline.figures.drawing import (
    MARGIN,
    TALLEST,
    WHY_NOT_SHOWN,
    Drawn,
    add_axes,
    brief,
    floats,
    head,
    head_height,
    nothing_to_draw,
    words,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import FAINT, GRID, PALETTE, QUIET, figure_style, new_figure
from pipeline.formats.dates import place_of_period
from pipeline.tables.numbers import NOT_SHOWN, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ALPHA = 0.05
_POINTS = 6.0
_NAME_MM, _PLOT_MM, _TICKS_MM = 6.4, 15.0, 6.5
_LEFT_MM, _APART_MM = 7.0, 3.0
_NARROWEST_MM = 34.0
_MOST_TICKS = 2


def time_column(groups: pd.DataFrame) -> str | None:
    """Return the first column of the public table of groups whose groups are months, quarters or years, if any is."""
    for column, of_column in groups.groupby("column", sort=False):
        named = [group for group in of_column["group"].unique() if group != NOT_GIVEN]
        if sum(place_of_period(group) is not None for group in named) >= max(2, len(named) - 1):
            return str(column)
    return None


def themes_over_time(
    groups: pd.DataFrame, theme_names: Mapping[str, str], *, width_mm: float, notice: str = ""
) -> Drawn:
    """Draw the share of each theme in each period.

    Parameters
    ----------
    groups : DataFrame
        The public table: column, group, facet, entry, reading, share, low, high, q_value; missing where suppressed. The
        first column whose groups are periods is drawn.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the rows of the themes and periods, in their order.
    """
    column = time_column(groups)
    rows = groups[(groups["column"] == column) & (groups["facet"] == "themes")].reset_index(drop=True)
    starts = rows["group"].map(place_of_period).astype("Float64")
    data = rows[starts.notna()].assign(_start=starts.dropna().astype(float)).reset_index(drop=True)
    if not data["share"].notna().any():
        said = "Too few comments to show themes over time" if column else "No column of dates was given"
        return nothing_to_draw(said, data.drop(columns="_start"), width_mm=width_mm, notice=notice)
    by_size = data.groupby("entry")["share"].mean().astype(float).sort_values(ascending=False, kind="stable")
    themes = [theme for theme in theme_names if by_size.notna().get(theme, False)]
    kind = str(data["reading"].iloc[0])
    hidden = bool(data["share"].isna().any()) or len(rows) > len(data)
    title = _finding(data, theme_names, kind)
    subtitle = words(
        f"Share of a period’s comments (%, {kind}{'' if kind == UNCHECKED else ', with 95% intervals'}).",
        "Filled: the gap to the other periods is larger than chance (q < 0.05)." if kind != UNCHECKED else "",
        "× Small counts are hidden." if hidden else "",
    )  # fmt: skip
    columns = max(int((width_mm - 2 * MARGIN + _APART_MM) / (_NARROWEST_MM + _APART_MM)), 1)
    each = _NAME_MM + _PLOT_MM + _TICKS_MM
    note = " The {} most frequent of " + f"{len(themes)} themes are drawn."
    room = TALLEST - sum(head_height(title, subtitle + note.format(len(themes)), notice, width_mm))
    most = columns * max(int(room / each), 1)
    if len(themes) > most:
        themes = [theme for theme in themes if theme in set(by_size.index[:most])]
        subtitle += note.format(len(themes))
    top, bottom = head_height(title, subtitle, notice, width_mm)
    lines = -(-len(themes) // columns)
    highest = 100 * float(np.nanmax(np.concatenate([floats(data, name) for name in ("share", "high")]))) or 1.0
    ends = float(data["_start"].min()), float(data["_start"].max())
    with figure_style():
        figure = new_figure(width_mm, top + lines * each + bottom)
        head(figure, title, subtitle, notice)
        wide = (width_mm - 2 * MARGIN + _APART_MM) / columns - _APART_MM
        for place, theme in enumerate(themes):
            line, at = divmod(place, columns)
            left = MARGIN + at * (wide + _APART_MM)
            axes = add_axes(figure, left + _LEFT_MM, bottom + (lines - line - 1) * each + _TICKS_MM,
                            width_mm - left - wide + 1, top + line * each + _NAME_MM)  # fmt: skip
            _draw(axes, data[data["entry"] == theme], ends, 1.08 * highest)
            _name(figure, theme_names[theme], (left, top + line * each), wide, width_mm)
    return Drawn(figure, words(f"{title}.", _shares_said(data, themes, theme_names), notice),
                 data.drop(columns="_start"))  # fmt: skip


def _name(figure: Figure, name: str, at: tuple[float, float], wide: float, width_mm: float) -> None:
    height = figure.get_size_inches()[1] * 25.4
    figure.text(at[0] / width_mm, 1 - (at[1] + 0.6) / height, wrapped(name, wide, _POINTS, lines=2), fontsize=_POINTS,
                va="top", linespacing=1.05, parse_math=False)  # fmt: skip


def _draw(axes: Axes, rows: pd.DataFrame, ends: tuple[float, float], highest: float) -> None:
    rows = rows.sort_values("_start")
    start, share = rows["_start"].to_numpy(dtype=float), 100 * floats(rows, "share")
    low, high = 100 * floats(rows, "low"), 100 * floats(rows, "high")
    # No line leads across a period that is hidden.
    axes.plot(start, share, color=FAINT, linewidth=0.6, zorder=1)
    if np.isfinite(low).any():
        beside = np.nan_to_num(np.vstack([share - low, high - share]).clip(0))
        axes.errorbar(start, share, yerr=beside, fmt="none", ecolor=PALETTE[0], elinewidth=0.8, zorder=2)
    clear = (floats(rows, "q_value") < _ALPHA) & np.isfinite(share)
    for chosen, face in ((clear, PALETTE[0]), (~clear & np.isfinite(share), "white")):
        axes.plot(start[chosen], share[chosen], linestyle="none", marker="o", markersize=2.8, markerfacecolor=face,
                  markeredgecolor=PALETTE[0], markeredgewidth=0.6, zorder=3)  # fmt: skip
    # Otherwise a period that is hidden looks like one without comments.
    axes.plot(start[np.isnan(share)], np.zeros(int(np.isnan(share).sum())), linestyle="none", marker="x", markersize=3,
              color=QUIET, markeredgewidth=0.6, clip_on=False, zorder=3)  # fmt: skip
    beside_mm = 0.06 * max(ends[1] - ends[0], 0.1)
    axes.set_xlim(ends[0] - beside_mm, ends[1] + beside_mm)
    axes.set_ylim(0, highest)
    axes.grid(axis="y", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    axes.locator_params(axis="y", nbins=3)
    axes.tick_params(labelsize=5.5, length=1.5, pad=1.5)
    named = rows.drop_duplicates("group")
    chosen = np.unique(np.linspace(0, len(named) - 1, min(len(named), _MOST_TICKS)).round().astype(int))
    ticks = named.iloc[chosen if len(named) > 1 else [0]]
    axes.set_xticks(ticks["_start"].astype(float).tolist(), ticks["group"].tolist(), fontsize=5.5)
    for label, side in zip(axes.get_xticklabels(), _sides(len(ticks)), strict=True):
        label.set_horizontalalignment(side)


def _sides(count: int) -> list[Literal["left", "center", "right"]]:
    """Return how labels of ticks stand, so that the first and the last do not leave their chart."""
    return ["center"] if count == 1 else ["left", "right"]


def _finding(data: pd.DataFrame, names: Mapping[str, str], kind: str) -> str:
    periods = data["group"].nunique()
    if kind == UNCHECKED:
        return f"Themes over {periods} periods, by the machine’s unchecked reading"
    clear = data[(data["q_value"].astype("Float64") < _ALPHA).fillna(False).to_numpy(dtype=bool)]
    if not len(clear):
        return f"No theme stands out in any of {periods} periods"
    row = clear.sort_values("q_value", kind="stable").to_dict("records")[0]
    how = "more" if row["difference"] > 0 else "less"
    name, when = names.get(row["entry"], row["entry"]), row["group"]
    said = f"was {how} frequent in {when} ({percent(row['share'])})"
    return brief(f"“{name}” {said} than in the other periods", f"“{name}” {said}", f"A theme {said}")


def _shares_said(data: pd.DataFrame, themes: list[str], names: Mapping[str, str]) -> str:
    def of_period(row: dict[Any, Any]) -> str:
        return f"{row['group']} {NOT_SHOWN if pd.isna(row['share']) else percent(row['share'])}"

    said = [
        f"{names[theme]}: "
        + ", ".join(of_period(row) for row in data[data["entry"] == theme].sort_values("_start").to_dict("records"))
        for theme in themes
    ]
    without = f" {WHY_NOT_SHOWN.capitalize()}." if data["share"].isna().any() else ""
    return f"{'; '.join(said)}.{without}"
