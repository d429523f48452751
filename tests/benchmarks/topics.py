"""Topics: how many, how stable, how near to people's codes; BERTopic's defaults beside ours on the same vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from pipeline.config import DiscoverConfig
from pipeline.contracts import Labels, Vectors
from pipeline.discovery.cut import CUT_RULES
from pipeline.discovery.replay import evidence_of, replay
from pipeline.discovery.rollup import roll_up
from pipeline.stages.discover import cluster
from tests.benchmarks.corpora import Corpus


@dataclass(frozen=True)
class Measured:
    """What several runs of a method gave."""

    topics: tuple[int, int]
    outliers: float
    ami: float
    ami_all: float
    ari: float
    ari_coarse: float | None
    stability: float
    seconds: float


def consensus(vectors: Vectors, seed: int) -> tuple[Labels, Labels]:
    """Return fine and coarse labels with the program's default settings."""
    clusterer = cluster(vectors, DiscoverConfig.model_validate({"n_bootstrap": 0}), seed=seed)
    return clusterer.labels_, clusterer.coarse_labels_


def bertopic_defaults(vectors: Vectors, seed: int) -> tuple[Labels, None]:
    """Return the labels of the UMAP and HDBSCAN that BERTopic makes when nothing is set but the seed."""
    from hdbscan import HDBSCAN
    from umap import UMAP

    reduced = UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1
    ).fit_transform(vectors)
    labels = HDBSCAN(min_cluster_size=10, metric="euclidean", cluster_selection_method="eom").fit_predict(reduced)
    return labels.astype(np.int64), None


METHODS: dict[str, Callable[[Vectors, int], tuple[Labels, Labels | None]]] = {
    "consensus (ours)": consensus,
    "BERTopic's defaults": bertopic_defaults,
}


def partitions(corpus: Corpus, method: str, seeds: Sequence[int]) -> tuple[list[tuple[Labels, Labels | None]], float]:
    """Return the labels of each seed, and the mean seconds a run."""
    started = time.perf_counter()
    found = [METHODS[method](corpus.embedded.vectors, seed) for seed in seeds]
    return found, (time.perf_counter() - started) / len(seeds)


def measure(corpus: Corpus, method: str, seeds: Sequence[int]) -> Measured:
    """Run a method under several seeds and compare the results with one another and with people's codes."""
    found, seconds = partitions(corpus, method, seeds)
    fine = [labels for labels, _ in found]
    coarse = [labels for _, labels in found if labels is not None]
    codes = corpus.codes
    counts = [int(labels.max()) + 1 for labels in fine]
    pairs = [float(adjusted_mutual_info_score(one, other)) for one, other in combinations(fine, 2)]
    return Measured(
        topics=(min(counts), max(counts)),
        outliers=float(np.mean([np.mean(labels < 0) for labels in fine])),
        ami=float(np.mean([adjusted_mutual_info_score(codes, labels) for labels in fine])),
        ami_all=float(np.mean([adjusted_mutual_info_score(*corpus.of_all(labels)) for labels in fine])),
        ari=float(np.mean([adjusted_rand_score(codes, labels) for labels in fine])),
        ari_coarse=float(np.mean([adjusted_rand_score(codes, labels) for labels in coarse])) if coarse else None,
        stability=float(np.mean(pairs)),
        seconds=seconds,
    )


def table(corpora: Sequence[Corpus], seeds: Sequence[int]) -> str:
    """Return a Markdown table of every method on every corpus."""
    rows = [
        "| corpus | comments / codes | method | topics | outliers "
        "| AMI | AMI, all | ARI | ARI, coarse level | stability |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for corpus in corpora:
        for method in METHODS:
            found = measure(corpus, method, seeds)
            low, high = found.topics
            rows.append(
                f"| {corpus.name} | {len(corpus.comments):,} / {len(set(corpus.codes))} | {method} "
                f"| {low if low == high else f'{low}-{high}'} | {found.outliers:.2f} | {found.ami:.3f} "
                f"| {found.ami_all:.3f} | {found.ari:.3f} "
                f"| {'–' if found.ari_coarse is None else f'{found.ari_coarse:.3f}'} | {found.stability:.3f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)


def embedded_text_table(load: Callable[..., Corpus], names: Sequence[str], seeds: Sequence[int]) -> str:
    """Return a Markdown table of what is embedded: cleaned text, lemmas, or the mean of both vectors."""
    rows = ["| corpus | text embedded | topics | outliers | AMI | ARI | stability |", "|---|---|---|---|---|---|---|"]
    for name in names:
        for text in ("cleaned", "lemmas", "both"):
            found = measure(load(name, text=text), "consensus (ours)", seeds)
            low, high = found.topics
            rows.append(
                f"| {name} | {text} | {low if low == high else f'{low}-{high}'} | {found.outliers:.2f} "
                f"| {found.ami:.3f} | {found.ari:.3f} | {found.stability:.3f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)


def units_table(load: Callable[..., Corpus], names: Sequence[str], seeds: Sequence[int]) -> str:
    """Return a Markdown table of the two units; sentences are rolled up to their comments."""
    rows = [
        "| corpus | unit | units | topics | outliers | AMI | ARI | stability |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in names:
        for unit in ("comment", "sentence"):
            corpus = load(name, unit=unit)
            found = [_by_comment(corpus, seed) for seed in seeds]
            counts = [len(np.unique(labels[labels >= 0])) for labels in found]
            pairs = [float(adjusted_mutual_info_score(one, other)) for one, other in combinations(found, 2)]
            rows.append(
                f"| {name} | {unit} | {len(corpus.embedded.vectors):,} | {min(counts)}-{max(counts)} "
                f"| {np.mean([np.mean(labels < 0) for labels in found]):.2f} "
                f"| {np.mean([adjusted_mutual_info_score(corpus.codes, labels) for labels in found]):.3f} "
                f"| {np.mean([adjusted_rand_score(corpus.codes, labels) for labels in found]):.3f} "
                f"| {np.mean(pairs):.3f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)


def _by_comment(corpus: Corpus, seed: int) -> Labels:
    clusterer = cluster(corpus.embedded.vectors, DiscoverConfig.model_validate({"n_bootstrap": 0}), seed=seed)
    return roll_up(
        corpus.comments["comment_id"].tolist(),
        corpus.cleaned.units["comment_id"].tolist(),
        clusterer.labels_,
        clusterer.probabilities_,
        clusterer.nearest_label_,
    ).topic


def rules_table(corpora: Sequence[Corpus], seeds: Sequence[int]) -> str:
    """Return a Markdown table of rules that choose the level of the consensus tree, on the same partitions."""
    rows = ["| corpus | rule | topics | outliers | AMI | ARI | stability |", "|---|---|---|---|---|---|---|"]
    config = DiscoverConfig.model_validate({"n_bootstrap": 0})
    for corpus in corpora:
        stored = [evidence_of(cluster(corpus.embedded.vectors, config, seed=seed)) for seed in seeds]
        for rule in CUT_RULES:
            found = [replay(evidence, {**rules, "cut": rule}) for evidence, rules in stored]
            counts = [int(labels.max()) + 1 for labels in found]
            pairs = [float(adjusted_mutual_info_score(one, other)) for one, other in combinations(found, 2)]
            rows.append(
                f"| {corpus.name} | {rule} | {min(counts)}-{max(counts)} "
                f"| {np.mean([np.mean(labels < 0) for labels in found]):.2f} "
                f"| {np.mean([adjusted_mutual_info_score(corpus.codes, labels) for labels in found]):.3f} "
                f"| {np.mean([adjusted_rand_score(corpus.codes, labels) for labels in found]):.3f} "
                f"| {np.mean(pairs):.3f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)
