"""The HTML report and the methods text, filled from the public tables and the stages' summaries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.codebook import Codebook

if TYPE_CHECKING:
    from jinja2 import Environment


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pipeline.presentation"),
        # Markdown is read as it stands; HTML is escaped.
        autoescape=lambda name: bool(name) and ".html" in str(name),  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=False,
    )
    environment.globals["percent"] = percent
    return environment


def percent(share: float) -> str:
    """Return a share as a whole percentage; "–" where it is missing."""
    return "–" if pd.isna(share) else f"{100 * share:.0f}\u00a0%"


def render_methods(context: Mapping[str, Any]) -> str:
    """Return the methods text as Markdown."""
    return _environment().get_template("methods.md.j2").render(context) + "\n"


def render_report(context: Mapping[str, Any], *, svgs: Mapping[str, bytes], alternatives: Mapping[str, str],
                  tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> str:  # fmt: skip
    """Return the report as one HTML page that needs nothing else.

    Parameters
    ----------
    context : mapping
        What both documents share.
    svgs, alternatives : mapping
        For each figure, its SVG and what it shows in words.
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For names.
    """
    from markupsafe import Markup

    figures = {
        # An SVG made here, whose texts matplotlib has escaped.
        name: {"svg": Markup(_inline(svg, alternatives[name], name)), "alternative": alternatives[name]}  # noqa: S704
        for name, svg in svgs.items()
    }
    topics = tables["topics"]
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            {
                **context,
                "figures": figures,
                "finding": finding(topics, tables["prevalence"], codebook),
                "unmapped": topics.loc[topics["status"] == "unmapped", "label"].tolist(),
                "topics": Markup(_topics_table(topics, codebook)),  # noqa: S704 - cells are escaped
                "coarse": Markup(_coarse_table(tables["coarse_topics"], topics)) if len(topics) else "",  # noqa: S704
                "outlook": Markup(_outlook_table(tables["outlook"])) if len(tables["outlook"]) else "",  # noqa: S704
                "agreement": Markup(_agreement_table(tables["agreement"])) if len(tables["agreement"]) else "",  # noqa: S704
            }
        )
    )


def finding(topics: pd.DataFrame, prevalence: pd.DataFrame, codebook: Codebook) -> str:
    """Return the comparison in a sentence or two."""
    themes = prevalence[prevalence["theme"].isin(codebook.theme_ids)]
    ordered = themes.sort_values("share_by_comments", ascending=False)
    parts = [f"{row['name']} ({percent(row['share_by_comments'])})" for _, row in ordered.iterrows()]
    said = f"By the share of comments, the themes come in the order {', '.join(parts)}."
    if not len(topics):
        return said
    matched = topics[topics["status"] == "matched"]
    missing = [codebook.name_of(theme) for theme in codebook.theme_ids if theme not in set(matched["theme"])]
    first = f"{len(matched)} of the {len(topics)} topics found match one of the {len(themes)} published themes"
    first += f"; {len(topics) - len(matched)} match none" if len(matched) < len(topics) else ""
    first += f"; no topic matches {' or '.join(missing)}" if missing else "; every theme has at least one topic"
    return f"{first}. {said}"


def _inline(svg: bytes, alternative: str, name: str) -> str:
    """Return an SVG for a page: no XML prologue, a name for those who cannot see it, ids of its own."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    # Two inlined drawings must not share ids: the second would take the first's shapes.
    text = re.sub(r'(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alternative, quote=True)}"', 1)


def _table(caption: str, header: list[tuple[str, bool]], rows: list[list[str]]) -> str:
    """Return an HTML table; the header says which columns hold numbers."""
    marks = ['class="number"' if is_number else "" for _, is_number in header]
    head = "".join(f'<th scope="col" {mark}>{escape(name)}</th>' for (name, _), mark in zip(header, marks, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td {mark}>{escape(cell)}</td>" for cell, mark in zip(row, marks, strict=True)) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _topics_table(topics: pd.DataFrame, codebook: Codebook) -> str:
    rows = [
        [
            str(row["topic"]), row["label"], row["keywords"], str(row["size"]), percent(row["share"]),
            "–" if pd.isna(row["stability"]) else f"{row['stability']:.2f}",
            "no theme fits" if row["theme"] == UNMAPPED else codebook.name_of(row["theme"]), f"{row['fit']:.2f}",
        ]
        for _, row in topics.iterrows()
    ]  # fmt: skip
    header = [("Topic", True), ("Label", False), ("Keywords", False), ("Comments", True), ("Share", True),
              ("Stability", True), ("Theme", False), ("Fit", True)]  # fmt: skip
    return _table("Topics, largest first. Stability: how reliably a topic comes back (1 is always).", header, rows)


def _coarse_table(coarse: pd.DataFrame, topics: pd.DataFrame) -> str:
    rows = [
        [
            row["label"],
            "; ".join(topics.loc[topics["parent"] == row["topic_coarse"], "label"]),
            str(row["size"]),
            percent(row["share"]),
        ]
        for row in coarse.to_dict("records")
    ]
    header = [("Group of topics", False), ("Its topics", False), ("Comments", True), ("Share", True)]
    return _table("The coarse level: topics that lie near one another, taken together.", header, rows)


def _interval(row: pd.Series) -> str:
    return f"{percent(row['low'])[:-2]}–{percent(row['high'])}"


def _outlook_table(outlook: pd.DataFrame) -> str:
    rows = []
    first = outlook["entry"].iloc[0]
    for _, row in outlook[outlook["entry"] == first].iterrows():
        if row["suppressed"]:
            rows.append([row["group"], "too few to show", "", "", ""])
            continue
        rows.append([row["group"], str(row["comments"]), percent(row["share"]), _interval(row),
                     percent(row["published_share"])])  # fmt: skip
    header = [
        ("Group", False),
        ("Comments", True),
        (f"Share {first}", True),
        ("95 % interval", True),
        ("Published", True),
    ]
    return _table(
        f"Share of comments whose outlook is {first}, as matched with the codebook's outlook facet.", header, rows
    )


_MEASURES = {
    "accuracy": "Accuracy", "accuracy_either": "Accuracy, either code", "macro_f1": "Macro-F1",
    "cohen_kappa": "Cohen's kappa", "ami": "AMI", "ari": "ARI",
}  # fmt: skip


def _agreement_table(agreement: pd.DataFrame) -> str:
    wide = agreement.pivot_table(
        index=["first", "second", "facet", "comments", "n"], columns="measure", values="value", sort=False
    ).reset_index()
    measures = [name for name in _MEASURES if name in wide.columns]
    header = [("Coder", False), ("Compared with", False), ("Facet", False), ("Comments", False), ("n", True)]
    header += [(_MEASURES[name], True) for name in measures]
    rows = [
        [row["first"], row["second"], row["facet"], row["comments"], str(row["n"])]
        + ["" if pd.isna(row[name]) else f"{row[name]:.2f}" for name in measures]
        for _, row in wide.iterrows()
    ]
    return _table("Agreement, machine with people and people with one another.", header, rows)
