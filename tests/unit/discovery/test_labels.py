import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.discovery.labels import MIXED, TopicName, joined, label_topics, singular, terms_of


def named(phrases, labels, keywords, people=None, **how):
    return label_topics(np.array(labels), phrases, people or [1] * len(phrases), keywords, **how)


def labels_of(*arguments, **how):
    return {topic: name.label for topic, name in named(*arguments, **how).items()}


def test_a_topic_is_called_by_what_its_comments_share_and_says_how_many_do():
    phrases = ["laptops"] * 5 + ["laptops|library"] + ["grant"] * 6 + ["library"]
    found = named(phrases, [0] * 6 + [1] * 6 + [-1], {0: [], 1: []})
    assert found == {0: TopicName("Laptops", 1.0), 1: TopicName("Grant", 1.0)}


def test_several_terms_cover_a_topic_that_one_does_not():
    phrases = ["laptop", "laptop", "laptop", "printers", "printers", "printers", "cable", "cable", "cable", ""]
    found = named([*phrases, *["grant"] * 10], [0] * 10 + [1] * 10, {0: [], 1: []})[0]
    assert set(terms_of(found.label.casefold())) == {"laptop", "printers", "cable"}
    assert found.said_in == 0.9


def test_a_term_that_others_say_as_often_is_not_in_a_name():
    phrases = ["library|computer"] * 6 + ["library"] * 12
    assert labels_of(phrases, [0] * 6 + [1] * 12, {0: [], 1: []})[0] == "Computer"


def test_a_phrase_takes_the_place_of_its_noun_where_most_say_it():
    phrases = ["record|care record"] * 4 + ["record"] * 2 + ["grant"] * 6
    assert labels_of(phrases, [0] * 6 + [1] * 6, {0: [], 1: []})[0] == "Care record"
    phrases = ["record|care record"] * 3 + ["record"] * 6 + ["grant"] * 6
    assert labels_of(phrases, [0] * 9 + [1] * 6, {0: [], 1: []})[0] == "Record"


def test_a_term_of_two_respondents_is_no_name():
    """It may name a person, and it says nothing about the topic."""
    phrases = ["doctor oddname"] * 2 + [""] * 2 + ["computer"] * 4
    assert labels_of(phrases, [0] * 4 + [1] * 4, {0: ["budget", "grant"], 1: []})[0] == "Mixed: budget and grant"


def test_a_comment_that_repeats_a_term_counts_once():
    assert labels_of(["odd|odd|odd", "", ""], [0, 0, 0], {0: ["budget", "grant"]})[0] == "Mixed: budget and grant"


def test_an_answer_given_often_counts_as_often_as_it_was_given():
    phrases = ["roof", "tap|kitchen", "tap", "tap"]
    assert labels_of(phrases, [0] * 4, {0: []}, people=[300, 1, 1, 1])[0] == "Roof"


def test_one_number_and_the_other_count_together_and_the_commoner_is_written():
    phrases = ["password", "passwords", "passwords", "EPR", "EPR", "EPRs"]
    assert labels_of(phrases, [0, 0, 0, 1, 1, 1], {0: [], 1: []}) == {0: "Passwords", 1: "EPR"}
    assert [singular(word) for word in ("Policies", "class", "status", "GPs", "bus")] == [
        "policy", "class", "status", "gp", "bus",
    ]  # fmt: skip


def test_a_topic_whose_comments_share_little_is_mixed_and_says_what_some_say():
    phrases = ["laptop"] * 3 + ["roof"] * 3 + ["tap"] * 3 + [""] * 21
    found = named([*phrases, *["grant"] * 30], [0] * 30 + [1] * 30, {0: [], 1: []})[0]
    assert found.label.startswith(f"{MIXED}: ")
    assert set(terms_of(found.label)) == {"laptop", "roof", "tap"}
    assert found.said_in == 0.3


def test_a_noun_that_names_nothing_is_no_name():
    phrases = ["thing|way|people"] * 4 + ["grant"] * 4
    assert labels_of(phrases, [0] * 4 + [1] * 4, {0: [], 1: []})[0] == "Topic 0"


def test_a_name_that_is_known_is_kept_and_no_other_topic_gets_it():
    phrases = ["computer"] * 6
    known = {1: TopicName("Computer", 1.0)}
    found = named(phrases, [0, 0, 0, 1, 1, 1], {0: ["a1", "b1"], 1: []}, known=known)
    assert found == {0: TopicName("Mixed: a1 and b1", 0.0), 1: known[1]}


def test_a_name_that_something_else_has_is_given_to_no_topic():
    words = {0: ["computer", "screen"]}
    assert labels_of(["computer"] * 3, [0] * 3, words, taken=["Computer"]) == {0: "Mixed: computer and screen"}


def test_no_two_topics_are_called_the_same():
    words = {0: ["a1", "b1"], 1: ["a1", "b1", "c1"], 2: ["a1", "b1", "c1", "d1"]}
    found = labels_of(["computer"] * 9, [0] * 3 + [1] * 3 + [2] * 3, words)
    assert len({label.casefold() for label in found.values()}) == 3


def test_a_stop_word_is_no_part_of_a_name_made_of_keywords():
    assert labels_of(["", ""], [0, 0], {0: ["the", "budget", "grant"]})[0] == "Mixed: budget and grant"


@given(st.lists(st.text("abcdefgh ", min_size=1).map(str.strip).filter(bool), min_size=1, max_size=3), st.booleans())
def test_the_terms_of_a_label_are_those_that_it_joins(terms, mixed):
    terms = [term for term in dict.fromkeys(terms) if "and" not in term.split()]
    if terms:
        assert [said.casefold() for said in terms_of(joined(terms, mixed=mixed))] == terms
