"""Looking at a file of comments: which column is what, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from pipeline.errors import DataError
from pipeline.formats.column_names import folded_name, places_of
from pipeline.formats.raw_table import RawTable
from pipeline.formats.several import choices_in, folded_choice

Role = Literal["comments", "another open question", "id", "respondent", "group", "choices", "date", "left out"]

_MOST_GROUPS = 30
_MOST_CHOICES = 20
_FEWEST_WORDS = 3.0
_FEWEST_MONTHS = 2
_LONGEST_BY = {18: "month", 60: "quarter"}
"""The months that dates may span to be grouped so; over a longer time they are grouped by year. There are then some
twenty periods at most: more leave few comments to each, and a figure that nobody reads."""
_TOOLS = re.compile(
    r"(start|end|completion|last modified|submi\w*|recorded) ?(date|time)|time ?stamp|status|progress|finished"
    r"|duration.*|distribution ?channel|user ?language|collector ?id|response ?type|seconds.*|language"
)
_PERSONAL = re.compile(
    r".*(e-?mail|phone|mobile|\bname\b|first ?name|last ?name|surname|ip ?address|post ?code|postal|latitude|longitude"
    r"|recipient|date of birth|\bdob\b|nhs number|\baddress\b|external ?(data)? ?reference).*"
)
_IDS = re.compile(r".*(\bid|id|\bnumber|\bno\.?|\bref|reference|\bkey)")
_PEOPLE = re.compile(r".*(respondent|participant|person|patient|panel|user|member).*")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([ T]\d.*)?|\d\d?[/.]\d\d?[/.]\d{2,4}([ ,]+\d.*)?|\d\d? \w{3,9} \d{4}.*")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?%?")
_CODES = re.compile(r".*\b(codes?|coded|coder|themes?)\b.*")


@dataclass(frozen=True)
class Column:
    """What a column of a file is taken for.

    Attributes
    ----------
    place : int
        Where it stands, from 0.
    name : str
        Its name on one line.
    role : Role
        What it is taken for.
    why : str
        The reason, in words, with what was counted. No cell of the file is in it.
    title : str
        Its second name on one line, such as the question; "" where it has none.
    choices : tuple of str
        Where a cell holds several choices, all that were found, the most frequent first.
    period : str
        Where comments are to be grouped by its dates, one of `pipeline.formats.dates.PERIODS`; "" for other columns.
    """

    place: int
    name: str
    role: Role
    why: str
    title: str = ""
    choices: tuple[str, ...] = ()
    period: str = ""


@dataclass(frozen=True)
class _Seen:
    place: int
    name: str
    filled: int
    rows: int
    distinct: int
    words: float
    length: float
    numbers: float
    dates: float
    several: tuple[str, ...]
    is_usable: bool

    @property
    def said(self) -> str:
        blank = round(100 * (1 - self.filled / max(1, self.rows)))
        s, words = "" if self.distinct == 1 else "s", round(self.words)
        return (
            f"{self.distinct:,} distinct value{s}, {blank}% blank, {words} word{'' if words == 1 else 's'} on average"
        )


def propose(table: RawTable) -> list[Column]:
    """Say what each column of a file is.

    Parameters
    ----------
    table : RawTable
        The file.

    Returns
    -------
    list of Column
        Every column in the file's order; at most one for the comments, one for ids and one for respondents. None has
        the comments where no column holds texts.
    """
    seen = [_seen(table, place) for place in range(len(table.header))]
    roles = {one.place: _by_itself(one) for one in seen}
    texts = [one for one in seen if roles[one.place][0] == "another open question"]
    if texts:
        most = max(texts, key=lambda one: (one.filled * one.words, -one.place))
        roles[most.place] = ("comments", "most words of all")
    ids = [one for one in seen if roles[one.place][0] == "id"]
    if ids:
        own = max(ids, key=lambda one: (bool(_IDS.fullmatch(folded_name(one.name))), -one.place))
        for one in ids:
            roles[one.place] = ("id", "a value of its own in each row") if one is own else ("left out", "a second id")
    people = [one for one in seen if roles[one.place][0] == "respondent"]
    for one in people[1:]:
        roles[one.place] = ("left out", "a second column of people")
    periods = _periods(table, [one for one in seen if roles[one.place][0] == "date"])
    for place, (_, why) in periods.items():
        roles[place] = ("date", why)
    return [
        Column(
            one.place,
            one.name,
            *_worded(roles[one.place], one),
            title=" ".join(table.titles[one.place].split()) if table.titles else "",
            choices=one.several if roles[one.place][0] == "choices" else (),
            period=periods.get(one.place, ("", ""))[0],
        )
        for one in seen
    ]


def _periods(table: RawTable, dated: Sequence[_Seen]) -> dict[int, tuple[str, str]]:
    """Return for each column of dates by what its dates are grouped, "" for not at all, and why.

    Only the first whose dates tell periods apart is grouped by: a survey tool writes several dates of one answer.
    """
    periods: dict[int, tuple[str, str]] = {}
    for one in dated:
        if any(period for period, _ in periods.values()):
            periods[one.place] = ("", "dates; the first column of dates is grouped by")
        else:
            periods[one.place] = _period([cell.strip() for cell in table.column(one.place)], one.name)
    return periods


def _period(cells: Sequence[str], name: str) -> tuple[str, str]:
    import pandas as pd

    from pipeline.formats.dates import read_dates

    try:
        dates = read_dates(pd.Series(cells), name).dropna()
    except DataError:
        return "", "dates, some of them written in another way"
    first, last = dates.min(), dates.max()
    months = 12 * (last.year - first.year) + last.month - first.month + 1
    if months < _FEWEST_MONTHS:
        return "", "dates of one month: no periods to compare"
    period = next((period for most, period in _LONGEST_BY.items() if months <= most), "year")
    return period, f"dates over {months} months: by {period}"


def _worded(role: tuple[Role, str], one: _Seen) -> tuple[Role, str]:
    return role[0], f"{role[1]}; {one.said}" if role[1] else one.said


def _seen(table: RawTable, place: int) -> _Seen:
    cells = [cell.strip() for cell in table.column(place)]
    filled = [cell for cell in cells if cell]
    name = " ".join(table.header[place].split())
    count = max(1, len(filled))
    return _Seen(
        place=place,
        name=name,
        filled=len(filled),
        rows=len(cells),
        distinct=len(set(filled)),
        words=fmean(len(cell.split()) for cell in filled) if filled else 0.0,
        length=fmean(map(len, filled)) if filled else 0.0,
        numbers=sum(bool(_NUMBER.fullmatch(cell)) for cell in filled) / count,
        dates=sum(bool(_DATE.fullmatch(cell)) for cell in filled) / count,
        several=_choices(filled),
        is_usable=bool(name) and len(places_of(name, table.header)) == 1,
    )


def _choices(filled: Sequence[str]) -> tuple[str, ...]:
    """Return the choices of a column whose cells hold several, as forms write them, or nothing."""
    if sum(";" in cell for cell in filled) * 5 < max(1, len(filled)):
        return ()
    spelled: dict[str, str] = {}
    found: Counter[str] = Counter()
    for cell in filled:
        for choice in filter(None, map(str.strip, cell.split(";"))):
            found[spelled.setdefault(folded_choice(choice), choice)] += 1
    several = any(len(choices_in(cell)) > 1 for cell in filled)
    short = all(len(choice) <= 60 for choice in found)
    return tuple(name for name, _ in found.most_common()) if several and short and len(found) <= _MOST_CHOICES else ()


def _by_itself(one: _Seen) -> tuple[Role, str]:  # noqa: C901
    """Return what a column is taken for, without a look at the others."""
    name = folded_name(one.name)
    if not one.filled:
        return "left out", "nothing in it"
    if not one.is_usable:
        return "left out", "no name of its own"
    if _PERSONAL.fullmatch(name) and one.words < _FEWEST_WORDS * 2:
        return "left out", "may identify people"
    if one.dates >= 0.8:
        return "date", "dates"
    if _TOOLS.fullmatch(name):
        return "left out", "the survey tool's own"
    is_unique = one.filled == one.rows == one.distinct
    # The texts of a project have names such as "Interview 12".
    most_words = _FEWEST_WORDS if name == "id" else 1.5
    if is_unique and one.rows > 1 and one.words < most_words and (_IDS.fullmatch(name) or one.numbers < 0.5):
        return "id", ""
    if _PEOPLE.fullmatch(name) and one.words < 1.5 and 1 < one.distinct < one.filled and one.distinct * 5 > one.filled:
        return "respondent", "some values come several times"
    if one.several:
        return "choices", f"several choices in a cell, {len(one.several)} in all"
    few = 2 <= one.distinct <= _MOST_GROUPS and one.distinct * 2 <= one.filled and one.length <= 60
    if few and _CODES.fullmatch(name.replace("_", " ")):
        return "left out", "perhaps people's codes: see coders below"
    if few and one.numbers < 0.8:
        return "group", "few values that repeat"
    if one.numbers >= 0.8:
        return "left out", "numbers"
    if one.words >= _FEWEST_WORDS and one.distinct * 2 > one.filled:
        return "another open question", "texts of its own in most rows"
    if one.distinct == 1:
        return "left out", "the same in every row" if one.filled == one.rows else "a box that some ticked"
    return "left out", "neither texts nor groups"
