"""Topics of one run beside those of another: which is which, what split, merged, appeared and vanished."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import Labels, Vectors

Shares = npt.NDArray[np.float64]

MATCHED, SPLIT, MERGED, APPEARED, VANISHED = "matched", "split", "merged", "appeared", "vanished"

TOPIC_COLUMNS = (
    "what", "topic_a", "label_a", "size_a", "share_a", "theme_a", "topic_b", "label_b", "size_b", "share_b", "theme_b",
    "similarity", "moved_from_a", "moved_to_b", "n_shared", "paired", "base_a", "base_b", "suppressed_a",
    "suppressed_b",
)  # fmt: skip
INTERNAL_COLUMNS = ("base_a", "base_b", "suppressed_a", "suppressed_b")
"""What is needed to tell what may be shown, and is no part of it."""


@dataclass(frozen=True)
class Overlaps:
    """How the comments of the topics of one run, A, lie in the topics of another, B.

    Attributes
    ----------
    similarity : ndarray of shape (n_topics_a, n_topics_b), float64
        How alike two topics are: Jaccard overlap in [0, 1], or cosine in [-1, 1].
    forward : ndarray of shape (n_topics_a, n_topics_b), float64
        The share of the comments of A's topic that lie in B's topic, in [0, 1]; rows add up to 1 at most.
    backward : ndarray of shape (n_topics_a, n_topics_b), float64
        The share of the comments of B's topic that lie in A's topic, in [0, 1]; columns add up to 1 at most.
    bases_a : ndarray of shape (n_topics_a,), int64
        How many comments of each of A's topics `forward` has shares of.
    bases_b : ndarray of shape (n_topics_b,), int64
        How many comments of each of B's topics `backward` has shares of.
    counts : ndarray of shape (n_topics_a, n_topics_b), int64, or None
        Comments in both; None where the runs share none.
    """

    similarity: Shares
    forward: Shares
    backward: Shares
    bases_a: Labels
    bases_b: Labels
    counts: Labels | None = None


@dataclass(frozen=True)
class Relation:
    """What became of a topic; places are rows and columns of a `Overlaps`, None where there is no counterpart.

    `paired` says that the two were assigned to one another and are alike enough.
    """

    what: str
    place_a: int | None
    place_b: int | None
    paired: bool


def flow_of_shared_comments(
    labels_a: Labels, labels_b: Labels, *, topics_a: Sequence[int], topics_b: Sequence[int]
) -> Overlaps:
    """Count how topics overlap over comments that both runs hold.

    Parameters
    ----------
    labels_a, labels_b : ndarray of shape (n_shared,), int64
        Topic of each shared comment in each run, -1 for an outlier.
    topics_a, topics_b : sequence of int
        The topics of each run, in the order of rows and columns.

    Returns
    -------
    Overlaps
        Over the shared comments alone: a topic that holds none of them has a similarity of 0 with all others.
    """
    members_a = labels_a[:, None] == np.array(topics_a, dtype=np.int64)[None, :]
    members_b = labels_b[:, None] == np.array(topics_b, dtype=np.int64)[None, :]
    counts = members_a.T.astype(np.int64) @ members_b.astype(np.int64)
    bases_a, bases_b = members_a.sum(axis=0), members_b.sum(axis=0)
    sizes_a, sizes_b = bases_a[:, None], bases_b[None, :]
    return Overlaps(
        similarity=counts / np.maximum(sizes_a + sizes_b - counts, 1),
        forward=counts / np.maximum(sizes_a, 1),
        backward=counts / np.maximum(sizes_b, 1),
        bases_a=bases_a,
        bases_b=bases_b,
        counts=counts,
    )


def flow_of_vectors(
    vectors_a: Vectors,
    labels_a: Labels,
    vectors_b: Vectors,
    labels_b: Labels,
    *,
    topics_a: Sequence[int],
    topics_b: Sequence[int],
    threshold: float,
) -> Overlaps:
    """Compare topics by their centroids where the runs hold other comments.

    Parameters
    ----------
    vectors_a, vectors_b : ndarray of shape (n_comments, n_dimensions), float32
        Unit vectors of each run's distinct comments, by the same encoder.
    labels_a, labels_b : ndarray of shape (n_comments,), int64
        Their topics, -1 for an outlier.
    topics_a, topics_b : sequence of int
        The topics of each run, in the order of rows and columns.
    threshold : float
        The cosine, in [-1, 1], that the part of a topic which moves must have with where it moves to.

    Returns
    -------
    Overlaps
        The cosine of centroids; and, for lack of shared comments, where each comment's nearest centroid of the
        other run is. Every comment has a nearest centroid, that of a topic without a counterpart too: so a part
        of a topic counts as moved only where its own centroid reaches the threshold.
    """
    centroids_a, centroids_b = _centroids(vectors_a, labels_a, topics_a), _centroids(vectors_b, labels_b, topics_b)
    return Overlaps(
        similarity=np.clip(centroids_a @ centroids_b.T, -1.0, 1.0),
        forward=_moved(vectors_a, labels_a, topics_a, centroids_b, threshold),
        backward=_moved(vectors_b, labels_b, topics_b, centroids_a, threshold).T,
        bases_a=np.array([(labels_a == topic).sum() for topic in topics_a], dtype=np.int64),
        bases_b=np.array([(labels_b == topic).sum() for topic in topics_b], dtype=np.int64),
    )


def _centroids(vectors: Vectors, labels: Labels, topics: Sequence[int]) -> Shares:
    centroids = np.zeros((len(topics), vectors.shape[1]))
    for place, topic in enumerate(topics):
        centroids[place] = _direction(vectors[labels == topic])
    return centroids


def _direction(vectors: Vectors) -> Shares:
    total = vectors.sum(axis=0, dtype=np.float64)
    length = float(np.linalg.norm(total))
    # Comments without content have zero vectors, and so may a topic of them.
    return np.asarray(total / length if length else total)


def _moved(vectors: Vectors, labels: Labels, topics: Sequence[int], targets: Shares, threshold: float) -> Shares:
    shares = np.zeros((len(topics), len(targets)))
    if not len(targets):
        return shares
    for place, topic in enumerate(topics):
        members = vectors[labels == topic]
        nearest = (members @ targets.T).argmax(axis=1)
        for target in np.unique(nearest):
            part = members[nearest == target]
            if float(_direction(part) @ targets[target]) >= threshold:
                shares[place, target] = len(part) / len(members)
    return shares


def relate_topics(flow: Overlaps, *, threshold: float, part: float = 0.3) -> list[Relation]:
    """Say what became of each topic.

    Parameters
    ----------
    flow : Overlaps
        How the topics lie in one another.
    threshold : float
        Two topics are paired only where their similarity is above it.
    part : float
        In (0, 0.5]: a topic with at least this share of its comments in each of two or more topics has split
        into them, and a topic that has at least this share of its comments from each of two or more topics is
        merged from them.

    Returns
    -------
    list of Relation
        Matched pairs, the most alike first, then what split, merged, vanished and appeared. Every topic of
        either run is in one at least; a pair can be in both a split and a merge.

    Raises
    ------
    ValueError
        Where `part` is not in (0, 0.5].

    Notes
    -----
    Pairs are the assignment with the largest sum of similarities (Hungarian method,
    doi:10.1002/nav.3800020109), so that no topic is paired twice.
    """
    if not 0 < part <= 0.5:
        raise ValueError(f"part: a share in (0, 0.5] is wanted, found {part}")
    from scipy.optimize import linear_sum_assignment

    # What is not alike enough counts nothing, else it would draw topics away from the pairs that are.
    worth = np.where(flow.similarity > threshold, flow.similarity, 0.0)
    rows, columns = linear_sum_assignment(worth, maximize=True)
    pairs = {
        (int(row), int(column))
        for row, column in zip(rows, columns, strict=True)
        if flow.similarity[row, column] > threshold
    }
    splits = _parts_of(flow.forward, part)
    merges = [(source, target) for target, source in _parts_of(flow.backward.T, part)]
    matched = sorted(pairs - {*splits, *merges}, key=lambda pair: (-flow.similarity[pair], pair))
    found = [(MATCHED, pair) for pair in matched]
    found += [(SPLIT, pair) for pair in splits] + [(MERGED, pair) for pair in merges]
    relations = [Relation(what, *pair, paired=pair in pairs) for what, pair in found]
    in_a, in_b = {pair[0] for _, pair in found}, {pair[1] for _, pair in found}
    n_a, n_b = flow.similarity.shape
    relations += [Relation(VANISHED, place, None, paired=False) for place in range(n_a) if place not in in_a]
    relations += [Relation(APPEARED, None, place, paired=False) for place in range(n_b) if place not in in_b]
    return relations


def _parts_of(shares: Shares, part: float) -> list[tuple[int, int]]:
    """Return row and column of the parts of each row that has two or more of them, the largest part first."""
    found: list[tuple[int, int]] = []
    for row, values in enumerate(shares):
        # A hair below: three tenths of ten are three.
        columns = np.flatnonzero(values >= part - 1e-9)
        if len(columns) > 1:
            found += [(row, int(column)) for column in sorted(columns, key=lambda place: (-values[place], place))]
    return found


def topics_table(
    relations: Sequence[Relation], flow: Overlaps, topics_a: pd.DataFrame, topics_b: pd.DataFrame
) -> pd.DataFrame:
    """Return a row for each relation.

    Parameters
    ----------
    relations : sequence of Relation
        What became of the topics.
    flow : Overlaps
        What they follow from.
    topics_a, topics_b : DataFrame
        topic, label, size, share, theme and suppressed of each run's topics, in the order of the flow.

    Returns
    -------
    DataFrame
        See `pipeline.comparison.runs.Comparison`.
    """
    rows = []
    for relation in relations:
        a, b = relation.place_a, relation.place_b
        row = {"what": relation.what, "paired": relation.paired}
        for end, place, topics, bases in (("a", a, topics_a, flow.bases_a), ("b", b, topics_b, flow.bases_b)):
            if place is not None:
                names = ("topic", "label", "size", "share", "theme", "suppressed")
                row |= {f"{name}_{end}": topics[name].iloc[place] for name in names}
                row[f"base_{end}"] = bases[place]
        if a is not None and b is not None:
            row |= {
                "similarity": flow.similarity[a, b],
                "moved_from_a": flow.forward[a, b],
                "moved_to_b": flow.backward[a, b],
                "n_shared": None if flow.counts is None else flow.counts[a, b],
            }
        rows.append(row)
    counts = ("topic_a", "size_a", "topic_b", "size_b", "n_shared", "base_a", "base_b")
    whole = {**dict.fromkeys(counts, "Int64"), **dict.fromkeys(("suppressed_a", "suppressed_b"), "boolean")}
    parts = dict.fromkeys(("share_a", "share_b", "similarity", "moved_from_a", "moved_to_b"), "float64")
    table = pd.DataFrame(rows, columns=list(TOPIC_COLUMNS)).astype({**whole, **parts, "paired": bool})
    texts = ["label_a", "theme_a", "label_b", "theme_b"]
    return table.assign(**{name: table[name].astype(object).where(table[name].notna(), "") for name in texts})
