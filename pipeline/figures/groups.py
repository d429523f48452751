"""Which topics, or themes, which groups of respondents raise: a map of shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.figures.drawing import MARGIN, WHY_NOT_SHOWN, Drawn, brief, nothing_to_draw, text_width
from pipeline.figures.heatmap import NARROWEST_MM, WIDEST_MM, column_heads, columns_room, write_cells, write_heads
from pipeline.figures.rows_chart import Label, note_of_part, rows_chart
from pipeline.tables.numbers import NOT_SHOWN, counted, percent, whole_percent

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
    what, label_of = _entries(of_column, topics, theme_names)
    cells = of_column[of_column["facet"] == what].reset_index(drop=True)
    shares = _square(cells, "share").reindex(index=list(label_of))
    clear = _square(cells, "q_value").reindex(index=list(label_of)) < _ALPHA
    is_whole = bool(shares.notna().to_numpy().all())
    kind = f", {cells['reading'].iloc[0]}" if what == "themes" else ""
    subtitle = (
        f"Share of a group's comments (%{kind}) by {str(chosen).replace('_', ' ')}; "
        "the stronger the colour, the larger. "
        f"{STANDS_OUT} The gap to the rest is larger than chance (q < {_ALPHA}). "
        f"{'' if is_whole else f'{HIDDEN} Small counts are hidden. '}"
        f"{'Topics by size.' if what == 'topics' else 'Themes are shown, since most shares of topics are hidden.'}"
    )
    labels = [Label(label) for label in label_of.values()]
    room = columns_room(labels, width_mm)
    # A shade alone would say little: a column is as wide as its numbers, and fewer groups are drawn where need be.
    narrowest = max(_written_mm(shares, clear, _SIZES[-1]), NARROWEST_MM)
    drawn_groups = _widest(cells, shares, int(room / narrowest))
    if len(drawn_groups) < shares.shape[1]:
        subtitle += note_of_part(len(drawn_groups), shares.shape[1], "groups", _bases(cells))
    heads = column_heads(drawn_groups, min(room / len(drawn_groups), WIDEST_MM))
    chart = rows_chart(labels, _finding(shares, clear, what, label_of), subtitle, notice, width_mm=width_mm, what=what,
                       sizes=topics["size"] if what == "topics" else None, above_mm=heads.height + 1,
                       below_mm=1)  # fmt: skip
    kept = list(label_of)[: chart.rows.count]
    with chart.drawn(right_mm=MARGIN + room - heads.cell_mm * len(drawn_groups)) as (figure, axes):
        _draw_shares(axes, shares.loc[kept, drawn_groups], clear.loc[kept, drawn_groups], chart.rows.points,
                     heads.cell_mm)  # fmt: skip
        chart.label(axes, labels[: chart.rows.count], middle=0.5)
        write_heads(axes, heads)
    hidden = "" if is_whole else f"{WHY_NOT_SHOWN.capitalize()}."
    return Drawn(figure, chart.said(_most_of_each(shares, label_of), hidden), cells)


def _square(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return topics by groups, in the order of the table; missing where suppressed."""
    values = cells.assign(entry=cells["entry"].astype(str), **{name: cells[name].astype("Float64")})
    square = values.pivot(index="entry", columns="group", values=name)[values["group"].unique().tolist()]
    return pd.DataFrame(square.to_numpy(dtype=float, na_value=np.nan), index=square.index, columns=square.columns)


def _entries(
    of_column: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str]
) -> tuple[str, dict[str, str]]:
    """Return what the rows are, topics by size or themes in the codebook's order, and the name of each."""
    shown = of_column["share"].notna().groupby(of_column["facet"]).mean()
    if shown["topics"] < _ENOUGH and shown.get("themes", 0.0) > shown["topics"]:
        known = set(of_column.loc[of_column["facet"] == "themes", "entry"])
        return "themes", {theme: name for theme, name in theme_names.items() if theme in known}
    by_size = topics.sort_values(["size", "topic"], ascending=[False, True])
    return "topics", dict(zip(by_size["topic"].astype(str), by_size["label"], strict=True))


def _finding(shares: pd.DataFrame, clear: pd.DataFrame, what: str, label_of: dict[str, str]) -> str:
    shown = int(shares.notna().to_numpy().sum())
    if not shown:
        return f"Too few comments to show shares of {what} by group"
    n_clear, is_whole = int(clear.to_numpy().sum()), shown == shares.size
    if not n_clear:
        said = f"o {what.removesuffix('s')} is clearly more or less frequent in any group"
        return f"N{said}" if is_whole else f"Of the shares shown, n{said}"
    values = shares.where(clear).to_numpy(dtype=float)
    row, column = divmod(int(np.nanargmax(values)), values.shape[1])
    largest = f"“{label_of[shares.index[row]]}”, {percent(values[row, column])} of comments of {shares.columns[column]}"
    of_shown = f"{n_clear} of {counted(shown, 'share')}{'' if is_whole else ' shown'}"
    if n_clear == 1:
        return f"{of_shown} differs clearly: {largest}"
    return brief(f"{of_shown} differ clearly; the largest: {largest}", f"{of_shown} differ clearly from the rest")


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
    return HIDDEN if np.isnan(share) else f"{whole_percent(share)}{STANDS_OUT if is_clear else ''}"


def _written_mm(shares: pd.DataFrame, clear: pd.DataFrame, points: float) -> float:
    """Return the millimetres that a cell takes in which the widest number is written."""
    pairs = zip(shares.to_numpy(dtype=float).ravel(), clear.to_numpy(dtype=bool).ravel(), strict=True)
    return max(text_width(_said(*pair), points, bold=True) for pair in pairs) + _BESIDE_MM


def _draw_shares(axes: Axes, shares: pd.DataFrame, clear: pd.DataFrame, points: float, cell_mm: float) -> None:
    values, is_clear = shares.to_numpy(dtype=float), clear.to_numpy(dtype=bool)
    fits = next((size for size in _SIZES if _written_mm(shares, clear, size) <= cell_mm), _SIZES[-1])
    written = np.vectorize(_said, otypes=[object])(values, is_clear)
    write_cells(axes, values, written, is_clear, low=0.0, high=float(np.nanmax(values, initial=0.0)) or 1.0,
                points=min(points, fits))  # fmt: skip
