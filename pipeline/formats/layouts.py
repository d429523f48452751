"""What survey tools write below the first line: further header rows, which are no answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.formats.column_names import folded_name
from pipeline.formats.raw_table import RawTable

_LOOKED_AT = 4
"""Rows below the header that may be header rows themselves."""
_IMPORT_ID = re.compile(r'\s*\{\s*"+ImportId"+\s*:')
_QUALTRICS = frozenset({
    "startdate", "enddate", "status", "ipaddress", "progress", "duration(inseconds)", "finished", "recordeddate",
    "responseid", "recipientlastname", "recipientfirstname", "recipientemail", "externalreference",
    "externaldatareference", "locationlatitude", "locationlongitude", "distributionchannel", "userlanguage",
})  # fmt: skip
_SURVEY_MONKEY = frozenset({"respondentid", "collectorid", "datecreated", "datemodified", "startdate", "enddate",
                            "ipaddress", "emailaddress", "firstname", "lastname", "customdata1"})  # fmt: skip
_WHOLE_ANSWER = frozenset({"open-endedresponse", "response"})


def without_further_headers(table: RawTable) -> RawTable:
    """Return a table without the header rows that survey tools write below the first, and say which they were.

    Parameters
    ----------
    table : RawTable
        A table as it stands in its file.

    Returns
    -------
    RawTable
        The same table where there are none. Rows are numbered from the first answer on. The text of the questions is
        kept as titles, by which columns may be named too.
    """
    for layout in (_qualtrics, _survey_monkey):
        if (found := layout(table)) is not None:
            return _without_repeats(found)
    return _without_repeats(table)


def _squeezed(name: str) -> str:
    return folded_name(name).replace(" ", "")


def _below(table: RawTable, count: int, note: str, *, header: Sequence[str], titles: Sequence[str]) -> RawTable:
    first = table.numbers[count - 1] if count else 0
    return replace(
        table,
        header=tuple(header),
        rows=table.rows[count:],
        numbers=[number - first for number in table.numbers[count:]],
        notes=[*table.notes, note],
        titles=tuple(titles),
    )


def _qualtrics(table: RawTable) -> RawTable | None:
    """Return a Qualtrics export without the row of questions and the row of import ids."""
    for place, row in enumerate(table.rows[:_LOOKED_AT]):
        filled = [cell for cell in row if cell.strip()]
        if filled and all(_IMPORT_ID.match(cell) for cell in filled):
            more = "The header row" if place == 0 else f"The {place + 1} header rows"
            note = f"This is a Qualtrics export. {more} below the first {'was' if place == 0 else 'were'} left out."
            titles = table.rows[0] if place else table.titles
            return _below(table, place + 1, note, header=table.header, titles=titles)
    if not table.rows:
        return None
    # Somebody may have deleted the row of import ids alone.
    row = table.rows[0]
    said_again = sum(
        _squeezed(name) in _QUALTRICS and _squeezed(cell) in (_squeezed(name), "responsetype")
        for name, cell in zip(table.header, row, strict=True)
    )
    if said_again < 2:
        return None
    note = "This is a Qualtrics export. The row of questions below the header was left out."
    return _below(table, 1, note, header=table.header, titles=row)


def _survey_monkey(table: RawTable) -> RawTable | None:
    """Return a SurveyMonkey export whose second row says which part of a question a column holds."""
    names = [_squeezed(name) for name in table.header]
    own = [place for place, name in enumerate(names) if name in _SURVEY_MONKEY]
    if not table.rows or "respondentid" not in names:
        return None
    row = table.rows[0]
    says_parts = any(_squeezed(cell) in _WHOLE_ANSWER for cell in row) or any(
        cell.strip() and not name for name, cell in zip(names, row, strict=True)
    )
    if any(row[place].strip() for place in own) or not says_parts:
        return None
    header, question = [], ""
    for name, part in zip(table.header, row, strict=True):
        question = name or question
        alone = not part.strip() or _squeezed(part) in _WHOLE_ANSWER
        header.append(question if alone and name else f"{question} - {part.strip()}" if part.strip() else name)
    note = "This is a SurveyMonkey export. The second header row was left out; it names the parts of questions."
    return _below(table, 1, note, header=header, titles=table.header)


def _without_repeats(table: RawTable) -> RawTable:
    """Return a table without rows that say the header again, as files that were put together have them."""
    names = [folded_name(name) for name in table.header]
    if len(names) < 2 or not any(names):
        return table
    again = [
        row[0].strip().casefold() == table.header[0].casefold() and [folded_name(cell) for cell in row] == names
        for row in table.rows
    ]
    if not any(again):
        return table
    count = sum(again)
    note = f"{count} row{'s that repeat' if count > 1 else ' that repeats'} the header " + (
        "were left out." if count > 1 else "was left out."
    )
    return replace(
        table,
        rows=[row for row, said in zip(table.rows, again, strict=True) if not said],
        numbers=[number for number, said in zip(table.numbers, again, strict=True) if not said],
        notes=[*table.notes, note],
    )
