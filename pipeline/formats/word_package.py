"""What every Word document of a run has in common: A4, British English, no author, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Row

_DATE = datetime(2000, 1, 1)
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_A4_MM = (210, 297)
_MARGIN_MM = 20


def set_page(document: Document, *, is_wide: bool) -> float:
    """Set the size of the page, A4 upright or lying, and return the usable width in millimetres."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    width, height = reversed(_A4_MM) if is_wide else _A4_MM
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN_MM)
    return width - 2 * _MARGIN_MM


def packed(document: Document, title: str) -> bytes:
    """Return the document's file, which says neither when nor by whom it was made.

    Parameters
    ----------
    document : docx.document.Document
        Is given its title, a fixed date and the language.
    title : str
        Its title; what is longer than the 255 characters that the field holds is left out there.
    """
    properties = document.core_properties
    properties.title = title[:255]
    properties.author = properties.last_modified_by = properties.comments = properties.keywords = ""
    properties.created = properties.modified = _DATE
    properties.revision = 1
    properties.language = "en-GB"
    for language in document.styles.element.iter(named("w:lang")):
        language.set(named("w:val"), "en-GB")
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def element(name: str) -> Any:
    """Return a new element of the document's XML, by its prefixed name such as "w:tblHeader"."""
    from docx.oxml import OxmlElement

    return OxmlElement(name)


def named(name: str) -> str:
    """Return a prefixed name with its namespace in full."""
    from docx.oxml.ns import qn

    return str(qn(name))


def rule_table(grid: Table) -> None:
    """Draw the lines above and below the table."""
    borders = element("w:tblBorders")
    for side in ("w:top", "w:bottom"):
        borders.append(line(side))
    # Word wants the borders before the layout.
    layout = grid._tbl.tblPr.find(named("w:tblLayout"))
    if layout is None:
        grid._tbl.tblPr.append(borders)
    else:
        layout.addprevious(borders)


def set_row(row: _Row, *, is_head: bool) -> None:
    """Keep a row on one page; a head is repeated on each page and has a line below it."""
    properties = row._tr.get_or_add_trPr()
    properties.append(element("w:cantSplit"))
    if is_head:
        properties.append(element("w:tblHeader"))
        for cell in row.cells:
            borders = element("w:tcBorders")
            borders.append(line("w:bottom"))
            cell._tc.get_or_add_tcPr().append(borders)


def line(side: str) -> Any:
    """Return a thin black line on a side of a table or a cell, such as "w:bottom"."""
    border = element(side)
    for name, value in (("w:val", "single"), ("w:sz", "6"), ("w:space", "0"), ("w:color", "000000")):
        border.set(named(name), value)
    return border


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
