import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipeline.discovery.labels import GENERAL, MIXED, Terms, TopicName, label_topics


class Meanings:
    """An encoder that knows what some terms mean, and nothing of all others."""

    def __init__(self, **known):
        self.known = known

    def encode(self, texts):
        return np.array([self.known.get(text, (0.0, 0.0, 0.0)) for text in texts], dtype=np.float32)


def named(phrases, labels, keywords, people=None, *, qualities=None, lemmas=None, vectors=None, encoder=None, **how):
    nothing = [""] * len(phrases)
    units = pd.DataFrame({"phrases": phrases, "qualities": qualities or nothing, "lemmas": lemmas or nothing})
    vectors = np.ones((len(phrases), 3), dtype=np.float32) if vectors is None else vectors
    return label_topics(
        np.array(labels), units, people or [1] * len(phrases), vectors, keywords, encoder=encoder or Meanings(), **how
    )


def labels_of(*arguments, **how):
    return {topic: name.label for topic, name in named(*arguments, **how).items()}


def test_a_topic_is_called_by_what_its_comments_share_and_says_how_many_do():
    phrases = ["laptops"] * 5 + ["laptops|library"] + ["grant"] * 6 + ["library"]
    found = named(phrases, [0] * 6 + [1] * 6 + [-1], {0: [], 1: []})
    assert found == {0: TopicName("Laptops", 1.0), 1: TopicName("Grant", 1.0)}


def test_several_terms_cover_a_topic_that_one_does_not():
    phrases = [*["laptop"] * 4, *["printers"] * 4, *["cable"] * 4, ""]
    found = named([*phrases, *["grant"] * 10], [0] * 13 + [1] * 10, {0: [], 1: []})[0]
    assert {noun.casefold() for noun in Terms.of(found.label).nouns} == {"laptop", "printers", "cable"}
    assert found.said_in == 12 / 13


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


def test_three_people_make_no_name_unless_they_are_half_of_the_topic():
    others = ["grant"] * 20
    few = [*["roof"] * 3, "", "", ""]
    assert labels_of([*few, *others], [0] * 6 + [1] * 20, {0: [], 1: []})[0] == "Roof"
    assert labels_of([*few, "", *others], [0] * 7 + [1] * 20, {0: [], 1: []})[0] == "Topic 0"


def test_a_topic_whose_comments_share_little_is_mixed_and_says_what_some_say():
    phrases = ["laptop"] * 4 + ["roof"] * 4 + ["tap"] * 4 + [""] * 23
    found = named([*phrases, *["grant"] * 35], [0] * 35 + [1] * 35, {0: [], 1: []})[0]
    assert found.label.startswith(f"{MIXED}: ")
    assert set(Terms.of(found.label).nouns) == {"laptop", "roof", "tap"}
    assert found.said_in == 12 / 35


def test_a_mixed_topic_is_called_by_up_to_four_terms_until_they_cover_half_of_it():
    said = ["laptop", "roof", "tap", "cable", "screen", "fan"]
    phrases = [term for term in said for _ in range(4)]
    for silent in (8, 24):
        size = len(phrases) + silent
        found = named([*phrases, *[""] * silent, *["grant"] * 48], [0] * size + [1] * 48, {0: [], 1: []})[0]
        assert len(Terms.of(found.label).nouns) == 4
        assert found.said_in == 16 / size
        assert found.label.startswith(MIXED)


def test_a_topic_whose_nouns_few_say_is_called_by_keywords_that_more_say():
    phrases = ["support"] * 4 + [""] * 27 + ["grant"] * 31
    lemmas = ["be kind"] * 4 + ["polite be"] * 4 + ["be kindly"] * 23 + ["grant"] * 31
    people = [1, 1, 1, 4, *[1] * 58]
    keywords = {0: ["kind", "polite"], 1: []}
    found = named(phrases, [0] * 31 + [1] * 31, keywords, people, lemmas=lemmas)[0]
    assert found == TopicName("Mixed: kind and polite", 11 / 34)


def test_of_two_keywords_that_as_many_say_the_nearer_in_meaning_comes_first():
    lemmas = ["save"] * 3 + ["portal"] * 3 + ["other"] * 9 + ["grant"] * 15
    vectors = np.array([[1, 0, 0]] * 15 + [[0, 1, 0]] * 15, dtype=np.float32)
    near = {"vectors": vectors, "encoder": Meanings(portal=(1, 0, 0), save=(0, 1, 0))}
    found = labels_of([""] * 30, [0] * 15 + [1] * 15, {0: ["save", "portal"], 1: []}, lemmas=lemmas, **near)
    assert found[0] == "Mixed: portal and save"


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


def test_of_two_topics_with_one_best_name_the_fitter_has_it_and_the_other_says_more():
    phrases = ["card"] * 7 + ["card|refund"] * 4 + [""] + ["card"] * 10 + ["tea"] * 40
    labels = [0] * 12 + [1] * 10 + [2] * 40
    assert labels_of(phrases, labels, {0: [], 1: [], 2: []}) == {0: "Card and refund", 1: "Card", 2: "Tea"}


def test_a_stop_word_is_no_part_of_a_name_made_of_keywords():
    assert labels_of(["", ""], [0, 0], {0: ["the", "budget", "grant"]})[0] == "Mixed: budget and grant"


def test_a_topic_with_one_general_noun_is_called_by_a_telling_one_too():
    """Night is said by more, and noise by hardly anybody else."""
    phrases = ["night"] * 6 + ["night|noise"] * 4 + ["night"] + ["food"] * 20
    labels = [0] * 10 + [1] * 21
    vectors = np.array([[1, 0, 0]] * 10 + [[0, 1, 0]] * 21, dtype=np.float32)
    apart = {"vectors": vectors, "encoder": Meanings(night=(0, 0, 1), noise=(1, 0, -2), food=(0, 1, 0))}
    assert labels_of(phrases, labels, {0: [], 1: []}, **apart)[0] == "Night and noise"
    apart["encoder"] = Meanings(night=(1, 0, -2), noise=(0, 0, 1), food=(0, 1, 0))
    assert labels_of(phrases, labels, {0: [], 1: []}, **apart)[0] == "Night"


def test_of_two_terms_said_as_often_the_one_nearer_in_meaning_is_the_name():
    phrases = ["week|tablet"] * 6 + ["food"] * 6
    vectors = np.array([[1, 0, 0]] * 6 + [[0, 1, 0]] * 6, dtype=np.float32)
    near = {"vectors": vectors, "encoder": Meanings(tablet=(1, 0, 0), week=(0, 1, 0), food=(0, 1, 0))}
    assert labels_of(phrases, [0] * 6 + [1] * 6, {0: [], 1: []}, **near)[0] == "Tablet"


def test_what_many_say_of_a_topics_noun_follows_it():
    phrases = ["staff"] * 8 + ["food"] * 8
    qualities = ["friendly|helpful"] * 4 + ["helpful"] * 2 + [""] * 2 + ["cold"] * 1 + [""] * 7
    found = named(phrases, [0] * 8 + [1] * 8, {0: [], 1: []}, qualities=qualities)
    assert found == {0: TopicName("Staff: helpful and friendly", 1.0), 1: TopicName("Food", 1.0)}


def test_a_topic_of_which_fewer_than_half_say_its_nouns_is_mixed():
    phrases = ["toilet"] * 4 + ["room"] * 4 + [""] * 10 + ["food"] * 18
    found = named(phrases, [0] * 18 + [1] * 18, {0: [], 1: []})[0]
    assert found == TopicName(f"{MIXED}: toilet and room", 8 / 18)


def test_who_says_a_verb_says_the_noun_that_its_form_in_ing_is():
    phrases = ["waiting"] + [""] * 7 + ["food"] * 8
    lemmas = ["waiting"] + ["we wait"] * 4 + [""] * 3 + [""] * 8
    assert named(phrases, [0] * 8 + [1] * 8, {0: [], 1: []}, lemmas=lemmas)[0] == TopicName("Waiting", 5 / 8)


def test_an_adjective_in_comments_without_the_noun_is_not_said_of_it():
    phrases = ["staff"] * 6 + [""] * 4 + ["food"] * 8
    qualities = [""] * 6 + ["slow"] * 4 + [""] * 8
    assert labels_of(phrases, [0] * 10 + [1] * 8, {0: [], 1: []}, qualities=qualities)[0] == "Staff"


def test_an_adjective_that_others_say_as_often_does_not_follow():
    phrases = ["staff"] * 6 + ["food"] * 6
    assert labels_of(phrases, [0] * 6 + [1] * 6, {0: [], 1: []}, qualities=["good"] * 12) == {0: "Staff", 1: "Food"}


def test_an_adjective_that_says_nothing_by_itself_does_not_follow():
    phrases = ["staff"] * 6 + ["food"] * 6
    qualities = ["little|same"] * 6 + [""] * 6
    assert labels_of(phrases, [0] * 6 + [1] * 6, {0: [], 1: []}, qualities=qualities)[0] == "Staff"


def test_a_topic_that_shares_praise_and_no_subject_is_called_by_the_praise():
    phrases = ["roof", "tap", "door", "", "", ""] + ["food"] * 6
    qualities = ["great"] * 4 + [""] * 2 + [""] * 6
    found = named(phrases, [0] * 6 + [1] * 6, {0: [], 1: []}, qualities=qualities)[0]
    assert found == TopicName(f"{GENERAL}: great", 4 / 6)


_TERM = st.text("abcdefgh ", min_size=1).map(str.strip).filter(lambda term: term and "and" not in term.split())
_TERMS = st.lists(_TERM, max_size=3, unique=True).map(tuple)


@given(_TERMS, _TERMS, st.booleans())
def test_a_label_is_read_back_as_the_terms_that_it_joins(nouns, qualities, mixed):
    if not nouns and (mixed or not qualities):
        return
    terms = Terms(nouns, () if mixed else qualities, mixed)
    found = Terms.of(str(terms))
    assert [noun.casefold() for noun in found.nouns] == list(nouns)
    assert (found.qualities, found.mixed) == (terms.qualities, mixed)


def test_a_label_without_its_mark_is_of_the_same_terms():
    assert str(Terms.of(f"{MIXED}: wifi and laptop")) == f"{MIXED}: wifi and laptop"
