"""The sentences of comments: a comment that says two things is read twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from pipeline.contracts import Labels

if TYPE_CHECKING:
    from spacy.language import Language

_FEWEST_WORDS = 2


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
        Sentences of one word ("Yes.") say little alone and are left out, unless the comment has no longer one:
        then it stands whole.
    """
    sentences: list[str] = []
    owner: list[int] = []
    # The rule that splits needs no model, so no words are sent through one.
    for row, document in enumerate(_splitter().pipe(texts)):
        parts = [line.strip() for sentence in document.sents for line in sentence.text.splitlines()]
        said = [part for part in parts if len(part.split()) >= _FEWEST_WORDS] or [texts[row]]
        sentences += said
        owner += [row] * len(said)
    return Sentences(tuple(sentences), np.asarray(owner, dtype=np.int64))


@cache
def _splitter() -> Language:
    import spacy

    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    return language
