"""Choosing the settings of discovery by what the data alone say: stability, coverage and coherence.

People's codes are never looked at: settings chosen by them would flatter the agreement that is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd

from pipeline.config import DiscoverConfig
from pipeline.contracts import OUTLIER, Encoder, Labels, Progress, Vectors
from pipeline.discovery.clustering import cluster
from pipeline.discovery.coherence import npmi
from pipeline.discovery.consensus_settings import default_min_topic_size
from pipeline.discovery.words import content_words, describe_topics

SEED_SETS = 2
"""Disjoint sets of seeds that a candidate's stability is measured over."""

_NOISE = 0.05
"""Candidates whose score is this near to the best are as good; the least change from the default is taken."""

SCORES = ("stability", "coverage", "coherence")


@dataclass(frozen=True)
class Tuned:
    """What a sweep found.

    Attributes
    ----------
    candidates : DataFrame
        A row for each candidate: n_neighbors, min_topic_size, min_samples, topics, stability (mean AMI between
        disjoint seed sets, at most 1), coverage (share of comments in a topic, in [0, 1]), coherence (NPMI of
        keywords over comments, in [-1, 1]), score (mean of the three, each scaled to [0, 1] over the
        candidates), chosen (bool).
    chosen : DiscoverConfig
        The default with the chosen candidate's settings.
    """

    candidates: pd.DataFrame
    chosen: DiscoverConfig


def candidates_for(n_units: int, config: DiscoverConfig) -> list[DiscoverConfig]:
    """Return the settings to try: the configured ones first, then those around them.

    Parameters
    ----------
    n_units : int
        Units to be clustered.
    config : DiscoverConfig
        Where to start.

    Returns
    -------
    list of DiscoverConfig
        Neighbours and smallest topic are crossed, since both set the grain; min_samples moves alone.
    """
    size = config.min_topic_size or default_min_topic_size(n_units)
    neighbours = [config.n_neighbors, max(2, round(config.n_neighbors / 1.5)), round(config.n_neighbors * 1.5)]
    sizes = [size, max(2, round(size / 1.5)), round(size * 1.5)]
    settings = [(n, s, config.min_samples) for n, s in product(neighbours, sizes)]
    settings += [(neighbours[0], size, samples) for samples in (max(1, config.min_samples - 2), config.min_samples + 3)]
    names = ("n_neighbors", "min_topic_size", "min_samples")
    return [config.model_copy(update=dict(zip(names, values, strict=True))) for values in dict.fromkeys(settings)]


def tune(
    vectors: Vectors,
    lemmas: Sequence[str],
    *,
    encoder: Encoder,
    config: DiscoverConfig,
    seed: int,
    progress: Progress | None = None,
) -> Tuned:
    """Try settings and choose among them without looking at people's codes.

    Parameters
    ----------
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    lemmas : sequence of str
        The lemmas of each unit.
    encoder : Encoder
        Encodes words, for keywords.
    config : DiscoverConfig
        Where to start.
    seed : int
        Everything random follows from it.
    progress : callable, optional
        Told how many candidates are done.

    Returns
    -------
    Tuned
        All candidates and the one chosen.
    """
    documents = [content_words(text) for text in lemmas]
    tried = candidates_for(len(vectors), config)
    rows = []
    for done, candidate in enumerate(tried, start=1):
        partitions = [_labels(vectors, candidate, seed + place) for place in range(SEED_SETS)]
        rows.append(
            {
                "n_neighbors": candidate.n_neighbors,
                "min_topic_size": candidate.min_topic_size,
                "min_samples": candidate.min_samples,
                "topics": float(np.mean([labels.max() + 1 for labels in partitions])),
                "stability": _stability(partitions),
                "coverage": float(np.mean([np.mean(labels != OUTLIER) for labels in partitions])),
                "coherence": _coherence(partitions[0], lemmas, documents, encoder, candidate),
            }
        )
        if progress is not None:
            progress("candidates", done, len(tried))
    candidates = pd.DataFrame(rows)
    candidates["score"] = _score(candidates)
    place = _choose(candidates)
    candidates["chosen"] = [row == place for row in range(len(candidates))]
    return Tuned(candidates=candidates, chosen=tried[place])


def _labels(vectors: Vectors, config: DiscoverConfig, seed: int) -> Labels:
    # A topic's stability over samples is not asked for here, and costs most of the time.
    return np.asarray(cluster(vectors, config.model_copy(update={"n_bootstrap": 0}), seed=seed).labels_)


def _stability(partitions: Sequence[Labels]) -> float:
    from sklearn.metrics import adjusted_mutual_info_score

    return float(np.mean([adjusted_mutual_info_score(one, other) for one, other in combinations(partitions, 2)]))


def _coherence(
    labels: Labels,
    lemmas: Sequence[str],
    documents: Sequence[Sequence[str]],
    encoder: Encoder,
    config: DiscoverConfig,
) -> float:
    if labels.max() < 0:
        return float("nan")
    words = describe_topics(
        labels, lemmas, [1] * len(lemmas), encoder=encoder, n_keywords=config.n_keywords,
        diversity=config.keyword_diversity,
    )  # fmt: skip
    return npmi(list(words.values()), documents)


def _score(candidates: pd.DataFrame) -> pd.Series:
    scaled = candidates[list(SCORES)].fillna(candidates[list(SCORES)].min())
    span = (scaled.max() - scaled.min()).replace(0, 1)
    return ((scaled - scaled.min()) / span).mean(axis=1)


def _choose(candidates: pd.DataFrame) -> int:
    """Return the row of the best score, or of the configured settings where they are as good."""
    best = float(candidates["score"].max())
    # The configured settings come first: what is not clearly better is not changed.
    return int(np.flatnonzero(candidates["score"] >= best - _NOISE)[0])
