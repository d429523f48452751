"""Vectors kept between runs, a text at a time, so that ten new comments cost ten encodings."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from pipeline.contracts import Encoder, Progress, Vectors
from pipeline.errors import StoreError

_CHUNK = 256
"""Texts encoded between two commits: what a killed run loses at most."""

_SQL_VARIABLES = 500


class CachedEncoder:
    """An encoder that asks another one only for texts that it has not seen.

    The key of a vector is a SHA-256 of the model's name, its revision and the text; no text is stored. A
    vector says much about its text all the same, so the file needs the care that the comments need.

    Parameters
    ----------
    encoder : Encoder
        Encodes what is not known yet.
    path : pathlib.Path or None
        A SQLite file, made where it does not exist; None keeps vectors in memory only.
    progress : callable, optional
        Told how many of the new texts are encoded.
    """

    def __init__(self, encoder: Encoder, path: Path | None, progress: Progress | None = None) -> None:
        self._encoder = encoder
        self._path = path
        self._progress = progress
        self._known: dict[bytes, bytes] = {}
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

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts, each distinct one once and only where it is not known; see `Encoder`.

        Raises
        ------
        StoreError
            Where the cache file cannot be read or written.
        """
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        keys = [self._key(text) for text in texts]
        try:
            self._look_up([key for key in dict.fromkeys(keys) if key not in self._known])
            missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
            # Texts of one length share a batch without padding, which more than halves the time.
            ordered = sorted(missing.items(), key=lambda item: len(item[1]))
            for start in range(0, len(ordered), _CHUNK):
                chunk = ordered[start : start + _CHUNK]
                vectors = self._encoder.encode([text for _, text in chunk])
                new = {key: vector.tobytes() for (key, _), vector in zip(chunk, vectors, strict=True)}
                self._store(new)
                self._known.update(new)
                self.encoded += len(chunk)
                if self._progress is not None:
                    self._progress("vectors", start + len(chunk), len(ordered))
        except sqlite3.Error as problem:
            raise StoreError(
                f"{self._path}: the cache of vectors cannot be used ({problem}).",
                "Delete the file, which loses nothing but time, or set embed.cache to another place or to null.",
            ) from problem
        return np.stack([np.frombuffer(self._known[key], dtype=np.float32) for key in keys])

    def _key(self, text: str) -> bytes:
        described = "\0".join((self._encoder.name, self._encoder.revision, text))
        return hashlib.sha256(described.encode("utf-8", "surrogatepass")).digest()

    def _connect(self) -> sqlite3.Connection | None:
        if self._path is None:
            return None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StoreError(
                f"{self._path.parent}: the folder for the cache of vectors cannot be made ({problem.strerror}).",
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
                self._known.update(connection.execute(query, chunk).fetchall())

    def _store(self, new: dict[bytes, bytes]) -> None:
        connection = self._connect()
        if connection is None:
            return
        with closing(connection), connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", new.items())
