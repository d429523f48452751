"""A Markdown text as a Word document: headings, paragraphs, lists, tables, and what is left to the authors marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.formats.word_package import packed, rule_table, set_page, set_row

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from markdown_it.tree import SyntaxTreeNode

REFERENCES_HEADING = "References"
"""Entries of a list below this heading hang by their first line and have no bullet."""

_POINTS = 10.5
_TABLE_POINTS = 9
_HEADING_POINTS = {1: 18, 2: 13, 3: 11.5}
_HANGING_MM = 8
_LONGEST_LINE = 45
_CODE_FONT = "Courier New"
_BRACKETS = re.compile(r"(?<=\])|(?=\[)")


def text_as_word(markdown: str, *, is_wide: bool = False) -> bytes:
    """Return a Markdown text as a Word document.

    Parameters
    ----------
    markdown : str
        Headings, paragraphs, block quotations, lists without lists in them, tables, emphasis, code and links; the
        first heading is the document's title.
    is_wide : bool, optional
        Whether the page lies.

    Returns
    -------
    bytes
        A .docx on A4, in British English, without an author and with a fixed date; the same bytes for the same
        text. What stands in square brackets is highlighted. A link is the text that it shows and its address.

    Raises
    ------
    ValueError
        For a kind of Markdown other than these: nothing is left out in silence.
    """
    from docx import Document
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    # Escaped brackets stay apart from those that mark a blank.
    parser = MarkdownIt("commonmark").enable("table").disable("text_join")
    blocks = SyntaxTreeNode(parser.parse(markdown)).children
    document = Document()
    usable = set_page(document, is_wide=is_wide)
    _set_styles(document)
    title = section = ""
    for block in blocks:
        if block.type == "heading":
            section = _plain(block.children[0])
            title = title or section
        _add_block(document, block, section, usable)
    return packed(document, title)


def _set_styles(document: Document) -> None:
    from docx.shared import Pt, RGBColor

    styles = document.styles
    styles["Normal"].font.size = Pt(_POINTS)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for name in ("List Bullet", "Quote"):
        styles[name].paragraph_format.space_after = Pt(3)
    styles["Quote"].font.color.rgb = RGBColor(0, 0, 0)
    for level, points in _HEADING_POINTS.items():
        heading = styles[f"Heading {level}"]
        heading.font.size, heading.font.color.rgb = Pt(points), RGBColor(0, 0, 0)
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(14 if level > 1 else 0), Pt(4)


def _add_block(document: Document, block: SyntaxTreeNode, section: str, usable: float) -> None:
    if block.type == "heading":
        _write(document.add_paragraph(style=f"Heading {int(block.tag[1:])}"), block.children[0])
    elif block.type == "paragraph":
        _write(document.add_paragraph(), block.children[0])
    elif block.type == "blockquote":
        for paragraph in block.children:
            _write(document.add_paragraph(style="Quote"), _only_paragraph(paragraph))
    elif block.type == "bullet_list":
        _add_list(document, block, section)
    elif block.type == "table":
        _add_table(document, block, usable)
    else:
        raise ValueError(f"{block.type}: no form in a Word document is known for it; use another kind of Markdown.")


def _add_list(document: Document, block: SyntaxTreeNode, section: str) -> None:
    from docx.shared import Mm

    for item in block.children:
        for part in item.children:
            is_reference = section == REFERENCES_HEADING
            paragraph = document.add_paragraph(style=None if is_reference else "List Bullet")
            if is_reference:
                paragraph.paragraph_format.left_indent = Mm(_HANGING_MM)
                paragraph.paragraph_format.first_line_indent = Mm(-_HANGING_MM)
            _write(paragraph, _only_paragraph(part))


def _only_paragraph(block: SyntaxTreeNode) -> SyntaxTreeNode:
    if block.type != "paragraph":
        raise ValueError(f"{block.type}: only paragraphs may stand in a list or a quotation; take it out of there.")
    return block.children[0]


def _add_table(document: Document, block: SyntaxTreeNode, usable: float) -> None:
    from docx.shared import Mm, Pt

    rows = [[cell.children[0] for cell in row.children] for part in block.children for row in part.children]
    widths = [Mm(usable * share) for share in _widths([[_plain(cell) for cell in row] for row in rows])]
    grid = document.add_table(rows=len(rows), cols=len(rows[0]))
    grid.autofit = False
    rule_table(grid)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for place, row in enumerate(grid.rows):
        set_row(row, is_head=place == 0)
        for cell, content, width in zip(row.cells, rows[place], widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            _write(paragraph, content)
            for run in paragraph.runs:
                run.font.size = Pt(_TABLE_POINTS)
                run.bold = True if place == 0 else run.bold
    document.add_paragraph()


def _widths(rows: Sequence[Sequence[str]]) -> list[float]:
    """Return the columns' shares of the width: by their longest word, and by how much they hold on average."""
    wanted = []
    for column in zip(*rows, strict=True):
        longest = max(len(word) for cell in column for word in (cell.split() or [""]))
        mean = sum(map(len, column)) / len(column)
        wanted.append(max(longest + 2, min(mean, _LONGEST_LINE)))
    return [letters / sum(wanted) for letters in wanted]


@dataclass(frozen=True)
class _Piece:
    """Some characters that look alike."""

    text: str
    is_emphasised: bool = False
    is_strong: bool = False
    is_code: bool = False
    is_blank: bool = False


def _write(paragraph: Paragraph, inline: SyntaxTreeNode) -> None:
    from docx.enum.text import WD_COLOR_INDEX

    for piece in _with_blanks(_pieces(inline)):
        run = paragraph.add_run(piece.text)
        run.italic, run.bold = piece.is_emphasised or None, piece.is_strong or None
        if piece.is_code:
            run.font.name = _CODE_FONT
        if piece.is_blank:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW


def _plain(inline: SyntaxTreeNode) -> str:
    return "".join(piece.text for piece, _ in _pieces(inline))


def _pieces(node: SyntaxTreeNode, **marks: Any) -> Iterator[tuple[_Piece, bool]]:
    """Yield the pieces of a line of text, each with whether its brackets mark a blank."""
    for child in node.children:
        if child.type == "softbreak":
            yield _Piece(" ", **marks), False
        elif child.type == "code_inline":
            yield _Piece(child.content, is_code=True, **marks), False
        elif child.type in ("text", "text_special"):
            yield _Piece(child.content, **marks), child.type == "text"
        elif child.type in ("em", "strong"):
            mark = {"em": "is_emphasised", "strong": "is_strong"}[child.type]
            yield from _pieces(child, **{**marks, mark: True})
        elif child.type == "link":
            yield from _pieces(child, **marks)
            yield _Piece(f" ({child.attrs['href']})", **marks), False
        else:
            raise ValueError(f"{child.type}: no form in a Word document is known for it; use another kind of Markdown.")


def _with_blanks(pieces: Iterator[tuple[_Piece, bool]]) -> Iterator[_Piece]:
    """Yield the pieces of a paragraph, cut where blanks begin and end."""
    inside = False
    for piece, has_marks in pieces:
        for text in _BRACKETS.split(piece.text) if has_marks else [piece.text]:
            inside = inside or (has_marks and text.startswith("["))
            if text:
                yield _Piece(text, piece.is_emphasised, piece.is_strong, piece.is_code, is_blank=inside)
            inside = inside and not (has_marks and text.endswith("]"))
