"""Hashes of bytes and of values."""

from __future__ import annotations

import hashlib
import json


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def digest_of(value: object) -> str:
    """Return the SHA-256 of a value's JSON, with sorted keys."""
    return digest(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode())
