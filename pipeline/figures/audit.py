"""How the evidence on each audited claim grows while people code."""

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
    brief,
    floats,
    head,
    head_height,
    nothing_to_draw,
    shortened,
    words,
)  # fmt: skip
from pipeline.figures.rows_chart import note_of_part
from pipeline.figures.style import GRID, INK, PALETTE, QUIET, figure_style, new_figure
from pipeline.tables.numbers import count, counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PANEL_MM, _LABEL_MM, _AXIS_MM, _LEFT_MM, _LEGEND_MM = 19.0, 9.0, 8.0, 11.0, 4.5
_LOWEST, _HIGHEST = -0.6, 1.25
"""Ends of the axis, where 1 is what decides: a path that goes on is cut off there."""
_PATHS = (
    ("evidence_for", "that it holds", "-", PALETTE[0]),
    ("evidence_against", "that it does not", "--", PALETTE[2]),
)


def audit_paths(
    paths: pd.DataFrame, audit: pd.DataFrame, claims: Mapping[str, str], *, width_mm: float, notice: str = ""
) -> Drawn:
    """Draw the evidence for and against each audited claim after every coded comment.

    Parameters
    ----------
    paths : DataFrame
        claim, coded, evidence_for and evidence_against (1 decides); see `pipeline.account.audit.as_tables`.
    audit : DataFrame
        claim, verdict, coded, after: what the paths came to.
    claims : mapping of str to str
        What each claim says, by its id.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the paths.
    """
    rows = audit.to_dict("records")
    if not rows:
        return nothing_to_draw("No claim was audited", paths, width_mm=width_mm, notice=notice)
    title = _finding(audit)
    subtitle = (
        "Evidence after each coded comment, in the order of drawing, on a log scale. At the line it decides a claim: "
        "the risk of any false verdict is 5% at most, of all claims together and whenever one stops. "
        "A path that leaves its panel goes on beyond it."
    )
    fits = max(int((TALLEST - sum(head_height(title, subtitle, notice, width_mm)) - _LEGEND_MM - _AXIS_MM - 3)
                   / (_PANEL_MM + _LABEL_MM)), 1)  # fmt: skip
    if fits < len(rows):
        subtitle += note_of_part(fits, len(rows), "claims", pd.Series([np.nan]))
    shown = rows[:fits]
    top, bottom = head_height(title, subtitle, notice, width_mm)
    height = top + _LEGEND_MM + len(shown) * (_PANEL_MM + _LABEL_MM) + _AXIS_MM + bottom
    with figure_style():
        figure = new_figure(width_mm, height)
        head(figure, title, subtitle, notice)
        for place, row in enumerate(shown):
            above = top + _LEGEND_MM + place * (_PANEL_MM + _LABEL_MM) + _LABEL_MM
            axes = add_axes(figure, MARGIN + _LEFT_MM, height - above - _PANEL_MM, MARGIN + 2, above)
            said = shortened(claims.get(row["claim"], row["claim"]), width_mm - 2 * MARGIN, 6.5)
            figure.text(MARGIN / width_mm, 1 - (above - 6.0) / height, said, fontsize=6.5, va="center", color=INK)
            figure.text(MARGIN / width_mm, 1 - (above - 2.6) / height, _said(row), fontsize=6.5, fontweight="bold",
                        va="center", color=INK)  # fmt: skip
            of_claim = paths[paths["claim"] == row["claim"]]
            _draw_path(axes, of_claim, row, is_last=place == len(shown) - 1)
            if place == 0:
                figure.legend(*axes.get_legend_handles_labels(), loc="upper right", ncols=2, borderpad=0,
                              borderaxespad=0, bbox_to_anchor=(1 - MARGIN / width_mm, 1 - top / height))  # fmt: skip
    each = "; ".join(f"{claims.get(row['claim'], row['claim']).rstrip('.')}: {_said(row)}" for row in rows)
    return Drawn(figure, words(f"{title}.", f"{each}.", notice), paths)


def _draw_path(axes: Axes, path: pd.DataFrame, row: Mapping[Any, Any], *, is_last: bool) -> None:
    coded = np.concatenate([[0.0], floats(path, "coded")])
    for name, said, line, colour in _PATHS:
        evidence = np.concatenate([[0.0], floats(path, name)])
        axes.plot(coded, evidence, linestyle=line, color=colour, linewidth=1.1, label=f"evidence {said}")
    axes.axhline(1, color=QUIET, linewidth=0.8, linestyle=(0, (4, 2)), zorder=1)
    if pd.notna(row["after"]):
        colour = _PATHS[0 if row["verdict"] == "confirmed" else 1][3]
        axes.plot([row["after"]], [1], marker="D", markersize=3.5, color=colour, linestyle="none", zorder=4)
    axes.set_xlim(0, max(float(coded.max()), 1.0))
    axes.set_ylim(_LOWEST, _HIGHEST)
    axes.grid(axis="y", color=GRID, linewidth=0.5)
    axes.set_yticks([0, 1], ["0", "5% limit"])
    if is_last:
        axes.set_xlabel("comments coded", fontsize=6.5)
    else:
        axes.tick_params(axis="x", length=0, labelbottom=False)


def _said(row: Mapping[Any, Any]) -> str:
    """Return what the audit says of a claim."""
    if pd.isna(row["after"]):
        return f"open after {counted(int(row['coded']), 'comment')}"
    return f"{row['verdict']} after {counted(int(row['after']), 'comment')}"


def _finding(audit: pd.DataFrame) -> str:
    parts = [
        f"{number} {said}"
        for verdict, said in (("confirmed", "confirmed"), ("refuted", "refuted"), ("go on", "open"))
        if (number := int((audit["verdict"] == verdict).sum()))
    ]
    coded = count(audit["coded"].max())
    long = f"The audit after {coded} coded comments: of {counted(len(audit), 'claim')}, {', '.join(parts)}"
    return brief(long, f"The audit: {', '.join(parts)}")
