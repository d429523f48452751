"""How well comments and topics fit themes: the likeness of what is said to the theme's nearest phrases."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.codebook.codebook import Code, Theme
from pipeline.contracts import Encoder, Labels, Vectors
from pipeline.discovery.neighbours import nearest_neighbours
from pipeline.language.sentences import split_sentences

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Scores = npt.NDArray[np.float64]

ROWS_AT_ONCE = 4_096
"""Texts that are read against phrases together: products of matrices of another height differ in the last digit."""

_COLUMNS_AT_ONCE = 128
"""So that what is compared stays in the processor's cache."""


def phrases_of(entry: Theme | Code) -> tuple[str, ...]:
    """Return what an entry is matched by: its name, name and definition, what belongs, and its examples.

    What does not belong is left out: an encoder places "not X" beside X.
    """
    includes = entry.includes if isinstance(entry, Theme) else ()
    said = (entry.name, f"{entry.name}: {entry.definition}", *includes, *entry.examples)
    return tuple(dict.fromkeys(" ".join(phrase.split()) for phrase in said))


def encode_phrases(entries: Sequence[Theme | Code], encoder: Encoder) -> list[Vectors]:
    """Return the vectors of each entry's phrases, each of shape (n_phrases, n_dimensions)."""
    return [encoder.encode(phrases_of(entry)) for entry in entries]


def phrase_fits(vectors: Vectors, phrases: Sequence[Vectors], nearest_phrases: int) -> Scores:
    """Score texts against entries.

    Parameters
    ----------
    vectors : ndarray of shape (n_texts, n_dimensions), float32
        Unit vectors.
    phrases : sequence of ndarray of shape (n_phrases, n_dimensions), float32
        Unit vectors of each entry's phrases.
    nearest_phrases : int
        How many of an entry's phrases count; an entry with fewer uses all.

    Returns
    -------
    ndarray of shape (n_texts, n_entries), float64
        The mean cosine, in [-1, 1], of the nearest phrases.

    Notes
    -----
    A comment fits a theme when it is like some ways of saying it, not like the mean of all of them:
    the docs' benchmark has both beside matching by name alone.
    """
    scores = np.empty((len(vectors), len(phrases)), dtype=np.float64)
    for rows in some_at_a_time(len(vectors)):
        some = vectors[rows].astype(np.float64)
        for column, said in enumerate(phrases):
            scores[rows, column] = mean_of_largest(some @ said.astype(np.float64).T, nearest_phrases)
    return scores


def some_at_a_time(n_texts: int) -> Iterator[slice]:
    """Yield the rows of texts that are read together: of many comments a copy of all vectors is gigabytes."""
    return (slice(first, first + ROWS_AT_ONCE) for first in range(0, n_texts, ROWS_AT_ONCE))


def mean_of_largest(values: npt.NDArray[Any], count: int) -> npt.NDArray[Any]:
    """Return the mean of the `count` largest values along the last axis; of all where there are fewer."""
    if count < values.shape[-1]:
        values = np.partition(values, -count, axis=-1)[..., -count:]
    # Sorted, so that the sum's order, and with it the last digit, does not depend on how they lay.
    largest_first = -np.sort(-values, axis=-1)
    return np.asarray(largest_first.mean(axis=-1))


def mean_of_largest_named(values: npt.NDArray[Any], named: Labels, count: int) -> npt.NDArray[Any]:
    """Return for each group of rows the mean of its `count` largest values, column by column.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_columns), float
        The values.
    named : ndarray of shape (n_groups, n_named), int64
        The rows of each group.
    count : int
        How many count; all where there are fewer.

    Returns
    -------
    ndarray of shape (n_groups, n_columns), of the values' dtype
        Equal to `mean_of_largest` of every group, at a fraction of its cost where groups are many and `count` small:
        no group's values are sorted.
    """
    count = min(count, named.shape[1])
    means = np.empty((len(named), values.shape[1]), dtype=values.dtype)
    for first in range(0, values.shape[1], _COLUMNS_AT_ONCE):
        columns = slice(first, first + _COLUMNS_AT_ONCE)
        some = np.ascontiguousarray(values[:, columns])
        largest = np.full((count, len(named), some.shape[1]), -np.inf, dtype=values.dtype)
        for place in named.T:
            coming = some[place]
            for kept in largest:
                smaller = np.minimum(kept, coming)
                np.maximum(kept, coming, out=kept)
                coming = smaller
        means[:, columns] = largest.mean(axis=0)
    return means


@dataclass(frozen=True)
class Reading:
    """Comments as they are read against phrases.

    Attributes
    ----------
    vectors : ndarray of shape (n_parts, n_dimensions), float32
        Unit vectors of the parts that are read: the comments' sentences.
    owner : ndarray of shape (n_parts,), int64
        The comment that each part is from.
    weights : sparse matrix of shape (n_comments, n_parts), float64
        How much each part counts for each comment; every row adds up to 1.
    comment_vectors : ndarray of shape (n_comments, n_dimensions), float32
        Unit vectors of the comments.
    short_phrases : ndarray of shape (n_comments, n_dimensions), float32, or None
        Unit vectors of a noun or noun phrase that each comment says, which pseudo-themes are made of where themes are
        short names; see `pipeline.crosswalk.short_names`.
    """

    vectors: Vectors
    owner: Labels
    weights: csr_matrix
    comment_vectors: Vectors
    short_phrases: Vectors | None = None

    @property
    def pseudo_phrases(self) -> Vectors:
        """What pseudo-themes are made of, a phrase for each comment, shape (n_comments, n_dimensions)."""
        return self.comment_vectors if self.short_phrases is None else self.short_phrases

    @cached_property
    def middle(self) -> Vectors:
        """The mean of the comments' vectors, shape (n_dimensions,)."""
        return np.asarray(self.comment_vectors.mean(axis=0))

    def fits(self, phrases: Sequence[Vectors], nearest_phrases: int) -> Scores:
        """Return the fit of every comment to every entry, shape (n_comments, n_entries), in [-1, 1]."""
        return np.asarray(self.weights @ phrase_fits(self.vectors, phrases, nearest_phrases))


def seen_from(vectors: Vectors, point: Vectors) -> Vectors:
    """Return unit vectors, of the shape of `vectors`, that point from `point` to them.

    What all comments of a survey share (its subject, its register) tells no theme from another, and hides what does.
    Seen so from the middle of the comments, that is gone.
    """
    from sklearn.preprocessing import normalize

    return np.asarray(normalize(vectors - point, copy=False))


def read_in_sentences(
    texts: Sequence[str],
    comment_vectors: Vectors,
    *,
    encoder: Encoder,
    neighbours: int,
    neighbour_share: float,
    seed: int,
) -> Reading:
    """Prepare comments for being read against phrases.

    Parameters
    ----------
    texts : sequence of str
        The comments.
    comment_vectors : ndarray of shape (n_comments, n_dimensions), float32
        Their unit vectors, made by `encoder`.
    encoder : Encoder
        Encodes the sentences.
    neighbours : int
        How many of the nearest comments a comment is read together with.
    neighbour_share : float
        How much they count, in [0, 1); 0 reads every comment alone.
    seed : int
        For the approximate search of neighbours in large corpora.

    Returns
    -------
    Reading
        A comment's fit is the mean over its sentences, and to `neighbour_share` the mean of its neighbours'
        fits, each by the square of its cosine.

    Notes
    -----
    Short answers are ambiguous alone, and what is said near them settles some: one step of label propagation
    (Zhou et al. 2003, "Learning with local and global consistency", NIPS 16). Several steps blur small themes
    away.
    """
    from scipy.sparse import csr_matrix, diags, identity

    sentences = split_sentences(texts)
    n = len(texts)
    counts = np.bincount(sentences.owner, minlength=n)
    mean = csr_matrix(
        (1.0 / counts[sentences.owner], (sentences.owner, np.arange(len(sentences.owner)))),
        shape=(n, len(sentences.owner)),
    )
    k = min(neighbours, n - 1)
    if k > 0 and neighbour_share > 0:
        found = nearest_neighbours(comment_vectors, k + 1, seed=seed)
        nearness = np.clip(1.0 - found.distances[:, 1:].astype(np.float64), 0.0, None) ** 2
        rows = np.repeat(np.arange(n), k)
        graph = csr_matrix((nearness.ravel(), (rows, found.indices[:, 1:].ravel())), shape=(n, n))
        total = np.asarray(graph.sum(axis=1)).ravel()
        # A comment that is like no other keeps its own reading whole.
        borrowed = np.where(total > 0, neighbour_share, 0.0)
        graph = diags(borrowed / np.where(total > 0, total, 1.0)) @ graph
        mean = ((identity(n) - diags(borrowed)) @ mean + graph @ mean).tocsr()
        mean.sort_indices()
    return Reading(encoder.encode(sentences.texts), sentences.owner, mean, comment_vectors)


def best_two(scores: Scores) -> tuple[Labels, Scores, Scores]:
    """Return for each row the column of the best score, that score, and its margin over the second best.

    The margin is in [0, 2]; the first column wins a tie.
    """
    best = scores.argmax(axis=1)
    ordered = -np.sort(-scores, axis=1)
    return best.astype(np.int64), ordered[:, 0], ordered[:, 0] - ordered[:, 1]
