"""How positive each group's comments are, beside the whole and beside the published share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.account.outlook import ALL
from pipeline.account.readings import CORRECTED, UNCHECKED
from pipeline.figures.drawing import (
    MARGIN,
    WHY_NOT_SHOWN,
    Drawn,
    brief,
    floats,
    hidden_said,
    nothing_to_draw,
    size_mm,
    text_width,
    wrapped,
)  # fmt: skip
from pipeline.figures.rows_chart import (
    AXIS_MM,
    LINE_LABEL_MM,
    Label,
    Rows,
    draw_grid,
    draw_intervals,
    draw_limit,
    rows_chart,
)  # fmt: skip
from pipeline.figures.style import INK, PALETTE
from pipeline.tables.numbers import count, percent, percent_with_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE_MM = 120.0
"""From this width on intervals are written beside the shares."""
_HIDDEN_LINES = 4
_TOO_FEW = "too few comments were coded, or small counts are hidden"


def outlook_by_group(outlook: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the share of the outlook's first entry, such as "positive", overall and in each group.

    Parameters
    ----------
    outlook : DataFrame
        The public table: group, entry, comments, share, low, high, published_share, suppressed.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the rows of the first entry, those without a share included.
    """
    asked = outlook[outlook["entry"] == outlook["entry"].iloc[0]] if len(outlook) else outlook
    is_shown = ~asked["suppressed"].astype(bool) & asked["share"].notna()
    hidden = [_label(row).text for row in asked[~is_shown].to_dict("records")]
    shown = _in_order(asked[is_shown])
    if not len(shown):
        said = "Too few comments to show their outlook" if hidden else "The outlook of comments was not asked for"
        return nothing_to_draw(said, asked, width_mm=width_mm, notice=notice)
    entry = str(shown["entry"].iloc[0])
    kind = str(shown["reading"].iloc[0])
    how = f"{kind}{'' if kind == UNCHECKED else ', with 95% intervals'}"
    subtitle = f"Share of comments that are {entry}, {how}; n is the number of comments."
    without = hidden_said(hidden, _TOO_FEW if kind == CORRECTED else WHY_NOT_SHOWN)
    named = wrapped(without, width_mm - 2 * MARGIN, 6.0, lines=_HIDDEN_LINES)
    below = AXIS_MM + (3.0 * (named.count("\n") + 1) if hidden else 0.0)
    # Where not all fit, the whole and the largest groups say most.
    by_size = shown.sort_values("comments", ascending=False, kind="stable")
    labels = [_label(row) for row in by_size.to_dict("records")]
    chart = rows_chart(labels, _finding(shown, entry, is_whole=not hidden), subtitle, notice, width_mm=width_mm,
                       what="rows", sizes=by_size["comments"], above_mm=LINE_LABEL_MM, below_mm=below)  # fmt: skip
    kept = _in_order(by_size.head(chart.rows.count))
    written = [_said(row) if width_mm >= _WIDE_MM else percent(row["share"]) for row in kept.to_dict("records")]
    right = max(text_width(said, chart.rows.points) for said in written) + MARGIN + 1
    with chart.drawn(right_mm=right) as (figure, axes):
        chart.label(axes, [_label(row) for row in kept.to_dict("records")])
        _draw_shares(axes, kept, written, chart.rows)
        axes.set_xlabel(f"% {entry}", fontsize=6.5, parse_math=False)
        _draw_published(axes, kept, axes_mm=width_mm - right - MARGIN - chart.label_mm - 2)
        if hidden:
            bottom = axes.get_position().y0 - below / size_mm(figure)[1]
            figure.text(MARGIN / width_mm, bottom, named, fontsize=6, va="bottom", color=INK, linespacing=1.15,
                        parse_math=False)  # fmt: skip
    said = "; ".join(f"{row['group']}: {_said(row)}" for row in shown.to_dict("records"))
    return Drawn(figure, chart.said(f"{said}.", without), asked)


def _in_order(shown: pd.DataFrame) -> pd.DataFrame:
    """Return the whole, then the groups by share, highest first; equal shares by name."""
    keyed = shown.assign(_part=shown["group"] != ALL)
    ordered = keyed.sort_values(["_part", "share", "group"], ascending=[True, False, True])
    return ordered.drop(columns="_part").reset_index(drop=True)


def _finding(shown: pd.DataFrame, entry: str, *, is_whole: bool) -> str:
    whole, groups = shown[shown["group"] == ALL], shown[shown["group"] != ALL]
    by_group = f"roups{'' if is_whole else ' shown'}: {_ends(groups)}" if len(groups) else ""
    if not len(whole):
        return f"{entry.capitalize()} comments by group; g{by_group}"
    share, published = percent(whole["share"].iloc[0]), whole["published_share"].iloc[0]
    found = f"are {entry}{'' if pd.isna(published) else f' (article: {percent(published)})'}"
    ends = f"; g{by_group}" if by_group else ""
    return brief(f"{share} of comments {found}{ends}", f"{share} {found}{ends}", f"{share} of comments {found}")


def _ends(groups: pd.DataFrame) -> str:
    """Return the least and the most positive group."""
    said = [f"{percent(row['share'])} ({row['group']})" for row in groups.iloc[[-1, 0]].to_dict("records")]
    return " to ".join(said if len(groups) > 1 else said[:1])


def _said(row: Mapping[Any, Any]) -> str:
    return percent_with_range(row["share"], row["low"], row["high"])


def _label(row: Mapping[Any, Any]) -> Label:
    base = "" if pd.isna(row["comments"]) else f"(n = {count(row['comments'])})"
    return Label(row["group"], base, is_bold=row["group"] == ALL)


def _draw_shares(axes: Axes, shown: pd.DataFrame, written: list[str], rows: Rows) -> None:
    share, low, high = (100 * floats(shown, name) for name in ("share", "low", "high"))
    position = np.arange(len(shown))
    whole = (shown["group"] == ALL).to_numpy()
    for chosen, colour, marker in ((whole, PALETTE[2], "D"), (~whole, PALETTE[0], "o")):
        if chosen.any():
            ends = (share[chosen], low[chosen], high[chosen])
            draw_intervals(axes, position[chosen], ends, rows, fmt=marker, color=colour)
    published = 100 * float(np.nan_to_num(floats(shown, "published_share")).max())
    axes.set_xlim(0, 1.03 * max(np.fmax(share, high).max(), published, 1))
    draw_grid(axes)
    for place, said in zip(position, written, strict=True):
        axes.annotate(said, (1, place), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
                      va="center_baseline", fontsize=rows.points, color=INK)  # fmt: skip


def _draw_published(axes: Axes, shown: pd.DataFrame, *, axes_mm: float) -> None:
    published = shown["published_share"].astype(float).dropna()
    if len(published):
        place, said = 100 * float(published.iloc[0]), f"published: {percent(published.iloc[0])}"
        # The label stands at the side of the line on which it stays inside the axes.
        fits = place / axes.get_xlim()[1] * axes_mm + text_width(said, 6.0) + 1 <= axes_mm
        draw_limit(axes, place, said, side="left" if fits else "right")
