"""Who says what: which terms tell a topic's comments from all others."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Bools, Encoder, Labels, Vectors
from pipeline.discovery.words import stop_words
from pipeline.formats.wordlist import word_list

FEWEST_SAY = 4
"""People who must say a term, for it to tell of a topic and of none of them."""

FEWEST_OF_FEW = 3
"""The same where they are at least half of the topic, and for a keyword."""

LEAST_TOGETHER = 0.5
"""Share of a topic's comments that are to say one term of its name or another, where that can be had."""

_LEAST_GAIN = 0.08
"""Share of a topic's comments that a further term must add."""

_LIFT = 2.0
"""How much more often a topic's people say a term than all others do, at least."""

_TELLING = 5.0
"""The same, for a term that follows another without adding to those who say one of them."""

_SHARPNESS = 2
"""How much it counts that others do not say a term, against that the topic's people do."""

_PULL = 2.0
"""How much it counts that a term is near in meaning to a topic: at a cosine of 1 as much as e to this power."""

_NEARLY = 0.6
"""A phrase takes the place of its noun where this share of those who say the noun say the phrase."""

_ROWS_AT_ONCE = 16_384

_ODD_PLURALS = {"children": "child", "feet": "foot", "men": "man", "teeth": "tooth", "women": "woman"}

_PLURALS_IN_ES = ("sses", "xes", "shes", "tches", "nches", "rches", "oaches")
"""Of ache and niche, which end in e, plurals look like those of branch and approach."""


def singular(term: str) -> str:
    """Return what a term is counted as: without case, and one number for both."""
    return " ".join(_one(word) for word in term.casefold().split())


def _one(word: str) -> str:
    if word in _ODD_PLURALS:
        return _ODD_PLURALS[word]
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    if word.endswith(_PLURALS_IN_ES):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 2 else word


def _verbs_of(noun: str) -> tuple[str, ...]:
    """Return what a noun in -ing may be a form of: wait, share, plan."""
    stem = noun.removesuffix("ing")
    if stem == noun or " " in noun or len(stem) < 3:
        return ()
    return (stem, f"{stem}e", *([stem[:-1]] if stem[-1] == stem[-2] else []))


def names_something(term: str) -> bool:
    """Return whether a noun or noun phrase, as it is counted, can name a subject."""
    empty = stop_words() | word_list("pipeline.discovery", "empty_nouns.txt")
    words = term.split()
    return not all(word in empty for word in words) and words[-1] not in stop_words()


def overlap(term: str, other: str) -> bool:
    """Return whether two terms, as they are counted, share a word."""
    return not set(term.split()).isdisjoint(other.split())


@dataclass(frozen=True)
class Said:
    """Who says what.

    Attributes
    ----------
    people : ndarray of shape (n_units,), float64
        How many said each unit.
    terms : list of tuple of str
        The terms of each unit, as they are counted, each once.
    users : dict of str to ndarray of shape (n_users,), int64
        The units that say each term, in ascending order.
    written : dict of str to Counter
        How often each term is written in each form.
    """

    people: npt.NDArray[np.float64]
    terms: list[tuple[str, ...]]
    users: dict[str, Labels]
    written: dict[str, Counter[str]]
    _saying: dict[str, float] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, said: Sequence[str], people: Sequence[int]) -> Said:
        """Read what each unit says, its terms separated by "|"."""
        terms: list[tuple[str, ...]] = []
        users: dict[str, list[int]] = {}
        written: dict[str, Counter[str]] = {}
        for unit, (joined, count) in enumerate(zip(said, people, strict=True)):
            # A word of a million comments is kept once.
            forms = {form: sys.intern(singular(form)) for form in dict.fromkeys(filter(None, joined.split("|")))}
            for form, term in forms.items():
                written.setdefault(term, Counter())[form] += count
            terms.append(tuple(dict.fromkeys(forms.values())))
            for term in terms[-1]:
                users.setdefault(term, []).append(unit)
        rows = {term: np.array(units, dtype=np.int64) for term, units in users.items()}
        return cls(np.asarray(people, dtype=np.float64), terms, rows, written)

    def with_verbs(self, lemmas: Sequence[str]) -> Said:
        """Return the same, where who says a verb says the noun that its -ing form is: waited, and waiting.

        Parameters
        ----------
        lemmas : sequence of str
            The lemmas of each unit, separated by spaces.

        Returns
        -------
        Said
            A noun such as staffing stands for itself alone, whose verb is a noun that more people say.
        """
        saying: dict[str, set[int]] = {verb: set() for term in self.users for verb in _verbs_of(term)}
        for unit, words in enumerate(lemmas):
            for word in saying.keys() & words.casefold().split():
                saying[word].add(unit)
        terms, users = list(self.terms), dict(self.users)
        for term, already in self.users.items():
            verbs = _verbs_of(term)
            if any(len(self.users.get(verb, ())) >= len(already) for verb in verbs):
                continue
            added = set().union(*(saying[verb] for verb in verbs)).difference(already.tolist())
            if added:
                users[term] = np.union1d(already, np.array(list(added), dtype=np.int64))
                for unit in added:
                    terms[unit] = (*terms[unit], term)
        return Said(self.people, terms, users, self.written)

    def form(self, term: str) -> str:
        """Return a term as most people write it; of several forms the first in the alphabet."""
        return min(self.written[term].items(), key=lambda item: (-item[1], item[0]))[0]

    def people_saying(self, term: str) -> float:
        """Return how many people say a term; they are counted once."""
        if term not in self._saying:
            self._saying[term] = float(self.people[self.users[term]].sum())
        return self._saying[term]

    def saying(self, terms: Sequence[str]) -> Labels:
        """Return the rows of the units that say one of the terms, ascending."""
        if len(terms) == 1:
            return self.users[terms[0]]
        none = np.zeros(0, dtype=np.int64)
        return np.unique(np.concatenate([none, *(self.users[term] for term in terms)]))


@dataclass(frozen=True)
class Telling:
    """A topic's units beside all others, as terms see them.

    Attributes
    ----------
    said : Said
        Who says what.
    inside : ndarray of shape (n_units,), bool
        Which units are in the topic: one at least.
    can_name : callable
        Whether a term, as it is counted, can be part of a name.
    nearness : mapping of str to float
        How near in meaning each term is to the topic, a cosine in [-1, 1]; 0 for a term that is not there.
    fewest : int
        People who must say a term.
    """

    said: Said
    inside: Bools
    can_name: Callable[[str], bool] = names_something
    nearness: Mapping[str, float] = field(default_factory=dict)
    fewest: int = FEWEST_SAY
    _looked_up: dict[tuple[str, ...], tuple[Bools, float, float]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def _people(self) -> tuple[float, float]:
        """How many people the topic has, and how many all others."""
        of_topic = float(self.said.people[self.inside].sum())
        return of_topic, float(self.said.people[~self.inside].sum())

    @cached_property
    def _counts(self) -> Counter[str]:
        """How many of the topic's people say each term."""
        return self._counted(np.flatnonzero(self.inside))

    def _counted(self, rows: Labels) -> Counter[str]:
        counts: Counter[str] = Counter()
        for unit in rows.tolist():
            counts.update(dict.fromkeys(self.said.terms[unit], int(self.said.people[unit])))
        return counts

    def shares(self, terms: Sequence[str]) -> tuple[float, float]:
        """Return the shares of the topic's people and of all others who say one of the terms.

        Numbers of people are whole, so that their sums are exact in any order. Every term of every topic is asked for:
        what one term takes does not depend on how many comments there are.
        """
        if len(terms) == 1:
            within, everywhere = float(self._counts[terms[0]]), self.said.people_saying(terms[0])
        elif terms:
            said, within, everywhere = self._who_says(terms[:-1])
            added = self.said.users[terms[-1]]
            within, everywhere = (
                before + more
                for before, more in zip((within, everywhere), self._people_in(added[~said[added]]), strict=True)
            )
        else:
            within = everywhere = 0.0
        of_topic, of_others = self._people
        return within / of_topic, (everywhere - within) / max(of_others, 1.0)

    def _who_says(self, terms: Sequence[str]) -> tuple[Bools, float, float]:
        """Return which units say one of the terms, and how many people do, of the topic and of all.

        Terms are chosen one after another, and many are asked for after the same ones: these are looked up once.
        """
        asked = tuple(terms)
        if asked not in self._looked_up:
            said = np.zeros(len(self.inside), dtype=np.bool_)
            for term in asked:
                said[self.said.users[term]] = True
            self._looked_up.clear()
            self._looked_up[asked] = (said, *self._people_in(np.flatnonzero(said)))
        return self._looked_up[asked]

    def _people_in(self, rows: Labels) -> tuple[float, float]:
        """Return how many people said the units of these rows: those in the topic, and all."""
        people = self.said.people[rows]
        return float(people[self.inside[rows]].sum()), float(people.sum())

    def said_in(self, terms: Sequence[str]) -> float:
        """Return the share of the topic's people who say one of the terms."""
        return self.shares(terms)[0]

    def worth(self, terms: Sequence[str], sharpness: int = _SHARPNESS) -> float:
        """Return how well terms tell the topic from all others: 0 or more."""
        share, elsewhere = self.shares(terms)
        near = float(np.mean([self.nearness.get(term, 0.0) for term in terms])) if terms else 0.0
        return float(share * (share / max(share + elsewhere, 1e-12)) ** sharpness * np.exp(_PULL * near))

    def candidates(self, least: float, *, among: Labels | None = None) -> list[str]:
        """Return the terms that so many of the topic's people say, and others more seldom, in the alphabet's order.

        Parameters
        ----------
        least : float in [0, 1]
            The share; `fewest` people at least, or three who are half of the topic.
        among : ndarray of shape (n_rows,), int64, optional
            Rows of the units that count within the topic; all, unless given.
        """
        counts = self._counts if among is None else self._counted(among[self.inside[among]])
        size = self._people[0]
        fewest = min(self.fewest, max(FEWEST_OF_FEW, size / 2))
        enough = sorted(term for term, count in counts.items() if count >= max(fewest, least * size))
        return [term for term in enough if self.can_name(term) and self._is_its_own(term)]

    def _is_its_own(self, term: str, lift: float = _LIFT) -> bool:
        share, elsewhere = self.shares([term])
        return share >= lift * elsewhere

    def strongest(self, candidates: Sequence[str], most: int) -> list[str]:
        """Return the terms that tell the topic best, each by itself, and that hardly anybody else says."""
        chosen: list[str] = []
        for term in sorted(candidates, key=lambda term: (-self.worth([term], 2 * _SHARPNESS), term)):
            if len(chosen) < most and not any(overlap(term, other) for other in chosen):
                chosen.append(term)
        return chosen

    def choose(
        self, candidates: Sequence[str], most: int, *, already: Sequence[str] = (), least_gain: float = _LEAST_GAIN
    ) -> list[str]:
        """Choose terms one after another, each for what it adds.

        Parameters
        ----------
        candidates : sequence of str
            Terms to choose from.
        most : int
            Terms in all.
        already : sequence of str
            Terms that are chosen before.
        least_gain : float in [0, 1]
            Share of the topic's people that a further term adds at least to those who say one of the others.

        Returns
        -------
        list of str
            Those chosen before, then the others in the order in which they were chosen.

        Notes
        -----
        One alone is often a general one. Whatever it adds, one follows that hardly anybody else says and that is
        nearer to the topic in meaning: noise after night.
        """
        chosen = list(already)
        while len(chosen) < most:
            covered = self.said_in(chosen)
            options = [
                (self.worth([*chosen, term]), term)
                for term in candidates
                if not any(overlap(term, other) for other in chosen)
                and self.said_in([*chosen, term]) - covered >= (least_gain if chosen else 0.0)
            ]
            best, term = max(options, default=(0.0, ""))
            if not term or (covered >= LEAST_TOGETHER and best <= self.worth(chosen)):
                break
            chosen.append(self._fuller(term, candidates, chosen))
        if len(chosen) == 1:
            chosen += self.strongest([term for term in candidates if self._tells_more(term, chosen[0])], 1)
        return chosen

    def _tells_more(self, term: str, first: str) -> bool:
        nearer = self.nearness.get(term, 0.0) > self.nearness.get(first, 0.0)
        return nearer and not overlap(term, first) and self._is_its_own(term, _TELLING)

    def _fuller(self, noun: str, candidates: Sequence[str], chosen: Sequence[str]) -> str:
        """Return the phrase that takes a noun's place: one that most who say the noun say."""
        share = self.said_in([noun])
        longer = [
            (self.said_in([term]), term)
            for term in candidates
            if noun in term.split() and term != noun and not any(overlap(term, other) for other in chosen)
        ]
        said_in, phrase = max(longer, default=(0.0, ""))
        return phrase if said_in >= _NEARLY * share else noun


def nearness_to_topics(
    forms: Sequence[str], labels: Labels, people: Sequence[int], vectors: Vectors, encoder: Encoder
) -> dict[int, npt.NDArray[np.float64]]:
    """Return how near in meaning terms are to each topic.

    Parameters
    ----------
    forms : sequence of str
        Terms as they are written, at least one.
    labels : ndarray of shape (n_units,), int64
        The topic of each unit; -1 for outliers.
    people : sequence of int
        How many said each unit.
    vectors : ndarray of shape (n_units, n_dimensions), float32
        Unit vectors.
    encoder : Encoder
        Gives the terms' vectors.

    Returns
    -------
    dict of int to ndarray of shape (n_terms,)
        For each topic the cosines, in [-1, 1], of what sets the terms apart from one another with what sets the topic
        apart from all units.
    """
    weights = np.asarray(people, dtype=np.float64)
    terms = np.asarray(encoder.encode(list(forms)), dtype=np.float64)
    terms = _scaled(terms - terms.mean(axis=0))
    middle = _weighted_mean(vectors, weights)
    found = {}
    for topic in np.unique(labels[labels >= 0]).tolist():
        inside = np.flatnonzero(labels == topic)
        apart = _weighted_mean(vectors[inside], weights[inside]) - middle
        found[topic] = terms @ _scaled(apart[None])[0]
    return found


def _weighted_mean(vectors: Vectors, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the mean of rows; of many rows at a time, so that there is no second, twice as large copy of them all."""
    total = np.zeros(vectors.shape[1])
    for first in range(0, len(vectors), _ROWS_AT_ONCE):
        part = slice(first, first + _ROWS_AT_ONCE)
        total += np.multiply(vectors[part], weights[part, None], dtype=np.float64).sum(axis=0)
    return np.asarray(total / weights.sum())


def _scaled(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))
