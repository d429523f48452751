"""Where a comment names a person: by title, by first name, or where spaCy recognises one and more speaks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from pipeline.formats.wordlist import word_list

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_POSSESSIVE = re.compile(r"['’][sS]$|['’]$")
_TITLES = frozenset({"dr", "mr", "mrs", "ms", "mx", "miss", "prof", "professor", "sir", "dame", "lady", "lord"})
_ROLES = frozenset({"nurse", "sister", "matron", "doctor", "colleague", "consultant", "brother"})
"""Titles, before any name; and words that are titles before a name and something else before another word."""

_CUE = re.compile(
    r"(?:\b(?:my name is|my name's|name is|i'm|i’m|i am|ask|ask for|contact|call|called|ring|rang|phone|phoned|email|"
    r"emailed|speak to|spoke to|speaking to|talk to|talked to|named|thanks to|regards|from|by|patient|manager|cc|and)"
    r"[,:]? )$",
    re.IGNORECASE,
)
_PLACES = frozenset({
    "academy", "building", "campus", "care", "centre", "clinic", "close", "college", "court", "health", "hospice",
    "hospital", "house", "infirmary", "lane", "lodge", "road", "school", "street", "suite", "surgery", "theatre",
    "trust", "unit", "university", "ward", "wing",
})  # fmt: skip
"""Words after which a name before them is that of a place."""

_BEFORE_PLACES = frozenset({"st", "saint", "king", "queen", "prince", "princess", "the", "port", "lake", "mount"})
_CALENDAR = frozenset({
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
    "april", "may", "june", "july", "august", "september", "october", "november", "december",
})  # fmt: skip
_ALSO_OTHERS = frozenset({
    "christian", "florence", "georgia", "grant", "jordan", "max", "milan", "victoria", "virginia", "will",
})  # fmt: skip
"""First names that with a capital are as often something else: a place, a faith, money, "Will I be able to …"."""

_ARTICLES = frozenset({"the", "a", "an", "our", "your", "their", "each", "every"})
"""Words before which no first name stands alone: "the Dawn team"."""

_LONGEST_SURNAME = 2
"""Words after a first name that may belong to it."""


@dataclass(frozen=True)
class Words:
    """What is known of the words of a survey.

    Attributes
    ----------
    is_ordinary : callable
        Whether the dictionary has a word, in lower case.
    stop_words : collection of str
        Words such as "the", in lower case.
    allowed : frozenset of str
        Words and phrases that name nobody, in lower case.
    """

    is_ordinary: Callable[[str], bool]
    stop_words: Collection[str]
    allowed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    text: str

    @property
    def low(self) -> str:
        return self.text.lower()


def persons(
    text: str, words: Words, *, recognised: Sequence[tuple[int, int]] = (), surnames: Collection[str] = ()
) -> Iterator[tuple[int, int]]:
    """Yield where a text names a person.

    Parameters
    ----------
    text : str
        A comment.
    words : Words
        What is known of its words.
    recognised : sequence of (int, int)
        Where spaCy recognises a person.
    surnames : collection of str
        Words, in lower case, that are names wherever they stand.

    Yields
    ------
    (int, int)
        Where a name begins and ends, without its title and its possessive "'s". Neighbouring words are one name.
    """
    reader = _Reader(text, words, recognised, surnames)
    names = sorted(reader.names())
    while names:
        first = last = names.pop(0)
        while names and (names[0] == last + 1) and reader.adjoin(last):
            last = names.pop(0)
        yield reader.words[first].start, reader.words[last].end


class _Reader:
    def __init__(
        self, text: str, known: Words, recognised: Sequence[tuple[int, int]], surnames: Collection[str]
    ) -> None:
        self.text = text
        self.words = []
        for found in _WORD.finditer(text):
            end = found.end() - len(text[found.start() : found.end()]) + len(_POSSESSIVE.sub("", found[0]))
            self.words.append(_Word(found.start(), end, text[found.start() : end]))
        self.known = known
        self.shouted = text.isupper()
        self.surnames = surnames
        self.in_person = [any(start <= word.start < end for start, end in recognised) for word in self.words]
        self.allowed = _within_phrases(text, self.words, known.allowed)

    def names(self) -> set[int]:
        """Return the places of the words that are names."""
        found: set[int] = set()
        for place, word in enumerate(self.words):
            if self.allowed[place]:
                continue
            # PAS is a system even where Pas is a surname.
            if word.low in self.surnames and not (word.text.isupper() and len(word.text) <= 3):
                found.add(place)
            if self._titled(place) or self._is_first_name(place) or self._is_recognised(place):
                found.update(self._whole(place))
        return {place for place in found if not self.allowed[place]}

    def adjoin(self, place: int) -> bool:
        """Return whether only a space, or the full stop of an initial, is between a word and the next."""
        if place + 1 >= len(self.words):
            return False
        between = self.text[self.words[place].end : self.words[place + 1].start]
        short = len(self.words[place].text) == 1 or self.words[place].low in _TITLES
        return between == " " or (short and between in (". ", "."))

    def _capital(self, place: int) -> bool:
        """Return whether a word is written like a name: "Smith", not "smith" and not "EPR"."""
        text = self.words[place].text
        if text.isupper() and len(text) > 1:
            return self.shouted and not self.known.is_ordinary(text.lower()) and not self._is_plain(place)
        return text[0].isupper() and not self._is_plain(place)

    def _is_plain(self, place: int) -> bool:
        low = self.words[place].low
        return low in self.known.stop_words or low in _CALENDAR or self.allowed[place]

    def _titled(self, place: int) -> bool:
        if place == 0 or not self.adjoin(place - 1):
            return False
        title, word = self.words[place - 1], self.words[place]
        capital = self._capital(place)
        if title.low in _TITLES and not (title.text.isupper() and len(title.text) > 1 and not self.shouted):
            initial = len(word.text) == 1 and word.text.isupper()
            unknown = not self.known.is_ordinary(word.low) and not self._is_plain(place) and len(word.text) > 1
            if title.low in ("lady", "lord", "miss", "sir"):
                return capital and title.text[0].isupper()
            return capital or initial or (unknown and not word.text.isupper())
        return title.low in _ROLES and capital and self._uncommon(place)

    def _uncommon(self, place: int) -> bool:
        low = self.words[place].low
        # "Nurse Practitioners" is a plural that the dictionary does not list.
        ordinary = self.known.is_ordinary(low) or self.known.is_ordinary(low.removesuffix("s"))
        return not ordinary or (low in first_names() and self.in_person[place])

    def _is_first_name(self, place: int) -> bool:
        word = self.words[place]
        parts = word.low.split("-")
        if not any(part in first_names() for part in parts) or self._names_place(place):
            return False
        if word.text.isupper() and not self.shouted:
            return False
        ordinary = word.low in _CALENDAR or all(self.known.is_ordinary(part) for part in parts)
        if not ordinary and word.low not in self.known.stop_words:
            return True
        follows = place + 1 < len(self.words) and self.adjoin(place) and self._capital(place + 1)
        surname = follows and not self.known.is_ordinary(self.words[place + 1].low)
        asked = _CUE.search(self.text[: word.start]) is not None
        alone = self._capital(place) and word.low not in _ALSO_OTHERS and not follows and self._after_a_word(place)
        return word.text[0].isupper() and (surname or alone or (self.in_person[place] and (follows or asked)))

    def _after_a_word(self, place: int) -> bool:
        """Return whether a common word stands before a word, so that its capital is its own: "since Sue left"."""
        if place == 0 or not self.adjoin(place - 1):
            return False
        before = self.words[place - 1]
        return (before.text.islower() or before.low in self.known.stop_words) and before.low not in _ARTICLES

    def _is_recognised(self, place: int) -> bool:
        """Return whether spaCy sees a person and more speaks for it: a second unknown word, or what stands before."""
        if not (self.in_person[place] and self._capital(place)) or self._names_place(place):
            return False
        low = self.words[place].low
        if self.known.is_ordinary(low) or len(low) < 3:
            return False
        return self._cued(place) or any(
            self.in_person[near] and self._capital(near) and not self.known.is_ordinary(self.words[near].low)
            for near, joined in ((place - 1, place - 1), (place + 1, place))
            if 0 <= near < len(self.words) and self.adjoin(joined)
        )

    def _cued(self, place: int) -> bool:
        return _CUE.search(self.text[: self.words[place].start]) is not None

    def _names_place(self, place: int) -> bool:
        """Return whether a name is that of a place, such as St Mary's or the Elizabeth Ward."""
        last = place
        while last + 1 < len(self.words) and self.adjoin(last) and last - place < _LONGEST_SURNAME:
            last += 1
            if self.words[last].low in _PLACES and self.words[last].text[0].isupper():
                return True
            if not self.words[last].text[0].isupper():
                break
        # "St. Mary's", and "the Victoria", are no persons.
        before = self.text[: self.words[place].start].rstrip(" .").rpartition(" ")[2].lower().lstrip("(\"'")
        return before in _BEFORE_PLACES

    def _whole(self, place: int) -> Iterator[int]:
        """Yield a name's first word and those that follow it, such as a surname."""
        yield place
        after = place
        while after + 1 < len(self.words) and after - place < _LONGEST_SURNAME and self.adjoin(after):
            after += 1
            particle = self.words[after].low in ("de", "van", "der", "bin", "al", "von")
            if not (particle or self._capital(after) or self._initial(after)) or self.words[after].low in _PLACES:
                return
            yield after

    def _initial(self, place: int) -> bool:
        text = self.words[place].text
        return len(text) == 1 and text.isupper() and text not in ("I", "A")


@lru_cache(maxsize=4)
def _most_spaces(phrases: frozenset[str]) -> int:
    return max((phrase.count(" ") for phrase in phrases), default=0)


def _within_phrases(text: str, words: Sequence[_Word], phrases: frozenset[str]) -> list[bool]:
    """Return for each word whether it is part of one of the phrases, which are in lower case."""
    longest = _most_spaces(phrases)
    inside = [False] * len(words)
    for first in range(len(words)):
        for last in range(first, min(first + longest + 1, len(words))):
            if text[words[first].start : words[last].end].lower() in phrases:
                inside[first : last + 1] = [True] * (last + 1 - first)
    return inside


@cache
def first_names() -> frozenset[str]:
    """Return common first names, in lower case."""
    return word_list("pipeline.language", "first_names.txt")
