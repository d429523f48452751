"""Find topics without supervision, and describe them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.config import DiscoverConfig
from pipeline.contracts import (
    MACHINE,
    OUTLIER,
    PERSON,
    Bools,
    Cleaned,
    Embedded,
    Encoder,
    Labels,
    Progress,
    TopicResult,
    Vectors,
)
from pipeline.discovery.clustering import cluster
from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.labels import TopicName, label_topics
from pipeline.discovery.layout import lay_out, placed_beside
from pipeline.discovery.replay import evidence_of
from pipeline.discovery.representatives import choose_representatives
from pipeline.discovery.rollup import low_membership_share, roll_up
from pipeline.discovery.sampling import stratified_rows
from pipeline.discovery.stability import count_stable
from pipeline.discovery.topic_tree import topic_tree, tree_table
from pipeline.discovery.votes import Voters, nearest_voters
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
    """Find topics among the units, give every comment its topic, and describe the topics.

    Parameters
    ----------
    cleaned : Cleaned
        The comments and their units.
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
    TopicResult, Vectors
        Without topics where there are fewer distinct comments than `config.smallest_corpus`, and the summary
        says so.
    """
    # The ids alone are held meanwhile: of a million comments each copy of their table is most of a gigabyte.
    comments, of_units = cleaned.distinct["comment_id"], cleaned.units["comment_id"]
    read = {name: embedded.summary[name] for name in ("long", "nothing_said")}
    speaks = ~of_units.isin(embedded.nothing_said).to_numpy()
    if min(len(comments), speaks.sum()) < config.smallest_corpus:
        layout = _places(cleaned, embedded, speaks, None, config, seed=seed)
        return _without_topics(comments, layout, _too_few(config), regime="direct", read=read)
    fit = _fit(cleaned, embedded, speaks, config, seed=seed, progress=progress)
    rolled = roll_up(comments.tolist(), of_units.tolist(), fit.labels, fit.membership, fit.nearest)
    if rolled.topic.max() < 0:
        note = "No topic came back reliably; each comment was compared with the themes directly."
        return _without_topics(comments, fit.layout, note, regime="nothing found", read=read)
    topics, coarse, tree = describe_levels(
        cleaned, embedded, fit.labels, rolled.topic, fit.parents, encoder=encoder, config=config
    )  # fmt: skip
    topics["stability"] = fit.stability[topics["topic"]]
    topics["repeatability"] = fit.repeatability[topics["topic"]]
    outlier_share = 1.0 - float(topics["share"].sum())
    stable, dissolved = count_stable(topics["stability"].to_numpy(dtype=float))
    return TopicResult(
        assignments=pd.DataFrame(
            {
                "comment_id": comments,
                "topic": rolled.topic,
                "membership": rolled.membership,
                "nearest_topic": rolled.nearest,
                "topic_coarse": fit.parents[rolled.topic],
            }
        ),
        topics=topics,
        coarse_topics=coarse,
        topic_tree=tree,
        layout=_layout_frame(comments, fit.layout),
        shares=rolled.shares,
        summary={
            "regime": "consensus",
            **read,
            "topics": len(topics),
            "coarse_topics": len(coarse),
            "outlier_share": max(outlier_share, 0.0),
            "largest_share": float(topics["share"].max()),
            "stable_topics": stable,
            "dissolved_topics": dissolved,
            "low_membership_share": low_membership_share(rolled.topic, rolled.membership),
            **fit.summary,
            "notes": [*_notes(len(comments)), *fit.notes],
        },
        evidence=fit.evidence,
    )


@dataclass(frozen=True)
class _Fit:
    """What clustering found of the units, and where the comments lie on the map.

    The clusterer is not among it: it holds the vectors again, which are gigabytes of a million units.
    """

    labels: Labels
    nearest: Labels
    membership: npt.NDArray[np.float64]
    parents: Labels
    """The coarse topic of each topic by its number; the last is that of outliers."""
    stability: npt.NDArray[np.float64]
    repeatability: npt.NDArray[np.float64]
    layout: Vectors
    evidence: dict[str, npt.NDArray[Any]]
    summary: dict[str, Any]
    notes: list[str]


def _fit(
    cleaned: Cleaned,
    embedded: Embedded,
    speaks: Bools,
    config: DiscoverConfig,
    *,
    seed: int,
    progress: Progress | None,
) -> _Fit:
    clusterer = cluster(embedded.vectors[speaks], config, seed=seed, progress=progress, copy=False)
    layout = _places(cleaned, embedded, speaks, clusterer, config, seed=seed)
    found = clusterer.labels_.max() >= 0
    evidence, rules = evidence_of(clusterer) if found else ({}, {})
    return _Fit(
        labels=_on_all(clusterer.labels_, speaks, OUTLIER),
        nearest=_on_all(clusterer.nearest_label_, speaks, OUTLIER),
        membership=_on_all(clusterer.probabilities_, speaks, 0.0),
        parents=np.append(clusterer.topic_parents_, OUTLIER),
        stability=clusterer.stability_,
        repeatability=clusterer.repeatability_,
        layout=layout,
        evidence=evidence,
        summary={
            "repeatability": float(clusterer.agreement_of_halves_),
            "stability": _known(clusterer.agreement_of_samples_),
            "n_seeds": clusterer.n_seeds_,
            "fitted": None if clusterer.voters_ is None else len(clusterer.fitted_),
            "granularities": list(clusterer.granularities_),
            "min_topic_size": clusterer.min_topic_size_,
            "rules": rules,
        },
        notes=_note_of_sample(cleaned, clusterer),
    )


def _places(
    cleaned: Cleaned,
    embedded: Embedded,
    speaks: Bools,
    clusterer: ConsensusClusterer | None,
    config: DiscoverConfig,
    *,
    seed: int,
) -> Vectors:
    """Return coordinates of the comments; of very many a sample is laid out, and the others stand beside it."""
    vectors = embedded.comment_vectors
    if config.fit_on is None or len(vectors) <= config.fit_on:
        return lay_out(vectors, n_neighbors=config.n_neighbors, seed=seed)
    every = np.arange(len(vectors))
    known: list[tuple[Labels, Voters]] = []
    if clusterer is not None and clusterer.voters_ is not None and cleaned.sentences is None:
        # Topics were found on a sample of the comments: their nearest are known.
        speaking = np.flatnonzero(speaks)
        fitted = speaking[clusterer.fitted_]
        known = [(np.setdiff1d(speaking, fitted, assume_unique=True), clusterer.voters_)]
    else:
        fitted = stratified_rows(vectors, config.fit_on, seed=seed)
    others = np.setdiff1d(every, np.concatenate([fitted, *(rows for rows, _ in known)]), assume_unique=True)
    places = np.empty((len(vectors), 2), dtype=np.float32)
    places[fitted] = lay_out(vectors[fitted], n_neighbors=config.n_neighbors, seed=seed)
    for rows, voters in (*known, (others, nearest_voters(vectors, vectors[fitted], of=others))):
        places[rows] = placed_beside(places[fitted], voters)
    return places


def _on_all(of_some: npt.NDArray[Any], which: Bools, otherwise: float) -> npt.NDArray[Any]:
    """Return a figure of some units for all of them."""
    found = np.full(len(which), otherwise, dtype=of_some.dtype)
    found[which] = of_some
    return found


def describe_levels(
    cleaned: Cleaned,
    embedded: Embedded,
    unit_topics: Labels,
    comment_topics: Labels,
    parents: Labels,
    *,
    encoder: Encoder,
    config: DiscoverConfig,
    named: Mapping[int, str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Describe topics and coarse topics: words, names, sizes, the comments that stand for them, and their tree.

    Parameters
    ----------
    cleaned : Cleaned
        The comments and their units.
    embedded : Embedded
        Their vectors.
    unit_topics : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    comment_topics : ndarray of shape (n_distinct_comments,), int64
        The topic of each comment.
    parents : ndarray of shape (n_numbers + 1,), int64
        The coarse topic of each topic by its number; the last is that of outliers, -1.
    encoder : Encoder
        Encodes words, for keywords.
    config : DiscoverConfig
        How many keywords and representatives.
    named : mapping of int to str, optional
        Names that a person gave, no two the same.

    Returns
    -------
    topics, coarse, tree : DataFrame
        topics, coarse_topics and topic_tree of `pipeline.contracts.TopicResult`; stability and repeatability are
        missing.
    """
    described = _Describer(cleaned, embedded, encoder, config)
    topics = described.table(unit_topics, comment_topics, "topic")
    topics["machine_label"] = topics["label"]
    topics["label_by"] = [PERSON if topic in (named or {}) else MACHINE for topic in topics["topic"]]
    topics["definition"] = ""
    if named:
        # A topic whose name a person gave to another one is named anew.
        given = {topic: TopicName(name, np.nan) for topic, name in named.items()}
        again = described.table(unit_topics, comment_topics, "topic", known=given)
        topics[["label", "said_in"]] = again[["label", "said_in"]]
    topics.insert(1, "parent", parents[topics["topic"]])
    topics["stability"] = topics["repeatability"] = np.nan
    distinct = cleaned.distinct[["comment_id", "text"]]
    representatives = choose_representatives(
        comment_topics, distinct["text"].tolist(), described.people, embedded.comment_vectors,
        count=config.n_representatives,
    )  # fmt: skip
    comment_ids = distinct["comment_id"].tolist()
    topics["representatives"] = [
        [comment_ids[row] for row in representatives.get(topic, [])] for topic in topics["topic"]
    ]
    # The same comments under two names would look like two things, and two things under one name like one.
    alone = topics[~topics["parent"].duplicated(keep=False)]
    known = {row["parent"]: TopicName(row["label"], row["said_in"]) for row in alone.to_dict("records")}
    coarse = described.table(
        parents[unit_topics], parents[comment_topics], "topic_coarse", known=known, taken=topics["label"].tolist()
    )
    return topics, coarse, _tree(embedded.vectors, unit_topics, topics["topic"].tolist())


def _tree(vectors: Vectors, unit_topics: Labels, topics: list[int]) -> pd.DataFrame:
    place = {topic: number for number, topic in enumerate(topics)}
    places = np.array([place.get(topic, OUTLIER) for topic in unit_topics.tolist()], dtype=np.int64)
    return tree_table(topic_tree(vectors, places, len(topics)), topics)


class _Describer:
    """Makes the table of a level of topics: words from the units, sizes from the comments."""

    def __init__(self, cleaned: Cleaned, embedded: Embedded, encoder: Encoder, config: DiscoverConfig) -> None:
        units, comments = cleaned.units, cleaned.distinct["comment_id"]
        self._lemmas: list[str] = units["lemmas"].tolist()
        self._units = units
        self._vectors = embedded.vectors
        self._encoder = encoder
        self._config = config
        folded = cleaned.analysed["duplicate_of"].value_counts()
        twins = comments.map(folded).fillna(0)
        self.people: npt.NDArray[np.int64] = np.asarray(1 + twins, dtype=np.int64)
        """How many said each distinct comment."""
        by_comment = dict(zip(comments, self.people.tolist(), strict=True))
        self._people = [by_comment[comment_id] for comment_id in units["comment_id"]]

    def table(
        self,
        unit_labels: Labels,
        comment_labels: Labels,
        name: str,
        *,
        known: Mapping[int, TopicName] | None = None,
        taken: Collection[str] = (),
    ) -> pd.DataFrame:
        words = describe_topics(
            unit_labels,
            self._lemmas,
            self._people,
            encoder=self._encoder,
            n_keywords=self._config.n_keywords,
            diversity=self._config.keyword_diversity,
        )
        named = label_topics(
            unit_labels, self._units, self._people, self._vectors, words,
            encoder=self._encoder, known=known, taken=taken,
        )  # fmt: skip
        sizes = {topic: int(self.people[comment_labels == topic].sum()) for topic in sorted(named)}
        # A topic of sentences that is no comment's main topic shows in the shares alone.
        shown = [topic for topic, size in sizes.items() if size]
        return pd.DataFrame(
            {
                name: shown,
                "label": [named[topic].label for topic in shown],
                "said_in": [named[topic].said_in for topic in shown],
                "keywords": [", ".join(words[topic]) for topic in shown],
                "size": [sizes[topic] for topic in shown],
                "share": [sizes[topic] / int(self.people.sum()) for topic in shown],
            }
        )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


_FEW = 100
"""Below this many comments a topic rests on a handful of them."""


def _notes(n_comments: int) -> list[str]:
    # Notes are published: they give limits, and never how many comments there are.
    if n_comments >= _FEW:
        return []
    return [
        f"There are fewer than {_FEW} distinct comments. Only topics that many of them share can be seen, and shares "
        "are rough. Read every comment of a topic."
    ]


def _note_of_sample(cleaned: Cleaned, clusterer: ConsensusClusterer) -> list[str]:
    if clusterer.voters_ is None:
        return []
    sentences = cleaned.sentences is not None
    on_map = "" if sentences else ", and stand beside them on the map"
    return [
        f"Topics were found on {len(clusterer.fitted_):,} of the {'sentences' if sentences else 'distinct comments'}, "
        "drawn so that rare subjects stay. The others have the topic of their nearest neighbours among "
        f"these{on_map}."
    ]


def _too_few(config: DiscoverConfig) -> str:
    return (
        f"No topics were looked for: with fewer than {config.smallest_corpus} distinct comments a topic cannot be "
        "distinguished from chance. Each comment was compared with the themes directly."
    )


def _layout_frame(comments: pd.Series[str], layout: Vectors) -> pd.DataFrame:
    return pd.DataFrame({"comment_id": comments, "x": layout[:, 0], "y": layout[:, 1]})


def _without_topics(
    comments: pd.Series[str], layout: Vectors, note: str, *, regime: str, read: Mapping[str, int]
) -> TopicResult:
    none = np.full(len(comments), OUTLIER, dtype=np.int64)
    described = {"label": "str", "said_in": "float64", "keywords": "str", "size": "int64", "share": "float64"}
    given = {"machine_label": "str", "label_by": "str", "definition": "str"}
    fine = {
        "topic": "int64", "parent": "int64", **described, **given, "stability": "float64",
        "repeatability": "float64", "representatives": "object",
    }  # fmt: skip
    return TopicResult(
        assignments=pd.DataFrame(
            {
                "comment_id": comments,
                "topic": none,
                "membership": np.zeros(len(comments)),
                "nearest_topic": none,
                "topic_coarse": none,
            }
        ),
        topics=_empty(fine),
        coarse_topics=_empty({"topic_coarse": "int64", **described}),
        topic_tree=_empty({"first": "str", "second": "str", "apart": "float64"}),
        layout=_layout_frame(comments, layout),
        shares=pd.DataFrame({"comment_id": comments, "topic": none, "share": np.ones(len(comments))}),
        summary={
            "regime": regime,
            **read,
            "topics": 0,
            "coarse_topics": 0,
            "outlier_share": 1.0,
            "largest_share": 0.0,
            "repeatability": None,
            "stability": None,
            "stable_topics": 0,
            "dissolved_topics": 0,
            "notes": [note],
        },
    )


def _empty(columns: dict[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
