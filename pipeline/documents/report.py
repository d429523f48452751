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

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
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
                "finding": finding(tables["topics"], tables["prevalence"], tables["coded"], codebook),
            }
        )
    )
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
    ("agreement", "Agreement with people", "agreement_first"), ("topics", "Topics", None),
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


def finding(topics: pd.DataFrame, prevalence: pd.DataFrame, coded: pd.DataFrame, codebook: Codebook) -> str:
    """Return what was found, in a few sentences."""
    themes = prevalence[prevalence["theme"].isin(codebook.theme_ids)]
    said = f"{_shares_of(themes, prevalence)}{_by_coder(coded, codebook)}"
    if not len(topics):
        return said
    matched = topics[topics["status"] != "unmapped"]
    seen = {theme for themes in matched["themes"] for theme in themes.split("; ")}
    missing = [codebook.name_of(theme) for theme in codebook.theme_ids if theme not in seen]
    count, doubtful = len(matched), int((~matched["settled"].astype(bool)).sum())
    first = f"{count} of {counted(len(topics), 'topic')} {_match(count)} a published theme"
    if doubtful:
        # The word that topics and themes have wherever they are listed.
        first += f" ({doubtful} doubtful)" if count > 1 else " (doubtful)"
    rest = len(topics) - count
    first += f"; {rest} {_match(rest)} none. " if rest else ". "
    first += f"No topic matches {' or '.join(missing)}." if missing else "Every theme has a topic."
    return f"{first} {said}"


def _match(number: int) -> str:
    return "matches" if number == 1 else "match"


def _shares_of(themes: pd.DataFrame, prevalence: pd.DataFrame) -> str:
    """Return the shares of the themes by both methods, as sentences, without those that are not shown."""
    shown = themes[themes["share_by_comments"].notna()]
    if not len(shown):
        return "There are too few comments to show the shares of themes."
    ordered = shown.sort_values("share_by_comments", ascending=False, kind="stable").to_dict("records")
    parts = ", ".join(f"{row['name']} {percent(row['share_by_comments'])}" for row in ordered)
    which = "" if len(shown) == len(themes) else ", as far as they can be shown"
    none = prevalence.loc[(prevalence["theme"] == UNMAPPED) & prevalence["share_by_comments"].notna()]
    rest = f"; {percent(none['share_by_comments'].iloc[0])} have none" if len(none) else ""
    said = f"Matched directly, comments have these themes{which}: {parts}{rest}."
    through = themes[themes["share_by_topics"].notna()].sort_values("share_by_topics", ascending=False, kind="stable")
    if len(through) and len(shown) > 1 and through["theme"].iloc[0] != ordered[0]["theme"]:
        first = through.iloc[0]
        said += f" Through their topics, most have {first['name']} ({percent(first['share_by_topics'])})."
    return said


def _by_coder(coded: pd.DataFrame, codebook: Codebook) -> str:
    """Return what the first coder found most often, as a sentence to follow others; "" where nobody coded."""
    shown = coded[(coded["theme"].isin(codebook.theme_ids)) & coded["share"].notna()]
    if not len(shown):
        return ""
    of_coder = shown[shown["coder"] == coded["coder"].iloc[0]]
    if not len(of_coder):
        return ""
    most = of_coder.sort_values("share", ascending=False, kind="stable").iloc[0]
    return f" By the codes of {most['coder']}, most have {most['name']} ({percent(most['share'])})."


def _inline(svg: bytes, alternative: str, name: str) -> str:
    """Return an SVG for a page: no XML prologue, a name for those who cannot see it, ids of its own."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    # Two inlined drawings must not share ids: the second would take the first's shapes.
    text = re.sub(r'(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alternative, quote=True)}"', 1)
