"""Fills in sheets as a person would, through the file."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from openpyxl import load_workbook

Coded = Mapping[str, Mapping[str, str]]
"""comment_id to what is chosen in each column."""


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    """Return a workbook after something was done to it."""
    book = load_workbook(io.BytesIO(content))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def columns(rows: Any) -> dict[str, int]:
    """Return the number of each column by its heading."""
    return {cell.value: cell.column for cell in rows[1]}


def filled(content: bytes, coded: Coded) -> bytes:
    """Return a sheet with codes chosen for some of its comments."""

    def fill(book):
        rows = book["comments"]
        places = columns(rows)
        for row in range(2, rows.max_row + 1):
            for column, chosen in coded.get(rows.cell(row, places["comment_id"]).value, {}).items():
                rows.cell(row, places[column]).value = chosen

    return edited(content, fill)


def all_cells(content: bytes) -> dict[str, list[list[Any]]]:
    """Return what stands on each sheet of a workbook."""
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book.worksheets}
