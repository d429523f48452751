"""Which language comments are in, and whether a survey is in a language that can be analysed."""

from __future__ import annotations

import importlib.util
import re
import runpy
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from pipeline.errors import DataError
from pipeline.language.sentences import split_sentences

SEVERAL, UNKNOWN = "several", "unknown"
"""Stand in the place of a language: for a comment that is partly in one that is read, and for one too short to tell."""

Confidences = Mapping[str, float]
"""How sure a detector is of each language, by its two letters; the sum is 1, or 0 where it cannot tell."""

Detector = Callable[[Sequence[str]], list[Confidences]]
"""Says of each text how likely each language is."""

_SURE, _TIMES = 0.5, 5.0
"""A text is in another language where one is at least this likely, and this many times as likely as all that are read
together. Wrongly set aside is worse than wrongly kept: what is less sure is unknown."""

_LETTERS = 15
"""The fewest letters by which languages with Latin letters are told apart."""

_WORDS = 6
"""The fewest words without a mark or a line break between them by which common words are counted. A list of nouns has
none of these, in any language."""

_FEWEST = 10
"""The fewest comments by which a whole survey is judged."""

_COMMON = 0.2
"""The least share of common words that a survey has in its own language. English surveys have 0.50 to 0.62."""

_BREAK = re.compile(r"[^\w\s'’]|\n")

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def languages_of(texts: Sequence[str], detect: Detector, wanted: Collection[str]) -> list[str]:
    """Say which language each text is in.

    Parameters
    ----------
    texts : sequence of str
        The comments.
    detect : callable
        Says how likely each language is; see `Detector`.
    wanted : collection of str
        The languages that are analysed, by their two letters; empty where all are.

    Returns
    -------
    list of str
        Two letters after ISO 639-1, "several" where one sentence is in a language that is analysed and another is not,
        or "unknown" where a text is too short or the detector is not sure.
    """
    found = [_language(text, likely, wanted) for text, likely in zip(texts, detect(texts), strict=True)]
    foreign = [row for row, language in enumerate(found) if is_foreign(language, wanted)]
    if foreign:
        sentences = split_sentences([texts[row] for row in foreign])
        for owner, likely in zip(sentences.owner.tolist(), detect(sentences.texts), strict=True):
            # A sentence in passing is short: the likeliest language is enough to keep what may be read.
            if likely and max(likely, key=lambda one: likely[one]) in wanted:
                found[foreign[owner]] = SEVERAL
    return found


def _language(text: str, likely: Confidences, wanted: Collection[str]) -> str:
    letters = [letter for letter in text if letter.isalpha()]
    if not likely or not letters:
        return UNKNOWN
    best = max(likely, key=lambda one: likely[one])
    if best in wanted:
        return best
    is_latin = any("LATIN" in unicodedata.name(letter, "") for letter in letters)
    if is_latin and len(letters) < _LETTERS:
        return UNKNOWN
    read = sum(likely.get(one, 0.0) for one in wanted)
    return best if likely[best] >= _SURE and likely[best] >= _TIMES * read else UNKNOWN


def is_foreign(language: str, wanted: Collection[str]) -> bool:
    """Say whether a language as `languages_of` gives it is known and none of those that are analysed."""
    return bool(wanted) and bool(language) and language not in (SEVERAL, UNKNOWN) and language not in wanted


def share_of_common_words(texts: Sequence[str], common: Collection[str]) -> float | None:
    """Return how many of the words of comments are among the commonest of a language.

    Parameters
    ----------
    texts : sequence of str
        The comments.
    common : collection of str
        The commonest words, in lower case, such as spaCy's stop words.

    Returns
    -------
    float or None
        The share over the runs of six words and more that no mark or line break parts, in [0, 1]. A comment in a script
        that is not that of the common words counts whatever its length. None where fewer than ten comments count, or
        there are no common words.
    """
    if not common:
        return None
    alphabet = {_script(letter) for word in common for letter in word if letter.isalpha()}
    total: Counter[bool] = Counter()
    counted = 0
    for text in texts:
        runs = [_WORD.findall(run) for run in _BREAK.split(text.lower())]
        letters = Counter("".join(word for run in runs for word in run))
        foreign = sum(count for letter, count in letters.items() if _script(letter) not in alphabet)
        strange = foreign > letters.total() / 2
        telling = [word for run in runs if len(run) >= _WORDS or strange for word in run]
        counted += bool(telling)
        total.update(word in common for word in telling)
    return total[True] / total.total() if counted >= _FEWEST else None


@lru_cache(maxsize=4_096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def is_mostly_foreign(texts: Sequence[str], common: Collection[str]) -> bool:
    """Say whether so few words of comments are common ones of a language that most must be in another.

    Where it cannot be told it is false; see `share_of_common_words`.
    """
    share = share_of_common_words(texts, common)
    return share is not None and share < _COMMON


_UNSPACED = frozenset({"ja", "km", "lo", "my", "th", "zh"})
"""Languages that put no space between words, so that common words cannot be counted without a dictionary."""


def common_words(languages: Collection[str]) -> frozenset[str]:
    """Return the commonest words of languages, in lower case, as spaCy has them.

    Parameters
    ----------
    languages : collection of str
        By their two letters.

    Returns
    -------
    frozenset of str
        Empty where spaCy has none of one of the languages, or it puts no spaces between words: nothing can be counted.
    """
    found: set[str] = set()
    for language in languages:
        words = set() if language in _UNSPACED else _stop_words(language)
        if not words:
            return frozenset()
        found |= {word.lower() for word in words}
    return frozenset(found)


def _stop_words(language: str) -> set[str]:
    """Return spaCy's stop words of a language, read from their file: to import them would load all of spaCy."""
    spacy = importlib.util.find_spec("spacy")
    if spacy is None or spacy.origin is None:
        return set()
    file = Path(spacy.origin).parent / "lang" / language / "stop_words.py"
    return set(runpy.run_path(str(file))["STOP_WORDS"]) if file.is_file() else set()


_WHAT_TO_DO = (
    "Check that input.columns.comment names the column with the answers. For another language name an encoder that "
    "reads it in embed.model, such as multilingual-e5-small, and a spaCy model of it in clean.spacy_model. "
    "clean.languages.keep says which languages are analysed; clean.languages: null turns this check off."
)


def insist_on_language(texts: Sequence[str], wanted: Collection[str]) -> None:
    """Refuse a survey of which most comments seem to be in a language that is not analysed, judged by common words.

    Raises
    ------
    DataError
        Where they do. Where it cannot be told, nothing is refused; see `share_of_common_words`.
    """
    if wanted and is_mostly_foreign(texts, common_words(wanted)):
        raise DataError(
            f"Most comments seem to be in a language that is not analysed (analysed: {', '.join(sorted(wanted))}): "
            "they have few of the commonest words of those that are.",
            _WHAT_TO_DO,
        )


def insist_on_languages(languages: Sequence[str], wanted: Collection[str]) -> None:
    """Refuse a survey of which most comments are known to be in a language that is not analysed.

    Parameters
    ----------
    languages : sequence of str
        What `languages_of` gives; "" where a comment was not looked at.
    wanted : collection of str
        The languages that are analysed; empty where all are.

    Raises
    ------
    DataError
        Where the language of ten comments or more is known, and most of these are in others.
    """
    counts = Counter(language for language in languages if language not in ("", UNKNOWN))
    foreign = {name: count for name, count in counts.items() if is_foreign(name, wanted)}
    if counts.total() >= _FEWEST and sum(foreign.values()) > counts.total() / 2:
        said = ", ".join(f"{name} {foreign[name]}" for name in sorted(foreign, key=lambda one: (-foreign[one], one)))
        raise DataError(
            f"Most comments are in a language that is not analysed: {said} of {counts.total()} whose language is known "
            f"(analysed: {', '.join(sorted(wanted))}).",
            _WHAT_TO_DO,
        )
