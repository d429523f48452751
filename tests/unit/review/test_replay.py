from dataclasses import replace

import pytest

from pipeline.contracts import OUTLIER, Cleaned
from pipeline.errors import DataError
from pipeline.review.decisions import Decision, Move, Review
from pipeline.review.replay import Held, held_by, refitted
from tests.unit.review.conftest import TOPICS


def held(topics: dict[str, int], words: dict[str, str] | None = None) -> Held:
    rows = tuple((one, (words or {}).get(one, f"words of {one}"), topic) for one, topic in topics.items())
    return Held(n_numbers=max(topics.values()) + 1, comments=rows)


BEFORE = {"a": 0, "b": 0, "c": 0, "d": 1, "e": 1, "f": 2, "g": 2, "h": OUTLIER}
REVIEW = Review.of([Decision(0, name="Tills", split=True), Decision(1, merge_into=2)], [Move("h", 100), Move("a", 2)])


def test_topics_hold_all_analysed_comments(cleaned: Cleaned, discovered):
    now = held_by(cleaned, discovered)
    assert [topic for _, _, topic in now.comments] == [*TOPICS, 2]
    assert (now.n_numbers, now.topics) == (3, {0, 1, 2})
    assert not any("words" in text for _, text, _ in now.comments)


def test_the_same_topics_under_other_numbers_get_what_was_decided():
    now = held({"a": 2, "b": 2, "c": 2, "d": 0, "e": 0, "f": 1, "g": 1, "h": OUTLIER, "new": 0})
    fitted = refitted(REVIEW, held(BEFORE), now, has_ids=True)
    assert fitted == Review.of(
        [Decision(2, name="Tills", split=True), Decision(0, merge_into=1)], [Move("h", 102), Move("a", 1)]
    )


def test_other_topics_are_refused_with_the_rows_that_do_not_fit():
    now = held({"a": 0, "d": 0, "f": 0, "b": 1, "e": 1, "g": 1, "c": 2, "h": 2})
    review = Review.of([Decision(1, name="Tills", place="row 3"), Decision(0, note="x", place="row 2")], [])
    with pytest.raises(DataError, match="row 3, column 'topic': topic 1 is another topic now, or none") as told:
        refitted(review, held(BEFORE), now, has_ids=True)
    assert "row 2" in told.value.message
    assert "pipeline topics" in told.value.hint


def test_a_topic_that_lost_a_few_comments_is_the_same_one():
    now = held({"a": 0, "b": 0, "c": 1, "d": 1, "e": 1, "f": 2, "g": 2})
    review = Review.of([Decision(0, name="Tills"), Decision(1, name="Desks")], [])
    assert refitted(review, held(BEFORE), now, has_ids=True) == review


def test_ids_that_are_row_numbers_say_nothing_and_words_do():
    # A row was put in first: each comment has the id of the one before it.
    shifted = {str(number + 1): topic for number, topic in enumerate(BEFORE.values())}
    before = held({str(number): topic for number, topic in enumerate(BEFORE.values())})
    words = {str(number + 1): f"words of {number}" for number in range(len(BEFORE))}
    now = held({"0": 1, **shifted}, {**words, "0": "new words"})
    fitted = refitted(Review.of([Decision(0, name="Tills")], [Move("0", 1)]), before, now, has_ids=False)
    assert fitted == Review.of([Decision(0, name="Tills")], [Move("1", 1)])


def test_an_edited_comment_is_known_by_the_id_that_the_file_gives():
    now = held(BEFORE, {"a": "mended words"})
    moved = Review.of([], [Move("a", 1, place="row 2")])
    assert refitted(moved, held(BEFORE), now, has_ids=True) == moved
    with pytest.raises(DataError, match="row 2, column 'comment_id': the comment is there no longer"):
        refitted(moved, held(BEFORE), replace_id(now, "a", "z"), has_ids=False)


def replace_id(now: Held, old: str, new: str) -> Held:
    return now.model_copy(
        update={"comments": tuple((new if one == old else one, *rest) for one, *rest in now.comments)}
    )


@pytest.mark.parametrize(
    ("review", "said"),
    [
        (Review.of([Decision(7, name="x", place="row 2")], []), "row 2, column 'topic': found 7, a topic from 0 to 2"),
        (Review.of([Decision(0, merge_into=9, place="row 2")], []), "row 2, column 'merge_into': found 9, a topic"),
        (Review.of([Decision(101, name="x", place="row 2")], []), "found 101, a topic from 0 to 2 is wanted, or"),
        (Review.of([Decision(0, split=True), Decision(100, split=True)], []), "a part of a topic cannot be split"),
        (Review.of([], [Move("zz", 1, place="row 5")]), "row 5, column 'comment_id': the comment is not among those"),
        (Review.of([], [Move("a", 8, place="row 5")]), "row 5, column 'topic': found 8"),
    ],
)  # fmt: skip
def test_what_there_never_was_is_told(review, said):
    with pytest.raises(DataError) as told:
        refitted(review, held(BEFORE), held(BEFORE), has_ids=True)
    assert said in told.value.message


def test_a_review_of_a_run_without_topics_is_refused():
    nothing = Held(n_numbers=0, comments=(("a", "words", OUTLIER),))
    with pytest.raises(DataError, match="this run found none"):
        refitted(replace(REVIEW), held(BEFORE), nothing, has_ids=True)
