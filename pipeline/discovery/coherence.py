"""How well the words of topics hang together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_ALMOST_ZERO = 1e-12
"""Added to each joint probability: words that never meet have no logarithm otherwise."""


def npmi(keywords: Sequence[Sequence[str]], documents: Sequence[Sequence[str]], *, top: int = 10) -> float:
    """Measure how often the words of a topic occur in the same comments.

    Parameters
    ----------
    keywords : sequence of sequence of str
        The keywords of each topic, strongest first.
    documents : sequence of sequence of str
        The words of each comment.
    top : int
        How many keywords of each topic count.

    Returns
    -------
    float
        Normalised pointwise mutual information in [-1, 1]: the mean over the pairs of a topic's words, then over
        topics; 0 is chance. Missing (NaN) where no topic has two keywords that occur.

    References
    ----------
    Röder, Both and Hinneburg (2015), doi:10.1145/2684822.2685324.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    documents = [document for document in documents if document]
    known = {word for document in documents for word in document}
    topics = [[word for word in words[:top] if word in known] for words in keywords]
    topics = [words for words in topics if len(words) > 1]
    if not topics:
        return float("nan")
    place = {word: row for row, word in enumerate(sorted({word for words in topics for word in words}))}
    has = CountVectorizer(analyzer=list, vocabulary=place, binary=True, dtype=np.float64).transform(documents)
    together = (has.T @ has).toarray() / len(documents)
    alone = together.diagonal()
    values = np.log((together + _ALMOST_ZERO) / np.outer(alone, alone)) / -np.log(together + _ALMOST_ZERO)
    means = []
    for words in topics:
        rows = [place[word] for word in words]
        means.append(values[np.ix_(rows, rows)][np.triu_indices(len(rows), k=1)].mean())
    return float(np.mean(means))
