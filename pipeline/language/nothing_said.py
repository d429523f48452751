"""Comments that say nothing is wrong, or nothing at all, or thank you: a class of their own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.contracts import Bools, Encoder, Vectors
from pipeline.formats.wordlist import word_list
from pipeline.language.sentences import split_sentences

LIKE, PART_LIKE = 0.6, 0.5
"""Cosines from which a comment, and each of its sentences, is taken to mean one of the phrases. They were chosen on the
illustrative comments; the docs' benchmark says what they find in other surveys."""


def says_nothing(texts: Sequence[str], vectors: Vectors, encoder: Encoder, *, further: Sequence[str] = ()) -> Bools:
    """Say which comments say nothing.

    Parameters
    ----------
    texts : sequence of str
        The comments.
    vectors : ndarray of shape (n_comments, n_dimensions), float32
        Their unit vectors.
    encoder : Encoder
        The encoder that made the vectors.
    further : sequence of str
        Phrases of a survey, besides those that come with the program.

    Returns
    -------
    ndarray of shape (n_comments,), bool
        Whether a comment as a whole, and each of its sentences, is like one of the phrases: "Fine, thanks" is, and
        "Fine, thanks. The wifi is slow" is not.
    """
    phrases = encoder.encode([*sorted(word_list("pipeline.language", "nothing_said.txt")), *further]).T
    found = np.asarray((vectors @ phrases).max(axis=1) >= LIKE)
    rows = np.flatnonzero(found).tolist()
    if rows:
        sentences = split_sentences([texts[row] for row in rows])
        unlike = (encoder.encode(sentences.texts) @ phrases).max(axis=1) < PART_LIKE
        found[np.asarray(rows)[sentences.owner[unlike]]] = False
    return found
