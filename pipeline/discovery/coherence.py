"""How well the words of topics hang together, and how little topics share words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WINDOW = 10
"""Words that count as near one another (Röder, Both and Hinneburg 2015)."""


@dataclass(frozen=True)
class Coherence:
    """Quality of topics' words.

    Attributes
    ----------
    npmi_window : float
        Normalised pointwise mutual information in [-1, 1], over windows of ten words; 0 is chance.
    npmi_document : float
        The same over whole comments.
    diversity : float
        Share of the top words that are distinct, in (0, 1]; 1 where no two topics share a word.
    """

    npmi_window: float
    npmi_document: float
    diversity: float


def measure_coherence(
    keywords: Sequence[Sequence[str]], documents: Sequence[Sequence[str]], *, top: int = 10
) -> Coherence:
    """Measure the words of topics against the comments that they came from.

    Parameters
    ----------
    keywords : sequence of sequence of str
        The keywords of each topic, strongest first.
    documents : sequence of sequence of str
        The words of each comment, in order.
    top : int
        How many keywords of each topic count.

    Returns
    -------
    Coherence
        All missing (NaN) where no topic has two keywords.

    References
    ----------
    Röder, Both and Hinneburg (2015), doi:10.1145/2684822.2685324, as gensim computes it; Dieng, Ruiz and Blei
    (2020), doi:10.1162/tacl_a_00325, for diversity.
    """
    from gensim.corpora import Dictionary
    from gensim.models.coherencemodel import CoherenceModel

    known = {word for document in documents for word in document}
    topics = [[word for word in words[:top] if word in known] for words in keywords]
    topics = [words for words in topics if len(words) > 1]
    if not topics:
        return Coherence(float("nan"), float("nan"), float("nan"))
    texts = [list(document) for document in documents if document]
    dictionary = Dictionary(texts)
    longest = max(len(text) for text in texts)

    def npmi(window: int) -> float:
        model = CoherenceModel(
            topics=topics, texts=texts, dictionary=dictionary, coherence="c_npmi", window_size=window, topn=top,
            processes=1,
        )  # fmt: skip
        return float(model.get_coherence())

    shown = [word for words in topics for word in words]
    return Coherence(npmi(WINDOW), npmi(longest + 1), len(set(shown)) / len(shown))
