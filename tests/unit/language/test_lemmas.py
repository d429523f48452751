"""Lemmas: the words that keywords are made of."""

import pytest

from pipeline.language.lemmas import analyse


@pytest.mark.parametrize(
    ("text", "lemmas"),
    [
        ("The data are in several files.", "the data be in several file"),
        ("Data about doses and criteria", "data about doses and criteria"),
        ("Paperless wards", "paperless ward"),
        ("We can't log in to the EPR", "we can not log in to the EPR"),
        ("Call <PHONE> about laptops", "call about laptop"),
    ],
)
def test_a_lemma_is_a_word_that_people_write(language, text, lemmas):
    assert next(analyse([text], language)).lemmas == lemmas
