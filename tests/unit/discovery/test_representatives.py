import numpy as np
import pytest

from pipeline.discovery.representatives import choose_representatives


def unit(angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_the_first_is_the_most_central():
    vectors = unit(np.array([-0.4, -0.2, 0.0, 0.2, 0.4]))
    texts = ["five words are enough here"] * 5
    chosen = choose_representatives(np.zeros(5, dtype=int), texts, vectors, count=3)
    assert chosen[0][0] == 2
    assert len(set(chosen[0])) == 3


def test_a_near_copy_gives_way_to_something_else():
    """Four comments share a subject; the first two share their wording besides."""
    subject, wording = np.eye(8)[0], np.eye(8)[[1, 1, 2, 3]]
    vectors = (0.6 * subject + 0.8 * wording).astype(np.float32)
    chosen = choose_representatives(np.zeros(4, dtype=int), ["five words are enough here"] * 4, vectors, count=2)[0]
    assert chosen[0] in (0, 1)
    assert chosen[1] in (2, 3)


def test_comments_too_short_or_too_long_to_quote_are_passed_over():
    vectors = unit(np.array([0.0, 0.0, 0.3, 0.4, 0.5]))
    texts = ["IT", "word " * 200, *["five words are enough here"] * 3]
    assert sorted(choose_representatives(np.zeros(5, dtype=int), texts, vectors, count=3)[0]) == [2, 3, 4]


def test_where_too_few_can_be_quoted_all_are_considered():
    vectors = unit(np.array([0.0, 0.1, 0.2]))
    assert len(choose_representatives(np.zeros(3, dtype=int), ["IT", "no", "a b"], vectors, count=3)[0]) == 3


@pytest.mark.parametrize("count", [1, 3, 10])
def test_a_topic_gives_no_more_than_it_has_and_only_its_own(count):
    labels = np.array([0, 1, -1, 0, 1, 0])
    texts = ["five words are enough here"] * 6
    chosen = choose_representatives(labels, texts, unit(np.linspace(0, 1, 6)), count=count)
    assert set(chosen) == {0, 1}
    for topic, rows in chosen.items():
        assert len(rows) == min(count, int((labels == topic).sum()))
        assert all(labels[row] == topic for row in rows)
