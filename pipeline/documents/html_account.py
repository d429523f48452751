"""The report's tables that set the comments beside the account: shares, claims, outlook and quotations."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from pipeline.account.prevalence import IN_NO_TOPIC
from pipeline.codebook.codebook import Codebook
from pipeline.documents.html_cells import count, ends, is_true, percent, table
from pipeline.tables.numbers import NOT_SHOWN


def routes_table(prevalence: pd.DataFrame, coded: pd.DataFrame) -> str:
    """Show the share of each theme by both routes and, where people coded, by their codes."""
    rows = []
    coders = coded["coder"].unique().tolist()
    by_code = {(row["coder"], row["theme"]): row for row in coded.to_dict("records")}
    for _, row in prevalence.iterrows():
        shown = [
            f"{percent(row[f'share_by_{route}'])} ({ends(row, f'share_by_{route}_low', f'share_by_{route}_high')})"
            if pd.notna(row[f"share_by_{route}"])
            # A comment matched directly is in no topic or in one: that route has no such row.
            else ("–" if route == "comments" and row["theme"] == IN_NO_TOPIC else NOT_SHOWN)
            for route in ("comments", "topics")
        ]
        rank = "" if pd.isna(row["published_rank"]) else str(row["published_rank"])
        disagree = "disagree" if is_true(row["routes_disagree"]) else ""
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
    return NOT_SHOWN if pd.isna(row["share"]) else f"{percent(row['share'])} ({ends(row, 'low', 'high')})"


def said_by_account(claim: Mapping[Hashable, Any]) -> str:
    """Return what a claim says, with what was read into the account."""
    return f"{claim['statement']} ({claim['note'].rstrip('.')}.)" if claim["note"] else str(claim["statement"])


def claims_table(claims: pd.DataFrame) -> str:
    """Show each claim, what was read into it, and the verdict with its reason."""
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


def outlook_table(outlook: pd.DataFrame) -> str:
    """Show the share of the first entry by group, with its interval, and the shares of the others."""
    rows = []
    first, *others = outlook["entry"].unique()
    shares = outlook.set_index(["group", "entry"])["share"].to_dict()
    for _, row in outlook[outlook["entry"] == first].iterrows():
        is_hidden = row["suppressed"] or pd.isna(row["share"])
        share = [NOT_SHOWN, ""] if is_hidden else [percent(row["share"]), ends(row, "low", "high")]
        apart = [shares.get((row["group"], entry)) for entry in others]
        rows.append(
            [
                row["group"], count(row["comments"]), *share, percent(row["published_share"]),
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


def article_table(quotations: pd.DataFrame, codebook: Codebook) -> str:
    """Show where the article's own quotations land."""
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
