"""Which topics, or themes, which groups of respondents raise: a map of shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.figures.drawing import (
    MARGIN,
    NOT_SHOWN,
    TALLEST,
    WHY_NOT_SHOWN,
    Drawn,
    Rows,
    add_axes,
    counted,
    head,
    head_height,
    label_room,
    note_of_part,
    nothing_to_draw,
    percent,
    rows_for,
    text_width,
    wrapped,
)  # fmt: skip
from pipeline.figures.heatmap import NARROWEST_MM, WIDEST_MM, column_heads, fill_cells, label_cells
from pipeline.figures.style import QUIET, figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HIDDEN = "×"
"""What stands in the place of a share that must not be shown."""
STANDS_OUT = "*"

_ALPHA = 0.05
_ENOUGH = 1 / 3
"""Share of the cells of topics that must be shown for a figure of topics to say something."""
_SIZES = (6.0, 5.5)
"""Sizes of the numbers in points, the largest that fits the cells; columns are never too narrow for the smallest."""
_BESIDE_MM = 0.4


@dataclass(frozen=True)
class _Entries:
    """What the rows are: topics by size, or themes in the codebook's order."""

    what: str
    label_of: dict[str, str]
    said: str


def topics_by_group(
    groups: pd.DataFrame,
    topics: pd.DataFrame,
    theme_names: Mapping[str, str],
    *,
    width_mm: float,
    notice: str = "",
    column: str | None = None,
) -> Drawn:
    """Draw the share of each group's comments that is in each topic.

    Parameters
    ----------
    groups : DataFrame
        The public table: column, group, facet, entry (the topic or theme), share, q_value; missing where suppressed.
    topics : DataFrame
        The public table: topic, label, size.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    column : str, optional
        The column of groups; the first of the table where it is not given.

    Returns
    -------
    Drawn
        Its data are the rows of that column for what is drawn: themes take the place of topics where fewer than a
        third of the cells of topics may be shown, and more of those of themes.
    """
    of_topics = groups[groups["facet"] == "topics"]
    chosen = of_topics["column"].iloc[0] if column is None and len(of_topics) else column
    of_column = groups[groups["column"] == chosen]
    if not len(topics) or not (of_column["facet"] == "topics").any():
        said = "No topics were found" if not len(topics) else "No groups were asked for"
        return nothing_to_draw(
            f"{said}, so there are no topics by group", of_topics[:0], width_mm=width_mm, notice=notice
        )
    entries = _entries(of_column, topics, theme_names)
    cells = of_column[of_column["facet"] == entries.what].reset_index(drop=True)
    order, label_of = list(entries.label_of), entries.label_of
    shares = _square(cells, "share").reindex(index=order)
    clear = _square(cells, "q_value").reindex(index=order) < _ALPHA
    title = _finding(shares, clear, entries)
    is_whole = bool(shares.notna().to_numpy().all())
    why = "" if is_whole else f"{NOT_SHOWN}: {WHY_NOT_SHOWN}. "
    subtitle = (
        f"Share of a group's comments (%) by {str(chosen).replace('_', ' ')}; the darker, the larger. {STANDS_OUT} "
        f"differs from the rest (q < {_ALPHA}). {f'{HIDDEN} {why}' if why else ''}{entries.said}"
    )
    labels = [label_of[topic] for topic in order]
    label_mm = label_room(labels, most_mm=min(56.0, 0.42 * width_mm - MARGIN - 2))
    left = MARGIN + label_mm + 2
    # A shade alone would say little: a column is as wide as its numbers, and fewer groups are drawn where need be.
    narrowest = max(_written_mm(shares, clear, _SIZES[-1]), NARROWEST_MM)
    drawn_groups = _widest(cells, shares, int((width_mm - left - MARGIN) / narrowest))
    if len(drawn_groups) < shares.shape[1]:
        subtitle += note_of_part(len(drawn_groups), _bases(cells), "groups")
    cell_mm = min((width_mm - left - MARGIN) / len(drawn_groups), WIDEST_MM)
    heads = column_heads(drawn_groups, cell_mm)
    top, bottom = head_height(title, subtitle, notice, width_mm)
    rows = rows_for(labels, width_mm=label_mm, room_mm=TALLEST - top - bottom - heads.height - 2)
    if rows.count < len(order):
        # The sentence takes room itself: the rows are counted once it stands there.
        top, bottom = head_height(title, subtitle + _part(rows.count, entries, topics), notice, width_mm)
        rows = rows_for(labels, width_mm=label_mm, room_mm=TALLEST - top - bottom - heads.height - 2)
        subtitle += _part(rows.count, entries, topics)
    right = width_mm - left - cell_mm * len(drawn_groups)
    with figure_style():
        figure = new_figure(width_mm, top + heads.height + rows.height * rows.count + bottom + 2)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, left, bottom + 1, right, top + heads.height + 1)
        kept = order[: rows.count]
        _draw_shares(axes, shares.loc[kept, drawn_groups], clear.loc[kept, drawn_groups], rows, cell_mm)
        written = [wrapped(label, label_mm, rows.points, lines=rows.lines) for label in labels[: rows.count]]
        label_cells(axes, written, rows, heads)
    said = f"{title}. {_most_of_each(shares, label_of)} {why[:1].upper()}{why[1:]}{notice}"
    return Drawn(figure, said.strip(), cells)


def _square(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return topics by groups, in the order of the table; missing where suppressed."""
    values = cells.assign(entry=cells["entry"].astype(str), **{name: cells[name].astype("Float64")})
    square = values.pivot(index="entry", columns="group", values=name)[values["group"].unique().tolist()]
    return pd.DataFrame(square.to_numpy(dtype=float, na_value=np.nan), index=square.index, columns=square.columns)


def _entries(of_column: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str]) -> _Entries:
    """Return what the rows are."""
    by_size = topics.sort_values(["size", "topic"], ascending=[False, True])
    labels = dict(zip(by_size["topic"].astype(str), by_size["label"], strict=True))
    shown = of_column["share"].notna().groupby(of_column["facet"]).mean()
    if shown["topics"] < _ENOUGH and shown.get("themes", 0.0) > shown["topics"]:
        known = set(of_column.loc[of_column["facet"] == "themes", "entry"])
        names = {theme: name for theme, name in theme_names.items() if theme in known}
        return _Entries("themes", names, "Themes, since most shares of topics are not shown.")
    return _Entries("topics", labels, "Topics by size.")


def _part(drawn: int, entries: _Entries, topics: pd.DataFrame) -> str:
    """Return a sentence that says how many of the rows are drawn."""
    if entries.what == "topics":
        return note_of_part(drawn, topics["size"], "topics")
    return f" The {drawn} first of {len(entries.label_of)} themes are drawn."


def _finding(shares: pd.DataFrame, clear: pd.DataFrame, entries: _Entries) -> str:
    label_of = entries.label_of
    shown = int(shares.notna().to_numpy().sum())
    if not shown:
        return f"Too few comments to show shares of {entries.what} by group"
    n_clear, is_whole = int(clear.to_numpy().sum()), shown == shares.size
    if not n_clear:
        said = f"o {entries.what.removesuffix('s')} is clearly more or less frequent in one group than in the rest"
        return f"N{said}" if is_whole else f"Of the shares shown, n{said}"
    values = shares.where(clear).to_numpy(dtype=float)
    row, column = divmod(int(np.nanargmax(values)), values.shape[1])
    topic, group, share = shares.index[row], shares.columns[column], values[row, column]
    of_shown = f"{counted(shown, 'share')}" if is_whole else f"the {counted(shown, 'share')} shown"
    differ = "differs clearly from the rest:" if n_clear == 1 else "differ clearly from the rest; the largest of these:"
    return f"{n_clear} of {of_shown} {differ} “{label_of[topic]}” in {percent(share)} of comments of {group}"


def _most_of_each(shares: pd.DataFrame, label_of: dict[str, str]) -> str:
    said = []
    for group, of_group in shares.items():
        shown = of_group.dropna()
        most = float(shown.max()) if len(shown) else 0.0
        # Equal shares are common: they are of rounded counts.
        names = [label_of[str(entry)] for entry in shown.index[shown == most]]
        if not len(shown):
            said.append(f"{group}: {NOT_SHOWN}")
        elif most == 0:
            said.append(f"{group}: no comment in what is shown")
        else:
            of_shown, each = "" if len(shown) == len(of_group) else "of those shown ", " each" if names[1:] else ""
            said.append(f"{group}: {of_shown}most often {', '.join(names)} ({percent(most)}{each})")
    return "; ".join(said) + "."


def _bases(cells: pd.DataFrame) -> pd.Series[float]:
    """Return the comments of each group, missing where not shown."""
    return cells.groupby("group", sort=False)["comments"].first().astype("Float64")


def _widest(cells: pd.DataFrame, shares: pd.DataFrame, limit: int) -> list[str]:
    """Return the groups that fit, in the table's order: the largest; those suppressed count as smallest."""
    bases = _bases(cells).fillna(0)
    largest = set(bases.sort_values(ascending=False, kind="stable").index[:limit])
    return [group for group in shares.columns if group in largest]


def _said(share: float, is_clear: bool) -> str:
    """Return what stands in a cell."""
    return HIDDEN if np.isnan(share) else f"{100 * share:.0f}{STANDS_OUT if is_clear else ''}"


def _written_mm(shares: pd.DataFrame, clear: pd.DataFrame, points: float) -> float:
    """Return the millimetres that a cell takes in which the widest number is written."""
    pairs = zip(shares.to_numpy(dtype=float).ravel(), clear.to_numpy(dtype=bool).ravel(), strict=True)
    return max(text_width(_said(*pair), points, bold=True) for pair in pairs) + _BESIDE_MM


def _draw_shares(axes: Axes, shares: pd.DataFrame, clear: pd.DataFrame, rows: Rows, cell_mm: float) -> None:
    values = shares.to_numpy(dtype=float)
    ink_on = fill_cells(axes, values, low=0.0, high=float(np.nanmax(values, initial=0.0)) or 1.0)
    points = next((size for size in _SIZES if _written_mm(shares, clear, size) <= cell_mm), _SIZES[-1])
    for row, column in np.ndindex(*values.shape):
        value, is_clear = float(values[row, column]), bool(clear.iat[row, column])
        axes.text(column + 0.5, row + 0.5, _said(value, is_clear), ha="center", va="center",
                  color=QUIET if np.isnan(value) else ink_on(value), fontsize=min(rows.points, points),
                  fontweight="bold" if is_clear else "normal")  # fmt: skip
