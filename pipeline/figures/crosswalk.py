"""Topics against themes: a map of fits, with a mark where a topic matches a theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.figures.drawing import (
    MARGIN,
    TALLEST,
    Drawn,
    add_axes,
    amount,
    counted,
    head,
    head_height,
    label_room,
    note_of_hidden,
    note_of_part,
    nothing_to_draw,
    rows_for,
    text_width,
    with_ending,
)  # fmt: skip
from pipeline.figures.heatmap import NARROWEST_MM, WIDEST_MM, column_heads, fill_cells, label_cells
from pipeline.figures.style import figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SETTLED, UNSETTLED = "■", "□"
"""What stands in the cell of a match that replicates repeat, and of one that fewer than 80 % of them repeat."""

_SIZES = (6.0, 5.5)
_NAMED = 2


def crosswalk_heatmap(
    crosswalk: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str], *, width_mm: float, notice: str = ""
) -> Drawn:
    """Draw topics against themes: the darker a cell, the better the fit; a square marks a match.

    Parameters
    ----------
    crosswalk, topics : DataFrame
        The public tables.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the public table of fits: topic, label, theme, theme_name, fit with interval, matched and more.
    """
    if not len(topics):
        said = "No topics were found, so none matches a theme"
        return nothing_to_draw(said, crosswalk, width_mm=width_mm, notice=notice)
    title, alternative = _findings(crosswalk, topics, theme_names)
    subtitle = (
        f"Fit: mean similarity (cosine) of a topic's comments to the theme's nearest phrases. {SETTLED} marks a "
        f"match, {UNSETTLED} one that fewer than 80 % of replicates repeat. In brackets: comments."
    ) + note_of_hidden(topics["size"])
    largest = topics.sort_values(["size", "topic"], ascending=[False, True])
    labels = [f"{row['label']} {_size(row)}" for row in largest.to_dict("records")]
    label_mm = label_room(labels, most_mm=min(69.0, 0.46 * width_mm - MARGIN - 2))
    left = MARGIN + label_mm + 2
    themes = _themes_that_fit(crosswalk, list(theme_names), int((width_mm - left - MARGIN) / NARROWEST_MM))
    if len(themes) < len(theme_names):
        subtitle += f" The {len(themes)} themes of {len(theme_names)} with most matches are drawn."
    cell_mm = min((width_mm - left - MARGIN) / len(themes), WIDEST_MM)
    heads = column_heads([theme_names[theme] for theme in themes], cell_mm)
    top, bottom = head_height(title, subtitle, notice, width_mm)
    rows = rows_for(labels, width_mm=label_mm, room_mm=TALLEST - top - bottom - heads.height - 2)
    if rows.count < len(topics):
        # The sentence takes room itself: the rows are counted once it stands there.
        provisional = subtitle + note_of_part(rows.count, topics["size"], "topics")
        top, bottom = head_height(title, provisional, notice, width_mm)
        rows = rows_for(labels, width_mm=label_mm, room_mm=TALLEST - top - bottom - heads.height - 2)
        subtitle += note_of_part(rows.count, topics["size"], "topics")
    shown = _by_theme(largest.head(rows.count), list(theme_names))
    order = shown["topic"].tolist()
    with figure_style():
        figure = new_figure(width_mm, top + heads.height + rows.height * rows.count + bottom + 2)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + 1, width_mm - left - cell_mm * len(themes), top + heads.height + 1)
        fits = crosswalk.pivot(index="topic", columns="theme", values="fit").reindex(index=order, columns=themes)
        marks = _marks(crosswalk, topics).reindex(index=order, columns=themes)
        _draw_fits(axes, fits.to_numpy(dtype=float), marks.to_numpy(), cell_mm)
        written = [
            with_ending(row["label"], _size(row), label_mm, rows.points, lines=rows.lines)
            for row in shown.to_dict("records")
        ]
        label_cells(axes, written, rows, heads)
    return Drawn(figure, f"{title}. {alternative}. {notice}".strip(), crosswalk)


def _findings(crosswalk: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str]) -> tuple[str, str]:
    """Return the title, and how many topics match each theme."""
    counts = crosswalk.loc[crosswalk["matched"], "theme"].value_counts()
    missing = [name for theme, name in theme_names.items() if theme not in counts.index]
    n_unmapped = int((topics["status"] == "unmapped").sum())
    n_matched = len(topics) - n_unmapped
    title = f"{n_matched or 'None'} of {counted(len(topics), 'topic')} {'matches' if n_matched < 2 else 'match'}"
    title += " a published theme"
    if len(missing) > _NAMED:
        title += f"; no topic matches {len(missing)} of {len(theme_names)} themes"
    elif missing:
        title += f"; no topic matches {' or '.join(missing)}"
    said = "; ".join(f"{name}: {counted(int(counts.get(theme, 0)), 'topic')}" for theme, name in theme_names.items())
    return title, f"{said}; unmapped: {n_unmapped}"


def _size(topic: Mapping[Any, Any]) -> str:
    return f"({amount(topic['size'])})"


def _themes_that_fit(crosswalk: pd.DataFrame, themes: list[str], limit: int) -> list[str]:
    """Return the themes that there are columns for, in the codebook's order: those with most matches, then best fit."""
    if len(themes) <= limit:
        return themes
    strength = crosswalk.groupby("theme").agg({"matched": "sum", "fit": "max"}).reindex(themes)
    best = strength.sort_values(["matched", "fit"], ascending=False, kind="stable").index[:limit]
    return [theme for theme in themes if theme in set(best)]


def _by_theme(topics: pd.DataFrame, themes: list[str]) -> pd.DataFrame:
    """Return topics in the order of the themes that they match, the largest first; the unmapped come last."""
    place = {theme: number for number, theme in enumerate(themes)}
    placed = topics.assign(_place=[place.get(theme, len(themes)) for theme in topics["theme"]])
    return placed.sort_values(["_place", "size", "topic"], ascending=[True, False, True]).drop(columns="_place")


def _marks(crosswalk: pd.DataFrame, topics: pd.DataFrame) -> pd.DataFrame:
    """Return topic by theme what marks each cell: a full square for a settled match, an open one, or nothing."""
    settled = set(topics.loc[topics["settled"], "topic"])
    signs = np.where(crosswalk["topic"].isin(settled), SETTLED, UNSETTLED)
    marked = crosswalk.assign(mark=np.where(crosswalk["matched"], signs, ""))
    return marked.pivot(index="topic", columns="theme", values="mark")


def _draw_fits(axes: Axes, fits: np.ndarray, marks: np.ndarray, cell_mm: float) -> None:
    # A little below the least fit, so that no cell looks empty and equal fits have a colour.
    low, high = float(np.nanmin(fits, initial=1.0)) - 0.02, float(np.nanmax(fits, initial=-1.0))
    ink_on = fill_cells(axes, fits, low=low, high=high)
    widest = f"{SETTLED} {'-' if (fits < 0).any() else ''}0.00"
    sizes = [points for points in _SIZES if text_width(widest, points, bold=True) + 0.6 <= cell_mm]
    for row, column in np.ndindex(*fits.shape):
        value, mark = float(fits[row, column]), str(marks[row, column])
        if np.isnan(value):
            continue
        said = f"{mark} {value:.2f}".strip() if sizes else mark
        if said:
            axes.text(column + 0.5, row + 0.5, said, ha="center", va="center", fontsize=[*sizes, _SIZES[-1]][0],
                      color=ink_on(value), fontweight="bold" if mark else "normal")  # fmt: skip
