"""How positive each group's comments are, beside the whole and beside the published share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.account.outlook import ALL
from pipeline.figures.drawing import (
    MARGIN,
    NOT_SHOWN,
    TALLEST,
    WHY_NOT_SHOWN,
    Drawn,
    Rows,
    add_axes,
    head,
    head_height,
    label_room,
    nothing_to_draw,
    percent,
    rows_for,
    size_mm,
    text_width,
    with_ending,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import GRID, INK, PALETTE, QUIET, figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AXIS_MM = 9.0
_LINE_LABEL_MM = 4.0
_SUPPRESSED_LINES = 4


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
    hidden = [
        row["group"] if pd.isna(row["comments"]) else f"{row['group']} {_base(row['comments'])}"
        for row in asked[~is_shown].to_dict("records")
    ]
    not_shown = f"{NOT_SHOWN.capitalize()} ({WHY_NOT_SHOWN}): {', '.join(hidden)}" if hidden else ""
    shown = _in_order(asked[is_shown])
    if not len(shown):
        said = "Too few comments to show their outlook" if hidden else "The outlook of comments was not asked for"
        return nothing_to_draw(said, asked, width_mm=width_mm, notice=notice)
    entry = str(shown["entry"].iloc[0])
    title = _finding(shown, entry, is_whole=not hidden)
    beside = "% (low–high)" if width_mm >= 120 else "%"
    subtitle = f"Share of comments whose outlook is {entry}, with 95 % interval (Wilson); n: comments. Right: {beside}."
    named = wrapped(not_shown, width_mm - 2 * MARGIN, 6.0, lines=_SUPPRESSED_LINES)
    below = _AXIS_MM + (3.0 * (named.count("\n") + 1) if hidden else 0.0)
    labels = [f"{row['group']} {_base(row['comments'])}" for row in shown.to_dict("records")]
    # The whole is in bold.
    label_mm = label_room(labels, most_mm=min(54.0, 0.4 * width_mm - MARGIN - 2), bold=True)
    left = MARGIN + label_mm + 2
    top, bottom = head_height(title, subtitle, notice, width_mm)
    room = TALLEST - top - bottom - below - _LINE_LABEL_MM
    rows = rows_for(labels, width_mm=label_mm, room_mm=room)
    if rows.count < len(shown):
        # The largest groups say most; the whole stands first and has the most comments.
        # The sentence takes room itself: the rows are counted once it stands there.
        provisional = f"{subtitle} The {rows.count} largest of the {len(shown)} with a share are drawn."
        top, bottom = head_height(title, provisional, notice, width_mm)
        rows = rows_for(labels, width_mm=label_mm, room_mm=TALLEST - top - bottom - below - _LINE_LABEL_MM)
        subtitle += f" The {rows.count} largest of the {len(shown)} with a share are drawn."
        shown = _in_order(shown.nlargest(rows.count, "comments"))
    right = 20.0 if width_mm >= 120 else 10.0
    with figure_style():
        figure = new_figure(width_mm, top + _LINE_LABEL_MM + rows.height * rows.count + below + bottom)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + below, right, top + _LINE_LABEL_MM)
        _draw_shares(axes, shown, rows, label_mm=label_mm, with_interval=width_mm >= 120)
        axes.set_xlabel(f"% {entry}", fontsize=6.5, parse_math=False)
        _draw_published(axes, shown, axes_mm=width_mm - left - right)
        if hidden:
            figure.text(MARGIN / width_mm, bottom / size_mm(figure)[1], named, fontsize=6, va="bottom",
                        color=INK, linespacing=1.15, parse_math=False)  # fmt: skip
    said = "; ".join(
        f"{row['group']}: {percent(row['share'])} ({percent(row['low'])} to {percent(row['high'])})"
        for row in shown.to_dict("records")
    )
    said += f". {not_shown}" if hidden else ""
    return Drawn(figure, f"{title}. {said}. {notice}".strip(), asked)


def _in_order(shown: pd.DataFrame) -> pd.DataFrame:
    """Return the whole, then the groups by share, highest first; equal shares by name."""
    keyed = shown.assign(_part=shown["group"] != ALL)
    ordered = keyed.sort_values(["_part", "share", "group"], ascending=[True, False, True])
    return ordered.drop(columns="_part").reset_index(drop=True)


def _finding(shown: pd.DataFrame, entry: str, *, is_whole: bool) -> str:
    whole, groups = shown[shown["group"] == ALL], shown[shown["group"] != ALL]
    parts = []
    if len(whole):
        published = whole["published_share"].iloc[0]
        against = "" if pd.isna(published) else f"; the account says {percent(published)}"
        parts.append(f"{percent(whole['share'].iloc[0])} of comments are {entry}{against}")
    if len(groups) > 1:
        most, least = groups.iloc[0], groups.iloc[-1]
        by = "by group" if is_whole else "by group, of those shown,"
        parts.append(
            f"{by} from {percent(least['share'])} ({least['group']}) to {percent(most['share'])} ({most['group']})"
        )
    elif len(groups):
        parts.append(f"{percent(groups['share'].iloc[0])} of those of {groups['group'].iloc[0]} are {entry}")
    return "; ".join(parts)


def _base(comments: int) -> str:
    return f"(n = {int(comments):,})"


def _draw_shares(axes: Axes, shown: pd.DataFrame, rows: Rows, *, label_mm: float, with_interval: bool) -> None:
    share, low, high = (100 * shown[name].to_numpy(dtype=float) for name in ("share", "low", "high"))
    position = np.arange(len(shown))
    whole = (shown["group"] == ALL).to_numpy()
    for chosen, colour, marker in ((whole, PALETTE[2], "D"), (~whole, PALETTE[0], "o")):
        if chosen.any():
            axes.errorbar(
                share[chosen], position[chosen],
                xerr=np.vstack([share - low, high - share])[:, chosen].clip(0), fmt=marker, color=colour, markersize=4,
                elinewidth=1, capsize=1.5 if rows.height < 4 else 2, clip_on=False,
            )  # fmt: skip
    axes.set_yticks(position, [
        with_ending(row["group"], _base(row["comments"]), label_mm, rows.points, lines=rows.lines,
                    bold=row["group"] == ALL) for row in shown.to_dict("records")
    ], fontsize=rows.points, linespacing=1.1, parse_math=False)  # fmt: skip
    for label, is_whole in zip(axes.get_yticklabels(), whole, strict=True):
        label.set_fontweight("bold" if is_whole else "normal")
    axes.set_ylim(len(shown) - 0.5, -0.5)
    published = 100 * shown["published_share"].astype(float).fillna(0).max()
    axes.set_xlim(0, 1.03 * max(high.max(), published, 1))
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
    for place in position:
        said = f"{share[place]:.0f} ({low[place]:.0f}–{high[place]:.0f})" if with_interval else f"{share[place]:.0f}"
        axes.annotate(said, (1, place), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points",
                      va="center_baseline", fontsize=rows.points, color=INK)  # fmt: skip


def _draw_published(axes: Axes, shown: pd.DataFrame, *, axes_mm: float) -> None:
    published = shown["published_share"].astype(float).dropna()
    if not len(published):
        return
    place = 100 * float(published.iloc[0])
    said = f"published: {percent(published.iloc[0])}"
    axes.axvline(place, color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)))
    # The label stands at the side of the line on which it stays inside the axes.
    fits = place / axes.get_xlim()[1] * axes_mm + text_width(said, 6.0) + 1 <= axes_mm
    axes.annotate(said, (place, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
                  ha="left" if fits else "right", va="bottom", fontsize=6, color=INK)  # fmt: skip
