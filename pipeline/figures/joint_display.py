"""The joint display: each theme with its definition, its shares, what respondents said and the article's claims."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.account.readings import CODED, UNCHECKED, reading_of
from pipeline.disclosure.joint_display import BETWEEN
from pipeline.figures.drawing import (
    MARGIN,
    TALLEST,
    Drawn,
    add_axes,
    brief,
    floats,
    head,
    head_height,
    note_of_hidden,
    nothing_to_draw,
    words,
    wrapped,
)  # fmt: skip
from pipeline.figures.rows_chart import AXIS_MM, Rows, draw_grid, draw_intervals, note_of_part
from pipeline.figures.style import GRID, INK, PALETTE, QUIET, figure_style, new_figure
from pipeline.tables.numbers import percent, percent_with_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS, _LINE_MM, _PAD_MM, _GAP_MM = 6.0, 2.6, 3.0, 3.0
_LEGEND_MM = 8.0
_WIDE_MM = 120.0
"""From this width on the columns stand side by side; on less, a theme's words stand below its shares."""
_PARTS = {"theme": 0.25, "shares": 0.21, "quotations": 0.31, "claims": 0.23}
_MOST_LINES = {"theme": 10, "quotations": 5, "claims": 4}
"""Lines of a definition, of each quotation and of each claim; more are cut."""
_MACHINE = (("share_by_comments", "machine, by comment", "o"), ("share_by_topics", "machine, by topic", "s"))
_LEAST_MM = 9.0
"""Height that a theme's shares take."""


@dataclass(frozen=True)
class _Block:
    """The words of one theme: its name, its definition, quotations and claims, each with whether it is bold."""

    columns: Mapping[str, list[tuple[str, bool]]]

    def height(self, is_wide: bool) -> float:
        """Return the millimetres that the words take, the shares beside them or above."""
        lines = {name: sum(text.count("\n") + 1 for text, _ in texts) for name, texts in self.columns.items()}
        words_mm = {name: _LINE_MM * number for name, number in lines.items()}
        beside = max(words_mm["theme"], _LEAST_MM)
        if is_wide:
            return max(beside, *words_mm.values()) + _PAD_MM
        return beside + words_mm.get("quotations", 0.0) + 1 + _PAD_MM


def joint_display_figure(display: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw each theme's shares between what the codebook says of it and what respondents said.

    Parameters
    ----------
    display : DataFrame
        The public table of that name; shares in [0, 1], missing where they may not be shown.
    width_mm : float
        Width of the figure. A narrow one has no definitions and no claims.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the table.
    """
    if not len(display):
        return nothing_to_draw("No theme", display, width_mm=width_mm, notice=notice)
    is_wide, usable = width_mm >= _WIDE_MM, width_mm - 2 * MARGIN
    columns = _columns(usable, is_wide)
    rows = display.to_dict("records")
    blocks = [_block(row, {name: width for name, (_, width) in columns.items()}, is_wide) for row in rows]
    title, (kind, _) = _finding(display), reading_of(display.assign(by=""))
    by = "" if kind == UNCHECKED else f" Filled: {kind}, with 95% intervals."
    subtitle = f"Share of analysed comments.{by} Hollow: the machine’s readings. … marks where words are cut."
    subtitle += note_of_hidden(display["share"])
    top, bottom = head_height(title, subtitle + note_of_part(99, 99, "themes"), notice, width_mm)
    room, fits, taken = TALLEST - top - bottom - _LEGEND_MM - AXIS_MM, 0, 0.0
    while fits < len(blocks) and (not fits or taken + blocks[fits].height(is_wide) <= room):
        taken += blocks[fits].height(is_wide)
        fits += 1
    if fits < len(blocks):
        subtitle += note_of_part(fits, len(blocks), "themes")
    top, bottom = head_height(title, subtitle, notice, width_mm)
    with figure_style():
        figure = new_figure(width_mm, top + _LEGEND_MM + taken + AXIS_MM + bottom)
        head(figure, title, subtitle, notice)
        _draw(figure, display.head(fits), blocks[:fits], columns, (top + _LEGEND_MM, bottom + AXIS_MM), kind=kind)
    return Drawn(figure, words(f"{title}.", *map(_said, rows), notice), display)


def _columns(usable: float, is_wide: bool) -> dict[str, tuple[float, float]]:
    """Return where each column begins, in millimetres from the margin, and how wide it is."""
    if not is_wide:
        half = (usable - _GAP_MM) / 2
        return {"theme": (0.0, half), "shares": (half + _GAP_MM, half - 2), "quotations": (0.0, usable)}
    room, begin, columns = usable - _GAP_MM * (len(_PARTS) - 1), 0.0, {}
    for name, part in _PARTS.items():
        columns[name] = (begin, part * room)
        begin += part * room + _GAP_MM
    return columns


def _block(row: Mapping[Any, Any], widths: Mapping[str, float], is_wide: bool) -> _Block:
    def fitted(text: str, column: str, *, bold: bool = False) -> tuple[str, bool]:
        # A little less than there is: PDF and SVG are set in letters of slightly different widths.
        width = 0.98 * widths[column]
        return wrapped(text, width, _POINTS, lines=_MOST_LINES[column], bold=bold), bold

    columns = {"theme": [fitted(row["name"], "theme", bold=True)], "quotations": []}
    for place in (1, 2):
        if row[f"quotation_{place}"]:
            columns["quotations"].append(fitted(f"“{row[f'quotation_{place}']}”", "quotations"))
            if row[f"attribution_{place}"]:
                columns["quotations"].append(fitted(f"– {row[f'attribution_{place}']}", "quotations"))
    if is_wide:
        columns["theme"].append(fitted(row["definition"], "theme"))
        columns["claims"] = []
        for claim in filter(None, row["claims"].split(BETWEEN)):
            verdict, _, statement = claim.partition(": ")
            columns["claims"] += [fitted(verdict, "claims", bold=True), fitted(statement, "claims")]
    return _Block(columns)


def _draw(
    figure: Figure,
    shown: pd.DataFrame,
    blocks: list[_Block],
    columns: Mapping[str, tuple[float, float]],
    ends: tuple[float, float],
    *,
    kind: str,
) -> None:
    is_wide = "claims" in columns
    width, height = (size * 25.4 for size in figure.get_size_inches())
    heights = [block.height(is_wide) for block in blocks]
    tops = np.concatenate([[0.0], np.cumsum(heights)])
    begin, wide = columns["shares"]
    axes = add_axes(figure, MARGIN + begin, ends[1], width - MARGIN - begin - wide, ends[0])
    axes.set_ylim(float(tops[-1]), 0)
    axes.set_yticks([])
    _draw_shares(axes, shown, tops[:-1], kind, is_wide=is_wide)
    for above, block in zip(tops, blocks, strict=False):
        edge = 1 - (ends[0] + above) / height
        figure.add_artist(_line(MARGIN / width, 1 - MARGIN / width, edge))
        for name, texts in block.columns.items():
            down = above + 1.2
            if name == "quotations" and not is_wide:
                lines = sum(text.count("\n") + 1 for text, _ in block.columns["theme"])
                down += max(_LINE_MM * lines, _LEAST_MM) + 1
            for text, bold in texts:
                figure.text((MARGIN + columns[name][0]) / width, 1 - (ends[0] + down) / height, text, va="top",
                            fontsize=_POINTS, fontweight="bold" if bold else "normal", linespacing=1.1, color=INK,
                            parse_math=False)  # fmt: skip
                down += _LINE_MM * (text.count("\n") + 1)


def _line(left: float, right: float, place: float) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([left, right], [place, place], color=GRID, linewidth=0.6)


def _draw_shares(axes: Axes, shown: pd.DataFrame, tops: Any, kind: str, *, is_wide: bool) -> None:
    rows, nothing = Rows(len(shown), _LEAST_MM, 1, _POINTS), np.full(len(shown), np.nan)
    if kind != UNCHECKED:
        ends = (100 * floats(shown, "share"), 100 * floats(shown, "low"), 100 * floats(shown, "high"))
        draw_intervals(axes, tops + 2.6, ends, rows, fmt="o" if kind == CODED else "D", color=PALETTE[0], label=kind)
    for name, label, marker in _MACHINE:
        ends = (100 * floats(shown, name), nothing, nothing)
        draw_intervals(axes, tops + 6.0, ends, rows, fmt=marker, color=PALETTE[2], label=label)
    axes.set_xlim(left=0)
    axes.set_xlabel("% of comments", fontsize=6.5)
    if is_wide:
        draw_grid(axes)
        axes.spines["left"].set_color(QUIET)
    else:
        # The words stand between the rows: no line runs through them.
        axes.spines["left"].set_visible(False)
        axes.set_xlim(0, axes.get_xlim()[1])
        for tick in [tick for tick in axes.get_xticks() if 0 <= tick <= axes.get_xlim()[1]]:
            places = np.full(len(tops), tick)
            axes.vlines(
                places, tops + 0.8, tops + _LEAST_MM - 1, color=GRID if tick else QUIET, linewidth=0.5, zorder=0
            )
    by_label = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    labels = sorted(by_label, key=lambda label: label != kind)
    axes.legend([by_label[label] for label in labels], labels, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=1,
                borderpad=0, borderaxespad=0.2, fontsize=5.5, handletextpad=0.5, labelspacing=0.15)  # fmt: skip


def _finding(display: pd.DataFrame) -> str:
    beside = "each theme in respondents’ own words" if (display["quotation_1"] != "").any() else "theme by theme"
    known = display[display["share"].notna()].sort_values("share", ascending=False, kind="stable")
    if not len(known):
        return f"What was said: {beside}"
    first = known.to_dict("records")[0]
    return brief(
        f"“{first['name']}” is most frequent ({percent(first['share'])}): {beside}", f"What was said: {beside}"
    )


def _said(row: Mapping[Any, Any]) -> str:
    """Return what the figure shows of a theme, its words uncut."""
    shares = []
    if pd.notna(row["share"]):
        shares.append(f"{percent_with_range(row['share'], row['low'], row['high'])} {row['reading']}")
    shares += [f"{percent(row[name])} {label}" for name, label, _ in _MACHINE if pd.notna(row[name])]
    said = [f"{row['name']}: {', '.join(shares) or 'no share shown'}."]
    for place in (1, 2):
        if row[f"quotation_{place}"]:
            by = row[f"attribution_{place}"]
            said.append(f"“{row[f'quotation_{place}']}”{f' ({by})' if by else ''}")
    return words(*said, row["claims"])
