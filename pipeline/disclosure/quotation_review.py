"""Which of respondents' words may be quoted in public: none but those that a reviewer has marked.

A run writes a sheet of candidates into its internal folder. Somebody reads it, takes out what could tell who wrote a
quotation, and marks those that may be shown; the next run publishes the marked ones and keeps every mark. A mark holds
for the words that were read, not for an id: spreadsheets change ids ("007" becomes 7), and rows are numbered anew when
one is put in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import DataError, did_you_mean
from pipeline.formats.csvfile import read_csv
from pipeline.formats.spreadsheet import plain_cell

SHEET = "internal/quotations.csv"
COLUMNS = ("publish", "topic", "label", "theme", "comment_id", "comment", "quotation", "status", "note")
PUBLISHED = ("topic", "label", "theme", "quotation")
MARKS = ("comment_id", "comment", "quotation", "note", "publish")

WAITS = "waits: no comment with these words is among those analysed"

_ASKED = ("publish", "comment_id")
_YES = frozenset({"x", "yes", "y", "1", "true", "✓", "✔", "ja", "oui"})
_NO = frozenset({"", "no", "n", "0", "false", "-"})
_LISTED = 5


def read_marks(content: bytes, path: Path) -> pd.DataFrame:
    """Read what a reviewer did to the sheet.

    Parameters
    ----------
    content : bytes
        The sheet, as this program or a spreadsheet saved it.
    path : pathlib.Path
        Where it is, for messages.

    Returns
    -------
    DataFrame
        comment_id, comment (the words that the mark is for; "" in a row that the reviewer added by its id alone),
        quotation ("" for the comment as it stands), note (the reviewer's) and publish (bool): a row for each that is
        marked, reworded or annotated, in the sheet's order.

    Raises
    ------
    DataError
        Where the file is no such sheet, a mark can be read as neither yes nor no, or it is not clear what it is for.
        No comment's words are in the message.
    """
    rows = _rows(content, path)
    said = rows["publish"].str.strip().str.casefold()
    marks = pd.DataFrame({name: _column(rows, name) for name in MARKS[:-1]}, dtype=object)
    marks["comment_id"] = marks["comment_id"].str.strip()
    marks["publish"] = said.isin(_YES)
    is_named = (marks["comment_id"] != "") | (marks["comment"] != "")
    is_emptied = (marks["comment"] != "") & (marks["quotation"].str.strip() == "")
    twice = marks.duplicated(["comment_id", "comment"]) & is_named
    problems = [
        _problem(path, ~said.isin(_YES | _NO), "the column 'publish' is neither marked nor empty"),
        _problem(path, marks["publish"] & ~is_named, "a mark stands beside no comment"),
        _problem(path, marks["publish"] & is_emptied, "a quotation that is marked has been emptied"),
        _problem(path, twice, "a comment stands there twice"),
    ]
    if any(problems):
        raise DataError.from_problems(
            list(filter(None, problems)),
            "Write x where a quotation may be published, and nothing where it may not; keep one row a comment.",
        )
    marks["quotation"] = marks["quotation"].mask(marks["quotation"] == marks["comment"], "")
    touched = marks["publish"] | (marks["quotation"] != "") | (marks["note"] != "")
    return marks[touched & is_named].reset_index(drop=True)


def _rows(content: bytes, path: Path) -> pd.DataFrame:
    """Return the cells of the sheet, its columns by their names in small letters."""
    try:
        table = read_csv(content, path)
    except DataError as problem:
        raise DataError(problem.message, "Open the sheet of quotations and save it as 'CSV UTF-8'.") from None
    rows = table.frame()
    header = [name.casefold() for name in table.header]
    rows.columns = header
    found = Counter(rows.columns)
    problems = [
        f"{path}: the column '{name}' is missing.{did_you_mean(name, header)}" for name in _ASKED if not found[name]
    ]
    problems += [f"{path}: the column '{name}' stands {found[name]} times." for name in MARKS if found[name] > 1]
    if problems:
        raise DataError.from_problems(
            problems,
            "Give each column its name back, once. (Without the file, the next run writes it anew, without marks.)",
        )
    return rows


def _problem(path: Path, wrong: pd.Series[bool], what: str) -> str:
    if not wrong.any():
        return ""
    found = [str(row + 1) for row in wrong.index[wrong]]
    shown = ", ".join(found[:_LISTED]) + (" …" if len(found) > _LISTED else "")
    return f"{path}: in {len(found)} rows {what} (row {shown}, counted below the header)."


def _column(rows: pd.DataFrame, name: str) -> pd.Series[str]:
    cells = rows[name] if name in rows else pd.Series("", index=rows.index)
    # Spreadsheets turn line ends.
    return cells.map(lambda cell: plain_cell(cell.replace("\r\n", "\n").replace("\r", "\n"))).astype(object)


def no_marks() -> pd.DataFrame:
    """Return what `read_marks` gives for a sheet that nobody has touched."""
    return pd.DataFrame({name: [] for name in MARKS}, dtype=object).astype({"publish": bool})


def quotation_sheet(
    candidates: pd.DataFrame, comments: pd.DataFrame, marks: pd.DataFrame, theme_of_topic: Mapping[int, str]
) -> pd.DataFrame:
    """Return the sheet for the reviewer: the candidates of this run, with what was marked, reworded or noted before.

    Parameters
    ----------
    candidates : DataFrame
        topic, label, comment_id: comments that stand for their topics.
    comments : DataFrame
        comment_id, text, topic (-1 for none) and label of every analysed comment.
    marks : DataFrame
        See `read_marks`.
    theme_of_topic : mapping of int to str
        The name of the theme that each topic is matched with.

    Returns
    -------
    DataFrame
        The columns of `COLUMNS`: candidates in their order, then what was marked and is no candidate of this run.
        publish is "x" or "". A mark goes to the comment that has the words it was made for, whatever its id; where
        no analysed comment has them the row is kept as it was, without a topic, and status says that it waits.
    """
    known = comments.drop_duplicates("comment_id").set_index("comment_id")
    id_of = dict(zip(comments["text"][::-1], comments["comment_id"][::-1], strict=True))
    waiting: list[dict[Hashable, Any]] = []
    marked: dict[str, dict[Hashable, Any]] = {}
    for mark in marks.to_dict("records"):
        meant = mark["comment_id"]
        if mark["comment"] != "" and (meant not in known.index or known.at[meant, "text"] != mark["comment"]):
            meant = id_of.get(mark["comment"])
        if meant in known.index and meant not in marked:
            marked[meant] = mark
        else:
            waiting.append(mark)
    rows: list[dict[Hashable, Any]] = []
    for comment_id in dict.fromkeys([*candidates["comment_id"], *marked]):
        found, mark = known.loc[comment_id], marked.get(comment_id, {})
        text, topic = str(found["text"]), int(found["topic"])
        rows.append(
            {
                "publish": "x" if mark.get("publish") else "", "topic": topic, "label": found["label"],
                "theme": theme_of_topic.get(topic, ""), "comment_id": comment_id, "comment": text,
                "quotation": mark.get("quotation") or text, "status": "", "note": mark.get("note", ""),
            }
        )  # fmt: skip
    rows += [
        {**mark, "publish": "x" if mark["publish"] else "", "topic": pd.NA, "label": "", "theme": "", "status": WAITS,
         "quotation": mark["quotation"] or mark["comment"]}
        for mark in waiting
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"topic": "Int64"})


def quotable(sheet: pd.DataFrame, *, review: bool) -> pd.DataFrame:
    """Return the rows of the sheet whose quotations may be shown.

    Parameters
    ----------
    sheet : DataFrame
        See `quotation_sheet`.
    review : bool
        Whether only what is marked may be shown; else every comment of the sheet.

    Returns
    -------
    DataFrame
        The sheet's columns; by topic, in the sheet's order. comment_id must not be shown.
    """
    is_known = sheet["topic"].notna()
    chosen = sheet[is_known & ((sheet["publish"] == "x") if review else True)].astype({"topic": "int64"})
    # Comments in no topic come last.
    place = chosen["topic"].where(chosen["topic"] >= 0, chosen["topic"].max() + 1)
    return chosen.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def published_quotations(sheet: pd.DataFrame, *, review: bool) -> pd.DataFrame:
    """Return the quotations that may be shown, as they are published.

    Parameters
    ----------
    sheet, review
        See `quotable`.

    Returns
    -------
    DataFrame
        topic, label, theme, quotation; by topic, in the sheet's order. Nothing tells whose words they are.
    """
    return quotable(sheet, review=review)[list(PUBLISHED)]
