"""Hashes of bytes and of values."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value's JSON, with sorted keys."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode())


@dataclass(frozen=True)
class HashedSet:
    """A set of texts that can be asked for a text, and not read.

    Attributes
    ----------
    salt : str
        What is hashed with each text. Equal texts have other hashes in another set.
    hashes : frozenset of str
        HMAC-SHA256 of each text and its kind. Whoever has the salt can test guesses.
    """

    salt: str
    hashes: frozenset[str] = frozenset()

    def holds(self, kind: str, text: str) -> bool:
        """Return whether a text of a kind is in the set."""
        return bool(self.hashes) and self._hash(kind, text) in self.hashes

    def joined(self, texts: Iterable[tuple[str, str]]) -> HashedSet:
        """Return the set with further texts, each given as (kind, text)."""
        return HashedSet(self.salt, self.hashes | {self._hash(kind, text) for kind, text in texts})

    def _hash(self, kind: str, text: str) -> str:
        said = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.salt.encode(), said, "sha256").hex()


NOTHING = HashedSet("")
"""A set that holds no text."""
