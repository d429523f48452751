"""Topics: how many, how stable, how near to people's codes; BERTopic's defaults beside ours on the same vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from pipeline.config import DiscoverConfig
from pipeline.contracts import Labels, Vectors
from pipeline.discovery.clustering import cluster
from pipeline.discovery.coassociation import Ensemble
from pipeline.discovery.cut import CUT_RULES
from pipeline.discovery.replay import evidence_of, replay
from pipeline.discovery.rollup import roll_up
from pipeline.discovery.stability import bootstrap_rows, measure_stability
from tests.benchmarks.corpora import Corpus

WITHOUT_SAMPLES = DiscoverConfig.model_validate({"n_bootstrap": 0})
"""The default settings; samples of the comments measure a topic's stability and change no topic."""

WITH_SAMPLES = DiscoverConfig.model_validate({})


def _persistent_level(tree: NDArray[np.float64], _ensemble: Ensemble) -> float:
    """Return the middle of the longest stretch of co-association without a merge.

    Fred, A. L. N. and Jain, A. K. (2005). Combining multiple clusterings using evidence accumulation. IEEE
    Transactions on Pattern Analysis and Machine Intelligence 27, 835-850. doi:10.1109/TPAMI.2005.113
    """
    heights = np.sort(tree[:, 2])
    if len(heights) < 2:
        return 0.5
    longest = int(np.diff(heights).argmax())
    return float(1.0 - (heights[longest] + heights[longest + 1]) / 2)


CUT_RULES["persistence"] = _persistent_level


@dataclass(frozen=True)
class Measured:
    """What several runs of a method gave, compared with one another and with people's codes."""

    topics: str
    outliers: float
    ami: float
    ari: float
    stability: float

    @classmethod
    def of(cls, corpus: Corpus, found: Sequence[Labels]) -> Measured:
        """Measure partitions of a corpus's distinct comments."""
        counts = sorted(len(np.unique(labels[labels >= 0])) for labels in found)
        return cls(
            topics=str(counts[0]) if counts[0] == counts[-1] else f"{counts[0]}-{counts[-1]}",
            outliers=float(np.mean([np.mean(labels < 0) for labels in found])),
            ami=float(np.mean([adjusted_mutual_info_score(corpus.codes, labels) for labels in found])),
            ari=float(np.mean([adjusted_rand_score(corpus.codes, labels) for labels in found])),
            stability=float(np.mean([adjusted_mutual_info_score(*pair) for pair in combinations(found, 2)])),
        )

    @property
    def cells(self) -> str:
        """topics, outliers, AMI, ARI and stability, as cells of a Markdown table."""
        return f"{self.topics} | {self.outliers:.2f} | {self.ami:.3f} | {self.ari:.3f} | {self.stability:.3f}"


def consensus(vectors: Vectors, seed: int) -> Labels:
    """Return topics with the program's default settings."""
    return cluster(vectors, WITHOUT_SAMPLES, seed=seed).labels_


def bertopic_defaults(vectors: Vectors, seed: int) -> Labels:
    """Return the labels of the UMAP and HDBSCAN that BERTopic makes when nothing is set but the seed."""
    from hdbscan import HDBSCAN
    from umap import UMAP

    reduced = UMAP(
        n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed, n_jobs=1
    ).fit_transform(vectors)
    labels = HDBSCAN(min_cluster_size=10, metric="euclidean", cluster_selection_method="eom").fit_predict(reduced)
    return labels.astype(np.int64)


def k_means(vectors: Vectors, seed: int, n_topics: int) -> Labels:
    """Return as many clusters as are asked for; none is an outlier."""
    from sklearn.cluster import KMeans

    return KMeans(n_topics, n_init=10, random_state=seed).fit_predict(vectors).astype(np.int64)


def table(corpora: Sequence[Corpus], seeds: Sequence[int]) -> str:
    """Return a Markdown table of every method on every corpus."""
    rows = [
        "| corpus | comments / codes | method | topics | outliers | AMI | AMI, all | ARI | ARI, coarse level "
        "| repeatability | stability |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for corpus in corpora:
        vectors = corpus.embedded.vectors
        ours = [cluster(vectors, WITH_SAMPLES if seed == seeds[0] else WITHOUT_SAMPLES, seed=seed) for seed in seeds]
        sizes = [int(one.labels_.max()) + 1 for one in ours]
        found: dict[str, tuple[list[Labels], Callable[[Vectors], Labels] | None]] = {
            "consensus (ours)": ([one.labels_ for one in ours], None),
            "BERTopic's defaults": (
                [bertopic_defaults(vectors, seed) for seed in seeds], lambda drawn: bertopic_defaults(drawn, seeds[0])
            ),
            "k-means, as many as ours": (
                [k_means(vectors, seed, n) for seed, n in zip(seeds, sizes, strict=True)],
                lambda drawn, n=sizes[0]: k_means(drawn, seeds[0], n),
            ),
        }  # fmt: skip
        coarse = np.mean([adjusted_rand_score(corpus.codes, one.coarse_labels_) for one in ours])
        for method, (labels, again) in found.items():
            measured = Measured.of(corpus, labels)
            of_all = np.mean([adjusted_mutual_info_score(*corpus.of_all(one)) for one in labels])
            overlap = ours[0].stability_ if again is None else _over_samples(vectors, labels[0], again, seeds[0])
            sizes_of = np.bincount(labels[0][labels[0] >= 0])
            rows.append(
                f"| {corpus.name} | {len(corpus.comments):,} / {len(set(corpus.codes))} | {method} "
                f"| {measured.topics} | {measured.outliers:.2f} | {measured.ami:.3f} | {of_all:.3f} "
                f"| {measured.ari:.3f} | {f'{coarse:.3f}' if again is None else '–'} | {measured.stability:.3f} "
                f"| {np.average(overlap, weights=sizes_of):.2f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)


def _over_samples(
    vectors: Vectors, labels: Labels, again: Callable[[Vectors], Labels], seed: int
) -> NDArray[np.float64]:
    """Return each topic's stability over the same samples of the comments as ours."""
    samples = [(rows, again(vectors[rows])) for rows in bootstrap_rows(len(vectors), WITH_SAMPLES.n_bootstrap, seed)]
    return measure_stability(labels, (labels, labels), samples).over_samples


def embedded_text_table(load: Callable[..., Corpus], names: Sequence[str], seeds: Sequence[int]) -> str:
    """Return a Markdown table of what is embedded: cleaned text, lemmas, or the mean of both vectors."""
    rows = ["| corpus | text embedded | topics | outliers | AMI | ARI | stability |", "|---|---|---|---|---|---|---|"]
    for name in names:
        for text in ("cleaned", "lemmas", "both"):
            corpus = load(name, text=text)
            fine = [consensus(corpus.embedded.vectors, seed) for seed in seeds]
            rows.append(f"| {name} | {text} | {Measured.of(corpus, fine).cells} |")
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
            measured = Measured.of(corpus, [_by_comment(corpus, seed) for seed in seeds])
            rows.append(f"| {name} | {unit} | {len(corpus.embedded.vectors):,} | {measured.cells} |")
            print(rows[-1], flush=True)
    return "\n".join(rows)


def _by_comment(corpus: Corpus, seed: int) -> Labels:
    clusterer = cluster(corpus.embedded.vectors, WITHOUT_SAMPLES, seed=seed)
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
    for corpus in corpora:
        stored = [evidence_of(cluster(corpus.embedded.vectors, WITHOUT_SAMPLES, seed=seed)) for seed in seeds]
        for rule in CUT_RULES:
            found = [replay(evidence, {**rules, "cut": rule}) for evidence, rules in stored]
            rows.append(f"| {corpus.name} | {rule} | {Measured.of(corpus, found).cells} |")
            print(rows[-1], flush=True)
    return "\n".join(rows)
