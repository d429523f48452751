"""Cells that a spreadsheet shows and does not run."""

from __future__ import annotations


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    A text that begins with =, +, -, @, a tab or a line break is given a leading apostrophe; numbers and other
    texts are returned as they are.
    """
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value
