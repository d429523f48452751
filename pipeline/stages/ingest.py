"""Read a file of comments: find the columns, check the ids, fold and split what the settings name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.config import QUESTION, RESPONDENT, ColumnsConfig, InputConfig
from pipeline.contracts import OF_COMMENTS, Received
from pipeline.errors import DataError
from pipeline.formats.anyfile import read_table
from pipeline.formats.column_names import folded_name, near_miss, places_of
from pipeline.formats.digests import NOTHING, HashedSet
from pipeline.formats.raw_table import RawTable
from pipeline.formats.several import choices_in, folded_choice
from pipeline.formats.workbook import same_words

_SHOWN = 5


@dataclass(frozen=True)
class Rows:
    """What a file of comments holds, before it is a frame; `check` asks no more.

    Attributes
    ----------
    columns : dict of str to list of str
        See `pipeline.contracts.Received`: comment_id, text, then the other columns.
    summary : dict
        How the file was read; see there too.
    """

    columns: dict[str, list[str]]
    summary: dict[str, Any]


def read_comments(content: bytes, *, path: Path, config: InputConfig, forgotten: HashedSet = NOTHING) -> Received:
    """Turn the bytes of a file into comments.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.
    config : InputConfig
        Columns, and how to read the file.
    forgotten : HashedSet
        Comments to leave out, by "id" or "respondent"; where the file gives no ids, by their "words".

    Returns
    -------
    Received
        All comments in the file's order, and how the file was read. Columns have the names that the configuration
        gives them; where a cell holds several choices, each that is named is a column of its own with "yes", "no" or
        "" (nothing chosen).

    Raises
    ------
    DataError
        As `read_rows`.
    """
    import pandas as pd

    rows = read_rows(content, path=path, config=config, forgotten=forgotten)
    return Received(comments=pd.DataFrame(rows.columns, dtype="str"), summary=rows.summary)


def read_rows(content: bytes, *, path: Path, config: InputConfig, forgotten: HashedSet = NOTHING) -> Rows:
    """Turn the bytes of a file into the cells of comments; as `read_comments`, without a frame.

    Raises
    ------
    DataError
        Where the file cannot be read, lacks a column or rows, or has missing or repeated ids. All problems with ids
        are reported together.
    """
    columns = config.columns
    table = read_table(
        content,
        path,
        separator=config.separator,
        encoding=config.encoding,
        sheet=config.sheet,
        names=columns.all_columns(),
    )
    places = _places(table, path, columns)
    if not table.rows:
        raise DataError(
            f"{path}: the file has a header and no comments below it.", "Add the comments, one a row, and run again."
        )
    notes = list(table.notes)
    comments = _named(table, path, columns, places, notes)
    left_out = _left_out(comments, columns, forgotten)
    if all(left_out):
        raise DataError(f"{path}: all comments were forgotten.", "Use a file with other comments.")
    if any(left_out):
        comments = {
            name: [cell for cell, is_out in zip(cells, left_out, strict=True) if not is_out]
            for name, cells in comments.items()
        }
    summary = {"file": path.name, **table.origin, "rows": len(comments["text"]), "notes": notes}
    if any(left_out):
        summary["forgotten"] = sum(left_out)
    return Rows(comments, summary)


def _named(
    table: RawTable, path: Path, columns: ColumnsConfig, places: dict[str, int], notes: list[str]
) -> dict[str, list[str]]:
    """Return the comments under the configured names, and add to the notes what was made of them."""
    named = {"comment_id": _comment_ids(table, path, columns.id, places)}
    named |= {"text": table.column(places[columns.texts[0]])} if len(columns.texts) == 1 else {}
    for name in columns.all_columns():
        if name in (columns.id, *columns.texts):
            continue
        cells = table.column(places[name])
        if name in columns.metadata and columns.fold_groups:
            cells, folded = _folded(cells)
            if folded:
                notes.append(f"'{name}': spellings that differ in case or white space were made one, in {folded} rows.")
        named[name] = cells
    for coder in columns.coders:
        if coder.labels:
            named |= {name: _labelled(named[name], coder.labels) for name in coder.theme}
    for name, wanted in columns.choices.items():
        named |= _apart(table.column(places[name]), name, wanted, path)
    if len(columns.texts) == 1:
        return named
    if columns.person == RESPONDENT and RESPONDENT not in named:
        named[RESPONDENT] = named["comment_id"]
    notes.append(f"Answers to {len(columns.texts)} questions were pooled: each is a comment of its own.")
    return _pooled(named, {name: table.column(places[name]) for name in columns.texts}, path)


def _places(table: RawTable, path: Path, columns: ColumnsConfig) -> dict[str, int]:
    """Return where each column stands that the configuration names."""
    problems, places = [], {}
    for name in columns.all_columns():
        found, said = places_of(name, table.header, table.titles), " ".join(name.split())
        if not found:
            problems.append(f"{path}: the column '{said}' is missing.{near_miss(name, table.header)}")
        elif len(found) > 1:
            problems.append(f"{path}: the column '{said}' stands {len(found)} times in the header.")
        else:
            places[name] = found[0]
    problems += [
        f"{path}: '{name}' and '{other}' are one column of the file, number {place + 1}."
        for place, n in Counter(places.values()).items()
        if n > 1
        for name, other in [[one for one, where in places.items() if where == place][:2]]
    ]
    problems += [
        f"{path}: the column '{name}' has a name that the outputs use; rename it."
        for name in columns.all_columns()
        if name in OF_COMMENTS and name not in (columns.id, *columns.texts)
    ]
    if problems:
        # A file without a header has a respondent's words in its first line: none but a near miss is shown.
        width = len(table.header)
        raise DataError.from_problems(
            problems,
            f"The file's first line has {width} column{'s' if width > 1 else ''}. It must hold the columns' names: "
            "set input.columns to those.",
        )
    return places


def _pooled(rows: Mapping[str, list[str]], answers: Mapping[str, list[str]], path: Path) -> dict[str, list[str]]:
    """Return a row for each answer that is not blank, in the order of rows and then of questions.

    Its id is that of the row with the number of the question: c0042-q2.
    """
    given = [
        (place, number, name, cells[place])
        for place in range(len(rows["comment_id"]))
        for number, (name, cells) in enumerate(answers.items(), start=1)
        if cells[place].strip()
    ]
    if not given:
        raise DataError(f"{path}: all cells of the pooled columns are empty.", "Check input.columns.comment.")
    ids = rows["comment_id"]
    pooled = {name: [cells[place] for place, *_ in given] for name, cells in rows.items() if name != "comment_id"}
    return {
        "comment_id": [f"{ids[place]}-q{number}" for place, number, *_ in given],
        "text": [text for *_, text in given],
        **pooled,
        QUESTION: [question for _, _, question, _ in given],
    }


def _left_out(comments: Mapping[str, list[str]], columns: ColumnsConfig, forgotten: HashedSet) -> list[bool]:
    """Return which comments are to be forgotten."""
    by_words = columns.id is None
    known = [("words", same_words(text)) if by_words else ("id", one)
             for one, text in zip(comments["comment_id"], comments["text"], strict=True)]  # fmt: skip
    people = [""] * len(known) if columns.person is None else comments[columns.person]
    return [
        forgotten.holds(*said) or (columns.person is not None and forgotten.holds("respondent", person.strip()))
        for said, person in zip(known, people, strict=True)
    ]


def _folded(cells: list[str]) -> tuple[list[str], int]:
    """Return cells with one spelling, the most frequent, for those that differ in case or white space."""
    spellings: dict[str, Counter[str]] = {}
    for cell in cells:
        spellings.setdefault(folded_name(cell), Counter())[" ".join(cell.split())] += 1
    usual = {folded: min((-n, one) for one, n in found.items())[1] for folded, found in spellings.items()}
    folded = [usual[folded_name(cell)] for cell in cells]
    return folded, sum(one != " ".join(cell.split()) for one, cell in zip(folded, cells, strict=True))


def _labelled(cells: list[str], labels: Mapping[str, str]) -> list[str]:
    """Return cells with what their codes stand for; a cell may hold several."""
    known = {_code(code): label for code, label in labels.items()}

    def read(cell: str) -> str:
        if _code(cell) in known:
            return known[_code(cell)]
        parts = re.split(r"[;|,/\n]", cell)
        return ";".join(known[_code(part)] for part in parts) if all(_code(p) in known for p in parts) else cell

    return [read(cell) for cell in cells]


def _code(cell: str) -> str:
    """Return a code as its label names it: 4.0 is 4."""
    return re.sub(r"^(\d+)\.0+$", r"\1", folded_name(cell))


def _apart(cells: list[str], name: str, wanted: Iterable[str], path: Path) -> dict[str, list[str]]:
    """Return a column for each choice that is named: "yes", "no", or "" where nothing was chosen."""
    wanted = tuple(wanted)
    chosen = [set(map(folded_choice, choices_in(cell, wanted))) for cell in cells]
    nobody = [choice for choice in wanted if not any(folded_choice(choice) in one for one in chosen)]
    if nobody:
        raise DataError.from_problems(
            [f"{path}: nobody chose '{choice}' in the column '{name}'." for choice in nobody],
            "Check the spelling in input.columns.choices. The command new lists the choices of a file.",
        )
    return {
        f"{name}: {choice}": ["" if not one else "yes" if folded_choice(choice) in one else "no" for one in chosen]
        for choice in wanted
    }


def _comment_ids(table: RawTable, path: Path, id_column: str | None, places: dict[str, int]) -> list[str]:
    if id_column is None:
        width = max(4, len(str(table.numbers[-1])))
        return [f"r{number:0{width}d}" for number in table.numbers]
    comment_ids = [cell.strip() for cell in table.column(places[id_column])]
    seen: set[str] = set()
    missing, repeated = [], []
    for number, comment_id in zip(table.numbers, comment_ids, strict=True):
        if not comment_id:
            missing.append(number)
        elif comment_id in seen:
            repeated.append(number)
        seen.add(comment_id)
    # Rows are shown, not values: the column named may turn out to hold comments.
    problems = [
        f"{path}: {len(rows)} of {len(comment_ids)} rows {what} '{id_column}' "
        f"(row {', '.join(map(str, rows[:_SHOWN]))}{' …' if len(rows) > _SHOWN else ''}, counted below the header)."
        for rows, what in ((missing, "have no"), (repeated, "repeat an earlier"))
        if rows
    ]
    if problems:
        raise DataError.from_problems(
            problems, "Give every comment its own id, or set input.columns.id to null and the rows are numbered."
        )
    return comment_ids
