"""How topics hang together, as a tree whose branches meet where their comments came together less and less often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.discovery.topic_tree import branches, tree_from_table
from pipeline.figures.drawing import Drawn, brief, note_of_hidden, nothing_to_draw
from pipeline.figures.rows_chart import rows_chart, sized_labels
from pipeline.figures.style import PALETTE
from pipeline.tables.numbers import counted, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Tree = npt.NDArray[np.float64]
_LEAF = 10.0
"""SciPy's distance between two leaves; the first stands at half of it."""
_SAID = 3


def topic_dendrogram(topics: pd.DataFrame, meetings: pd.DataFrame, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the tree of the topics.

    Parameters
    ----------
    topics : DataFrame
        The public table: topic, label, size (missing where it is hidden).
    meetings : DataFrame
        The public table of the tree: first, second, together. See `pipeline.discovery.topic_tree.tree_table`.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data is the table of the tree.
    """
    data = meetings[["first", "second", "together"]]
    tree = tree_from_table(data, topics["topic"].tolist())
    if not len(tree):
        said = "A tree takes two topics or more" if len(topics) else "No topics were found, so there is no tree"
        return nothing_to_draw(said, data, width_mm=width_mm, notice=notice)
    subtitle = (
        "Branches meet at the share of clusterings in which their comments came together, on average. In brackets: "
        f"comments.{note_of_hidden(topics['size'])}"
    )
    chart = rows_chart(sized_labels(topics), _finding(topics, tree), subtitle, notice, width_mm=width_mm,
                       what="topics", sizes=topics["size"])  # fmt: skip
    shown = topics.head(chart.rows.count)
    with chart.drawn() as (figure, axes):
        order = _draw(axes, _of_first(tree, len(shown)))
        chart.label(axes, sized_labels(shown.iloc[order]))
    return Drawn(figure, chart.said(*_said(topics, tree)), data)


def _draw(axes: Axes, tree: _Tree) -> list[int]:
    """Draw a tree whose leaves are at the left, and return them from top to bottom."""
    from scipy.cluster.hierarchy import dendrogram

    laid_out = dendrogram(tree, no_plot=True, count_sort="descending")
    lowest, highest = float(tree[:, 2].min()), float(tree[:, 2].max())
    start = max(0.0, lowest - 0.25 * max(highest - lowest, 0.1))
    for places, heights in zip(laid_out["icoord"], laid_out["dcoord"], strict=True):
        rows = (np.asarray(places) - _LEAF / 2) / _LEAF
        axes.plot(np.maximum(heights, start), rows, color=PALETTE[0], linewidth=0.9, solid_joinstyle="miter")
    axes.set_xlim(start, highest + 0.03 * (highest - start))
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda height, _: percent(1 - height))
    axes.set_xlabel("share of clusterings", fontsize=6.5)
    return [int(leaf) for leaf in laid_out["leaves"]]


def _of_first(tree: _Tree, count: int) -> _Tree:
    """Return the tree of the first topics alone: branches meet where they did."""
    from scipy.cluster.hierarchy import cophenet, linkage
    from scipy.spatial.distance import squareform

    if count == len(tree) + 1:
        return tree
    apart = squareform(cophenet(tree))[:count, :count]
    return np.asarray(linkage(squareform(apart, checks=False), method="single"), dtype=np.float64)


def _finding(topics: pd.DataFrame, tree: _Tree) -> str:
    (first, *_), (second, *_), together = branches(tree)[0]
    labels: Any = topics["label"].tolist()
    pair = f"“{labels[first]}” and “{labels[second]}”"
    return brief(
        f"Nearest: {pair}, together in {percent(together)} of clusterings",
        f"Nearest: {pair}",
        f"The nearest of {counted(len(labels), 'topic')} come together in {percent(together)} of clusterings",
    )


def _said(topics: pd.DataFrame, tree: _Tree) -> list[str]:
    labels = topics["label"].tolist()
    met = [
        f"{' and '.join(labels[leaf] for leaf in first)} with {' and '.join(labels[leaf] for leaf in second)}: "
        f"{percent(together)}"
        for first, second, together in branches(tree)[:_SAID]
    ]
    return [f"What meets first: {'; '.join(met)}."]
