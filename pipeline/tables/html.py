"""Tables as HTML that can be read without seeing it, and scrolled without a mouse."""

from __future__ import annotations

from html import escape

from pipeline.tables.record import TableRecord


def as_html(table: TableRecord) -> str:
    """Return a table and its notes as a fragment of HTML; "" for a table without rows.

    Parameters
    ----------
    table : TableRecord
        With at least one column.
    """
    if not table.rows:
        return ""
    marks = [' class="number"' if heading.is_number else "" for heading in table.headings]
    # On a phone a row stands as a block, each cell below the name of its column.
    labels = [f' data-label="{escape(heading.text)}"' for heading in table.headings]
    head = "".join(
        f'<th scope="col"{mark}>{escape(heading.text)}</th>'
        for heading, mark in zip(table.headings, marks, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{mark}{label}>{escape(cell)}</td>" for cell, mark, label in zip(row, marks, labels, strict=True))
        + "</tr>\n"
        for row in table.rows
    )
    notes = "".join(f'<p class="table-note">{escape(note)}</p>\n' for note in table.notes)
    caption = escape(table.caption)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table>\n'
        f"<caption><span>{caption}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table></div>\n{notes}"
    )
