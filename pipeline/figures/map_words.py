"""What the printed map of comments and the interactive one say alike."""

from __future__ import annotations

import pandas as pd

from pipeline.account.outlook import ALL
from pipeline.contracts import OUTLIER
from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.tables.numbers import counted, percent

IN_NO_TOPIC = "In no topic"
IN_SMALL_TOPIC = "In a topic too small to show"
_EITHER = "In no topic, or in one too small to show"


def no_topic_name(points: pd.DataFrame, topics: pd.DataFrame) -> str:
    """Return the name of the points that have no topic.

    Parameters
    ----------
    points : DataFrame
        The points of the map: topic.
    topics : DataFrame
        The public table of topics.

    Notes
    -----
    Topics that are too few points even together are put with the points in no topic
    (`pipeline.disclosure.points.protect_points`): then a topic of the table has no point, and no point stands for such
    topics.
    """
    shown = set(points["topic"])
    are_mixed = SMALL_TOPICS not in shown and OUTLIER in shown and not set(topics["topic"]) <= shown
    return _EITHER if are_mixed else IN_NO_TOPIC


def analysed_comments(outlook: pd.DataFrame) -> int | None:
    """Return how many comments were analysed, where the public table of outlook says it."""
    known = outlook.loc[outlook["group"] == ALL, "comments"].dropna()
    return int(known.iloc[0]) if len(known) else None


def points_said(count: int, round_to: int = 1, comments: int | None = None) -> str:
    """Return how many points there are and what they are, in sentences.

    Parameters
    ----------
    count : int
        The points.
    round_to : int
        What the points of each topic are a multiple of; 1 where none was left out for that.
    comments : int, optional
        The comments that they are of, where that number is public.

    Notes
    -----
    Points are left out so that nobody can count comments by them (`pipeline.disclosure.points.protect_points`): their
    number is of points alone. Topics too small to show have their points together, which are of the rest here.
    """
    if round_to == 1:
        return f"{counted(count, 'point')}, each a comment; equal comments share one."
    shown = counted(count, "point") if comments is None else f"{count:,} of {comments:,}"
    return f"Each point is a comment; equal comments share one. To protect respondents we show {shown}."


def share_said(topics: pd.DataFrame, round_to: int = 1) -> str:
    """Return which share of the comments is in a topic, as a sentence; "" where that cannot be said.

    The shares are those of the table of topics. That of the points would be another, since equal comments share a
    point and points may have been left out. Shares of rounded counts add up to another number than the one that the
    report gives of the whole: then nothing is said.
    """
    if round_to > 1 or not len(topics) or topics["share"].isna().any():
        return ""
    return f"{percent(float(topics['share'].sum()))} of comments are in a topic."
