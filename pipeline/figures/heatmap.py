"""What the figures of cells share: heads of columns, fills from white to dark, and ink that is read on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.figures.drawing import MARGIN, text_width, wrapped
from pipeline.figures.rows_chart import Label, label_room
from pipeline.figures.style import GRID, PALETTE, QUIET, readable_ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NARROWEST_MM = 3.2
"""Millimetres that a column must have."""
WIDEST_MM = 30.0
"""Millimetres beyond which a column gains nothing."""

_TALLEST_HEAD_MM = 34.0
_POINTS = 6.0
_LINE_MM = 2.7


@dataclass(frozen=True)
class Heads:
    """Heads of columns, whether they stand upright, the millimetres they take, and the width of a column."""

    texts: list[str]
    is_upright: bool
    height: float
    cell_mm: float


def column_heads(names: Sequence[str], cell_mm: float) -> Heads:
    """Return names as the heads of columns of a width in millimetres."""
    widest = max(text_width(word, _POINTS) for name in names for word in name.split())
    longest = max(text_width(name, _POINTS) for name in names)
    # Level heads of more than three lines are harder to read than upright ones.
    if widest <= cell_mm - 1 and longest <= 2.5 * (cell_mm - 1):
        level = [wrapped(name, cell_mm - 1, _POINTS, lines=3) for name in names]
        return Heads(level, False, _LINE_MM * max(text.count("\n") + 1 for text in level) + 2, cell_mm)
    lines = min(max(int((cell_mm - 0.4) / _LINE_MM), 1), 2)
    upright = [wrapped(name, _TALLEST_HEAD_MM, _POINTS, lines=lines) for name in names]
    tallest = max(text_width(line, _POINTS) for text in upright for line in text.split("\n"))
    return Heads(upright, True, tallest + 2.5, cell_mm)


def columns_room(labels: Sequence[Label], width_mm: float) -> float:
    """Return the millimetres that a figure has for columns beside the labels of its rows."""
    return width_mm - 2 * MARGIN - 2 - label_room(labels, width_mm)


def write_cells(
    axes: Axes, values: npt.NDArray[Any], written: npt.NDArray[Any], is_bold: npt.NDArray[Any], *,
    low: float, high: float, points: float,
) -> None:  # fmt: skip
    """Fill the cells of a table, the higher the darker, and write in each what is given, in ink that is read there."""
    ink_on = fill_cells(axes, values, low=low, high=high)
    for row, column in np.argwhere(written != ""):
        value = float(values[row, column])
        axes.text(column + 0.5, row + 0.5, str(written[row, column]), ha="center", va="center", fontsize=points,
                  color=QUIET if np.isnan(value) else ink_on(value),
                  fontweight="bold" if is_bold[row, column] else "normal")  # fmt: skip


def fill_cells(axes: Axes, values: npt.NDArray[Any], *, low: float, high: float) -> Callable[[float], str]:
    """Fill the cells of a table, the higher the darker, and return which ink is read on a value's fill.

    Parameters
    ----------
    axes : Axes
        Where.
    values : ndarray of shape (n_rows, n_columns), float
        Missing values leave their cell empty.
    low, high : float
        What is white and what is darkest.

    Notes
    -----
    Light cells stand out little from the page, and may: the fill repeats what is printed in the cell. Cells too
    narrow for a number keep the marks that the finding rests on; their numbers are in the figure's data. A ramp
    that began at 3:1 would leave too few steps to tell high from low.
    """
    from matplotlib.colors import LinearSegmentedColormap

    blues = LinearSegmentedColormap.from_list("white to blue", ["#ffffff", PALETTE[0]])
    axes.pcolormesh(np.ma.masked_invalid(values), cmap=blues, vmin=low, vmax=high, edgecolors=GRID, linewidth=0.4)
    axes.set_xlim(0, values.shape[1])
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set(visible=True, color=QUIET)
    return lambda value: readable_ink(blues((value - low) / (high - low)))


def write_heads(axes: Axes, heads: Heads) -> None:
    """Write the heads of the columns."""
    axes.set_xticks(np.arange(len(heads.texts)) + 0.5, heads.texts, rotation=90 if heads.is_upright else 0,
                    multialignment="left" if heads.is_upright else "center", fontsize=_POINTS, linespacing=1.1,
                    parse_math=False)  # fmt: skip
