"""How the topics of a run hang together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.discovery.topic_tree import tree_from_table
from pipeline.exploring.material import Material
from pipeline.figures.dendrogram import topic_dendrogram
from pipeline.figures.letters import lettered, lettering_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH_MM = 180.0


@dataclass(frozen=True)
class TopicTree:
    """The tree of the topics by nearness in meaning; for reading inside, since sizes are exact.

    Attributes
    ----------
    linkage : ndarray of shape (n_topics - 1, 4), float64
        SciPy's linkage matrix, for `scipy.cluster.hierarchy`; heights in [0, 1], see
        `pipeline.discovery.topic_tree.topic_tree`.
    topics : DataFrame
        topic, parent (its coarse topic), label, size: the leaves, in the order that the linkage numbers them.
    meetings : DataFrame
        The same tree as a table: first, second, apart.
    notice : str
        What its figure must say; may be empty.
    """

    linkage: npt.NDArray[np.float64]
    topics: pd.DataFrame
    meetings: pd.DataFrame = field(repr=False)
    notice: str = field(default="", repr=False)

    @property
    def labels(self) -> list[str]:
        """The labels of the leaves, in the order that the linkage numbers them."""
        return [str(label) for label in self.topics["label"]]

    @property
    def figure(self) -> Figure:
        """The tree as a figure."""
        return self.draw()

    def draw(self, *, width_mm: float = _WIDTH_MM) -> Figure:
        """Draw the tree at a width in millimetres."""
        with lettered(lettering_for([self.notice, *self.topics["label"]]).families):
            return topic_dendrogram(self.topics, self.meetings, width_mm=width_mm, notice=self.notice).figure


def topic_tree_of(material: Material, notice: str) -> TopicTree:
    """Return the tree of a run's topics.

    Parameters
    ----------
    material : Material
        The run.
    notice : str
        What the figure must say; may be empty.
    """
    leaves = material.discovered.topics[["topic", "parent", "label", "size"]].reset_index(drop=True)
    meetings = material.discovered.topic_tree
    return TopicTree(tree_from_table(meetings, leaves["topic"].tolist()), leaves, meetings, notice)
