import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.language.sentences import split_sentences


def test_sentences_stay_in_the_order_of_their_comments():
    split = split_sentences(["It is slow. It crashes!", "No money at all", "Who asked us? Nobody did."])
    assert split.texts == (
        "It is slow.", "It crashes!", "No money at all", "Who asked us?", "Nobody did.",
    )  # fmt: skip
    assert split.owner.tolist() == [0, 0, 1, 2, 2]
    assert split.owner.dtype == np.int64


def test_a_line_break_ends_a_sentence():
    assert split_sentences(["too slow\n\n  no money\r\nbad leaders"]).texts == ("too slow", "no money", "bad leaders")


def test_a_sentence_that_says_nothing_is_left_out_beside_others():
    said = "Yes. The computer is slow. Money. Nothing to add. Thanks!"
    assert split_sentences([said]).texts == ("The computer is slow.", "Money.")


def test_the_items_of_a_list_are_parts_without_their_marks():
    said = "- no money\n• wifi\n1. Old kit.\n(b) -20 degrees in the office\n2) 3 laptops"
    split = split_sentences([said])
    assert split.texts == ("no money", "wifi", "Old kit.", "-20 degrees in the office", "3 laptops")


@pytest.mark.parametrize("text", ["Yes.", "Yes. Ok.", "", "  ", "\n", "...", "1."])
def test_a_comment_without_another_sentence_stands_whole(text):
    split = split_sentences([text])
    assert (split.texts, split.owner.tolist()) == ((text,), [0])


def test_no_comments_have_no_sentences():
    split = split_sentences([])
    assert (split.texts, split.owner.tolist(), split.owner.dtype) == ((), [], np.int64)


@given(texts=st.lists(st.text(alphabet=st.sampled_from("ab .!?\n\t\u2028é"), max_size=20), max_size=6))
def test_every_comment_has_a_sentence_and_every_sentence_is_of_its_comment(texts):
    split = split_sentences(texts)
    assert set(split.owner.tolist()) == set(range(len(texts)))
    assert (np.diff(split.owner) >= 0).all()
    assert all(sentence in texts[row] for sentence, row in zip(split.texts, split.owner, strict=True))
