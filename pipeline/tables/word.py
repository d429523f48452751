"""Tables for a paper as Word documents, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.formats.word_package import element, named, packed, rule_table, set_page, set_row
from pipeline.tables.record import TableRecord

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Row

_PORTRAIT_COLUMNS = 6
_POINTS = 9
_SIZES = (9.0, 8.0, 7.0, 6.0)
"""Sizes of letters in points; the largest that breaks no word is taken."""
_IN_PARTS = 8.0
"""Their size in a table that stands in parts: there is room for it."""
_LETTER = 0.56
"""Width of a letter on average, in its size; most fonts are narrower."""
_CELL_MARGIN_MM = 1.1
_WITH_INTERVAL = re.compile(r"[+−]?\d[\d.,]*%? \([^()]*\d%?\)")


def as_word(table: TableRecord) -> bytes:
    """Return a table as a Word document.

    Parameters
    ----------
    table : TableRecord
        With at least one column.

    Returns
    -------
    bytes
        A .docx: the caption in the style of captions, a table with a head that repeats on every page and rows that
        no page breaks, and the notes. Upright A4, or lying where the columns are many or wide. A table that no page
        can hold stands in parts, one below the other. It has no author and a fixed date.
    """
    from docx import Document
    from docx.shared import Pt, RGBColor

    document = Document()
    needed = sum(table.least_letters)
    is_wide = len(table.headings) > _PORTRAIT_COLUMNS or table.has_long_cells
    usable = set_page(document, is_wide=is_wide)
    document.styles["Normal"].font.size = Pt(_POINTS)
    document.styles["Caption"].font.color.rgb = RGBColor(0, 0, 0)
    points = next((size for size in _SIZES if needed <= _letters(usable, size)), _SIZES[-1])
    if table.keys and needed > _letters(usable, _SIZES[-1]):
        points = _IN_PARTS
    for part in table.parts(_letters(usable, points)):
        _add(document, part, usable, points)
    return packed(document, table.caption)


def _add(document: Document, table: TableRecord, usable: float, points: float) -> None:
    """Add a table with its caption and notes to a document."""
    from docx.shared import Mm, Pt

    caption = document.add_paragraph(table.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    # A part must not touch the one above it.
    caption.paragraph_format.space_before = Pt(_POINTS)
    widths = [Mm(usable * width) for width in table.widths(_letters(usable, points))]
    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.headings))
    grid.autofit = False
    rule_table(grid)
    _set_margins(grid)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    # Each is asked of the table once: to ask for one cell is to go through all of them.
    for place, row in enumerate(grid.rows):
        cells = [heading.text for heading in table.headings] if place == 0 else table.rows[place - 1]
        _fill(row, cells, table, is_head=place == 0, widths=widths, points=points)
    for place, note in enumerate(table.notes):
        paragraph = document.add_paragraph(note)
        # The first must not touch the rule above it; the others belong together.
        paragraph.paragraph_format.space_before = Pt(4 if place == 0 else 0)
        paragraph.paragraph_format.space_after = Pt(2)


def _broken(number: str, width_mm: float, points: float) -> str:
    """Return a number with its interval on a line below where a column is too narrow for both.

    Word breaks a line behind a dash, and would tear the interval.
    """
    if len(number) + 1 <= _letters(width_mm - 2 * _CELL_MARGIN_MM, points) or not _WITH_INTERVAL.fullmatch(number):
        return number
    return number.replace(" (", "\n(")


def _letters(width_mm: float, points: float) -> float:
    """Return how many letters a line holds."""
    return width_mm / (points * 25.4 / 72 * _LETTER)


def _set_margins(grid: Table) -> None:
    """Make the margins of cells narrower than Word's, which take most of a column of numbers."""
    from docx.shared import Mm

    margins = element("w:tblCellMar")
    for side in ("w:left", "w:right"):
        margin = element(side)
        margin.set(named("w:w"), str(Mm(_CELL_MARGIN_MM).twips))
        margin.set(named("w:type"), "dxa")
        margins.append(margin)
    # Word wants the margins after the layout and before the look.
    layout = grid._tbl.tblPr.find(named("w:tblLayout"))
    if layout is None:
        grid._tbl.tblPr.append(margins)
    else:
        layout.addnext(margins)


def _fill(row: _Row, cells: Sequence[str], table: TableRecord, *, is_head: bool, widths: Sequence[Any],
          points: float) -> None:  # fmt: skip
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    set_row(row, is_head=is_head)
    for cell, text, heading, width in zip(row.cells, cells, table.headings, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if heading.is_number else WD_ALIGN_PARAGRAPH.LEFT
        run = paragraph.add_run(_broken(text, width.mm, points) if heading.is_number else text)
        run.bold = is_head or None
        run.font.size = Pt(points)
