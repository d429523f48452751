"""Write a paper's results section from the public folder of a run, every number of it from a public table.

Run it from the project's folder, after ``make run``, as ``python docs/generate_example_results.py outputs/default``.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from pipeline import load_run
from pipeline.account.agreement import quoted_agreement
from pipeline.account.readings import CODED, CORRECTED, reading_of
from pipeline.crosswalk.by_person import matches_none
from pipeline.documents.certainty import certainty
from pipeline.documents.claim_rows import claim_rows
from pipeline.documents.finding import finding
from pipeline.documents.group_lines import group_lines
from pipeline.documents.shown_tables import shown_tables
from pipeline.results import Run
from pipeline.tables.markdown import as_markdown
from pipeline.tables.numbers import count, counted, decimal, percent
from pipeline.tables.record import rows_of

PAGE = Path(__file__).parent / "example-results.md"
_FIGURES = ("theme_shares", "flow", "crosswalk", "claims")
_GROUPS = 3
_OPENING = """\
# A results section
What follows was put together by `python docs/generate_example_results.py outputs/default` from the public folder of the
default run. No number was typed. It is an example of what a paper could say; its data are made up.
"""


def results_section(run: Run) -> str:
    """Return the section in Markdown."""
    tables, codebook = run.public_tables, run.codebook
    agreements = certainty(tables, quoted_agreement(tables["agreement"])).agreements
    parts = [
        _OPENING,
        *([f"> {run.notice}"] if run.notice else []),
        "## Comments\n",
        _comments(tables["flow"]),
        "## Themes\n",
        finding(tables, codebook)[1],
        as_markdown(shown_tables(tables, codebook)["prevalence"]),
        "## Topics\n",
        _topics(tables),
        "## Claims of the article\n",
        *(f"- {claim.statement} *{claim.verdict.capitalize()}.* {claim.shown}" for claim in claim_rows(tables)),
        "## Groups\n",
        _groups(tables, run),
        "## Agreement\n",
        *(f"- {said}" for said in agreements or ["Nobody coded."]),
        "## Captions of figures\n",
        *(f"- `figures/{name}.pdf`. {_caption(run, name)}" for name in _FIGURES if name in run.figure_names),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part).replace("\n\n- ", "\n- ") + "\n"


def _caption(run: Run, name: str) -> str:
    caption = run.folder / "public" / "figures" / f"{name}.caption.txt"
    return caption.read_text(encoding="utf-8").strip().removesuffix(run.notice).strip()


def _comments(flow: pd.DataFrame) -> str:
    steps = flow.set_index("step")
    received, analysed = (count(steps.loc[step, "comments"]) for step in ("received", "analysed"))
    aside = [
        f"{row['reason']} ({count(row['comments'], hidden='number hidden')})"
        for row in rows_of(flow[flow["step"] == "set aside"])
    ]
    themed, in_topics = steps.loc["with a theme"], steps.loc["in a topic"]
    said = f"{received} comments were received and {analysed} analysed."
    said += f" Set aside: {', '.join(aside)}." if aside else ""
    said += f" {percent(in_topics['share'])} of the comments analysed are in a topic."
    return f"{said} {percent(themed['share'])} have a theme ({themed['reading']})."


def _topics(tables: dict[str, pd.DataFrame]) -> str:
    topics, diagnosis = tables["topics"], tables["diagnosis"]
    if not len(topics):
        return "No topics were found."
    verdicts = diagnosis.loc[diagnosis["kind"] == "theme", "verdict"].value_counts()
    new = topics[matches_none(topics)]
    matched = int((topics["status"] == "matched").sum())
    said = f"{counted(len(topics), 'topic')} were found; {matched} match a theme and {len(new)} match none."
    found = {"resolved": "in one topic", "repeated": "in several topics", "missing": "in no topic"}
    themes = "; ".join(f"{found[name]}: {number}" for name, number in verdicts.items() if name in found)
    named = ", ".join(f"“{row['label']}” ({percent(row['share'])})" for row in rows_of(new.head(3)))
    measured = topics["stability"].dropna()
    stable = f" The median stability is {decimal(measured.median())}." if len(measured) else ""
    return f"{said} Themes found {themes}.{f' The largest without a theme are {named}.' if named else ''}{stable}"


def _groups(tables: dict[str, pd.DataFrame], run: Run) -> str:
    kind, _ = reading_of(tables["prevalence"])
    if kind not in (CODED, CORRECTED):
        return "A reading that nobody has checked compares no groups."
    lines = group_lines(tables["groups"], run.codebook)[:_GROUPS]
    if not lines:
        return "No group differs clearly from the rest."
    return "\n".join(
        f"- {line.group} ({line.column}), {line.entry}: {line.share}; {line.difference} points from the rest."
        for line in lines
    )


if __name__ == "__main__":
    PAGE.write_text(results_section(load_run(sys.argv[1])), encoding="utf-8", newline="\n")
