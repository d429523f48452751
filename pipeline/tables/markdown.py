"""Tables as Markdown."""

from __future__ import annotations

from pipeline.formats.markdown_text import escaped
from pipeline.tables.record import TableRecord


def as_markdown(table: TableRecord) -> str:
    """Return a table between its caption and its notes as Markdown that shows every text as it stands."""
    rule = ["---:" if heading.is_number else "---" for heading in table.headings]
    rows = [[heading.text for heading in table.headings], *table.rows]
    head, *body = ("| " + " | ".join(map(escaped, cells)) + " |" for cells in rows)
    lines = "\n".join([head, f"|{'|'.join(rule)}|", *body])
    return "\n\n".join(part for part in (escaped(table.caption), lines, *map(escaped, table.notes)) if part) + "\n"
