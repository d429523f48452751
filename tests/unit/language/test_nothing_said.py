import pytest

from pipeline.config import DEFAULT_ENCODER
from pipeline.language import models
from pipeline.language.nothing_said import says_nothing


@pytest.fixture(scope="module")
def real_encoder():
    return models.load_encoder(DEFAULT_ENCODER, batch_size=32)


@pytest.mark.real
@pytest.mark.parametrize(
    "text",
    ["Nothing.", "All going fine thanks", "We're doing fine", "Not much, honestly", "Don't know, sorry",
     "No problems here", "No complaints. Keep up the good work!"],
)  # fmt: skip
def test_what_says_that_nothing_is_wrong_is_known(text, real_encoder):
    assert says_nothing([text], real_encoder.encode([text]), real_encoder).tolist() == [True]


@pytest.mark.real
@pytest.mark.parametrize(
    "text",
    ["Money", "The wifi", "Nobody listens to us", "All going fine. The wifi drops out every hour.", "No backfill",
     "Doing well. Control room and crews were involved from day one.", "No time to train anybody",
     "Thanks to cuts, nothing works"],
)  # fmt: skip
def test_what_makes_a_point_is_not_taken_for_it(text, real_encoder):
    assert says_nothing([text], real_encoder.encode([text]), real_encoder).tolist() == [False]


def test_a_survey_may_have_phrases_of_its_own(encoder):
    texts = ["wibble wobble", "wobble budget frozen"]
    vectors = encoder.encode(texts)
    assert says_nothing(texts, vectors, encoder).tolist() == [False, False]
    assert says_nothing(texts, vectors, encoder, further=["wibble wobble"]).tolist() == [True, False]


def test_each_sentence_must_say_nothing(encoder):
    texts = ["wibble wobble wibbly wobbly woo. Frozen budget", "Wibble wobble. Wibbly wobbly woo."]
    phrases = ["wibble wobble", "wibbly wobbly woo", "wibble wobble wibbly wobbly woo"]
    assert says_nothing(texts, encoder.encode(texts), encoder, further=phrases).tolist() == [False, True]
