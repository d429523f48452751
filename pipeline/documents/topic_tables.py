"""Topics as readers see them: their sizes and themes, and what becomes of each theme."""

from __future__ import annotations

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import PERSON, UNMAPPED
from pipeline.crosswalk.by_person import BY_PERSON, matches_none
from pipeline.crosswalk.matching import LEANING, MATCHED, SETTLED
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.tables.numbers import MISSING, chance, count, decimal, percent
from pipeline.tables.record import (
    Heading,
    Row,
    ShownColumn,
    TableRecord,
    figures,
    is_set,
    record,
    record_of,
    rows_of,
    words,
)

_MATCHED = "†"
_LEANS = "‡"

_FAILED = {
    "shuffled": "shuffled phrases of the codebook stand out as clearly",
    "own share": "fewer than half of its comments say so",
    "re-runs": "too few re-runs repeat it",
}
_FOUND = {"resolved": "in one topic", "repeated": "in several topics", "missing": "in no topic"}
_SIZES = [figures("Comments", count, "size"), figures("Share", percent, "share")]
_STABILITY = figures("Stability", decimal, "stability")
_REPEATABILITY = figures("Repeatability", decimal, "repeatability")


def topics_table(topics: pd.DataFrame, codebook: Codebook, of: str) -> TableRecord:
    """Return the topics with their sizes, stability and themes."""
    by_person = topics[topics["label_by"] == PERSON] if "label_by" in topics else topics[:0]
    named = [words("The program’s name", "machine_label")] if len(by_person) else []
    is_defined = "definition" in topics and topics["definition"].fillna("").ne("").any()
    defined = [words("Definition", lambda row: row["definition"] or MISSING)] if is_defined else []
    columns = [
        figures("Topic", count, "topic"), words("Label", "label"), *named, *defined, words("Keywords", "keywords"),
        *_SIZES, _STABILITY, _REPEATABILITY,
        words("Theme", lambda row: match_and_why(row, codebook)), *_decision(),
    ]  # fmt: skip
    notes = [
        "Topics were found by the program. Stability: how far a topic comes back from other samples of comments. 1 is "
        f"the same topic; {STABLE} and more is stable, less than {DISSOLVED} is not. Repeatability: the same, from "
        "other random starts.",
        *(["A person named some topics; the program’s names are beside theirs."] if named else []),
        *_DECISION_NOTES,
    ]
    return record_of("topics", f"Topics, largest first{of}.", rows_of(topics), columns, notes)


_DECISION_NOTES = (
    "Fit: how alike the words are to the nearest theme’s phrases, from −1 to 1. q: the smaller, the less likely is a "
    "fit like this by chance; it is corrected for the number of topics.",
    f"Re-runs: how many decide alike. Under {percent(SETTLED)} the decision is doubtful. {MISSING} Not measured.",
)


def _decision() -> list[ShownColumn]:
    return [figures("Fit", decimal, "fit"), figures("q", chance, "q_value"), figures("Re-runs", _robustness)]


def _robustness(topic: Row) -> str:
    said = percent(topic["mapping_robustness"])
    return said if said == MISSING or is_set(topic["settled"]) else f"{said} (doubtful)"


def said_of_match(topic: Row, codebook: Codebook) -> str:
    """Say in a few words which theme a topic of topics.csv matches, leans to, or is nearest to."""
    if topic["status"] == MATCHED:
        return codebook.name_of(topic["theme"])
    if topic["status"] == BY_PERSON:
        return f"{'none' if topic['theme'] == UNMAPPED else codebook.name_of(topic['theme'])} ({BY_PERSON})"
    if pd.isna(topic["nearest_theme"]) or not topic["nearest_theme"]:
        return "none"
    nearest = codebook.name_of(topic["nearest_theme"])
    return f"leans to {nearest}" if topic["status"] == LEANING else f"none (nearest: {nearest})"


def match_and_why(topic: Row, codebook: Codebook) -> str:
    """Say which theme a topic matches, and what keeps it from a match where it leans to one."""
    if topic["status"] != LEANING:
        return said_of_match(topic, codebook)
    reasons = [_FAILED[name] for name in str(topic["fails"]).split("; ")]
    return f"{said_of_match(topic, codebook)} ({'; '.join(reasons)})"


def coarse_table(coarse: pd.DataFrame, topics: pd.DataFrame) -> TableRecord:
    """Return the coarse topics and what they hold."""

    def topics_in(row: Row) -> str:
        return "; ".join(topics.loc[topics["parent"] == row["topic_coarse"], "label"])

    columns = [words("Group of topics", "label"), words("Its topics", topics_in), *_SIZES]
    rows = rows_of(coarse) if len(topics) else []
    return record_of("coarse_topics", "Topics that are near one another, taken together.", rows, columns)


def candidates_table(topics: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Return the topics that match no theme and lean to none, with the theme that is nearest."""

    def nearest(row: Row) -> str:
        return codebook.name_of(row["nearest_theme"]) if row["nearest_theme"] else MISSING

    columns = [
        words("Topic", "label"), words("Keywords", "keywords"), *_SIZES, _STABILITY, words("Nearest theme", nearest),
        *_decision(),
    ]  # fmt: skip
    rows = rows_of(topics[matches_none(topics)])
    caption = "These topics match no published theme, and lean to none."
    return record_of("candidates", caption, rows, columns, _DECISION_NOTES)


def crosswalk_table(crosswalk: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Return the fit of every theme to every topic, with marks."""
    fits = {(row["topic"], row["theme"]): row for row in rows_of(crosswalk)}
    themes = [theme for theme in codebook.theme_ids if theme in set(crosswalk["theme"])]
    rows = [
        [count(row["topic"]), row["label"], count(row["size"]), *(_fit(fits.get((row["topic"], theme)), row)
                                                                   for theme in themes)]
        for row in rows_of(topics[topics["topic"].isin(crosswalk["topic"])])
    ]  # fmt: skip
    headings = [Heading("Topic", True), Heading("Label"), Heading("Comments", True)]
    headings += [Heading(codebook.name_of(theme), True) for theme in themes]
    given = (topics["status"] == BY_PERSON).any()
    notes = [
        "Fit: how alike a topic’s comments are to a theme’s phrases, from −1 to 1.",
        f"{_MATCHED} Matched{', or given by a person' if given else ''}. "
        f"{_LEANS} Leaning: the theme fits better than chance, but another test fails. {MISSING} Not measured.",
    ]
    return record("crosswalk", "How well each theme fits each topic.", headings, rows, notes, keys=2)


def _fit(found: Row | None, topic: Row) -> str:
    if found is None:
        return MISSING
    leans = topic["status"] == LEANING and found["theme"] == topic["nearest_theme"]
    # Before the number: behind it, a mark would push the digits out of their column.
    return (_MATCHED if is_set(found["matched"]) else _LEANS if leans else "") + decimal(found["fit"])


def diagnosis_table(diagnosis: pd.DataFrame, topics: pd.DataFrame) -> TableRecord:
    """Return for each theme whether it was found in one topic, in several or in none."""
    labels = {str(row["topic"]): str(row["label"]) for row in rows_of(topics)}

    def found(row: Row) -> str:
        return f"{_FOUND[row['verdict']]}{'' if row['settled'] else ' (doubtful)'}"

    def matched(row: Row) -> str:
        return "; ".join(labels[topic] for topic in row["with"].split("; ") if topic)

    columns = [
        words("Theme", "name"), words("Found", found), words("Topics that match it", matched),
        figures("Comments in them", count, "comments"),
    ]  # fmt: skip
    rows = rows_of(diagnosis[diagnosis["kind"] == "theme"])
    return record_of("diagnosis", "Each theme was found in one topic, in several, or in none.", rows, columns)
