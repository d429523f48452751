"""How the topics of a run hang together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import OUTLIER
from pipeline.discovery.topic_tree import topic_tree
from pipeline.exploring.material import Material
from pipeline.figures.dendrogram import topic_dendrogram

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
        return topic_dendrogram(self.topics, self.linkage, width_mm=width_mm, notice=self.notice).figure


def topic_tree_of(material: Material, notice: str) -> TopicTree:
    """Return the tree of a run's topics.

    Parameters
    ----------
    material : Material
        The run. Where its unit is the sentence, a sentence counts for the topic of its comment.
    notice : str
        What the figure must say; may be empty.
    """
    found = material.discovered
    leaves = found.topics[["topic", "label", "size"]].reset_index(drop=True)
    place = {int(topic): number for number, topic in enumerate(leaves["topic"])}
    topic_of = dict(zip(found.assignments["comment_id"], found.assignments["topic"], strict=True))
    units = material.cleaned.units["comment_id"]
    numbers = np.array([place.get(topic_of[comment], OUTLIER) for comment in units], dtype=np.int64)
    return TopicTree(topic_tree(found.evidence, numbers, len(leaves)), leaves, notice)
