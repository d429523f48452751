"""The HTML report, filled from the public tables and the stages' summaries."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

import pandas as pd

from pipeline.account.readings import CODED, CORRECTED, UNCHECKED, reading_of
from pipeline.codebook.codebook import Codebook
from pipeline.crosswalk.by_person import matches_none
from pipeline.discovery.stability import DISSOLVED
from pipeline.documents.fonts import font_faces
from pipeline.documents.provenance import provenance_table, settings_table
from pipeline.documents.templating import templates
from pipeline.tables.html import as_html
from pipeline.tables.numbers import counted, percent
from pipeline.tables.record import TableRecord


@dataclass(frozen=True)
class Inlined:
    """A figure inside a page.

    Attributes
    ----------
    wide, narrow : bytes
        SVG for a page and for a telephone.
    alternative : str
        What it shows in words.
    """

    wide: bytes
    narrow: bytes
    alternative: str


def render_report(
    context: Mapping[str, Any],
    *,
    figures: Mapping[str, Inlined],
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, TableRecord],
    codebook: Codebook,
    explorer: Mapping[str, Any] | None,
    methods: str,
    is_internal: bool,
) -> str:
    """Return the report as one HTML page that needs nothing else.

    Parameters
    ----------
    context : mapping
        What all documents share; see `pipeline.documents.context`.
    figures : mapping of str to Inlined
        By name.
    tables : mapping of str to DataFrame
        The public tables.
    shown : mapping of str to TableRecord
        The same as readers see them; see `pipeline.documents.shown_tables`.
    codebook : Codebook
        For names.
    explorer : mapping or None
        What the interactive map is filled with; None where there is nothing to draw.
    methods : str
        The methods text, as Markdown.
    is_internal : bool
        Whether this copy shows comments.
    """
    from markupsafe import Markup

    inlined = {
        # An SVG made here, whose texts matplotlib has escaped.
        name: {
            side: Markup(_inline(getattr(figure, side), figure.alternative, f"{name}-{side}"))  # noqa: S704
            for side in ("wide", "narrow")
        }
        | {"alternative": figure.alternative}
        for name, figure in figures.items()
    }
    # Cells are escaped where the tables are made.
    written = {name: Markup(as_html(table)) for name, table in shown.items()}  # noqa: S704
    if len(tables["groups"]) and not written["groups"]:
        written["groups"] = Markup("<p>No group differs clearly from the rest; groups.csv has all numbers.</p>")
    sections = [(name, said) for name, said, part in _SECTIONS if part is None or written[part]]
    page: str = (
        templates()
        .get_template("report.html.j2")
        .render(
            {
                **context,
                "tables": written,
                "figures": inlined,
                "fonts": Markup(font_faces(svg.decode() for one in figures.values() for svg in (one.wide, one.narrow))),  # noqa: S704
                "sections": sections,
                # JSON in which no element can end.
                "explorer": explorer and {**explorer, "data": Markup(explorer["data"])},  # noqa: S704
                "methods": Markup(_as_html(methods)),  # noqa: S704
                "quotations": _by_topic(tables["quotations"]),
                "manifest": Markup(  # noqa: S704
                    provenance_table(context["provenance"], context["versions"], context["seed"])
                ),
                "settings_table": Markup(settings_table(context["settings"])),  # noqa: S704
                "is_internal": is_internal,
                "dissolved_below": DISSOLVED,
                "found": dict(zip(("title", "said"), finding(tables, codebook), strict=True)),
            }
        )
    )
    return page.replace(_FIRST, f"{_FIRST}\n{_policy(page)}", 1)


def render_map(explorer: Mapping[str, Any], notice: str) -> str:
    """Return the interactive map as an HTML page of its own that needs nothing else.

    Parameters
    ----------
    explorer : mapping
        What the map is filled with; see `pipeline.documents.explorer`.
    notice : str
        What the page must say; may be empty.
    """
    from markupsafe import Markup

    # JSON in which no element can end.
    filled = {**explorer, "data": Markup(explorer["data"]), "notice": notice}  # noqa: S704
    page: str = templates().get_template("map.html.j2").render(filled)
    return page.replace(_FIRST, f"{_FIRST}\n{_policy(page)}", 1)


_FIRST = '<meta charset="utf-8">'


def _policy(page: str) -> str:
    """Return what lets a browser run the page's own scripts and load nothing that is not in the page."""
    scripts = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts)
    # Drawings have style attributes, which have no hashes.
    rules = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">'


_SECTIONS = (
    ("map", "Map", None), ("themes", "Topics and themes", None), ("shares", "Shares", None),
    ("claims", "Claims", "claims"), ("outlook", "Outlook", "outlook"), ("candidates", "New themes", "candidates"),
    ("groups", "Groups", "groups"), ("article", "The article’s quotations", "article"),
    ("agreement", "Agreement with coders", "agreement_first"), ("topics", "Topics", None),
    ("dropped", "Set aside", None), ("limits", "Limits", None), ("methods", "Methods", None),
    ("manifest", "Manifest", None),
)  # fmt: skip
"""Id and name of each section, and the table without which it is left out."""


def _as_html(markdown: str) -> str:
    """Return the methods text for a section of the page: its title left out, its headings two levels lower."""
    from markdown_it import MarkdownIt

    # What looks like HTML in a name is text.
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(re.sub(r"\A# .*\n", "", markdown))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
    return str(reader.renderer.render(tokens, reader.options, {}))


def _by_topic(quotations: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the published quotations of each topic, in the table's order."""
    return [
        {"label": label, "quotations": of_topic["quotation"].tolist()}
        for (_, label), of_topic in quotations.groupby(["topic", "label"], sort=False)
    ]


_NAMED = 4
"""Themes whose shares the first screen says; the figure beside has all."""


def finding(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> tuple[str, str]:
    """Return what was found as a title, and in a few sentences: the shares, how sure they are, what is new.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables.
    codebook : Codebook
        For names.
    """
    prevalence = tables["prevalence"]
    themes = prevalence[prevalence["theme"].isin(codebook.theme_ids)]
    shown = themes[themes["share"].fillna(0) > 0].sort_values("share", ascending=False, kind="stable")
    new = _not_in_article(tables["topics"])
    if not len(shown):
        return "No theme’s share can be shown", f"Too few comments have a theme. {new}".strip()
    kind, by = reading_of(prevalence)
    first, *others = (row["name"] for row in shown.to_dict("records"))
    parts = [f"{row['name']} {percent(row['share'])}" for row in shown.head(_NAMED).to_dict("records")]
    title = f"The most frequent theme is “{first}”" if others else f"Comments are about “{first}”"
    if kind == UNCHECKED:
        title += ", by a reading that nobody has checked"
    who = {CODED: f"Coded by {by}", CORRECTED: f"Corrected by what {by} coded", UNCHECKED: "The machine’s reading"}[
        kind
    ]
    said = f"{who}: {', '.join(parts)} of comments. {_how_sure(shown.head(_NAMED), kind)} {new}"
    return title, said.strip()


def _how_sure(shown: pd.DataFrame, kind: str) -> str:
    if kind == UNCHECKED:
        return "Nobody knows how often the machine errs: people must code some comments first."
    widest = max((shown["high"] - shown["share"]).max(), (shown["share"] - shown["low"]).max())
    return f"Each share could be {round(100 * widest)} points higher or lower."


def _not_in_article(topics: pd.DataFrame) -> str:
    """Return how many topics match nothing in the article, as a sentence; "" where there are no topics."""
    if not len(topics):
        return ""
    without = int(matches_none(topics).sum())
    if not without:
        return "Every topic matches one of the article’s themes, or leans to one."
    match, lean = ("matches", "leans") if without == 1 else ("match", "lean")
    return f"{counted(without, 'topic')} {match} none of the article’s themes, and {lean} to none."


def _inline(svg: bytes, alternative: str, name: str) -> str:
    """Return an SVG for a page: no XML prologue, a name for those who cannot see it, ids of its own."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    # Two inlined drawings must not share ids: the second would take the first's shapes.
    text = re.sub(r'(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alternative, quote=True)}"', 1)
