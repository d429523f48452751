"""Which items of SRQR and COREQ a run answers, and which are left to the authors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.documents.checklist_items import ANSWERED, AUTHORS, COREQ, PARTLY, SRQR, STATES, Item
from pipeline.documents.references import Citations
from pipeline.documents.templating import templates

_Answers = Mapping[int, tuple[str, str]]


def render_checklist(context: Mapping[str, Any]) -> str:
    """Write the reporting checklist as Markdown.

    Parameters
    ----------
    context : mapping
        What `pipeline.documents.methods.render_methods` takes.

    Returns
    -------
    str
        A table for each standard with all its items: what it asks, whether this run answers it, and where or why
        not.
    """
    srqr, coreq = srqr_items(context), coreq_items(context)
    text = (
        templates(is_markdown=True)
        .get_template("checklist.md.j2")
        .render({**context, "cite": Citations(context["versions"]), "standards": [
            {"name": "SRQR", "key": "obrien2014", "items": srqr, "counts": _counts(srqr)},
            {"name": "COREQ", "key": "tong2007", "items": coreq, "counts": _counts(coreq)},
        ]})
    )  # fmt: skip
    return text.strip() + "\n"


def srqr_items(context: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the items of SRQR with their state in this run."""
    known = []
    if context["discover"]["stability"] is not None:
        over = "seeds" if context["discover"].get("stability_over_samples") is None else "seeds and samples"
        known.append(f"stability of topics over {over} (*Topics*, `topics.csv`)")
    if context["discover"]["topics"] and context["map"]["decoy_match_rate"] is not None:
        known.append("decoy codebooks and repeated decisions (*Comparison with the published themes*)")
    known.append("intervals of the shares of themes (*Shares, claims and groups*)")
    if context["agreement_by_pair"]:
        known.append("agreement with coders (*Agreement with coders*, `agreement.csv`)")
    first = "; ".join(known)
    trust = (ANSWERED if len(known) > 1 else PARTLY, f"{first[0].upper()}{first[1:]}.")
    answers = {15: trust}
    if context["shown"]["quotations"]:
        answers[17] = (
            PARTLY,
            "`quotations.csv` quotes comments by topic; which of them bear a finding is for the authors.",
        )
    if not context["question"]:
        answers[4] = (AUTHORS, "The codebook gives no question; a blank in *Data*.")
        answers[10] = (PARTLY, "*Data* says what came with each comment; question, dates and procedure are blanks.")
        answers[11] = (AUTHORS, "The codebook gives no question; a blank in *Data*.")
    return _with(SRQR, answers)


def coreq_items(context: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return the items of COREQ with their state in this run."""
    columns = context["settings"].input.columns
    answers: dict[int, tuple[str, str]] = {
        12: (PARTLY, "*Data* counts comments; how many people wrote them the file "
             + ("says, and the authors may add it." if columns.respondent else "does not say.")),
        24: _coders(len(columns.coders), is_measured=bool(context["agreement_by_pair"])),
        25: (PARTLY, "*Comparison with the published themes* names the themes; definitions and phrases are in the "
             "codebook, to be printed beside the paper."),
        30: _consistency(context),
        32: _minor(context),
    }  # fmt: skip
    if context["shown"]["quotations"]:
        answers[29] = (
            PARTLY,
            "`quotations.csv` gives each with its topic, and nothing that tells whose words they are.",
        )
    if not context["question"]:
        answers[17] = (AUTHORS, "The codebook gives no question; a blank in *Data*.")
    if columns.metadata:
        shown = " `groups.csv` has the groups." if context["shown"]["groups"] else ""
        answers[16] = (
            PARTLY,
            f"*Data* names what the file gives of each comment.{shown} Characteristics of all respondents are a blank.",
        )
    else:
        answers[16] = (AUTHORS, "The file gives nothing but the comments; a blank in *Data*.")
    return _with(COREQ, answers)


def _coders(count: int, *, is_measured: bool) -> tuple[str, str]:
    if not count:
        return ANSWERED, "None: no codes were given (*Agreement with coders*)."
    found = "their agreement is in *Agreement with coders*" if is_measured else "none of their codes was compared"
    return ANSWERED, f"{count} {'coder' if count == 1 else 'coders'} and the machine; {found}."


def _consistency(context: Mapping[str, Any]) -> tuple[str, str]:
    if context["agreement_by_pair"]:
        return PARTLY, "`agreement.csv` sets the mapping beside coders' codes; reading the comments is for the authors."
    return AUTHORS, "Without coders' codes only reading the comments can tell."


def _minor(context: Mapping[str, Any]) -> tuple[str, str]:
    if context["discover"]["topics"]:
        return PARTLY, (
            "*Topics* counts comments in no topic; `topics.csv` marks topics that no theme fits, `diagnosis.csv` "
            "themes that no topic shows. Single deviating comments are for the authors to read."
        )
    return PARTLY, "`prevalence.csv` has rare themes and comments without a theme; reading them is for the authors."


def _with(items: Sequence[Item], answers: _Answers) -> tuple[Item, ...]:
    return tuple(
        replace(item, state=answers[item.number][0], where=answers[item.number][1]) if item.number in answers else item
        for item in items
    )


def _counts(items: Sequence[Item]) -> list[tuple[str, int]]:
    return [(state, sum(item.state == state for item in items)) for state in STATES]
