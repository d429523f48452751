"""Topics: how many, how stable, how near to people's codes; what one would use instead on the same vectors."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

from pipeline.config import DiscoverConfig
from pipeline.contracts import Labels, Vectors
from pipeline.discovery.clustering import cluster
from pipeline.discovery.stability import bootstrap_rows, measure_stability
from tests.benchmarks.corpora import Corpus

WITHOUT_SAMPLES = DiscoverConfig.model_validate({"n_bootstrap": 0})
"""The default settings; samples of the comments measure a topic's stability and change no topic."""

WITH_SAMPLES = DiscoverConfig.model_validate({})

HEAD = [
    "| corpus | comments / codes | method | topics | outliers | AMI | ARI | ARI, coarse level | repeatability "
    "| stability |",
    "|---|---|---|---|---|---|---|---|---|---|",
]

_TRITOPIC = """
import sys
import numpy as np
from tritopic import TriTopic
given = np.load(sys.argv[1])
model = TriTopic(random_state=int(sys.argv[2]), verbose=False)
model.fit(given["texts"].tolist(), embeddings=given["vectors"])
np.save(sys.argv[3], np.asarray(model.labels_, dtype=np.int64))
"""
"""Its defaults; only the seed is set. Its own encoder is the one that made the vectors."""


def row(
    corpus: Corpus, method: str, found: Sequence[Labels], *, coarse: float | None = None, stability: float | None = None
) -> str:
    """Return a row of the table: the partitions of a method under several seeds, of the comments that say something."""
    codes = corpus.codes_of_speaking
    counts = sorted(len(np.unique(labels[labels >= 0])) for labels in found)
    topics = str(counts[0]) if counts[0] == counts[-1] else f"{counts[0]}–{counts[-1]}"
    ami = np.mean([adjusted_mutual_info_score(codes, labels) for labels in found])
    ari = np.mean([adjusted_rand_score(codes, labels) for labels in found])
    again = np.mean([adjusted_mutual_info_score(*pair) for pair in combinations(found, 2)])
    cells = (
        corpus.name, f"{len(codes):,} / {len(set(codes))}", method, topics,
        f"{np.mean([np.mean(labels < 0) for labels in found]):.2f}", f"{ami:.3f}", f"{ari:.3f}",
        "–" if coarse is None else f"{coarse:.3f}", f"{again:.3f}", "–" if stability is None else f"{stability:.2f}",
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


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


def tritopic(corpus: Corpus, seed: int, python: Path) -> Labels:
    """Return what TriTopic finds by its defaults, run by the interpreter of an environment that holds it."""
    with tempfile.TemporaryDirectory() as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npy"
        texts = corpus.comments.loc[corpus.speaks, "text"].to_numpy(dtype=str)
        np.savez(given, texts=texts, vectors=corpus.embedded.vectors[corpus.speaks])
        command = [str(python), "-c", _TRITOPIC, str(given), str(seed), str(found)]
        subprocess.run(command, check=True)
        return np.asarray(np.load(found), dtype=np.int64)


def table(corpora: Sequence[Corpus], seeds: Sequence[int], python: Path | None = None) -> str:
    """Return a Markdown table of every method on every corpus.

    Parameters
    ----------
    corpora : sequence of Corpus
        What is measured, a comment as the unit.
    seeds : sequence of int
        A run of each method for each; stability over samples is of the first.
    python : Path or None
        The interpreter of an environment with TriTopic; None leaves it out.
    """
    rows = list(HEAD)
    for corpus in corpora:
        rows += _rows(corpus, seeds, python)
    return "\n".join(rows)


def _rows(corpus: Corpus, seeds: Sequence[int], python: Path | None) -> list[str]:
    vectors, codes = corpus.embedded.vectors[corpus.speaks], corpus.codes_of_speaking
    ours = [cluster(vectors, WITH_SAMPLES if seed == seeds[0] else WITHOUT_SAMPLES, seed=seed) for seed in seeds]
    sizes = [int(one.labels_.max()) + 1 for one in ours]
    coarse = float(np.mean([adjusted_rand_score(codes, one.coarse_labels_) for one in ours]))
    stability = float(np.average(ours[0].stability_, weights=np.bincount(ours[0].labels_[ours[0].labels_ >= 0])))
    rows = [row(corpus, "consensus (ours)", [one.labels_ for one in ours], coarse=coarse, stability=stability)]
    print(rows[-1], flush=True)
    others: dict[str, tuple[list[Labels], Callable[[Vectors], Labels]]] = {
        "BERTopic's defaults": (
            [bertopic_defaults(vectors, seed) for seed in seeds], lambda drawn: bertopic_defaults(drawn, seeds[0])
        ),
        "k-means, as many as ours": (
            [k_means(vectors, seed, n) for seed, n in zip(seeds, sizes, strict=True)],
            lambda drawn: k_means(drawn, seeds[0], sizes[0]),
        ),
    }  # fmt: skip
    for method, (found, again) in others.items():
        rows.append(row(corpus, method, found, stability=_over_samples(vectors, found[0], again, seeds[0])))
        print(rows[-1], flush=True)
    if python is not None:
        rows.append(row(corpus, "TriTopic's defaults", [tritopic(corpus, seed, python) for seed in seeds]))
        print(rows[-1], flush=True)
    return rows


def _over_samples(vectors: Vectors, labels: Labels, again: Callable[[Vectors], Labels], seed: int) -> float:
    """Return the topics' stability, each by its size, over the same samples of the comments as ours."""
    samples = [(rows, again(vectors[rows])) for rows in bootstrap_rows(len(vectors), WITH_SAMPLES.n_bootstrap, seed)]
    overlap: NDArray[np.float64] = measure_stability(labels, (labels, labels), samples).over_samples
    return float(np.average(overlap, weights=np.bincount(labels[labels >= 0])))


def rounding_table(corpora: Sequence[Corpus], seed: int) -> str:
    """Return a Markdown table of what noise in the vectors' seventh digit does, as another processor's rounding has."""
    rows = ["| corpus | topics | with noise of 1e-7 | AMI of the two |", "|---|---|---|---|"]
    for corpus in corpora:
        vectors = corpus.embedded.vectors[corpus.speaks]
        noise = np.random.default_rng(seed).normal(scale=1e-7, size=vectors.shape).astype(np.float32)
        before, after = (cluster(one, WITHOUT_SAMPLES, seed=seed).labels_ for one in (vectors, vectors + noise))
        rows.append(
            f"| {corpus.name} | {before.max() + 1} | {after.max() + 1} "
            f"| {adjusted_mutual_info_score(before, after):.3f} |"
        )
        print(rows[-1], flush=True)
    return "\n".join(rows)
