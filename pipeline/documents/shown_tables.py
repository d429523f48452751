"""The tables of a run as readers see them, each built once from the public tables: for the report and for a paper."""

from __future__ import annotations

from collections.abc import Mapping
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
from pipeline.account.prevalence import IN_NO_TOPIC
from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.robustness import SETTLED
from pipeline.discovery.stability import DISSOLVED, STABLE
from pipeline.tables.csv_files import as_csv
from pipeline.tables.html import as_html
from pipeline.tables.latex import as_latex
from pipeline.tables.numbers import (
    MISSING,
    NOT_SHOWN,
    chance,
    count,
    counted,
    decimal,
    decimal_with_range,
    percent,
    percent_with_range,
    points_with_range,
)
from pipeline.tables.record import (
    Heading,
    Row,
    ShownColumn,
    TableRecord,
    figures,
    is_set,
    plain,
    record,
    record_of,
    words,
)
from pipeline.tables.word import as_word

MARK = "†"
DOUBTFUL = "‡"

_SHOWN_Q = 0.05
_PRINTED = ("topics", "crosswalk", "prevalence", "agreement", "agreement_partitions", "groups", "claims")
"""Tables that a paper may print; the report shows the others too."""
_MEASURES = {
    "accuracy": "Accuracy", "accuracy_either": "Accuracy, either code", "macro_f1": "Macro-F1",
    "cohen_kappa": "Cohen’s kappa", "krippendorff_alpha": "Krippendorff’s alpha",
    "krippendorff_alpha_masi": "Alpha (MASI)", "jaccard": "Jaccard", "ami": "AMI", "ari": "ARI",
    "v_measure": "V-measure",
}  # fmt: skip
_PARTITION_MEASURES = ("ami", "ari", "v_measure")
_FIRST_MEASURES = ("accuracy", "macro_f1", "cohen_kappa", "krippendorff_alpha")
_FOUND = {"resolved": "in one topic", "repeated": "in several topics", "missing": "in no topic"}

_SIZES = [figures("Comments", count, "size"), figures("Share", percent, "share")]
_STABILITY = figures("Stability", decimal, "stability")


def shown_tables(
    tables: Mapping[str, pd.DataFrame], codebook: Codebook, *, analysed: str = ""
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

    Returns
    -------
    dict of str to TableRecord
        topics, coarse_topics, candidates, crosswalk, diagnosis, prevalence, claims, outlook, groups, agreement (in
        full), agreement_first (what is asked first), agreement_partitions and article.
    """
    topics, agreement = tables["topics"], tables["agreement"]
    of = f" (of {analysed} comments)" if analysed[:1].isdigit() else ""
    is_partition = agreement["measure"].isin(_PARTITION_MEASURES)
    built = (
        _topics(topics, codebook, of),
        _coarse(tables["coarse_topics"], topics),
        _candidates(topics, codebook),
        _crosswalk(tables["crosswalk"], topics, codebook),
        _diagnosis(tables["diagnosis"], topics),
        _prevalence(tables["prevalence"], tables["coded"], of),
        _claims(tables["claims"]),
        _outlook(tables["outlook"]),
        _groups(tables["groups"], tables["group_tests"], topics, codebook),
        _agreement("agreement", "Agreement on codes.", agreement[~is_partition]),
        _agreement("agreement_first", "Agreement of the program with people, and of people.", _asked_first(agreement)),
        _agreement("agreement_partitions", "Agreement of topics with codes.", agreement[is_partition]),
        _article(tables["article"], codebook),
    )
    return {table.name: table for table in built}


def print_tables(shown: Mapping[str, TableRecord], codebook: Codebook, *, notice: str) -> dict[str, bytes]:
    """Return the tables of a paper, each in four forms.

    Parameters
    ----------
    shown : mapping of str to TableRecord
        From `shown_tables`.
    codebook : Codebook
        What the themes are from.
    notice : str
        What every table must say; may be empty.

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
            said = record(name, table.caption, table.headings, table.rows, [*table.notes, source, notice])
            files[f"{name}.csv"] = as_csv(said)
            files[f"{name}.tex"] = as_latex(said)
            files[f"{name}.docx"] = as_word(said)
            files[f"{name}.html"] = as_html(said).encode("ascii", "xmlcharrefreplace")
    return files


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _topics(topics: pd.DataFrame, codebook: Codebook, of: str) -> TableRecord:
    columns = [
        figures("Topic", count, "topic"), words("Label", "label"), words("Keywords", "keywords"), *_SIZES, _STABILITY,
        words("Theme", lambda row: _themes_of(row, codebook)), *_decision(),
    ]  # fmt: skip
    notes = [
        "Topics were found by the program. Stability: how far a topic comes back from other random starts and other "
        f"samples of comments. 1 is the same topic; {STABLE} and more is stable, less than {DISSOLVED} is not.",
        *_DECISION_NOTES,
    ]
    return record_of("topics", f"Topics, largest first{of}.", _rows(topics), columns, notes)


_DECISION_NOTES = (
    "Fit: how alike the words are to the nearest theme’s phrases, from −1 to 1. q: the smaller, the less likely is a "
    "fit like this by chance; it is corrected for the number of topics and themes.",
    f"Re-runs: how many of them decide alike. Under {percent(SETTLED)} the decision is doubtful. {MISSING} Not measured.",
)


def _decision() -> list[ShownColumn]:
    return [figures("Fit", decimal, "fit"), figures("q", chance, "q_value"), figures("Re-runs", _robustness)]


def _robustness(topic: Row) -> str:
    said = percent(topic["mapping_robustness"])
    return said if said == MISSING or is_set(topic["settled"]) else f"{said} (doubtful)"


def _themes_of(topic: Row, codebook: Codebook) -> str:
    if topic["theme"] == UNMAPPED:
        nearest = topic["nearest_theme"]
        return f"none (nearest: {codebook.name_of(nearest)})" if pd.notna(nearest) and nearest else "none"
    return " and ".join(codebook.name_of(theme) for theme in str(topic["themes"]).split("; "))


def _coarse(coarse: pd.DataFrame, topics: pd.DataFrame) -> TableRecord:
    def topics_in(row: Row) -> str:
        return "; ".join(topics.loc[topics["parent"] == row["topic_coarse"], "label"])

    columns = [words("Group of topics", "label"), words("Its topics", topics_in), *_SIZES]
    rows = _rows(coarse) if len(topics) else []
    return record_of("coarse_topics", "Topics that are near one another, taken together.", rows, columns)


def _candidates(topics: pd.DataFrame, codebook: Codebook) -> TableRecord:
    def nearest(row: Row) -> str:
        return codebook.name_of(row["nearest_theme"]) if row["nearest_theme"] else MISSING

    columns = [
        words("Topic", "label"), words("Keywords", "keywords"), *_SIZES, _STABILITY, words("Nearest theme", nearest),
        *_decision(),
    ]  # fmt: skip
    rows = _rows(topics[topics["theme"] == UNMAPPED])
    return record_of("candidates", "These topics match no published theme.", rows, columns, _DECISION_NOTES)


def _crosswalk(crosswalk: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook) -> TableRecord:
    fits = {(row["topic"], row["theme"]): row for row in _rows(crosswalk)}
    themes = [theme for theme in codebook.theme_ids if theme in set(crosswalk["theme"])]
    rows = [
        [count(row["topic"]), row["label"], count(row["size"]), *(_fit(fits.get((row["topic"], theme)), row)
                                                                   for theme in themes)]
        for row in _rows(topics[topics["topic"].isin(crosswalk["topic"])])
    ]  # fmt: skip
    headings = [Heading("Topic", True), Heading("Label"), Heading("Comments", True)]
    headings += [Heading(codebook.name_of(theme), True) for theme in themes]
    notes = [
        "Fit: how alike a topic’s comments are to a theme’s phrases, from −1 to 1.",
        f"{MARK} Matched: the theme fits better than chance. {DOUBTFUL} Doubtful: fewer than {percent(SETTLED)} of "
        f"re-runs decide alike. {MISSING} Not measured.",
    ]
    return record("crosswalk", "How well each theme fits each topic.", headings, rows, notes)


def _fit(found: Row | None, topic: Row) -> str:
    if found is None:
        return MISSING
    mark = (MARK if is_set(topic["settled"]) else MARK + DOUBTFUL) if is_set(found["matched"]) else ""
    return decimal(found["fit"]) + mark


def _diagnosis(diagnosis: pd.DataFrame, topics: pd.DataFrame) -> TableRecord:
    labels = {str(row["topic"]): str(row["label"]) for row in _rows(topics)}

    def found(row: Row) -> str:
        return f"{_FOUND[row['verdict']]}{'' if row['settled'] else ' (doubtful)'}"

    def matched(row: Row) -> str:
        return "; ".join(labels[topic] for topic in row["with"].split("; ") if topic)

    columns = [
        words("Theme", "name"), words("Found", found), words("Topics that match it", matched),
        figures("Comments in them", count, "comments"),
    ]  # fmt: skip
    rows = _rows(diagnosis[diagnosis["kind"] == "theme"])
    return record_of("diagnosis", "Each theme was found in one topic, in several, or in none.", rows, columns)


def _prevalence(prevalence: pd.DataFrame, coded: pd.DataFrame, of: str) -> TableRecord:
    coders = coded["coder"].unique().tolist()
    by_code = {(row["coder"], row["theme"]): row for row in _rows(coded)}
    rows = []
    for row in _rows(prevalence):
        cells = [row["name"], count(row["published_rank"], hidden=MISSING)]
        for route in ("comments", "topics"):
            # A comment matched directly is in no topic or in one: that method has no such row.
            applies = route == "topics" or row["theme"] != IN_NO_TOPIC
            cells += [count(row[f"n_by_{route}"]), _share(row, f"share_by_{route}")] if applies else [MISSING] * 2
        difference = points_with_range(row["route_difference"], row["route_low"], row["route_high"])
        is_hidden = difference == MISSING and is_set(row.get("suppressed"))
        cells.append(NOT_SHOWN if is_hidden else difference + (MARK if is_set(row["routes_disagree"]) else ""))
        found = [by_code.get((coder, row["theme"])) for coder in coders]
        rows.append([*cells, *(MISSING if one is None else _share(one) for one in found)])
    headings = ["Place in the article", *(f"{method}, {what}" for method in ("Matched directly", "Through its topic")
                                          for what in ("comments", "share"))]  # fmt: skip
    headings += ["Difference, points", *(f"Coded by {coder}" for coder in coders)]
    notes = [
        "A comment can have several themes. The ranges are 95% intervals. They do not include the program’s own "
        "mistakes, which are larger.",
        f"Difference: through the topic minus matched directly. {MARK} The methods disagree: the gap is larger than "
        f"chance. {MISSING} Does not apply.",
        "Coded by a person: of the comments that they coded, with the theme as main or further code." if coders else "",
    ]
    columns = [Heading("Theme"), *(Heading(heading, True) for heading in headings)]
    return record("prevalence", f"How common each theme is, by two methods{of}.", columns, rows, notes)


def _share(row: Row, name: str = "share") -> str:
    """Return a share with its interval, whose ends are "low" and "high", or named after the share."""
    before = "" if name == "share" else f"{name}_"
    said = percent_with_range(row[name], row[f"{before}low"], row[f"{before}high"])
    return NOT_SHOWN if said == MISSING else said


def _claims(claims: pd.DataFrame) -> TableRecord:
    columns = [
        words("The article says", _said_by_article), words("What must hold", "claimed"), figures("Comments", count, "n"),
        words("These comments", "shown"), words("Verdict", "verdict"), words("Why", "reason"),
    ]  # fmt: skip
    notes = [
        "Each claim is decided by the rule that the codebook gives. Comments without a theme count too. The ranges do "
        "not include the program’s own mistakes, which are larger."
    ]
    return record_of("claims", "What the article claims, beside these comments.", _rows(claims), columns, notes)


def _said_by_article(claim: Row) -> str:
    """Return what a claim says, with what was read into the article."""
    return f"{claim['statement']} ({claim['note'].rstrip('.')}.)" if claim["note"] else str(claim["statement"])


def _outlook(outlook: pd.DataFrame) -> TableRecord:
    """Show the share of the first entry by group, with its interval, and the shares of the others."""
    first, *others = outlook["entry"].unique().tolist() or [""]
    shares = {(row["group"], row["entry"]): row["share"] for row in _rows(outlook)}
    rows = []
    for row in _rows(outlook[outlook["entry"] == first]):
        apart = [percent(shares.get((row["group"], entry))) for entry in others]
        rows.append(
            [row["group"], count(row["comments"]), NOT_SHOWN if is_set(row["suppressed"]) else _share(row),
             percent(row["published_share"]), *(NOT_SHOWN if one == MISSING else one for one in apart)]
        )  # fmt: skip
    headings = ["Comments", first.capitalize(), "In the article", *(entry.capitalize() for entry in others)]
    caption = f"How many comments are {first}, by group."
    notes = ["The ranges are 95% intervals. The outlook is that of the codebook’s phrases nearest to a comment."]
    return record("outlook", caption, [Heading("Group"), *(Heading(one, True) for one in headings)], rows, notes)


def _groups(groups: pd.DataFrame, tests: pd.DataFrame, topics: pd.DataFrame, codebook: Codebook) -> TableRecord:
    """Show what differs after the correction for many tests, and which groups are hidden."""
    tested = groups["q_value"].notna()
    differing = groups[tested & (groups["q_value"].fillna(1.0) <= _SHOWN_Q)]
    is_hidden = groups["suppressed"].groupby([groups["column"], groups["group"]]).transform("all")
    hidden = groups[is_hidden.to_numpy(dtype=bool)].drop_duplicates(["column", "group"])
    rows = _rows(differing.sort_values(["column", "q_value"], kind="stable"))
    if rows:
        rows += _rows(hidden.assign(entry=None))
    labels = {str(row["topic"]): f"topic “{row['label']}”" for row in _rows(topics)}
    columns = [
        words("By", "column"), words("Group", "group"),
        words("Theme, topic or entry", lambda row: _entry_name(row, labels, codebook)),
        figures("Comments", count, "comments"), figures("With it", count, "count"),
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
    named = codebook.themes if facet is None else facet.themes
    return next((one.name for one in named if one.id == entry), entry)


def _whole_tests(tests: pd.DataFrame) -> str:
    made = _rows(tests[tests["q_value"].notna()])
    said = "; ".join(f"{row['column']} and {row['facet']} ({row['method']}) {chance(row['q_value'])}" for row in made)
    return f"q of each column as a whole: {said}." if said else ""


def _agreement(name: str, caption: str, agreement: pd.DataFrame) -> TableRecord:
    measures = [measure for measure in _MEASURES if measure in set(agreement["measure"])]
    rows = []
    for key, of_pair in agreement.groupby(["first", "second", "facet", "comments", "n"], sort=False, dropna=False):
        values = {row["measure"]: row for row in _rows(of_pair)}
        first, second, facet, comments, n = key
        # A measure of all coders together has no second.
        pair = [coder for coder in (plain(first), plain(second)) if coder not in ("", MISSING)]
        found = [values.get(measure) for measure in measures]
        rows.append(
            [" and ".join(pair), facet, comments, count(n, hidden=MISSING),
             *(MISSING if one is None else decimal_with_range(one["value"], one["low"], one["high"]) for one in found)]
        )  # fmt: skip
    headings = [Heading("Compared"), Heading("What"), Heading("Which comments"), Heading("Comments", True)]
    headings += [Heading(_MEASURES[measure], True) for measure in measures]
    notes = [
        f"The ranges are 95% intervals. {MISSING} Not measured. 1 is full agreement; 0 is what chance gives for kappa, "
        "alpha, AMI and ARI."
    ]
    return record(name, caption, headings, rows, notes)


def _asked_first(agreement: pd.DataFrame) -> pd.DataFrame:
    """Return the comparisons that a reader asks for first: each coder with the program, and coders with one another."""
    coded = (CODED_WITH_THEME, CODED_WITH_OUTLOOK)

    def is_first(row: Row) -> bool:
        one, other = row["first"], row["second"]
        by_machine = other in (MACHINE_DIRECT, MACHINE_BY_TOPIC)
        return row["comments"] in (coded if by_machine else [by_both(one, other, what=what) for what in coded])

    chosen = [is_first(row) and row["measure"] in _FIRST_MEASURES for row in _rows(agreement)]
    return agreement[np.array(chosen, dtype=bool)]


def _article(quotations: pd.DataFrame, codebook: Codebook) -> TableRecord:
    columns = [
        figures("Quotation", count, "quotation"), words("Speaker", lambda row: row["speaker"] or "a respondent"),
        words("Printed under", lambda row: codebook.name_of(row["section"])),
        words("Nearest theme", lambda row: codebook.name_of(row["nearest"])), figures("Fit", decimal, "fit"),
        words("Same theme", lambda row: "yes" if row["lands"] else "no"),
    ]  # fmt: skip
    return record_of("article", "The article’s quotations, matched like comments.", _rows(quotations), columns)
