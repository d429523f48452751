import numpy as np
import pytest

from pipeline.discovery.labels import label_topics


@pytest.fixture
def label(encoder):
    def run(phrases, labels, keywords):
        vectors = encoder.encode([said.replace("|", " ") or "nothing" for said in phrases])
        return label_topics(np.array(labels), phrases, vectors, keywords, encoder=encoder)

    return run


def test_a_topic_is_called_by_the_phrase_that_its_comments_share(label):
    phrases = [
        "old computer|slow password",
        "old computer",
        "old computer|village hall",
        "lost grant",
        "lost grant",
        "",
    ]
    assert label(phrases, [0, 0, 0, 1, 1, -1], {0: ["computer"], 1: ["grant"]}) == {0: "Old computer", 1: "Lost grant"}


def test_a_phrase_said_everywhere_gives_way_to_one_of_the_topics_own(label):
    phrases = ["public library|old computer"] * 4 + ["public library"] * 12
    assert label(phrases, [0] * 4 + [1] * 12, {0: ["computer"], 1: ["library"]})[0] == "Old computer"


def test_a_phrase_of_one_respondent_is_no_label(label):
    """It may name a person; and it says nothing about the topic."""
    phrases = ["Doctor Oddname", "", "", "old computer", "old computer"]
    labels = label(phrases, [0, 0, 0, 1, 1], {0: ["budget", "grant"], 1: ["computer"]})
    assert labels[0] == "Budget and grant"


def test_a_comment_that_repeats_a_phrase_counts_once(label):
    phrases = ["odd phrase|odd phrase|odd phrase", "", ""]
    assert label(phrases, [0, 0, 0], {0: ["budget", "grant"]})[0] == "Budget and grant"


def test_no_two_topics_are_called_the_same(label):
    phrases = ["old computer"] * 6
    labels = label(phrases, [0, 0, 1, 1, 2, 2], {0: ["a1", "b1"], 1: ["a1", "b1", "c1"], 2: ["a1", "b1", "c1", "d1"]})
    assert len({said.casefold() for said in labels.values()}) == 3


def test_a_label_that_is_known_is_kept_and_no_other_topic_gets_it(encoder):
    phrases = ["old computer"] * 4
    vectors = encoder.encode(phrases)
    words = {0: ["a1", "b1"], 1: ["computer"]}
    labels = label_topics(np.array([0, 0, 1, 1]), phrases, vectors, words, encoder=encoder, known={1: "Old computer"})
    assert labels == {0: "A1 and b1", 1: "Old computer"}


def test_a_name_that_something_else_has_is_given_to_no_topic(encoder):
    phrases = ["old computer"] * 2
    vectors = encoder.encode(phrases)
    words = {0: ["computer", "screen"]}
    how = {"encoder": encoder, "taken": ["Old computer"]}
    assert label_topics(np.array([0, 0]), phrases, vectors, words, **how) == {0: "Computer and screen"}
    # One that is known keeps its name: it is the same thing.
    assert label_topics(np.array([0, 0]), phrases, vectors, words, known={0: "Old computer"}, **how) == {
        0: "Old computer"
    }


def test_a_topic_without_phrases_and_keywords_has_a_name_all_the_same(label):
    assert label(["", ""], [0, 0], {0: []}) == {0: "Topic 0"}


def test_a_stop_word_is_no_part_of_a_label_made_of_keywords(label):
    assert label(["", ""], [0, 0], {0: ["the", "budget", "grant"]})[0] == "Budget and grant"


def test_abbreviations_keep_their_capitals(label):
    assert label(["EPR rollout", "EPR rollout"], [0, 0], {0: ["EPR"]}) == {0: "EPR rollout"}
