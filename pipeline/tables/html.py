"""Tables for a paper as fragments of HTML."""

from __future__ import annotations

from html import escape

from pipeline.tables.print_layout import PrintTable


def as_html(table: PrintTable) -> bytes:
    """Return a table as a fragment of HTML, to be put into a page of any encoding.

    Parameters
    ----------
    table : PrintTable
        With at least one column.
    """
    marks = [' class="number"' if heading.is_number else "" for heading in table.headings]
    head = "".join(
        f'<th scope="col"{mark}>{escape(heading.text)}</th>'
        for heading, mark in zip(table.headings, marks, strict=True)
    )
    body = "".join(
        "<tr>" + "".join(f"<td{mark}>{escape(cell)}</td>" for cell, mark in zip(row, marks, strict=True)) + "</tr>\n"
        for row in table.rows
    )
    notes = "".join(f'<p class="table-note">{escape(note)}</p>\n' for note in table.notes)
    fragment = (
        f'<div class="print-table">\n<table>\n<caption>{escape(table.caption)}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n{notes}</div>\n"
    )
    return fragment.encode("ascii", "xmlcharrefreplace")
