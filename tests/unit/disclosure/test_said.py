"""The counts that texts may say come back from their file as they were."""

import json
import math

import numpy as np
import pytest

from pipeline.disclosure.counts import ANALYSED, Shown
from pipeline.disclosure.rules import Rules
from pipeline.disclosure.said import Said
from pipeline.disclosure.suppression import Ledger

RULES = Rules()
SMALL = ("in", "role", "Nurses", "themes", ("basics", "funding"))


@pytest.fixture
def said():
    ledger = Ledger()
    for key, number in ((ANALYSED, 204), (("topic", np.int64(3)), 0), (SMALL, 3), (("cell", "a", "b", None), 33)):
        ledger.add(key, number)
    return Shown(ledger, frozenset({SMALL}), RULES).said


def test_a_text_may_say_rounded_counts_and_no_hidden_one(said):
    assert [said.text(key) for key in (ANALYSED, ("topic", 3), SMALL, ("nowhere",))] == [
        "205", "0", "not shown", "not shown",
    ]  # fmt: skip
    assert said.share(("cell", "a", "b", None), ANALYSED) == 35 / 205
    assert math.isnan(said.share(SMALL, ANALYSED))
    assert math.isnan(said.share(ANALYSED, ("topic", 3)))


def test_what_is_read_back_says_the_same(said):
    again = Said.from_json(said.as_json(), RULES)
    assert again.numbers.keys() == said.numbers.keys()
    assert [again.text(key) for key in said.numbers] == [said.text(key) for key in said.numbers]
    assert again.as_json() == said.as_json()


def test_no_exact_count_is_in_the_file(said):
    assert {number for _, number in json.loads(said.as_json())} == {205, 0, None, 35}
