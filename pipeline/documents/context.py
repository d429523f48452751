"""What the report, the methods text and the checklist say of a run, each number as it may be said in public."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.agreement import MACHINE_DIRECT, quoted_agreement
from pipeline.codebook.codebook import Codebook
from pipeline.config import RunConfig
from pipeline.contracts import UNMAPPED, Assessed, Cleaned, Embedded, Mapped, Received, TopicResult
from pipeline.disclosure.agreement import shown_learned
from pipeline.disclosure.counts import (
    ANALYSED,
    DISTINCT,
    DROPPED,
    EDGE,
    FOLDED,
    LONG,
    OUTSIDE,
    RECEIVED,
    SILENT,
)
from pipeline.disclosure.rules import Rules
from pipeline.disclosure.said import Said
from pipeline.disclosure.suppression import Key
from pipeline.documents.methods import Flow
from pipeline.tables.numbers import NOT_SHOWN, percent

_EMBEDDED = {
    "cleaned": "the cleaned text",
    "lemmas": "the lemmas",
    "both": "the mean of the vectors of the cleaned text and of its lemmas",
}


def document_context(
    *,
    received: Received,
    cleaned: Cleaned,
    embedded: Embedded,
    discovered: TopicResult,
    mapped: Mapped,
    assessed: Assessed,
    tables: Mapping[str, pd.DataFrame],
    codebook: Codebook,
    config: RunConfig,
    shown: Said,
    notice: str,
    provenance: Mapping[str, str],
    versions: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the templates of all documents are filled with.

    Parameters
    ----------
    received, cleaned, embedded, discovered, mapped, assessed
        Results of the stages; of their frames only the public tables are said.
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        The published account.
    config : RunConfig
        The settings.
    shown : Said
        The counts that a text may say.
    notice : str
        What every document must say; may be empty.
    provenance : mapping of str to str
        What the run was made from and on, as a reader is told.
    versions : mapping of str to str
        Versions of the program and its libraries.

    Returns
    -------
    dict
        flow (see `pipeline.documents.methods.Flow`), units (how many were embedded, as it may be said), the stages'
        summaries with their numbers as they may be said, and what the documents show besides.
    """
    rules = shown.rules
    found = _found(discovered, shown)
    matched = _matched(mapped.summary, shown)
    pairs = quoted_agreement(tables["agreement"])
    flow = _flow(cleaned.summary, shown)
    units = float(embedded.summary["units"])
    return {
        "title": config.report.title or codebook.question or codebook.title,
        "question": codebook.question,
        "notice": notice,
        "codebook": codebook,
        "settings": config,
        "seed": config.seed,
        "versions": versions,
        "provenance": provenance,
        "spacy_model": config.clean.spacy_model,
        "embedded_text": _EMBEDDED[config.embed.text],
        "flow": flow,
        "languages_analysed": cleaned.summary.get("languages_analysed", []),
        "review": _reviewed(mapped.summary.get("review"), rules),
        "units": f"{int(rules.rounded(np.array(units))):,}",
        "embed": embedded.summary,
        "discover": found,
        "map": matched,
        "landed": assessed.summary["article"],
        "agreement_by_pair": pairs,
        "coders": list(tables["coded"].drop_duplicates("coder")[["coder", "kind"]].itertuples(index=False, name=None)),
        "readings": assessed.summary["readings"],
        "outlook_reading": assessed.summary["readings"].get(config.assess.outlook_facet),
        "shown": {name: len(table) > 0 for name, table in tables.items()},
        "notes": [*found["notes"], *matched["notes"], *assessed.summary["notes"]],
        "ingest_notes": received.summary["notes"],
        "numbers": _numbers(flow, found, pairs),
        "quoted": _quoted(config, len(tables["quotations"])),
        "small_counts": _small_counts(rules),
    }


def _flow(summary: Mapping[str, Any], shown: Said) -> Flow:
    dropped = tuple((reason, shown.text(("set aside", reason))) for reason in summary["dropped"])
    said = [f"Counts are rounded to the nearest {shown.rules.round_to}."] if shown.rules.round_to > 1 else []
    totals = [shown.text(key) for key in (RECEIVED, ANALYSED, FOLDED, DISTINCT, DROPPED, SILENT, LONG)]
    redacted = None
    if "redacted" in summary:
        redacted = tuple((kind, shown.text(("redacted", kind))) for kind in summary["redacted"])
    if NOT_SHOWN in (*totals, *(number for _, number in (*dropped, *(redacted or ())))):
        said.append("Small counts are hidden.")
    received, analysed, folded, distinct, dropped_total, silent, long = totals
    return Flow(
        received, analysed, folded, distinct, dropped_total, silent, long, dropped, redacted, note=" ".join(said)
    )


def _found(discovered: TopicResult, shown: Said) -> dict[str, Any]:
    found = dict(discovered.summary)
    if shown.rules.exact:
        return found
    found["outlier_share"] = shown.share(OUTSIDE, ANALYSED)
    if len(discovered.topics):
        found["largest_share"] = shown.share(("topic", discovered.topics["topic"].iloc[0]), ANALYSED)
    if "low_membership_share" in found:
        found["low_membership_share"] = shown.share(EDGE, ("distinct in topics",))
    return found


def _matched(summary: Mapping[str, Any], shown: Said) -> dict[str, Any]:
    without: Key = ("matched", UNMAPPED)
    parts = {"comments_without_theme": without, "comments_with_theme": ("but", ANALYSED, without)}
    said = {name: shown.text(key) for name, key in parts.items()}
    if said["comments_without_theme"] == NOT_SHOWN:
        said["comments_with_theme"] = NOT_SHOWN
    return {**summary, **said, "learned": shown_learned(summary["learned"], shown.rules)}


def _reviewed(review: Mapping[str, Any] | None, rules: Rules) -> dict[str, Any] | None:
    """Return what a person changed of the topics, in numbers; None where nobody did."""
    if review is None:
        return None
    counts = dict(review["counts"])
    moved = float(counts["moved"])
    if not rules.exact and moved:
        hidden = bool(rules.is_small(np.array([moved]))[0])
        counts["moved"] = NOT_SHOWN if hidden else f"{int(rules.rounded(np.array(moved))):,}"
    return counts


def _numbers(flow: Flow, found: Mapping[str, Any], pairs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the numbers at the head of the report."""
    numbers = [
        ("Comments received", flow.received),
        ("Analysed", flow.analysed),
        ("Topics", str(found["topics"])),
        ("In no topic", percent(found["outlier_share"])),
    ]
    numbers += [
        (said, f"{found[name]:.2f}")
        for said, name in (("Stability over samples", "stability"), ("Repeatability over seeds", "repeatability"))
        if found[name] is not None
    ]
    with_machine = [pair for pair in pairs if pair["second"] == MACHINE_DIRECT]
    if with_machine and with_machine[0].get("macro_f1") is not None:
        numbers.append((f"Macro-F1 with {with_machine[0]['first']}", f"{with_machine[0]['macro_f1']:.2f}"))
    return [(name, said) for name, said in numbers if said != NOT_SHOWN]


def _quoted(config: RunConfig, count: int) -> str:
    """Say who chose the quotations."""
    if not config.quotations.review:
        return (
            "The program chose the quotations: they stand for their topics. Nobody has reviewed them: nobody wrote the "
            "illustrative comments in confidence."
        )
    return "The quotations are those that a reviewer has marked for publication." if count else "No comment is quoted."


def _small_counts(rules: Rules) -> str:
    if rules.exact:
        return f"Groups of fewer than {rules.smallest_group} comments go under one name. Other counts are exact."
    return (
        f"Small counts are hidden: those below {rules.suppress_below}, and others from which one could work them out. "
        f"Other counts are rounded to {rules.round_to}, and percentages follow from the rounded counts. Figures on "
        f"fewer than {rules.base_limit} comments are hidden."
    )
