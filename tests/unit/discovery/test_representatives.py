import numpy as np
import pytest

from pipeline.discovery.representatives import choose_representatives

ONE_EACH = np.ones(9, dtype=int)


def unit(angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_the_first_is_the_most_central():
    vectors = unit(np.array([-0.4, -0.2, 0.0, 0.2, 0.4]))
    texts = ["five words are enough here"] * 5
    chosen = choose_representatives(np.zeros(5, dtype=int), texts, ONE_EACH[:5], vectors, count=3)
    assert chosen[0][0] == 2
    assert len(set(chosen[0])) == 3


def test_a_near_copy_gives_way_to_something_else():
    """Four comments share a subject; the first two share their wording besides."""
    subject, wording = np.eye(8)[0], np.eye(8)[[1, 1, 2, 3]]
    vectors = (0.6 * subject + 0.8 * wording).astype(np.float32)
    chosen = choose_representatives(
        np.zeros(4, dtype=int), ["five words are enough here"] * 4, ONE_EACH[:4], vectors, count=2
    )[0]
    assert chosen[0] in (0, 1)
    assert chosen[1] in (2, 3)


def test_comments_too_short_or_too_long_to_quote_are_passed_over():
    vectors = unit(np.array([0.0, 0.0, 0.3, 0.4, 0.5]))
    texts = ["IT", "word " * 200, *["five words are enough here"] * 3]
    assert sorted(choose_representatives(np.zeros(5, dtype=int), texts, ONE_EACH[:5], vectors, count=3)[0]) == [2, 3, 4]


def test_where_too_few_can_be_quoted_all_are_considered():
    vectors = unit(np.array([0.0, 0.1, 0.2]))
    found = choose_representatives(np.zeros(3, dtype=int), ["IT", "no", "a b"], ONE_EACH[:3], vectors, count=3)
    assert sorted(found[0]) == [0, 1, 2]


@pytest.mark.parametrize("count", [1, 3, 10])
def test_a_topic_gives_no_more_than_it_has_and_only_its_own(count):
    labels = np.array([0, 1, -1, 0, 1, 0])
    texts = ["five words are enough here"] * 6
    chosen = choose_representatives(labels, texts, ONE_EACH[:6], unit(np.linspace(0, 1, 6)), count=count)
    assert set(chosen) == {0, 1}
    for topic, rows in chosen.items():
        assert len(rows) == min(count, int((labels == topic).sum()))
        assert all(labels[row] == topic for row in rows)


def test_the_last_of_three_differs_and_still_belongs():
    vectors = unit(np.array([0.0, 0.02, -0.02, 0.2, -0.2, 1.5, -1.5]))
    texts = ["five words are enough here"] * 7
    chosen = choose_representatives(np.zeros(7, dtype=int), texts, ONE_EACH[:7], vectors, count=3)[0]
    assert chosen[0] == 0
    assert chosen[1] in (1, 2)
    assert chosen[2] in (3, 4)


def test_what_many_said_is_central():
    vectors = unit(np.array([0.0, 0.1, 0.2, 0.3, 1.0]))
    people = np.array([1, 1, 1, 1, 90])
    assert choose_representatives(np.zeros(5, dtype=int), ["a b c d"] * 5, people, vectors, count=2)[0][0] == 4
