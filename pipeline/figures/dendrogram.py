"""How topics hang together, as a tree whose branches meet the further apart in meaning, the later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.discovery.topic_tree import Tree, branches, tree_from_table
from pipeline.figures.drawing import Drawn, brief, note_of_hidden, nothing_to_draw
from pipeline.figures.rows_chart import rows_chart, sized_labels
from pipeline.figures.style import PALETTE, QUIET
from pipeline.tables.numbers import counted, decimal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LEAF = 10.0
"""SciPy's distance between two leaves; the first stands at half of it."""
_SAID = 3


def topic_dendrogram(topics: pd.DataFrame, meetings: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the tree of the topics.

    Parameters
    ----------
    topics : DataFrame
        The public table: topic, parent, label, size (missing where it is hidden).
    meetings : DataFrame
        The public table of the tree: first, second, apart. See `pipeline.discovery.topic_tree.tree_table`.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data is the table of the tree. A dashed line shows where the tree is cut into coarse topics; there is none
        where a person's merges left no such place.
    """
    data = meetings[["first", "second", "apart"]]
    tree = tree_from_table(data, topics["topic"].tolist())
    if not len(tree):
        said = "A tree takes two topics or more" if len(topics) else "No topics were found, so there is no tree"
        return nothing_to_draw(said, data, width_mm=width_mm, notice=notice)
    cut = _cut(topics["parent"].tolist(), tree)
    groups = counted(topics["parent"].nunique(), "group")
    subtitle = (
        "The further right topics meet, the further apart in meaning their comments are."
        f"{'' if cut is None else f' The dashed line cuts the tree into {groups}.'} In brackets: "
        f"comments.{note_of_hidden(topics['size'])}"
    )
    chart = rows_chart(sized_labels(topics), _finding(topics, tree), subtitle, notice, width_mm=width_mm,
                       what="topics", sizes=topics["size"])  # fmt: skip
    shown = topics.head(chart.rows.count)
    with chart.drawn() as (figure, axes):
        order = _draw(axes, _of_first(tree, len(shown)))
        if cut is not None:
            axes.axvline(cut, color=QUIET, linewidth=0.7, linestyle=(0, (4, 3)), gid="cut")
        chart.label(axes, sized_labels(shown.iloc[order]))
    return Drawn(figure, chart.said(*_said(topics, tree)), data)


def _draw(axes: Axes, tree: Tree) -> list[int]:
    """Draw a tree whose leaves are at the left, and return them from top to bottom."""
    from scipy.cluster.hierarchy import dendrogram

    laid_out = dendrogram(tree, no_plot=True, count_sort="descending")
    highest = float(tree[:, 2].max()) or 1.0
    for places, heights in zip(laid_out["icoord"], laid_out["dcoord"], strict=True):
        rows = (np.asarray(places) - _LEAF / 2) / _LEAF
        axes.plot(heights, rows, color=PALETTE[0], linewidth=0.9, solid_joinstyle="miter")
    axes.set_xlim(0, 1.03 * highest)
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("distance in meaning, the widest being 1", fontsize=6.5)
    return [int(leaf) for leaf in laid_out["leaves"]]


def _of_first(tree: Tree, count: int) -> Tree:
    """Return the tree of the first topics alone: branches meet where they did."""
    from scipy.cluster.hierarchy import cophenet, linkage
    from scipy.spatial.distance import squareform

    if count == len(tree) + 1:
        return tree
    apart = squareform(cophenet(tree))[:count, :count]
    return np.asarray(linkage(squareform(apart, checks=False), method="single"), dtype=np.float64)


def _cut(parents: Sequence[int], tree: Tree) -> float | None:
    """Return the height between the last meeting within coarse topics and the first across them, if there is one."""
    within, across = [0.0], list[float]()
    for first, second, apart in branches(tree):
        (within if len({parents[leaf] for leaf in first + second}) == 1 else across).append(apart)
    is_cut = len(across) == len(set(parents)) - 1 > 0 and max(within) < min(across)
    return (max(within) + min(across)) / 2 if is_cut else None


def _finding(topics: pd.DataFrame, tree: Tree) -> str:
    (first, *_), (second, *_), _ = branches(tree)[0]
    labels: Any = topics["label"].tolist()
    pair = f"“{labels[first]}” and “{labels[second]}”"
    return brief(
        f"Nearest in meaning: {pair}",
        f"Nearest: {pair}",
        f"{counted(len(labels), 'topic')} by how near they are in meaning",
    )


def _said(topics: pd.DataFrame, tree: Tree) -> list[str]:
    labels = topics["label"].tolist()
    met = [
        f"{' and '.join(labels[leaf] for leaf in first)} with {' and '.join(labels[leaf] for leaf in second)}, "
        f"at {decimal(apart)}"
        for first, second, apart in branches(tree)[:_SAID]
    ]
    return [f"What meets first: {'; '.join(met)}."]
