import numpy as np
import pytest
from pipeline.comparison.topics_by_topics import TopicsByTopics

# Comments by topic in A (10, 11, none, not in A) and in B (20, 21, 22, none, not in B).
COMMENTS = np.array([
    [5, 1, 0, 2, 3],
    [0, 7, 4, 1, 0],
    [1, 0, 2, 6, 8],
    [9, 0, 1, 2, 0],
])  # fmt: skip
TABLE = TopicsByTopics([10, 11], [20, 21, 22], [(10, 20), (11, 21), (11, 22)])


@pytest.mark.parametrize(
    ("name", "count"),
    [
        (("shared",), 29),
        (("all", "a"), 40),
        (("all", "b"), 41),
        (("alone", "a"), 11),
        (("alone", "b"), 12),
        (("size", "a", 10), 11),
        (("size", "b", 20), 15),
        (("base", "a", 10), 8),
        (("base", "b", 20), 6),
        (("alone in", "a", 10), 3),
        (("alone in", "b", 20), 9),
        (("outside", "a"), 17),
        (("outside", "b"), 11),
        (("outside and shared", "a"), 9),
        (("outside and shared", "b"), 9),
        (("outside and alone", "a"), 8),
        (("outside and alone", "b"), 2),
        (("overlap", 11, 22), 4),
        (("elsewhere", "a", 11), 1),
        (("elsewhere", "b", 21), 1),
        (("size but", "a", "overlap", 11, 22), 8),
        (("size but", "b", "overlap", 11, 22), 3),
        (("base but", "a", "overlap", 11, 22), 8),
        (("base but", "b", "overlap", 11, 22), 2),
    ],
)
def test_each_count_is_the_sum_of_its_comments(name, count):
    assert (TABLE.sums([name]) @ COMMENTS.ravel()).tolist() == [count]


def test_counts_come_in_the_order_of_their_names():
    assert (TABLE.sums([("shared",), ("all", "a")]) @ COMMENTS.ravel()).tolist() == [29, 40]


def test_topics_that_are_named_together_share_a_comment():
    lowest = TABLE.lowest().reshape(COMMENTS.shape)
    assert np.argwhere(lowest).tolist() == [[0, 0], [1, 1], [1, 2]]
    assert not TopicsByTopics([10], [], []).lowest().any()
