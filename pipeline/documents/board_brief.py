"""A brief of two pages for a board, as PDF: what was found, how sure it is, who says it, what the article lacks."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.account.claims import CANNOT_TELL, NOT_SUPPORTED, SUPPORTED
from pipeline.account.readings import CODED, CORRECTED, reading_of
from pipeline.codebook.codebook import Codebook
from pipeline.crosswalk.by_person import matches_none
from pipeline.disclosure.joint_display import quotations_of
from pipeline.discovery.stability import count_stable
from pipeline.documents.claim_rows import claim_rows
from pipeline.documents.finding import finding
from pipeline.documents.group_lines import group_lines
from pipeline.figures.drawing import wrapped
from pipeline.figures.gallery import texts_in
from pipeline.figures.letters import lettered, lettering_for
from pipeline.figures.style import INK, MM, QUIET, figure_style, new_figure
from pipeline.figures.theme_shares import theme_shares
from pipeline.tables.numbers import count, counted, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BRIEF = "brief.pdf"
"""The name of its file."""
_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 15.0
_BODY, _HEADING, _TITLE, _SMALL = 10.0, 12.0, 16.0, 7.5
_LEADING = 1.35
_QUOTED, _CANDIDATES, _GROUPS = 3, 5, 5
_QUOTED_LINES, _NOTICE_LINES = 5, 3
_FOOT_MM = 22.0
"""Millimetres from the foot of a page that only the notice and the number may stand in."""
_BEFORE = 3.0
"""Millimetres above a heading."""
_MM_OF_POINT = 25.4 / 72


def board_brief(tables: Mapping[str, pd.DataFrame], codebook: Codebook, *, notice: str = "") -> bytes:
    """Return the brief as a PDF of two A4 pages.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        The public tables: what they do not say, the brief does not say.
    codebook : Codebook
        The published account.
    notice : str
        What every page must say; may be empty.

    Returns
    -------
    bytes
        Text that can be selected, in embedded fonts, without a date: the same tables give the same bytes.
    """
    from matplotlib.backends.backend_pdf import PdfPages

    said = finding(tables, codebook)
    buffer = io.BytesIO()
    about = {"Title": said[0], "CreationDate": None, "Producer": None, "Creator": None}
    fonts = lettering_for(texts_in(tables, codebook, notice)).families
    with lettered(fonts), figure_style(), PdfPages(buffer, metadata=about) as pages:
        for page in _laid_out(tables, said, codebook, notice):
            pages.savefig(page.figure)
    return buffer.getvalue()


@dataclass(frozen=True)
class _Paragraph:
    """A text with its size in points, how it is set and after how many lines it is cut."""

    text: str
    points: float = _BODY
    bold: bool = False
    colour: str = INK
    indent: float = 0.0
    lines: int = 99
    after: float = 2.0

    @property
    def written(self) -> str:
        """The text, broken into lines."""
        # A little less than there is: letters are measured, and drawn a little wider.
        room = 0.98 * (_WIDTH - 2 * _MARGIN - self.indent)
        return wrapped(self.text, room, self.points, lines=self.lines, bold=self.bold)

    @property
    def height(self) -> float:
        """Millimetres that it takes, with the space below it."""
        return self.points * _MM_OF_POINT * _LEADING * (self.written.count("\n") + 1) + self.after


@dataclass(frozen=True)
class _Section:
    """A heading and what stands below it, in blocks that no page takes apart.

    One that may be cut has as many blocks as there is room for, and is left out where there is room for none.
    """

    heading: str
    blocks: Sequence[Sequence[_Paragraph]]
    may_be_cut: bool = False

    @property
    def height(self) -> float:
        """Millimetres that it takes."""
        return _heading(self.heading).height + _BEFORE + sum(map(_height, self.blocks))


def _heading(text: str) -> _Paragraph:
    return _Paragraph(text, _HEADING, bold=True, after=1.5)


def _height(block: Sequence[_Paragraph]) -> float:
    return sum(paragraph.height for paragraph in block)


@dataclass
class _Page:
    """A page that is written from above: `down` is how far, and `end` how far at most, in millimetres."""

    figure: Figure
    down: float = _MARGIN
    end: float = _HEIGHT - _FOOT_MM

    @property
    def room(self) -> float:
        """Millimetres that are left above its end."""
        return self.end - self.down

    def write(self, paragraph: _Paragraph) -> None:
        """Write a paragraph below what there is."""
        place = (_MARGIN + paragraph.indent) / _WIDTH, 1 - self.down / _HEIGHT
        self.figure.text(*place, paragraph.written, fontsize=paragraph.points, va="top", color=paragraph.colour,
                         fontweight="bold" if paragraph.bold else "normal", linespacing=_LEADING,
                         parse_math=False)  # fmt: skip
        self.down += paragraph.height

    def add(self, section: _Section) -> None:
        """Write a section: all of it, or as many blocks as there is room for where it may be cut."""
        blocks, room = list(section.blocks), self.room - _BEFORE - _heading(section.heading).height
        if section.may_be_cut:
            while blocks and sum(map(_height, blocks)) > room:
                blocks.pop()
            if not blocks:
                return
        self.down += _BEFORE
        for paragraph in (_heading(section.heading), *(one for block in blocks for one in block)):
            self.write(paragraph)

    def foot(self, notice: str, number: int) -> None:
        """Write the notice and the number of the page at its foot."""
        text = wrapped(f"Page {number} of 2. {notice}".strip(), _WIDTH - 2 * _MARGIN, _SMALL, lines=_NOTICE_LINES)
        self.figure.text(_MARGIN / _WIDTH, 9 / _HEIGHT, text, fontsize=_SMALL, va="bottom", color=QUIET,
                         linespacing=_LEADING, parse_math=False)  # fmt: skip


def _laid_out(
    tables: Mapping[str, pd.DataFrame], said: tuple[str, str], codebook: Codebook, notice: str
) -> tuple[_Page, _Page]:
    """Return the two pages: what a board must know stands on the first as far as there is room, then the rest."""
    cited = f" Article: {codebook.source.citation}" if codebook.source else ""
    source = _Paragraph(f"Themes: {codebook.title}, version {codebook.version}.{cited}", _SMALL, colour=QUIET, lines=2)
    first = _first_page(tables, said, codebook)
    second = _Page(new_figure(_WIDTH, _HEIGHT), end=_HEIGHT - _FOOT_MM - source.height - _BEFORE)
    for section in _answers(tables, codebook):
        is_first = second.down == _MARGIN and section.height <= first.room
        (first if is_first else second).add(section)
    for section in _details(tables, codebook):
        second.add(section)
    second.down += _BEFORE
    second.write(source)
    for number, page in enumerate((first, second), start=1):
        page.foot(notice, number)
    return first, second


def _first_page(tables: Mapping[str, pd.DataFrame], said: tuple[str, str], codebook: Codebook) -> _Page:
    """Return the page with the answer and the figure of the shares, which keeps its own sizes."""
    # The notice stands at the foot of the page.
    figure = theme_shares(tables["prevalence"], width_mm=_WIDTH - 2 * _MARGIN).figure
    width, height = (size / MM for size in figure.get_size_inches())
    of_figure = list(figure.texts)
    figure.set_size_inches(_WIDTH * MM, _HEIGHT * MM)
    page = _Page(figure)
    page.write(_Paragraph(codebook.question or codebook.title, colour=QUIET, lines=2))
    page.write(_Paragraph(said[0], _TITLE, bold=True, lines=3, after=3))
    page.write(_Paragraph(said[1], _BODY + 1, lines=6, after=4))
    left, bottom = _MARGIN / _WIDTH, (_HEIGHT - page.down - height) / _HEIGHT
    across, up = width / _WIDTH, height / _HEIGHT
    for axes in figure.axes:
        place = axes.get_position()
        axes.set_position((left + across * place.x0, bottom + up * place.y0, across * place.width, up * place.height))
    for text in of_figure:
        x, y = text.get_position()
        text.set_position((left + across * x, bottom + up * y))
    page.down += height
    return page


def _answers(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> list[_Section]:
    """Return what a board must know besides the shares, most important first."""
    quoted = [
        [
            _Paragraph(f"“{row['quotation']}”", lines=_QUOTED_LINES, indent=4, after=0.5),
            _Paragraph(f"{row['attribution']}. Theme: {theme}" if row["attribution"] else f"Theme: {theme}", _SMALL + 1,
                       colour=QUIET, indent=4, lines=2, after=3),
        ]
        for theme, row in _quoted(tables, codebook)
    ]  # fmt: skip
    unquoted = [[_Paragraph("No comment is quoted: a reviewer has released none.")]]
    return [
        _Section("What respondents said", quoted or unquoted),
        _Section("How sure we are", _points(_how_sure(tables))),
        _Section("What the article does not have",
                 [[_Paragraph(line, lines=1, after=1.5)] for line in _not_in_article(tables["topics"])]),
    ]  # fmt: skip


def _details(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> list[_Section]:
    """Return what there may be no room for: each claim, groups that differ, and what the themes mean."""
    claims = [
        [
            _Paragraph(f"{claim.verdict.capitalize()}: {claim.statement}", indent=2, lines=3, after=0.5),
            _Paragraph(claim.shown, _SMALL + 1, colour=QUIET, indent=2, lines=3, after=2.5),
        ]
        for claim in claim_rows(tables)
    ]
    by_group = [
        f"{line.entry}: {line.share} of {line.group} ({line.column}); difference {line.difference}."
        for line in group_lines(tables["groups"], codebook)[:_GROUPS]
    ]
    meant = [
        [
            _Paragraph(theme.name, bold=True, indent=2, lines=1, after=0.0),
            _Paragraph(theme.definition, indent=2, lines=4, after=2.0),
        ]
        for theme in codebook.themes
    ]
    return [
        _Section("What the article claims", claims, may_be_cut=True),
        _Section("Groups that differ from the rest, in percentage points", _points(by_group), may_be_cut=True),
        _Section("What each theme means", meant, may_be_cut=True),
    ]


def _points(sentences: Sequence[str]) -> list[list[_Paragraph]]:
    return [[_Paragraph(f"• {sentence}", indent=2, lines=3, after=1.5)] for sentence in sentences]


def _quoted(tables: Mapping[str, pd.DataFrame], codebook: Codebook) -> list[tuple[str, dict[str, str]]]:
    """Return one quotation that may be shown of each of the most frequent themes, with the theme's name."""
    prevalence = tables["prevalence"]
    order = prevalence.sort_values("share", ascending=False, kind="stable")["theme"].tolist()
    themes = sorted(codebook.themes, key=lambda theme: order.index(theme.id) if theme.id in order else len(order))
    quoted: list[tuple[str, dict[str, str]]] = []
    for theme in themes:
        said = {row["quotation"] for _, row in quoted}
        found = [row for row in quotations_of(tables["quotations"], theme.name) if row["quotation"] not in said]
        quoted += [(theme.name, row) for row in found[:1]]
    return quoted[:_QUOTED]


def _how_sure(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return what the shares rest on, how stable the topics are, and what became of the claims, as sentences."""
    kind, by = reading_of(tables["prevalence"])
    coded = tables["prevalence"]["coded"].max()
    number = f"{count(coded)} " if pd.notna(coded) else ""
    said = [
        {
            CODED: f"The shares rest on codes of the comments, by {by}.",
            CORRECTED: f"The machine read all comments. {by} coded {number}comments, which correct its shares.",
        }.get(kind, "The shares are the machine’s reading. Nobody has checked how often it errs.")
    ]
    if kind in (CODED, CORRECTED):
        said.append("The ranges allow for who happened to answer. They do not allow for who did not answer.")
    stability = tables["topics"]["stability"].dropna()
    if len(stability):
        _, dissolved = count_stable(stability.to_numpy(dtype=float))
        said.append(
            f"{dissolved} of {counted(len(stability), 'topic')} {'is' if dissolved == 1 else 'are'} not stable: with "
            "another sample of comments, less than half of such a topic would come back."
            if dissolved
            else "With another sample of comments, at least half of every topic would come back."
        )
    verdicts = tables["claims"]["verdict"].value_counts()
    decided = [f"{verdicts[name]} {name}" for name in (SUPPORTED, NOT_SUPPORTED, CANNOT_TELL) if verdicts.get(name)]
    if decided:
        said.append(f"The article’s claims, checked on these comments: {', '.join(decided)}.")
    return said


def _not_in_article(topics: pd.DataFrame) -> list[str]:
    """Return the largest topics that match no theme, a line each."""
    new = topics[matches_none(topics)] if len(topics) else topics
    if not len(new):
        return ["Every topic matches one of the article’s themes, or leans to one."]
    shown = new.head(_CANDIDATES).to_dict("records")
    lines = [f"• {row['label']}" + (f" ({percent(row['share'])})" if pd.notna(row["share"]) else "") for row in shown]
    more = len(new) - len(shown)
    return ["These topics fit none of the article’s themes:", *lines,
            *([f"and {counted(more, 'further topic')}."] if more else [])]  # fmt: skip
