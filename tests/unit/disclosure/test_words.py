from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import Cleaned, TopicResult
from pipeline.disclosure.rules import EXACT, Rules
from pipeline.disclosure.words import public_words, without_comments

RULES = Rules(suppress_below=8)
COMMENTS = (
    [(0, "computer slow", "old computer")] * 10
    + [(0, "computer budget", "capital budget")] * 7
    + [(1, "train time", "")] * 9
    + [(2, "okafor", "okafor desk")] * 7
)


def cleaned_of(said, people=None):
    comments = pd.DataFrame(
        {"comment_id": [f"c{n}" for n in range(len(said))], "text": "t", "lemmas": [one[1] for one in said],
         "phrases": [one[2] for one in said], "qualities": [one[3] if len(one) > 3 else "" for one in said],
         "kept": True, "dropped_because": "", "duplicate_of": ""}
    )  # fmt: skip
    return Cleaned(comments.assign(person=people or ""), {})


def topics_of(said, labels, keywords, parents):
    topics = pd.DataFrame(
        {"topic": range(len(labels)), "parent": parents, "label": labels, "keywords": keywords, "size": 9}
    )
    coarse = topics.groupby("parent", as_index=False).first().rename(columns={"parent": "topic_coarse"})
    shares = pd.DataFrame({"comment_id": [f"c{n}" for n in range(len(said))], "topic": [one[0] for one in said]})
    nothing = pd.DataFrame()
    return TopicResult(nothing, topics, coarse.drop(columns="topic"), nothing, nothing, shares.assign(share=1.0), {})


@pytest.fixture
def discovered():
    return topics_of(
        COMMENTS,
        ["Old computer", "Time and train", "Okafor desk"],
        ["computer, slow, budget", "train, time", "okafor"],
        [0, 0, 1],
    )


def test_a_word_that_too_few_comments_use_is_not_public(discovered):
    topics = public_words(discovered, cleaned_of(COMMENTS), rules=RULES).topics
    assert topics["label"].tolist() == ["Old computer", "Time and train", "Topic 2"]
    assert topics["keywords"].tolist() == ["computer, slow", "train, time", ""]
    assert topics["size"].tolist() == discovered.topics["size"].tolist()


def test_a_coarse_topic_of_one_topic_keeps_that_ones_name_and_no_word_comes_back(discovered):
    coarse = public_words(discovered, cleaned_of(COMMENTS), rules=RULES).coarse_topics
    assert coarse["topic_coarse"].tolist() == [0, 1]
    assert coarse["label"].tolist()[1] == "Topic 2"
    assert coarse["keywords"].tolist() == ["computer, slow", ""]
    assert coarse["label"].tolist()[0] not in ("Okafor desk", "Capital budget")


def test_a_name_loses_the_terms_that_too_few_say_and_keeps_the_others():
    said = [(0, "computer", "computer|okafor desk" if number < 7 else "computer") for number in range(12)]
    for label, public in (
        ("Okafor desk and computers", "Computers"),
        ("Mixed: computer and okafor desk", "Mixed: computer"),
    ):
        found = topics_of(said, [label], [""], [0])
        assert public_words(found, cleaned_of(said), rules=RULES).topics["label"].tolist() == [public]


def test_a_name_that_a_person_gave_is_public_and_the_machines_beside_it_loses_words(discovered):
    topics = discovered.topics.assign(
        label=["Old computer", "Time and train", "Visits"], label_by=["machine", "machine", "person"],
        machine_label=discovered.topics["label"], definition="",
    )  # fmt: skip
    public = public_words(replace(discovered, topics=topics), cleaned_of(COMMENTS), rules=RULES)
    assert public.topics["label"].tolist() == ["Old computer", "Time and train", "Visits"]
    assert public.topics["machine_label"].tolist() == ["Old computer", "Time and train", "Topic 2"]
    # A coarse topic of one topic has that one's name.
    assert public.coarse_topics["label"].tolist()[1] == "Visits"


def test_without_rules_nothing_changes(discovered):
    assert public_words(discovered, cleaned_of(COMMENTS), rules=EXACT) is discovered


@pytest.mark.parametrize(("least", "label"), [(7, "Okafor desk"), (8, "Topic 2")])
def test_the_limit_is_the_smallest_number_that_is_shown(least, label, discovered):
    topics = public_words(discovered, cleaned_of(COMMENTS), rules=Rules(suppress_below=least)).topics
    assert topics["label"].tolist()[2] == label


def test_comments_of_one_respondent_count_once_and_those_of_nobody_each(discovered):
    people = ["ann"] * 10 + [""] * (len(COMMENTS) - 10)
    topics = public_words(discovered, cleaned_of(COMMENTS, people), respondent="person", rules=RULES).topics
    assert topics["keywords"].tolist() == ["computer", "train, time", ""]


def test_no_two_labels_of_a_level_become_the_same():
    said = [(topic, "a1 b1", "rare thing" if topic == 0 else "") for topic in (0, 1) for _ in range(9)]
    found = topics_of(said, ["Rare thing", "Other"], ["a1, b1", "a1, b1"], [0, 0])
    labels = public_words(found, cleaned_of(said), rules=RULES).topics["label"].tolist()
    assert labels == ["Rare thing", "Mixed: a1 and b1"]
    labels = public_words(found, cleaned_of(said), rules=Rules(suppress_below=19)).topics["label"].tolist()
    assert labels == ["Topic 0", "Topic 1"]


def test_no_topic_is_no_trouble():
    said = [(-1, "computer", "")] * 3
    found = topics_of(said, [], [], np.array([], dtype=np.int64))
    assert public_words(found, cleaned_of(said), rules=RULES).topics.empty


def test_in_sentences_a_comment_counts_once_however_often_it_says_a_word():
    cleaned = cleaned_of([(0, "", "")] * 7)
    ids = [*cleaned.comments["comment_id"]] * 2
    sentences = pd.DataFrame(
        {"unit_id": range(14), "comment_id": ids, "text": "t", "lemmas": "kit", "phrases": "", "qualities": ""}
    )
    found = topics_of([(0, "", "")] * 7, ["Kit"], ["kit"], [0])
    shown = public_words(found, Cleaned(cleaned.comments, {}, sentences), rules=RULES)
    assert shown.topics["keywords"].tolist() == [""]


@pytest.mark.parametrize(
    ("label", "public"),
    [
        ("Computer: slow and odd", "Computer: slow"),
        ("Computer: odd", "Computer"),
        ("Desk: slow", "Topic 0"),
        ("In general: slow and odd", "In general: slow"),
        ("Mixed: computer and desk", "Mixed: computer"),
    ],
)
def test_an_adjective_that_too_few_say_is_not_public_and_none_stays_without_its_noun(label, public):
    said = [(0, "", "computer", "slow")] * 8 + [(0, "", "desk", "odd")] * 7
    found = public_words(topics_of(said, [label], [""], [0]), cleaned_of(said), rules=RULES).topics
    assert found["label"].tolist() == [public]


def test_phrases_that_a_comment_holds_are_left_out_of_the_printed_codebook():
    phrases = ("No money", "the ward printer eats every form we send", "we queue for the one good laptop")
    book = Codebook.model_validate(
        {"title": "B", "themes": [{"id": name, "name": name, "definition": "D.", "includes": phrases,
                                   "excludes": phrases, "examples": phrases} for name in ("a", "b")]}
    )  # fmt: skip
    texts = [
        "No money.",
        "Monday: the ward printer eats EVERY form we send, again",
        "we queue for the one good laptops",
    ]
    printed = without_comments(book, texts)
    for theme in printed.themes:
        assert theme.includes == theme.excludes == theme.examples == (phrases[0], phrases[2])
    assert without_comments(book, ["Nothing of it"]) == book
