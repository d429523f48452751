"""How topics flow into themes: topics at the left, themes at the right, bands as thick as their comments are many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.matching import SETTLED
from pipeline.figures.drawing import (
    MARGIN,
    NOT_MAPPED,
    TALLEST,
    Drawn,
    brief,
    head,
    head_height,
    nothing_to_draw,
    page_axes,
    shortened,
    spread,
    text_width,
    with_ending,
    words,
    wrapped,
)  # fmt: skip
from pipeline.figures.style import INK, QUIET, figure_style, new_figure, theme_colours
from pipeline.tables.numbers import count, counted, percent

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
        theme, theme_name, topics (how many), comments, share (of analysed comments), settled.
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
    hidden = f"Small counts are hidden: {counted(n_hidden, 'topic')}." if n_hidden else ""
    # Shares of rounded counts may add up to a little more than all.
    share = percent(min(float(flows["share"].sum()), 1.0))
    subtitle = words(
        f"Thickness shows comments: {share} of those analysed are in a topic{' shown here' if n_hidden else ''}.",
        f"Dashed edges: doubtful, since fewer than {percent(SETTLED)} of re-runs repeat the decision.", hidden,
    )  # fmt: skip
    bands, themes = _pool_themes(flows, themes)
    top, bottom = head_height(title, subtitle, notice, width_mm)
    room, (most_left, most_right) = TALLEST - top - bottom, (0.34, 0.27) if width_mm >= 120 else (0.36, 0.29)
    sources = flows.groupby("topic", sort=False).agg({"label": "first", "comments": "sum"})
    labels = _fitting(_source_labels(sources, most_left * width_mm - MARGIN - 1), room)
    heads = _fitting(_theme_labels(themes, n_hidden, most_right * width_mm - MARGIN - 1), room)
    left, right = (
        MARGIN + 1 + max(text_width(line, _POINTS) for text in texts for line in text.split("\n"))
        for texts in (labels, heads)
    )
    body = float(np.clip(max(_height(labels), _height(heads)), 60.0, room))
    inner = (left + _LEADER_MM, width_mm - right - _LEADER_MM)
    sent, received = (rows["comments"].to_numpy(dtype=float) for rows in (sources, themes))
    blocks = _blocks(sent, received, top, body - 1)
    with figure_style():
        figure = new_figure(width_mm, top + body + bottom)
        head(figure, title, subtitle, notice)
        axes = page_axes(figure)
        leaves, arrives = (
            dict(zip(keys, starts[:, 0], strict=True))
            for keys, starts in zip((sources.index, themes["theme"]), blocks, strict=True)
        )
        scale = float(np.diff(blocks[0]).sum() / flows["comments"].sum())
        colours = dict(zip(themes["theme"], themes["colour"], strict=True))
        _draw_bands(axes, bands, leaves, arrives, colours, scale, (inner[0] + _BLOCK_MM, inner[1] - _BLOCK_MM))
        _draw_side(axes, blocks[0], labels, [INK] * len(labels), (inner[0], left, top, top + body - 1))
        _draw_side(axes, blocks[1], heads, themes["colour"].tolist(), (inner[1], width_mm - right, top, top + body - 1))
    return Drawn(figure, words(f"{title}.", f"{said}.", hidden, notice), flows)


def _flows(topics: pd.DataFrame, theme_names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row for each band, largest topic first, the pooled topics last and in the codebook's order."""
    place = {theme: number for number, theme in enumerate([*theme_names, UNMAPPED])}
    ordered = topics[topics["size"].notna()].sort_values(["size", "topic"], ascending=[False, True])
    is_pooled = np.arange(len(ordered)) >= SHOWN
    # Pooled bands leave in the order in which they arrive.
    order = np.argsort(np.where(is_pooled, ordered["theme"].map(place), -1), kind="stable")
    bands = pd.DataFrame(
        {
            "topic": ordered["topic"].mask(is_pooled, _POOLED),
            "label": ordered["label"].mask(is_pooled, f"other topics ({is_pooled.sum()})"),
            "theme": ordered["theme"],
            "theme_name": [theme_names.get(theme, NOT_MAPPED) for theme in ordered["theme"]],
            "topics": 1,
            "comments": ordered["size"].astype("int64"),
            "share": ordered["share"].astype(float),
            "settled": ordered["settled"].astype(bool),
        }
    ).iloc[order]
    keys = ["topic", "label", "theme", "theme_name", "settled"]
    return bands.groupby(keys, sort=False, as_index=False).sum()[bands.columns]


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
    n_matched, shown = int(matched["topics"].sum()), " shown" if n_hidden else ""
    topics = f"{counted(int(themes['topics'].sum()), 'topic')}{shown}"
    if not n_matched:
        return f"No topic{shown} matches a published theme"
    largest = matched.sort_values("comments", ascending=False, kind="stable").to_dict("records")[0]
    short = f"{n_matched} of {topics} {'matches' if n_matched == 1 else 'match'} a theme"
    return brief(f"{short}; “{largest['name']}” has most comments ({percent(largest['share'])})", short)


def _amount(theme: Mapping[Any, Any], n_hidden: int) -> str:
    if theme["topics"]:
        return f"{counted(int(theme['topics']), 'topic')}, {percent(theme['share'])}"
    return "no topic shown" if n_hidden else "no topic"


def _height(texts: list[str]) -> float:
    """Return the millimetres that labels take one above another."""
    return _LINE_MM * sum(text.count("\n") + 1.3 for text in texts)


def _fitting(ways: Iterator[list[str]], room: float) -> list[str]:
    """Return the first way to set labels for which there is room; the last where there is for none."""
    texts = next(ways)
    while _height(texts) > room and (denser := next(ways, None)):
        texts = denser
    return texts


def _source_labels(sources: pd.DataFrame, width: float) -> Iterator[list[str]]:
    """Yield the labels of topics on two lines, and on one."""
    rows = sources.to_dict("records")
    for lines in (2, 1):
        yield [with_ending(row["label"], f"({count(row['comments'])})", width, _POINTS, lines=lines) for row in rows]


def _theme_labels(themes: pd.DataFrame, n_hidden: int, width: float) -> Iterator[list[str]]:
    """Yield the names of themes with what they receive, in fewer and fewer lines."""
    rows = themes.to_dict("records")
    for lines in (3, 2, 1):
        yield [
            f"{wrapped(row['name'], width, _POINTS, lines=lines)}\n{shortened(_amount(row, n_hidden), width, _POINTS)}"
            for row in rows
        ]
    yield [with_ending(row["name"], f"({percent(row['share'])})", width, _POINTS, lines=1) for row in rows]


def _blocks(sent: npt.NDArray[Any], received: npt.NDArray[Any], top: float, body: float) -> tuple[Any, Any]:
    """Return where each block begins and ends on either side, in millimetres; both sides have the same scale."""
    most_gaps = max(len(sent), len(received)) - 1
    scale = (body - min(_GAP_MM * most_gaps, 0.5 * body)) / sent.sum()

    def placed(sizes: npt.NDArray[Any]) -> npt.NDArray[Any]:
        gap = (body - scale * sizes.sum()) / max(len(sizes) - 1, 1)
        begins = top + np.concatenate([[0.0], np.cumsum(scale * sizes[:-1] + gap)])
        return np.column_stack([begins, begins + scale * sizes])

    return placed(sent), placed(received)


def _draw_bands(axes: Axes, flows: pd.DataFrame, leaves: dict[Any, float], arrives: dict[Any, float],
                colours: dict[str, str], scale: float, ends: tuple[float, float]) -> None:  # fmt: skip
    """Draw a band for each flow; the next one of a topic, and the next into a theme, begins where it ends."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    (start, end), middle = ends, sum(ends) / 2
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    for flow in flows.to_dict("records"):
        thick = scale * flow["comments"]
        y, to = leaves[flow["topic"]], arrives[flow["theme"]]
        leaves[flow["topic"]] += thick
        arrives[flow["theme"]] += thick
        over = [(start, y), (middle, y), (middle, to), (end, to)]
        under = [(x, below + thick) for x, below in reversed(over)]
        colour, is_settled = colours[flow["theme"]], flow["settled"]
        axes.add_patch(
            PathPatch(
                Path([*over, *under, over[0]], codes), edgecolor=colour,
                facecolor=to_rgba(colour, 0.3 if is_settled else 0.12),
                linewidth=0.5 if is_settled else 0.9, linestyle="-" if is_settled else (0, (3, 2)),
            )
        )  # fmt: skip


def _draw_side(axes: Axes, blocks: npt.NDArray[Any], labels: list[str], colours: list[str],
               place: tuple[float, float, float, float]) -> None:  # fmt: skip
    """Draw the blocks of a side, its labels moved apart, and lines between the two."""
    from matplotlib.patches import Rectangle

    block, label, top, end = place
    is_left = label < block
    inner = block if is_left else block - _BLOCK_MM
    heights = [_LINE_MM * (text.count("\n") + 1.2) for text in labels]
    centres = blocks.mean(axis=1)
    for (begins, ends), centre, at, text, colour in zip(
        blocks, centres, spread(centres.tolist(), heights, low=top, high=end), labels, colours, strict=True
    ):
        axes.add_patch(
            Rectangle((inner, begins), _BLOCK_MM, max(ends - begins, 0.3), facecolor=colour, edgecolor=colour, lw=0.3)
        )
        axes.plot([block, label], [centre, at], color=QUIET, linewidth=0.4, solid_capstyle="butt")
        axes.text(
            label + (-1 if is_left else 1), at, text, ha="right" if is_left else "left", va="center",
            fontsize=_POINTS, linespacing=1.15, parse_math=False,
        )  # fmt: skip
