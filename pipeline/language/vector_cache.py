"""Vectors kept between runs, a text at a time, so that ten new comments cost ten encodings."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from pipeline.contracts import Encoder, Mapper, Progress, Vectors
from pipeline.errors import StoreError
from pipeline.formats.disk import close_to_others, names_in, private_folder
from pipeline.workers import in_place

_CHUNK = 1_024
"""Texts encoded between two commits: what a killed run loses at most. Fewer cost time: the last batch of each length is
filled up."""

_SQL_VARIABLES = 500

_MOST_IN_MEMORY = 200_000
"""Vectors that are kept in memory besides those asked for, where a file has them too: some 350 MB."""

_MADE = "in batches of one shape"
"""How vectors are made; those that an earlier version made otherwise differ in the last digits and are not used."""

_TOLERANCE = 1e-3
"""How far the length of a stored vector may be from 1."""


_OWN = frozenset({
    "database or disk is full", "database is locked", "file is not a database", "unable to open database file",
    "attempt to write a readonly database", "database disk image is malformed", "disk I/O error",
})  # fmt: skip
"""What SQLite says of a file, whatever is in it."""


class CachedEncoder:
    """An encoder that asks another one only for texts that it has not seen.

    The key of a vector is a SHA-256 of how and on what it is made, the model's name, its revision and the text; no text
    is stored. A vector says much about its text all the same, so the file needs the care that the comments need.

    Parameters
    ----------
    encoder : Encoder
        Encodes what is not known yet.
    path : pathlib.Path or None
        A SQLite file, made where it does not exist; None keeps vectors in memory only.
    progress : callable, optional
        Told how many of the new texts are encoded.
    mapper : Mapper, optional
        Encodes parts of the texts, and holds an encoder of the same name and revision; None encodes them here.
    """

    def __init__(
        self,
        encoder: Encoder,
        path: Path | None,
        progress: Progress | None = None,
        mapper: Mapper | None = None,
    ) -> None:
        self._encoder = encoder
        self._mapper = mapper or in_place(encoder)
        self._path = path
        self._progress = progress
        self._known: dict[bytes, bytes] = {}
        self._length: int | None = None
        """Bytes of a vector, once that is known."""
        self.encoded = 0
        """Texts that had to be encoded so far."""

    @property
    def name(self) -> str:
        """The model's name."""
        return self._encoder.name

    @property
    def revision(self) -> str:
        """What tells the model's weights from others."""
        return self._encoder.revision

    @property
    def device(self) -> str:
        """What the encoder works on."""
        return self._encoder.device

    @property
    def variant(self) -> str:
        """What tells the encoder's vectors from those of the same model on PyTorch."""
        return self._encoder.variant

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts, each distinct one once and only where it is not known; see `Encoder`.

        Raises
        ------
        StoreError
            Where the cache file cannot be read or written.
        """
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        # What a file keeps need not all be in memory twice: many texts are encoded some at a time.
        at_once = len(texts) if self._path is None else min(len(texts), _MOST_IN_MEMORY)
        first = self._encode_some(texts[:at_once], 0, len(texts) - at_once)
        if at_once == len(texts):
            return first
        vectors = np.empty((len(texts), first.shape[1]), dtype=np.float32)
        vectors[:at_once] = first
        for start in range(at_once, len(texts), at_once):
            some = texts[start : start + at_once]
            vectors[start : start + at_once] = self._encode_some(some, start, len(texts) - start - len(some))
        return vectors

    def _encode_some(self, texts: Sequence[str], before: int, after: int) -> Vectors:
        """Encode texts that are asked for with so many others before them and after them."""
        keys = [self._key(text) for text in texts]
        if self._path is not None and len(self._known) + len(keys) > _MOST_IN_MEMORY:
            self._known.clear()
        try:
            self._look_up([key for key in dict.fromkeys(keys) if key not in self._known])
            wanted = dict(zip(keys, texts, strict=True))
            self._encode_missing(wanted, before, after)
            while wrong := self._of_wrong_length(wanted):
                for key in wrong:
                    del self._known[key]
                self._encode_missing(wanted, before, after)
        except sqlite3.Error as problem:
            raise StoreError(
                f"{self._path}: the cache of vectors cannot be used ({_said(problem)}).",
                "Delete the file, which loses nothing but time, or set embed.cache to another place or to null.",
            ) from problem
        vectors = np.empty((len(keys), len(self._known[keys[0]]) // 4), dtype=np.float32)
        for row, key in enumerate(keys):
            vectors[row] = np.frombuffer(self._known[key], dtype=np.float32)
        return vectors

    def count_long(self, texts: Sequence[str]) -> int:
        """Count the texts that are longer than the model reads at a time; see `Encoder`."""
        return self._encoder.count_long(texts)

    def _encode_missing(self, wanted: Mapping[bytes, str], before: int, after: int) -> None:
        # Texts of one length share a batch without padding, which more than halves the time.
        ordered = sorted(((key, text) for key, text in wanted.items() if key not in self._known), key=_by_length)
        chunks = [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]
        done = 0
        for place, vectors in self._mapper(encode_part, [[text for _, text in chunk] for chunk in chunks]):
            chunk = chunks[place]
            new = {key: vector.tobytes() for (key, _), vector in zip(chunk, vectors, strict=True)}
            self._store(new)
            self._known.update(new)
            self._length = len(vectors[0].tobytes())
            self.encoded += len(chunk)
            done += len(chunk)
            if self._progress is not None:
                self._progress("vectors", before + done, before + len(ordered) + after)

    def _of_wrong_length(self, wanted: Collection[bytes]) -> list[bytes]:
        """Return which vectors are not the encoder's: its have one length, and a damaged file may hold others."""
        lengths = Counter(len(self._known[key]) for key in wanted)
        # Where most are wrong, the first that is made anew shows it.
        self._length = self._length or lengths.most_common(1)[0][0]
        return [key for key in wanted if len(self._known[key]) != self._length]

    def _key(self, text: str) -> bytes:
        # Vectors of another device differ in the last digits, those of another variant in the first.
        made = _MADE if self.device == "cpu" else f"{_MADE} on {self.device}"
        made += f" by {self.variant}" if self.variant else ""
        described = "\0".join((made, self._encoder.name, self._encoder.revision, text))
        return hashlib.sha256(described.encode("utf-8", "surrogatepass")).digest()

    def _connect(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        try:
            # A folder that holds other things too is somebody's own, and stays as open as it is.
            if all(name.startswith(self._path.name) for name in names_in(self._path.parent)):
                private_folder(self._path.parent)
            self._path.touch(mode=0o600)
            close_to_others(self._path)
        except OSError as problem:
            raise StoreError(
                f"{self._path}: the cache of vectors cannot be made ({problem.strerror}).",
                "Set embed.cache to a place where you may write, or to null.",
            ) from problem
        connection = sqlite3.connect(self._path, timeout=60)
        connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID")
        return connection

    def _look_up(self, keys: list[bytes]) -> None:
        connection = self._connect()
        if connection is None:
            return
        with closing(connection):
            for start in range(0, len(keys), _SQL_VARIABLES):
                chunk = keys[start : start + _SQL_VARIABLES]
                marks = ",".join("?" * len(chunk))
                # Only question marks are put into the statement.
                query = f"SELECT key, vector FROM vectors WHERE key IN ({marks})"  # noqa: S608
                found = connection.execute(query, chunk).fetchall()
                self._known.update((key, vector) for key, vector in found if _is_unit_vector(vector))

    def _store(self, new: dict[bytes, bytes]) -> None:
        connection = self._connect()
        if connection is None:
            return
        with closing(connection), connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", new.items())


def encode_part(encoder: Encoder, texts: Sequence[str]) -> Vectors:
    """Encode some texts; see `pipeline.contracts.Encoder`."""
    return encoder.encode(texts)


def empty_cache(path: Path) -> int:
    """Take all vectors out of a cache, so that nothing of them is left in the file; return how many there were.

    A vector is kept under a hash of its text, and a comment's sentences and words have vectors too. So nobody can say
    which ones are left of a comment that is gone.

    Raises
    ------
    StoreError
        Where the file is there, and is no cache of vectors or cannot be written.
    """
    if not path.exists():
        return 0
    try:
        # Not made where it is missing, and no other file's bytes are touched.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=60)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            count = int(connection.execute("SELECT count(*) FROM vectors").fetchone()[0])
            with connection:
                connection.execute("DELETE FROM vectors")
            connection.execute("VACUUM")
    except sqlite3.Error as problem:
        raise StoreError(
            f"{path}: the cache of vectors cannot be emptied ({_said(problem)}).",
            "Delete the file, which loses nothing but time, and do the same again.",
        ) from problem
    return count


def _said(problem: sqlite3.Error) -> str:
    """Return what SQLite says, where that is one of its own sentences: others may hold what is in the file."""
    said = str(problem)
    return said if said in _OWN else getattr(problem, "sqlite_errorname", type(problem).__name__)


def _by_length(item: tuple[bytes, str]) -> int:
    return len(item[1])


def _is_unit_vector(stored: object) -> bool:
    """Return whether these are the bytes of a vector as encoders make them; what was cut short or emptied is not."""
    if not isinstance(stored, bytes) or not stored or len(stored) % 4:
        return False
    length = np.linalg.norm(np.frombuffer(stored, dtype=np.float32).astype(np.float64))
    return bool(abs(length - 1) < _TOLERANCE)
