"""How the topics of a run hang together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.discovery.topic_tree import tree_of_topics, tree_table
from pipeline.exploring.material import Material
from pipeline.figures.dendrogram import topic_dendrogram
from pipeline.figures.letters import lettered, lettering_for

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH_MM = 180.0


@dataclass(frozen=True)
class TopicTree:
    """The consensus tree above the topics; for reading inside, since sizes are exact.

    Attributes
    ----------
    linkage : ndarray of shape (n_topics - 1, 4), float64
        SciPy's linkage matrix, for `scipy.cluster.hierarchy`: a height is 1 - the mean share of clusterings in which
        comments of two branches came together.
    topics : DataFrame
        topic, label, size: the leaves, in the order that the linkage numbers them.
    notice : str
        What its figure must say; may be empty.
    """

    linkage: npt.NDArray[np.float64]
    topics: pd.DataFrame
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
        meetings = tree_table(self.linkage, self.topics["topic"].tolist())
        with lettered(lettering_for([self.notice, *self.topics["label"]]).families):
            return topic_dendrogram(self.topics, meetings, width_mm=width_mm, notice=self.notice).figure


def topic_tree_of(material: Material, notice: str) -> TopicTree:
    """Return the tree of a run's topics.

    Parameters
    ----------
    material : Material
        The run.
    notice : str
        What the figure must say; may be empty.
    """
    leaves = material.discovered.topics[["topic", "label", "size"]].reset_index(drop=True)
    return TopicTree(tree_of_topics(material.cleaned, material.discovered, material.mapped), leaves, notice)
