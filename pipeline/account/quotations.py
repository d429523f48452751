"""Quoted responses in a printed text, and the roles of those who gave them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.language.sentences import split_sentences

SHORTEST = 5
"""Words of the shortest quotation that counts as a response; shorter ones are terms and scare quotes."""

NOT_CLOSED = "not closed; it ends with its paragraph"
"""The note of a quotation without a closing mark."""

RUN = 4
"""Words in a row that a phrase and a quotation do not share by chance."""

_DOUBLE = re.compile("[“”]")
_STRAIGHT = re.compile('"')
_SINGLE = re.compile("[‘’']")
_BEFORE_OPENING = frozenset("([{-–—/‘'")
_SENTENCE_END = re.compile(r"[.!?…][’'”\")\]]*\s+")

_WORD = re.compile(r"\w+(?:'\w+)*")

_SPEAKS = re.compile(
    r"\b(?:add|agree|answer|argue|ask|believe|comment|complain|continue|describe|explain|highlight|note|observe|"
    r"remark|report|respond|share|state|suggest|warn)(?:s|d|ed)\b"
    r"|\b(?:said|says|told|tells|wrote|writes|put|puts|felt|feels|replied|replies)\b",
    re.IGNORECASE,
)
_ROLE_STARTS = re.compile(r"\b(?:an?|one|another)\s+(?=\w)|^the\s+(?=\w)", re.IGNORECASE)
_AFTER_PREPOSITION = re.compile(r"\b(?:about|as|at|by|for|from|in|into|of|on|to|with|within)\s+$", re.IGNORECASE)
_NO_ROLE = re.compile(
    r"^(?:an?|one|another|the)\s+(?:\w+\s+)?(?:respondent|participant|person|commenter|contributor)s?\b", re.IGNORECASE
)
_OF_THE_SURVEY = re.compile(r"\s+(?:in|to|of) (?:the|this|our) survey$", re.IGNORECASE)
_ADVERB = re.compile(r"\s+(?:also|simply|then|further|has|had)$", re.IGNORECASE)
_LONGEST_ROLE = 12
_LONGEST_ASIDE = 12


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of a printed text.

    Attributes
    ----------
    text : str
        Its words on one line.
    section : str
        Id of the theme whose section it is in; "" where it is in none.
    """

    text: str
    section: str = ""


@dataclass(frozen=True)
class Quotation:
    """A quoted response.

    Attributes
    ----------
    number : int
        Its place in the text, from 1.
    section : str
        Id of the theme under which it is printed; "" where it is under none.
    speaker : str
        The role of who gave it, as the text introduces them; "" where the text gives none. Never a name.
    text : str
        What was said, on one line, without the outer quotation marks.
    note : str
        What a reader should know of how it was read; "" where there is nothing.
    """

    number: int
    section: str
    speaker: str
    text: str
    note: str = ""


@dataclass
class _Span:
    section: str
    lead: str
    pieces: list[str] = field(default_factory=list)
    tail: str = ""
    note: str = ""
    shares_paragraph: bool = False
    """Whether another quotation ends before it in the same paragraph."""


def find_quotations(paragraphs: Sequence[Paragraph]) -> tuple[Quotation, ...]:
    """Find the responses that a text quotes.

    Parameters
    ----------
    paragraphs : sequence of Paragraph
        The text in order.

    Returns
    -------
    tuple of Quotation
        In the order of the text; quotations of fewer than `SHORTEST` words are left out and have no number.

    Notes
    -----
    Typographic double marks count, or straight ones in a paragraph without them. British single marks count in a
    paragraph that has neither, and only where openings and closings alternate: a plural's apostrophe looks like a
    closing, so a paragraph in which they do not alternate has no quotation. A quotation inside a quotation stays
    part of it. A quotation that is open at the end of a paragraph goes on where the next one of the same section
    starts with an opening mark; otherwise it ends there, with a note. Two quotations in one paragraph
    with nothing between them but who spoke ("...," said a nurse, "...") are one.
    """
    quotations: list[Quotation] = []
    for span in _joined(_spans(paragraphs)):
        text = " ".join(" ".join(span.pieces).split())
        if len(text.split()) >= SHORTEST:
            quotations.append(Quotation(len(quotations) + 1, span.section, _speaker(span), text, span.note))
    return tuple(quotations)


def words_of(text: str) -> list[str]:
    """Return the words of a text, without case and punctuation."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).replace("’", "'").casefold())


def subject_words(words: Sequence[str]) -> list[str]:
    """Return the words that are not among spaCy's English stop words, in order."""
    from spacy.lang.en.stop_words import STOP_WORDS

    return [word for word in words if word not in STOP_WORDS]


def is_taken_from(phrase: str, quotation: Quotation) -> bool:
    """Tell whether a phrase is, or may be, taken from a quotation.

    Parameters
    ----------
    phrase : str
        A phrase of a codebook.
    quotation : Quotation
        A quoted response.

    Returns
    -------
    bool
        True where they share `RUN` words in a row (a shorter phrase of two words or more: where it occurs as it
        is), or where one sentence of the quotation has all content words of the phrase, at least two, in order.
        One word that both use is vocabulary.
    """
    words = words_of(phrase)
    length = min(RUN, len(words))
    if length > 1 and _runs(words, length) & _runs(words_of(quotation.text), length):
        return True
    content = subject_words(words)
    return len(content) > 1 and any(
        _in_order(content, words_of(part)) for part in split_sentences([quotation.text]).texts
    )


def _runs(words: Sequence[str], length: int) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + length]) for place in range(len(words) - length + 1)}


def _in_order(wanted: Sequence[str], words: Sequence[str]) -> bool:
    rest = iter(words)
    return all(word in rest for word in wanted)


def _marks(text: str) -> list[tuple[int, int]]:
    """Return where quotations open (1) and close (-1)."""
    if _DOUBLE.search(text):
        return [(mark.start(), 1 if mark.group() == "“" else -1) for mark in _DOUBLE.finditer(text)]
    if _STRAIGHT.search(text):
        return [(mark.start(), 1 if _may_open(text, mark.start()) else -1) for mark in _STRAIGHT.finditer(text)]
    marks: list[tuple[int, int]] = []
    for mark in _SINGLE.finditer(text):
        place = mark.start()
        if mark.group() != "’" and _may_open(text, place):
            marks.append((place, 1))
        elif mark.group() != "‘" and text[place - 1 : place].strip() and not text[place + 1 : place + 2].isalnum():
            marks.append((place, -1))
    steps = [step for _, step in marks]
    return marks if steps == [1, -1] * (len(steps) // 2) else []


def _may_open(text: str, place: int) -> bool:
    before, after = text[:place][-1:], text[place + 1 : place + 2]
    return bool(after.strip()) and (not before.strip() or before in _BEFORE_OPENING)


def _spans(paragraphs: Sequence[Paragraph]) -> list[_Span]:
    """Return the outermost quotations, each whole over its paragraphs."""
    spans: list[_Span] = []
    is_open = False
    introduction = ""
    for paragraph in paragraphs:
        text, marks = paragraph.text.strip(), _marks(paragraph.text.strip())
        depth = start = end = 0
        if is_open and text[:1] in ("“", '"') and marks[0] == (0, 1) and spans[-1].section == paragraph.section:
            # Each paragraph of a long quotation opens anew, and only the last closes.
            depth, start, marks = 1, 1, marks[1:]
        elif is_open:
            spans[-1].note = NOT_CLOSED
        closed_here = 0
        for place, step in marks:
            if step > 0 and depth == 0:
                if closed_here:
                    spans[-1].tail = text[end:place]
                lead = text[end:place] if place > 0 else introduction
                spans.append(_Span(paragraph.section, lead, shares_paragraph=closed_here > 0))
                start = place + 1
            elif step < 0 and depth == 1:
                spans[-1].pieces.append(text[start:place])
                end = place + 1
                closed_here += 1
            depth = max(depth + step, 0)
        is_open = depth > 0
        if is_open:
            spans[-1].pieces.append(text[start:])
        elif closed_here:
            spans[-1].tail = text[end:]
        introduction = text if text.endswith(":") else ""
    if is_open:
        spans[-1].note = NOT_CLOSED
    return spans


def _joined(spans: Sequence[_Span]) -> list[_Span]:
    """Join the quotations that only the words on who spoke interrupt."""
    joined: list[_Span] = []
    for span in spans:
        if joined and span.shares_paragraph and _interrupts(joined[-1], span.lead):
            # The words between them say who spoke, so they stay; what follows the second part does not.
            first = joined[-1]
            joined[-1] = _Span(first.section, first.lead, [*first.pieces, *span.pieces], first.tail, span.note)
        else:
            joined.append(span)
    return joined


def _interrupts(first: _Span, between: str) -> bool:
    aside = between.strip()
    if _SPEAKS.search(_last_clause(first.lead)) or not _SPEAKS.search(aside) or len(aside.split()) > _LONGEST_ASIDE:
        return False
    if _SENTENCE_END.search(aside):
        return False
    mid_sentence = first.pieces[-1].rstrip().endswith(",") or aside.startswith(",")
    return aside.endswith(".") or (mid_sentence and aside.endswith(","))


def _last_clause(lead: str) -> str:
    return _SENTENCE_END.split(lead.strip())[-1]


def _speaker(span: _Span) -> str:
    lead = _last_clause(span.lead)
    if _SPEAKS.search(lead):
        return _role_before_verb(lead)
    after = _SENTENCE_END.split(span.tail.strip(" ,"))[0].rstrip(" ,.!?…")
    verb = _SPEAKS.match(after)
    if verb is None:
        # A new sentence after the quotation speaks of something else.
        return _role_before_verb(after) if after[:1].islower() else ""
    return _role_in(re.split(r"[,;]", after[verb.end() :].strip())[0])


def _role_before_verb(clause: str) -> str:
    """Return the role in the subject of the first verb of speech that has one."""
    for verb in _SPEAKS.finditer(clause):
        subject = re.split(r"[,;:–—]\s*", clause[: verb.start()].rstrip(" ,"))[-1]
        if _starts(subject):
            return _role_in(subject)
    return ""


def _starts(subject: str) -> list[int]:
    """Return where a role may start: at an article, unless a preposition makes it part of another role."""
    places = [match.start() for match in _ROLE_STARTS.finditer(subject)]
    return [place for place in places if not _AFTER_PREPOSITION.search(subject[:place])]


def _role_in(subject: str) -> str:
    starts = _starts(subject)
    if not starts:
        return ""
    role = subject[starts[-1] :].strip()
    role = _OF_THE_SURVEY.sub("", _ADVERB.sub("", role))
    if _NO_ROLE.match(role) or len(role.split()) > _LONGEST_ROLE:
        return ""
    return role[:1].lower() + role[1:]
