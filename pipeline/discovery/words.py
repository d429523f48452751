"""The words of a topic: class-based TF-IDF on lemmas, then maximal marginal relevance, by BERTopic."""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from pipeline.contracts import Encoder, Labels, Vectors
from pipeline.discovery.compiled import umap_functions
from pipeline.formats.wordlist import word_list

_WORD = re.compile(r"[^\W\d_][\w&/-]*[^\W_]")
"""At least two characters, a letter first: no figures, no fragments of contractions."""


_SUBJECTS = frozenset({"call", "move", "serious"})
"""Words of spaCy's list that comments can be about."""


@cache
def stop_words() -> frozenset[str]:
    """Return the words that are never a keyword, in lower case: spaCy's, but for subjects of a survey, and our own.

    scikit-learn's list is not among them: it has system, fire and bill, which are what comments are about.
    """
    from spacy.lang.en.stop_words import STOP_WORDS

    ours = word_list("pipeline.discovery", "stop_words.txt")
    return frozenset(word.lower() for word in {*STOP_WORDS, *ours} - _SUBJECTS)


def content_words(lemmas: str) -> list[str]:
    """Return the lemmas of a comment that can be keywords, in order.

    Stop words are compared without case, so that IT, the abbreviation, is left out with "it": where a whole
    survey is about technology it tells no topic from another.
    """
    stop = stop_words()
    # A word of a million comments is kept once.
    return [sys.intern(word) for word in lemmas.split() if word.lower() not in stop and _WORD.fullmatch(word)]


_FEWEST_USERS = (3, 2)
"""A keyword is used by three people of its topic; by two where too few words are used by three."""

_FEWEST_ANYWHERE = 3
"""A word that one person of a topic uses can fill up its keywords where so many of all use it: it tells of nobody."""

_CANDIDATES = 1.6
"""Candidates that keywords are varied among, for each keyword wanted."""


def describe_topics(
    labels: Labels,
    lemmas: Sequence[str],
    people: Sequence[int],
    *,
    encoder: Encoder,
    n_keywords: int,
    diversity: float,
) -> dict[int, list[str]]:
    """Find each topic's keywords.

    Parameters
    ----------
    labels : ndarray of shape (n_units,), int64
        The topic of each unit, from 0 by falling size; -1 for outliers. At least one topic.
    lemmas : sequence of str
        The lemmas of each unit.
    people : sequence of int
        How many said each unit: a comment with folded duplicates counts as often as it was said.
    encoder : Encoder
        Encodes words, to see which are near in meaning.
    n_keywords : int
        Keywords a topic.
    diversity : float in [0, 1]
        0 takes the strongest words, 1 the most varied.

    Returns
    -------
    dict of int to list of str
        The keywords of each topic, strongest first; fewer where a topic has fewer content words.

    Notes
    -----
    Class-based TF-IDF (Grootendorst 2022, doi:10.48550/arXiv.2203.05794) with BM25 weights and the square root
    of frequencies, both of which damp what is common everywhere and what a large topic repeats. Candidates are
    then varied by maximal marginal relevance (Carbonell and Goldstein 1998, doi:10.1145/290941.291025).
    """
    # BERTopic imports UMAP, which would bring the search for neighbours with it.
    umap_functions()
    with _unneeded_left_out():
        from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.representation import MaximalMarginalRelevance
    from bertopic.vectorizers import ClassTfidfTransformer
    from sklearn.feature_extraction.text import CountVectorizer

    shared = _shared_words(labels, lemmas, people, n_keywords)
    documents = [" ".join(words * count) for words, count in zip(shared, people, strict=True)]
    embedder = _word_embedder(encoder)
    model = BERTopic(
        embedding_model=embedder,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        # Lemmas are tokens already; analyzer=str.split keeps abbreviations in capitals.
        vectorizer_model=CountVectorizer(analyzer=str.split),
        ctfidf_model=ClassTfidfTransformer(bm25_weighting=True, reduce_frequent_words=True),
        representation_model=[
            _strongest(round(_CANDIDATES * n_keywords), embedder),
            MaximalMarginalRelevance(diversity=diversity, top_n_words=n_keywords),
        ],
        top_n_words=n_keywords,
        min_topic_size=2,
    )
    # Topics are known, and of what they are made of BERTopic would only make copies: of a million units gigabytes.
    nothing = np.zeros((len(documents), 1), dtype=np.float32)
    model.fit_transform(documents, embeddings=nothing, y=labels)
    found = np.asarray(model.topics_, dtype=np.int64)
    # BERTopic renumbers by falling size; topics of equal size may change places.
    renumbered = {int(new): int(old) for new, old in zip(found, labels, strict=True)}
    return {
        renumbered[int(topic)]: [word for word, weight in words if word and weight > 0]
        for topic, words in model.get_topics().items()
        if topic != -1
    }


@contextlib.contextmanager
def _unneeded_left_out() -> Iterator[None]:
    """Let BERTopic do without the libraries of embedders and text generators that are not used here.

    It loads them all when it is imported, which takes longer than the keywords of a thousand comments, and does
    without those that are missing. What is loaded already, by the encoder or in a notebook, stays.
    """
    left_out = {"sentence_transformers", "transformers"} - sys.modules.keys()
    sys.modules.update(dict.fromkeys(left_out))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in left_out:
            del sys.modules[name]


def _shared_words(labels: Labels, lemmas: Sequence[str], people: Sequence[int], n_keywords: int) -> list[list[str]]:
    """Return the content words of each unit that enough people of its topic use.

    A word of one respondent says little of a topic, and might say something of the respondent: it counts only where
    a small topic has nothing better, and only if others use it elsewhere.
    """
    words = [content_words(text) for text in lemmas]
    users: dict[int, Counter[str]] = {}
    for topic, said, count in zip(labels.tolist(), words, people, strict=True):
        users.setdefault(topic, Counter()).update(dict.fromkeys(said, int(count)))
    everywhere: Counter[str] = Counter()
    for counts in users.values():
        everywhere.update(counts)
    shared = {topic: _enough_words(counts, everywhere, n_keywords) for topic, counts in users.items()}
    return [
        [word for word in said if word in shared[topic]] for topic, said in zip(labels.tolist(), words, strict=True)
    ]


def _enough_words(counts: Counter[str], everywhere: Counter[str], n_keywords: int) -> set[str]:
    """Return the words that enough people of a topic use; filled up to half of the keywords wanted, if that can be."""
    wanted = -(-n_keywords // 2)
    found: set[str] = set()
    for fewest in _FEWEST_USERS:
        found = {word for word, count in counts.items() if count >= fewest}
        if len(found) >= wanted:
            return found
    known = [word for word in counts if word not in found and everywhere[word] >= _FEWEST_ANYWHERE]
    known.sort(key=lambda word: (-everywhere[word], word))
    return found.union(known[: wanted - len(found)])


def _strongest(count: int, embedder: Any) -> Any:
    from bertopic.representation import BaseRepresentation

    class Strongest(BaseRepresentation):
        """Keeps the strongest candidates: maximal marginal relevance looks at meaning, not at weight."""

        def extract_topics(self, topic_model: Any, documents: Any, c_tf_idf: Any, topics: Any) -> Any:  # noqa: ARG002
            strongest = {topic: words[:count] for topic, words in topics.items()}
            embedder.read_ahead([word for word, _ in words] for words in strongest.values())
            return strongest

    return Strongest()


def _word_embedder(encoder: Encoder) -> Any:
    from bertopic.backend import BaseEmbedder

    class WordEmbedder(BaseEmbedder):
        """Gives vectors of words, and of a topic's words in a row, for which it is asked a topic at a time.

        A handful of texts takes an encoder as long as a whole batch does: those of all topics are encoded together.
        """

        def read_ahead(self, words_of_topics: Iterable[Sequence[str]]) -> None:
            texts = [text for words in words_of_topics for text in (*words, " ".join(words))]
            self._known = dict(zip(texts, encoder.encode(texts), strict=True))

        def embed(self, documents: Sequence[str], verbose: bool = False) -> Vectors:  # noqa: ARG002
            return np.stack([self._known[text] for text in documents])

    return WordEmbedder()
