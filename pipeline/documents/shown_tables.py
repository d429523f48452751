"""The tables of a run as readers see them, each built once from the public tables: for the report and for a paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial

import pandas as pd

from pipeline.account.agreement import (
    ALL_AND_MACHINE,
    ALL_CODED,
    CODED_BY_BOTH,
    CODED_WITH_OUTLOOK,
    CODED_WITH_THEME,
    MACHINE_BY_TOPIC,
    MACHINE_DIRECT,
    TOPICS,
)
from pipeline.account.readings import reading_of
from pipeline.codebook.codebook import Codebook
from pipeline.documents.article_tables import (
    article_table,
    audit_table,
    claims_table,
    outlook_table,
    pairs_table,
    prevalence_table,
)
from pipeline.documents.earlier import Made, made_anew
from pipeline.documents.group_lines import column_said
from pipeline.documents.paper_tables import (
    codebook_table,
    joint_display_table,
    quotations_table,
    who_answered_table,
)
from pipeline.documents.topic_tables import (
    candidates_table,
    coarse_table,
    crosswalk_table,
    diagnosis_table,
    topics_table,
)  # fmt: skip
from pipeline.tables.csv_files import as_csv
from pipeline.tables.html import as_html
from pipeline.tables.latex import as_latex
from pipeline.tables.numbers import (
    MISSING,
    NOT_SHOWN,
    chance,
    count,
    counted,
    decimal_with_range,
    percent_with_range,
    points_with_range,
)
from pipeline.tables.record import (
    Heading,
    Row,
    TableRecord,
    figures,
    is_set,
    plain,
    record,
    record_of,
    rows_of,
    words,
)
from pipeline.tables.word import as_word

_SHOWN_Q = 0.05
_PRINTED = (
    "who_answered", "codebook", "joint_display", "quotations", "topics", "crosswalk", "prevalence", "agreement",
    "agreement_in_full", "agreement_partitions", "groups", "claims",
)  # fmt: skip
"""Tables that a paper may print; the report shows the others too."""
_MEASURES = {
    "accuracy": "Same code", "accuracy_either": "Same code, main or further", "cohen_kappa": "Cohen’s kappa",
    "krippendorff_alpha": "Krippendorff’s alpha", "macro_f1": "Macro-F1",
    "krippendorff_alpha_masi": "Alpha of all codes (MASI)", "jaccard": "Shared codes (Jaccard)", "ami": "AMI",
    "ari": "ARI", "v_measure": "V-measure",
}  # fmt: skip
_MEANINGS = {
    "accuracy": "Same code: of the comments compared, the share that both give the same main code.",
    "cohen_kappa": "Kappa and alpha: agreement beyond chance. 1 is full agreement, 0 is what chance gives.",
    "macro_f1": "Macro-F1: how well the second finds the codes of the first, averaged over codes; 1 is best.",
    "jaccard": "Shared codes: of all codes that the two give a comment, the share that both give.",
    "ami": "AMI, ARI and V-measure: how far topics group comments as codes do. 1 is alike; of AMI and ARI 0 is chance.",
}
"""What measures say, under the first of those that a sentence is about."""
_SHARES = ("accuracy", "accuracy_either")
"""Measures that are shares of comments."""
_READERS = {
    MACHINE_DIRECT: "the program, comment by comment", MACHINE_BY_TOPIC: "the program, by topic",
    ALL_AND_MACHINE: "all coders and the program", TOPICS: "the topics",
}  # fmt: skip
_PARTITION_MEASURES = ("ami", "ari", "v_measure")
_FIRST_MEASURES = ("accuracy", "cohen_kappa", "krippendorff_alpha", "macro_f1")


def shown_tables(
    tables: Mapping[str, pd.DataFrame], codebook: Codebook, *, analysed: str = "", printable: Codebook | None = None
) -> dict[str, TableRecord]:
    """Return the tables as readers see them, by name; some may have no rows.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables, as `pipeline.tables.published.read_public` returns them.
    codebook : Codebook
        For names.
    analysed : str
        How many comments were analysed, as it may be said; "" where it is not said.
    printable : Codebook or None
        The codebook without phrases that a comment holds; None shows no phrases.

    Returns
    -------
    dict of str to TableRecord
        who_answered, codebook, joint_display, quotations, topics, coarse_topics, candidates, crosswalk, diagnosis,
        prevalence, claims, claim_pairs, audit, outlook, groups, agreement (what is asked first), agreement_in_full,
        agreement_partitions and article.
    """
    topics, agreement = tables["topics"], tables["agreement"]
    of = f" (of {analysed} comments)" if analysed[:1].isdigit() else ""
    is_partition = agreement["measure"].isin(_PARTITION_MEASURES)
    built = (
        who_answered_table(tables["groups"], analysed),
        codebook_table(codebook, printable),
        joint_display_table(tables["joint_display"]),
        quotations_table(tables["quotations"], codebook),
        topics_table(topics, codebook, of),
        coarse_table(tables["coarse_topics"], topics),
        candidates_table(topics, codebook),
        crosswalk_table(tables["crosswalk"], topics, codebook),
        diagnosis_table(tables["diagnosis"], topics),
        prevalence_table(tables["prevalence"], tables["coded"], of),
        claims_table(tables["claims"]),
        pairs_table(tables["claim_pairs"], tables["claims"], codebook),
        audit_table(tables["audit"], tables["claims"], reading_of(tables["prevalence"])[1]),
        outlook_table(tables["outlook"]),
        _groups(tables["groups"], tables["group_tests"], topics, codebook),
        _agreement("agreement", "How far coders and the program agree.", _asked_first(agreement)),
        _agreement(
            "agreement_in_full", "How far coders and the program agree, by every measure.", agreement[~is_partition]
        ),
        _agreement("agreement_partitions", "How far topics group comments as codes do.", agreement[is_partition]),
        article_table(tables["article"], codebook),
    )
    return {table.name: table for table in built}


def print_tables(
    shown: Mapping[str, TableRecord], codebook: Codebook, *, notice: str, made: Made = made_anew
) -> dict[str, bytes]:
    """Return the tables of a paper, each in four forms.

    Parameters
    ----------
    shown : mapping of str to TableRecord
        From `shown_tables`.
    codebook : Codebook
        What the themes are from.
    notice : str
        What every table must say; may be empty.
    made : callable
        Returns a Word document by its name; see `pipeline.documents.earlier.Made`.

    Returns
    -------
    dict of str to bytes
        The name with .csv, .tex, .docx and .html. A table without rows has no files. The same tables give the same
        bytes.
    """
    cited = f" ({codebook.source.citation})" if codebook.source else ""
    source = f"Themes: codebook “{codebook.title}”, version {codebook.version}{cited}."
    files: dict[str, bytes] = {}
    for name in _PRINTED:
        table = shown[name]
        if table.rows:
            said = replace(table, notes=tuple(plain(note) for note in (*table.notes, source, notice) if note))
            files[f"{name}.csv"] = as_csv(said)
            files[f"{name}.tex"] = as_latex(said)
            files[f"{name}.docx"] = made(f"{name}.docx", asdict(said), partial(as_word, said))
            files[f"{name}.html"] = as_html(said).encode("ascii", "xmlcharrefreplace")
    return files


def _groups(groups: pd.DataFrame, tests: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Show what differs after the correction for many tests, and which groups are hidden."""
    tested = groups["q_value"].notna()
    differing = groups[tested & (groups["q_value"].fillna(1.0) <= _SHOWN_Q)]
    is_hidden = groups["suppressed"].groupby([groups["column"], groups["group"]]).transform("all")
    hidden = groups[is_hidden.to_numpy(dtype=bool)].drop_duplicates(["column", "group"])
    rows = rows_of(differing.sort_values(["column", "q_value"], kind="stable"))
    if rows:
        rows += rows_of(hidden.assign(entry=None))
    labels = {str(row["topic"]): f"topic “{row['label']}”" for row in rows_of(topics)}
    columns = [
        words("By", lambda row: column_said(row["column"])), words("Group", "group"),
        words("What they say", lambda row: _entry_name(row, labels, codebook)),
        words("Rests on", "reading"), figures("Comments", count, "comments"), figures("Say it", count, "count"),
        figures("Share", percent_with_range, "share", "low", "high"),
        figures("Difference, points", points_with_range, "difference", "difference_low", "difference_high"),
        figures("q", chance, "q_value"),
    ]  # fmt: skip
    notes = [
        f"Of {counted(int(tested.sum()), 'comparison')} in groups.csv, {len(differing)} differ (q at most {_SHOWN_Q}). "
        "q: Fisher’s exact test of a group against the rest, corrected for the number of comparisons.",
        "The ranges are 95% intervals. Difference: the group minus the rest.",
        _whole_tests(tests),
    ]
    return record_of("groups", "Groups that differ from the rest.", rows, columns, notes)


def _entry_name(row: Row, labels: Mapping[str, str], codebook: Codebook) -> str:
    if pd.isna(row["entry"]):
        return "all"
    entry = str(row["entry"])
    if row["facet"] == "topics":
        return labels.get(entry, f"topic {entry}")
    facet = codebook.facet(str(row["facet"]))
    if facet is None:
        return next((one.name for one in codebook.themes if one.id == entry), entry)
    return f"{facet.name}: {next((one.name for one in facet.themes if one.id == entry), entry)}"


def _whole_tests(tests: pd.DataFrame) -> str:
    made = rows_of(tests[tests["q_value"].notna()])
    said = "; ".join(
        f"{column_said(row['column'])} and {row['facet']} ({row['method']}) {chance(row['q_value'])}" for row in made
    )
    return f"q of each column as a whole: {said}." if said else ""


def _agreement(name: str, caption: str, agreement: pd.DataFrame) -> TableRecord:
    measures = [measure for measure in _MEASURES if measure in set(agreement["measure"])]
    # Of a comparison some measures may be hidden with their number: it is one row all the same.
    pairs = agreement.groupby(["first", "second", "facet", "comments"], sort=False, dropna=False)
    agreement = agreement.assign(n=pairs["n"].transform("max"))
    rows = []
    for key, of_pair in agreement.groupby(["first", "second", "facet", "comments", "n"], sort=False, dropna=False):
        values = {row["measure"]: row for row in rows_of(of_pair)}
        first, second, facet, comments, n = key
        # A measure of all coders together has no second.
        pair = [_READERS.get(coder, coder) for coder in (plain(first), plain(second)) if coder not in ("", MISSING)]
        cells = [_measured(values[measure]) if measure in values else MISSING for measure in measures]
        about = "main theme" if facet == "themes" else facet
        rows.append([" and ".join(pair), about, _compared(plain(comments)), count(n), *cells])
    headings = [
        Heading("Who is compared"),
        Heading("On what"),
        Heading("Which comments"),
        Heading("Comments (n)", True),
    ]
    headings += [Heading(_MEASURES[measure], True) for measure in measures]
    notes = [said for measure, said in _MEANINGS.items() if measure in measures]
    if any(CODED_WITH_THEME in plain(comments) for comments in agreement["comments"]):
        notes.append("Of comments with a theme, the program had to choose one theme, whatever its fit.")
    notes.append(f"The ranges are 95% intervals. {MISSING} Not measured.")
    return record(name, caption, headings, rows, notes)


def _compared(comments: str) -> str:
    """Say which comments were compared."""
    return comments.replace(CODED_WITH_THEME, "with a theme")


def _measured(row: Row) -> str:
    as_written = percent_with_range if row["measure"] in _SHARES else decimal_with_range
    said = as_written(row["value"], row["low"], row["high"])
    return NOT_SHOWN if said == MISSING and is_set(row.get("suppressed")) else said


def _asked_first(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons that a reader asks for first: each coder with the program, and coders with one another."""
    is_first = agreement["comments"].isin((ALL_CODED, CODED_BY_BOTH, CODED_WITH_OUTLOOK))
    return agreement[is_first & agreement["measure"].isin(_FIRST_MEASURES)]
