"""Write the data dictionary from the tables' definitions.

Run it from the project's folder as ``python docs/generate_data_dictionary.py``; ``make docs`` does so.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.tables.markdown import as_markdown
from pipeline.tables.record import Heading, record
from pipeline.tables.schema import Column, tables

PAGE = Path(__file__).parent / "data-dictionary.md"

_HEADINGS = [Heading(heading) for heading in ("column", "kind", "unit or range", "meaning")]
_OPENING = """\
# Data dictionary
This page is generated from the definitions that the program writes, reads and checks its tables by. Each run has its
public part as `public/data_dictionary.csv`; the notice of the comments, where they have one, is the last row there.

A **share** is a proportion from 0 to 1. A **count** is empty where small numbers are hidden. An **id** is a whole
number. `topic` and `theme` are never the same: a program finds topics, an article has themes.
"""


def dictionary_page() -> str:
    """Return the page in Markdown: the public tables, then the columns and tables that stay inside."""
    public = [_section(f"`{table.public}`", table.meaning, table.of("public"))
              for table in tables().values() if table.public]  # fmt: skip
    inside = [_section(f"`{name}.parquet`", table.meaning, table.of("internal"))
              for name, table in tables().items() if table.kept]  # fmt: skip
    return "\n".join([_OPENING, "## Tables in `public/`\n", *public, "## Tables in `internal/`\n", *inside])


def _section(title: str, meaning: str, columns: Mapping[str, Column]) -> str:
    rows = [[name, column.kind, column.measured_in, column.meaning] for name, column in columns.items()]
    return f"### {title}\n{as_markdown(record('', meaning, _HEADINGS, rows))}"


if __name__ == "__main__":
    PAGE.write_text(dictionary_page(), encoding="utf-8", newline="\n")
