"""The text of a comment made fit to analyse, and why a comment is set aside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from pipeline.formats.entities import repaired
from pipeline.formats.wordlist import word_list

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_LINE_ENDS = re.compile(r"\s*[\r\n\v\f\x85\u2028\u2029]\s*")
_BREAKS = frozenset(("br", "div", "li", "p", "tr"))
"""Tags that begin or end a line."""

_MENDINGS = 5
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]{0,200})?/?>")
_CARRIAGE = re.compile(r"_x000[aAdD9]_")
"""How Excel writes a line break or a tab that it cannot keep."""

_SENTENCE_ENDS = re.compile(r"[.!?]+\s+(?=\w)|\n")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")


def mend(text: str) -> str:
    """Return a comment as it is analysed: mojibake, entities, URLs, tags and white space mended.

    Parameters
    ----------
    text : str
        A comment as received.

    Returns
    -------
    str
        In Unicode NFC, with one line end between lines; empty where nothing is left.
    """
    # What is taken out can bring to light what is next to be mended: "w\u00adww.example.org".
    for _ in range(_MENDINGS):
        before = text
        text = repaired(_INVISIBLE.sub("", _CARRIAGE.sub(_plain_space, text)))
        text = _one_space(_INVISIBLE.sub("", _TAG.sub(_without_tag, _URL.sub(" ", text))))
        if text == before:
            break
    return text


def _one_space(text: str) -> str:
    """Return a text whose lines are kept, since each may make a point of its own, and whose other gaps are a space."""
    return "\n".join(filter(None, (_SPACE.sub(" ", line).strip() for line in _LINE_ENDS.split(text))))


def _plain_space(found: re.Match[str]) -> str:
    return "\t" if "9" in found[0] else "\n"


def _without_tag(found: re.Match[str]) -> str:
    name = found[1].lower()
    if name in _BREAKS:
        return "\n"
    # "<name>" is what somebody put in the place of a name, and no mark of HTML.
    return " " if name in word_list("pipeline.language", "html_tags.txt") else found[0]


def fold_twins(text: str) -> str:
    """Return what two comments have in common that say the same: as `fold`, but sentences stay apart.

    "No! More staff" is not "No more staff".
    """
    return " . ".join(filter(None, map(fold, _SENTENCE_ENDS.split(text))))


_ASCII_FOLDED = {
    code: None if chr(code) in "'`" else " " for code in range(128) if not chr(code).isalnum()
}  # fmt: skip
"""What becomes of the ASCII signs that are no letters and digits when a text is folded."""


def fold(text: str) -> str:
    """Return what is left of a text without case, accents, punctuation and spacing differences.

    Letters and digits of every script are kept, and so are symbols (an emoji is an answer).
    """
    if text.isascii():
        # What is done below, for the signs of most texts: a tenth of the time.
        return " ".join(text.lower().translate(_ASCII_FOLDED).split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    # Again: letters such as 𝐀 have a case only once they are decomposed.
    decomposed = unicodedata.normalize("NFKD", decomposed.casefold())
    kept = []
    for character in decomposed:
        category = unicodedata.category(character)
        if category == "Mn" or character in "'’`":
            continue
        kept.append(character if category[0] in "LN" or category == "So" else " ")
    return " ".join("".join(kept).split())


def non_answers(further: Collection[str] = (), answers: Collection[str] = ()) -> frozenset[str]:
    """Return the answers that say nothing, folded as by `fold`.

    They are those that come with the program, without those that are answers in this survey, and further ones.
    """
    known = word_list("pipeline.language", "non_answers.txt") - set(map(fold, answers))
    return known | set(map(fold, further))


def why_set_aside(text: str, folded: str, *, said_nothing: Collection[str], question: str, min_letters: int) -> str:
    """Say why a comment is not analysed.

    Parameters
    ----------
    text : str
        The comment, mended.
    folded : str
        The same, folded.
    said_nothing : collection of str
        Answers that say nothing, folded.
    question : str
        The question put to respondents, folded; may be empty.
    min_letters : int
        Comments with fewer letters are too short.

    Returns
    -------
    str
        The reason; empty where the comment is analysed.
    """
    if not text:
        return "empty"
    if folded in said_nothing:
        return "says nothing"
    if question and folded == question:
        return "repeats the question"
    if any(unicodedata.category(character) == "So" for character in text):
        return ""
    if sum(character.isalpha() for character in text) < min_letters:
        return "too short"
    return ""
