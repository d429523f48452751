"""The HTML report, filled from the public tables and the stages' summaries."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.discovery.labels import MIXED
from pipeline.discovery.stability import DISSOLVED
from pipeline.documents.certainty import certainty
from pipeline.documents.claim_rows import claim_rows
from pipeline.documents.downloads import downloads
from pipeline.documents.finding import finding
from pipeline.documents.glossary import glossary
from pipeline.documents.group_lines import group_lines
from pipeline.documents.provenance import provenance_table, settings_table
from pipeline.documents.quoted import Quotations
from pipeline.documents.templating import templates
from pipeline.documents.theme_sections import theme_sections
from pipeline.documents.topic_rows import topic_rows
from pipeline.tables.html import as_html
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
    fonts: str,
    tables: Mapping[str, pd.DataFrame],
    shown: Mapping[str, TableRecord],
    codebook: Codebook,
    explorer: Mapping[str, Any] | None,
    quotations: Quotations,
    files: Collection[str],
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
    fonts : str
        Style rules that hold the figures' font; see `pipeline.documents.fonts`.
    tables : mapping of str to DataFrame
        The public tables.
    shown : mapping of str to TableRecord
        The same as readers see them; see `pipeline.documents.shown_tables`.
    codebook : Codebook
        For names.
    explorer : mapping or None
        What the interactive map is filled with; None where there is nothing to draw.
    quotations : Quotations
        What the page quotes.
    files : collection of str
        The files of the run by their paths in its folder; the page links to those that lie beside it.
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
    claims = claim_rows(tables)
    topics = topic_rows(tables, codebook, quotations.of_topic)
    links, texts = downloads(files, shown, room="internal" if is_internal else "public")
    parts = {
        "candidates": any(topic.is_candidate for topic in topics),
        "groups": len(tables["groups"]),
        "claims": claims,
    }
    page: str = (
        templates()
        .get_template("report.html.j2")
        .render(
            {
                **context,
                "tables": written,
                "figures": inlined,
                "fonts": Markup(fonts),  # noqa: S704
                "sections": [(name, said) for name, said in _SECTIONS if parts.get(name, True)],
                # JSON in which no element can end.
                "explorer": explorer and {**explorer, "data": Markup(explorer["data"])},  # noqa: S704
                "methods": Markup(_as_html(methods)),  # noqa: S704
                "themes": theme_sections(tables, codebook, claims, quotations.of_theme),
                "topics": topics,
                "has_mixed": any(topic.label.startswith(f"{MIXED}:") for topic in topics),
                "claims": claims,
                "group_lines": group_lines(tables["groups"], codebook),
                "sure": certainty(tables, context["agreement_by_pair"]),
                "glossary": glossary(),
                "links": links,
                "texts": texts,
                "manifest": Markup(  # noqa: S704
                    provenance_table(context["provenance"], context["versions"], context["seed"])
                ),
                "settings_table": Markup(settings_table(context["settings"])),  # noqa: S704
                "is_internal": is_internal,
                "quoted": _READ_INSIDE if is_internal else context["quoted"],
                "dissolved_below": DISSOLVED,
                "many_themes": _MANY_THEMES,
                "most_candidates": _MOST_CANDIDATES,
                "found": dict(zip(("title", "said"), finding(tables, codebook), strict=True)),
            }
        )
    )
    return together(page).replace(_FIRST, f"{_FIRST}\n{_policy(page)}", 1)


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


_NOT_READ = re.compile(r"(<(script|style|svg|title)\b.*?</\2>|<[^>]*>)", re.DOTALL)
"""Tags, and elements in which no line of text is set."""
_NUMBER = r"\d+(?:[.,]\d+)*"
_TOGETHER = re.compile(rf"{_NUMBER}%?–{_NUMBER}%?|[+−]{_NUMBER} to [+−]?{_NUMBER}|macro-F1")
"""What stays on a line: the ends of an interval, such as 22–29% or −15 to −5, and a measure with a hyphen."""


def together(page: str) -> str:
    """Return a page in which no line ends inside an interval: browsers break lines behind dashes and hyphens."""
    pieces = _NOT_READ.split(page)
    # Every third is text; what follows are the tag, or the whole element, and the name of the latter.
    pieces[::3] = [_TOGETHER.sub(r'<span class="together">\g<0></span>', text) for text in pieces[::3]]
    pieces[2::3] = [""] * len(pieces[2::3])
    return "".join(pieces)


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


_READ_INSIDE = (
    "First come quotations that people coded with the theme, then those that the program is surest of. "
    "They are for reading inside alone."
)
_MANY_THEMES, _MOST_CANDIDATES = 8, 10
"""Where there are more themes, most of each is folded; more candidates are in the table of topics alone."""
_SECTIONS = (
    ("themes", "Theme by theme"), ("candidates", "Not in the article"), ("groups", "Groups"),
    ("sure", "How sure are we?"), ("topics", "Topics"), ("map", "Map"), ("claims", "Claims"),
    ("files", "Methods and files"),
)  # fmt: skip
"""Id and name of each section, in the order of the page."""


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


def _inline(svg: bytes, alternative: str, name: str) -> str:
    """Return an SVG for a page: no XML prologue, a name for those who cannot see it, ids of its own."""
    text = svg.decode()
    text = text[text.index("<svg") :]
    # Two inlined drawings must not share ids: the second would take the first's shapes.
    text = re.sub(r'(id="|xlink:href="#|url\(#)', rf"\g<1>{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(alternative, quote=True)}"', 1)
