"""Reading the sheets that people filled in: what they coded, or everything that is wrong with a sheet at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from pipeline.coding.choices import Choices
from pipeline.coding.codes import codes_frame
from pipeline.coding.draw import Record, Sheet, text_digest
from pipeline.coding.sheets import (
    COMMENT,
    COMMENTS,
    FURTHER,
    ID,
    INSTRUCTIONS,
    MAIN,
    NAME,
    ORDER,
    OUTLOOK,
    UNSURE,
    YES,
    columns_of,
)
from pipeline.errors import DataError, did_you_mean, shown
from pipeline.formats.workbook import read_workbook

_YES = frozenset({YES, "y", "x", "1", "true"})
_NO = frozenset({"", "no", "n", "0", "false"})
_LISTED = 20
"""How many problems of a sheet a message lists."""


@dataclass(frozen=True)
class FilledSheet:
    """What one sheet says.

    Attributes
    ----------
    sheet : Sheet
        Which sheet it is.
    codes : DataFrame
        The columns of `pipeline.coding.codes.CODES`, a row for each comment with a main theme.
    """

    sheet: Sheet
    codes: pd.DataFrame

    @property
    def n_open(self) -> int:
        """How many of its comments have no code yet."""
        return len(self.sheet.texts) - len(self.codes)


def read_sheet(content: bytes, path: Path, record: Record, choices: Choices) -> FilledSheet:
    """Read one sheet.

    Parameters
    ----------
    content : bytes
        The workbook, as any spreadsheet program saved it.
    path : pathlib.Path
        Where it is, for messages.
    record : Record
        What was drawn for whom.
    choices : Choices
        The codes that there are.

    Returns
    -------
    FilledSheet
        The codes of the rows that have a main theme; other rows are open.

    Raises
    ------
    DataError
        Where it is no such sheet, is of another run or an unknown draw, lacks a column, or for all problems of its
        rows together: an unknown code, a missing or doubled row, a comment that was edited. No comment's words are in
        the message.
    """
    book = read_workbook(content, path)
    sheet, is_earlier = _sheet_of(book, path, record)
    header, *rows = book[COMMENTS] or [[]]
    places = _places(header, path, choices)
    reader = _Rows(path, sheet, choices)
    for number, row in enumerate(rows, start=2):
        cells = {column: row[place] for column, place in places.items()}
        if any(cells.values()) and not (is_earlier and cells[ID] not in sheet.texts):
            reader.read(number, cells)
    reader.insist_on_all()
    if reader.problems:
        more = len(reader.problems) - _LISTED
        listed = [*reader.problems[:_LISTED], *([f"{path}: {more} more problems."] if more > 0 else [])]
        raise DataError.from_problems(
            listed, "Correct the file and score it again. Choose codes from the lists, and leave comments as they are."
        )
    return FilledSheet(sheet, codes_frame(reader.codes))


def _sheet_of(book: Mapping[str, Sequence[Sequence[str]]], path: Path, record: Record) -> tuple[Sheet, bool]:
    """Return which sheet it is, and whether comments were forgotten since: then it may have rows of theirs."""
    missing = [name for name in (COMMENTS, INSTRUCTIONS) if name not in book]
    said = {row[0]: row[1] for row in book.get(INSTRUCTIONS, ()) if len(row) > 1}
    if missing or not {NAME, ORDER} <= set(said):
        what = f"the sheet '{missing[0]}' is missing" if missing else f"'{INSTRUCTIONS}' has no rows {NAME} and {ORDER}"
        raise DataError(
            f"{path}: this is no sheet that `code draw` or `code score` wrote: {what}.",
            "Give a sheet of this run's folder coding. Keep all sheets of the file, under their names.",
        )
    if said[ORDER] not in (record.seal, *record.earlier):
        raise DataError(f"{path}: this sheet is of another run.", "Give it to the run that it was drawn from.")
    sheet = record.sheet(said[NAME])
    if sheet is None:
        near = did_you_mean(said[NAME], (known.name for known in record.sheets))
        raise DataError(
            f"{path}: this run drew no sheet {shown(said[NAME])}.{near}",
            f"Give the sheets of this run: {', '.join(known.name for known in record.sheets)}.",
        )
    return sheet, said[ORDER] in record.earlier


def _places(header: Sequence[str], path: Path, choices: Choices) -> dict[str, int]:
    found = [name.casefold() for name in header]
    times = Counter(found)
    problems = [
        f"{path}, row 1: the column '{name}' is missing.{did_you_mean(name, filter(None, header))}"
        if not times[name]
        else f"{path}, row 1: the column '{name}' stands {times[name]} times."
        for name in columns_of(choices)
        if times[name] != 1
    ]
    if problems:
        raise DataError.from_problems(problems, "Give each column its name back, once.")
    return {name: found.index(name) for name in columns_of(choices)}


@dataclass
class _Rows:
    """Reads rows one by one and collects codes and problems."""

    path: Path
    sheet: Sheet
    choices: Choices
    codes: list[tuple[str, str, str, tuple[str, ...], str, bool]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)

    def _complain(self, row: int, column: str, what: str) -> None:
        self.problems.append(f"{self.path}, row {row}, column '{column}': {what}")

    def read(self, row: int, cells: Mapping[str, str]) -> None:
        """Read a row that is not empty."""
        comment_id, before = cells[ID], len(self.problems)
        if comment_id not in self.sheet.texts:
            self._complain(row, ID, "this comment was not drawn for this sheet.")
        elif comment_id in self.seen:
            self._complain(row, ID, f"the comment stands in row {self.seen[comment_id]} too.")
        elif text_digest(cells[COMMENT]) != self.sheet.texts[comment_id]:
            self._complain(row, COMMENT, "the comment was edited.")
        self.seen.setdefault(comment_id, row)
        main = self._code(row, MAIN, cells[MAIN], self.choices.main)
        further = [self._code(row, column, cells[column], self.choices.further) for column in FURTHER]
        outlook = self._code(row, OUTLOOK, cells.get(OUTLOOK, ""), self.choices.outlooks)
        unsure = cells[UNSURE].casefold()
        if unsure not in _YES | _NO:
            self._complain(row, UNSURE, f"found {shown(unsure)}, '{YES}' or nothing is wanted.")
        if any(further) and main not in self.choices.further.values():
            self._complain(row, MAIN, "a further theme is given, so a theme is wanted here too.")
        if main and len(self.problems) == before:
            others = tuple(dict.fromkeys(theme for theme in further if theme not in ("", main)))
            self.codes.append((comment_id, self.sheet.coder, main, others, outlook, unsure in _YES))

    def _code(self, row: int, column: str, found: str, choices: Mapping[str, str]) -> str:
        """Return the code that a cell names, by name or by id; "" for an empty cell and for one that is wrong."""
        known = {name.casefold(): code for name, code in choices.items()}
        known |= {code.casefold(): code for code in choices.values()}
        wanted = " ".join(found.split()).casefold()
        if wanted and wanted not in known:
            self._complain(row, column, f"{shown(found)} is not on the list.{did_you_mean(found, choices)}")
        return known.get(wanted, "")

    def insist_on_all(self) -> None:
        """Complain of comments that were drawn and have no row."""
        missing = [row for row, one in enumerate(self.sheet.texts, start=2) if one not in self.seen]
        if missing:
            first = ", ".join(map(str, missing[:5])) + (", …" if len(missing) > 5 else "")
            what = "is missing; it stood in row" if len(missing) == 1 else "are missing; they stood in rows"
            self.problems.append(f"{self.path}: {len(missing)} of its comments {what} {first} at first.")
