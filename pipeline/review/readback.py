"""Reading the sheets that a person filled in: what was decided, or everything that is wrong with a file at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.codebook.codebook import Codebook
from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.errors import DataError, did_you_mean, shown
from pipeline.formats.csvfile import read_csv
from pipeline.formats.spreadsheet import plain_cell
from pipeline.formats.workbook import read_workbook
from pipeline.review.decisions import Decision, Move, Review, contradictions
from pipeline.review.sheets import (
    COMMENTS,
    DECIDED,
    DEFINITION,
    ID,
    MERGE,
    MOVED,
    NAME,
    NO_THEME,
    NOTE,
    REVIEWER,
    SPLIT,
    THEME,
    TOPIC,
    TOPICS,
    YES,
)

_YES = frozenset({YES, "y", "x", "1", "true"})
_NO = frozenset({"", "no", "n", "0", "false", "-"})
_NUMBER = re.compile(r"-?\d{1,9}")
_LISTED = 20
"""How many problems a message lists."""

Cells = Mapping[str, str]
_Rows = Sequence[tuple[int, Cells]]


def read_csv_files(
    topics: tuple[bytes, Path] | None, comments: tuple[bytes, Path] | None, codebook: Codebook
) -> Review:
    """Read the CSV files.

    Parameters
    ----------
    topics, comments : (bytes, pathlib.Path) or None
        Content and place of each; None for a file that is not there.
    codebook : Codebook
        The themes that there are.

    Returns
    -------
    Review
        The rows that a person wrote in.

    Raises
    ------
    DataError
        For all that is wrong with the files together: each with file, row, column, what was found and what is wanted.
        What people wrote is not in the message.
    """
    reader = _Reader(codebook)
    for file, columns, read in ((topics, (TOPIC, *DECIDED), reader.read_topics), (comments, MOVED, reader.read_moves)):
        if file is not None:
            read(f"{file[1]}", _csv_rows(*file, columns))
    return reader.review()


def read_review_workbook(content: bytes, path: Path, codebook: Codebook) -> Review:
    """Read the workbook; as `read_csv_files`."""
    book = read_workbook(content, path)
    missing = [name for name in (TOPICS, COMMENTS) if name not in book]
    if missing:
        raise DataError(
            f"{path}: the sheet '{missing[0]}' is missing.",
            "Give each sheet its name back. (Without the file, `pipeline topics` writes it anew.)",
        )
    reader = _Reader(codebook)
    for name, columns, read in (
        (TOPICS, (TOPIC, *DECIDED), reader.read_topics), (COMMENTS, MOVED, reader.read_moves),
    ):  # fmt: skip
        header, *rows = book[name] or [list(columns)]
        where = f"{path}, sheet '{name}'"
        places = _places(header, where, columns)
        read(where, [(number, {column: row[place] for column, place in places.items()})
                     for number, row in enumerate(rows, start=2)])  # fmt: skip
    return reader.review()


def _csv_rows(content: bytes, path: Path, columns: Sequence[str]) -> _Rows:
    try:
        rows = read_csv(content, path).frame()
    except DataError as problem:
        raise DataError(problem.message, "Open the file in a spreadsheet and save it as 'CSV UTF-8'.") from None
    places = _places(list(rows.columns), str(path), columns)
    return [
        # Row 1 of a file is its header; blank rows were left out.
        (index + 2, {column: plain_cell(row[place]).strip() for column, place in places.items()})
        for index, *row in rows.itertuples(name=None)
    ]


def _places(header: Sequence[str], where: str, columns: Sequence[str]) -> dict[str, int]:
    found = [name.strip().casefold() for name in header]
    times = Counter(found)
    problems = [
        f"{where}, row 1: the column '{name}' is missing.{did_you_mean(name, filter(None, header))}"
        if not times[name]
        else f"{where}, row 1: the column '{name}' stands {times[name]} times."
        for name in columns
        if times[name] != 1
    ]
    if problems:
        raise DataError.from_problems(problems, "Give each column its name back, once.")
    return {name: found.index(name) for name in columns}


@dataclass
class _Reader:
    """Reads rows one by one, and collects decisions and problems."""

    codebook: Codebook
    decisions: dict[int, Decision] = field(default_factory=dict)
    moves: dict[str, Move] = field(default_factory=dict)
    listed: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    def read_topics(self, where: str, rows: _Rows) -> None:
        """Read the rows of topics."""
        for number, cells in rows:
            place = f"{where}, row {number}"
            is_number = _NUMBER.fullmatch(cells[TOPIC])
            if is_number:
                self.listed.add(int(cells[TOPIC]))
            if not any(cells[column] for column in DECIDED):
                continue
            before = len(self.problems)
            topic = self._number(place, TOPIC, cells[TOPIC], "the number of a topic is wanted")
            merge = cells[MERGE] and self._number(place, MERGE, cells[MERGE], "the number of a topic is wanted")
            split = cells[SPLIT].casefold()
            if split not in _YES | _NO:
                self._complain(place, SPLIT, f"found {shown(cells[SPLIT])}, '{YES}' or nothing is wanted.")
            theme = self._theme(place, cells[THEME])
            if topic in self.decisions:
                self._complain(place, TOPIC, f"topic {topic} stands in {self.decisions[topic].place} too.")
            if len(self.problems) == before and topic is not None:
                self.decisions[topic] = Decision(
                    topic=topic, name=_in_one_line(cells[NAME]), definition=_in_one_line(cells[DEFINITION]),
                    merge_into=merge if isinstance(merge, int) else None, split=split in _YES, theme=theme,
                    note=_lines(cells[NOTE]), reviewer=_in_one_line(cells[REVIEWER]), place=place,
                )  # fmt: skip

    def read_moves(self, where: str, rows: _Rows) -> None:
        """Read the rows of moved comments."""
        for number, cells in rows:
            if not any(cells.values()):
                continue
            place, comment_id, before = f"{where}, row {number}", cells[ID], len(self.problems)
            if not comment_id:
                self._complain(place, ID, "found nothing, the id of a comment is wanted.")
            elif comment_id in self.moves:
                self._complain(place, ID, f"the comment stands in {self.moves[comment_id].place} too.")
            wanted = f"the number of a topic is wanted, or {OUTLIER} for none"
            topic = self._number(place, TOPIC, cells[TOPIC], wanted, least=OUTLIER)
            if len(self.problems) == before and topic is not None:
                self.moves[comment_id] = Move(
                    comment_id, topic, note=_lines(cells[NOTE]), reviewer=_in_one_line(cells[REVIEWER]), place=place
                )

    def review(self) -> Review:
        """Return what was decided; complain of all problems together."""
        review = Review.of(self.decisions.values(), self.moves.values(), self.listed)
        insist(self.problems or contradictions(review))
        return review

    def _complain(self, place: str, column: str, what: str) -> None:
        self.problems.append(f"{place}, column '{column}': {what}")

    def _number(self, place: str, column: str, found: str, wanted: str, *, least: int = 0) -> int | None:
        if _NUMBER.fullmatch(found) and int(found) >= least:
            return int(found)
        self._complain(place, column, f"found {shown(found) if found else 'nothing'}, {wanted}.")
        return None

    def _theme(self, place: str, found: str) -> str:
        theme = theme_named(found, self.codebook)
        if theme is None:
            near = did_you_mean(found, [NO_THEME, *(theme.name for theme in self.codebook.themes)])
            self._complain(place, THEME, f"{shown(found)} is no theme of the codebook, nor '{NO_THEME}'.{near}")
        return theme or ""


def theme_named(found: str, codebook: Codebook) -> str | None:
    """Return the id of a theme that is given by id or name, "unmapped" for "none", "" for nothing; None if unknown."""
    known = {NO_THEME: UNMAPPED, "": ""}
    known |= {theme.name.casefold(): theme.id for theme in codebook.themes}
    known |= {theme.id.casefold(): theme.id for theme in codebook.themes}
    return known.get(" ".join(found.split()).casefold())


def insist(problems: Sequence[str], hint: str = "Correct the file and run the pipeline again.") -> None:
    """Raise what is wrong with a review, if anything is.

    Raises
    ------
    DataError
        With the first problems, and how many more there are.
    """
    if problems:
        raise DataError.from_problems([*_first(problems)], hint)


def _first(problems: Sequence[str]) -> Iterator[str]:
    yield from problems[:_LISTED]
    if len(problems) > _LISTED:
        yield f"{len(problems) - _LISTED} more problems."


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _lines(text: str) -> str:
    return "\n".join(text.splitlines())
