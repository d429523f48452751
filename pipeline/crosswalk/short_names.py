"""Codebooks of short names, and the nouns that comments say, which such names are set against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.codebook.codebook import Theme
from pipeline.crosswalk.fit import phrases_of

_SHORT = 3


def are_short_names(themes: Sequence[Theme]) -> bool:
    """Return whether themes are matched by names of three words or fewer, at the median of their phrases."""
    return bool(np.median([len(phrase.split()) for theme in themes for phrase in phrases_of(theme)]) <= _SHORT)


def phrases_said(comments: pd.DataFrame, *, seed: int) -> list[str]:
    """Draw one of the nouns and noun phrases of each comment.

    Parameters
    ----------
    comments : DataFrame
        text, lemmas and phrases of the distinct comments; see `pipeline.contracts.Cleaned`.
    seed : int
        Which one is drawn.

    Returns
    -------
    list of str
        One for each comment; its lemmas, or else its text, where it says no noun.

    Notes
    -----
    An encoder places a name of a word or two further from every sentence than sentences are from one another. Set
    against pseudo-themes made of comments a theme of short names therefore fits nothing. Set against nouns that other
    comments say, a name is compared with what is of its kind.
    """
    rng = np.random.default_rng(seed)
    found = []
    for row in comments[["text", "lemmas", "phrases"]].to_dict("records"):
        said = [phrase for phrase in row["phrases"].split("|") if phrase]
        found.append(said[rng.integers(len(said))] if said else row["lemmas"] or row["text"])
    return found
