"""From units to comments: the topic of a comment whose sentences were clustered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import OUTLIER, Labels

LOW_MEMBERSHIP = 0.3
"""A comment that comes together with its topic's others in fewer than this share of the partitions is at its edge."""


@dataclass(frozen=True)
class RolledUp:
    """Topics of comments.

    Attributes
    ----------
    topic : ndarray of shape (n_comments,), int64
        The topic of most of a comment's units; -1 where all are outliers.
    membership : ndarray of shape (n_comments,), float64
        Mean membership, in [0, 1], of the units that are in that topic, or of all where none is in any.
    nearest : ndarray of shape (n_comments,), int64
        The topic, or the one that an outlier comes nearest to.
    shares : DataFrame
        comment_id, topic, share; see `pipeline.contracts.TopicResult`.
    """

    topic: Labels
    membership: npt.NDArray[np.float64]
    nearest: Labels
    shares: pd.DataFrame


def roll_up(
    comment_ids: Sequence[str],
    unit_comments: Sequence[str],
    labels: Labels,
    membership: npt.NDArray[np.float64],
    nearest: Labels,
) -> RolledUp:
    """Give each comment the topic that most of its units are in.

    Parameters
    ----------
    comment_ids : sequence of str
        The distinct comments; each has at least one unit.
    unit_comments : sequence of str
        comment_id of each unit.
    labels, nearest : ndarray of shape (n_units,), int64
        Topic and nearest topic of each unit.
    membership : ndarray of shape (n_units,), float64
        Membership in the nearest topic, in [0, 1].

    Returns
    -------
    RolledUp
        In the order of `comment_ids`.

    Notes
    -----
    A topic that most of a comment's units are in wins over being in none; a tie goes to the topic with the
    larger sum of memberships, then to the larger topic.
    """
    units = pd.DataFrame(
        {"comment_id": list(unit_comments), "topic": labels, "membership": membership, "nearest": nearest}
    )
    grouped = units.groupby(["comment_id", "topic"], sort=False)["membership"]
    counted = grouped.agg(["size", "sum"]).reset_index()
    total = counted.groupby("comment_id")["size"].transform("sum")
    shares = counted.assign(share=counted["size"] / total)
    counted["in_none"] = counted["topic"] == OUTLIER
    order = ["comment_id", "in_none", "size", "sum", "topic"]
    best = counted.sort_values(order, ascending=[True, True, False, False, True]).drop_duplicates("comment_id")
    best = best.set_index("comment_id").loc[list(comment_ids)]
    topic = best["topic"].to_numpy(dtype=np.int64)
    closest = units.sort_values(["comment_id", "membership", "nearest"], ascending=[True, False, True])
    closest = closest.drop_duplicates("comment_id").set_index("comment_id").loc[list(comment_ids)]
    place = {comment_id: row for row, comment_id in enumerate(comment_ids)}
    shares = shares.sort_values("topic", kind="stable")
    shares = shares.sort_values("comment_id", key=lambda ids: ids.map(place), kind="stable")
    return RolledUp(
        topic=topic,
        membership=(best["sum"] / best["size"]).to_numpy(dtype=np.float64),
        nearest=np.where(topic == OUTLIER, closest["nearest"].to_numpy(dtype=np.int64), topic),
        shares=shares[["comment_id", "topic", "share"]].reset_index(drop=True),
    )


def low_membership_share(topic: Labels, membership: npt.NDArray[np.float64]) -> float:
    """Return the share of the comments in topics, at least one, that are at the edge of theirs, in [0, 1]."""
    return float(np.mean(membership[topic >= 0] < LOW_MEMBERSHIP))
