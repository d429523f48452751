from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.config import EmbedConfig
from pipeline.contracts import Cleaned
from pipeline.stages.embed import embed_comments, unit_rows


@pytest.fixture
def cleaned():
    return Cleaned(
        pd.DataFrame(
            {
                "comment_id": ["1", "2", "3", "4"],
                "text": ["Slow kit", "slow kit", "n/a", "👎"],
                "lemmas": ["slow kit", "slow kit", "", ""],
                "phrases": "",
                "qualities": "",
                "kept": [True, True, False, True],
                "duplicate_of": ["", "1", "", ""],
            }
        ),
        {},
    )


@pytest.mark.parametrize(
    ("text", "encoded"),
    [("cleaned", ["Slow kit", "👎"]), ("lemmas", ["slow kit", "👎"]), ("both", ["Slow kit", "👎", "slow kit", "👎"])],
)
def test_each_distinct_comment_is_embedded_once_in_order(text, encoded, cleaned, encoder):
    embedded = embed_comments(cleaned, encoder=encoder, config=EmbedConfig(text=text))
    assert embedded.unit_ids == ("1", "4")
    assert encoder.encoded[: len(encoded)] == encoded
    assert embedded.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(embedded.vectors, axis=1), 1, atol=1e-6)
    assert embedded.summary["units"] == 2
    assert embedded.summary["dimensions"] == 48


def test_both_is_the_direction_between_text_and_lemmas(encoder):
    row = {
        "comment_id": "1",
        "text": "alpha",
        "lemmas": "omega",
        "phrases": "",
        "qualities": "",
        "kept": True,
        "duplicate_of": "",
    }
    cleaned = Cleaned(pd.DataFrame([row]), {})
    (vector,) = embed_comments(cleaned, encoder=encoder, config=EmbedConfig(text="both")).vectors
    alpha, omega = encoder.encode(["alpha", "omega"])
    assert vector @ alpha == pytest.approx(vector @ omega, abs=1e-6)


def test_sentences_are_embedded_beside_their_whole_comments(cleaned, encoder):
    sentences = pd.DataFrame(
        {
            "unit_id": ["1.1", "1.2", "4.1"],
            "comment_id": ["1", "1", "4"],
            "text": ["Slow", "kit", "👎"],
            "lemmas": ["slow", "kit", ""],
            "phrases": "",
            "qualities": "",
        }
    )
    embedded = embed_comments(replace(cleaned, sentences=sentences), encoder=encoder, config=EmbedConfig())
    assert embedded.unit_ids == ("1.1", "1.2", "4.1")
    assert len(embedded.vectors) == 3
    np.testing.assert_array_equal(embedded.comment_vectors, encoder.encode(["Slow kit", "👎"]))


def test_a_zero_row_stays_zero():
    rows = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]], dtype=np.float32))
    np.testing.assert_allclose(rows, [[0.6, 0.8], [0.0, 0.0]])
