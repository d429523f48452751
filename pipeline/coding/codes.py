"""People's codes of the drawn comments: kept as a table, merged sheet by sheet, and read as a random sample."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import pandas as pd

from pipeline.codebook.codes import NO_THEME, Coder
from pipeline.coding.choices import NONE, NOTHING, Choices
from pipeline.coding.draw import ADJUDICATED, Kind, Record, Sheet, check_comments
from pipeline.errors import StoreError
from pipeline.formats.spreadsheet import plain_cell
from pipeline.tables.csv_files import to_csv

CODES = ("comment_id", "coder", "main", "further", "outlook", "unsure")
_BETWEEN = "; "
_UNSURE = {"yes": True, "": False}


@dataclass(frozen=True)
class CodedSample:
    """What people coded of the random sample.

    Attributes
    ----------
    codes : DataFrame
        comment_id, coder ("coder_1", …, "adjudicated"), main (id of a theme, "none" or "nothing"), further (tuple of
        theme ids), outlook (id of an entry; "" where none was given), unsure (bool): a row for each comment and coder,
        in the order of drawing. Codes of comments that are not analysed any more are left out.
    order : tuple of str
        comment_id of every analysed comment in the order of drawing.
    drawn : tuple of str
        The part of `order` that was drawn.
    complete : tuple of str
        The part of `drawn` before the first comment that nobody has coded: a simple random sample of the analysed
        comments, whatever was coded after it.
    kind : str
        Who coded: "person" or "model".
    """

    codes: pd.DataFrame
    order: tuple[str, ...]
    drawn: tuple[str, ...]
    complete: tuple[str, ...]
    kind: Kind = "person"

    @property
    def n_open(self) -> int:
        """How many drawn comments nobody has coded."""
        return len(set(self.drawn) - set(self.codes["comment_id"]))

    @property
    def n_waiting(self) -> int:
        """How many comments are coded, but stand after one that is not."""
        return self.codes["comment_id"].nunique() - len(self.complete)


def codes_frame(rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
    """Return rows of codes as a table with the columns of `CODES`."""
    table = pd.DataFrame(list(rows), columns=list(CODES), dtype=object)
    return table.astype({"unsure": bool})


def merged(earlier: pd.DataFrame, record: Record, sheets: Iterable[tuple[Sheet, pd.DataFrame]]) -> pd.DataFrame:
    """Put what sheets say in the place of what the same sheets said before.

    Parameters
    ----------
    earlier : DataFrame
        The columns of `CODES`.
    record : Record
        What was drawn.
    sheets : iterable of pairs of Sheet and DataFrame
        Each sheet with its codes.

    Returns
    -------
    DataFrame
        The columns of `CODES`, in the order of drawing, then by coder. A row that was emptied on a sheet is gone.
    """
    kept = earlier
    for sheet, codes in sheets:
        is_old = (kept["coder"] == sheet.coder) & kept["comment_id"].isin(sheet.texts)
        kept = pd.concat([kept[~is_old], codes])
    place = {comment_id: number for number, comment_id in enumerate(record.order)}
    keys = [(place[one], _coder_place(coder)) for one, coder in zip(kept["comment_id"], kept["coder"], strict=True)]
    return kept.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)


def _coder_place(coder: str) -> tuple[int, str]:
    return len(coder), coder


def write_codes(codes: pd.DataFrame) -> bytes:
    """Return codes as CSV; further themes stand in one cell, separated by "; "."""
    unsure = codes["unsure"].map({said: word for word, said in _UNSURE.items()}).astype(object)
    return to_csv(codes.assign(further=codes["further"].map(_BETWEEN.join).astype(object), unsure=unsure))


def parse_codes(content: bytes, record: Record, choices: Choices) -> pd.DataFrame:
    """Read codes as `write_codes` wrote them.

    Raises
    ------
    StoreError
        Where the file was damaged, or holds a comment or a code that there is not, as after a change of the codebook.
    """
    hint = "Score all sheets again: move coding/codes.csv elsewhere first."
    try:
        table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, encoding="utf-8-sig")
        table = table[list(CODES)].map(plain_cell)
        further = [tuple(filter(None, cell.split(_BETWEEN))) for cell in table["further"]]
        unsure = [_UNSURE[cell] for cell in table["unsure"]]
    except (ValueError, KeyError):
        raise StoreError("coding/codes.csv: the table of codes is damaged.", hint) from None
    known = {
        "comment_id": set(record.drawn), "main": set(choices.main.values()),
        "outlook": {"", *choices.outlooks.values()}, "coder": {*record.coders, ADJUDICATED},
    }  # fmt: skip
    wrong = [column for column, values in known.items() if not table[column].isin(values).all()]
    if not {theme for themes in further for theme in themes} <= set(choices.further.values()):
        wrong.append("further")
    if wrong or table.duplicated(["comment_id", "coder"]).any():
        what = f"unknown values in the column '{wrong[0]}'" if wrong else "a comment twice by one coder"
        raise StoreError(
            f"coding/codes.csv: the table of codes holds {what}. It was edited, or the codebook changed.", hint
        )
    return codes_frame(zip(*(table[name] for name in CODES[:3]), further, table["outlook"], unsure, strict=True))


def coded_sample(codes: pd.DataFrame, record: Record, comments: pd.DataFrame) -> CodedSample:
    """Return which comments are coded, and which of them are a random sample.

    Parameters
    ----------
    codes : DataFrame
        The columns of `CODES`.
    record : Record
        What was drawn.
    comments : DataFrame
        comment_id and text of the run's analysed comments.

    Raises
    ------
    DataError
        Where the run has comments that the order does not have, or drawn ones have other words.

    Notes
    -----
    A comment that its coders left empty is a gap, since comments that are hard to code are left empty more often. What
    stands after the first gap is no random sample, and waits until somebody fills the gap. A comment drawn for
    several coders is coded where one of them has coded it. An unsure code is a code.
    """
    check_comments(record, comments)
    analysed, coded = set(comments["comment_id"]), set(codes["comment_id"])
    drawn = tuple(comment_id for comment_id in record.drawn if comment_id in analysed)
    end = next((place for place, comment_id in enumerate(drawn) if comment_id not in coded), len(drawn))
    return CodedSample(
        codes[codes["comment_id"].isin(analysed)].reset_index(drop=True),
        tuple(comment_id for comment_id in record.order if comment_id in analysed),
        drawn,
        drawn[:end],
        record.kind,
    )


def counting(codes: pd.DataFrame) -> pd.DataFrame:
    """Return the codes that count: of an adjudicated comment that code alone, of others each person's."""
    settled = set(codes.loc[codes["coder"] == ADJUDICATED, "comment_id"])
    return codes[(codes["coder"] == ADJUDICATED) | ~codes["comment_id"].isin(settled)]


def main_codes(sample: CodedSample | None) -> dict[str, str]:
    """Return the main theme that people gave each comment in the sheets, by comment_id; `NO_THEME` for none of them.

    What was adjudicated goes before what one person says, and else the first coder's code counts. Without a sample
    there is none.
    """
    if sample is None:
        return {}
    first = counting(sample.codes).drop_duplicates("comment_id")
    return {
        comment_id: NO_THEME if main in (NONE, NOTHING) else main
        for comment_id, main in zip(first["comment_id"], first["main"], strict=True)
    }


def disagreements(codes: pd.DataFrame) -> list[str]:
    """Return the comments on whose themes or outlook people disagree, as far as nobody has adjudicated them.

    The main theme, the further themes in any order and the outlook are compared. "none" and "nothing" are alike: no
    theme. An outlook that somebody did not give is no disagreement.
    """
    found = []
    for comment_id, theirs in counting(codes).groupby("comment_id", sort=False):
        main = {NONE if code == NOTHING else code for code in theirs["main"]}
        themes = {frozenset(themes) for themes in theirs["further"]}
        outlook = set(theirs["outlook"]) - {""}
        if max(len(main), len(themes), len(outlook)) > 1:
            found.append(str(comment_id))
    return found


def shown_codes(codes: pd.DataFrame, comment_ids: Sequence[str], choices: Choices, seed: int) -> dict[str, list[str]]:
    """Return what people coded, in words and without who coded it, for a sheet to adjudicate.

    The codes of a comment are in an order of their own, so that the first is not always the same person's.
    """
    shown: dict[str, list[str]] = {}
    for comment_id in comment_ids:
        theirs = codes[(codes["comment_id"] == comment_id) & (codes["coder"] != ADJUDICATED)].to_dict("records")
        theirs.sort(key=lambda code: sha256(f"{seed} {comment_id} {code['coder']}".encode()).digest())
        shown[comment_id] = ["\n".join(_in_words(code, choices)) for code in theirs]
    return shown


def _in_words(code: Any, choices: Choices) -> list[str]:
    further = [f"also: {name}" for name in choices.names(code["further"])]
    outlook = [f"outlook: {name}" for name in choices.names([code["outlook"]] if code["outlook"] else [])]
    return [*choices.names([code["main"]]), *further, *outlook, *(["unsure"] if code["unsure"] else [])]


def with_agreed_outlook(adjudicated: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Fill an outlook that an adjudicator left empty with the one that all coders of the comment gave."""
    given = codes[(codes["coder"] != ADJUDICATED) & (codes["outlook"] != "")].groupby("comment_id")["outlook"]
    agreed = given.first()[given.nunique() == 1].to_dict()
    filled = [
        outlook or agreed.get(comment_id, "")
        for comment_id, outlook in zip(adjudicated["comment_id"], adjudicated["outlook"], strict=True)
    ]
    return adjudicated.assign(outlook=pd.Series(filled, index=adjudicated.index, dtype=object))


def as_coders(codes: pd.DataFrame, comment_ids: pd.Series[str]) -> list[Coder]:
    """Return each person's codes row by row as some comments, as `pipeline.account.agreement` takes them.

    Parameters
    ----------
    codes : DataFrame
        The columns of `CODES`; adjudicated codes are left out.
    comment_ids : Series of str
        The comments.

    Returns
    -------
    list of Coder
        In the order of their names; "" where nothing was coded.
    """
    coders = []
    for name in sorted(set(codes["coder"]) - {ADJUDICATED}, key=_coder_place):
        theirs = codes[codes["coder"] == name].set_index("comment_id").reindex(comment_ids)
        further = theirs["further"].map(lambda themes: themes if isinstance(themes, tuple) else ())
        columns = [further.map(lambda themes, place=place: (*themes, "", "")[place]) for place in (0, 1)]
        main, outlook, *others = (
            column.fillna("").astype(object).set_axis(comment_ids.index)
            for column in (theirs["main"], theirs["outlook"], *columns)
        )
        coders.append(Coder(name, main, tuple(others), outlook))
    return coders


def sampled_coders(sample: CodedSample, comment_ids: pd.Series[str]) -> list[Coder]:
    """Return each person's codes of the random sample alone, as figures rest on them.

    Parameters
    ----------
    sample : CodedSample
        What people coded.
    comment_ids : Series of str
        The comments.

    Returns
    -------
    list of Coder
        As `as_coders` gives them. An adjudicated code stands in the place of each person's.
    """
    codes = sample.codes[sample.codes["comment_id"].isin(sample.complete)]
    settled = codes[codes["coder"] == ADJUDICATED].set_index("comment_id").to_dict("index")
    counted = [settled.get(row["comment_id"], row) for row in codes.to_dict("records")]
    codes = codes.assign(
        **{name: pd.Series([row[name] for row in counted], codes.index, dtype=object)
           for name in ("main", "further", "outlook")}
    )  # fmt: skip
    return [replace(coder, sample="random", kind=sample.kind) for coder in as_coders(codes, comment_ids)]
