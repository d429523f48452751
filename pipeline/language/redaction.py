"""What says who somebody is, taken out of comments: a mark such as <PHONE> stands in its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.contracts import Progress
from pipeline.formats.wordlist import word_list
from pipeline.language.identifiers import KINDS, Found, identifiers
from pipeline.language.lemmas import MARK
from pipeline.language.names import NameFinder
from pipeline.language.persons import Words, persons

_LETTERS = re.compile(r"[^\W\d_]+")

PERSON = "PERSON"

_TOLD_AFTER = 1_024
"""Texts that are read for names between two tellings of how far that is."""


@dataclass(frozen=True)
class Redacted:
    """A text without what was taken out, and how many parts of each type were."""

    text: str
    counts: Mapping[str, int]

    def then(self, further: Redacted) -> Redacted:
        """Return what was made of this one's text, with what was taken out at both times."""
        return Redacted(further.text, dict(Counter(self.counts) + Counter(further.counts)))


def not_names(allow: Iterable[str] = ()) -> frozenset[str]:
    """Return what looks like a name and is none, in lower case: what comes with the program, and further entries."""
    return word_list("pipeline.language", "not_names.txt") | {entry.lower() for entry in allow}


def redact_identifiers(text: str, *, allow: Collection[str] = (), keep: Collection[str] = ()) -> Redacted:
    """Take out what has a form of its own, such as a telephone number.

    Parameters
    ----------
    text : str
        A comment.
    allow : collection of str
        Parts, in lower case, that stay.
    keep : collection of str
        Types that stay.

    Returns
    -------
    Redacted
        Unchanged where nothing was found.
    """

    def found(part: str) -> list[Found]:
        return [
            one for one in identifiers(part) if one.kind not in keep and part[one.start : one.end].lower() not in allow
        ]

    return _redact(text, found)


def redact_persons(
    text: str, words: Words, *, recognised: Sequence[tuple[int, int]] = (), surnames: Collection[str] = ()
) -> Redacted:
    """Take out persons' names; see `pipeline.language.persons.persons`."""

    def found(part: str) -> list[Found]:
        # What spaCy saw is of the text as it came.
        seen = recognised if part == text else ()
        spans = persons(part, words, recognised=seen, surnames=surnames)
        return [Found(start, end, PERSON) for start, end in spans]

    return _redact(text, found)


def redact_names(
    texts: Collection[str], people: NameFinder, *, allow: Iterable[str] = (), progress: Progress | None = None
) -> dict[str, Redacted]:
    """Take persons' names out of all texts of a survey.

    Parameters
    ----------
    texts : collection of str
        The texts that `people` read, in that order.
    people : NameFinder
        Knows the words, and where spaCy recognises persons.
    allow : iterable of str
        Words and phrases that name nobody, besides those that come with the program.
    progress : callable, optional
        Told how many texts are done.

    Returns
    -------
    dict
        What was made of each text. An uncommon word that is part of a name in one is one in all.
    """
    words = Words(people.is_ordinary, people.stop_words, not_names(allow))
    recognised = dict(zip(texts, people.recognised, strict=True))
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for text, seen in recognised.items():
        found[text] = tuple(persons(text, words, recognised=seen))
        if progress is not None and (len(found) % _TOLD_AFTER == 0 or len(found) == len(recognised)):
            progress("comments read for names", len(found), len(recognised))
    surnames = {
        word
        for text, spans in found.items()
        for start, end in spans
        for word in text[start:end].lower().split()
        if len(word) > 2 and word.isalpha() and word not in words.stop_words and not words.is_ordinary(word)
    } - words.allowed
    # Most texts name nobody: to read them a second time would find what the first did.
    return {
        text: redact_persons(text, words, recognised=recognised[text], surnames=surnames)
        if spans or not surnames.isdisjoint(word.lower() for word in _LETTERS.findall(text))
        else Redacted(text, {})
        for text, spans in found.items()
    }


def _redact(text: str, find: Callable[[str], list[Found]]) -> Redacted:
    """Put marks in the place of what is found until nothing more is found."""
    counts: Counter[str] = Counter()
    while True:
        marks = [found.span() for found in MARK.finditer(text)]
        chosen: list[Found] = []
        # Of two that overlap the one that is looked for first stays.
        for one in find(text):
            taken = [*marks, *((other.start, other.end) for other in chosen)]
            if not any(one.start < end and start < one.end for start, end in taken):
                chosen.append(one)
        if not chosen:
            return Redacted(text, dict(counts))
        for one in sorted(chosen, reverse=True):
            text = f"{text[: one.start]}<{one.kind}>{text[one.end :]}"
            counts[one.kind] += 1


def without_marks(text: str) -> str:
    """Return a text without its marks, for what counts letters."""
    return re.sub(r"\s+", " ", MARK.sub(" ", text)).strip()


TYPES = (PERSON, *KINDS)
"""Every type that is taken out."""
