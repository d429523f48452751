"""The comments beside the article, as readers see them: shares, claims, outlook and quotations."""

from __future__ import annotations

import pandas as pd

from pipeline.account.prevalence import IN_NO_TOPIC
from pipeline.codebook.codebook import Codebook
from pipeline.tables.numbers import MISSING, NOT_SHOWN, count, decimal, percent, percent_with_range, points_with_range
from pipeline.tables.record import Heading, Row, TableRecord, figures, is_set, record, record_of, rows_of, words

_DISAGREE = "†"


def prevalence_table(prevalence: pd.DataFrame, coded: pd.DataFrame, of: str) -> TableRecord:
    """Return the share of each theme by both methods and, where people coded, by their codes."""
    coders = coded["coder"].unique().tolist()
    by_code = {(row["coder"], row["theme"]): row for row in rows_of(coded)}
    rows = []
    for row in rows_of(prevalence):
        cells = [row["name"], count(row["published_rank"], hidden=MISSING)]
        for route in ("comments", "topics"):
            # A comment matched directly is in no topic or in one: that method has no such row.
            applies = route == "topics" or row["theme"] != IN_NO_TOPIC
            cells += [count(row[f"n_by_{route}"]), _share(row, f"share_by_{route}")] if applies else [MISSING] * 2
        difference = points_with_range(row["route_difference"], row["route_low"], row["route_high"])
        is_hidden = difference == MISSING and is_set(row.get("suppressed"))
        cells.append(NOT_SHOWN if is_hidden else difference + (_DISAGREE if is_set(row["routes_disagree"]) else ""))
        found = [by_code.get((coder, row["theme"])) for coder in coders]
        rows.append([*cells, *(MISSING if one is None else _share(one) for one in found)])
    headings = ["Place in the article", *(f"{method}, {what}" for method in ("Matched directly", "Through its topic")
                                          for what in ("comments", "share"))]  # fmt: skip
    headings += ["Difference, points", *(f"Coded by {coder}" for coder in coders)]
    notes = [
        "A comment can have several themes. The ranges are 95% intervals. They do not include the program’s own "
        "mistakes, which are larger.",
        f"Difference: through the topic minus matched directly. {_DISAGREE} The methods disagree: the gap is larger "
        f"than chance. {MISSING} Does not apply.",
        "Coded by a person: of the comments that they coded, with the theme as main or further code." if coders else "",
    ]
    columns = [Heading("Theme"), *(Heading(heading, True) for heading in headings)]
    return record("prevalence", f"How common each theme is, by two methods{of}.", columns, rows, notes)


def _share(row: Row, name: str = "share") -> str:
    """Return a share with its interval, whose ends are "low" and "high", or named after the share."""
    before = "" if name == "share" else f"{name}_"
    said = percent_with_range(row[name], row[f"{before}low"], row[f"{before}high"])
    return NOT_SHOWN if said == MISSING else said


def claims_table(claims: pd.DataFrame) -> TableRecord:
    """Return each claim, what was read into the article, and the verdict with its reason."""
    columns = [
        words("The article says", _said_by_article), words("What must hold", "claimed"),
        figures("Comments", count, "n"), words("These comments", "shown"),
        words("Verdict", "verdict"), words("Why", "reason"),
    ]  # fmt: skip
    notes = [
        "Each claim is decided by the rule that the codebook gives. Comments without a theme count too. The ranges do "
        "not include the program’s own mistakes, which are larger."
    ]
    return record_of("claims", "What the article claims, beside these comments.", rows_of(claims), columns, notes)


def _said_by_article(claim: Row) -> str:
    """Return what a claim says, with what was read into the article."""
    return f"{claim['statement']} ({claim['note'].rstrip('.')}.)" if claim["note"] else str(claim["statement"])


def outlook_table(outlook: pd.DataFrame) -> TableRecord:
    """Return the share of the first entry by group, with its interval, and the shares of the others."""
    first, *others = outlook["entry"].unique().tolist() or [""]
    shares = {(row["group"], row["entry"]): row["share"] for row in rows_of(outlook)}
    rows = []
    for row in rows_of(outlook[outlook["entry"] == first]):
        apart = [percent(shares.get((row["group"], entry))) for entry in others]
        rows.append(
            [row["group"], count(row["comments"]), NOT_SHOWN if is_set(row["suppressed"]) else _share(row),
             percent(row["published_share"]), *(NOT_SHOWN if one == MISSING else one for one in apart)]
        )  # fmt: skip
    headings = ["Comments", first.capitalize(), "In the article", *(entry.capitalize() for entry in others)]
    caption = f"How many comments are {first}, by group."
    notes = ["The ranges are 95% intervals. The outlook is that of the codebook’s phrases nearest to a comment."]
    return record("outlook", caption, [Heading("Group"), *(Heading(one, True) for one in headings)], rows, notes)


def article_table(quotations: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Return where the article’s own quotations land."""
    columns = [
        figures("Quotation", count, "quotation"), words("Speaker", lambda row: row["speaker"] or "a respondent"),
        words("Printed under", lambda row: codebook.name_of(row["section"])),
        words("Nearest theme", lambda row: codebook.name_of(row["nearest"])), figures("Fit", decimal, "fit"),
        words("Same theme", lambda row: "yes" if row["lands"] else "no"),
    ]  # fmt: skip
    return record_of("article", "The article’s quotations, matched like comments.", rows_of(quotations), columns)
