"""What the templates of documents have in common."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline.formats.markdown_text import escaped
from pipeline.tables.numbers import chance, decimal, percent, percent_range

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def templates(*, is_markdown: bool = False) -> Environment:
    """Return the templates of this room; a name that a template uses and nobody gave is an error.

    In those of Markdown, lines that hold nothing but a tag leave no line behind. Each is compiled once in a process.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pipeline.documents"),
        # Markdown is read as it stands; HTML is escaped.
        autoescape=lambda name: bool(name) and ".html" in str(name),  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=is_markdown,
        lstrip_blocks=is_markdown,
    )
    environment.globals |= {"percent": percent, "percent_range": percent_range, "decimal": decimal, "chance": chance}
    environment.filters["escaped"] = escaped
    return environment
