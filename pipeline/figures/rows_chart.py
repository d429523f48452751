"""Charts of rows: labels at the left, axes beside them, and as many rows as the page has room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.figures.drawing import (
    MARGIN,
    NO_BREAK,
    TALLEST,
    add_axes,
    head,
    head_height,
    lines_taken,
    text_width,
    with_ending,
    words,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import GRID, INK, QUIET, figure_style, new_figure
from pipeline.tables.numbers import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

AXIS_MM = 9.0
"""Millimetres below the rows for the numbers of an axis and what they are."""
LINE_LABEL_MM = 4.0
"""Millimetres above the rows for what a line across them is."""
POINTS = 6.5
ROOMS = ((2, 6.2, POINTS), (1, 4.6, POINTS), (1, 3.4, POINTS), (1, 2.6, 5.5))
"""Lines of a label, millimetres of a row and size of its text in points, from roomy to dense."""

_WIDEST_MM, _WIDEST_PART = 69.0, 0.46
_GAP_MM = 2.0
_PAD_POINTS = 5.0
"""Points between a label and the axis; less than the gap."""
_Room = tuple[int, float, float]
_Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Label:
    """The label of a row: a name, what stands after it however short the room, and whether both are bold."""

    name: str
    ending: str = ""
    is_bold: bool = False

    @property
    def text(self) -> str:
        """The label on one line, not cut."""
        return f"{self.name} {self.ending.replace(' ', NO_BREAK)}".rstrip()

    def fitted(self, width_mm: float, rows: Rows) -> str:
        """Return the label as it is written: the name is cut where there is no room for both."""
        if self.ending:
            return with_ending(self.name, self.ending, width_mm, rows.points, lines=rows.lines, bold=self.is_bold)
        return wrapped(self.name, width_mm, rows.points, lines=rows.lines, bold=self.is_bold)


@dataclass(frozen=True)
class Rows:
    """How many rows a figure has, and how they are set: height in millimetres, lines of a label, size in points."""

    count: int
    height: float
    lines: int
    points: float


@dataclass(frozen=True)
class RowsChart:
    """Where everything on a chart of rows stands: its words, the rows, and millimetres around the axes."""

    title: str
    subtitle: str
    notice: str
    width_mm: float
    label_mm: float
    above_mm: float
    below_mm: float
    rows: Rows

    @contextmanager
    def drawn(self, *, right_mm: float = MARGIN + 2) -> Iterator[tuple[Figure, Axes]]:
        """Give the figure, its head written, and axes for the rows; the style holds until they are drawn on."""
        top, bottom = head_height(self.title, self.subtitle, self.notice, self.width_mm)
        body = self.above_mm + self.rows.height * self.rows.count + self.below_mm
        with figure_style():
            figure = new_figure(self.width_mm, top + body + bottom)
            head(figure, self.title, self.subtitle, self.notice)
            left = MARGIN + self.label_mm + _GAP_MM
            yield figure, add_axes(figure, left, bottom + self.below_mm, right_mm, top + self.above_mm)

    def label(self, axes: Axes, labels: Sequence[Label], *, middle: float = 0.0) -> None:
        """Write the labels of the rows, the first above; `middle` is where on the axis that of the first row is."""
        written = [label.fitted(self.label_mm, self.rows) for label in labels]
        axes.set_yticks(np.arange(len(labels)) + middle, written, fontsize=self.rows.points, linespacing=1.1,
                        parse_math=False)  # fmt: skip
        for tick, label in zip(axes.get_yticklabels(), labels, strict=True):
            tick.set_fontweight("bold" if label.is_bold else "normal")
        axes.set_ylim(len(labels) - 0.5 + middle, middle - 0.5)
        # A mark at the left end of the axis is half outside it.
        axes.tick_params(axis="y", length=0, pad=_PAD_POINTS)

    def said(self, *sentences: str) -> str:
        """Return what the chart shows in words: its title, some sentences and the notice."""
        return words(f"{self.title}.", *sentences, self.notice)


def rows_chart(
    labels: Sequence[Label],
    title: str,
    subtitle: str,
    notice: str,
    *,
    width_mm: float,
    what: str,
    sizes: pd.Series[Any] | None = None,
    indent_mm: float = 0.0,
    above_mm: float = 0.0,
    below_mm: float = AXIS_MM,
    rooms: Sequence[_Room] = ROOMS,
) -> RowsChart:
    """Lay out a chart of rows; where not all fit, the subtitle says how many are drawn.

    Parameters
    ----------
    labels : sequence of Label
        Of all rows, most important first.
    title, subtitle, notice : str
        What is written above and below.
    width_mm : float
        Width of the figure.
    what : str
        What the rows are, such as "topics".
    sizes : Series, optional
        Of all rows in the same order, missing where not shown, if they stand by size.
    indent_mm : float
        Room that the chart takes before labels.
    above_mm, below_mm : float
        Room above and below the rows.
    rooms : sequence of (int, float, float)
        The ways to set rows, as `ROOMS`.
    """
    label_mm = label_room(labels, width_mm)

    def fitted(words: str) -> Rows:
        room = TALLEST - sum(head_height(title, words, notice, width_mm)) - above_mm - below_mm
        return rows_for([label.text for label in labels], width_mm=label_mm, room_mm=room, rooms=rooms)

    rows = fitted(subtitle)
    if rows.count < len(labels):
        # The sentence takes room itself: the rows are counted once it stands there.
        rows = fitted(subtitle + note_of_part(rows.count, len(labels), what, sizes))
        subtitle += note_of_part(rows.count, len(labels), what, sizes)
    return RowsChart(title, subtitle, notice, width_mm, label_mm + indent_mm, above_mm, below_mm, rows)


def sized_labels(rows: pd.DataFrame) -> list[Label]:
    """Return the labels of topics, each with how many comments it has."""
    return [Label(row["label"], f"({count(row['size'])})") for row in rows.to_dict("records")]


def note_of_part(drawn: int, all_rows: int, what: str, sizes: pd.Series[Any] | None = None) -> str:
    """Return a sentence that says how many of a table's rows are drawn, to follow others.

    They are the largest only where they stand by size and all sizes are shown.
    """
    if sizes is None or sizes.isna().any():
        return f" {drawn} of {all_rows} {what} are drawn."
    return f" The {drawn} largest of {all_rows} {what} are drawn."


def label_room(labels: Sequence[Label], width_mm: float) -> float:
    """Return the millimetres that a column of labels takes: as wide as the widest, but leaving half of a page."""
    most = min(_WIDEST_MM, _WIDEST_PART * width_mm - MARGIN - _GAP_MM)
    # A little more than the widest, so that no label is cut for a rounding.
    widest = max((text_width(label.text, POINTS, bold=label.is_bold) for label in labels), default=0.0) + 0.5
    return min(most, widest)


def rows_for(labels: Sequence[str], *, width_mm: float, room_mm: float, rooms: Sequence[_Room] = ROOMS) -> Rows:
    """Return how rows are set so that they fit: labels on more lines where there is room, else fewer rows.

    Parameters
    ----------
    labels : sequence of str
        A label for each row, most important first.
    width_mm, room_mm : float
        Room for a label and for all rows.
    rooms : sequence of (int, float, float)
        The ways to set rows; the first is for labels that take more than a line.
    """
    is_wide = any(text_width(label, rooms[0][2]) > width_mm for label in labels)
    for lines, height, points in rooms if is_wide else rooms[1:]:
        # Rows of more lines than any label takes would stand far apart.
        needed = max((lines_taken(label, width_mm, points) for label in labels), default=1) if lines > 2 else lines
        if lines <= max(needed, 2) and len(labels) * height <= room_mm:
            return Rows(len(labels), height, lines, points)
    lines, height, points = rooms[-1]
    return Rows(min(len(labels), int(room_mm / height)), height, lines, points)


def draw_intervals(
    axes: Axes, places: npt.NDArray[Any], ends: tuple[_Numbers, _Numbers, _Numbers], rows: Rows, **how: Any
) -> None:
    """Draw numbers, the lower and upper ends of whose intervals follow them, as marks with bars.

    A number without an interval, such as that of an unchecked reading, has a hollow mark.
    """
    share, low, high = ends
    size = 4 if rows.height > 4 else 2.6
    if np.isnan(low).all():
        axes.plot(share, places, linestyle="none", markerfacecolor="white", markersize=size, clip_on=False,
                  marker=how.pop("fmt"), **how)  # fmt: skip
        return
    axes.errorbar(share, places, xerr=np.vstack([share - low, high - share]).clip(0), elinewidth=1,
                  capsize=2 if rows.height > 4 else 1.2, markersize=size, clip_on=False, **how)  # fmt: skip


def draw_limit(axes: Axes, place: float, said: str, *, side: str = "center") -> None:
    """Draw a line across the rows, and above them what it is."""
    axes.axvline(place, color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    axes.annotate(said, (place, 1), xycoords=("data", "axes fraction"), xytext=(0, 2), textcoords="offset points",
                  ha=side, va="bottom", fontsize=6, color=INK)  # fmt: skip


def draw_grid(axes: Axes) -> None:
    """Draw the lines of the numbers' axis, behind everything."""
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
