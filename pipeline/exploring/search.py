"""Finding comments by their words or by their meaning."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.contracts import Encoder
from pipeline.errors import ConfigError
from pipeline.exploring.material import Material
from pipeline.language.lemmas import analyse

if TYPE_CHECKING:
    from spacy.language import Language

BY = ("words", "meaning")
_WORD = re.compile(r"[\w'’-]+")
_COLUMNS = ["comment_id", "topic", "label", "themes", "text"]


def search(
    material: Material,
    query: str,
    *,
    by: str,
    n: int,
    load_language: Callable[[], Language],
    load_encoder: Callable[[], Encoder],
) -> pd.DataFrame:
    """Find comments.

    Parameters
    ----------
    material : Material
        The run.
    query : str
        What to look for.
    by : {"words", "meaning"}
        By words, a comment is found that says one of the words, in any form of them; those that say most of them
        come first. By meaning, the nearest comments are found by the run's own encoder.
    n : int
        How many comments to return at most.
    load_language, load_encoder : callable
        Load the models that the configuration names; each is called only where it is needed.

    Returns
    -------
    DataFrame
        comment_id, topic, label, themes, text, and what they are sorted by: words (how many of the words of the query
        the comment says) or similarity (cosine, in [-1, 1]).

    Raises
    ------
    ConfigError
        For another way to search, or a query without a word.
    ModelError
        Where a model is missing, or the encoder is not the one that made the run's vectors.
    """
    if by not in BY:
        raise ConfigError(f"by: there is no search by '{by}'.", f"Use {' or '.join(BY)}.")
    words = list(dict.fromkeys(_words(query)))
    if not words or n < 1:
        raise ConfigError("There is nothing to search for.", "Give a word or more, and an n of at least 1.")
    comments = material.comments
    if by == "words":
        (analysed,) = analyse([query], load_language(), abbreviations=material.config.clean.abbreviations)
        found = _said(comments, words, analysed.lemmas.casefold().split())
    else:
        vectors = material.encoder(load_encoder).encode([query])
        likeness = material.embedded.comment_vectors.astype(np.float64) @ vectors[0].astype(np.float64)
        found = comments.assign(similarity=likeness[material.rows])
    column = found.columns[-1]
    found = found.sort_values(column, ascending=False, kind="stable").head(n)
    return found[[*_COLUMNS, column]].reset_index(drop=True)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if any(letter.isalnum() for letter in word)]


def _said(comments: pd.DataFrame, words: list[str], lemmas: list[str]) -> pd.DataFrame:
    """Return the comments that say a word of the query as it stands, or in another form."""
    # Where lemmas and words do not pair, as in "can't", each is looked for by itself.
    wanted = list(zip(words, lemmas, strict=True)) if len(words) == len(lemmas) else [(word, word) for word in words]
    said = []
    for text, its_lemmas in zip(comments["text"], comments["lemmas"], strict=True):
        here = {*_words(text), *its_lemmas.casefold().split()}
        said.append(sum(word in here or lemma in here for word, lemma in wanted))
    found = comments.assign(words=said)
    return found[found["words"] > 0]
