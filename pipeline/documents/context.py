"""What the report, the methods text and the checklist say of a run, each number as it may be said in public."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from pipeline.account.agreement import CODED_WITH_THEME, MACHINE_DIRECT, by_both
from pipeline.codebook.codebook import Codebook
from pipeline.config import RunConfig
from pipeline.contracts import Assessed, Cleaned, Embedded, Mapped, Received, TopicResult
from pipeline.disclosure.agreement import shown_figures, shown_learned
from pipeline.disclosure.flow import ShownFlow, shown_flow, shown_note
from pipeline.disclosure.numbers import NOT_SHOWN, shown_count, shown_largest, shown_parts, shown_share
from pipeline.disclosure.rounding import Rules
from pipeline.documents.methods import Flow
from pipeline.tables.numbers import percent

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
    rules: Rules | None,
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
    rules : Rules or None
        What is small; None leaves every number exact.
    notice : str
        What every document must say; may be empty.
    provenance : mapping of str to str
        What the run was made from and on, as a reader is told.
    versions : mapping of str to str
        Versions of the program and its libraries.

    Returns
    -------
    dict
        flow (see `pipeline.documents.methods.Flow`), counted (turns a count that stands by itself into what may be
        said), the stages' summaries with their numbers as they may be said, and what the documents show besides.
    """
    counts = shown_flow(cleaned.summary, rules)
    analysed = int(cleaned.summary["analysed"])
    found = _found(discovered, tables["topics"], counts, analysed, cleaned.summary["distinct"], rules)
    matched = _matched(mapped.summary, counts, rules)
    pairs = _pairs(assessed.summary.get("agreement_by_pair", []), tables["agreement"], rules)
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
        "flow": _flow(counts),
        "counted": partial(shown_count, rules=rules),
        "embed": embedded.summary,
        "discover": found,
        "map": matched,
        "landed": assessed.summary["article"],
        "agreement_by_pair": pairs,
        "shown": {name: len(table) > 0 for name, table in tables.items()},
        "notes": [*found["notes"], *matched["notes"]],
        "ingest_notes": received.summary["notes"],
        "numbers": _numbers(counts, found, pairs),
        "quoted": _quoted(config, len(tables["quotations"])),
        "small_counts": _small_counts(config, rules),
    }


def _flow(counts: ShownFlow) -> Flow:
    return Flow(
        received=str(counts.received), analysed=str(counts.analysed), folded=str(counts.folded),
        distinct=str(counts.distinct), dropped_total=str(counts.dropped_total),
        dropped=tuple((reason, str(count)) for reason, count in counts.dropped.items()), note=counts.note,
    )  # fmt: skip


def _found(
    discovered: TopicResult, topics: pd.DataFrame, counts: ShownFlow, analysed: int, distinct: int, rules: Rules | None
) -> dict[str, Any]:
    found = dict(discovered.summary)
    in_topics = round(distinct * (1 - found["outlier_share"]))
    found["largest_share"] = shown_largest(topics, found["largest_share"], analysed, rules)
    found["outlier_share"] = shown_share(found["outlier_share"], analysed, rules)
    if "low_membership_share" in found:
        found["low_membership_share"] = shown_share(found["low_membership_share"], in_topics, rules)
    found["notes"] = [shown_note(note, counts) for note in found["notes"]]
    return found


def _matched(summary: Mapping[str, Any], counts: ShownFlow, rules: Rules | None) -> dict[str, Any]:
    parts = {name: int(summary[name]) for name in ("comments_with_theme", "comments_without_theme")}
    learned = shown_learned(summary["learned"], rules)
    notes = [shown_note(note, counts) for note in summary["notes"]]
    return {**summary, **shown_parts(parts, rules), "learned": learned, "notes": notes}


def _pairs(by_pair: list[dict[str, Any]], agreement: pd.DataFrame, rules: Rules | None) -> list[dict[str, Any]]:
    shown = []
    for pair in by_pair:
        first, second = pair["first"], pair["second"]
        compared = CODED_WITH_THEME if second == MACHINE_DIRECT else by_both(first, second)
        shown.append(shown_figures(pair, agreement, rules, first=first, second=second, comments=compared))
    return [pair for pair in shown if pair is not None]


def _numbers(counts: ShownFlow, found: Mapping[str, Any], pairs: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the numbers at the head of the report."""
    numbers = [
        ("Comments received", str(counts.received)),
        ("Analysed", str(counts.analysed)),
        ("Topics", str(found["topics"])),
        ("In no topic", percent(found["outlier_share"])),
    ]
    if found["stability"] is not None:
        numbers.append(("Stability over seeds", f"{found['stability']:.2f}"))
    if found.get("stability_over_samples") is not None:
        numbers.append(("Stability over samples", f"{found['stability_over_samples']:.2f}"))
    with_machine = [pair for pair in pairs if pair["second"] == MACHINE_DIRECT]
    if with_machine and with_machine[0].get("macro_f1") is not None:
        numbers.append((f"Macro-F1 with {with_machine[0]['first']}", f"{with_machine[0]['macro_f1']:.2f}"))
    return [(name, said) for name, said in numbers if said != NOT_SHOWN]


def _quoted(config: RunConfig, count: int) -> str:
    """Say who chose the quotations."""
    if not config.quotations.review:
        return (
            "Comments that stand for their topics, chosen by the program. Nobody has reviewed them: review is turned "
            "off for the illustrative comments, which nobody wrote in confidence."
        )
    return "Quotations that a reviewer has marked for publication." if count else "No comment is quoted."


def _small_counts(config: RunConfig, rules: Rules | None) -> str:
    if rules is None or rules.idle:
        return (
            f"Groups of fewer than {config.assess.smallest_group} comments are not shown; other counts are exact, "
            "however small."
        )
    return (
        f"Counts of fewer than {rules.suppress_below} comments are not shown, nor what would give them away; the "
        f"others are rounded to {rules.round_to}, and percentages follow from the rounded counts. Figures on fewer "
        f"than {rules.base_limit} comments are left out."
    )
