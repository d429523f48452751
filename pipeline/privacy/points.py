"""Points of the map of comments."""

from __future__ import annotations

import pandas as pd

from pipeline.contracts import OUTLIER
from pipeline.privacy.rounding import Rules

SMALL_TOPICS = -2
"""The topic of points whose topics are left out, together."""


def protect_points(points: pd.DataFrame, small: set[int], rules: Rules) -> pd.DataFrame:
    """Put the points of topics left out, or of few points, together; among those in no topic where that is few.

    Parameters
    ----------
    points : DataFrame
        topic, theme; a row for each distinct comment.
    small : set of int
        Topics whose sizes are left out.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        Points put together have the topic `SMALL_TOPICS` and no theme.
    """
    per_topic = points["topic"].value_counts()
    few = small | set(per_topic.index[per_topic < rules.suppress_below]) - {OUTLIER}
    pooled = points["topic"].isin(few)
    name = OUTLIER if 0 < pooled.sum() < rules.suppress_below else SMALL_TOPICS
    return points.assign(topic=points["topic"].mask(pooled, name), theme=points["theme"].mask(pooled, ""))
