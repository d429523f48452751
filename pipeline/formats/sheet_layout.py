"""Sheets of a workbook that people fill in: locked cells, columns of a width, drop-downs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.formats.workbook import write_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_LINE, _HIGHEST = 15, 400
"""Height of a line, and most of a row, in points."""


def write_rows(
    sheet: Worksheet,
    columns: Sequence[str],
    lines: Sequence[Sequence[str]],
    *,
    locked: int,
    widths: Sequence[int],
    frozen: int = 2,
    as_text: bool = False,
) -> None:
    """Write rows below a header; the first cells of each are grey and locked, the others are to be filled in.

    Parameters
    ----------
    sheet : Worksheet
        An empty sheet.
    columns : sequence of str
        The header.
    lines : sequence of sequence of str
        The rows; cells that a row lacks are empty.
    locked : int
        How many columns nobody is to change.
    widths : sequence of int
        Width of each column, in characters.
    frozen : int
        How many columns stay in view.
    as_text : bool
        Whether what is filled in stays a text: an id such as 007 is no number.
    """
    from openpyxl.styles import PatternFill, Protection

    grey, open_cell = PatternFill("solid", "F2F2F2"), Protection(locked=False)
    write_header(sheet, columns)
    for number, line in enumerate(lines, start=2):
        for place in range(1, len(columns) + 1):
            cell = sheet.cell(number, place)
            said = line[place - 1] if place <= len(line) else ""
            if place <= locked:
                cell.fill = grey
                write_text(cell, said)
            else:
                cell.protection = open_cell
                if as_text:
                    cell.number_format = "@"
                if said:
                    write_text(cell, said)
    lay_out(sheet, widths)
    sheet.freeze_panes = sheet.cell(2, frozen + 1)


def lay_out(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Wrap texts in columns of these widths, in characters, show them whole, and lock what is not to be filled in."""
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in sheet.iter_rows():
        most = 1
        for cell, width in zip(row, widths, strict=True):
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            most = max(most, sum(1 + len(line) // width for line in str(cell.value or "").split("\n")))
        sheet.row_dimensions[row[0].row].height = min(_LINE * most, _HIGHEST)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    # Without a password: it keeps a slip of the hand from the comments, and nobody from anything.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False


def write_header(sheet: Worksheet, columns: Sequence[str], *, row: int = 1) -> None:
    """Write the names of columns into a row."""
    for place, column in enumerate(columns, start=1):
        cell = sheet.cell(row, place)
        write_text(cell, column)
        cell.style = "Headline 4"


def offer(sheet: Worksheet, column: int, choices: str) -> None:
    """Give the cells of a column a drop-down, and refuse what is not on it.

    Parameters
    ----------
    sheet : Worksheet
        Whose rows are written.
    column : int
        Counted from 1.
    choices : str
        A range of cells, or quoted words separated by commas, as a formula has them.
    """
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    rule = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = "Not on the list", "Choose from the list, or leave the cell empty."
    letter = get_column_letter(column)
    rule.add(f"{letter}2:{letter}{max(sheet.max_row, 2)}")
    sheet.add_data_validation(rule)
