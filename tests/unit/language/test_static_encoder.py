"""A vector of each word piece, averaged."""

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from pipeline.config import DEFAULT_ENCODER
from pipeline.language import static_encoder
from pipeline.language.model_files import EncoderSource
from pipeline.language.models import load_encoder
from pipeline.language.static_encoder import StaticEncoder

SOURCE = EncoderSource("tiny", "nowhere", "weights-1", is_verified=False)
PIECES = {"[UNK]": 0, "staff": 1, "kind": 2, "parking": 3}
TABLE = np.array([[0, 0, 0], [1, 0, 0], [0, 3, 0], [0, 0, 2]], dtype=np.float32)


@pytest.fixture
def encoder(monkeypatch, tmp_path):
    """An encoder with a table of three pieces."""

    def distil(self, place):
        tokenizer = Tokenizer(models.WordLevel(PIECES, unk_token="[UNK]"))  # noqa: S106
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        tokenizer.enable_truncation(1)
        tokenizer.save(str(place / "tokenizer.json"))
        np.save(place / "pieces.npy", TABLE)

    monkeypatch.setattr(StaticEncoder, "_distil", distil)
    monkeypatch.setattr(static_encoder, "usual_sentences", lambda: ("",))
    return StaticEncoder(SOURCE, kept_in=tmp_path)


def test_a_text_is_the_mean_of_its_pieces_at_length_one(encoder, monkeypatch):
    monkeypatch.setattr(static_encoder, "_TEXTS_AT_A_TIME", 2)
    texts = ["staff kind", "", "kind kind staff", "unheard", "parking"]
    found = encoder.encode(texts)
    wanted = np.array([[1, 3, 0], [0, 0, 0], [1, 6, 0], [0, 0, 0], [0, 0, 2]], dtype=np.float32)
    np.testing.assert_allclose(found, wanted / np.maximum(np.linalg.norm(wanted, axis=1, keepdims=True), 1e-9))
    assert found.dtype == np.float32
    for text, vector in zip(texts, found, strict=True):
        assert np.array_equal(encoder.encode([text])[0], vector)
    assert encoder.encode([]).shape == (0, 3)


def test_what_plain_sentences_have_in_common_is_taken_off(encoder, monkeypatch):
    monkeypatch.setattr(static_encoder, "usual_sentences", lambda: ("staff", "kind"))
    found = encoder.encode(["staff kind", "staff"])
    for row, wanted in zip(found, ([1 - 0.5 * 10**0.5, 3 - 0.5 * 10**0.5, 0], [0.5, -0.5, 0]), strict=True):
        np.testing.assert_allclose(row, np.array(wanted) / np.linalg.norm(wanted), rtol=1e-5)


def test_texts_of_any_length_are_read_whole(encoder):
    assert encoder.count_long(["staff " * 9_999]) == 0
    assert not np.array_equal(encoder.encode(["staff kind"]), encoder.encode(["staff"]))


def test_frequent_pieces_count_less():
    weighted = static_encoder._weighted(np.ones((4, 2)))
    assert np.all(np.diff(weighted[:, 0]) > 0)
    assert np.all(weighted < 1)


@pytest.mark.slow
@pytest.mark.real
def test_the_default_model_becomes_a_table_that_finds_what_means_the_same(tmp_path):
    encoder = load_encoder(DEFAULT_ENCODER, batch_size=32, backend="static", cache=tmp_path / "v.sqlite")
    found = encoder.encode(
        ["The parking is dear", "Car parks cost too much", "My doctor was kind", "The GP was lovely"]
    )
    assert found.shape == (4, 256)
    nearest = (found @ found.T - 2 * np.eye(4)).argmax(axis=1)
    assert nearest.tolist() == [1, 0, 3, 2]
    again = load_encoder(DEFAULT_ENCODER, batch_size=32, backend="static", cache=tmp_path / "v.sqlite")
    assert np.array_equal(again.encode(["The parking is dear"])[0], found[0])
