"""Lemmas, noun phrases and sentences of comments, by spaCy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.formats.wordlist import word_list

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc, Span, Token

MARK = re.compile(r"<[A-Za-z][A-Za-z_ ]{0,30}>")
"""What stands in a text in the place of something else, such as <PHONE>, or <name> that somebody else has put there."""

CAPITALS = re.compile(r"\b[A-Z]{2,6}s?\b")
_CONTRACTED = {"n't": "not", "nt": "not", "ca": "can", "wo": "will", "sha": "shall"}


@dataclass(frozen=True)
class Analysed:
    """What a text consists of.

    Attributes
    ----------
    text : str
        The text.
    lemmas : str
        Lemmas in order, separated by spaces; abbreviations and negations as they are.
    phrases : str
        Nouns, and noun phrases of two to four words, as written, separated by "|".
    qualities : str
        Adjectives that are neither denied nor compared ("not clean", "more friendly"), as written, separated by "|".
    sentences : tuple of Analysed
        Its sentences; empty where they were not asked for, and for a sentence itself.
    """

    text: str
    lemmas: str
    phrases: str
    qualities: str = ""
    sentences: tuple[Analysed, ...] = ()


def analyse(
    texts: Iterable[str],
    language: Language,
    *,
    abbreviations: Iterable[str] = (),
    sentences: bool = False,
    on_the_way: Callable[[Iterable[Doc]], Iterable[Doc]] = iter,
) -> Iterator[Analysed]:
    """Find lemmas and noun phrases of texts, and of their sentences where they are asked for.

    Parameters
    ----------
    texts : iterable of str
        Texts, each on one line.
    language : spacy.language.Language
        A spaCy pipeline that gives lemmas and parts of speech, and sentence ends where they are asked for.
    abbreviations : iterable of str
        Kept as they are, besides capitals of two to six letters.
    sentences : bool
        Whether to split.
    on_the_way : callable
        Is handed spaCy's documents, and hands them on.

    Yields
    ------
    Analysed
        One for each text, in order.
    """
    kept, texts = frozenset(abbreviations), list(texts)
    # A tagger takes shouted words for names and leaves their lemmas as they are.
    calm = [text.lower() if text.isupper() and len(text) > 6 else text for text in texts]
    for text, document in zip(texts, on_the_way(language.pipe(calm, batch_size=256)), strict=True):
        parts = tuple(_describe(span, kept, span.text.strip()) for span in document.sents) if sentences else ()
        yield _describe(document, kept, text, tuple(part for part in parts if part.text))


def _describe(tokens: Doc | Span, kept: frozenset[str], text: str, parts: Sequence[Analysed] = ()) -> Analysed:
    marks = _in_marks(tokens)
    lemmas = [_lemma(token, kept) for token in tokens if token.i not in marks]
    phrases, qualities = ("|".join(find(tokens, marks)) for find in (_noun_phrases, _qualities))
    return Analysed(text, " ".join(filter(None, lemmas)), phrases, qualities, tuple(parts))


def _in_marks(tokens: Doc | Span) -> frozenset[int]:
    """Return the places of the tokens that are, or touch, a mark such as <PHONE>."""
    if "<" not in tokens.text:
        return frozenset()
    first = tokens[0].idx if len(tokens) else 0
    spans = [(first + found.start(), first + found.end()) for found in MARK.finditer(tokens.text)]
    return frozenset(
        token.i for token in tokens if any(start < token.idx + len(token) and token.idx < end for start, end in spans)
    )


def _lemma(token: Token, abbreviations: frozenset[str]) -> str:
    """Return a token's lemma, the abbreviation or negation that it is, or "" where it is no word."""
    written: str = token.text.strip()
    singular = written.removesuffix("s")
    if written in abbreviations:
        return written
    if singular in abbreviations or CAPITALS.fullmatch(written):
        return singular
    lowered = written.lower()
    if lowered in _CONTRACTED:
        return _CONTRACTED[lowered]
    if any(lowered in word_list("pipeline.language", name) for name in ("negations.txt", "own_lemmas.txt")):
        return lowered
    if any(character.isalpha() for character in written) and not token.like_url:
        lemma = str(token.lemma_).lower().strip()
        # spaCy takes "paperless" for a plural.
        return lowered if lowered.endswith("ss") and lemma == lowered[:-1] else lemma
    return ""


def _noun_phrases(tokens: Doc | Span, marks: frozenset[int]) -> Iterator[str]:
    """Yield nouns, and runs of adjectives and nouns that end in one, up to four words long, as they were written.

    Part-of-speech runs stand in for spaCy's noun chunks, which need the parser: ten times the time.
    """
    run: list[Token] = []
    for token in [*tokens, None]:
        fits = token is not None and token.is_alpha and token.i not in marks
        if token is not None and fits and (token.pos_ in ("NOUN", "PROPN") or _describes(token)):
            run.append(token)
            continue
        while run and run[-1].pos_ not in ("NOUN", "PROPN"):
            run.pop()
        written = [t.text if CAPITALS.fullmatch(t.text) else t.text.lower() for t in run]
        yield from (said for said, t in zip(written, run, strict=True) if t.pos_ in ("NOUN", "PROPN") and len(said) > 1)
        if 2 <= len(run) <= 4:
            yield " ".join(written)
        run = []


_REACH = 3
"""Words before an adjective among which a "not" is taken to deny it."""

_COMPARED = frozenset({"more", "less", "too"})


def _qualities(tokens: Doc | Span, marks: frozenset[int]) -> Iterator[str]:
    """Yield adjectives in lower case. One that is denied, or said to be wanted or overdone, describes nothing."""
    denying = word_list("pipeline.language", "negations.txt")
    before: list[str] = []
    for token in tokens:
        word = token.lower_
        if token.is_alpha and len(word) > 1 and token.i not in marks and _describes(token):
            near = before[-_REACH:]
            denied = any(said in denying or said.replace("’", "'") in denying for said in near)
            if not denied and not _COMPARED.intersection(near[-1:]):
                yield word
        before = [] if token.pos_ == "PUNCT" else [*before[1 - _REACH :], word]


def _describes(token: Token) -> bool:
    empty = word_list("pipeline.language", "empty_adjectives.txt")
    return bool(token.pos_ == "ADJ") and not token.is_stop and token.lower_ not in empty
