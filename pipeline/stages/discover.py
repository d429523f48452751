"""Find topics without supervision, and describe them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.config import DiscoverConfig
from pipeline.contracts import OUTLIER, Cleaned, Embedded, Encoder, Labels, Progress, TopicResult
from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.labels import label_topics
from pipeline.discovery.layout import lay_out
from pipeline.discovery.representatives import choose_representatives
from pipeline.discovery.words import describe_topics


def discover_topics(
    cleaned: Cleaned,
    embedded: Embedded,
    *,
    encoder: Encoder,
    config: DiscoverConfig,
    seed: int,
    progress: Progress | None = None,
) -> TopicResult:
    """Find topics among the distinct comments and describe them.

    Parameters
    ----------
    cleaned : Cleaned
        The comments.
    embedded : Embedded
        Their vectors.
    encoder : Encoder
        Encodes words and phrases, for keywords and labels.
    config : DiscoverConfig
        The settings.
    seed : int
        Everything random follows from it.
    progress : callable, optional
        Told how many layouts are done.

    Returns
    -------
    TopicResult
        Without topics where there are fewer distinct comments than `config.smallest_corpus`, and the summary
        says so.
    """
    distinct = cleaned.distinct
    vectors = embedded.vectors
    layout = lay_out(vectors, n_neighbors=config.n_neighbors, seed=seed)
    if len(distinct) < config.smallest_corpus:
        return _without_topics(distinct, layout, config)
    clusterer = ConsensusClusterer(
        n_neighbors=config.n_neighbors,
        n_components=config.n_components,
        n_seeds=config.n_seeds,
        min_samples=config.min_samples,
        min_topic_size=config.min_topic_size,
        max_topic_share=config.max_topic_share,
        membership_floor=config.membership_floor,
        coarse_range=config.coarse_range,
        n_bootstrap=config.n_bootstrap,
        random_state=seed,
        on_step=None if progress is None else lambda done, total: progress("layouts", done, total),
    ).fit(vectors)
    labels = np.asarray(clusterer.labels_, dtype=np.int64)
    if labels.max() < 0:
        return _without_topics(distinct, layout, config)
    coarse = np.asarray(clusterer.coarse_labels_, dtype=np.int64)
    parents = clusterer.topic_parents_
    sizes = 1 + distinct["comment_id"].map(cleaned.analysed["duplicate_of"].value_counts()).fillna(0).astype(int)
    assignments = pd.DataFrame(
        {
            "comment_id": distinct["comment_id"],
            "topic": labels,
            "membership": np.asarray(clusterer.probabilities_, dtype=float),
            "nearest_topic": np.asarray(clusterer.nearest_label_, dtype=np.int64),
            "topic_coarse": coarse,
        }
    )
    described = _Describer(distinct, embedded, encoder, config, sizes)
    topics = described.table(labels, "topic")
    topics.insert(1, "parent", [int(parents[topic]) for topic in topics["topic"]])
    topics["stability"] = [float(clusterer.cluster_stability_[topic]) for topic in topics["topic"]]
    representatives = choose_representatives(labels, distinct["text"].tolist(), vectors, count=config.n_representatives)
    comment_ids = distinct["comment_id"].tolist()
    topics["representatives"] = [[comment_ids[row] for row in representatives[topic]] for topic in topics["topic"]]
    outliers = int(sizes[labels == OUTLIER].sum())
    summary = {
        "regime": "consensus",
        "topics": len(topics),
        "coarse_topics": int(coarse.max()) + 1,
        "outliers": outliers,
        "outlier_share": outliers / int(sizes.sum()),
        "largest_share": float(topics["share"].max()),
        "stability": float(clusterer.stability_),
        "stability_over_samples": _known(clusterer.bootstrap_agreement_),
        "n_seeds": clusterer.n_seeds_,
        "granularities": list(clusterer.granularities_),
        "min_topic_size": clusterer.min_topic_size_,
        "notes": [],
    }
    return TopicResult(
        assignments=assignments,
        topics=topics,
        coarse_topics=described.table(coarse, "topic_coarse"),
        layout=_layout_frame(distinct, layout),
        summary=summary,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


class _Describer:
    """Makes the table of a level of topics."""

    def __init__(
        self,
        distinct: pd.DataFrame,
        embedded: Embedded,
        encoder: Encoder,
        config: DiscoverConfig,
        sizes: pd.Series[int],
    ) -> None:
        self._distinct = distinct
        self._vectors = embedded.vectors
        self._encoder = encoder
        self._config = config
        self._sizes = sizes

    def table(self, labels: Labels, name: str) -> pd.DataFrame:
        words = describe_topics(
            labels,
            self._distinct["lemmas"].tolist(),
            self._vectors,
            encoder=self._encoder,
            n_keywords=self._config.n_keywords,
            diversity=self._config.keyword_diversity,
        )
        phrases: Sequence[str] = self._distinct["phrases"].tolist()
        named = label_topics(labels, phrases, self._vectors, words.keywords, encoder=self._encoder)
        topics = sorted(named)
        sizes = [int(self._sizes[labels == topic].sum()) for topic in topics]
        return pd.DataFrame(
            {
                name: topics,
                "label": [named[topic] for topic in topics],
                "keywords": [", ".join(words.keywords[topic]) for topic in topics],
                "size": sizes,
                "share": [size / int(self._sizes.sum()) for size in sizes],
            }
        )


def _layout_frame(distinct: pd.DataFrame, layout: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"comment_id": distinct["comment_id"], "x": layout[:, 0], "y": layout[:, 1]})


def _without_topics(distinct: pd.DataFrame, layout: np.ndarray, config: DiscoverConfig) -> TopicResult:
    n_units = len(distinct)
    few = n_units < config.smallest_corpus
    note = (
        f"No topics were looked for: {n_units} distinct comment{'s are' if n_units != 1 else ' is'} too few to "
        f"tell a topic from chance (at least {config.smallest_corpus} are wanted). Each comment was compared "
        "with the themes directly."
        if few
        else f"No topic came back reliably among {n_units} comments. Each was compared with the themes directly."
    )
    none = np.full(n_units, OUTLIER, dtype=np.int64)
    assignments = pd.DataFrame(
        {
            "comment_id": distinct["comment_id"],
            "topic": none,
            "membership": np.zeros(n_units),
            "nearest_topic": none,
            "topic_coarse": none,
        }
    )
    columns = {"label": str, "keywords": str, "size": int, "share": float}
    topics = pd.DataFrame(
        {"topic": pd.Series(dtype=int), "parent": pd.Series(dtype=int)}
        | {name: pd.Series(dtype=kind) for name, kind in columns.items()}
        | {"stability": pd.Series(dtype=float), "representatives": pd.Series(dtype=object)}
    )
    coarse = pd.DataFrame(
        {"topic_coarse": pd.Series(dtype=int)} | {name: pd.Series(dtype=kind) for name, kind in columns.items()}
    )
    summary = {
        "regime": "direct" if few else "nothing found",
        "topics": 0,
        "coarse_topics": 0,
        "outliers": n_units,
        "outlier_share": 1.0,
        "largest_share": 0.0,
        "stability": None,
        "notes": [note],
    }
    return TopicResult(
        assignments=assignments,
        topics=topics,
        coarse_topics=coarse,
        layout=_layout_frame(distinct, layout),
        summary=summary,
    )
