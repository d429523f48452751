"""Cells that a spreadsheet shows and does not run."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    A text that begins with =, +, -, @, a tab or a line break is given a leading apostrophe, and so is one that begins
    with apostrophes before these, so that what was added can be taken off again; numbers and other texts are returned
    as they are.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def plain_cell(cell: str) -> str:
    """Return a text as it was before `safe_cell`."""
    return cell[1:] if _GUARDED.match(cell) else cell
