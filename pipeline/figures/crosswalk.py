"""Topics against themes: a map of fits, with a mark where a topic matches a theme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.by_person import BY_PERSON
from pipeline.crosswalk.matching import LEANING, MATCHED
from pipeline.figures.drawing import MARGIN, Drawn, brief, note_of_hidden, nothing_to_draw, text_width
from pipeline.figures.heatmap import NARROWEST_MM, WIDEST_MM, column_heads, columns_room, write_cells, write_heads
from pipeline.figures.rows_chart import rows_chart, sized_labels
from pipeline.figures.style import INK
from pipeline.tables.numbers import counted, decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MATCH_MARK, LEANS_MARK = "■", "□"
"""What stands in the cell of a match that re-runs repeat, and of one that too few of them repeat."""

_SIZES = (6.0, 5.5)
_NAMED = 2
"""Themes without a topic that the title names."""


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
        "The stronger the colour, the more a topic’s comments are like the theme’s phrases (mean cosine similarity). "
        f"{MATCH_MARK} match, {LEANS_MARK} the topic leans to the theme, but fails a test. "
        "Dashed lines part topics that match, that lean, and that do neither. In brackets: comments."
    ) + note_of_hidden(topics["size"])
    largest = topics.sort_values(["size", "topic"], ascending=[False, True])
    labels = sized_labels(largest)
    room = columns_room(labels, width_mm)
    themes = _themes_that_fit(crosswalk, list(theme_names), int(room / NARROWEST_MM))
    if len(themes) < len(theme_names):
        subtitle += f" The {len(themes)} themes of {len(theme_names)} with most matches are drawn."
    heads = column_heads([theme_names[theme] for theme in themes], min(room / len(themes), WIDEST_MM))
    chart = rows_chart(labels, title, subtitle, notice, width_mm=width_mm, what="topics", sizes=largest["size"],
                       above_mm=heads.height + 1, below_mm=1)  # fmt: skip
    shown = _by_theme(largest.head(chart.rows.count), list(theme_names))
    order = shown["topic"].tolist()
    fits = crosswalk.pivot(index="topic", columns="theme", values="fit").reindex(index=order, columns=themes)
    marks = _marks(crosswalk, topics).reindex(index=order, columns=themes)
    with chart.drawn(right_mm=MARGIN + room - heads.cell_mm * len(themes)) as (figure, axes):
        _draw_fits(axes, fits.to_numpy(dtype=float), marks.to_numpy(), heads.cell_mm)
        chart.label(axes, sized_labels(shown), middle=0.5)
        write_heads(axes, heads)
        for cut in _cuts(shown):
            axes.axhline(cut, color=INK, linewidth=0.8, linestyle=(0, (4, 2)))
    return Drawn(figure, chart.said(alternative), crosswalk)


def _cuts(shown: pd.DataFrame) -> list[int]:
    """Return how many rows stand above each line: below the topics that match, and below those that lean."""
    matched, leaning = int((shown["theme"] != UNMAPPED).sum()), int((shown["status"] == LEANING).sum())
    return sorted({cut for cut in (matched, matched + leaning) if 0 < cut < len(shown)})


def _findings(crosswalk: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str]) -> tuple[str, str]:
    """Return the title, and a sentence of how many topics match each theme."""
    counts = crosswalk.loc[crosswalk["matched"], "theme"].value_counts()
    missing = [name for theme, name in theme_names.items() if theme not in counts.index]
    by_person = topics["status"] == BY_PERSON
    given = int((by_person & (topics["theme"] != UNMAPPED)).sum())
    n_matched = int((topics["status"] == MATCHED).sum()) + given
    n_leaning = int((topics["status"] == LEANING).sum())
    n_unmapped = len(topics) - n_matched - n_leaning
    said = "; ".join(f"{name}: {counted(int(counts.get(theme, 0)), 'topic')}" for theme, name in theme_names.items())
    said = f"{said}; leaning to one: {n_leaning}; unmapped: {n_unmapped}."
    if by_person.any():
        said = f"{said} A person decided on {counted(int(by_person.sum()), 'topic')} of these."
    title = f"{n_matched} of {counted(len(topics), 'topic')} {'matches' if n_matched == 1 else 'match'} a theme"
    if not n_matched:
        return "No topic matches a published theme", said
    if not missing:
        return title.replace("a theme", "a published theme"), said
    named = f"{title}; none matches {' or '.join(missing)}"
    return brief(
        *[named] * (len(missing) <= _NAMED), f"{title}; {len(missing)} of {len(theme_names)} themes have none"
    ), said


def _themes_that_fit(crosswalk: pd.DataFrame, themes: list[str], limit: int) -> list[str]:
    """Return the themes that there are columns for, in the codebook's order: those with most matches, then best fit."""
    if len(themes) <= limit:
        return themes
    strength = crosswalk.groupby("theme").agg({"matched": "sum", "fit": "max"}).reindex(themes)
    best = strength.sort_values(["matched", "fit"], ascending=False, kind="stable").index[:limit]
    return [theme for theme in themes if theme in set(best)]


def _by_theme(topics: pd.DataFrame, themes: list[str]) -> pd.DataFrame:
    """Return topics in the order of the themes that they match, then of those that they lean to; the others come last.

    Of one theme the largest comes first.
    """
    place = {theme: number for number, theme in enumerate(themes)}
    leans = topics["nearest_theme"].map(place) + len(themes)
    placed = topics.assign(
        _place=topics["theme"].map(place).fillna(leans.where(topics["status"] == LEANING)).fillna(2 * len(themes))
    )
    return placed.sort_values(["_place", "size", "topic"], ascending=[True, False, True]).drop(columns="_place")


def _marks(crosswalk: pd.DataFrame, topics: pd.DataFrame) -> pd.DataFrame:
    """Return topic by theme what marks each cell: a full square for a match, an open one where it leans, or nothing."""
    leaning = topics[topics["status"] == LEANING].set_index("topic")["nearest_theme"]
    leans = crosswalk["topic"].map(leaning) == crosswalk["theme"]
    marked = crosswalk.assign(mark=np.select([crosswalk["matched"].astype(bool), leans], [MATCH_MARK, LEANS_MARK], ""))
    return marked.pivot(index="topic", columns="theme", values="mark")


def _draw_fits(axes: Axes, fits: np.ndarray, marks: np.ndarray, cell_mm: float) -> None:
    # A little below the least fit, so that no cell looks empty and equal fits have a colour.
    low, high = float(np.nanmin(fits, initial=1.0)) - 0.02, float(np.nanmax(fits, initial=-1.0))
    widest = f"{MATCH_MARK} {decimal(min(np.nanmin(fits, initial=0.0), 0.0))}"
    sizes = [points for points in _SIZES if text_width(widest, points, bold=True) + 0.6 <= cell_mm]
    marks = np.where(np.isnan(fits), "", marks)
    written = [
        [
            f"{mark} {decimal(fit)}".strip() if sizes and not np.isnan(fit) else mark
            for fit, mark in zip(*row, strict=True)
        ]
        for row in zip(fits, marks, strict=True)
    ]
    write_cells(axes, fits, np.array(written), marks != "", low=low, high=high, points=[*sizes, _SIZES[-1]][0])
