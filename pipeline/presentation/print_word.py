"""Tables for a paper as Word documents, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pipeline.presentation.print_layout import PrintTable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Row

_PORTRAIT_COLUMNS = 6
_DATE = datetime(2000, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_POINTS = 9
_A4_MM = (210, 297)
_MARGIN_MM = 20


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
    usable = _set_page(document, is_wide=len(table.headings) > _PORTRAIT_COLUMNS)
    document.styles["Normal"].font.size = Pt(_POINTS)
    caption = document.add_paragraph(table.caption, style="Caption")
    caption.paragraph_format.keep_with_next = True
    document.styles["Caption"].font.color.rgb = RGBColor(0, 0, 0)
    widths = [Mm(usable * width) for width in table.widths]
    grid = document.add_table(rows=1 + len(table.rows), cols=len(table.headings))
    grid.autofit = False
    _rule(grid)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    # Each is asked of the table once: to ask for one cell is to go through all of them.
    for place, row in enumerate(grid.rows):
        cells = [heading.text for heading in table.headings] if place == 0 else table.rows[place - 1]
        _fill(row, cells, table, is_head=place == 0, widths=widths)
    for note in table.notes:
        document.add_paragraph(note)
    _say_nothing_of_the_making(document, table.caption)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def _set_page(document: Document, *, is_wide: bool) -> float:
    """Set the size of the page and return the usable width in millimetres."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    width, height = reversed(_A4_MM) if is_wide else _A4_MM
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    return width - 2 * _MARGIN_MM


def _fill(row: _Row, cells: Sequence[str], table: PrintTable, *, is_head: bool, widths: Sequence[Any]) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    properties = row._tr.get_or_add_trPr()
    properties.append(_element("w:cantSplit"))
    if is_head:
        properties.append(_element("w:tblHeader"))
    for cell, text, heading, width in zip(row.cells, cells, table.headings, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if heading.is_number else WD_ALIGN_PARAGRAPH.LEFT
        paragraph.add_run(text).bold = is_head or None
        if is_head:
            borders = _element("w:tcBorders")
            borders.append(_line("w:bottom"))
            cell._tc.get_or_add_tcPr().append(borders)


def _rule(grid: Table) -> None:
    """Draw the lines above and below the table."""
    borders = _element("w:tblBorders")
    for side in ("w:top", "w:bottom"):
        borders.append(_line(side))
    # Word wants the borders before the layout.
    layout = grid._tbl.tblPr.find(_named("w:tblLayout"))
    if layout is None:
        grid._tbl.tblPr.append(borders)
    else:
        layout.addprevious(borders)


def _element(name: str) -> Any:
    from docx.oxml import OxmlElement

    return OxmlElement(name)


def _line(side: str) -> Any:
    line = _element(side)
    for name, value in (("w:val", "single"), ("w:sz", "6"), ("w:space", "0"), ("w:color", "000000")):
        line.set(_named(name), value)
    return line


def _named(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _say_nothing_of_the_making(document: Document, title: str) -> None:
    properties = document.core_properties
    # The field holds 255 characters; the whole caption stands in the document.
    properties.title = title[:255]
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.created = properties.modified = _DATE
    properties.revision = 1
    properties.language = "en-GB"
    for language in document.styles.element.iter(_named("w:lang")):
        language.set(_named("w:val"), "en-GB")


def _without_times(archive: bytes) -> bytes:
    """Return a zip file again with the same times and rights on each of its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as made, zipfile.ZipFile(buffer, "w") as timeless:
        for name in made.namelist():
            member = zipfile.ZipInfo(name, date_time=_ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            timeless.writestr(member, made.read(name))
    return buffer.getvalue()
