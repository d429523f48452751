"""An encoder that needs no model: texts that share words are near."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

from pipeline.contracts import Vectors

_SMALL = """
a an and are as at be but by can for from has have in is it its no not nobody of on or our so than that the their them
there they to us was we were what when who will with without every each all one
"""
_SMALL_WORDS = frozenset(_SMALL.split())


class FakeEncoder:
    """Sums a fixed random direction a word; remembers what it was asked to encode."""

    name = "fake-encoder"
    device = "cpu"
    variant = ""

    def __init__(self, dimensions: int = 48, revision: str = "fake-weights-1") -> None:
        self.dimensions = dimensions
        self.revision = revision
        self.encoded: list[str] = []
        """Every text that was encoded, in order."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded.extend(texts)
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(len(texts), self.dimensions)

    def count_long(self, texts: Sequence[str]) -> int:
        return sum(len(text.split()) > 200 for text in texts)

    def _vector(self, text: str) -> np.ndarray:
        words = re.findall(r"\w+", text.lower())
        # The first five letters stand for a word, so that manager and managers are one.
        stems = [word[:5] for word in words if word not in _SMALL_WORDS] or words or [text]
        total = np.sum([self._direction(stem) for stem in sorted(set(stems))], axis=0)
        return total / np.linalg.norm(total)

    def _direction(self, word: str) -> np.ndarray:
        return np.random.default_rng(zlib.crc32(word.encode("utf-8", "surrogatepass"))).normal(size=self.dimensions)
