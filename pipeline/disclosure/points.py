"""Points of the map of comments, so that counting them tells no more than the tables do."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pandas as pd

from pipeline.contracts import OUTLIER
from pipeline.disclosure.rules import Rules

SMALL_TOPICS = -2
"""The topic of points whose topics are left out, together."""


def protect_points(points: pd.DataFrame, small: set[int], rules: Rules) -> pd.DataFrame:
    """Thin the points of each topic to a round number, and put those of few points together.

    Parameters
    ----------
    points : DataFrame
        x, y, topic, theme; a row for each distinct comment.
    small : set of int
        Topics whose sizes are left out.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        The points that are shown, in their order, numbered from 0. Of each topic, of those put together and of those
        in no topic a multiple of `rules.round_to`, rounded down. Points put together have the topic `SMALL_TOPICS`
        and no theme.

    Notes
    -----
    A topic with too few points (`rules.suppress_below`, or one step of rounding, of which nothing would be left) is
    put together with the topics left out; where these are too few together, they are among those in no topic; and
    where those are too few, none is shown.

    What a reader can learn: that a topic has as many distinct comments as it has points, or up to
    `rules.round_to` - 1 more. Not how many comments are behind them, since equal ones have one point. Where
    a point is tells what its comment is near to, and a topic that is put together with others may still be seen to
    lie apart: without its name, and thinned with the others.

    Which points are left out follows from the places of all points together, those left out included: it is the
    same whatever their order, and looks like chance. A rule that a reader could apply to the points shown, such as
    leaving out those lowest in some order that is known, would tell from a gap at its end how many are missing.
    """
    fewest = max(rules.suppress_below, rules.round_to)
    per_topic = points["topic"].value_counts()
    few = (small | set(per_topic.index[per_topic < fewest])) - {OUTLIER}
    pooled = points["topic"].isin(few)
    name = OUTLIER if pooled.sum() < fewest else SMALL_TOPICS
    named = points.assign(topic=points["topic"].mask(pooled, name), theme=points["theme"].mask(pooled, ""))
    in_turn = named.iloc[_in_turn(points)]
    turn = in_turn.groupby("topic").cumcount()
    number = in_turn["topic"].map(named["topic"].value_counts())
    shown = (number // rules.round_to * rules.round_to).where(number >= fewest, 0)
    return named[(turn < shown).reindex(named.index)].reset_index(drop=True)


def _in_turn(points: pd.DataFrame) -> list[int]:
    """Return the rows in an order that follows from the places of all points, and not from that of the rows."""
    places = [place.tobytes() for place in points[["x", "y"]].to_numpy(dtype=np.float64)]
    key = blake2b(b"".join(sorted(places))).digest()
    turns = [blake2b(place, key=key).digest() for place in places]
    return sorted(range(len(turns)), key=turns.__getitem__)
