"""Tables that a paper has beside its results: who answered, the codebook, quotations, and the joint display."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.account.readings import UNCHECKED, reading_of
from pipeline.codebook.codebook import Codebook
from pipeline.disclosure.joint_display import BETWEEN, quotations_of
from pipeline.documents.group_lines import column_said
from pipeline.tables.numbers import MISSING, NOT_SHOWN, count, percent, percent_with_range
from pipeline.tables.record import Row, TableRecord, figures, is_set, record_of, rows_of, words

_PHRASES_BETWEEN = "; "
_NO_THEME = "No theme"


def who_answered_table(groups: pd.DataFrame, analysed: str) -> TableRecord:
    """Return how many comments each group of each metadata column has.

    Parameters
    ----------
    groups : DataFrame
        The public table, whose counts are protected: nothing is counted here.
    analysed : str
        How many comments were analysed, as it may be said; "" where it is not said.

    Returns
    -------
    TableRecord
        Without rows where there are no metadata columns.
    """
    by_group = groups.drop_duplicates(["column", "group"])
    whole = int(analysed.replace(",", "")) if analysed[:1].isdigit() else None
    rows: list[dict[Any, Any]] = [
        {"column": "All comments", "group": "", "comments": pd.NA if whole is None else whole}
    ]
    rows += rows_of(by_group[["column", "group", "comments"]])
    shown_already = ""
    for row in rows:
        row["suppressed"] = whole is None or pd.isna(row["comments"])
        row["share"] = pd.NA if whole is None or row["suppressed"] else row["comments"] / whole
        # A column's name stands once, at its first group.
        row["column"], shown_already = ("" if row["column"] == shown_already else row["column"]), row["column"]
    columns = [
        words("Characteristic", lambda row: column_said(row["column"])),
        words("Group", "group"), figures("Comments", count, "comments"),
        figures("Share", percent, "share"),
    ]  # fmt: skip
    notes = [
        "Numbers are of comments analysed. Where counts are rounded they need not add up to the total.",
        "Groups with few comments are under one name.",
    ]
    return record_of("who_answered", "Who answered.", rows if len(by_group) else [], columns, notes)


def codebook_table(codebook: Codebook, printable: Codebook | None) -> TableRecord:
    """Return the themes with what belongs to them and what does not.

    Parameters
    ----------
    codebook : Codebook
        The published account.
    printable : Codebook or None
        The same without phrases that a comment holds; see `pipeline.disclosure.words.without_comments`. None where
        nobody has looked: no phrases are shown.
    """
    lists = ("includes", "excludes", "examples")
    phrases = {theme.id: {name: getattr(theme, name) for name in lists} for theme in (printable or codebook).themes}

    def joined(name: str) -> Any:
        return lambda row: _PHRASES_BETWEEN.join(phrases[row["id"]][name]) or MISSING

    rows: list[dict[Any, Any]] = [theme.model_dump() for theme in codebook.themes]
    columns = [words("Theme", "name"), words("Definition", "definition")]
    if printable is not None:
        headings = {"includes": "Includes", "excludes": "Excludes", "examples": "Examples"}
        columns += [words(said, joined(name)) for name, said in headings.items() if any(row[name] for row in rows)]
    notes = []
    if printable is not None and printable != codebook:
        notes.append("Phrases that stand word for word in a comment are left out.")
    return record_of("codebook", "The codebook: what belongs to each theme.", rows, columns, notes)


def quotations_table(quotations: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Return the published quotations theme by theme; one of several themes stands under each of them."""
    rows: list[dict[Any, Any]] = []
    for theme in codebook.themes:
        rows += [{**row, "under": theme.name} for row in quotations_of(quotations, theme.name)]
    rows += [{**row, "under": _NO_THEME} for row in rows_of(quotations) if not row["comment_themes"]]
    columns = [words("Theme", "under"), words("Quotation", lambda row: f"“{row['quotation']}”")]
    if any(row["attribution"] for row in rows):
        columns.append(words("Who said it", lambda row: row["attribution"] or MISSING))
    columns.append(words("Topic", lambda row: row["label"] or MISSING))
    return record_of("quotations", "What respondents said, by theme.", rows, columns)


def joint_display_table(display: pd.DataFrame) -> TableRecord:
    """Return the joint display as readers see it."""
    kind, _ = reading_of(display.assign(by=""))
    lead = [] if kind == UNCHECKED else [figures(kind.capitalize(), _lead_share, "share", "low", "high", "suppressed")]
    coders = [words("Each coder", lambda row: row["coders"].replace(BETWEEN, "; "))]
    columns = [
        words("Theme", "name"), words("What the codebook says", "definition"), *lead,
        *(coders if (display["coders"] != "").any() else []),
        figures("Machine", _machine, "share_by_comments", "share_by_topics", "suppressed"),
        words("What respondents said", _quoted), words("The article’s claims", _claims),
    ]  # fmt: skip
    notes = [
        "Machine: by comment / by topic. Nobody knows how often it errs.",
        "" if kind == UNCHECKED else "The ranges are 95% intervals.",
        f"{MISSING} None, or none that may be shown.",
    ]
    return record_of(
        "joint_display", "Joint display: what was said beside how often.", rows_of(display), columns, notes
    )


def _lead_share(share: Any, low: Any, high: Any, suppressed: Any) -> str:
    return NOT_SHOWN if pd.isna(share) and is_set(suppressed) else percent_with_range(share, low, high)


def _machine(by_comments: Any, by_topics: Any, suppressed: Any) -> str:
    hidden = NOT_SHOWN if is_set(suppressed) else MISSING
    return " / ".join(hidden if pd.isna(share) else percent(share) for share in (by_comments, by_topics))


def _quoted(row: Row) -> str:
    said = []
    for place in (1, 2):
        if row[f"quotation_{place}"]:
            by = row[f"attribution_{place}"]
            said.append(f"“{row[f'quotation_{place}']}”{f' ({by})' if by else ''}")
    return " ".join(said) or MISSING


def _claims(row: Row) -> str:
    return row["claims"].replace(BETWEEN, " ") or MISSING
