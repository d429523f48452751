"""How topics flow into themes: topics at the left, themes at the right, bands as thick as their comments are many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.figures.drawing import (
    MARGIN,
    NOT_MAPPED,
    TALLEST,
    WHY_NOT_SHOWN,
    Drawn,
    counted,
    head,
    head_height,
    nothing_to_draw,
    page_axes,
    percent,
    shortened,
    spread,
    text_width,
    with_ending,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import INK, QUIET, figure_style, new_figure, theme_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN = 20
"""Topics that have a band of their own."""

THEMES_SHOWN = 24
"""Themes that have a block of their own."""

_POOLED = -1
_OTHERS = "\0others"
_POINTS = 6.0
_LINE_MM = 2.6
_BLOCK_MM = 2.0
_GAP_MM = 1.2
_LEADER_MM = 4.0
_Columns = tuple[float, float, float, float]


def topic_flows(topics: pd.DataFrame, theme_names: Mapping[str, str], *, width_mm: float, notice: str = "") -> Drawn:
    """Draw topics and the theme that each is matched with.

    Parameters
    ----------
    topics : DataFrame
        The public table: topic, label, size (missing where not shown), share, theme, settled, status.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data has a row for each band: topic (-1 for the topics beyond the largest 20, taken together), label,
        theme, theme_name, topics (how many), comments, share (of analysed comments), settled, fused.
    """
    flows = _flows(topics, theme_names)
    if not len(flows):
        said = "Too few comments to show the sizes of topics"
        said = said if len(topics) else "No topics were found, so none flows into a theme"
        return nothing_to_draw(said, flows, width_mm=width_mm, notice=notice)
    themes = _themes(flows, theme_names)
    n_hidden = len(topics) - int(flows["topics"].sum())
    title = _finding(themes, n_hidden)
    said = "; ".join(f"{row['name']}: {_amount(row, n_hidden)}" for row in themes.to_dict("records"))
    bands, themes = _pool_themes(flows, themes)
    # Shares of rounded counts may add up to a little more than all.
    share = percent(min(float(flows["share"].sum()), 1.0))
    drawn = f"{share} of analysed comments: those in a topic that is shown" if n_hidden else (
        f"the {share} of analysed comments that are in a topic"
    )  # fmt: skip
    subtitle = (
        f"Thickness: comments. Drawn are {drawn}; each topic flows into its best theme (+: it matches others too). "
        "Hatched: fewer than 80 % of replicates repeat the decision."
    )
    hidden = f"{counted(n_hidden, 'topic')} not shown ({WHY_NOT_SHOWN})." if n_hidden else ""
    subtitle = f"{subtitle} {hidden}".strip()
    top, bottom = head_height(title, subtitle, notice, width_mm)
    most_left, most_right = (0.34, 0.27) if width_mm >= 120 else (0.36, 0.29)
    sources = flows.drop_duplicates("topic")
    labels = _source_labels(flows, most_left * width_mm - MARGIN - 1, TALLEST - top - bottom)
    heads = _theme_labels(themes, n_hidden, most_right * width_mm - MARGIN - 1, TALLEST - top - bottom)
    left, right = (MARGIN + 1 + _widest(texts) for texts in (labels, heads))
    columns = (left, left + _LEADER_MM, width_mm - right - _LEADER_MM, width_mm - right)
    needed = max(_LINE_MM * sum(text.count("\n") + 1.3 for text in texts) for texts in (labels, heads))
    body = float(np.clip(needed, 60.0, TALLEST - top - bottom))
    with figure_style():
        figure = new_figure(width_mm, top + body + bottom)
        head(figure, title, subtitle, notice)
        axes = page_axes(figure)
        from_blocks, to_blocks = _blocks(
            sources["topic"].map(flows.groupby("topic")["comments"].sum()).to_numpy(dtype=float),
            themes["comments"].to_numpy(dtype=float), top, body - 1,
        )  # fmt: skip
        _draw_bands(axes, bands, sources["topic"].tolist(), themes, (from_blocks, to_blocks), columns)
        _draw_side(axes, from_blocks, labels, [INK] * len(labels), (columns[1], columns[0], top, top + body - 1))
        _draw_side(axes, to_blocks, heads, themes["colour"].tolist(), (columns[2], columns[3], top, top + body - 1))
    alternative = (f"{title}.", f"{said}.", _counted_once(topics), hidden, notice)
    return Drawn(figure, " ".join(part for part in alternative if part), flows)


def _flows(topics: pd.DataFrame, theme_names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row for each band, largest topic first, the pooled topics last and in the codebook's order."""
    place = {theme: number for number, theme in enumerate([*theme_names, UNMAPPED])}
    ordered = topics[topics["size"].notna()].sort_values(["size", "topic"], ascending=[False, True])
    rest = len(ordered) - SHOWN
    pooled = np.arange(len(ordered)) >= SHOWN
    bands = pd.DataFrame(
        {
            "topic": np.where(pooled, _POOLED, ordered["topic"]),
            "label": np.where(pooled, f"other topics ({rest})", ordered["label"]),
            "theme": ordered["theme"].to_numpy(),
            "topics": 1,
            "comments": ordered["size"].to_numpy(dtype="int64"),
            "share": ordered["share"].to_numpy(dtype=float),
            "settled": ordered["settled"].to_numpy(dtype=bool),
            "fused": (ordered["status"] == "fused").to_numpy() & ~pooled,
        }
    )
    keys = ["topic", "label", "theme", "settled", "fused"]
    flows = bands.groupby(keys, sort=False, as_index=False)[["topics", "comments", "share"]].sum()
    flows["theme_name"] = [theme_names.get(theme, NOT_MAPPED) for theme in flows["theme"]]
    flows["_pooled"], flows["_place"] = flows["topic"] == _POOLED, flows["theme"].map(place)
    # Within the pooled topics, bands leave in the order in which they arrive; the others keep the order of size.
    flows["_place"] = flows["_place"].where(flows["_pooled"], 0)
    flows = flows.sort_values(["_pooled", "_place"], kind="stable").reset_index(drop=True)
    return flows[["topic", "label", "theme", "theme_name", "topics", "comments", "share", "settled", "fused"]]


def _themes(flows: pd.DataFrame, theme_names: Mapping[str, str]) -> pd.DataFrame:
    """Return what arrives at each theme, in the codebook's order, and what arrives at none."""
    colours = {**theme_colours(list(theme_names)), UNMAPPED: QUIET}
    names = {**theme_names, UNMAPPED: NOT_MAPPED}
    arrived = flows.groupby("theme")[["topics", "comments", "share"]].sum().reindex(list(names), fill_value=0)
    return arrived.reset_index().assign(name=list(names.values()), colour=[colours[theme] for theme in names])


def _pool_themes(flows: pd.DataFrame, themes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return flows and themes with all but the themes that receive most taken together."""
    by_size = themes[themes["theme"] != UNMAPPED].sort_values("comments", ascending=False, kind="stable")
    rest = by_size["theme"].iloc[THEMES_SHOWN:]
    if not len(rest):
        return flows, themes
    is_rest = themes["theme"].isin(rest)
    name = f"other themes ({len(rest)})"
    pooled = pd.DataFrame([{**themes.loc[is_rest, ["topics", "comments", "share"]].sum(), "theme": _OTHERS,
                            "name": name, "colour": INK}])  # fmt: skip
    is_none = themes["theme"] == UNMAPPED
    kept = [themes[~is_rest & ~is_none], pooled.astype({"topics": int, "comments": int}), themes[is_none]]
    moved = flows["theme"].where(~flows["theme"].isin(rest), _OTHERS)
    return flows.assign(theme=moved), pd.concat(kept, ignore_index=True)


def _finding(themes: pd.DataFrame, n_hidden: int) -> str:
    matched = themes[themes["theme"] != UNMAPPED]
    n_matched, topics = int(matched["topics"].sum()), counted(int(themes["topics"].sum()), "topic")
    if not n_matched:
        return f"None of the {topics}{' shown' if n_hidden else ''} flows into a published theme"
    largest = matched.sort_values("comments", ascending=False, kind="stable").to_dict("records")[0]
    shown = f"the {topics} shown" if n_hidden else topics
    return (
        f"{n_matched} of {shown} {'flows' if n_matched == 1 else 'flow'} into a published theme; "
        f"“{largest['name']}” receives most{' of these' if n_hidden else ''}: {percent(largest['share'])} of comments"
    )


def _counted_once(topics: pd.DataFrame) -> str:
    """Return in which figures the amounts of themes differ from these, as a sentence; "" where in none."""
    fused = int((topics["size"].notna() & (topics["status"] == "fused")).sum())
    if not fused:
        return ""
    match, count = ("matches", "counts") if fused == 1 else ("match", "count")
    return (
        f"Each topic flows into its best theme only; {counted(fused, 'topic')} {match} others too, and {count} with "
        "each of them in other figures and tables."
    )


def _amount(theme: Mapping[Any, Any], n_hidden: int) -> str:
    if theme["topics"]:
        return f"{counted(int(theme['topics']), 'topic')}, {percent(theme['share'])}"
    return "no topic shown" if n_hidden else "no topic"


def _source_labels(flows: pd.DataFrame, width: float, room: float) -> list[str]:
    """Return the labels of topics, on two lines where all fit so."""
    rows = flows.groupby("topic", sort=False).agg({"label": "first", "comments": "sum", "fused": "any"})

    def written(lines: int) -> list[str]:
        return [
            with_ending(
                row["label"], f"({row['comments']:,}){' +' if row['fused'] else ''}", width, _POINTS, lines=lines
            )
            for row in rows.to_dict("records")
        ]

    two_lines = written(2)
    fits = sum(text.count("\n") + 1.3 for text in two_lines) * _LINE_MM <= room
    return two_lines if fits else written(1)


def _theme_labels(themes: pd.DataFrame, n_hidden: int, width: float, room: float) -> list[str]:
    """Return the names of themes with what they receive, in as many lines as there is room for."""
    rows = themes.to_dict("records")
    for lines in (3, 2, 1):
        texts = [
            f"{wrapped(row['name'], width, _POINTS, lines=lines)}\n{shortened(_amount(row, n_hidden), width, _POINTS)}"
            for row in rows
        ]
        if sum(text.count("\n") + 1.3 for text in texts) * _LINE_MM <= room:
            return texts
    return [
        f"{shortened(row['name'], width - text_width(ending, _POINTS), _POINTS)}{ending}"
        for row, ending in ((row, f", {percent(row['share'])}") for row in rows)
    ]


def _widest(texts: list[str]) -> float:
    return max(text_width(line, _POINTS) for text in texts for line in text.split("\n"))


def _blocks(sent: npt.NDArray[Any], received: npt.NDArray[Any], top: float, body: float) -> tuple[Any, Any]:
    """Return where each block begins and ends on either side, in millimetres; both sides have the same scale."""
    most_gaps = max(len(sent), len(received)) - 1
    scale = (body - min(_GAP_MM * most_gaps, 0.5 * body)) / sent.sum()

    def placed(sizes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        gap = (body - scale * sizes.sum()) / max(len(sizes) - 1, 1)
        begins = top + np.concatenate([[0.0], np.cumsum(scale * sizes[:-1] + gap)])
        return np.column_stack([begins, begins + scale * sizes])

    return placed(sent), placed(received)


def _draw_bands(axes: Axes, flows: pd.DataFrame, sources: list[int], themes: pd.DataFrame,
                blocks: tuple[Any, Any], columns: _Columns) -> None:  # fmt: skip
    from matplotlib.colors import to_rgba
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    scale = (blocks[0][:, 1] - blocks[0][:, 0]).sum() / flows["comments"].sum()
    leaves = dict(zip(sources, blocks[0][:, 0], strict=True))
    arrives = dict(zip(themes["theme"], blocks[1][:, 0], strict=True))
    colours = dict(zip(themes["theme"], themes["colour"], strict=True))
    start, end = columns[1] + _BLOCK_MM, columns[2] - _BLOCK_MM
    middle = (start + end) / 2
    for flow in flows.to_dict("records"):
        thick = scale * flow["comments"]
        y, to = leaves[flow["topic"]], arrives[flow["theme"]]
        leaves[flow["topic"]] += thick
        arrives[flow["theme"]] += thick
        over = [(start, y), (middle, y), (middle, to), (end, to)]
        under = [(end, to + thick), (middle, to + thick), (middle, y + thick), (start, y + thick)]
        codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
        colour = colours[flow["theme"]]
        axes.add_patch(
            PathPatch(
                Path([*over, *under, over[0]], codes), facecolor=to_rgba(colour, 0.3), edgecolor=colour, linewidth=0.5,
                hatch=None if flow["settled"] else "/////", linestyle="-" if flow["settled"] else "--",
            )
        )  # fmt: skip


def _draw_side(axes: Axes, blocks: npt.NDArray[Any], labels: list[str], colours: list[str],
               place: tuple[float, float, float, float]) -> None:  # fmt: skip
    """Draw the blocks of a side, its labels moved apart, and lines between the two."""
    from matplotlib.patches import Rectangle

    block, label, top, end = place
    inner = block if label < block else block - _BLOCK_MM
    outer = block
    heights = [_LINE_MM * (text.count("\n") + 1.2) for text in labels]
    centres = blocks.mean(axis=1)
    for (begins, ends), centre, at, text, colour in zip(
        blocks, centres, spread(centres.tolist(), heights, low=top, high=end), labels, colours, strict=True
    ):
        axes.add_patch(
            Rectangle((inner, begins), _BLOCK_MM, max(ends - begins, 0.3), facecolor=colour, edgecolor=colour, lw=0.3)
        )
        axes.plot([outer, label], [centre, at], color=QUIET, linewidth=0.4, solid_capstyle="butt")
        axes.text(
            label + (-1 if label < block else 1), at, text, ha="right" if label < block else "left", va="center",
            fontsize=_POINTS, linespacing=1.15, parse_math=False,
        )  # fmt: skip
