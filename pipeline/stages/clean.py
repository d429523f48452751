"""Mend the text, take out personal data, set aside what says nothing, fold duplicates, find lemmas.

Nothing vanishes: every comment received has a row, and says why it was dropped or which twin stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.config import CleanConfig
from pipeline.contracts import OF_COMMENTS, Cleaned, Mapper, Progress, Received
from pipeline.errors import DataError
from pipeline.language.cleaning import fold, fold_twins, mend, non_answers, why_set_aside
from pipeline.language.languages import Detector, insist_on_language, insist_on_languages, is_foreign, languages_of
from pipeline.language.lemmas import Analysed
from pipeline.language.names import NameFinder, without_names
from pipeline.language.parts import analyse_in_parts
from pipeline.language.persons import first_names
from pipeline.language.redaction import TYPES, Redacted, not_names, redact_identifiers, redact_names, without_marks
from pipeline.workers import on_cores

if TYPE_CHECKING:
    from spacy.language import Language


_PATIENCE = 900.0
"""Seconds after which a process that reads a part of the comments is taken to hang: it takes some five, and a hundred
times that where comments are as long as pages."""

FOREIGN = "in another language"
"""Why a comment is set aside whose language is known and not analysed."""


def clean_comments(
    received: Received,
    *,
    language: Language,
    config: CleanConfig,
    question: str = "",
    unit: str = "comment",
    wanted: Collection[str] = (),
    detect: Detector | None = None,
    progress: Progress | None = None,
    mapper: Mapper | None = None,
    meanwhile: Callable[[], object] | None = None,
) -> Cleaned:
    """Clean comments and find their lemmas, without persons' names and other personal data.

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
    wanted : collection of str
        The languages that are analysed, by two letters; empty where all are.
    detect : callable, optional
        Says how likely each language is. Without it the language of a single comment is not looked for.
    progress : callable, optional
        Told how many comments have their lemmas, and how many were read for names.
    mapper : Mapper, optional
        Reads parts of the comments, and holds the same spaCy pipeline; None reads them here.
    meanwhile : callable, optional
        Called while other processes of this machine read them, where there is a core for it.

    Returns
    -------
    Cleaned
        A row for every comment received.

    Raises
    ------
    DataError
        Where no comment is left to analyse, or most are in a language that is not analysed.
    """
    comments = received.comments.copy()
    said_nothing = non_answers(config.non_answers, config.answers)
    mended = [mend(text) for text in comments["text"]]
    allow = (*config.abbreviations, *(config.redaction.allow if config.redaction else ()))
    # Janet is a network, and people are called so: what such words mean is found out from their uses.
    no_names = (*allow, *(not_names() - first_names()))
    people = NameFinder(language, no_names)
    by_text: dict[str, Analysed] = {}
    redacted = _redacted(mended, config)
    # Every text is read once; where a name is taken out of one, it is read again without it.
    to_read = dict.fromkeys(one.text for one in redacted if fold(without_marks(one.text)) not in said_nothing)
    read = partial(analyse_in_parts, abbreviations=config.abbreviations, sentences=unit == "sentence")
    beside = mapper or on_cores(language, patience=_PATIENCE, meanwhile=meanwhile)
    for analysed in read(to_read, mapper=beside, people=people, no_names=no_names, progress=progress):
        by_text[analysed.text] = analysed
    if config.redaction is not None and "PERSON" not in config.redaction.keep:
        without = redact_names(to_read, people, allow=allow, progress=progress)
        redacted = [one.then(without[one.text]) if one.text in without else one for one in redacted]
        again = dict.fromkeys(one.text for one in without.values() if one.counts)
        for analysed in read(again, mapper=mapper or on_cores(language, patience=_PATIENCE), progress=progress):
            by_text[analysed.text] = analysed
    comments["text"] = [one.text for one in redacted]
    folded = [fold(without_marks(text)) for text in comments["text"]]
    why = partial(
        why_set_aside, said_nothing=said_nothing, question=fold(question), min_letters=config.min_letters,
    )  # fmt: skip
    reasons = list(map(why, map(without_marks, comments["text"]), folded))
    comments["found_language"] = _languages(comments["text"], reasons, config, wanted, detect)
    reasons = [
        reason or (FOREIGN if is_foreign(found, wanted) else "")
        for reason, found in zip(reasons, comments["found_language"], strict=True)
    ]
    comments["kept"] = [reason == "" for reason in reasons]
    comments["dropped_because"] = reasons
    comments["duplicate_of"] = _twins(comments["comment_id"], comments["text"], reasons, config)
    summary = _summary(comments)
    if detect is not None and config.languages is not None:
        counts = comments.loc[comments["found_language"] != "", "found_language"].value_counts()
        summary["languages"] = {str(name): int(n) for name, n in sorted(counts.items())}
        summary["languages_analysed"] = sorted(wanted)
    redactions = None if config.redaction is None else _redactions(comments["comment_id"], redacted)
    if redactions is not None:
        summary["redacted"] = redactions["type"].value_counts().reindex(TYPES).dropna().astype(int).to_dict()
    if not comments["kept"].any():
        dropped = "; ".join(f"{reason}: {count}" for reason, count in summary["dropped"].items())
        raise DataError(
            f"None of the {len(comments)} comments can be analysed ({dropped}).",
            "Check that input.columns.comment names the column with the answers, and clean.min_letters and "
            "clean.non_answers and clean.answers.",
        )
    distinct = comments["kept"] & (comments["duplicate_of"] == "")
    names = people.names()
    by_id = {
        comment_id: without_names(by_text[text], names)
        for comment_id, text in comments.loc[distinct, ["comment_id", "text"]].itertuples(index=False)
    }
    stands_for = comments["duplicate_of"].where(comments["duplicate_of"] != "", comments["comment_id"])
    nothing = Analysed("", "", "")
    comments["lemmas"] = [by_id.get(comment_id, nothing).lemmas for comment_id in stands_for]
    comments["phrases"] = [by_id.get(comment_id, nothing).phrases for comment_id in stands_for]
    comments["qualities"] = [by_id.get(comment_id, nothing).qualities for comment_id in stands_for]
    return Cleaned(
        comments=comments[[*OF_COMMENTS, *(name for name in comments.columns if name not in OF_COMMENTS)]],
        summary=summary,
        sentences=_sentences(by_id) if unit == "sentence" else None,
        redactions=redactions,
    )


def _languages(
    texts: pd.Series[str],
    reasons: Sequence[str],
    config: CleanConfig,
    wanted: Collection[str],
    detect: Detector | None,
) -> list[str]:
    """Return the language of each comment, "" where it is not looked for, and refuse a survey in another one."""
    found = [""] * len(texts)
    if config.languages is None:
        return found
    rows = [row for row, reason in enumerate(reasons) if not reason]
    plain = [without_marks(texts.iloc[row]) for row in rows]
    if detect is None:
        insist_on_language(plain, wanted)
        return found
    for row, language in zip(rows, languages_of(plain, detect, wanted), strict=True):
        found[row] = language
    insist_on_languages(found, wanted)
    return found


def _redacted(texts: Sequence[str], config: CleanConfig) -> list[Redacted]:
    """Take out what has a form of its own, where that is wanted."""
    if config.redaction is None:
        return [Redacted(text, {}) for text in texts]
    allow = frozenset(entry.lower() for entry in config.redaction.allow)
    return [redact_identifiers(text, allow=allow, keep=config.redaction.keep) for text in texts]


def _redactions(comment_ids: pd.Series[str], redacted: Sequence[Redacted]) -> pd.DataFrame:
    rows = [
        (comment_id, kind, one.counts[kind])
        for comment_id, one in zip(comment_ids, redacted, strict=True)
        for kind in TYPES
        if kind in one.counts
    ]
    return pd.DataFrame(rows, columns=["comment_id", "type", "count"]).astype({"type": object, "count": "int64"})


def _sentences(by_id: Mapping[str, Analysed]) -> pd.DataFrame:
    rows = [
        (f"{comment_id}.{place}", comment_id, sentence.text, sentence.lemmas, sentence.phrases, sentence.qualities)
        for comment_id, analysed in by_id.items()
        for place, sentence in enumerate(analysed.sentences or (analysed,), start=1)
    ]
    return pd.DataFrame(rows, columns=["unit_id", "comment_id", "text", "lemmas", "phrases", "qualities"])


def _twins(comment_ids: pd.Series[str], texts: pd.Series[str], reasons: list[str], config: CleanConfig) -> list[str]:
    first: dict[str, str] = {}
    twins = []
    for comment_id, text, reason in zip(comment_ids, texts, reasons, strict=True):
        if reason:
            twins.append("")
            continue
        # Exact duplicates are folded always: equal texts have equal vectors and would make a topic by count alone.
        key = fold_twins(text) if config.fold_duplicates else text
        twin = first.setdefault(key or text, comment_id)
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
