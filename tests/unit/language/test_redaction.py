import re
from collections import Counter
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config import PersonalData
from pipeline.language.identifiers import KINDS
from pipeline.language.lemmas import MARK, analyse
from pipeline.language.names import NameFinder
from pipeline.language.persons import Words
from pipeline.language.redaction import (
    TYPES,
    Redacted,
    not_names,
    redact_identifiers,
    redact_names,
    redact_persons,
    without_marks,
)
from tests.redaction_examples import illustrative, scores, sentences

NOBODY = Words(lambda word: len(word) < 5, frozenset({"the", "and"}), frozenset({"datix"}))


def without_persons(text):
    return redact_persons(text, NOBODY).text


def test_types_are_those_that_a_configuration_may_keep():
    assert sorted(get_args(PersonalData)) == sorted(TYPES)


def test_a_mark_takes_the_place_of_what_is_taken_out():
    result = redact_identifiers("Ring 01632 960417 or 07700 900123, or write to a.b@example.org.")
    assert result == Redacted("Ring <PHONE> or <PHONE>, or write to <EMAIL>.", {"PHONE": 2, "EMAIL": 1})


def test_what_is_allowed_or_kept_stays():
    text = "Ring 01632 960417, SK9 5AF"
    assert redact_identifiers(text, allow={"01632 960417"}).text == "Ring 01632 960417, <POSTCODE>"
    assert redact_identifiers(text, keep=["POSTCODE"]).text == "Ring <PHONE>, SK9 5AF"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("Dr Chukwuma's clinic", "Dr <PERSON>'s clinic"),
        ("maureen and Datix", "<PERSON> and Datix"),
        ("St Maureen is a place, Maureen Ward too", "St Maureen is a place, Maureen Ward too"),
        ("Mrs P knew", "Mrs <PERSON> knew"),
        ("MS Teams", "MS Teams"),
        ("Maureen Tattersby Monday", "<PERSON> Monday"),
        ("and since Sue left in August", "and since <PERSON> left in August"),
        ("Sue left, they could sue us", "Sue left, they could sue us"),
        ("with the Dawn team, in May, and Will they", "with the Dawn team, in May, and Will they"),
    ],
)
def test_persons_are_found_by_title_and_first_name(text, result):
    assert without_persons(text) == result


def test_a_surname_in_one_comment_is_one_in_all(language):
    people = NameFinder(language)
    texts = ["Maureen Tattersby keeps the files.", "tattersby again", "The files are lost."]
    list(analyse(texts, language, on_the_way=people.read))
    found = redact_names(texts, people)
    assert [found[text].text for text in texts] == [
        "<PERSON> keeps the files.",
        "<PERSON> again",
        "The files are lost.",
    ]


def test_a_word_of_the_allow_list_is_no_name(language):
    people = NameFinder(language)
    texts = ["Denise is our booking system.", "Dr Denise Holt"]
    list(analyse(texts, language, on_the_way=people.read))
    assert redact_names(texts, people, allow=["DENISE"])[texts[0]].text == texts[0]
    assert "lloyd george" in not_names()


PIECES = st.sampled_from(
    [
        "Ring", "01632 960417", "07700 900123", "a.b@example.org", "943 476 5919", "Maureen", "Tattersby", "Dr", "St",
        "Will", "May", "ward", "Ward", "<PERSON>", "<name>", "<", ">", "dob", "1/2/1930", "GMC", "7654321", "SK9 5AF",
        "AB12 CDE", "14 Larkspur Close", "ext", "4417", "\n", ",", "’s", "4111 1111 1111 1111", "É", "-", ".",
        "O'Brien", "J", "the", "NHS", "number",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map(" ".join), st.lists(PIECES).map("".join)))
def test_nothing_is_left_to_take_out_and_every_mark_is_counted(text):
    before = Counter(MARK.findall(text))
    first = redact_identifiers(text)
    second = redact_persons(first.text, NOBODY)
    marks = Counter(MARK.findall(second.text))
    counts = Counter(first.counts) + Counter(second.counts)
    assert marks == before + Counter({f"<{kind}>": number for kind, number in counts.items()})
    assert redact_identifiers(first.text) == Redacted(first.text, {})
    assert redact_persons(second.text, NOBODY) == Redacted(second.text, {})
    assert without_marks(second.text) == without_marks(without_marks(second.text))


def test_marks_are_no_words(language):
    (found,) = analyse(["The old <PERSON> system needs <NHS_NUMBER> and <name>'s ward"], language)
    assert not re.search(r"person|nhs|number|name|<|>", f"{found.lemmas} {found.phrases}".lower())
    assert {"old", "system", "need", "ward"} <= set(found.lemmas.split())
    assert "old system" not in found.phrases


@pytest.fixture(scope="module")
def read(language):
    return illustrative(language)


@pytest.mark.thorough
def test_every_planted_item_is_found(read):
    assert read.planted >= 20
    assert read.missed == ()


@pytest.mark.thorough
def test_under_one_comment_in_a_hundred_is_redacted_wrongly(read):
    assert read.changed >= read.holding
    assert len(read.wrong) < read.comments / 100


@pytest.mark.thorough
def test_precision_and_recall_by_type_stay_as_measured(language):
    assert len(sentences()) >= 300
    assert 2 * sum(not sentence.items for sentence in sentences()) >= len(sentences())
    found, _ = scores(language)
    assert set(found) == set(TYPES)
    for kind in KINDS:
        assert found[kind].right >= 0.9 * max(found[kind].there, found[kind].taken), kind
    assert found["PERSON"].right >= 0.92 * found["PERSON"].there
    assert found["PERSON"].right >= 0.94 * found["PERSON"].taken
