import pytest

from pipeline.review.decisions import LONGEST_NAME, Decision, Move, Review, contradictions, second_part


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([Decision(1, merge_into=1, place="row 3")], "row 3, column 'merge_into': topic 1 is merged into itself"),
        ([Decision(1, merge_into=2), Decision(2, merge_into=1)], "topic 1 is merged in a circle"),
        ([Decision(1, merge_into=2, split=True)], "topic 1 is split and merged"),
        ([Decision(1, merge_into=2, name="x")], "topic 1 is merged into 2; name, definition and theme are wanted"),
        ([Decision(1, name="Tea"), Decision(2, name="tea")], "the name is there twice"),
        ([Decision(1, name="?!")], "the name has no letter or figure"),
        ([Decision(1, name="x" * 81)], f"found 81 characters, at most {LONGEST_NAME} are wanted"),
        ([Decision(1, definition="x" * 1001)], "column 'definition': found 1001 characters"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_told(decisions, said):
    assert any(said in problem for problem in contradictions(Review.of(decisions, [])))


def test_what_is_possible_is_not_told():
    review = Review.of([Decision(1, merge_into=2), Decision(2, merge_into=3, note="x"), Decision(3, split=True)], [])
    assert contradictions(review) == []
    assert review.goes_to(1) == 3


def test_notes_change_no_result_and_are_part_of_what_was_written():
    plain, noted = (Review.of([Decision(1, name="x", note=note)], []) for note in ("", "why"))
    assert plain.digest != noted.digest
    assert plain.digest_of_changes == noted.digest_of_changes
    assert not Review.of([Decision(1, note="why")], []).changes
    assert Review.of([], [Move("c", 1)]).changes


def test_the_number_of_a_second_part_does_not_depend_on_other_splits_and_is_no_topics():
    assert second_part(4, 18) == 104
    assert second_part(4, 100) == 104
    assert second_part(4, 101) == 1004
