"""What the two maps of comments say alike."""

import pandas as pd
import pytest

from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.figures.map_words import IN_NO_TOPIC, analysed_comments, no_topic_name, points_said, share_said


def topics_of(shares):
    return pd.DataFrame({"topic": range(len(shares)), "share": pd.array(shares, dtype="Float64")})


@pytest.mark.parametrize(
    ("points", "are_mixed"),
    [
        ([0, 1, -1], False),
        ([0, 1], False),
        ([0, SMALL_TOPICS, -1], False),
        # Topic 1 has no point of its own, and no point stands for small topics: its points are among the others.
        ([0, -1], True),
        # Nor can they be where no point is in no topic.
        ([0], False),
    ],
)
def test_points_in_no_topic_may_be_of_small_topics_only_where_these_have_no_others(points, are_mixed):
    name = no_topic_name(pd.DataFrame({"topic": points}), topics_of([0.5, None]))
    assert name == ("In no topic, or in one too small to show" if are_mixed else IN_NO_TOPIC)


def test_without_topics_the_points_are_in_no_topic():
    assert no_topic_name(pd.DataFrame({"topic": [-1, -1]}), topics_of([])) == IN_NO_TOPIC


@pytest.mark.parametrize(
    ("shares", "round_to", "said"),
    [
        ([0.5, 0.25], 1, "75% of comments are in a topic."),
        ([0.5, 0.5], 1, "100% of comments are in a topic."),
        ([0.6, 0.41], 5, ""),
        ([0.5, None], 1, ""),
        ([], 1, ""),
    ],
)
def test_the_share_in_topics_is_said_where_every_share_is_shown_and_exact(shares, round_to, said):
    assert share_said(topics_of(shares), round_to).replace("\u00a0", " ") == said


def test_the_number_is_of_points_and_not_of_comments():
    assert points_said(1) == "1 point, each a comment; equal comments share one."
    assert points_said(1234).startswith("1,234 points, each")
    assert "distinct" not in points_said(2)


def test_points_that_were_thinned_are_said_to_be_so():
    said = "Each point is a comment; equal comments share one. To protect respondents we show "
    assert points_said(595, 5) == f"{said}595 points."
    assert points_said(595, 5, 1645) == f"{said}595 of 1,645."
    assert "protect" not in points_said(595, 1, 645)


def test_the_number_of_comments_is_that_of_the_whole_in_the_table_of_outlook():
    outlook = pd.DataFrame({"group": ["Acute", "All"], "comments": pd.array([230, 645], dtype="Int64")})
    assert analysed_comments(outlook) == 645
    assert analysed_comments(outlook.assign(comments=pd.NA)) is None
    assert analysed_comments(outlook[:0]) is None
