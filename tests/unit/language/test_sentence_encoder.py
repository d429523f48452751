import os

import numpy as np
import pytest

from pipeline import workers
from pipeline.language import sentence_encoder
from pipeline.language.model_files import EncoderSource
from pipeline.language.sentence_encoder import SentenceEncoder

HERE = os.getpid()


class Tokenizer:
    """A word piece for each word, and two marks."""

    is_fast = True

    def __call__(self, texts, **_):
        pieces = [[0] * (len(text.split()) + 2) for text in ([texts] if isinstance(texts, str) else texts)]
        return {"input_ids": pieces[0] if isinstance(texts, str) else pieces}


class Model:
    """Says of each text how long it is, how many are encoded with it, and whether that is done in this process."""

    tokenizer = Tokenizer()

    def get_embedding_dimension(self):
        return 3

    def get_max_seq_length(self):
        return 256

    def encode(self, texts, **_):
        return np.array([[len(text), len(texts), os.getpid() == HERE] for text in texts])


@pytest.fixture
def made(monkeypatch):
    monkeypatch.setattr(sentence_encoder, "_load_sentence_transformer", lambda *_: Model())
    monkeypatch.setattr(sentence_encoder, "available_cores", lambda: 2)
    source = EncoderSource("a model", "", "1", is_verified=False)

    def make(**settings):
        return SentenceEncoder(source, batch_size=4, **settings)

    return make


TEXTS = ["word " * (place % 40 + 1) for place in range(120)]


@pytest.mark.skipif(not workers.can_fork(), reason="this system cannot fork safely")
def test_batches_are_shared_out_to_processes_and_come_back_to_their_texts(made):
    alone, shared = made().encode(TEXTS), made(on_cores=True).encode(TEXTS)
    assert alone[:, 0].tolist() == [len(text) for text in TEXTS]
    assert np.array_equal(shared[:, :2], alone[:, :2])
    assert alone[:, 2].all()
    assert not shared[:, 2].all()


def test_few_batches_start_no_process(made):
    assert made(on_cores=True).encode(["a word"] * 20)[:, 2].all()


def test_an_accelerator_is_not_shared(made, monkeypatch):
    monkeypatch.setattr(sentence_encoder, "device_for", lambda wanted: wanted)
    assert made(on_cores=True, device="cuda").encode(TEXTS)[:, 2].all()
