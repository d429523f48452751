"""Forgetting a respondent: their words, vectors and ids leave a run, and later runs of it leave them out.

What was made with a comment follows from it: keywords, counts, figures. So all that the stages made is deleted, and the
next run makes it anew. What people made stays: codes, marks on quotations, decisions on topics. Only the rows of the
respondent leave it.

What is to go is written down first, as hashes. So a removal that was killed is finished by the next command.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ValidationError

from pipeline.coding.draw import read_record
from pipeline.coding.sheets import COMMENT, ID
from pipeline.config import RunConfig
from pipeline.contracts import Cleaned, Received
from pipeline.disclosure.quotation_review import SHEET
from pipeline.engine.artefacts import read_result
from pipeline.engine.coding import CODES, DRAWS, FOLDER, seal_order
from pipeline.engine.review import HELD
from pipeline.engine.store import LOCK, LOG, LOOK, MANIFEST, RunStore
from pipeline.errors import DataError, PipelineError, StoreError
from pipeline.formats.csvfile import read_csv
from pipeline.formats.digests import HashedSet
from pipeline.formats.disk import names_in
from pipeline.formats.spreadsheet import plain_cell
from pipeline.formats.workbook import same_words, workbook_without
from pipeline.intake.inputs import read_input
from pipeline.language.vector_cache import empty_cache
from pipeline.review.replay import Held
from pipeline.review.sheets import COMMENTS_CSV, DECIDED, TOPIC, TOPICS_CSV, WORKBOOK
from pipeline.stages.ingest import read_comments
from pipeline.tables.csv_files import to_csv

FORGOTTEN = "internal/forgotten.json"
"""When comments were forgotten and how many; hashes by which later runs know them."""

_MADE = ("public", "redrawn", "internal")
"""Folders whose files the program makes."""

_BY_PEOPLE = (SHEET, TOPICS_CSV, COMMENTS_CSV, WORKBOOK, HELD)
"""Files among them that people fill in, or that say what these are tied to."""

_KNOWN = frozenset({*_MADE, FOLDER, "tuning", MANIFEST, LOCK, LOG, LOOK, "config.yaml"})
_BY_MACHINE = ("label", "machine_name", "keywords", "comments", "machine_theme")
"""Columns of these files that may have the respondent's words, and that the program fills in anew."""

Row = Mapping[str, str]


class _Removal(BaseModel, extra="forbid"):
    when: str
    comments: int


class _Kept(BaseModel, extra="forbid"):
    salt: str
    forgotten: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()
    removals: tuple[_Removal, ...] = ()


@dataclass
class Removed:
    """What a removal did.

    Attributes
    ----------
    comments : int
        Comments that were forgotten now; 0 where all of them had been before.
    files : int
        Files that were deleted.
    rewritten : list of str
        Files that people fill in and that had rows of the respondent, or words of the last result.
    vectors : int
        Vectors that the cache held.
    unread : list of str
        Files that could not be looked into.
    config : RunConfig
        The settings of the run.
    configuration_file : str
        The name of the file they come from.
    """

    config: RunConfig
    configuration_file: str = ""
    comments: int = 0
    files: int = 0
    rewritten: list[str] = field(default_factory=list)
    vectors: int = 0
    unread: list[str] = field(default_factory=list)


def forgotten_by(store: RunStore) -> HashedSet:
    """Return what a run is to leave out: "id", "respondent" and "words" of comments.

    Raises
    ------
    StoreError
        Where the list was damaged: a comment that was forgotten might come back.
    """
    kept = _read(store)
    return HashedSet(kept.salt, kept.forgotten)


def forget(folder: Path, comment_ids: Sequence[str], *, force: bool = False) -> Removed:
    """Remove the respondents of some comments from a run.

    Parameters
    ----------
    folder : pathlib.Path
        The run folder.
    comment_ids : sequence of str
        Ids of comments; where the configuration names a column of respondents, all comments of theirs go.
    force : bool
        Whether to go on where the file of comments is missing, without which no result can be made again.

    Returns
    -------
    Removed
        What was done.

    Raises
    ------
    PipelineError
        Where there is no such run or comment, another run uses the folder, or the disk refuses.
    """
    store = RunStore(folder)
    if not (folder / MANIFEST).is_file():
        raise StoreError(
            f"{folder}: there is no run in this folder ({MANIFEST} is missing).", "Name the folder of a run."
        )
    with store.locked():
        config = _config(store)
        done = finish(store, config)
        kept = _read(store)
        known = HashedSet(kept.salt, kept.forgotten)
        wanted = [one.strip() for one in comment_ids]
        new = [one for one in wanted if not known.holds("id", one)]
        if not new:
            return done
        if not (config.input.path.exists() or force):
            raise DataError(
                f"{config.input.path}: the file of comments is missing. Forgetting deletes all results, and without "
                "this file they cannot be made again.",
                "Put the file back. Or use --force to lose the results for good.",
            )
        received, cleaned = _comments(store, config)
        lasting, passing, count = _said_of(received, cleaned, new, config)
        lasting_now = known.joined(lasting)
        if lasting_now.hashes == known.hashes:
            return done
        removal = _Removal(when=datetime.now(UTC).isoformat(timespec="seconds"), comments=count)
        kept = _Kept(
            salt=kept.salt,
            forgotten=lasting_now.hashes,
            unfinished=HashedSet(kept.salt).joined(passing).hashes,
            removals=(*kept.removals, removal),
        )
        _write(store, kept)
        return finish(store, config)


def finish(store: RunStore, config: RunConfig) -> Removed:
    """Do what a removal that was written down has left to do; nothing where none was, or it is done.

    Raises
    ------
    StoreError
        Where the disk refuses.
    """
    kept, removed = _read(store), Removed(config)
    if not kept.unfinished:
        return removed
    removed.comments = kept.removals[-1].comments
    removed.configuration_file = str(store.manifest.get("configuration_file", ""))
    gone = HashedSet(kept.salt, kept.unfinished)
    # From now on no result counts, whatever of it is still there.
    store.write_manifest({**store.manifest, "stages": {}})
    store.remove({LOOK})
    removed.files = sum(store.clear(folder, keep={FORGOTTEN, *_BY_PEOPLE}) for folder in _MADE)
    _rewrite(store, gone, removed)
    store.remove_parts()
    if config.embed.cache is not None:
        removed.vectors = empty_cache(config.embed.cache)
    _write(store, kept.model_copy(update={"unfinished": frozenset()}))
    return removed


def _read(store: RunStore) -> _Kept:
    if not (store.folder / FORGOTTEN).is_file():
        return _Kept(salt=secrets.token_hex(32))
    try:
        return _Kept.model_validate_json(store.read(FORGOTTEN))
    except ValidationError:
        raise StoreError(
            f"{store.folder / FORGOTTEN}: the list of what was forgotten is damaged.",
            "Put back a copy of it. Or take those comments out of the file of comments, and delete the list.",
        ) from None


def _write(store: RunStore, kept: _Kept) -> None:
    content = {name: sorted(value) if name in ("forgotten", "unfinished") else value
               for name, value in kept.model_dump(mode="json").items()}  # fmt: skip
    store.write(FORGOTTEN, f"{json.dumps(content, indent=1)}\n".encode())


def _config(store: RunStore) -> RunConfig:
    try:
        return RunConfig.model_validate(store.manifest.get("configuration")).resolved(store.folder)
    except ValidationError:
        raise StoreError(
            f"{store.folder}: the run did not get far enough, its {MANIFEST} is damaged, or another version made it.",
            "Run the pipeline again, then forget. Or delete the whole folder.",
        ) from None


def _comments(store: RunStore, config: RunConfig) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the comments as received and as cleaned, from the run or else from their file."""
    stages = store.manifest.get("stages", {})
    try:
        received = read_result(Received, store, stages["ingest"]).comments
    except (KeyError, StoreError):
        received = read_comments(read_input(config.input.path), path=config.input.path, config=config.input).comments
    try:
        cleaned = read_result(Cleaned, store, stages["clean"]).comments
    except (KeyError, StoreError):
        cleaned = received
    return received, cleaned


def _said_of(
    received: pd.DataFrame, cleaned: pd.DataFrame, comment_ids: Collection[str], config: RunConfig
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], int]:
    """Return by what later runs know the comments, by what files of this run do, and how many comments they are."""
    columns = config.input.columns
    whose = pd.Series("", index=received.index) if columns.person is None else received[columns.person]
    # Of pooled answers the id of their row is the respondent's.
    is_named = received["comment_id"].isin(comment_ids) | (whose.isin(comment_ids) & (len(columns.texts) > 1))
    known = {*received.loc[is_named, "comment_id"], *whose[is_named]}
    if not set(comment_ids) <= known:
        where = f"in the column '{columns.id}' of the file of comments" if columns.id else "in the coding sheets"
        raise DataError(
            f"--id: no comment of this run has {'this id' if len(comment_ids) == 1 else 'one of these ids'}.",
            f"Ids stand {where}. Write them as they stand there; capitals count.",
        )
    people = sorted(set(whose[is_named]) - {""})
    is_theirs = is_named | whose.isin(people)
    ids = received.loc[is_theirs, "comment_id"]
    words = {same_words(text) for frame in (received, cleaned) for text in frame.loc[_of(frame, ids), "text"]}
    # What others wrote too is theirs.
    words -= {same_words(text) for frame in (received, cleaned) for text in frame.loc[~_of(frame, ids), "text"]}
    lasting = [("respondent", person.strip()) for person in people if columns.respondent or columns.id]
    if columns.id is not None:
        lasting += [("id", one) for one in ids]
    else:
        # The number of a row says nothing once a row was taken out.
        lasting += [("words", same_words(text)) for text in received.loc[is_theirs, "text"] if text.strip()]
    return lasting, [*(("comment", one) for one in ids), *(("words", text) for text in words - {""})], len(ids)


def _of(frame: pd.DataFrame, comment_ids: pd.Series[str]) -> pd.Series[bool]:
    return frame["comment_id"].isin(comment_ids)


def _rewrite(store: RunStore, gone: HashedSet, removed: Removed) -> None:
    """Take the respondent's rows out of what people fill in."""

    def is_gone(row: Row) -> bool:
        # A spreadsheet may have changed an id; the words beside it say whose they are.
        texts = (row.get(COMMENT, ""), row.get("quotation", ""))
        return gone.holds("comment", row.get(ID, "").strip()) or any(
            gone.holds("words", same_words(text)) for text in texts if text
        )

    def is_out(row: Row) -> bool:
        # A topic on which nobody decided anything comes back with the next sheet.
        return is_gone(row) or (TOPIC in row and set(DECIDED) <= set(row) and not any(row[one] for one in DECIDED))

    sheets: dict[str, Callable[[bytes, Path], bytes]] = {
        name: partial(_csv_without, is_out=is_out) for name in (SHEET, TOPICS_CSV, COMMENTS_CSV, CODES)
    }
    workbook = partial(workbook_without, is_out=is_out, emptied=_BY_MACHINE)
    in_coding = [f"{FOLDER}/{name}" for name in names_in(store.folder / FOLDER) if name.lower().endswith(".xlsx")]
    sheets |= dict.fromkeys((WORKBOOK, *in_coding), workbook)
    sheets |= {HELD: partial(_held_without, gone=gone), DRAWS: partial(_draws_without, store=store, gone=gone)}
    for name, without in sheets.items():
        if (store.folder / name).is_file():
            try:
                before = (store.folder / name).read_bytes()
                after = without(before, store.folder / name)
                if after != before:
                    store.write(name, after)
                    removed.rewritten.append(name)
            except (PipelineError, OSError) as problem:
                if isinstance(problem, StoreError) and "could not be written" in problem.message:
                    raise
                removed.unread.append(name)
    others = {path.relative_to(store.folder).as_posix() for path in (store.folder / FOLDER).rglob("*")}
    removed.unread += sorted((others - set(sheets)) | (set(names_in(store.folder)) - _KNOWN))


def _csv_without(content: bytes, path: Path, *, is_out: Callable[[Row], bool]) -> bytes:
    table = read_csv(content, path).frame().map(plain_cell)
    names = [name.strip().casefold() for name in table.columns]
    kept = [not is_out(dict(zip(names, row, strict=True))) for row in table.itertuples(index=False, name=None)]
    table = table.loc[kept]
    for place, name in enumerate(names):
        if name in _BY_MACHINE:
            table.isetitem(place, [""] * len(table))
    return to_csv(table)


def _held_without(content: bytes, path: Path, *, gone: HashedSet) -> bytes:
    try:
        held = Held.model_validate_json(content)
    except ValidationError:
        raise DataError(f"{path}: this file of the review is damaged.") from None
    left = tuple(one for one in held.comments if not gone.holds("comment", one[0]))
    return held.model_copy(update={"comments": left}).model_dump_json().encode()


def _draws_without(content: bytes, path: Path, *, store: RunStore, gone: HashedSet) -> bytes:
    del path
    record = read_record(content)
    left = record.without([one for one in record.order if gone.holds("comment", one)])
    if left is record:
        return content
    seal_order(store, left)
    return left.model_dump_json(indent=1).encode()
