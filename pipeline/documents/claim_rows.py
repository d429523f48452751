"""What the article claims beside these comments, claim by claim, as the report has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.tables.numbers import NOT_SHOWN, count, counted
from pipeline.tables.record import Row, is_set, plain, rows_of

_VERDICT_MARKS = {"supported": "yes", "not supported": "no"}
_SAID = {"no number": "no number to check"}
_AUDIT_SAID = {"go on": "undecided"}
"""Verdicts that say too little beside a claim."""


@dataclass(frozen=True)
class ClaimRow:
    """A claim with its verdict.

    Attributes
    ----------
    id : str
        The claim's, in the codebook.
    anchor : str
        Its place in the page.
    statement, note : str
        What the article says, and what was read into it; the note may be "".
    claimed, shown, verdict, reason : str
        What must hold, what these comments show, the verdict and why.
    reading : str
        What the numbers rest on.
    mark : str
        "yes", "no" or "open": which way the verdict goes.
    audit : str
        What the audit says of it so far, in a sentence; "" where it is not audited.
    """

    id: str
    anchor: str
    statement: str
    note: str
    claimed: str
    shown: str
    verdict: str
    reason: str
    reading: str
    mark: str
    audit: str


def claim_rows(tables: Mapping[str, pd.DataFrame]) -> list[ClaimRow]:
    """Return the claims in the codebook's order.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables claims and audit.
    """
    audits = {row["claim"]: row for row in rows_of(tables["audit"])}
    return [
        ClaimRow(
            id=str(row["claim"]), anchor=f"claim-{number}", statement=plain(row["statement"]),
            note="" if pd.isna(row["note"]) else plain(row["note"]), claimed=plain(row["claimed"]),
            shown=plain(row["shown"]), verdict=_SAID.get(row["verdict"], plain(row["verdict"])),
            reason=plain(row["reason"]), reading=plain(row["reading"]), mark=_VERDICT_MARKS.get(row["verdict"], "open"),
            audit=_audited(audits[row["claim"]]) if row["claim"] in audits else "",
        )
        for number, row in enumerate(rows_of(tables["claims"]), start=1)
    ]  # fmt: skip


def _audited(audit: Row) -> str:
    """Say what the audit found, after how many coded comments, and how many more it needs."""
    if is_set(audit["suppressed"]):
        return f"Audit: {NOT_SHOWN}."
    said = f"Audit: {_AUDIT_SAID.get(audit['verdict'], audit['verdict'])}"
    if pd.notna(audit["after"]):
        return f"{said} after {counted(int(audit['after']), 'coded comment')}."
    coded = f"{said}; {counted(int(audit['coded']), 'comment')} coded so far" if pd.notna(audit["coded"]) else said
    return f"{coded}, about {count(audit['more'])} more needed." if pd.notna(audit["more"]) else f"{coded}."
