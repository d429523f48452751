"""Which of respondents' words may be quoted in public: none but those that a reviewer has marked.

A run writes a sheet of candidates into its internal folder. Somebody reads it, takes out what could tell who wrote a
quotation, and marks those that may be shown; the next run publishes the marked ones and keeps every mark.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from pipeline.csvfile import decoded, header_of, parsed
from pipeline.errors import DataError
from pipeline.spreadsheet import plain_cell
from pipeline.suggest import did_you_mean

SHEET = "internal/quotations.csv"
COLUMNS = ("publish", "topic", "label", "theme", "comment_id", "comment", "quotation", "note")
PUBLISHED = ("topic", "label", "theme", "quotation")

GONE = "not published: this comment is not among those analysed"
CHANGED = "marked before, but the comment has changed since: mark it again where the quotation still holds"

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
        comment_id, comment (as it was when the sheet was written; "" in a row that the reviewer added), quotation (""
        for the comment as it stands) and publish (bool): a row for each that is marked or reworded, in the sheet's
        order.

    Raises
    ------
    DataError
        Where the file is no such sheet, or a mark can be read as neither yes nor no. All problems together; no
        comment's words are in the message.
    """
    text, _ = decoded(content, path, encoding="auto", notes=[])
    separator, header = header_of(text, "auto")
    missing = [name for name in _ASKED if name not in header]
    if missing:
        raise DataError.from_problems(
            [f"{path}: the column '{name}' is missing.{did_you_mean(name, header)}" for name in missing],
            "Put the column back; or delete the file, and the next run writes it anew, without marks.",
        )
    rows = parsed(text, path, separator)
    said = rows["publish"].str.strip().str.casefold()
    unclear = rows.index[~said.isin(_YES | _NO)]
    if len(unclear):
        shown = ", ".join(str(row + 1) for row in unclear[:_LISTED]) + (" …" if len(unclear) > _LISTED else "")
        raise DataError(
            f"{path}: {len(unclear)} cells of the column 'publish' are neither marked nor empty (row {shown}, counted "
            "below the header).",
            "Write x where a quotation may be published, and nothing where it may not.",
        )
    marks = pd.DataFrame(
        {
            "comment_id": rows["comment_id"].str.strip(),
            "comment": _column(rows, "comment"),
            "quotation": _column(rows, "quotation"),
            "publish": said.isin(_YES),
        }
    )
    repeated = marks["comment_id"].duplicated() & (marks["comment_id"] != "")
    if repeated.any():
        shown = ", ".join(str(row + 1) for row in marks.index[repeated][:_LISTED])
        raise DataError(
            f"{path}: {int(repeated.sum())} rows repeat an earlier 'comment_id' (row {shown}, counted below the "
            "header).",
            "Keep one row for each comment.",
        )
    marks["quotation"] = marks["quotation"].mask(marks["quotation"] == marks["comment"], "")
    touched = (marks["publish"] | (marks["quotation"] != "")) & (marks["comment_id"] != "")
    return marks[touched].reset_index(drop=True)


def _column(rows: pd.DataFrame, name: str) -> pd.Series[str]:
    cells = rows[name] if name in rows else pd.Series("", index=rows.index)
    return cells.map(_plain).astype(object)


def _plain(cell: str) -> str:
    # Spreadsheets turn line ends.
    return plain_cell(cell.replace("\r\n", "\n").replace("\r", "\n"))


def no_marks() -> pd.DataFrame:
    """Return what `read_marks` gives for a sheet that nobody has touched."""
    return pd.DataFrame({"comment_id": [], "comment": [], "quotation": [], "publish": []}, dtype=object).astype(
        {"publish": bool}
    )


def quotation_sheet(
    candidates: pd.DataFrame, comments: pd.DataFrame, marks: pd.DataFrame, theme_of_topic: Mapping[int, str]
) -> pd.DataFrame:
    """Return the sheet for the reviewer: the candidates of this run, with every mark made before.

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
        publish is "x" or ""; note says why a quotation that was marked is not published: its comment is not analysed
        any more, or has changed since, so that the mark is taken back.
    """
    known = comments.set_index("comment_id")
    ordered = [*candidates["comment_id"], *marks["comment_id"]]
    marked = {row["comment_id"]: row for row in marks.to_dict("records")}
    rows = []
    for comment_id in dict.fromkeys(ordered):
        mark = marked.get(comment_id, {"comment": "", "quotation": "", "publish": False})
        row = {"publish": "x" if mark["publish"] else "", "comment_id": comment_id, "note": ""}
        if comment_id in known.index:
            found = known.loc[comment_id]
            text, topic = str(found["text"]), int(found["topic"])
            row |= {"topic": topic, "label": found["label"], "theme": theme_of_topic.get(topic, ""), "comment": text}
            row |= {"quotation": mark["quotation"] or text}
            if mark["publish"] and mark["comment"] not in ("", text):
                row |= {"publish": "", "note": CHANGED}
        else:
            row |= {"topic": pd.NA, "label": "", "theme": "", "comment": mark["comment"], "note": GONE}
            row |= {"quotation": mark["quotation"] or mark["comment"]}
        rows.append(row)
    sheet = pd.DataFrame(rows, columns=list(COLUMNS))
    sheet["topic"] = sheet["topic"].astype("Int64")
    return sheet


def published_quotations(sheet: pd.DataFrame, *, review: bool) -> pd.DataFrame:
    """Return the quotations that may be shown.

    Parameters
    ----------
    sheet : DataFrame
        See `quotation_sheet`.
    review : bool
        Whether only what is marked may be shown; else every candidate.

    Returns
    -------
    DataFrame
        topic, label, theme, quotation; by topic, in the sheet's order. Nothing tells whose words they are.
    """
    is_known = sheet["topic"].notna()
    chosen = sheet[is_known & ((sheet["publish"] == "x") if review else True)]
    shown = chosen[list(PUBLISHED)].astype({"topic": "int64"})
    # Comments in no topic come last.
    place = shown["topic"].where(shown["topic"] >= 0, shown["topic"].max() + 1)
    return shown.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
