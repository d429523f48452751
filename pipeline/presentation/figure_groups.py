"""Which topics which groups of respondents raise: a map of shares, topics by groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.presentation.drawing import (
    MARGIN,
    TALLEST,
    Drawn,
    Rows,
    add_axes,
    head,
    head_height,
    nothing_to_draw,
    percent,
    rows_for,
    text_width,
    wrapped,
)  # fmt: skip
from pipeline.presentation.style import INK, QUIET, figure_style, new_figure, readable_ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIDDEN = "×"
"""What stands in the place of a share that must not be shown."""
STANDS_OUT = "*"

_FACET = "topics"
_ALPHA = 0.05
_NARROWEST_MM = 3.2
_WITH_VALUES_MM = 5.0
_TALLEST_HEAD_MM = 34.0
_HEAD_POINTS = 6.0
_HEAD_LINE_MM = 2.7


def topics_by_group(
    groups: pd.DataFrame, topics: pd.DataFrame, *, width_mm: float, notice: str = "", column: str | None = None
) -> Drawn:
    """Draw the share of each group's comments that is in each topic.

    Parameters
    ----------
    groups : DataFrame
        The public table: column, group, facet, entry (the topic), share, q_value; missing where suppressed.
    topics : DataFrame
        The public table: topic, label, size.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    column : str, optional
        The column of groups; the first of the table where it is not given.

    Returns
    -------
    Drawn
        Its data are the rows of the facet "topics" of that column.
    """
    of_topics = groups[groups["facet"] == _FACET]
    chosen = of_topics["column"].iloc[0] if column is None and len(of_topics) else column
    cells = of_topics[of_topics["column"] == chosen].reset_index(drop=True)
    if not len(cells) or not len(topics):
        said = "No topics were found" if not len(topics) else "No groups were asked for"
        return nothing_to_draw(f"{said}, so there are no topics by group", cells, width_mm=width_mm, notice=notice)
    ordered = topics.sort_values(["size", "topic"], ascending=[False, True])
    order, label_of = ordered["topic"].astype(str).tolist(), dict(
        zip(ordered["topic"].astype(str), ordered["label"], strict=True)
    )  # fmt: skip
    shares = _square(cells, "share").reindex(index=order)
    clear = _square(cells, "q_value").reindex(index=order) < _ALPHA
    title = _finding(shares, clear, label_of)
    subtitle = (
        f"Share of a group's comments (%) by {str(chosen).replace('_', ' ')}; the darker, the larger. {STANDS_OUT} "
        f"differs from the rest (q < {_ALPHA}). {HIDDEN} too few to show. Topics by size."
    )
    left = min(62.0, 0.42 * width_mm)
    drawn_groups = _widest(cells, shares, int((width_mm - left - MARGIN) / _NARROWEST_MM))
    if len(drawn_groups) < shares.shape[1]:
        subtitle += f" The {len(drawn_groups)} largest of {shares.shape[1]} groups are drawn."
    cell_mm = min((width_mm - left - MARGIN) / len(drawn_groups), 24.0)
    heads, is_upright, heads_mm = _heads(drawn_groups, cell_mm)
    top, bottom = head_height(title, subtitle, notice, width_mm)
    labels = [label_of[topic] for topic in order]
    rows = rows_for(labels, width_mm=left - MARGIN - 2, room_mm=TALLEST - top - bottom - heads_mm - 2)
    if rows.count < len(order):
        subtitle += f" The {rows.count} largest of {len(order)} topics are drawn."
        top, bottom = head_height(title, subtitle, notice, width_mm)
        rows = rows_for(labels, width_mm=left - MARGIN - 2, room_mm=TALLEST - top - bottom - heads_mm - 2)
    right = width_mm - left - cell_mm * len(drawn_groups)
    with figure_style():
        figure = new_figure(width_mm, top + heads_mm + rows.height * rows.count + bottom + 2)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + 1, right, top + heads_mm + 1)
        kept = order[: rows.count]
        _draw_cells(axes, shares.loc[kept, drawn_groups], clear.loc[kept, drawn_groups], rows, cell_mm)
        axes.set_yticks(
            np.arange(rows.count) + 0.5,
            [wrapped(label, left - MARGIN - 2, rows.points, lines=rows.lines) for label in labels[: rows.count]],
            fontsize=rows.points, linespacing=1.1, parse_math=False,
        )  # fmt: skip
        axes.set_xticks(np.arange(len(heads)) + 0.5, heads, rotation=90 if is_upright else 0, fontsize=_HEAD_POINTS,
                        linespacing=1.1, parse_math=False)  # fmt: skip
    return Drawn(figure, f"{title}. {_most_of_each(shares, label_of)} {notice}".strip(), cells)


def _square(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return topics by groups, in the order of the table; missing where suppressed."""
    values = cells.assign(entry=cells["entry"].astype(str), **{name: cells[name].astype("Float64")})
    square = values.pivot(index="entry", columns="group", values=name)[values["group"].unique().tolist()]
    return pd.DataFrame(square.to_numpy(dtype=float, na_value=np.nan), index=square.index, columns=square.columns)


def _finding(shares: pd.DataFrame, clear: pd.DataFrame, label_of: dict[str, str]) -> str:
    shown = int(shares.notna().to_numpy().sum())
    if not shown:
        return "Every group has too few comments to show its topics"
    n_clear = int(clear.to_numpy().sum())
    if not n_clear:
        return "No topic is clearly more or less frequent in one group than in the rest"
    values = shares.where(clear).to_numpy(dtype=float)
    row, column = divmod(int(np.nanargmax(values)), values.shape[1])
    topic, group, share = shares.index[row], shares.columns[column], values[row, column]
    verb = "differs" if n_clear == 1 else "differ"
    return (
        f"{n_clear} of {shown:,} shares {verb} clearly from the rest; the largest: “{label_of[topic]}” in "
        f"{percent(share)} of comments of {group}"
    )


def _most_of_each(shares: pd.DataFrame, label_of: dict[str, str]) -> str:
    said = []
    for group, of_group in shares.items():
        if of_group.notna().any():
            said.append(f"{group}: most often {label_of[str(of_group.idxmax())]} ({percent(of_group.max())})")
        else:
            said.append(f"{group}: too few to show")
    return "; ".join(said) + "."


def _widest(cells: pd.DataFrame, shares: pd.DataFrame, limit: int) -> list[str]:
    """Return the groups that fit, in the table's order: the largest; those suppressed count as smallest."""
    bases = cells.groupby("group", sort=False)["comments"].first().astype("Float64").fillna(0)
    largest = set(bases.sort_values(ascending=False, kind="stable").index[:limit])
    return [group for group in shares.columns if group in largest]


def _heads(names: list[str], cell_mm: float) -> tuple[list[str], bool, float]:
    """Return the heads of columns, whether they stand upright, and the height they take."""
    widest = max(text_width(word, _HEAD_POINTS) for name in names for word in name.split())
    longest = max(text_width(name, _HEAD_POINTS) for name in names)
    # Level heads of more than three lines are harder to read than upright ones.
    if widest <= cell_mm - 1 and longest <= 2.5 * (cell_mm - 1):
        heads = [wrapped(name, cell_mm - 1, _HEAD_POINTS, lines=3) for name in names]
        return heads, False, _HEAD_LINE_MM * max(text.count("\n") + 1 for text in heads) + 2
    lines = max(int((cell_mm - 0.4) / _HEAD_LINE_MM), 1)
    heads = [wrapped(name, _TALLEST_HEAD_MM, _HEAD_POINTS, lines=min(lines, 2)) for name in names]
    return heads, True, max(text_width(line, _HEAD_POINTS) for text in heads for line in text.split("\n")) + 2.5


def _draw_cells(axes: Axes, shares: pd.DataFrame, clear: pd.DataFrame, rows: Rows, cell_mm: float) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    blues = LinearSegmentedColormap.from_list("share", ["#ffffff", "#12436D"])
    values = shares.to_numpy(dtype=float)
    highest = float(np.nanmax(values, initial=0.0)) or 1.0
    axes.pcolormesh(np.ma.masked_invalid(values), cmap=blues, vmin=0, vmax=highest, edgecolors="#e4e4e4", linewidth=0.4)
    axes.set_ylim(len(shares), 0)
    axes.set_xlim(0, shares.shape[1])
    for row, column in np.ndindex(*values.shape):
        value, is_clear = float(values[row, column]), bool(clear.iat[row, column])
        if np.isnan(value):
            said, ink = HIDDEN, QUIET
        else:
            number = f"{100 * value:.0f}" if cell_mm >= _WITH_VALUES_MM else ""
            said, ink = number + (STANDS_OUT if is_clear else ""), readable_ink(blues(value / highest))
        if said:
            axes.text(column + 0.5, row + 0.5, said, ha="center", va="center", color=ink or INK,
                      fontsize=min(rows.points, 6.0), fontweight="bold" if is_clear else "normal")  # fmt: skip
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set(visible=True, color=QUIET)
