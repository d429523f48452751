"""What the tables of the report are made of, and how their cells are written."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from html import escape
from typing import Any

import pandas as pd

from pipeline.figures.drawing import WHY_NOT_SHOWN
from pipeline.tables.numbers import NOT_SHOWN


def percent(share: float) -> str:
    """Return a share as a whole percentage; "–" where it is missing."""
    return "–" if pd.isna(share) else f"{100 * share:.0f}\u00a0%"


def table(caption: str, header: list[tuple[str, bool]], rows: list[list[str]]) -> str:
    """Return an HTML table whose cells are escaped; the header says which columns hold numbers.

    Where a cell says that a number is not shown, the caption says why.
    """
    if any(cell == NOT_SHOWN for row in rows for cell in row):
        caption = f"{caption} {NOT_SHOWN.capitalize()}: {WHY_NOT_SHOWN}."
    marks = ['class="number"' if is_number else "" for _, is_number in header]
    head = "".join(f'<th scope="col" {mark}>{escape(name)}</th>' for (name, _), mark in zip(header, marks, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td {mark}>{escape(cell)}</td>" for cell, mark in zip(row, marks, strict=True)) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption, quote=True)}"><table>'
        f"<caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def count(value: Any) -> str:
    """Return a count; "not shown" where it is missing."""
    return NOT_SHOWN if pd.isna(value) else str(value)


def is_true(value: Any) -> bool:
    """Return whether a flag is set; a missing one is not."""
    return not pd.isna(value) and bool(value)


def chance(value: float) -> str:
    """Return a p- or q-value with three decimals; "–" where it is missing."""
    return "–" if pd.isna(value) else "<0.001" if value < 0.001 else f"{value:.3f}"


def ends(row: Mapping[Hashable, Any] | pd.Series, low: str, high: str) -> str:
    """Return the ends of a share's interval, whose columns are named, as "12–15 %"."""
    return f"{percent(row[low])[:-2]}–{percent(row[high])}"
