"""The comments beside the article, as readers see them: shares, claims, outlook and quotations."""

from __future__ import annotations

import pandas as pd

from pipeline.account.estimates import FEWEST_IN_GROUP
from pipeline.account.prevalence import IN_NO_TOPIC
from pipeline.account.readings import CORRECTED, UNCHECKED, reading_of
from pipeline.codebook.codebook import Codebook
from pipeline.tables.numbers import MISSING, NOT_SHOWN, count, decimal, percent, percent_with_range, points_with_range
from pipeline.tables.record import Heading, Row, TableRecord, figures, is_set, record, record_of, rows_of, words


def prevalence_table(prevalence: pd.DataFrame, coded: pd.DataFrame, of: str) -> TableRecord:
    """Return the share of each theme, and beside it each coder's and the machine's readings."""
    kind, by = reading_of(prevalence)
    coders = coded.drop_duplicates("coder")[["coder", "kind"]].itertuples(index=False, name=None)
    of_coder = [(coder, " (a model)" * (made == "model"), coded[coded["coder"] == coder]) for coder, made in coders]
    rows = []
    for row in rows_of(prevalence):
        cells = [row["name"], count(row["published_rank"], hidden=MISSING)]
        # A comment matched directly is in no topic or in one: that method has no such row.
        applies = row["theme"] != IN_NO_TOPIC
        if kind != UNCHECKED:
            cells.append(_share(row) if applies else MISSING)
        for _, _, codes in of_coder:
            found = rows_of(codes[codes["theme"] == row["theme"]])
            cells.append(_share(found[0]) if found else MISSING)
        cells.append(_or_not_shown(percent(row["share_by_comments"])) if applies else MISSING)
        cells.append(_or_not_shown(percent(row["share_by_topics"])))
        rows.append(cells)
    headings = ["Place in the article", *([kind.capitalize()] * (kind != UNCHECKED))]
    headings += [f"By {coder}{made}" for coder, made, _ in of_coder]
    headings += ["Machine, by comment", "Machine, by topic"]
    notes = [
        "A comment can have several themes. Shares are of all comments, also those without a theme.",
        _how_coded(kind, by, prevalence) if kind != UNCHECKED else "",
        "A coder’s column is of the comments that the coder coded." if kind == CORRECTED and of_coder else "",
        "The machine’s readings have no interval: nobody knows how often they err. "
        "The two columns show how far they differ.",
        f"{MISSING} Does not apply.",
    ]
    columns = [Heading("Theme"), *(Heading(heading, True) for heading in headings)]
    return record("prevalence", f"How common each theme is{of}: {kind}.", columns, rows, notes)


def _how_coded(kind: str, by: str, prevalence: pd.DataFrame) -> str:
    coded = prevalence["coded"].dropna()
    of = f", who coded {count(coded.max())} comments drawn at random" if kind == CORRECTED and len(coded) else ""
    return f"{kind.capitalize()} by {by}{of}. The ranges are 95% intervals."


def _share(row: Row) -> str:
    return _or_not_shown(percent_with_range(row["share"], row["low"], row["high"]))


def _or_not_shown(said: str) -> str:
    return NOT_SHOWN if said == MISSING else said


def claims_table(claims: pd.DataFrame) -> TableRecord:
    """Return each claim, what was read into the article, and the verdict with its reason."""
    columns = [
        words("The article says", _said_by_article), words("What must hold", "claimed"),
        figures("Comments", count, "n"), words("Rests on", "reading"), words("These comments", "shown"),
        words("Verdict", "verdict"), words("Why", "reason"),
    ]  # fmt: skip
    notes = [
        "Each claim is decided by the rule that the codebook gives, on what was coded. Comments without a theme "
        "count too. A machine’s reading that nobody has checked decides nothing."
    ]
    return record_of("claims", "What the article claims, beside these comments.", rows_of(claims), columns, notes)


def pairs_table(pairs: pd.DataFrame, claims: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Return each pair of entries of the orders that the article gives."""
    facet_of = dict(zip(claims["claim"], claims["facet"], strict=True))

    def name_of(row: Row, end: str) -> str:
        facet = codebook.facet(facet_of[row["claim"]])
        named = codebook.themes if facet is None else facet.themes
        return next((one.name for one in named if one.id == row[end]), str(row[end]))

    columns = [
        words("First in the article", lambda row: name_of(row, "earlier")),
        words("Then", lambda row: name_of(row, "later")),
        figures("Difference, points", points_with_range, "difference", "low", "high"), words("Verdict", "verdict"),
    ]  # fmt: skip
    notes = ["Difference: the first minus the second. The ranges are 95% intervals."]
    return record_of("claim_pairs", "The article’s order, pair by pair.", rows_of(pairs), columns, notes)


def audit_table(audit: pd.DataFrame, claims: pd.DataFrame, by: str) -> TableRecord:
    """Return what the audit says of each claim, and after how many coded comments."""
    statements = dict(zip(claims["claim"], claims["statement"], strict=True))
    columns = [
        words("The article says", lambda row: statements[row["claim"]]),
        words("Audit", lambda row: NOT_SHOWN if is_set(row["suppressed"]) else row["verdict"]),
        figures("Comments coded", count, "coded"),
        figures("Decided after", lambda after: count(after, hidden=MISSING), "after"),
        figures("About how many more", lambda more: count(more, hidden=MISSING), "more"),
    ]  # fmt: skip
    if not audit["more"].notna().any():
        columns.pop()
    notes = [
        "At most 1 audit in 20 says anything false of any claim, whenever coding stops. It speaks of these comments "
        "alone, not of people who did not answer, and is stricter than the verdicts above.",
        f"{MISSING} Not decided.",
    ]
    return record_of("audit", f"The audit of the claims{f', by what {by} coded' * bool(by)}.", rows_of(audit), columns,
                     notes)  # fmt: skip


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
             percent(row["published_share"]), *map(_or_not_shown, apart)]
        )  # fmt: skip
    headings = ["Comments", first.capitalize(), "In the article", *(entry.capitalize() for entry in others)]
    kind = str(outlook["reading"].iloc[0]) if len(outlook) else UNCHECKED
    caption = f"How many comments are {first}, by group: {kind}."
    notes = ["The ranges are 95% intervals."]
    if kind == CORRECTED:
        notes.append(f"A group of which fewer than {FEWEST_IN_GROUP} comments were coded has no share.")
    if kind == UNCHECKED:
        notes = ["The outlook is that of the codebook’s phrases nearest to a comment. Nobody has checked it."]
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
