"""The workbooks that people code in: comments, instructions and codebook, and nothing that the machine decided."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.coding.choices import NO_THEME_FITS, NOTHING_TO_SAY, Choices
from pipeline.coding.draw import ADJUDICATED, Sheet
from pipeline.formats.sheet_layout import lay_out, offer, write_header, write_rows
from pipeline.formats.workbook import write_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

COMMENTS, INSTRUCTIONS, CODEBOOK = "comments", "instructions", "codebook"
"""The sheets of a workbook."""

ID, COMMENT, MAIN, OUTLOOK, UNSURE, NOTE = "comment_id", "comment", "main theme", "outlook", "unsure", "note"
FURTHER = ("further theme 1", "further theme 2")
"""The columns."""

NAME, ORDER = "Sheet", "Order"
"""What stands before the sheet's name and the order's seal among the instructions."""

YES = "yes"

_CODING = (
    "Read the codebook first: it is the third sheet of this file.",
    "Read a comment. Choose the theme that it is mainly about.",
    "Choose up to two further themes where the comment names them too.",
    f"Choose “{NO_THEME_FITS}” where a comment answers the question and no theme covers it.",
    f"Choose “{NOTHING_TO_SAY}” where a comment does not answer the question.",
)
_ADJUDICATING = (
    "Other people coded these comments differently.",
    "The columns “code A” and “code B” show their codes. Who is A changes from comment to comment.",
    "Read the comment and the codebook. Then choose the code that should count; it may be a third one.",
)
_ALWAYS = (
    f"Choose “{YES}” under “{UNSURE}” where you hesitate. Your code counts all the same.",
    "Work alone and from top to bottom. Talk about codes only when everybody has finished.",
    "You can stop and go on later. Leave a row empty until you have coded it.",
    "Do not change the columns “comment_id” and “comment”.",
    "The column “note” is for you. The program does not read it.",
    "These are people's own words. Keep this file where the comments may be kept.",
)
_WIDTHS = {ID: 14, COMMENT: 80, MAIN: 30, OUTLOOK: 14, UNSURE: 9, NOTE: 30} | dict.fromkeys(FURTHER, 26)


def columns_of(choices: Choices) -> tuple[str, ...]:
    """Return the columns that a sheet must have."""
    return (ID, COMMENT, MAIN, *FURTHER, *([OUTLOOK] if choices.outlook else []), UNSURE)


def coding_sheet(
    sheet: Sheet,
    texts: Mapping[str, str],
    choices: Choices,
    *,
    seal: str,
    given: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """Make the workbook of one coder.

    Parameters
    ----------
    sheet : Sheet
        Which comments, in the order of the rows.
    texts : mapping of str to str
        comment_id to text.
    choices : Choices
        The drop-downs.
    seal : str
        The SHA-256 of the order of drawing, by which the sheet is known to be of this run.
    given : mapping of str to sequence of str, optional
        For a sheet that settles disagreements: comment_id to the codes that people gave, in words.

    Returns
    -------
    bytes
        An XLSX file.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    rows, instructions, codebook = workbook.active, workbook.create_sheet(INSTRUCTIONS), workbook.create_sheet(CODEBOOK)
    rows.title = COMMENTS
    ranges = _write_codebook(codebook, choices)
    _write_instructions(instructions, sheet, choices, seal)
    most = max((len(codes) for codes in (given or {}).values()), default=0)
    shown = [f"code {chr(ord('A') + number)}" for number in range(most)]
    columns = list(columns_of(choices))
    columns[2:2] = shown
    lines = [[comment_id, texts[comment_id], *(given or {}).get(comment_id, ())] for comment_id in sheet.texts]
    named = [*columns, NOTE]
    write_rows(rows, named, lines, locked=2 + most, widths=[_WIDTHS.get(column, 34) for column in named])
    for column, cells in ranges.items():
        offer(rows, columns.index(column) + 1, cells)
    offer(rows, columns.index(UNSURE) + 1, f'"{YES}"')
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _write_codebook(sheet: Worksheet, choices: Choices) -> dict[str, str]:
    """Write what each code means; return for each column of the comments the cells that its drop-down lists."""
    write_header(sheet, ("theme", "definition", "what belongs", "what does not", "examples"))
    lines = [
        (theme.name, theme.definition, *("\n".join(part) for part in (theme.includes, theme.excludes, theme.examples)))
        for theme in choices.themes
    ]
    last_theme = len(lines) + 1
    lines += [
        (NO_THEME_FITS, "The comment answers the question, and no theme covers what it says."),
        (NOTHING_TO_SAY, "The comment does not answer the question."),
    ]
    first_outlook = len(lines) + 4
    _write_lines(sheet, lines, start=2)
    ranges = {MAIN: f"'{CODEBOOK}'!$A$2:$A${last_theme + 2}"}
    ranges |= dict.fromkeys(FURTHER, f"'{CODEBOOK}'!$A$2:$A${last_theme}")
    if choices.outlook:
        write_header(sheet, ("outlook", "definition", "", "", "examples"), row=first_outlook - 1)
        entries = [(entry.name, entry.definition, "", "", "\n".join(entry.examples)) for entry in choices.outlook]
        _write_lines(sheet, entries, start=first_outlook)
        ranges[OUTLOOK] = f"'{CODEBOOK}'!$A${first_outlook}:$A${first_outlook + len(entries) - 1}"
    lay_out(sheet, (30, 60, 40, 40, 50))
    sheet.freeze_panes = "B2"
    return ranges


def _write_instructions(sheet: Worksheet, of: Sheet, choices: Choices, seal: str) -> None:
    said = [*(_ADJUDICATING if of.coder == ADJUDICATED else _CODING)]
    if choices.outlook:
        said.append(f"Choose the outlook of every comment that answers the question: {choices.asks}")
    lines: list[tuple[str, str]] = [("Question", choices.question)] if choices.question else []
    lines += [(str(number), line) for number, line in enumerate([*said, *_ALWAYS], start=1)]
    lines += [(NAME, of.name), (ORDER, seal)]
    _write_lines(sheet, lines, start=1)
    lay_out(sheet, (12, 100))


def _write_lines(sheet: Any, lines: Sequence[Sequence[str]], *, start: int) -> None:
    for number, line in enumerate(lines, start=start):
        for place, text in enumerate(line, start=1):
            write_text(sheet.cell(number, place), text)
