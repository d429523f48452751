import numpy as np
import pytest

from pipeline.discovery.saying import Said, nearness_to_topics, overlap, singular
from tests.fake_encoder import FakeEncoder


def test_a_term_is_counted_in_one_number():
    words = ("Policies", "class", "status", "GPs", "bus", "Children", "women")
    assert [singular(word) for word in words] == ["policy", "class", "status", "gp", "bus", "child", "woman"]


def test_plurals_in_es_are_counted_with_their_words():
    words = ("processes", "boxes", "wishes", "branches", "approaches", "headaches", "caches", "glass")
    expected = ["process", "box", "wish", "branch", "approach", "headache", "cache", "glass"]
    assert [singular(word) for word in words] == expected


def test_terms_that_share_a_word_overlap():
    assert overlap("care record", "record")
    assert not overlap("care record", "careful")


def test_who_says_a_term_and_how_it_is_written():
    said = Said.of(["EPR|laptops", "EPRs", "laptop|laptops", ""], [1, 5, 1, 1])
    assert said.saying(["epr"]).tolist() == [0, 1]
    assert said.saying(["epr", "laptop"]).tolist() == [0, 1, 2]
    assert said.saying([]).tolist() == []
    assert (said.form("epr"), said.form("laptop")) == ("EPRs", "laptops")


def test_a_verb_is_taken_for_its_noun_unless_it_is_a_commoner_noun_itself():
    said = Said.of(["waiting", "staff|staffing", "staff", "planning|sharing"], [1] * 4)
    found = said.with_verbs(["wait", "staff", "staff wait", "plan Share share"])
    assert found.users["waiting"].tolist() == [0, 2]
    assert found.users["staffing"].tolist() == [1]
    assert sorted(found.terms[2]) == ["staff", "waiting"]
    assert said.users["waiting"].tolist() == [0]
    again = Said.of(["sharing", "", ""], [1] * 3).with_verbs(["", "share", "plan"])
    assert again.users["sharing"].tolist() == [0, 1]


def test_a_term_is_near_the_topic_that_speaks_of_it():
    encoder = FakeEncoder()
    texts = ["wifi drops", "wifi slow wifi", "budget cut", "budget gone budget", "nothing"]
    near = nearness_to_topics(
        ["wifi", "budget"], np.array([0, 0, 1, 1, -1]), [1] * 5, encoder.encode(texts), encoder
    )  # fmt: skip
    assert sorted(near) == [0, 1]
    assert near[0][0] > near[0][1]
    assert near[1][1] > near[1][0]


def test_one_term_alone_is_neither_near_nor_far():
    encoder = FakeEncoder()
    near = nearness_to_topics(["wifi"], np.array([0, 1]), [1, 1], encoder.encode(["wifi", "tea"]), encoder)
    assert near[0] == pytest.approx([0.0])
