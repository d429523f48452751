"""Which comments people code, in which order, and who codes what.

All comments stand in one random order from the start, and every draw goes on where the last one ended. So whatever
was drawn by any moment is a simple random sample, and nobody can choose comments after seeing codes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.errors import ConfigError, DataError, StoreError
from pipeline.formats.digests import digest, digest_of
from pipeline.formats.workbook import same_words

Kind = Literal["person", "model"]
"""Who codes: people, or models such as language models."""

ADJUDICATED = "adjudicated"
"""Whose codes those are that settle a disagreement."""

OVERLAP = 50
"""Of a first draw so many comments go to every coder, unless another number is wanted."""

BLOCK = 25
"""A coder's rows are shuffled within blocks of so many, so that a sheet which is half done is done from the start."""


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Sheet(_Kept):
    """One sheet for people: its name, whose codes it takes, and the SHA-256 of each comment's text, in its rows' order.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    coder : str
        "coder_1", "coder_2", …, or "adjudicated".
    texts : dict of str to str
        comment_id to `text_digest`.
    """

    name: str
    coder: str
    texts: dict[str, str]


class Record(_Kept):
    """What was drawn for whom.

    Attributes
    ----------
    seed : int
        What the order follows from.
    order : tuple of str
        comment_id of every analysed comment, in the order of drawing.
    draws : tuple of int
        How many comments each draw took.
    sheets : tuple of Sheet
        All sheets, in the order they were written.
    kind : str
        Who codes: "person" or "model".
    earlier : tuple of str
        Seals of the order before comments were forgotten. Sheets from that time still count.
    """

    seed: int
    order: tuple[str, ...]
    draws: tuple[int, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    kind: Kind = "person"
    earlier: tuple[str, ...] = ()

    @property
    def drawn(self) -> tuple[str, ...]:
        """Ids of the comments drawn so far, in the order of drawing."""
        return self.order[: sum(self.draws)]

    @property
    def seal(self) -> str:
        """The SHA-256 of the order."""
        return digest_of(self.order)

    @property
    def texts(self) -> dict[str, str]:
        """The SHA-256 of the text of each comment drawn."""
        return {comment_id: text for sheet in self.sheets for comment_id, text in sheet.texts.items()}

    @property
    def coders(self) -> tuple[str, ...]:
        """Names of the people, in order."""
        return tuple(dict.fromkeys(sheet.coder for sheet in self.sheets if sheet.coder != ADJUDICATED))

    def without(self, comment_ids: Collection[str]) -> Record:
        """Return the record without some comments; what is left of a random order is a random order."""
        gone, start, draws = set(comment_ids), 0, []
        if gone.isdisjoint(self.order):
            return self
        for n in self.draws:
            draws.append(sum(one not in gone for one in self.order[start : start + n]))
            start += n
        sheets = (
            sheet.model_copy(update={"texts": {one: text for one, text in sheet.texts.items() if one not in gone}})
            for sheet in self.sheets
        )
        return self.model_copy(
            update={
                "order": tuple(one for one in self.order if one not in gone),
                "draws": tuple(draws),
                "sheets": tuple(sheets),
                "earlier": (*self.earlier, self.seal),
            }
        )

    def sheet(self, name: str) -> Sheet | None:
        """Return a sheet by its name, or None."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def new_record(comment_ids: Iterable[str], seed: int, kind: Kind = "person") -> Record:
    """Put all comments into the order of drawing.

    Parameters
    ----------
    comment_ids : iterable of str
        The analysed comments, each once, in any order.
    seed : int
        The order follows from it and from the ids alone.
    kind : str
        Who will code.

    Returns
    -------
    Record
        Nothing is drawn yet.

    Notes
    -----
    Comments stand by the SHA-256 of seed and id. Audits of elections draw ballots in such ways (Calandrino, Halderman
    and Felten, "In defense of pseudorandom sample selection", USENIX EVT 2008): each order is as likely as any other,
    and whoever repeats it, on any machine, gets the same one. Where a comment is set aside later, the order of the
    others stays.
    """
    return Record(seed=seed, order=tuple(_shuffled(comment_ids, f"{seed}")), kind=kind)


def read_record(content: bytes) -> Record:
    """Read a record as `Record.model_dump_json` wrote it.

    Raises
    ------
    StoreError
        Where it was damaged or edited: the order is not the one that follows from its seed.
    """
    try:
        record = Record.model_validate_json(content)
    except ValidationError:
        record = None
    if record is None or record.order != new_record(record.order, record.seed).order:
        raise StoreError(
            "coding/draws.json: the record of what was drawn is damaged or was edited.",
            "Put back a copy of it. Without one, start again: move the folder coding elsewhere and draw.",
        )
    return record


def draw(
    record: Record, texts: Mapping[str, str], *, n: int, coders: int, overlap: int | None = None
) -> tuple[Record, tuple[Sheet, ...]]:
    """Take the next comments of the order and share them out.

    Parameters
    ----------
    record : Record
        What was drawn before.
    texts : mapping of str to str
        comment_id to text, of every comment in the order.
    n : int
        How many comments to take, at least 1.
    coders : int
        How many people code, at least 1.
    overlap : int, optional
        How many of them, from the first on, every person codes. Without it `OVERLAP` of a first draw with several
        coders, and none of a later one.

    Returns
    -------
    Record
        With this draw and its sheets.
    tuple of Sheet
        This draw's sheets, one a coder, each in an order of its own: shuffled in blocks of `BLOCK`.

    Raises
    ------
    ConfigError
        Where a number is out of range, or fewer comments are left.
    """
    left = len(record.order) - len(record.drawn)
    if not 1 <= n <= left:
        raise ConfigError(
            f"{n} comments cannot be drawn: {left} of {len(record.order)} are left.",
            f"Ask for 1 to {left}." if left else "People can code all comments with the sheets that are there.",
        )
    if coders < 1:
        raise ConfigError(f"--coders: found {coders}.", "Give the number of people who code, 1 or more.")
    if overlap is None:
        overlap = min(OVERLAP, n) if coders > 1 and not record.draws else 0
    if not 0 <= overlap <= n or (overlap and coders == 1):
        raise ConfigError(
            f"--overlap: found {overlap}, with {n} comments and {coders} coder{'s' if coders > 1 else ''}.",
            f"Give a number from 0 to {n}, and at least two coders.",
        )
    number = len(record.draws) + 1
    taken = record.order[len(record.drawn) :][:n]
    sheets = []
    for coder in range(coders):
        name = f"draw_{number}_coder_{coder + 1}"
        theirs = _in_blocks([*taken[:overlap], *taken[overlap + coder :: coders]], f"{record.seed} {name}")
        if theirs:
            digests = {comment_id: text_digest(texts[comment_id]) for comment_id in theirs}
            sheets.append(Sheet(name=name, coder=f"coder_{coder + 1}", texts=digests))
    drawn = record.model_copy(update={"draws": (*record.draws, n), "sheets": (*record.sheets, *sheets)})
    return drawn, tuple(sheets)


def check_comments(record: Record, comments: pd.DataFrame) -> None:
    """Insist that what was drawn is a sample of a run's comments.

    Parameters
    ----------
    record : Record
        What was drawn.
    comments : DataFrame
        comment_id and text of the analysed comments. Some may be missing that the order has: what is left of a random
        order is one of what is left of the comments.

    Raises
    ------
    DataError
        Where the run has comments that are not in the order, or other words under an id that was drawn.
    """
    known, drawn = set(record.order), record.texts
    pairs = list(zip(comments["comment_id"], comments["text"], strict=True))
    new = [comment_id for comment_id, _ in pairs if comment_id not in known]
    changed = [
        comment_id for comment_id, text in pairs if comment_id in drawn and drawn[comment_id] != text_digest(text)
    ]
    problems = [
        f"coding/draws.json: {len(found)} comments of this run {what}."
        for found, what in ((new, "were not there when the order was drawn"), (changed, "have other words since"))
        if found
    ]
    if problems:
        raise DataError.from_problems(
            problems,
            "Run with the comments that were drawn from. Or start again: move the folder coding elsewhere and draw.",
        )


def text_digest(text: str) -> str:
    """Return the SHA-256 of a comment's words; spaces and line ends, which spreadsheets change, do not count."""
    return digest(same_words(text).encode())


def _shuffled(comment_ids: Iterable[str], key: str) -> list[str]:
    return sorted(comment_ids, key=lambda comment_id: sha256(f"{key}\n{comment_id}".encode()).digest())


def _in_blocks(comment_ids: Sequence[str], key: str) -> list[str]:
    blocks = (comment_ids[start : start + BLOCK] for start in range(0, len(comment_ids), BLOCK))
    return [comment_id for block in blocks for comment_id in _shuffled(block, key)]
