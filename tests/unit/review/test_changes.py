import numpy as np
import pytest

from pipeline.contracts import OUTLIER
from pipeline.errors import DataError
from pipeline.review.changes import changed
from pipeline.review.decisions import Decision, Move, Review
from tests.unit.review.conftest import TOPICS, describe


@pytest.fixture
def carry_out(discovered, cleaned, embedded):
    def carried(*decisions, moves=()):
        review = Review.of(decisions, moves)
        return changed(discovered, review, cleaned=cleaned, embedded=embedded, describe=describe)

    return carried


def topics_of(made):
    return made.topics.assignments["topic"].tolist()


def test_merged_topics_have_the_number_of_the_one_they_went_into_and_no_stability(carry_out):
    made = carry_out(Decision(2, merge_into=1), Decision(1, merge_into=0))
    assert topics_of(made) == [0] * 12 + [OUTLIER]
    assert made.topics.topics["topic"].tolist() == [0]
    assert made.topics.topics["stability"].isna().all()
    assert made.topics.assignments["nearest_topic"].tolist() == [0] * 13
    assert made.counts["merged"] == 2
    assert made.topics.summary["topics"] == made.topics.summary["coarse_topics"] == 1
    assert made.topics.summary["stability"] == 0.7


def test_a_split_topic_keeps_its_number_for_the_larger_part(carry_out):
    made = carry_out(Decision(0, split=True))
    assert topics_of(made) == [0, 0, 0, 100, 100, *TOPICS[5:]]
    topics = made.topics.topics.set_index("topic")
    assert topics.index.tolist() == [1, 0, 2, 100]
    assert topics.loc[100, "parent"] == topics.loc[0, "parent"]
    assert np.isnan(topics.loc[[0, 100], "stability"]).all()
    assert topics.loc[[1, 2], "stability"].tolist() == [0.8, 0.4]


def test_topics_are_split_before_they_are_merged(carry_out):
    made = carry_out(Decision(0, split=True), Decision(100, merge_into=2))
    assert topics_of(made) == [0, 0, 0, 2, 2, 1, 1, 1, 1, 2, 2, 2, OUTLIER]


def test_a_moved_comment_follows_mergers_and_is_sure_to_belong(carry_out):
    made = carry_out(Decision(1, merge_into=0), moves=[Move("c12", 1), Move("c00", OUTLIER)])
    assert topics_of(made) == [OUTLIER, *[0] * 8, 2, 2, 2, 0]
    assert made.topics.assignments["membership"].tolist() == [*[0.5] * 12, 1.0]
    assert made.topics.assignments["topic_coarse"].tolist()[0] == OUTLIER
    shares = made.topics.shares.set_index("comment_id")
    assert shares.loc["c12"].tolist() == [0, 1.0]
    assert made.counts["moved"] == 2


def test_a_repeated_comment_moves_with_the_one_that_stands_for_it(carry_out):
    assert topics_of(carry_out(moves=[Move("twin", 1)]))[9] == 1
    with pytest.raises(DataError, match="row 3: the same comment, or one with the same words"):
        carry_out(moves=[Move("c09", 0), Move("twin", 1, place="row 3")])


def test_names_definitions_and_themes_go_to_their_topics(carry_out):
    made = carry_out(
        Decision(1, name="Suppliers", definition="Who delivers.", theme="funding", reviewer="Kim"),
        Decision(2, theme="unmapped", reviewer="kim"), Decision(0, note="only a note", reviewer="Ada"),
    )  # fmt: skip
    topics = made.topics.topics.set_index("topic")
    assert topics["label"].to_dict() == {0: "Topic 0", 1: "Suppliers", 2: "Topic 2"}
    assert topics["definition"].to_dict() == {0: "", 1: "Who delivers.", 2: ""}
    assert made.themes == {1: "funding", 2: "unmapped"}
    assert made.counts == {"renamed": 1, "defined": 1, "merged": 0, "split": 0, "themed": 2, "moved": 0, "reviewers": 1}
    assert topics["stability"].tolist() == [0.9, 0.8, 0.4]


def test_what_cannot_be_done_is_told_with_its_place(carry_out):
    with pytest.raises(DataError, match="row 9: topic 2 has no comment left"):
        carry_out(Decision(2, name="x", place="row 9"), moves=[Move(f"c{n:02d}", 0) for n in (9, 10, 11)])
    with pytest.raises(DataError, match="row 4, column 'split': topic 1 cannot be split"):
        carry_out(Decision(1, split=True, place="row 4"))


def test_what_it_is_given_stays_as_it_was(carry_out, discovered):
    before = discovered.assignments.copy(), discovered.topics.copy()
    carry_out(Decision(0, split=True), Decision(1, merge_into=2), moves=[Move("c00", 2)])
    assert discovered.assignments.equals(before[0])
    assert discovered.topics.equals(before[1])
