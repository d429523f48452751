"""The encoder in OpenVINO; the tests are left out, and say so, where the extra `fast` is not installed."""

import sys

import numpy as np
import pytest

from pipeline.config import DEFAULT_ENCODER
from pipeline.errors import ModelError
from pipeline.language.models import load_encoder
from pipeline.language.openvino_encoder import OpenVinoEncoder

pytestmark = [pytest.mark.slow, pytest.mark.real]

TEXTS = [
    "",
    "Kind staff.",
    "I waited for three hours and nobody told me why.",
    "Car parking is dear. " * 90,
    "☃",
    "a b",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    pytest.importorskip("openvino", reason="the extra `fast` is not installed")
    return tmp_path_factory.mktemp("cache") / "vectors.sqlite"


def test_vectors_are_those_of_pytorch_and_of_no_company(cache):
    encoder = load_encoder(DEFAULT_ENCODER, batch_size=8, backend="openvino", cache=cache)
    found = encoder.encode(TEXTS)
    wanted = load_encoder(DEFAULT_ENCODER, batch_size=8).encode(TEXTS)
    assert np.all(np.sum(found * wanted, axis=1) >= 0.9999)
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, found, strict=True):
        assert np.array_equal(encoder.encode([text])[0], vector)
    assert encoder.encode([]).shape == (0, found.shape[1])
    assert encoder.count_long(TEXTS) == 1
    assert (encoder.variant, encoder.device) == ("openvino", "cpu")
    assert sys.modules["openvino_telemetry"] is None


def test_the_converted_model_is_kept(cache, monkeypatch):
    first = load_encoder(DEFAULT_ENCODER, batch_size=8, backend="openvino", cache=cache).encode(TEXTS[:2])
    monkeypatch.setattr(OpenVinoEncoder, "_convert", lambda *_: pytest.fail("it was converted again"))
    again = load_encoder(DEFAULT_ENCODER, batch_size=8, backend="openvino", cache=cache).encode(TEXTS[:2])
    assert np.array_equal(first, again)


def test_a_network_with_other_vectors_is_refused(cache, monkeypatch, tmp_path):
    encoder = load_encoder(DEFAULT_ENCODER, batch_size=8, backend="openvino", cache=tmp_path / "v.sqlite")
    monkeypatch.setattr("pipeline.language.openvino_encoder._SAME", 1.1)
    with pytest.raises(ModelError, match="OpenVINO cannot run the encoder") as problem:
        encoder.encode(["a"])
    assert "torch" in problem.value.hint
    assert list((tmp_path / "v.sqlite.models").iterdir()) == []
