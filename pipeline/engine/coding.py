"""The folder `coding` of a run: what was drawn for whom, the sheets, and people's codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.codebook.codebook import Codebook, Facet
from pipeline.coding.choices import Choices
from pipeline.coding.codes import (
    CodedSample,
    coded_sample,
    codes_frame,
    disagreements,
    merged,
    parse_codes,
    shown_codes,
    with_agreed_outlook,
    write_codes,
)
from pipeline.coding.draw import (
    ADJUDICATED,
    Kind,
    Record,
    Sheet,
    check_comments,
    draw,
    new_record,
    read_record,
    text_digest,
)
from pipeline.coding.reading import FilledSheet, read_sheet
from pipeline.coding.sheets import coding_sheet
from pipeline.engine.store import RunStore
from pipeline.errors import ConfigError, DataError, StoreError

FOLDER = "coding"
CODES, DRAWS = f"{FOLDER}/codes.csv", f"{FOLDER}/draws.json"
SEAL = "coding"
"""Where the manifest keeps the hash of the order of drawing."""


@dataclass(frozen=True)
class Scored:
    """What came of reading sheets.

    Attributes
    ----------
    sheets : tuple of FilledSheet
        The sheets that were read.
    sample : CodedSample
        All codes so far.
    disagreements : tuple of str
        comment_id of comments that wait for adjudication.
    to_adjudicate : pathlib.Path or None
        A new sheet with those that were on none yet.
    """

    sheets: tuple[FilledSheet, ...]
    sample: CodedSample
    disagreements: tuple[str, ...]
    to_adjudicate: Path | None


class CodingFolder:
    """People's coding of one run.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder.
    comments : DataFrame
        comment_id and text of the analysed comments.
    codebook : Codebook
        The themes.
    outlook : Facet or None
        The outlook facet.
    """

    def __init__(self, folder: Path, comments: pd.DataFrame, codebook: Codebook, outlook: Facet | None) -> None:
        self._store = RunStore(folder)
        self._comments = comments
        self._codebook, self._outlook = codebook, outlook

    @property
    def _choices(self) -> Choices:
        return Choices.of(self._codebook, self._outlook)

    def draw(
        self,
        *,
        n: int | None,
        more: int | None,
        coders: int | None,
        overlap: int | None,
        seed: int,
        kind: Kind = "person",
    ) -> tuple[Record, tuple[Path, ...]]:
        """Draw comments and write a sheet for each coder.

        Parameters
        ----------
        n : int or None
            How many comments a first draw takes; None takes 100, or all where there are fewer.
        more : int or None
            How many comments a later draw takes.
        coders : int or None
            How many people code; None takes as many as the last draw, and two for a first one.
        overlap : int or None
            See `pipeline.coding.draw.draw`.
        seed : int
            The order of the first draw follows from it.
        kind : str
            Who codes, as the first draw says it.

        Returns
        -------
        Record
            Everything drawn so far.
        tuple of pathlib.Path
            The new sheets.

        Raises
        ------
        PipelineError
            Where numbers do not fit, comments changed since the order was drawn, or a sheet would be written over.
        """
        texts = dict(zip(self._comments["comment_id"], self._comments["text"], strict=True))
        with self._store.locked():
            record = self._record()
            if record is None and more is not None:
                raise ConfigError("--more: no comments have been drawn yet.", "Use --n for the first draw.")
            if record is not None and record.draws and (more is None or n is not None):
                raise ConfigError(
                    f"{len(record.drawn)} comments have been drawn already.",
                    "Use --more for further comments, without --n. The sheets are in the folder coding.",
                )
            if record is None:
                record = new_record(texts, seed, kind)
            check_comments(record, self._comments)
            wanted = more if more is not None else min(100, len(record.order)) if n is None else n
            drawn, sheets = draw(record, texts, n=wanted, coders=coders or len(record.coders) or 2, overlap=overlap)
            # The order is in the manifest before anybody can have seen a sheet.
            seal_order(self._store, drawn)
            paths = tuple(self._write_sheet(sheet, drawn, texts) for sheet in sheets)
            self._store.write(DRAWS, drawn.model_dump_json(indent=1).encode())
        return drawn, paths

    def score(self, paths: Sequence[Path]) -> Scored:
        """Read sheets, keep their codes, and write a sheet with what coders newly disagree on.

        Parameters
        ----------
        paths : sequence of pathlib.Path
            Sheets that people filled in, as far as they got; may lie anywhere. Without any, the codes kept so far.

        Returns
        -------
        Scored
            The codes, and what is to be adjudicated.

        Raises
        ------
        PipelineError
            Where nothing was drawn, or for all that is wrong with a sheet. Then nothing is written.
        """
        texts = dict(zip(self._comments["comment_id"], self._comments["text"], strict=True))
        with self._store.locked():
            record = self._record()
            if record is None or not record.draws:
                raise StoreError(f"{self._store.folder}: no comments have been drawn yet.", "Use code draw first.")
            check_comments(record, self._comments)
            sheets = [read_sheet(_content(path), path, record, self._choices) for path in paths]
            _check_each_once(sheets, paths)
            codes = self._codes(record)
            if not sheets and codes.empty:
                raise ConfigError("No codes have been read yet.", "Name the sheets that people filled in.")
            codes = merged(codes, record, ((one.sheet, one.codes) for one in sheets if one.sheet.coder != ADJUDICATED))
            settled = (
                (one.sheet, with_agreed_outlook(one.codes, codes)) for one in sheets if one.sheet.coder == ADJUDICATED
            )
            codes = merged(codes, record, settled)
            waiting = disagreements(codes)
            listed = {known for sheet in record.sheets if sheet.coder == ADJUDICATED for known in sheet.texts}
            fresh = [comment_id for comment_id in waiting if comment_id not in listed]
            path = None
            if fresh:
                number = 1 + sum(sheet.coder == ADJUDICATED for sheet in record.sheets)
                digests = {comment_id: text_digest(texts[comment_id]) for comment_id in fresh}
                sheet = Sheet(name=f"adjudicate_{number}", coder=ADJUDICATED, texts=digests)
                given = shown_codes(codes, fresh, self._choices, record.seed)
                path = self._write_sheet(sheet, record, texts, given)
                record = record.model_copy(update={"sheets": (*record.sheets, sheet)})
            seal_order(self._store, record)
            self._store.write(CODES, write_codes(codes))
            self._store.write(DRAWS, record.model_dump_json(indent=1).encode())
        return Scored(tuple(sheets), coded_sample(codes, record, self._comments), tuple(waiting), path)

    def read_codes(self) -> CodedSample | None:
        """Return what people coded so far; None where nothing was scored.

        Raises
        ------
        PipelineError
            Where a file was damaged or edited, or comments changed since the order was drawn.
        """
        record = self._record()
        if record is None or not (self._store.folder / CODES).is_file():
            return None
        return coded_sample(self._codes(record), record, self._comments)

    def _record(self) -> Record | None:
        if not (self._store.folder / DRAWS).is_file():
            return None
        record = read_record(self._store.read(DRAWS))
        sealed = self._store.manifest.get(SEAL)
        if sealed is not None and sealed["order_sha256"] != record.seal:
            raise StoreError(
                f"{self._store.folder / DRAWS}: the order of drawing is not the one in manifest.json.",
                "Put back the files of one and the same draw.",
            )
        return record

    def _codes(self, record: Record) -> pd.DataFrame:
        if not (self._store.folder / CODES).is_file():
            return codes_frame([])
        return parse_codes(self._store.read(CODES), record, self._choices)

    def _write_sheet(
        self, sheet: Sheet, record: Record, texts: Mapping[str, str], given: Mapping[str, Sequence[str]] | None = None
    ) -> Path:
        name = f"{FOLDER}/{sheet.name}.xlsx"
        path = self._store.folder / name
        if path.exists():
            # Somebody may have coded in it.
            raise StoreError(f"{path}: this file is there already.", "Move it elsewhere, then do the same again.")
        self._store.write(name, coding_sheet(sheet, texts, self._choices, seal=record.seal, given=given))
        return path


def seal_order(store: RunStore, record: Record) -> None:
    """Write the hash of the order of drawing into the manifest; an earlier order stays listed there.

    Raises
    ------
    StoreError
        Where the disk refuses.
    """
    before = store.manifest.get(SEAL)
    if before is not None and before["order_sha256"] == record.seal:
        return
    entry: dict[str, Any] = {
        "order_sha256": record.seal,
        "comments": len(record.order),
        "seed": record.seed,
        "sealed": datetime.now(UTC).isoformat(timespec="seconds"),
        "earlier": [] if before is None else [*before["earlier"], {**before, "earlier": []}],
    }
    store.write_manifest({**store.manifest, SEAL: entry})


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise DataError(f"{path}: the sheet cannot be read ({problem.strerror}).", "Check the name.") from None


def _check_each_once(sheets: Sequence[FilledSheet], paths: Sequence[Path]) -> None:
    places: dict[str, Path] = {}
    for one, path in zip(sheets, paths, strict=True):
        first = places.setdefault(one.sheet.name, path)
        if first is not path:
            raise DataError(f"{first} and {path} are both the sheet '{one.sheet.name}'.", "Give the newer one alone.")
