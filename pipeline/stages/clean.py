"""Mend the text, set aside what says nothing, fold duplicates, find lemmas.

Nothing vanishes: every comment received has a row, and says why it was dropped or which twin stands for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.config import CleanConfig
from pipeline.contracts import Cleaned, Progress, Received
from pipeline.errors import DataError
from pipeline.language.lemmas import Analysed, analyse
from pipeline.language.names import NameFinder, without_names

if TYPE_CHECKING:
    from spacy.language import Language

NON_ANSWERS = frozenset(
    answer.strip()
    for line in """
    n a|na|not applicable|none given|no comment|no comments|no further comment|no further comments|no answer
    no response|no reply|no opinion|no opinion on this|no view|nothing to add|nothing further|nothing further to add
    nothing else to add|nothing else|nothing more to add|nothing to say|nothing to report|nothing to comment
    see above|as above|see previous|see previous answer|see previous answers|see my previous answer|see earlier
    as before|same as above|same as before|as previous|ditto|already answered|answered above|see below
    dont know|do not know|i dont know|i do not know|dk|idk|dunno|not sure|im not sure|unsure|no idea|cant say
    cannot say|cant think of anything|cannot think of anything|cant comment|cannot comment|unable to comment
    prefer not to say|rather not say|pass|skip|blank|left blank|test|testing|tbc|tba|xxx|asdf|null|nan
    """.strip().splitlines()
    for answer in line.split("|")
)
"""Answers that say nothing, folded as by `fold`. "None" and "nothing" are left out: to a question about barriers
they are answers."""

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_MENDINGS = 5
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(?:\s[^<>]{0,200})?/?>")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")


def mend(text: str) -> str:
    """Return a comment as it is analysed: mojibake, entities, URLs, tags and white space mended.

    Parameters
    ----------
    text : str
        A comment as received.

    Returns
    -------
    str
        One line in Unicode NFC; empty where nothing is left.
    """
    import ftfy

    # What is taken out can bring to light what is next to be mended: "w\u00adww.example.org".
    for _ in range(_MENDINGS):
        before = text
        text = ftfy.fix_text(_INVISIBLE.sub("", text), unescape_html=True, normalization="NFC")
        text = _SPACE.sub(" ", _INVISIBLE.sub("", _TAG.sub(" ", _URL.sub(" ", text)))).strip()
        if text == before:
            break
    return text


def fold(text: str) -> str:
    """Return what is left of a text without case, accents, punctuation and spacing differences.

    Letters and digits of every script are kept, and so are symbols (an emoji is an answer).
    """
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


def clean_comments(
    received: Received,
    *,
    language: Language,
    config: CleanConfig,
    question: str = "",
    unit: str = "comment",
    progress: Progress | None = None,
) -> Cleaned:
    """Clean comments and find their lemmas, without persons' names.

    Parameters
    ----------
    received : Received
        The comments as read.
    language : spacy.language.Language
        A spaCy pipeline whose components give lemmas; its named-entity recognition is used for names.
    config : CleanConfig
        The settings.
    question : str
        The question that respondents answered; a comment that only repeats it is set aside.
    unit : {"comment", "sentence"}
        What will be embedded; sentences are split where they are wanted.
    progress : callable, optional
        Told how many comments have their lemmas.

    Returns
    -------
    Cleaned
        A row for every comment received.

    Raises
    ------
    DataError
        Where no comment is left to analyse.
    """
    comments = received.comments.copy()
    comments["text"] = [mend(text) for text in comments["text"]]
    folded = [fold(text) for text in comments["text"]]
    said_nothing = NON_ANSWERS | {fold(answer) for answer in config.non_answers}
    reasons = [
        _reason(text, key, said_nothing, fold(question), config.min_letters)
        for text, key in zip(comments["text"], folded, strict=True)
    ]
    comments["kept"] = [reason == "" for reason in reasons]
    comments["dropped_because"] = reasons
    comments["duplicate_of"] = _twins(comments["comment_id"], comments["text"], folded, reasons, config)
    summary = _summary(comments)
    if not comments["kept"].any():
        dropped = "; ".join(f"{reason}: {count}" for reason, count in summary["dropped"].items())
        raise DataError(
            f"None of the {len(comments)} comments can be analysed ({dropped}).",
            "Check that input.columns.comment names the column with the answers, and clean.min_letters and "
            "clean.non_answers.",
        )
    distinct = comments["kept"] & (comments["duplicate_of"] == "")
    by_id: dict[str, Analysed] = {}
    people = NameFinder(language, config.abbreviations)
    found = analyse(
        comments.loc[distinct, "text"], language, abbreviations=config.abbreviations, sentences=unit == "sentence",
        on_the_way=people.read,
    )  # fmt: skip
    for comment_id, analysed in zip(comments.loc[distinct, "comment_id"], found, strict=True):
        by_id[comment_id] = analysed
        if progress is not None:
            progress("lemmas", len(by_id), int(distinct.sum()))
    names = people.names()
    by_id = {comment_id: without_names(analysed, names) for comment_id, analysed in by_id.items()}
    stands_for = comments["duplicate_of"].where(comments["duplicate_of"] != "", comments["comment_id"])
    nothing = Analysed("", "", "")
    comments["lemmas"] = [by_id.get(comment_id, nothing).lemmas for comment_id in stands_for]
    comments["phrases"] = [by_id.get(comment_id, nothing).phrases for comment_id in stands_for]
    first = ["comment_id", "text", "lemmas", "phrases", "kept", "dropped_because", "duplicate_of"]
    return Cleaned(
        comments=comments[first + [name for name in comments.columns if name not in first]],
        summary=summary,
        sentences=_sentences(by_id) if unit == "sentence" else None,
    )


def _sentences(by_id: Mapping[str, Analysed]) -> pd.DataFrame:
    rows = [
        (f"{comment_id}.{place}", comment_id, sentence.text, sentence.lemmas, sentence.phrases)
        for comment_id, analysed in by_id.items()
        for place, sentence in enumerate(analysed.sentences or (analysed,), start=1)
    ]
    return pd.DataFrame(rows, columns=["unit_id", "comment_id", "text", "lemmas", "phrases"])


def _reason(text: str, folded: str, said_nothing: frozenset[str], question: str, min_letters: int) -> str:
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


def _twins(
    comment_ids: pd.Series[str], texts: pd.Series[str], folded: list[str], reasons: list[str], config: CleanConfig
) -> list[str]:
    first: dict[str, str] = {}
    twins = []
    for comment_id, text, key, reason in zip(comment_ids, texts, folded, reasons, strict=True):
        if reason:
            twins.append("")
            continue
        # Exact duplicates are folded always: equal texts have equal vectors and would make a topic by count alone.
        twin = first.setdefault(key if config.fold_duplicates and key else text, comment_id)
        twins.append("" if twin == comment_id else twin)
    return twins


def _summary(comments: pd.DataFrame) -> dict[str, Any]:
    dropped = comments.loc[~comments["kept"], "dropped_because"].value_counts()
    folded = int((comments["duplicate_of"] != "").sum())
    analysed = int(comments["kept"].sum())
    return {
        "received": len(comments),
        "analysed": analysed,
        "distinct": analysed - folded,
        "folded": folded,
        "dropped": {str(reason): int(count) for reason, count in sorted(dropped.items())},
    }
