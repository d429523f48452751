"""The sheets on which a person changes topics: as CSV files and as one workbook, with the same columns."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import UNMAPPED
from pipeline.formats.sheet_layout import lay_out, offer, write_header, write_rows
from pipeline.formats.workbook import write_text
from pipeline.review.decisions import Decision, Move, Review
from pipeline.tables.csv_files import to_csv

TOPICS_CSV, COMMENTS_CSV, WORKBOOK = (
    "internal/topics_review.csv", "internal/comments_review.csv", "internal/topics_review.xlsx",
)  # fmt: skip
"""The files, by their place in the run folder."""

TOPICS, COMMENTS, INSTRUCTIONS = "topics", "comments", "instructions"
"""The sheets of the workbook."""

TOPIC, NAME, DEFINITION, MERGE, SPLIT, THEME, NOTE, REVIEWER = (
    "topic", "name", "definition", "merge_into", "split", "theme", "note", "reviewer",
)  # fmt: skip
ID = "comment_id"
SHOWN = (TOPIC, "machine_name", "keywords", "comments", "machine_theme")
"""The columns that the program fills in."""

DECIDED = (NAME, DEFINITION, MERGE, SPLIT, THEME, NOTE, REVIEWER)
MOVED = (ID, TOPIC, NOTE, REVIEWER)
YES, NO_THEME = "yes", "none"

_WIDTHS = {
    TOPIC: 7, "machine_name": 30, "keywords": 36, "comments": 11, "machine_theme": 24, NAME: 28, DEFINITION: 40,
    MERGE: 12, SPLIT: 7, THEME: 26, NOTE: 30, REVIEWER: 14, ID: 16,
}  # fmt: skip
_MOST_MOVES = 1000
"""Empty rows that are open to be filled in with moved comments."""

_SAID = (
    ("topics", "One row for each topic. Fill in the white cells only; leave empty what stays as it is."),
    ("name", "What the topic is called. The report shows it."),
    ("definition", "What belongs to the topic. The report's table of topics has it."),
    ("merge_into", "The number of the topic that this one becomes part of."),
    ("split", f"“{YES}” cuts the topic in two. The next run gives the second part a row of its own."),
    ("theme", f"The theme that the topic belongs to, in place of the program's match; “{NO_THEME}” for no theme."),
    ("note", "For you and your colleagues. It is published nowhere."),
    ("reviewer", "Who decided. Only the number of people is published."),
    ("comments", "One row for each comment that belongs elsewhere: its id, and the number of its topic, or -1."),
    ("then", "Save the file and run the pipeline again. It uses this file or the CSV files beside it."),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A topic as the sheet shows it: its number, the machine's name, keywords, comments and theme."""

    topic: int
    machine_name: str
    keywords: str
    comments: int | None
    machine_theme: str


def sheet_files(rows: Sequence[Row], review: Review, codebook: Codebook) -> dict[str, bytes]:
    """Return the sheets as files.

    Parameters
    ----------
    rows : sequence of Row
        The topics.
    review : Review
        What was decided so far.
    codebook : Codebook
        Whose themes the workbook offers.

    Returns
    -------
    dict of str to bytes
        Both CSV files and the workbook, by their place in the run folder.
    """
    topics = [[*_shown(row), *_decided(review.by_topic.get(row.topic), codebook)] for row in rows]
    moves = [_moved(move) for move in review.moves]
    return {
        TOPICS_CSV: to_csv(pd.DataFrame(topics, columns=[*SHOWN, *DECIDED], dtype=object)),
        COMMENTS_CSV: to_csv(pd.DataFrame(moves, columns=list(MOVED), dtype=object)),
        WORKBOOK: _workbook(topics, moves, codebook),
    }


def _shown(row: Row) -> list[str]:
    comments = "" if row.comments is None else str(row.comments)
    return [str(row.topic), row.machine_name, row.keywords, comments, row.machine_theme]


def _decided(decision: Decision | None, codebook: Codebook) -> list[str]:
    if decision is None:
        return [""] * len(DECIDED)
    merge = "" if decision.merge_into is None else str(decision.merge_into)
    theme = NO_THEME if decision.theme == UNMAPPED else codebook.name_of(decision.theme) if decision.theme else ""
    said = YES if decision.split else ""
    return [decision.name, decision.definition, merge, said, theme, decision.note, decision.reviewer]


def _moved(move: Move) -> list[str]:
    return [move.comment_id, str(move.topic), move.note, move.reviewer]


def _workbook(topics: list[list[str]], moves: list[list[str]], codebook: Codebook) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet, comments, instructions = book.active, book.create_sheet(COMMENTS), book.create_sheet(INSTRUCTIONS)
    sheet.title = TOPICS
    columns = [*SHOWN, *DECIDED]
    write_rows(sheet, columns, topics, locked=len(SHOWN), widths=[_WIDTHS[name] for name in columns])
    empty: list[list[str]] = [[]] * _MOST_MOVES
    widths = [_WIDTHS[name] for name in MOVED]
    write_rows(comments, MOVED, [*moves, *empty], locked=0, widths=widths, frozen=1, as_text=True)
    first = len(_SAID) + 4
    for number, line in enumerate(_SAID, start=1):
        for place, text in enumerate(line, start=1):
            write_text(instructions.cell(number, place), text)
    write_header(instructions, ("theme", "definition"), row=first - 1)
    themes = [(theme.name, theme.definition) for theme in codebook.themes]
    themes.append((NO_THEME, "The topic belongs to no theme."))
    for number, line in enumerate(themes, start=first):
        for place, text in enumerate(line, start=1):
            write_text(instructions.cell(number, place), text)
    lay_out(instructions, (30, 100))
    offer(sheet, columns.index(SPLIT) + 1, f'"{YES}"')
    offer(sheet, columns.index(THEME) + 1, f"'{INSTRUCTIONS}'!$A${first}:$A${first + len(themes) - 1}")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
