"""A readable name for each topic: the nouns and noun phrases that its comments say, and others seldom do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Bools, Labels
from pipeline.discovery.words import stop_words
from pipeline.formats.wordlist import word_list

MOST_TERMS = 3

FEWEST_SAY = 3
"""People who must say a term, for it to tell of a topic and of none of them."""

LEAST_SHARE = 1 / 6
"""Share of a topic's comments that say each term of its name."""

LEAST_TOGETHER = 0.5
"""Share of a topic's comments that are to say one term of its name or another, where that can be had."""

MIXED = "Mixed"
_LESS_IS_MIXED = 1 / 3
"""A topic of whose comments fewer say one of its terms is called mixed."""

_LEAST_GAIN = 0.08
"""Share of a topic's comments that a further term must add."""

_LIFT = 2.0
"""How much more often a topic's people say a term than all others do, at least."""

_SHARPNESS = 2
"""How much it counts that others do not say a term, against that the topic's people do."""

_NEARLY = 0.6
"""A phrase takes the place of its noun where this share of those who say the noun say the phrase."""

_SEPARATED = re.compile(r", | and ")


@dataclass(frozen=True)
class TopicName:
    """What a topic is called.

    Attributes
    ----------
    label : str
        One to three terms, joined; with "Mixed:" before them where few of its comments say any.
    said_in : float
        Share of the topic's comments that say one of the terms, in [0, 1]; 0 where there is no term.
    """

    label: str
    said_in: float


def label_topics(
    labels: Labels,
    phrases: Sequence[str],
    people: Sequence[int],
    keywords: Mapping[int, Sequence[str]],
    *,
    known: Mapping[int, TopicName] | None = None,
    taken: Collection[str] = (),
) -> dict[int, TopicName]:
    """Name each topic by what its comments say.

    Parameters
    ----------
    labels : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    phrases : sequence of str
        The nouns and noun phrases of each unit, separated by "|".
    people : sequence of int
        How many said each unit: a comment with folded duplicates counts as often as it was said.
    keywords : mapping of int to sequence of str
        The keywords of each topic, used where its comments share no term.
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
    Terms are chosen one after another, so that together they are said by as many of the topic's comments, and as few
    others, as can be. What is maximised is the share of the topic's comments that say one of them, times the share
    that the topic has in saying it, all topics counting alike. A term is said in one number and in another; it is
    written as most people write it.
    """
    said = _Said.of(phrases, people)
    named = dict(known or {})
    in_use = {name.label.casefold() for name in named.values()} | {label.casefold() for label in taken}
    for topic in sorted(set(keywords) - set(named)):
        named[topic] = _name(said, labels == topic, keywords[topic], in_use, topic)
        in_use.add(named[topic].label.casefold())
    return named


def terms_of(label: str) -> list[str]:
    """Return the terms that a label joins."""
    return _SEPARATED.split(label.removeprefix(f"{MIXED}: "))


def joined(terms: Sequence[str], *, mixed: bool = False) -> str:
    """Return a label of terms, at least one."""
    said = terms[0] if len(terms) == 1 else f"{', '.join(terms[:-1])} and {terms[-1]}"
    return f"{MIXED}: {said}" if mixed else said[:1].upper() + said[1:]


def singular(term: str) -> str:
    """Return what a term is counted as: without case, and one number for both."""
    return " ".join(_one(word) for word in term.casefold().split())


def _one(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2 else word


@dataclass(frozen=True)
class _Said:
    """Who says what: terms by unit, units by term, and how each term is written."""

    people: npt.NDArray[np.float64]
    terms: list[set[str]]
    users: dict[str, list[int]]
    written: dict[str, Counter[str]]

    @classmethod
    def of(cls, phrases: Sequence[str], people: Sequence[int]) -> _Said:
        terms: list[set[str]] = []
        users: dict[str, list[int]] = {}
        written: dict[str, Counter[str]] = {}
        for unit, (said, count) in enumerate(zip(phrases, people, strict=True)):
            forms = {form: singular(form) for form in dict.fromkeys(filter(None, said.split("|")))}
            for form, term in forms.items():
                written.setdefault(term, Counter())[form] += count
            terms.append(set(forms.values()))
            for term in terms[-1]:
                users.setdefault(term, []).append(unit)
        return cls(np.asarray(people, dtype=np.float64), terms, users, written)

    def form(self, term: str) -> str:
        """Return a term as most people write it; of several the first in the alphabet."""
        return min(self.written[term].items(), key=lambda item: (-item[1], item[0]))[0]


@dataclass(frozen=True)
class _Topic:
    """A topic's comments beside all others, as terms see them."""

    said: _Said
    inside: Bools

    def shares(self, saying: Bools) -> tuple[float, float]:
        """Return the shares of the topic's people and of all others for whom something holds."""
        people, outside = self.said.people, ~self.inside
        within = float(people[saying & self.inside].sum() / people[self.inside].sum())
        return within, float(people[saying & outside].sum() / max(people[outside].sum(), 1.0))

    def saying(self, terms: Sequence[str]) -> Bools:
        """Return which units say one of the terms."""
        found = np.zeros(len(self.inside), dtype=bool)
        for term in terms:
            found[self.said.users[term]] = True
        return found

    def worth(self, terms: Sequence[str], sharpness: int = _SHARPNESS) -> float:
        """Return how well terms tell the topic from all others, in [0, 1]."""
        share, elsewhere = self.shares(self.saying(terms))
        return share * (share / max(share + elsewhere, 1e-12)) ** sharpness

    def candidates(self, least: float) -> list[str]:
        """Return the terms that so many of the topic's people say, and others more seldom, in the alphabet's order."""
        counts: Counter[str] = Counter()
        for unit in np.flatnonzero(self.inside):
            counts.update(dict.fromkeys(self.said.terms[unit], int(self.said.people[unit])))
        size = self.said.people[self.inside].sum()
        enough = sorted(term for term, count in counts.items() if count >= max(FEWEST_SAY, least * size))
        return [term for term in enough if _names_something(term) and self._is_its_own(term)]

    def _is_its_own(self, term: str) -> bool:
        share, elsewhere = self.shares(self.saying([term]))
        return share >= _LIFT * elsewhere

    def strongest(self, candidates: Sequence[str]) -> list[str]:
        """Return the terms that tell the topic best, each by itself, and that hardly anybody else says."""
        chosen: list[str] = []
        for term in sorted(candidates, key=lambda term: (-self.worth([term], 2 * _SHARPNESS), term)):
            if len(chosen) < MOST_TERMS and not any(_overlap(term, other) for other in chosen):
                chosen.append(term)
        return chosen

    def choose(self, candidates: Sequence[str]) -> list[str]:
        """Choose terms one after another, each for what it adds; a further one adds so large a share at least."""
        chosen: list[str] = []
        while len(chosen) < MOST_TERMS:
            covered, _ = self.shares(self.saying(chosen))
            options = [
                (self.worth([*chosen, term]), term)
                for term in candidates
                if not any(_overlap(term, other) for other in chosen)
                and self.shares(self.saying([*chosen, term]))[0] - covered >= (_LEAST_GAIN if chosen else 0.0)
            ]
            best, term = max(options, default=(0.0, ""))
            if not term or (covered >= LEAST_TOGETHER and best <= self.worth(chosen)):
                break
            chosen.append(self._fuller(term, candidates, chosen))
        return chosen

    def _fuller(self, noun: str, candidates: Sequence[str], chosen: Sequence[str]) -> str:
        """Return the phrase that takes a noun's place: one that most who say the noun say."""
        share, _ = self.shares(self.saying([noun]))
        longer = [
            (self.shares(self.saying([term]))[0], term)
            for term in candidates
            if noun in term.split() and term != noun and not any(_overlap(term, other) for other in chosen)
        ]
        said_in, phrase = max(longer, default=(0.0, ""))
        return phrase if said_in >= _NEARLY * share else noun


def _name(said: _Said, inside: Bools, keywords: Sequence[str], in_use: Collection[str], topic: int) -> TopicName:
    found = _Topic(said, inside)
    terms = found.choose(found.candidates(LEAST_SHARE))
    mixed = found.shares(found.saying(terms))[0] < _LESS_IS_MIXED
    if mixed:
        # A topic whose comments share too little says what some of them say, and hardly anybody else.
        terms = found.strongest(found.candidates(0.0))
    for some in dict.fromkeys((tuple(terms), tuple(terms[:2]), tuple(terms[:1]))):
        share, _ = found.shares(found.saying(some))
        label = joined([said.form(term) for term in some], mixed=mixed) if some else ""
        if label and label.casefold() not in in_use:
            return TopicName(label, share)
    return TopicName(label_from_keywords(keywords, in_use, topic), 0.0)


def _overlap(term: str, other: str) -> bool:
    return not set(term.split()).isdisjoint(other.split())


def _names_something(term: str) -> bool:
    empty = stop_words() | word_list("pipeline.discovery", "empty_nouns.txt")
    words = term.split()
    return not all(word in empty for word in words) and words[-1] not in stop_words()


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
        label = joined(usable[:length], mixed=True) if usable else ""
        if label and label.casefold() not in taken:
            return label
    return f"Topic {topic}"
