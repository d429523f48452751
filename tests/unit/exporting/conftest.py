from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest

from pipeline.codebook.codebook import Codebook
from pipeline.coding.codes import CodedSample, codes_frame
from pipeline.config import ColumnsConfig
from pipeline.contracts import Cleaned, Mapped, TopicResult
from pipeline.exporting.material import Material

TEXTS = {"a": "😀 No money\r\nleft ]]> \x00here", "b": "Slow computer", "c": "שלום", "x": ""}


@pytest.fixture
def material(codebook: Codebook) -> Material:
    """Four comments, one of them set aside: one in each topic, one in none; coded in a column and in sheets."""
    comments = pd.DataFrame(
        {
            "comment_id": list(TEXTS),
            "topic": ["North", "South", "", "North"],
            "age": ["31", "", "44", "7"],
            "ada": ["funding", "other", "", "equipment"],
            "text": list(TEXTS.values()),
            "kept": [True, True, True, False],
            "dropped_because": ["", "", "", "empty"],
            "duplicate_of": "",
        }
    )
    topics = pd.DataFrame(
        {
            "topic": [0, 1], "label": ["grant", "Money"], "keywords": ["grant, tax", "screen"], "definition": ["", ""],
        }
    )  # fmt: skip
    coarse = pd.DataFrame({"topic_coarse": [0], "label": ["all"]})
    assignments = pd.DataFrame(
        {
            "comment_id": ["a", "b", "c"],
            "topic": [0, 1, -1],
            "membership": [0.9, 0.5, 0.2],
            "topic_coarse": [0, 0, -1],
            "theme": ["funding", "unmapped", ""],
            "theme_direct": ["funding", "equipment", "unmapped"],
            "outlook_direct": ["negative", "mixed", "positive"],
        }
    )
    themes = pd.DataFrame({"comment_id": ["a", "a", "b"], "theme": ["funding", "direction", "equipment"]})
    empty = pd.DataFrame()
    codes = codes_frame(
        [
            ("a", "coder_1", "funding", ("direction",), "negative", False),
            ("b", "coder_1", "none", (), "", True),
            ("b", "adjudicated", "equipment", (), "mixed", False),
        ]
    )
    return Material(
        cleaned=Cleaned(comments, {}),
        topics=TopicResult(assignments, topics, coarse, empty, empty, empty, {}),
        mapped=Mapped(
            assignments=assignments,
            comment_themes=themes,
            crosswalk=empty,
            topic_themes=pd.DataFrame({"topic": [0, 1], "theme": ["funding", "unmapped"]}),
            diagnosis=empty,
            nearest_comments=empty,
            summary={},
        ),
        codebook=codebook,
        outlook=codebook.facet("outlook"),
        columns=ColumnsConfig.model_validate(
            {
                "id": "comment_id",
                "metadata": ["topic", "age"],
                "coders": [{"name": "Ada", "theme": ["ada"], "kind": "model"}],
            }
        ),
        sample=CodedSample(codes, ("a", "b", "c"), ("a", "b"), ("a", "b")),
        made_from={"ingest": {"a": "1"}},
        made=datetime(2026, 3, 1, tzinfo=UTC),
        notice="Made up.",
    )
