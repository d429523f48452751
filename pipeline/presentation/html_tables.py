"""The tables of the report, as HTML made from the public tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.agreement import (
    CODED_WITH_OUTLOOK,
    CODED_WITH_THEME,
    MACHINE_BY_TOPIC,
    MACHINE_DIRECT,
    by_both,
)  # fmt: skip
from pipeline.crosswalk.codebook import Codebook
from pipeline.crosswalk.prevalence import IN_NO_TOPIC
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.presentation.drawing import NOT_SHOWN, WHY_NOT_SHOWN

_SHOWN_Q = 0.05


def html_tables(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> dict[str, str]:
    """Return the report's tables by name; one without rows is "".

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For names.
    """
    topics = tables["topics"]
    return {
        "topics": _topics_table(topics, codebook),
        "coarse": _coarse_table(tables["coarse_topics"], topics) if len(topics) else "",
        "themes_found": _themes_table(tables["diagnosis"], topics),
        "routes": _routes_table(tables["prevalence"], tables["coded"]),
        "claims": _claims_table(tables["claims"]) if len(tables["claims"]) else "",
        "candidates": _candidates_table(topics, codebook) if (topics["status"] == UNMAPPED).any() else "",
        "outlook": _outlook_table(tables["outlook"]) if len(tables["outlook"]) else "",
        "groups": _groups_table(tables["groups"], topics, codebook) if len(tables["groups"]) else "",
        "agreement": _agreement_table(tables["agreement"]) if len(tables["agreement"]) else "",
        "article": _article_table(tables["article"], codebook) if len(tables["article"]) else "",
    }


def percent(share: float) -> str:
    """Return a share as a whole percentage; "–" where it is missing."""
    return "–" if pd.isna(share) else f"{100 * share:.0f}\u00a0%"


def table(caption: str, header: list[tuple[str, bool]], rows: list[list[str]]) -> str:
    """Return an HTML table whose cells are escaped; the header says which columns hold numbers.

    Where a cell says that a number is not shown, the caption says why.
    """
    if any(cell == NOT_SHOWN for row in rows for cell in row):
        caption = f"{caption} {NOT_SHOWN.capitalize()}: {WHY_NOT_SHOWN}."
    marks = ['class="number"' if is_number else "" for _, is_number in header]
    head = "".join(f'<th scope="col" {mark}>{escape(name)}</th>' for (name, _), mark in zip(header, marks, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td {mark}>{escape(cell)}</td>" for cell, mark in zip(row, marks, strict=True)) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}"><table>'
        f"<caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _topics_table(topics: pd.DataFrame, codebook: Codebook) -> str:
    rows = [
        [
            str(row["topic"]), row["label"], row["keywords"], _count(row["size"]), percent(row["share"]),
            "–" if pd.isna(row["stability"]) else f"{row['stability']:.2f}", _themes_of(row, codebook),
            f"{row['fit']:.2f}", _chance(row["q_value"]), _robustness(row),
        ]
        for _, row in topics.iterrows()
    ]  # fmt: skip
    header = [("Topic", True), ("Label", False), ("Keywords", False), ("Comments", True), ("Share", True),
              ("Stability", True), ("Theme", False), ("Fit", True), ("q", True), ("Repeated in", True)]  # fmt: skip
    return table(
        "Topics, largest first. Stability: Jaccard overlap with the topics of other seeds or of samples of the "
        f"comments, the lower of the two (stable from {STABLE}, dissolved below {DISSOLVED}). Fit and q: of the "
        "nearest theme. Repeated in: share of replicates that decide alike; below 80 % the decision is unsettled.",
        header, rows,
    )  # fmt: skip


def _candidates_table(topics: pd.DataFrame, codebook: Codebook) -> str:
    """List the topics that no theme fits, with the theme that comes nearest."""
    rows = [
        [
            row["label"], row["keywords"], _count(row["size"]), percent(row["share"]),
            "–" if pd.isna(row["stability"]) else f"{row['stability']:.2f}",
            codebook.name_of(row["nearest_theme"]) if row["nearest_theme"] else "–", f"{row['fit']:.2f}",
            _chance(row["q_value"]), _robustness(row),
        ]
        for row in topics[topics["status"] == UNMAPPED].to_dict("records")
    ]  # fmt: skip
    header = [("Topic", False), ("Keywords", False), ("Comments", True), ("Share", True), ("Stability", True),
              ("Nearest theme", False), ("Fit", True), ("q", True), ("Repeated in", True)]  # fmt: skip
    return table(
        "Topics that no theme fits, largest first, with the theme that comes nearest. Repeated in: share of replicates "
        "that find no match either.",
        header, rows,
    )  # fmt: skip


def _themes_of(topic: pd.Series, codebook: Codebook) -> str:
    if topic["theme"] == UNMAPPED:
        return "no theme fits"
    return " and ".join(codebook.name_of(theme) for theme in topic["themes"].split("; "))


def _robustness(topic: Mapping[Hashable, Any] | pd.Series) -> str:
    return percent(topic["mapping_robustness"]) + ("" if topic["settled"] else " (unsettled)")


def _themes_table(diagnosis: pd.DataFrame, topics: pd.DataFrame) -> str:
    """Say of each theme whether one topic shows it, several do, or none."""
    labels = {str(row["topic"]): row["label"] for row in topics.to_dict("records")}
    rows = [
        [
            row["name"], row["verdict"] + ("" if row["settled"] else " (unsettled)"),
            "; ".join(labels[topic] for topic in row["with"].split("; ") if topic), _count(row["comments"]),
        ]
        for row in diagnosis[diagnosis["kind"] == "theme"].to_dict("records")
    ]  # fmt: skip
    header = [("Theme", False), ("Found", False), ("Topics matched with it", False), ("Comments in them", True)]
    return table("Themes: resolved by one topic, repeated in several, or missing.", header, rows)


def _routes_table(prevalence: pd.DataFrame, coded: pd.DataFrame) -> str:
    """Show the share of each theme by both routes and, where people coded, by their codes."""
    rows = []
    coders = coded["coder"].unique().tolist()
    by_code = {(row["coder"], row["theme"]): row for row in coded.to_dict("records")}
    for _, row in prevalence.iterrows():
        shown = [
            f"{percent(row[f'share_by_{route}'])} ({_ends(row, f'share_by_{route}_low', f'share_by_{route}_high')})"
            if pd.notna(row[f"share_by_{route}"])
            # A comment matched directly is in no topic or in one: that route has no such row.
            else ("–" if route == "comments" and row["theme"] == IN_NO_TOPIC else NOT_SHOWN)
            for route in ("comments", "topics")
        ]
        rank = "" if pd.isna(row["published_rank"]) else str(row["published_rank"])
        disagree = "disagree" if _is_true(row["routes_disagree"]) else ""
        by_people = [_coded(by_code.get((coder, row["theme"]))) for coder in coders]
        rows.append([row["name"], rank, *shown, disagree, *by_people])
    header = [("Theme", False), ("Place in the account", True), ("Comments matched directly", True),
              ("Through the topic", True), ("Routes", False), *((f"By {coder}", True) for coder in coders)]  # fmt: skip
    caption = (
        "Share of comments with 95 % intervals. A comment can carry several themes. Routes disagree where the interval "
        "of their difference leaves out zero."
    )
    if coders:
        caption += " By a person: of the comments that they coded, with the theme as main or further code."
    return table(caption, header, rows)


def _coded(row: Mapping[Hashable, Any] | None) -> str:
    if row is None:
        return "–"
    return NOT_SHOWN if pd.isna(row["share"]) else f"{percent(row['share'])} ({_ends(row, 'low', 'high')})"


def said_by_account(claim: Mapping[Hashable, Any]) -> str:
    """Return what a claim says, with what was read into the account."""
    return f"{claim['statement']} ({claim['note'].rstrip('.')}.)" if claim["note"] else str(claim["statement"])


def _claims_table(claims: pd.DataFrame) -> str:
    rows = [
        [said_by_account(row), row["claimed"], row["shown"], row["verdict"], row["reason"]]
        for row in claims.to_dict("records")
    ]
    header = [("The account", False), ("Claim", False), ("These data", False), ("Verdict", False), ("Why", False)]
    return table(
        "The account's claims beside these data, each decided by the rule that the codebook states for it. Shares are "
        "of all analysed comments, also those without a theme, each matched directly. Intervals allow for "
        "who happened to answer, not for comments that were matched wrongly.",
        header,
        rows,
    )


def _groups_table(groups: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook) -> str:
    """Show what differs between a group and the rest, after the correction for many tests."""
    differing = groups[groups["q_value"].notna() & (groups["q_value"].fillna(1.0) <= _SHOWN_Q)]
    if differing.empty:
        return f"<p>No group differs clearly from the rest (q at most {_SHOWN_Q}); all figures are in groups.csv.</p>"
    labels = {str(row["topic"]): f"topic “{row['label']}”" for row in topics.to_dict("records")}
    named = {theme.id: theme.name for theme in codebook.themes} | {
        entry.id: entry.name for facet in codebook.facets for entry in facet.themes
    }
    rows = [
        [
            row["column"], row["group"], _entry_name(row, labels, named),
            str(row["comments"]), percent(row["share"]), f"{100 * row['difference']:+.0f}\u00a0points",
            f"{100 * row['difference_low']:+.0f} to {100 * row['difference_high']:+.0f}", _chance(row["q_value"]),
        ]
        for row in differing.sort_values(["column", "q_value"]).to_dict("records")
    ]  # fmt: skip
    header = [("By", False), ("Group", False), ("What", False), ("Comments", True), ("Share", True),
              ("Against the rest", True), ("95 % interval", True), ("q", True)]  # fmt: skip
    return table("Groups that differ from the rest (q at most 0.05); all figures are in groups.csv.", header, rows)


def _entry_name(row: Mapping[Hashable, Any], labels: Mapping[str, str], named: Mapping[str, str]) -> str:
    return str((labels if row["facet"] == "topics" else named).get(row["entry"], row["entry"]))


def _article_table(quotations: pd.DataFrame, codebook: Codebook) -> str:
    rows = [
        [
            str(row["quotation"]), row["speaker"] or "a respondent", codebook.name_of(row["section"]),
            codebook.name_of(row["nearest"]), f"{row['fit']:.2f}", "yes" if row["lands"] else "no",
        ]
        for row in quotations.to_dict("records")
    ]  # fmt: skip
    header = [("Quotation", True), ("Speaker", False), ("Printed under", False), ("Nearest theme", False),
              ("Fit", True), ("Lands there", False)]  # fmt: skip
    return table("The article's quotations, matched like comments.", header, rows)


def _count(value: Any) -> str:
    return NOT_SHOWN if pd.isna(value) else str(value)


def _is_true(value: Any) -> bool:
    return not pd.isna(value) and bool(value)


def _chance(value: float) -> str:
    return "–" if pd.isna(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def _ends(row: Mapping[Hashable, Any] | pd.Series, low: str, high: str) -> str:
    return f"{percent(row[low])[:-2]}–{percent(row[high])}"


def _coarse_table(coarse: pd.DataFrame, topics: pd.DataFrame) -> str:
    rows = [
        [
            row["label"],
            "; ".join(topics.loc[topics["parent"] == row["topic_coarse"], "label"]),
            _count(row["size"]),
            percent(row["share"]),
        ]
        for row in coarse.to_dict("records")
    ]
    header = [("Group of topics", False), ("Its topics", False), ("Comments", True), ("Share", True)]
    return table("The coarse level: topics that lie near one another, taken together.", header, rows)


def _outlook_table(outlook: pd.DataFrame) -> str:
    rows = []
    first, *others = outlook["entry"].unique()
    shares = outlook.set_index(["group", "entry"])["share"].to_dict()
    for _, row in outlook[outlook["entry"] == first].iterrows():
        is_hidden = row["suppressed"] or pd.isna(row["share"])
        share = [NOT_SHOWN, ""] if is_hidden else [percent(row["share"]), _ends(row, "low", "high")]
        apart = [shares.get((row["group"], entry)) for entry in others]
        rows.append(
            [
                row["group"], _count(row["comments"]), *share, percent(row["published_share"]),
                *(NOT_SHOWN if pd.isna(one) else percent(one) for one in apart),
            ]
        )  # fmt: skip
    header = [
        ("Group", False),
        ("Comments", True),
        (f"Share {first}", True),
        ("95 % interval", True),
        ("Published", True),
        *((entry.capitalize(), True) for entry in others),
    ]
    return table(
        f"Share of comments whose outlook is {first}, as matched with the codebook's outlook facet.", header, rows
    )


_MEASURES = {
    "accuracy": "Accuracy", "macro_f1": "Macro-F1", "cohen_kappa": "Cohen's kappa",
    "krippendorff_alpha": "Krippendorff's alpha",
}  # fmt: skip
_MACHINE = (MACHINE_DIRECT, MACHINE_BY_TOPIC)


def _agreement_table(agreement: pd.DataFrame) -> str:
    """Show the comparisons that a reader asks for first: each coder with the machine, and coders with one another."""
    is_first = [
        row["comments"] in (CODED_WITH_THEME, CODED_WITH_OUTLOOK)
        if row["second"] in _MACHINE
        else row["comments"] in [by_both(row["first"], row["second"], what=what)
                                 for what in (CODED_WITH_THEME, CODED_WITH_OUTLOOK)]
        for row in agreement.to_dict("records")
    ]  # fmt: skip
    asked = agreement[np.array(is_first, dtype=bool) & agreement["measure"].isin(list(_MEASURES)).to_numpy()]
    measures = [name for name in _MEASURES if name in set(asked["measure"])]
    rows = []
    for (first, second, facet), found in asked.groupby(["first", "second", "facet"], sort=False):
        values = {row["measure"]: row for row in found.to_dict("records")}
        cells = [_with_interval(values[name]) if name in values else "" for name in measures]
        n = found["n"].iloc[0]
        rows.append([f"{first} and {second}", str(facet), "–" if pd.isna(n) else str(n), *cells])
    header = [("Compared", False), ("Facet", False), ("Comments", True)]
    header += [(_MEASURES[name], True) for name in measures]
    return table(
        "Agreement of machine with coders and of coders with one another, over comments that the coder, or both, gave "
        "a theme or an outlook, with 95 % intervals. agreement.csv has further measures, and all comments.",
        header, rows,
    )  # fmt: skip


def _with_interval(found: Mapping[Hashable, Any]) -> str:
    if pd.isna(found["value"]):
        return "–"
    interval = "" if pd.isna(found["low"]) else f" ({found['low']:.2f}–{found['high']:.2f})"
    return f"{found['value']:.2f}{interval}"
