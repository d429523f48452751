"""Comments read in parts, in any order and anywhere, are read as they would be together."""

import json
from functools import partial

import pytest

from pipeline.language import parts
from pipeline.language.lemmas import analyse
from pipeline.language.names import NameFinder
from pipeline.language.parts import analyse_in_parts, in_parts

SAID = ("The budget for dr okonkwo's ward", "Tom and Ada run the ward", "Mr smith came", "The EPR is slow. It crashes.")
TEXTS = [f"{said} number {number}" for number in range(75) for said in SAID]


def backwards(held):
    def mapped(work, pieces):
        for place in reversed(range(len(pieces))):
            # What comes from another process or from a file was JSON.
            yield place, json.loads(json.dumps(work(held, pieces[place])))

    return mapped


@pytest.fixture(scope="module")
def together(language):
    people = NameFinder(language, ("ada",))
    return list(analyse(TEXTS, language, abbreviations=("EPR",), on_the_way=people.read)), people


@pytest.mark.thorough
def test_parts_in_another_order_give_the_same_texts_and_names(together, language, monkeypatch):
    monkeypatch.setattr(parts, "in_parts", partial(in_parts, size=256))
    analysed, alone = together
    people = NameFinder(language, ("ada",))
    told: list[tuple[str, int, int]] = []
    found = list(
        analyse_in_parts(
            TEXTS, backwards(language), abbreviations=("EPR",), sentences=False, people=people, no_names=("ada",),
            progress=lambda *said: told.append(said),
        )
    )  # fmt: skip
    assert found == analysed
    assert people.uses() == alone.uses()
    assert people.names() == alone.names() != frozenset()
    assert told == [("lemmas", 44, 300), ("lemmas", 300, 300)]


def test_all_texts_are_in_one_part_in_order():
    assert in_parts(["a", "b", "c"], 2) == [["a", "b"], ["c"]]
    assert in_parts([]) == []
    assert parts.PART % 256 == 0
