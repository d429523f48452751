"""Which topics, or themes, which groups of respondents raise: a dot for each group, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

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
    shortened,
    size_mm,
    words,
    wrapped,
)  # fmt: skip
from pipeline.figures.rows_chart import Label, Rows, draw_grid, draw_intervals, label_room, note_of_part
from pipeline.figures.style import FAINT, PALETTE, figure_style, new_figure
from pipeline.tables.numbers import NOT_SHOWN, count, counted, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ALPHA = 0.05
_PANEL_MM, _BETWEEN_MM = 17.0, 3.0
"""Millimetres that a topic's shares must have, and between two topics."""
_AXIS_MM = 5.5
"""Millimetres below the rows of a topic, for the numbers of the axis."""
_NAME_LINES, _LINE_MM = 3, 2.7
_BELOW_MM = 2.5
_ROOMS = ((4.4, 6.5), (3.4, 6.5), (2.8, 5.5))
"""Millimetres of a row and size of its text in points, from roomy to dense."""
_PAD, _POINTS = 4.0, 6.0


@dataclass(frozen=True)
class _Layout:
    """What is drawn where: rows (a group, or the name of a column above its groups), and panels in lines."""

    rows: list[tuple[str, str | None]]
    row_mm: float
    points: float
    per_line: int
    panels: int
    panel_mm: float
    head_mm: float

    @property
    def block_mm(self) -> float:
        """Millimetres that a line of panels takes."""
        return self.head_mm + self.row_mm * len(self.rows) + _AXIS_MM

    @property
    def lines(self) -> int:
        return -(-self.panels // self.per_line)


def shares_by_group(
    groups: pd.DataFrame,
    entries: pd.DataFrame,
    *,
    what: str,
    width_mm: float,
    notice: str = "",
    column: str | None = None,
) -> Drawn:
    """Draw for each topic, or theme, the share of every group's comments that are in it.

    Parameters
    ----------
    groups : DataFrame
        The public table: column, group, facet, entry, reading, comments, share with its interval, q_value; missing
        where suppressed.
    entries : DataFrame
        The topics or themes, most important first: entry (as text), name, and share of all comments; missing where it
        is not shown.
    what : str
        What they are: "topics" or "themes", a facet of the table.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    column : str, optional
        The one column of groups to draw; all where it is not given.

    Returns
    -------
    Drawn
        Its data are the table's rows of what is asked for, those without a share included.
    """
    cells = groups[groups["facet"] == what]
    cells = cells[cells["column"] == column] if column is not None else cells
    cells = cells[cells["entry"].astype(str).isin(entries["entry"])].reset_index(drop=True)
    if not len(cells):
        said = "No topics were found" if what == "topics" and not len(entries) else "No groups were asked for"
        said = f"{said}, so there are no {what} by group"
        return nothing_to_draw(said, cells, width_mm=width_mm, notice=notice)
    shown = cells[cells["share"].notna()]
    title, hidden = _finding(cells, entries, what), cells["share"].isna().any()
    if not len(shown):
        return nothing_to_draw(title, cells, width_mm=width_mm, notice=notice)
    drawable = entries[entries["entry"].isin(shown["entry"].astype(str))]
    kind = "" if what == "topics" else f", {cells['reading'].iloc[0]}"
    has_interval = shown["low"].notna().any()
    subtitle = words(
        f"Share of a group’s comments{kind}{', with 95% intervals' if has_interval else ''}.",
        "Diamonds: the gap to the rest is larger than chance (q\u00a0<\u00a00.05)." if _is_clear(shown).any() else "",
        "Dashes: the share of all comments." if drawable["share"].notna().any() else "",
        "Small counts are hidden; groups without a share are not drawn." if hidden else "",
    )
    layout, subtitle = _laid_out(shown, drawable, what, title, subtitle, notice, width_mm)
    top, bottom = head_height(title, subtitle, notice, width_mm)
    with figure_style():
        figure = new_figure(width_mm, top + layout.lines * layout.block_mm + _BELOW_MM + bottom)
        head(figure, title, subtitle, notice)
        _draw(figure, layout, shown, drawable.head(layout.panels), top)
    why = f"{WHY_NOT_SHOWN.capitalize()}." if hidden else ""
    return Drawn(figure, words(f"{title}.", _most_of_each(cells, entries), why, notice), cells)


def _is_clear(cells: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return whose gap to the rest is larger than chance."""
    with np.errstate(invalid="ignore"):
        return floats(cells, "q_value") < _ALPHA


def _laid_out(
    shown: pd.DataFrame, entries: pd.DataFrame, what: str, title: str, subtitle: str, notice: str, width_mm: float
) -> tuple[_Layout, str]:
    """Return where everything stands, and the subtitle, which says how many topics and groups had room."""
    bases = shown.groupby(["column", "group"], sort=False)["comments"].first().astype("Float64")
    groups = zip(bases.index.get_level_values("group"), bases, strict=True)
    label_mm = label_room([Label(group, _base(size)) for group, size in groups], width_mm)
    room = width_mm - 2 * MARGIN - 3 - label_mm + _BETWEEN_MM
    per_line = max(min(int(room / (_PANEL_MM + _BETWEEN_MM)), len(entries)), 1)
    panel_mm = room / per_line - _BETWEEN_MM
    names = [wrapped(name, panel_mm, _POINTS, lines=_NAME_LINES, bold=True) for name in entries["name"]]
    head_mm = 1.5 + _LINE_MM * (1 + max(name.count("\n") for name in names))
    whole = _Layout(_rows(bases), *_ROOMS[-1], per_line, len(entries), panel_mm, head_mm)

    def fitted(said: str) -> _Layout:
        page = TALLEST - sum(head_height(title, said, notice, width_mm)) - _BELOW_MM
        for row_mm, points in _ROOMS:
            layout = replace(whole, row_mm=row_mm, points=points)
            if layout.lines * layout.block_mm <= page:
                return layout
        most = int((page - whole.block_mm) // whole.row_mm) + len(whole.rows)
        layout = replace(whole, rows=_largest(bases, most))
        return replace(layout, panels=min(per_line * max(int(page / layout.block_mm), 1), len(entries)))

    def said(layout: _Layout) -> str:
        n_groups, note = sum(group is not None for _, group in layout.rows), ""
        if layout.panels < len(entries):
            note += note_of_part(layout.panels, len(entries), what, entries["share"] if what == "topics" else None)
        return note + (note_of_part(n_groups, len(bases), "groups", bases) if n_groups < len(bases) else "")

    layout = fitted(subtitle)
    layout = fitted(subtitle + said(layout)) if said(layout) else layout
    return layout, subtitle + said(layout)


def _largest(bases: pd.Series[Any], most: int) -> list[tuple[str, str | None]]:
    """Return the rows of the largest groups that so many rows hold."""
    by_size = bases.sort_values(ascending=False, kind="stable").index
    rows = (_rows(bases[bases.index.isin(by_size[:n])]) for n in range(len(bases), 0, -1))
    return next(found for found in rows if len(found) <= max(most, 1))


def _rows(bases: pd.Series[Any]) -> list[tuple[str, str | None]]:
    """Return the rows: groups in the table's order, where there are several columns below the name of theirs."""
    columns = bases.index.get_level_values("column").unique()
    rows: list[tuple[str, str | None]] = []
    for column in columns:
        rows += [(str(column), None)] if len(columns) > 1 else []
        rows += [(str(of), str(group)) for of, group in bases.index if of == column]
    return rows


def _base(size: Any) -> str:
    return "" if pd.isna(size) else f"({count(size)})"


def _draw(figure: Figure, layout: _Layout, shown: pd.DataFrame, entries: pd.DataFrame, top_mm: float) -> None:
    """Draw the panels, from left to right and from top to bottom; all have one scale."""
    width, height = size_mm(figure)
    bases = {(row["column"], row["group"]): row["comments"] for row in shown.to_dict("records")}
    labels = [Label(group, _base(bases[column, group])) for column, group in layout.rows if group is not None]
    label_mm = width - 2 * MARGIN - 3 - layout.per_line * (layout.panel_mm + _BETWEEN_MM) + _BETWEEN_MM
    left, panel = MARGIN + label_mm + 2, layout.panel_mm
    drawn = shown[shown["entry"].astype(str).isin(entries["entry"])]
    most = 100 * max(float(np.nanmax(np.concatenate([floats(drawn, "high"), floats(drawn, "share")]))), 0.01)
    rows = Rows(len(layout.rows), layout.row_mm, 1, layout.points)
    for place, entry in enumerate(entries.to_dict("records")):
        line, across = divmod(place, layout.per_line)
        start = left + across * (panel + _BETWEEN_MM)
        above = top_mm + line * layout.block_mm + layout.head_mm
        axes = add_axes(figure, start, height - above - layout.row_mm * rows.count, width - start - panel, above)
        _draw_entry(axes, drawn[drawn["entry"].astype(str) == entry["entry"]], layout, rows, entry["share"])
        axes.set(xlim=(0, 1.04 * most), ylim=(rows.count - 0.5, -0.5))
        name = wrapped(entry["name"], panel, _POINTS, lines=_NAME_LINES, bold=True)
        axes.set_title(name, fontsize=_POINTS, loc="left", pad=3, fontweight="bold", linespacing=1.1, parse_math=False)
        axes.tick_params(axis="y", length=0, pad=_PAD)
        axes.tick_params(axis="x", labelsize=5.5, pad=1.5, length=2)
        _number_axis(axes, panel)
        axes.set_yticks([])
        if across == 0:
            _name_rows(axes, layout, labels, label_mm)


def _number_axis(axes: Axes, panel_mm: float) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(nbins=max(int(panel_mm / 9), 1), steps=[1, 2, 2.5, 5, 10], integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}%"))


def _name_rows(axes: Axes, layout: _Layout, labels: Sequence[Label], label_mm: float) -> None:
    """Write at the left the names of groups, and in bold those of columns."""
    named, written = iter(labels), []
    for column, group in layout.rows:
        if group is None:
            said = column.replace("_", " ")
            written.append(shortened(said[:1].upper() + said[1:], label_mm, layout.points, bold=True))
        else:
            written.append(next(named).fitted(label_mm, Rows(1, layout.row_mm, 1, layout.points)))
    axes.set_yticks(range(len(written)), written, fontsize=layout.points, parse_math=False)
    for tick, (_, group) in zip(axes.get_yticklabels(), layout.rows, strict=True):
        tick.set_fontweight("bold" if group is None else "normal")


def _draw_entry(axes: Axes, cells: pd.DataFrame, layout: _Layout, rows: Rows, whole: Any) -> None:
    """Draw the groups of one topic or theme; those without a share stay away."""
    draw_grid(axes)
    if not pd.isna(whole):
        axes.axvline(100 * float(whole), color=FAINT, linewidth=0.8, linestyle=(0, (3, 1.5)), zorder=1)
    at = {row: place for place, row in enumerate(layout.rows)}
    keys = list(zip(cells["column"].astype(str), cells["group"].astype(str), strict=True))
    cells = cells[[key in at for key in keys]]
    places = np.array([at[key] for key in keys if key in at], dtype=np.float64)
    clear = _is_clear(cells)
    for chosen, marker, colour in ((~clear, "o", PALETTE[0]), (clear, "D", PALETTE[2])):
        if chosen.any():
            share, low, high = (100 * floats(cells[chosen], name) for name in ("share", "low", "high"))
            draw_intervals(axes, places[chosen], (share, low, high), rows, fmt=marker, color=colour, zorder=3)


def _finding(cells: pd.DataFrame, entries: pd.DataFrame, what: str) -> str:
    shown = cells[cells["share"].notna()]
    if not len(shown):
        return f"Too few comments to show shares of {what} by group"
    clear, is_whole = shown[_is_clear(shown)], len(shown) == len(cells)
    if not len(clear):
        said = f"o {what.removesuffix('s')} is clearly more or less frequent in any group"
        return f"N{said}" if is_whole else f"Of the shares shown, n{said}"
    name_of = dict(zip(entries["entry"], entries["name"], strict=True))
    most = clear.sort_values("share", ascending=False, kind="stable").to_dict("records")[0]
    largest = f"“{name_of[str(most['entry'])]}”, {percent(most['share'])} of comments of {most['group']}"
    of_shown = f"{len(clear)} of {counted(len(shown), 'share')}{'' if is_whole else ' shown'}"
    if len(clear) == 1:
        return brief(f"{of_shown} differs clearly: {largest}", f"{of_shown} differs clearly from the rest")
    return brief(f"{of_shown} differ clearly; the largest: {largest}", f"{of_shown} differ clearly from the rest")


def _most_of_each(cells: pd.DataFrame, entries: pd.DataFrame) -> str:
    """Return what each group raises most, in words."""
    name_of, said = dict(zip(entries["entry"], entries["name"], strict=True)), []
    for (_, group), of_group in cells.groupby(["column", "group"], sort=False):
        shown = of_group[of_group["share"].notna()]
        most = float(shown["share"].max()) if len(shown) else 0.0
        # Equal shares are common: they are of rounded counts.
        names = [name_of[entry] for entry in shown.loc[shown["share"] == most, "entry"].astype(str)]
        if not len(shown):
            said.append(f"{group}: {NOT_SHOWN}")
        elif most == 0:
            said.append(f"{group}: no comment in what is shown")
        else:
            of_shown, each = "" if len(shown) == len(of_group) else "of those shown ", " each" if names[1:] else ""
            said.append(f"{group}: {of_shown}most often {', '.join(names)} ({percent(most)}{each})")
    return "; ".join(said) + "."
