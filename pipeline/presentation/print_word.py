"""Tables for a paper as Word documents, the same bytes each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pipeline.presentation.print_layout import PrintTable
from pipeline.presentation.word_package import element, line, packed, rule_table, set_page

if TYPE_CHECKING:
    from docx.table import _Row

_PORTRAIT_COLUMNS = 6
_POINTS = 9


def as_word(table: PrintTable) -> bytes:
    """Return a table as a Word document.

    Parameters
    ----------
    table : PrintTable
        With at least one column.

    Returns
    -------
    bytes
        A .docx: the caption in the style of captions, a table with a head that repeats on every page and rows that
        no page breaks, and the notes. Upright A4, or lying where the columns are many. It has no author and a fixed
        date.
    """
    from docx import Document
    from docx.shared import Mm, Pt, RGBColor

    document = Document()
    usable = set_page(document, is_wide=len(table.headings) > _PORTRAIT_COLUMNS)
    document.styles["Normal"].font.size = Pt(_POINTS)
    caption = document.add_paragraph(table.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    document.styles["Caption"].font.color.rgb = RGBColor(0, 0, 0)
    widths = [Mm(usable * width) for width in table.widths]
    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.headings))
    grid.autofit = False
    rule_table(grid)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    # Each is asked of the table once: to ask for one cell is to go through all of them.
    for place, row in enumerate(grid.rows):
        cells = [heading.text for heading in table.headings] if place == 0 else table.rows[place - 1]
        _fill(row, cells, table, is_head=place == 0, widths=widths)
    for note in table.notes:
        document.add_paragraph(note)
    return packed(document, table.caption)


def _fill(row: _Row, cells: Sequence[str], table: PrintTable, *, is_head: bool, widths: Sequence[Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    properties = row._tr.get_or_add_trPr()
    properties.append(element("w:cantSplit"))
    if is_head:
        properties.append(element("w:tblHeader"))
    for cell, text, heading, width in zip(row.cells, cells, table.headings, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if heading.is_number else WD_ALIGN_PARAGRAPH.LEFT
        paragraph.add_run(text).bold = is_head or None
        if is_head:
            borders = element("w:tcBorders")
            borders.append(line("w:bottom"))
            cell._tc.get_or_add_tcPr().append(borders)
