"""A readable name for each topic: what its comments speak of and what they call it, and others seldom do."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pandas as pd

from pipeline.contracts import Bools, Encoder, Labels, Vectors
from pipeline.discovery.saying import (
    FEWEST_OF_FEW,
    LEAST_TOGETHER,
    Said,
    Telling,
    nearness_to_topics,
    overlap,
    singular,
)
from pipeline.discovery.words import stop_words
from pipeline.formats.wordlist import word_list

MOST_TERMS = 3

LEAST_SHARE = 1 / 6
"""Share of a topic's comments that say each term of its name."""

MOST_TERMS_OF_MIXED = 4
"""Terms in the name of a mixed topic of which fewer than half say one of the first three."""

MOST_QUALITIES = 2

MIXED = "Mixed"

GENERAL = "In general"
"""How the name of a topic begins whose comments share praise or blame, and no subject."""

_SOME = 1 / 3
"""A topic of whose comments fewer say one of its nouns is called by its adjectives, or by more nouns or keywords."""

_LEAST_OF_MIXED = 1 / 16
"""Share of a topic's comments that say each term of a mixed topic beyond those that a sixth say."""

_LEAST_GAIN_OF_MIXED = 1 / 25
"""Share of a mixed topic's comments that a further term must add."""

_LEAST_SAID_OF = 1 / 5
"""Share of a topic's comments that say an adjective along with its nouns, for it to be said of them."""

_SEPARATED = re.compile(r", | and ")


@dataclass(frozen=True)
class TopicName:
    """What a topic is called.

    Attributes
    ----------
    label : str
        See `Terms`.
    said_in : float
        Share of the topic's comments that say one of the label's nouns, of its adjectives where it has no noun, or of
        the keywords that it is called by, in [0, 1]; 0 where there is no term.
    """

    label: str
    said_in: float


@dataclass(frozen=True)
class Terms:
    """What a label is made of.

    Attributes
    ----------
    nouns : tuple of str
        Nouns and noun phrases, as they are written.
    qualities : tuple of str
        Adjectives that comments with one of the nouns say of something; of anything where there is no noun.
    mixed : bool
        Whether fewer than half of the topic's comments say one of the nouns.
    """

    nouns: tuple[str, ...]
    qualities: tuple[str, ...] = ()
    mixed: bool = False

    def __str__(self) -> str:
        """Join the terms to a label, such as "Staff: friendly and helpful"."""
        head = MIXED if self.mixed else _listed(self.nouns) or GENERAL
        rest = _listed(self.nouns if self.mixed else self.qualities)
        said = f"{head}: {rest}" if rest else head
        return said[:1].upper() + said[1:]

    @classmethod
    def of(cls, label: str) -> Terms:
        """Return what a label joins."""
        head, _, rest = label.partition(": ")
        after = tuple(_SEPARATED.split(rest)) if rest else ()
        if head == MIXED:
            return cls(after, mixed=True)
        return cls(() if head == GENERAL else tuple(_SEPARATED.split(head)), after)


def label_topics(
    labels: Labels,
    units: pd.DataFrame,
    people: Sequence[int],
    vectors: Vectors,
    keywords: Mapping[int, Sequence[str]],
    *,
    encoder: Encoder,
    known: Mapping[int, TopicName] | None = None,
    taken: Collection[str] = (),
) -> dict[int, TopicName]:
    """Name each topic by what its comments say.

    Parameters
    ----------
    labels : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    units : DataFrame
        A row for each unit, with its nouns and noun phrases (`phrases`) and adjectives (`qualities`), separated by "|",
        and its `lemmas`, separated by spaces.
    people : sequence of int
        How many said each unit: a comment with folded duplicates counts as often as it was said.
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    keywords : mapping of int to sequence of str
        The keywords of each topic, used where its comments share no term.
    encoder : Encoder
        Encodes terms, to see how near in meaning they are to a topic.
    known : mapping of int to TopicName, optional
        Names that topics have already, no two the same: they keep them, and no other topic gets one of them.
    taken : collection of str
        Names of other things, which no topic gets that has none yet.

    Returns
    -------
    dict of int to TopicName
        No two labels are the same.

    Notes
    -----
    Nouns are chosen one after another, so that together they are said by as many of the topic's comments, and as few
    others, as can be, and are near the topic in meaning. What is maximised is the share of the topic's comments that
    say one of them, times the square of the share that the topic has in saying it, all topics counting alike, times e
    to twice the mean cosine of the terms with the topic. A term is said in one number and in another; it is written as
    most people write it. Adjectives follow where the same comments say them. A topic that shares no noun is called by
    the adjectives that it shares, and mixed where it shares neither: then terms that fewer say follow, up to four until
    half say one; and keywords take the place of nouns of which fewer than a third say one, if more say the keywords.
    """
    nouns = Said.of(units["phrases"].tolist(), people).with_verbs(units["lemmas"].tolist())
    qualities = Said.of(units["qualities"].tolist(), people)
    own = {topic: frozenset(map(singular, some)) for topic, some in keywords.items()}
    # Of a million comments all words would take gigabytes.
    any_keyword = frozenset(chain.from_iterable(keywords.values()))
    words = Said.of(
        ["|".join(word for word in said.split() if word in any_keyword) for said in units["lemmas"]], people
    )
    near = _near(nouns, words, own, labels, people, vectors, encoder)
    named = dict(known or {})
    in_use = {name.label.casefold() for name in named.values()} | {label.casefold() for label in taken}

    def proposed(topic: int) -> Iterator[tuple[Terms, float]]:
        inside = labels == topic
        nearness = near.get(topic, {})
        return _proposals(
            Telling(nouns, inside, nearness=nearness),
            Telling(qualities, inside, _is_quality),
            Telling(words, inside, own[topic].__contains__, nearness, FEWEST_OF_FEW),
        )

    # Most topics are called by their best name. What else the others could be called is worked out again: to keep what
    # is known of each of hundreds of topics would take gigabytes of a million comments.
    best = {topic: next(proposed(topic), None) for topic in set(keywords) - set(named)}
    # Of two topics with one best name, the one has it of whose comments more say it.
    said_in = {topic: first[1] if first else 0.0 for topic, first in best.items()}
    for topic in sorted(best, key=lambda topic: (-said_in[topic], topic)):
        proposals = chain(filter(None, [best[topic]]), proposed(topic))
        free = ((str(terms), share) for terms, share in proposals if str(terms).casefold() not in in_use)
        name = next((TopicName(label, share) for label, share in free), None)
        if name is None:
            label = label_from_keywords(keywords[topic], in_use, topic)
            name = TopicName(label, _share_with(Terms.of(label).nouns, units["lemmas"], people, labels == topic))
        named[topic] = name
        in_use.add(named[topic].label.casefold())
    return named


def _near(
    nouns: Said,
    words: Said,
    keywords: Mapping[int, Collection[str]],
    labels: Labels,
    people: Sequence[int],
    vectors: Vectors,
    encoder: Encoder,
) -> dict[int, dict[str, float]]:
    """Return how near each topic's candidates are to it in meaning: nouns, and keywords that are no nouns."""
    candidates = {
        topic: [*Telling(nouns, labels == topic).candidates(0.0), *(keywords.get(topic, set()) & words.users.keys())]
        for topic in np.unique(labels[labels >= 0]).tolist()
    }
    terms = sorted(set().union(*candidates.values()))
    if not terms:
        return {}
    forms = [(nouns if term in nouns.users else words).form(term) for term in terms]
    near = nearness_to_topics(forms, labels, people, vectors, encoder)
    place = {term: number for number, term in enumerate(terms)}
    # Of its own candidates alone: topics times terms are too many to keep.
    return {topic: {term: float(near[topic][place[term]]) for term in some} for topic, some in candidates.items()}


def _is_quality(term: str) -> bool:
    return term not in stop_words() and term not in word_list("pipeline.discovery", "empty_qualities.txt")


def _listed(terms: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(terms[:-1]), *terms[-1:])))


def _proposals(subject: Telling, qualities: Telling, keywords: Telling) -> Iterator[tuple[Terms, float]]:
    """Yield names for a topic, and how many of its people say one of the terms; the best comes first."""
    candidates = subject.candidates(LEAST_SHARE)
    nouns = subject.choose(candidates, MOST_TERMS)
    if subject.said_in(nouns) >= LEAST_TOGETHER:
        yield from _shared_names(subject, qualities, candidates, nouns)
    else:
        yield from _mixed_names(subject, qualities, keywords, nouns)


def _shared_names(
    subject: Telling, qualities: Telling, candidates: Sequence[str], nouns: Sequence[str]
) -> Iterator[tuple[Terms, float]]:
    """Yield names for a topic of which at least half say one of the nouns."""
    said_of = subject.said.saying(nouns)
    adjectives = [
        term
        for term in qualities.candidates(_LEAST_SAID_OF, among=said_of)
        if not any(overlap(term, noun) for noun in nouns)
    ]
    most = min(MOST_QUALITIES, MOST_TERMS - len(nouns))
    yield _written(subject, nouns, qualities, qualities.strongest(adjectives, most)), subject.said_in(nouns)
    for count in range(len(nouns), 0, -1):
        yield _written(subject, nouns[:count]), subject.said_in(nouns[:count])
    # Another topic is called the same: a further noun tells them apart, if need be one that few say.
    kept = nouns[: MOST_TERMS - 1]
    for some in (candidates, subject.candidates(0.0)):
        others = [term for term in some if not any(overlap(term, noun) for noun in kept)]
        for noun in subject.strongest(others, len(others)):
            yield _written(subject, [*kept, noun]), subject.said_in([*kept, noun])


def _mixed_names(
    subject: Telling, qualities: Telling, keywords: Telling, nouns: Sequence[str]
) -> Iterator[tuple[Terms, float]]:
    """Yield names for a topic of which fewer than half say one of the nouns, of which there may be none."""
    general = qualities.choose(qualities.candidates(LEAST_SHARE), MOST_TERMS)
    if subject.said_in(nouns) < _SOME <= qualities.said_in(general):
        yield _written(subject, [], qualities, general), qualities.said_in(general)
    named = [(subject, _terms_of_mixed(subject, nouns)), (keywords, _terms_of_mixed(keywords))]
    # Nouns tell more than keywords, which may be any kind of word, unless too few say them. Of two as good, the first.
    named.sort(key=lambda pair: min(pair[0].said_in(pair[1]), _SOME), reverse=True)
    for telling, terms in named:
        for count in range(len(terms), 0, -1):
            yield _written(telling, terms[:count], mixed=True), telling.said_in(terms[:count])


def _terms_of_mixed(telling: Telling, first: Sequence[str] = ()) -> list[str]:
    """Choose terms that several of a topic's comments say each, more of them where they still cover few."""
    candidates = telling.candidates(_LEAST_OF_MIXED)
    terms = list(first)
    for most in range(MOST_TERMS, MOST_TERMS_OF_MIXED + 1):
        if most == MOST_TERMS or telling.said_in(terms) < LEAST_TOGETHER:
            terms = telling.choose(candidates, most, already=terms, least_gain=_LEAST_GAIN_OF_MIXED)
    return terms


def _written(
    subject: Telling,
    nouns: Sequence[str],
    qualities: Telling | None = None,
    adjectives: Sequence[str] = (),
    *,
    mixed: bool = False,
) -> Terms:
    described = tuple(qualities.said.form(term) for term in adjectives) if qualities is not None else ()
    return Terms(tuple(subject.said.form(noun) for noun in nouns), described, mixed)


def _share_with(keywords: Collection[str], lemmas: pd.Series[str], people: Sequence[int], inside: Bools) -> float:
    """Return the share of a topic's people whose lemmas have one of the keywords."""
    says = lemmas[inside].str.split().map(lambda said: not set(keywords).isdisjoint(said)).to_numpy(dtype=bool)
    counts = np.asarray(people)[inside]
    return float(counts[says].sum() / counts.sum())


def label_from_keywords(words: Sequence[str], taken: Collection[str], topic: int) -> str:
    """Call a topic by its keywords: one for which its comments share no noun.

    Parameters
    ----------
    words : sequence of str
        The topic's keywords, strongest first.
    taken : collection of str
        Labels of other topics, without case.
    topic : int
        The topic's number.

    Returns
    -------
    str
        "Mixed:" and its first three keywords, or two or four where that is taken; "Topic" and its number where there
        are none.
    """
    stop = stop_words()
    usable = [word for word in words if word.lower() not in stop]
    for length in (3, 2, 4):
        label = str(Terms(tuple(usable[:length]), mixed=True)) if usable else ""
        if label and label.casefold() not in taken:
            return label
    return f"Topic {topic}"
