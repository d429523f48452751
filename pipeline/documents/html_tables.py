"""The tables of the report, as HTML made from the public tables."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.agreement import (
    CODED_WITH_OUTLOOK,
    CODED_WITH_THEME,
    MACHINE_BY_TOPIC,
    MACHINE_DIRECT,
    by_both,
)  # fmt: skip
from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.documents.html_account import article_table, claims_table, outlook_table, routes_table
from pipeline.documents.html_cells import chance, count, percent, table

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
        "routes": routes_table(tables["prevalence"], tables["coded"]),
        "claims": claims_table(tables["claims"]) if len(tables["claims"]) else "",
        "candidates": _candidates_table(topics, codebook) if (topics["status"] == UNMAPPED).any() else "",
        "outlook": outlook_table(tables["outlook"]) if len(tables["outlook"]) else "",
        "groups": _groups_table(tables["groups"], topics, codebook) if len(tables["groups"]) else "",
        "agreement": _agreement_table(tables["agreement"]) if len(tables["agreement"]) else "",
        "article": article_table(tables["article"], codebook) if len(tables["article"]) else "",
    }


def _topics_table(topics: pd.DataFrame, codebook: Codebook) -> str:
    rows = [
        [
            str(row["topic"]), row["label"], row["keywords"], count(row["size"]), percent(row["share"]),
            "–" if pd.isna(row["stability"]) else f"{row['stability']:.2f}", _themes_of(row, codebook),
            f"{row['fit']:.2f}", chance(row["q_value"]), _robustness(row),
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
            row["label"], row["keywords"], count(row["size"]), percent(row["share"]),
            "–" if pd.isna(row["stability"]) else f"{row['stability']:.2f}",
            codebook.name_of(row["nearest_theme"]) if row["nearest_theme"] else "–", f"{row['fit']:.2f}",
            chance(row["q_value"]), _robustness(row),
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
            "; ".join(labels[topic] for topic in row["with"].split("; ") if topic), count(row["comments"]),
        ]
        for row in diagnosis[diagnosis["kind"] == "theme"].to_dict("records")
    ]  # fmt: skip
    header = [("Theme", False), ("Found", False), ("Topics matched with it", False), ("Comments in them", True)]
    return table("Themes: resolved by one topic, repeated in several, or missing.", header, rows)


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
            f"{100 * row['difference_low']:+.0f} to {100 * row['difference_high']:+.0f}", chance(row["q_value"]),
        ]
        for row in differing.sort_values(["column", "q_value"]).to_dict("records")
    ]  # fmt: skip
    header = [("By", False), ("Group", False), ("What", False), ("Comments", True), ("Share", True),
              ("Against the rest", True), ("95 % interval", True), ("q", True)]  # fmt: skip
    return table("Groups that differ from the rest (q at most 0.05); all figures are in groups.csv.", header, rows)


def _entry_name(row: Mapping[Hashable, Any], labels: Mapping[str, str], named: Mapping[str, str]) -> str:
    return str((labels if row["facet"] == "topics" else named).get(row["entry"], row["entry"]))


def _coarse_table(coarse: pd.DataFrame, topics: pd.DataFrame) -> str:
    rows = [
        [
            row["label"],
            "; ".join(topics.loc[topics["parent"] == row["topic_coarse"], "label"]),
            count(row["size"]),
            percent(row["share"]),
        ]
        for row in coarse.to_dict("records")
    ]
    header = [("Group of topics", False), ("Its topics", False), ("Comments", True), ("Share", True)]
    return table("The coarse level: topics that lie near one another, taken together.", header, rows)


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
