"""Tables for a paper, from the public tables: as CSV, LaTeX, Word and HTML, rounded as a journal prints them."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.documents.html_account import said_by_account
from pipeline.formats.spreadsheet import safe_cell
from pipeline.tables.html import as_html
from pipeline.tables.latex import as_latex
from pipeline.tables.print_layout import (
    MARK,
    MISSING,
    SUPPRESSED,
    UNSETTLED,
    Heading,
    PrintTable,
    chance,
    count,
    decimal,
    holds,
    percent,
    plain,
    print_table,
    with_interval,
)
from pipeline.tables.word import as_word

_SHOWN_Q = 0.05
_MEASURES = {
    "accuracy": "Accuracy", "accuracy_either": "Accuracy, either code", "macro_f1": "Macro-F1",
    "cohen_kappa": "Cohen’s kappa", "krippendorff_alpha": "Krippendorff’s alpha",
    "krippendorff_alpha_masi": "Alpha (MASI)", "jaccard": "Jaccard",
}  # fmt: skip
_PARTITION_MEASURES = {"ami": "AMI", "ari": "ARI", "v_measure": "V-measure"}

_Row = Mapping[Hashable, Any]


def print_tables(tables: Mapping[str, pd.DataFrame], codebook: Codebook, *, notice: str) -> dict[str, bytes]:
    """Return the tables of a paper, each in four forms.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables, as `pipeline.disclosure.public_tables.public_tables` returns them: topics, crosswalk,
        prevalence, agreement, groups, group_tests and claims; others are not looked at.
    codebook : Codebook
        For names, and for what the themes are called after.
    notice : str
        What every table must say; may be empty.

    Returns
    -------
    dict of str to bytes
        For topics, crosswalk, prevalence, agreement, agreement_partitions, groups and claims, the name with .csv,
        .tex, .docx and .html. A table without rows has no files; groups has none where no group differs. Shares are
        whole per cent, fits, stability and agreement have two decimals, q-values three. A missing number is "–",
        one of a suppressed row "suppressed". The same tables give the same bytes.
    """
    files: dict[str, bytes] = {}
    for table in _all_tables(tables, codebook):
        if not table.rows:
            continue
        said = print_table(table.name, table.caption, table.headings, table.rows, [*table.notes, notice])
        files[f"{table.name}.csv"] = _as_csv(table, notice)
        files[f"{table.name}.tex"] = as_latex(said)
        files[f"{table.name}.docx"] = as_word(said)
        files[f"{table.name}.html"] = as_html(said)
    return files


def _as_csv(table: PrintTable, notice: str) -> bytes:
    """Return a table as CSV that a spreadsheet opens as text, the notice in a column of its own."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    said = [plain(notice)] if notice else []
    heads = [heading.text for heading in table.headings] + (["notice"] if notice else [])
    for cells in (heads, *([*row, *said] for row in table.rows)):
        writer.writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue().encode("utf-8-sig")


def _all_tables(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> Iterator[PrintTable]:
    topics, agreement = tables["topics"], tables["agreement"]
    analysed = _analysed(tables["prevalence"])
    yield _topics(topics, codebook, analysed)
    yield _crosswalk(tables["crosswalk"], topics, codebook, analysed)
    yield _prevalence(tables["prevalence"], codebook, analysed)
    yield _agreement(agreement, "agreement", "Agreement on codes, by pairs of coders and machine.", _MEASURES)
    yield _agreement(
        agreement, "agreement_partitions", "Agreement of topics with codes, as partitions.", _PARTITION_MEASURES
    )
    yield _groups(tables["groups"], tables["group_tests"], topics, codebook)
    yield _claims(tables["claims"], codebook)


def _analysed(prevalence: pd.DataFrame) -> str:
    """Say how many comments were analysed: a count over its share, the largest being the least rounded."""
    bases = [
        (row[f"n_by_{route}"], row[f"n_by_{route}"] / row[f"share_by_{route}"])
        for row in prevalence.to_dict("records")
        for route in ("topics", "comments")
        if pd.notna(row[f"n_by_{route}"]) and pd.notna(row[f"share_by_{route}"]) and row[f"share_by_{route}"] > 0
    ]
    return f" (n = {round(max(bases)[1])} comments)" if bases else ""


def _numbers(row: _Row, *cells: str) -> list[str]:
    """Return cells of numbers; where the row is suppressed, what is missing was taken out."""
    if not holds(row.get("suppressed", False)):
        return list(cells)
    return [SUPPRESSED if cell == MISSING else cell for cell in cells]


def _themes_after(codebook: Codebook) -> str:
    cited = f" ({codebook.source.citation})" if codebook.source else ""
    return f"Themes: codebook “{codebook.title}”, version {codebook.version}{cited}."


def _topics(topics: pd.DataFrame, codebook: Codebook, analysed: str) -> PrintTable:
    rows = [
        [
            count(row["topic"]), plain(row["label"]), plain(row["keywords"]),
            *_numbers(row, count(row["size"]), percent(row["share"]), decimal(row["stability"])),
            _themes_of(row, codebook),
            *_numbers(row, decimal(row["fit"]), chance(row["q_value"]), _repeated(row)),
        ]
        for row in topics.to_dict("records")
    ]  # fmt: skip
    headings = [
        Heading("Topic", True), Heading("Label"), Heading("Keywords"), Heading("Comments", True), Heading("%", True),
        Heading("Stability", True), Heading("Theme"), Heading("Fit", True), Heading("q", True),
        Heading("Repeated, %", True),
    ]  # fmt: skip
    notes = [
        "Topics were found by machine. %: share of the comments analysed. Stability: Jaccard overlap with the topics "
        "of other seeds or of samples of the comments, the lower of the two (stable from "
        f"{STABLE}, dissolved below {DISSOLVED}). Fit (mean cosine similarity) and q (corrected for the false "
        "discovery rate over all topics and themes): of the nearest theme. Repeated: share of replicates that decide "
        "alike.",
        f"{UNSETTLED} Unsettled: repeated too seldom to rely on. {MISSING} Not measured.",
        _themes_after(codebook),
    ]
    return print_table("topics", f"Topics found, largest first{analysed}.", headings, rows, notes)


def _themes_of(topic: _Row, codebook: Codebook) -> str:
    if topic["theme"] == UNMAPPED:
        nearest = topic["nearest_theme"]
        return "none" if pd.isna(nearest) else f"none (nearest: {codebook.name_of(nearest)})"
    return " and ".join(codebook.name_of(theme) for theme in str(topic["themes"]).split("; "))


def _repeated(topic: _Row) -> str:
    robustness = percent(topic["mapping_robustness"])
    return robustness if robustness == MISSING or holds(topic["settled"]) else f"{robustness}{UNSETTLED}"


def _crosswalk(crosswalk: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook, analysed: str) -> PrintTable:
    fits = {(row["topic"], row["theme"]): row for row in crosswalk.to_dict("records")}
    themes = [theme for theme in codebook.theme_ids if theme in set(crosswalk["theme"])]
    measured = topics[topics["topic"].isin(crosswalk["topic"])].to_dict("records")
    rows = [
        [
            count(row["topic"]), plain(row["label"]), *_numbers(row, count(row["size"])),
            *(_fit(fits.get((row["topic"], theme)), row) for theme in themes),
        ]
        for row in measured
    ]  # fmt: skip
    headings = [Heading("Topic", True), Heading("Label"), Heading("Comments", True)]
    headings += [Heading(codebook.name_of(theme), True) for theme in themes]
    notes = [
        f"Fit: mean cosine similarity of a topic’s comments to a theme’s phrases (−1 to 1). {MARK} Matched: the theme "
        f"fits better than chance allows after correction for the false discovery rate. {UNSETTLED} Unsettled: "
        f"repeated too seldom to rely on. {MISSING} Not measured.",
        _themes_after(codebook),
    ]
    return print_table("crosswalk", f"Fit of each topic to each theme{analysed}.", headings, rows, notes)


def _fit(found: _Row | None, topic: _Row) -> str:
    if found is None:
        return MISSING
    mark = (MARK if holds(topic["settled"]) else MARK + UNSETTLED) if holds(found["matched"]) else ""
    return decimal(found["fit"]) + mark


def _share(row: _Row, value: str, low: str, high: str) -> str:
    return with_interval(percent(row[value]), percent(row[low]), percent(row[high]))


def _prevalence(prevalence: pd.DataFrame, codebook: Codebook, analysed: str) -> PrintTable:
    rows = []
    for row in prevalence.to_dict("records"):
        by_comments, by_topics = (
            _share(row, f"share_by_{route}", f"share_by_{route}_low", f"share_by_{route}_high")
            for route in ("comments", "topics")
        )
        difference = _share(row, "route_difference", "route_low", "route_high")
        difference += MARK if holds(row["routes_disagree"]) else ""
        counts = count(row["n_by_comments"]), count(row["n_by_topics"])
        numbers = _numbers(row, counts[0], by_comments, counts[1], by_topics, difference)
        rows.append([plain(row["name"]), count(row["published_rank"]), *numbers])
    headings = [
        Heading("Theme"), Heading("Place in the account", True), Heading("Matched directly, n", True),
        Heading("Matched directly, %", True), Heading("Through the topic, n", True),
        Heading("Through the topic, %", True), Heading("Difference, points", True),
    ]  # fmt: skip
    notes = [
        "Shares of the comments analysed, with 95 % intervals in brackets. A comment can carry several themes, so "
        "that shares can add up to more than 100 %. Difference: through the topic less matched directly, in "
        "percentage points, over the same comments.",
        f"{MARK} The interval of the difference leaves out zero. {MISSING} Does not apply.",
        _themes_after(codebook),
    ]
    return print_table("prevalence", f"How common the themes are, by two routes{analysed}.", headings, rows, notes)


def _agreement(agreement: pd.DataFrame, name: str, caption: str, written: Mapping[str, str]) -> PrintTable:
    found = agreement[agreement["measure"].isin(list(written))]
    measures = [measure for measure in written if measure in set(found["measure"])]
    rows = []
    for key, of_pair in found.groupby(["first", "second", "facet", "comments", "n"], sort=False, dropna=False):
        values = {row["measure"]: row for row in of_pair.to_dict("records")}
        first, second, facet, comments, n = key
        # A measure of all coders together has no second.
        pair = [coder for coder in (plain(first), plain(second)) if coder not in ("", MISSING)]
        cells = [_measured(values[measure]) if measure in values else MISSING for measure in measures]
        rows.append([" and ".join(pair), plain(facet), plain(comments), count(n), *cells])
    headings = [Heading("Compared"), Heading("Facet"), Heading("Comments"), Heading("n", True)]
    headings += [Heading(written[measure], True) for measure in measures]
    notes = [
        f"95 % intervals in brackets; n: comments compared. {MISSING} Not measured.",
        "1 is full agreement; 0 is what chance gives for kappa, alpha, AMI and ARI.",
    ]
    return print_table(name, caption, headings, rows, notes)


def _measured(row: _Row) -> str:
    return with_interval(decimal(row["value"]), decimal(row["low"]), decimal(row["high"]))


def _groups(groups: pd.DataFrame, tests: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook) -> PrintTable:
    """Show what differs after the correction for many tests, and which groups are too small to show."""
    tested = groups["q_value"].notna()
    differing = groups[tested & (groups["q_value"].fillna(1.0) <= _SHOWN_Q)]
    is_hidden = groups["suppressed"].groupby([groups["column"], groups["group"]]).transform("all")
    hidden = groups[is_hidden.to_numpy(dtype=bool)].drop_duplicates(["column", "group"])
    kept = differing.sort_values(["column", "q_value"], kind="stable").to_dict("records")
    if kept:
        kept += hidden.assign(entry=None).to_dict("records")
    labels = {str(row["topic"]): f"topic “{row['label']}”" for row in topics.to_dict("records")}
    rows = [
        [
            plain(row["column"]), plain(row["group"]), _entry_name(row, labels, codebook),
            *_numbers(row, count(row["comments"]), count(row["count"]), _share(row, "share", "low", "high"),
                      _share(row, "difference", "difference_low", "difference_high"), chance(row["q_value"])),
        ]
        for row in kept
    ]  # fmt: skip
    headings = [
        Heading("By"), Heading("Group"), Heading("Theme, topic or entry"), Heading("Comments", True),
        Heading("With it", True), Heading("%", True), Heading("Difference, points", True), Heading("q", True),
    ]  # fmt: skip
    notes = [
        f"Of {int(tested.sum())} comparisons shown in groups.csv of the public folder, {len(differing)} have q at most "
        f"{_SHOWN_Q} and stand here. q: Fisher’s exact test of a group against the rest, corrected for the false "
        "discovery rate over the comparisons shown. 95 % intervals in brackets. "
        "Difference: the group less the rest, in percentage points.",
        f"“{SUPPRESSED}”: groups not shown, since they are small or would tell of small ones ({len(hidden)})."
        if len(hidden)
        else "",
        _whole_tests(tests),
    ]
    return print_table("groups", "Groups that differ from the rest.", headings, rows, notes)


def _entry_name(row: _Row, labels: Mapping[str, str], codebook: Codebook) -> str:
    if pd.isna(row["entry"]):
        return "all"
    entry = str(row["entry"])
    if row["facet"] == "topics":
        return plain(labels.get(entry, f"topic {entry}"))
    facet = codebook.facet(str(row["facet"]))
    named = codebook.themes if facet is None else facet.themes
    return plain(next((one.name for one in named if one.id == entry), entry))


def _whole_tests(tests: pd.DataFrame) -> str:
    made = tests[tests["q_value"].notna()].to_dict("records")
    said = "; ".join(f"{row['column']} and {row['facet']} ({row['method']}) {chance(row['q_value'])}" for row in made)
    return f"q of each column as a whole: {said}." if said else ""


def _claims(claims: pd.DataFrame, codebook: Codebook) -> PrintTable:
    rows = [
        [
            plain(said_by_account(row)), plain(row["claimed"]), *_numbers(row, count(row["n"])), plain(row["shown"]),
            plain(row["verdict"]), plain(row["reason"]),
        ]
        for row in claims.to_dict("records")
    ]  # fmt: skip
    headings = [
        Heading("The account"), Heading("Claim"), Heading("n", True), Heading("These data"), Heading("Verdict"),
        Heading("Why"),
    ]  # fmt: skip
    notes = [
        "Each claim is decided by the rule that the codebook states for it. n: comments it was checked on; those of "
        "the group where it is about a group. Comments without any theme count among them; each is matched with the "
        "themes directly, not through its topic. Intervals allow for who happened to answer, not for comments that "
        "were matched wrongly.",
        _themes_after(codebook),
    ]
    return print_table("claims", "Claims of the account beside these data.", headings, rows, notes)
