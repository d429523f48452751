import importlib
import json
import sys

import numpy as np
import pytest

from pipeline.discovery.words import _shared_words, _unneeded_left_out, content_words, describe_topics, stop_words


def test_stop_words_are_spacys_but_for_what_comments_can_be_about():
    from spacy.lang.en.stop_words import STOP_WORDS

    assert {word.lower() for word in STOP_WORDS} - stop_words() == {"call", "move", "serious"}
    assert stop_words().isdisjoint({"system", "fire", "bill", "interest"})


@pytest.mark.parametrize(
    ("lemmas", "words"),
    [
        ("the budget be not IT", ["budget"]),
        ("EPR and GP", ["EPR", "GP"]),
        ("5 2024 x 3rd e-mail", ["e-mail"]),
        ("The THE computer", ["computer"]),
        ("", []),
    ],
)
def test_only_words_with_content_can_be_keywords(lemmas, words):
    assert content_words(lemmas) == words


@pytest.fixture
def described(encoder):
    def describe(lemmas, labels, people=None, **settings):
        return describe_topics(
            np.array(labels), lemmas, people or [1] * len(lemmas), encoder=encoder,
            **({"n_keywords": 3, "diversity": 0.0} | settings),
        )  # fmt: skip

    return describe


LEMMAS = [
    *["budget money the grant", "budget money be short", "grant budget money"] * 3,
    *["password computer the slow", "computer password be slow", "slow computer crash"] * 2,
    "rain the weather",
]
LABELS = [0] * 9 + [1] * 6 + [-1]


def test_a_topics_keywords_are_its_own_words_and_no_stop_words(described):
    keywords = described(LEMMAS, LABELS)
    assert set(keywords) == {0, 1}
    assert set(keywords[0]) <= {"budget", "money", "grant", "short"}
    assert set(keywords[1]) <= {"password", "computer", "slow", "crash"}
    assert len(keywords[0]) == len(set(keywords[0])) == 3


def test_topics_of_equal_size_keep_their_own_words(described):
    """BERTopic numbers topics anew, and may let two of one size change places."""
    lemmas = [f"{word} {word}y thing" for word in ("alpha", "beta", "gamma", "delta") for _ in range(3)]
    labels = [3] * 3 + [1] * 3 + [2] * 3 + [0] * 3
    keywords = described(lemmas, labels)
    assert {topic: words[0][:4] for topic, words in keywords.items()} == {3: "alph", 1: "beta", 2: "gamm", 0: "delt"}


def test_a_topic_without_content_words_has_no_keywords(described):
    keywords = described([*LEMMAS[:9], "the be", "it and", "of"], [0] * 9 + [1] * 3)
    assert keywords[1] == []
    assert len(keywords[0]) == 3


def test_one_topic_alone_has_keywords(described):
    assert len(described(LEMMAS[:9], [0] * 9)[0]) == 3


def test_the_same_topics_have_the_same_words_again(described):
    assert described(LEMMAS, LABELS) == described(LEMMAS, LABELS)


def test_the_words_of_all_topics_are_encoded_at_once(described, encoder, monkeypatch):
    calls, encode = [], encoder.encode
    monkeypatch.setattr(encoder, "encode", lambda texts: calls.append(texts) or encode(texts))
    keywords = described(LEMMAS, LABELS)
    (of_words,) = calls
    assert {word for words in keywords.values() for word in words} < set(of_words)


def test_a_small_topic_may_use_words_of_one_comment_that_others_use_elsewhere():
    lemmas = ["budget grant cut zebra", "budget loan cut", "grant loan cost", "grant loan budget cost", "cost grant"]
    shared = _shared_words(np.array([0, 0, 1, 1, 1]), lemmas, [1] * 5, n_keywords=10)
    assert "grant" in shared[0]
    assert "loan" in shared[1]
    assert "zebra" not in shared[0]


def test_a_topic_with_enough_shared_words_uses_no_word_of_one_comment():
    lemmas = ["budget grant cut", "budget grant cut", "budget grant cut loan", "loan cost", "loan cost"]
    shared = _shared_words(np.array([0, 0, 0, 1, 1]), lemmas, [1] * 5, n_keywords=6)
    assert shared[2] == ["budget", "grant", "cut"]


def test_an_answer_given_often_counts_as_often(described):
    lemmas = ["budget money grant", *["password laptop login"] * 3, "rain the weather"]
    labels = [0, 0, 0, 0, -1]
    assert "budget" not in described(lemmas, labels, n_keywords=6)[0]
    assert {"budget", "money", "grant"} < set(described(lemmas, labels, people=[300, 1, 1, 1, 1], n_keywords=6)[0])


def test_what_bertopic_can_do_without_is_missing_while_it_is_loaded_and_no_longer(monkeypatch):
    monkeypatch.delitem(sys.modules, "transformers", raising=False)
    monkeypatch.setitem(sys.modules, "sentence_transformers", json)
    with _unneeded_left_out():
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("transformers")
        # The encoder has loaded this one.
        assert importlib.import_module("sentence_transformers") is json
    assert "transformers" not in sys.modules
    assert sys.modules["sentence_transformers"] is json
