"""Themes that come together: which are said by the same comment, as a table of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.account.pairs import LESS_OFTEN, MORE_OFTEN
from pipeline.account.readings import UNCHECKED
from pipeline.figures.drawing import MARGIN, NO_BREAK, Drawn, brief, nothing_to_draw
from pipeline.figures.heatmap import NARROWEST_MM, WIDEST_MM, column_heads, columns_room, write_cells, write_heads
from pipeline.figures.rows_chart import Label, rows_chart
from pipeline.tables.numbers import percent, whole_percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = {MORE_OFTEN: "+", LESS_OFTEN: "−"}
"""What stands beside a share, or alone where shares are hidden."""
_SAID = 5


def themes_together(pairs: pd.DataFrame, theme_names: Mapping[str, str], *, width_mm: float, notice: str = "") -> Drawn:
    """Draw which themes the comments with a theme have besides.

    Parameters
    ----------
    pairs : DataFrame
        The public table: first, second, reading, share_of_first, share_of_second, together; shares are missing where
        small counts are hidden.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data is the table.
    """
    shares, marks = _squares(pairs, list(theme_names))
    has_shares = bool(np.isfinite(shares).any())
    if not has_shares and not (marks != "").any():
        said = "Too few comments to show which themes come together"
        return nothing_to_draw(said, pairs, width_mm=width_mm, notice=notice)
    kind = str(pairs["reading"].iloc[0])
    subtitle = " ".join(
        [
            f"How many of the comments with a row's theme also have the column's theme (%, {kind})."
            if has_shares else "Small counts are hidden, and so are the shares.",
            "" if kind == UNCHECKED else f"{MARKS[MORE_OFTEN]}{NO_BREAK}Together more often than chance (q < 0.05).",
            f"{MARKS[LESS_OFTEN]}{NO_BREAK}Less often." if (marks == MARKS[LESS_OFTEN]).any() else "",
        ]
    ).strip()  # fmt: skip
    names = list(theme_names.values())
    labels = [Label(name) for name in names]
    room = columns_room(labels, width_mm)
    # The first of the codebook are drawn where not all have room.
    fits = max(int(room / NARROWEST_MM), 1)
    if fits < len(names):
        subtitle += f" The first {fits} of {len(names)} themes are drawn across."
    heads = column_heads(names[:fits], min(room / min(fits, len(names)), WIDEST_MM))
    chart = rows_chart(labels, _finding(pairs, has_shares), subtitle, notice, width_mm=width_mm, what="themes",
                       above_mm=heads.height + 1, below_mm=1)  # fmt: skip
    n_rows = chart.rows.count
    with chart.drawn(right_mm=MARGIN + room - heads.cell_mm * len(heads.texts)) as (figure, axes):
        _draw(axes, shares[:n_rows, :fits], marks[:n_rows, :fits], chart.rows.points, heads.cell_mm)
        chart.label(axes, labels[:n_rows], middle=0.5)
        write_heads(axes, heads)
    return Drawn(figure, chart.said(_pairs_said(pairs, has_shares)), pairs)


def _squares(pairs: pd.DataFrame, themes: list[str]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return shares and marks of themes by themes: of the row's comments, those with the column's theme too."""
    place = {theme: number for number, theme in enumerate(themes)}
    shares = np.full((len(themes), len(themes)), np.nan)
    marks = np.full(shares.shape, "", dtype=object)
    for row in pairs.to_dict("records"):
        one, other = place[row["first"]], place[row["second"]]
        shares[one, other], shares[other, one] = (
            np.nan if pd.isna(row[name]) else float(row[name]) for name in ("share_of_first", "share_of_second")
        )
        marks[one, other] = marks[other, one] = MARKS.get(row["together"], "")
    return shares, marks


def _draw(axes: Axes, shares: npt.NDArray[Any], marks: npt.NDArray[Any], points: float, cell_mm: float) -> None:
    written = np.full(shares.shape, "", dtype=object)
    # Cells too narrow for a number have the mark alone: the numbers are in the figure's data.
    has_room = cell_mm >= 6.5
    for cell in np.ndindex(*shares.shape):
        number = "" if np.isnan(shares[cell]) or not has_room else whole_percent(shares[cell])
        written[cell] = f"{number}{marks[cell]}"
    filled = np.where(np.isnan(shares) & (marks != ""), 0.0, shares)
    write_cells(axes, filled, written, marks != "", low=0.0, high=float(np.nanmax(shares, initial=0.0)) or 1.0,
                points=min(points, 6.0))  # fmt: skip
    axes.set_ylim(shares.shape[0], 0)


def _finding(pairs: pd.DataFrame, has_shares: bool) -> str:
    if not has_shares:
        number = int((pairs["together"] == MORE_OFTEN).sum())
        return f"{number} {'pair' if number == 1 else 'pairs'} of themes come together more often than chance"
    often = pairs[pairs["together"] == MORE_OFTEN]
    most = _by_share(often if len(often) else pairs).to_dict("records")[0]
    how = " more often than chance" if len(often) else " most often"
    first, second = most["first_name"], most["second_name"]
    share = percent(max(most["share_of_first"] or 0.0, most["share_of_second"] or 0.0))
    return brief(f"“{first}” and “{second}” come together{how} ({share})", f"Two themes come together{how} ({share})")


def _by_share(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.assign(
        _most=pairs[["share_of_first", "share_of_second"]].astype(float).max(axis=1)
    ).sort_values("_most", ascending=False, kind="stable")  # fmt: skip


def _pairs_said(pairs: pd.DataFrame, has_shares: bool) -> str:
    """Return the pairs that come together most, in words."""
    chosen = (_by_share(pairs) if has_shares else pairs[pairs["together"] == MORE_OFTEN]).head(_SAID)
    said = []
    for row in chosen.to_dict("records"):
        of_each = [(row[f"share_of_{which}"], row[f"{which}_name"]) for which in ("first", "second")]
        shares = ", ".join(f"{percent(share)} of the comments on {name}" for share, name in of_each if pd.notna(share))
        often = f" {row['together']}" if row["together"] else ""
        said.append(f"{row['first_name']} and {row['second_name']}{often}{f' ({shares})' if shares else ''}")
    return f"Together: {'; '.join(said)}."
