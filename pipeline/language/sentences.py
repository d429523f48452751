"""The sentences of comments: a comment that says two things is read twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.contracts import Labels
from pipeline.formats.wordlist import word_list
from pipeline.language.cleaning import fold, non_answers

if TYPE_CHECKING:
    from spacy.language import Language

_ITEM = re.compile(r"^(?:[-*+•·–—▪◦>]+|\(?(?:\d{1,2}|[a-z])[.)])\s+", re.IGNORECASE)
"""What a list puts before each of its items."""


@dataclass(frozen=True)
class Sentences:
    """Sentences in the order of their comments.

    Attributes
    ----------
    texts : tuple of str
        The sentences.
    owner : ndarray of shape (n_sentences,), int64
        Row of the comment that each is from; every comment has at least one.
    """

    texts: tuple[str, ...]
    owner: Labels


def split_sentences(texts: Sequence[str]) -> Sentences:
    """Split comments at their punctuation and line breaks.

    Parameters
    ----------
    texts : sequence of str
        The comments.

    Returns
    -------
    Sentences
        Without the marks of lists. A sentence that only says "Yes" or "Thanks" is left out, unless the comment has no
        other: then it stands whole.
    """
    import numpy as np

    sentences: list[str] = []
    owner: list[int] = []
    # The rule that splits needs no model, so no words are sent through one.
    for row, document in enumerate(_splitter().pipe(texts)):
        parts = [line.strip() for sentence in document.sents for line in sentence.text.splitlines()]
        said = [part for part in (_ITEM.sub("", part) for part in parts) if _says_something(part)] or [texts[row]]
        sentences += said
        owner += [row] * len(said)
    return Sentences(tuple(sentences), np.asarray(owner, dtype=np.int64))


def _says_something(part: str) -> bool:
    # A symbol may be an answer; "1." alone is none.
    folded = fold(part)
    return not folded.replace(" ", "").isdigit() and folded != "" and folded not in _empty_answers()


@cache
def _empty_answers() -> frozenset[str]:
    return non_answers() | word_list("pipeline.language", "fillers.txt")


@cache
def _splitter() -> Language:
    import spacy

    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    return language
