"""Words, sensitivity and speed of topic discovery, beside BERTopic's."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score

from pipeline.config import DiscoverConfig
from pipeline.contracts import Labels
from pipeline.discovery.clustering import cluster
from pipeline.discovery.coherence import npmi
from pipeline.discovery.consensus_settings import default_min_topic_size, default_n_seeds
from pipeline.discovery.tuning import tune
from pipeline.discovery.words import content_words, describe_topics
from pipeline.language.model_files import SPACY_MODEL
from pipeline.language.models import load_language
from tests.benchmarks.corpora import Corpus
from tests.benchmarks.topics import WITHOUT_SAMPLES, bertopic_defaults, consensus


def words_table(corpora: Sequence[Corpus], seed: int) -> str:
    """Return a Markdown table of coherence and diversity of the top ten words, over the same lemmas."""
    rows = ["| corpus | method | NPMI | diversity |", "|---|---|---|---|"]
    for corpus in corpora:
        documents = [content_words(text) for text in corpus.comments["lemmas"]]
        for method, found in (
            ("consensus (ours)", _our_words(corpus, seed)),
            ("BERTopic's defaults, English stop list", _bertopic_words(corpus, seed)),
        ):
            rows.append(
                f"| {corpus.name} | {method} | {npmi(found, documents):.3f} | {_diversity(found, documents):.3f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)


def _diversity(keywords: Sequence[Sequence[str]], documents: Sequence[Sequence[str]], *, top: int = 10) -> float:
    """Return the share of the top words that are distinct (Dieng, Ruiz and Blei 2020, doi:10.1162/tacl_a_00325)."""
    known = {word for document in documents for word in document}
    topics = [[word for word in words[:top] if word in known] for words in keywords]
    shown = [word for words in topics if len(words) > 1 for word in words]
    return len(set(shown)) / len(shown)


def _our_words(corpus: Corpus, seed: int) -> list[list[str]]:
    labels = consensus(corpus.embedded.vectors, seed)
    settings = DiscoverConfig.model_validate({})
    words = describe_topics(
        labels,
        corpus.comments["lemmas"].tolist(),
        [1] * len(corpus.comments),
        corpus.embedded.vectors,
        encoder=corpus.encoder,
        n_keywords=settings.n_keywords,
        diversity=settings.keyword_diversity,
    )
    return list(words.values())


def _bertopic_words(corpus: Corpus, seed: int) -> list[list[str]]:
    """Return the words that BERTopic gives its own topics from the comments, as lemmas."""
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from sklearn.feature_extraction.text import CountVectorizer

    labels = bertopic_defaults(corpus.embedded.vectors, seed)
    model: Any = BERTopic(
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(stop_words="english"),
    )
    model.fit_transform(corpus.comments["text"].tolist(), embeddings=corpus.embedded.vectors, y=labels)
    topics = [[word for word, _ in words] for topic, words in model.get_topics().items() if topic != -1]
    language = load_language(SPACY_MODEL)
    flat = [word for words in topics for word in words]
    lemma = {word: document[0].lemma_.lower() for word, document in zip(flat, language.pipe(flat), strict=True) if word}
    return [[lemma[word] for word in words if word] for words in topics]


def sensitivity_table(corpora: Sequence[Corpus], seed: int) -> str:
    """Return a Markdown table of what moving each setting by a fifth does to the topics."""
    rows = [
        "| corpus | setting | from | to | topics before | topics after | AMI with before |",
        "|---|---|---|---|---|---|---|",
    ]
    for corpus in corpora:
        n_units = len(corpus.embedded.vectors)
        base = WITHOUT_SAMPLES.model_copy(
            update={"min_topic_size": default_min_topic_size(n_units), "n_seeds": default_n_seeds(n_units)}
        )
        before = _labels(corpus, base, seed)
        rows.append(_noise_row(corpus, base, before, seed))
        print(rows[-1], flush=True)
        for name in ("n_neighbors", "n_components", "n_seeds", "min_samples", "min_topic_size", "max_topic_share",
                     "membership_floor"):  # fmt: skip
            value = getattr(base, name)
            for factor in (0.8, 1.2):
                moved = round(value * factor, 4) if isinstance(value, float) else round(value * factor)
                after = _labels(corpus, base.model_copy(update={name: moved}), seed)
                rows.append(
                    f"| {corpus.name} | {name} | {value} | {moved} | {before.max() + 1} | {after.max() + 1} "
                    f"| {adjusted_mutual_info_score(before, after):.3f} |"
                )
                print(rows[-1], flush=True)
    return "\n".join(rows)


def _noise_row(corpus: Corpus, config: DiscoverConfig, before: Labels, seed: int) -> str:
    """Move every vector in its seventh digit, as another processor's rounding does."""
    vectors = corpus.embedded.vectors
    noise = np.random.default_rng(seed).normal(scale=1e-7, size=vectors.shape).astype(np.float32)
    after = np.asarray(cluster(vectors + noise, config, seed=seed).labels_)
    return (
        f"| {corpus.name} | vectors | as they are | noise of 1e-7 | {before.max() + 1} | {after.max() + 1} "
        f"| {adjusted_mutual_info_score(before, after):.3f} |"
    )


def _labels(corpus: Corpus, config: DiscoverConfig, seed: int) -> Labels:
    return np.asarray(cluster(corpus.embedded.vectors, config, seed=seed).labels_)


def speed_table(corpora: Sequence[Corpus], repeats: int) -> str:
    """Return a Markdown table of ten seeds by four granularities beside one BERTopic fit, in a warm process."""
    rows = ["| corpus | comments | ours, s | one BERTopic fit, s | ratio |", "|---|---|---|---|---|"]
    config = DiscoverConfig.model_validate({"n_seeds": 10, "n_bootstrap": 0})
    for corpus in corpora:
        vectors = corpus.embedded.vectors
        ours, theirs = [], []
        for turn in range(repeats + 1):
            started = time.perf_counter()
            cluster(vectors, config, seed=turn)
            between = time.perf_counter()
            bertopic_defaults(vectors, turn)
            ended = time.perf_counter()
            # The first turn compiles.
            if turn:
                ours.append(between - started)
                theirs.append(ended - between)
        seconds, their_seconds = float(np.median(ours)), float(np.median(theirs))
        ratio = seconds / their_seconds
        rows.append(f"| {corpus.name} | {len(vectors):,} | {seconds:.1f} | {their_seconds:.1f} | {ratio:.1f} |")
        print(rows[-1], flush=True)
    return "\n".join([*rows, "", f"Runs of each, of which the median is shown: {repeats}."])


def _sweep_from(n_units: int) -> DiscoverConfig:
    """Return where the sweep that gave the defaults began: UMAP's own neighbours, and topics half as large again."""
    # Ten layouts each: it is the comparison between candidates that counts.
    size = round(1.5 * default_min_topic_size(n_units))
    return DiscoverConfig.model_validate({"n_seeds": 10, "n_neighbors": 15, "min_topic_size": size})


def tuning_table(corpora: Sequence[Corpus], seed: int) -> str:
    """Return a Markdown table of `pipeline tune` over corpora together: scores averaged, codes never read."""
    found = [
        tune(
            corpus.embedded.vectors,
            corpus.comments["lemmas"].tolist(),
            encoder=corpus.encoder,
            config=_sweep_from(len(corpus.embedded.vectors)),
            seed=seed,
            progress=lambda _, done, total: print(f"candidate {done} of {total}", flush=True),
        ).candidates
        for corpus in corpora
    ]
    together = found[0][["n_neighbors", "min_samples"]].copy()
    together["smallest topic"] = [
        f"x {size / found[0]['min_topic_size'][0]:.2f}" for size in found[0]["min_topic_size"]
    ]
    for name in ("stability", "coverage", "coherence", "score"):
        together[name] = np.mean([candidates[name] for candidates in found], axis=0)
    rows = [f"| {' | '.join(together.columns)} |", "|" + "---|" * len(together.columns)]
    rows += [
        "| " + " | ".join(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row) + " |"
        for row in together.itertuples(index=False)
    ]
    print("\n".join(rows), flush=True)
    return "\n".join(rows)
