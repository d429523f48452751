"""Names of persons in comments, so that none becomes a keyword or part of a label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from pipeline.language.lemmas import CAPITALS, Analysed

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Token

_TITLES = frozenset({"dr", "mr", "mrs", "prof"})
_CAPITAL_TITLES = frozenset(
    {"Ms", "Mx", "Miss", "Sir", "Dame", "Lord", "Lady", "Doctor", "Professor", "Sister", "Nurse", "Matron"}
)
"""Words before a name; the second set only before a capital and with one themselves: "we miss it" names nobody."""

_OF_ORDINARY, _OF_UNKNOWN = 1 / 2, 1 / 4
"""Share of a word's uses that must speak of a person: of a word that the dictionary has, and of another. The second
is smaller, for a surname that most write without its capital."""

_BATCH = 256
_LONGEST = 2_000
"""Tokens that are looked at together: the memory of the recognition grows with them."""

_JOINTS = re.compile(r"[/&'’-]")


class NameFinder:
    """Finds the words of a survey that are persons' names.

    Parameters
    ----------
    language : spacy.language.Language
        A spaCy pipeline. Its named-entity recognition is used where it has one, also where that is switched off.
    abbreviations : iterable of str
        Words that are no names.

    Notes
    -----
    A use of a word speaks of a person where spaCy recognises one or a title such as Dr stands before it. A word of
    the model's dictionary is a name where half of its uses do. Another word is a name after a single title, or where
    a quarter of its uses do and at least half of those that spaCy recognises as anything. What is a name is one in
    every comment, also without its capital. spaCy misses some names and takes some products for names; rare words
    are kept back by `pipeline.disclosure.words` as well.
    """

    def __init__(self, language: Language, abbreviations: Iterable[str] = ()) -> None:
        self._recognition: Any = dict(language.components).get("ner")
        self._known = _TITLES.union(word.lower() for word in (*abbreviations, *_CAPITAL_TITLES))
        self._dictionary = _dictionary(language)
        self.stop_words = frozenset(language.Defaults.stop_words)
        """Words such as "the", in lower case."""
        self._uses: Counter[str] = Counter()
        self._recognised: Counter[str] = Counter()
        self._persons: Counter[str] = Counter()
        self._titled: set[str] = set()
        self._lemmas: dict[str, set[str]] = {}
        self.recognised: list[tuple[tuple[int, int], ...]] = []
        """Where each document read so far has a person, as spaCy sees it: first and last place of its letters."""

    def read(self, documents: Iterable[Doc]) -> Iterator[Doc]:
        """Hand documents on, and remember how their words are used."""
        documents = iter(documents)
        while batch := list(islice(documents, _BATCH)):
            parted = [_parts(document) for document in batch]
            parts = [part for of_document in parted for part in of_document]
            if self._recognition is not None:
                hopeful = [part for part in parts if any(map(_may_be_name, part))]
                # The recognition writes into the documents.
                for _ in self._recognition.pipe(hopeful, batch_size=_BATCH):
                    pass
            for part in parts:
                self._count(part)
            self.recognised += [_persons(of_document) for of_document in parted]
            yield from batch

    def uses(self) -> dict[str, Any]:
        """Return all that was read so far, as JSON can hold it; `add` takes it up elsewhere."""
        return {
            "uses": dict(self._uses),
            "recognised": dict(self._recognised),
            "persons": dict(self._persons),
            "titled": sorted(self._titled),
            "lemmas": {word: sorted(lemmas) for word, lemmas in self._lemmas.items()},
            "places": [list(map(list, one)) for one in self.recognised],
        }

    def add(self, uses: Mapping[str, Any]) -> None:
        """Remember what another finder has read, as its `uses` says it: the texts that follow those read so far."""
        self._uses.update(uses["uses"])
        self._recognised.update(uses["recognised"])
        self._persons.update(uses["persons"])
        self._titled.update(uses["titled"])
        for word, lemmas in uses["lemmas"].items():
            self._lemmas.setdefault(word, set()).update(lemmas)
        self.recognised += [tuple((start, end) for start, end in one) for one in uses["places"]]

    def names(self) -> frozenset[str]:
        """Return the words read so far that are names, in lower case, as lemmas and as written."""
        found = {word for word in self._persons if self._is_name(word)}
        lemmas = {lemma for word in found for lemma in self._lemmas[word]}
        return frozenset(found | (lemmas - self._dictionary - {""}))

    def _count(self, document: Doc) -> None:
        before: Token | None = None
        for token in document:
            if _is_word(token):
                word = token.lower_
                self._uses[word] += 1
                self._lemmas.setdefault(word, set()).add(token.lemma_.lower())
                titled = before is not None and self._follows_title(token, before)
                self._recognised[word] += titled or bool(token.ent_type_)
                if titled or token.ent_type_ == "PERSON":
                    self._persons[word] += 1
                if titled:
                    self._titled.add(word)
            before = token

    def _follows_title(self, token: Token, before: Token) -> bool:
        title: str = before.text.removesuffix(".")
        if token.text[0].isupper():
            return title in _CAPITAL_TITLES or title.lower() in _TITLES
        if title.lower() not in _TITLES or token.pos_ not in ("NOUN", "PROPN"):
            return False
        # By this use of the word alone: what was read before it must not count, since parts are read apart.
        return not self._is_known({token.lower_, token.lemma_.lower()})

    def _is_name(self, word: str) -> bool:
        share = self._persons[word] / self._uses[word]
        if word in self._known:
            return False
        if self.is_ordinary(word):
            return share >= _OF_ORDINARY
        return word in self._titled or (share >= _OF_UNKNOWN and 2 * self._persons[word] >= self._recognised[word])

    def is_ordinary(self, word: str) -> bool:
        """Return whether the dictionary has a word; all words are ordinary where the model has no dictionary.

        Parameters
        ----------
        word : str
            In lower case.
        """
        return self._is_known({word, *self._lemmas.get(word, ())})

    def _is_known(self, words: Collection[str]) -> bool:
        return not self._dictionary or not self._dictionary.isdisjoint(words)


def without_names(text: Analysed, names: Collection[str]) -> Analysed:
    """Return a text without the lemmas and adjectives that are names and the phrases that hold one.

    Parameters
    ----------
    text : Analysed
        A text, with or without sentences.
    names : collection of str
        Words in lower case. Capitals of two or three letters are kept: ED is a department even where Ed is a person.

    Returns
    -------
    Analysed
        The text itself is as it was.
    """
    lemmas = " ".join(word for word in text.lemmas.split() if not _holds_name(word, names))
    phrases = [said for said in text.phrases.split("|") if not any(_holds_name(word, names) for word in said.split())]
    qualities = [said for said in text.qualities.split("|") if not _holds_name(said, names)]
    sentences = tuple(without_names(sentence, names) for sentence in text.sentences)
    return Analysed(text.text, lemmas, "|".join(phrases), "|".join(qualities), sentences)


def _holds_name(word: str, names: Collection[str]) -> bool:
    if word.isupper() and len(word) <= 3:
        return False
    return any(part in names or part.removesuffix("s") in names for part in _JOINTS.split(word.lower()))


def _is_word(token: Token) -> bool:
    return bool(token.is_alpha and len(token) > 1 and not CAPITALS.fullmatch(token.text))


def _may_be_name(token: Token) -> bool:
    """Return whether a token is tagged as a name, or has a capital that its place does not ask for."""
    if not _is_word(token):
        return False
    return bool(token.pos_ == "PROPN" or (token.text[0].isupper() and token.i and token.nbor(-1).is_alpha))


def _parts(document: Doc) -> list[Doc]:
    if len(document) <= _LONGEST:
        return [document]
    return [document[start : start + _LONGEST].as_doc() for start in range(0, len(document), _LONGEST)]


def _persons(parts: list[Doc]) -> tuple[tuple[int, int], ...]:
    """Return where the parts of a document have a person."""
    found, before = [], 0
    for part in parts:
        found += [(before + one.start_char, before + one.end_char) for one in part.ents if one.label_ == "PERSON"]
        before += len(part.text_with_ws)
    return tuple(found)


# Each part of a survey asks again.
@lru_cache(maxsize=1)
def _dictionary(language: Language) -> frozenset[str]:
    lookups = getattr(dict(language.components).get("lemmatizer"), "lookups", None)
    if lookups is None or not lookups.has_table("lemma_index"):
        return frozenset()
    return frozenset(word for words in lookups.get_table("lemma_index").values() for word in words)
