"""The HTML report, filled from the public tables and the stages' summaries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from pipeline.crosswalk.codebook import Codebook
from pipeline.presentation.html_tables import html_tables, percent
from pipeline.presentation.templating import templates


def render_report(context: Mapping[str, Any], *, svgs: Mapping[str, bytes], alternatives: Mapping[str, str],
                  tables: Mapping[str, pd.DataFrame], codebook: Codebook, explorer: Mapping[str, Any] | None,
                  is_internal: bool) -> str:  # fmt: skip
    """Return the report as one HTML page that needs nothing else.

    Parameters
    ----------
    context : mapping
        What all documents share.
    svgs, alternatives : mapping
        For each figure, its SVG and what it shows in words.
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For names.
    explorer : mapping or None
        What the interactive map is filled with; None where there is nothing to draw.
    is_internal : bool
        Whether this copy shows comments.
    """
    from markupsafe import Markup

    figures = {
        # An SVG made here, whose texts matplotlib has escaped.
        name: {"svg": Markup(_inline(svg, alternatives[name], name)), "alternative": alternatives[name]}  # noqa: S704
        for name, svg in svgs.items()
    }
    topics = tables["topics"]
    return (
        templates()
        .get_template("report.html.j2")
        .render(
            {
                **context,
                "figures": figures,
                # JSON in which no element can end.
                "explorer": explorer and {**explorer, "data": Markup(explorer["data"])},  # noqa: S704
                "is_internal": is_internal,
                "finding": finding(topics, tables["prevalence"], codebook),
                "unmapped": topics.loc[topics["status"] == "unmapped", "label"].tolist(),
                # Cells are escaped where the tables are made.
                **{name: Markup(table) for name, table in html_tables(tables, codebook).items()},  # noqa: S704
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
    matched = topics[topics["status"] != "unmapped"]
    seen = {theme for themes in matched["themes"] for theme in themes.split("; ")}
    missing = [codebook.name_of(theme) for theme in codebook.theme_ids if theme not in seen]
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
