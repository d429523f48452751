"""Sentences with what should be taken out of them, and how well that is done."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.config import CleanConfig
from pipeline.contracts import Received
from pipeline.language.lemmas import MARK
from pipeline.stages.clean import clean_comments
from tests.benchmarks.corpora import ROOT

if TYPE_CHECKING:
    from spacy.language import Language

_ITEM = re.compile(r"\[([A-Z_]+):([^\]]+)\]")


@dataclass(frozen=True)
class Sentence:
    """A sentence, and its items as (type, text)."""

    text: str
    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Score:
    """How many items of a type there are, how many were taken out, and how many of these rightly."""

    there: int
    taken: int
    right: int


@dataclass(frozen=True)
class Illustrative:
    """What is taken out of the illustrative comments.

    Attributes
    ----------
    comments : int
        How many there are.
    planted : int
        How many items of personal data stand in them, by tests/planted_items.csv: a reading of all of them.
    holding : int
        How many comments hold these.
    missed : tuple of str
        Those of which something is left, or whose mark has not their type.
    changed : int
        How many comments were changed.
    wrong : tuple of str
        Ids of the comments with a mark too many.
    """

    comments: int
    planted: int
    holding: int
    missed: tuple[str, ...]
    changed: int
    wrong: tuple[str, ...]


def illustrative(language: Language) -> Illustrative:
    """Return what the clean stage takes out of the illustrative comments."""
    comments = pd.read_csv(ROOT / "pipeline" / "corpora" / "illustrative_comments.csv", keep_default_na=False)
    planted = pd.read_csv(Path(__file__).parent / "planted_items.csv")
    texts, counts = redacted(comments["comment"].tolist(), language)
    missed, wrong = [], []
    for comment_id, said, left, found in zip(comments["comment_id"], comments["comment"], texts, counts, strict=True):
        items = planted.loc[planted["comment_id"] == comment_id, ["type", "item"]].values.tolist()
        assert all(_left(item, said) for _, item in items), comment_id
        gone = Counter(kind for kind, item in items if not _left(item, left)) & found
        missed += [item for kind, item in items if _left(item, left) or not gone[kind]]
        if found - Counter(kind for kind, _ in items):
            wrong.append(comment_id)
    return Illustrative(
        len(comments),
        len(planted),
        planted["comment_id"].nunique(),
        tuple(missed),
        sum(map(bool, counts)),
        tuple(wrong),
    )


@cache
def sentences() -> tuple[Sentence, ...]:
    """Return the sentences of tests/redaction_sentences.txt."""
    lines = (Path(__file__).parent / "redaction_sentences.txt").read_text(encoding="utf-8").splitlines()
    return tuple(
        Sentence(_ITEM.sub(r"\2", line), tuple(_ITEM.findall(line))) for line in lines if not line.startswith("#")
    )


def redacted(texts: Sequence[str], language: Language) -> tuple[list[str], list[Counter[str]]]:
    """Return each text as the stage leaves it, and what it took out of it, by type."""
    comments = pd.DataFrame({"comment_id": [str(row) for row in range(len(texts))], "text": list(texts)})
    cleaned = clean_comments(Received(comments, {}), language=language, config=CleanConfig.model_validate({}))
    assert cleaned.redactions is not None
    counts = [Counter[str]() for _ in texts]
    for comment_id, kind, count in cleaned.redactions.itertuples(index=False):
        counts[int(comment_id)][kind] = count
    return cleaned.comments["text"].tolist(), counts


def scores(language: Language) -> tuple[dict[str, Score], list[str]]:
    """Return the scores by type, and the sentences that came out wrong, as they came out.

    An item is taken out rightly where nothing of its text is left and its mark has its type.
    """
    known = sentences()
    texts, counts = redacted([sentence.text for sentence in known], language)
    there, taken, right = Counter[str](), Counter[str](), Counter[str]()
    wrong = []
    for sentence, text, found in zip(known, texts, counts, strict=True):
        expected = Counter(kind for kind, _ in sentence.items)
        gone = Counter(kind for kind, item in sentence.items if not _left(item, text))
        fitting = gone & found
        there, taken, right = there + expected, taken + found, right + fitting
        if expected != found or fitting != expected:
            wrong.append(text)
    return {kind: Score(there[kind], taken[kind], right[kind]) for kind in sorted(there | taken)}, wrong


def _left(item: str, text: str) -> bool:
    """Return whether a part of an item is left in a text, beside the marks."""
    said = MARK.sub(" ", text)
    return any(re.search(rf"\b{re.escape(part)}\b", said) for part in re.findall(r"\w+", item))
