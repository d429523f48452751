"""A static encoder: a vector of each word piece, made once from a sentence encoder; a text is their mean."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.contracts import Vectors
from pipeline.errors import ModelError
from pipeline.formats.digests import digest_of
from pipeline.language.kept_models import made_once
from pipeline.language.model_files import EncoderSource
from pipeline.language.multilingual_files import usual_sentences
from pipeline.language.sentence_encoder import MARKS, ONE_PIECE, SentenceEncoder

_TABLE, _TOKENIZER = "pieces.npy", "tokenizer.json"

_RECIPE = "static 1"
"""How vectors are made; another way needs another number, so that nothing that is kept is taken for it."""

_COMPONENTS, _SIF = 256, 1e-4

_AT_A_TIME, _TEXTS_AT_A_TIME = 256, 1_024


class StaticEncoder:
    """Vectors of word pieces from a sentence-transformers model, averaged; see `pipeline.contracts.Encoder`.

    Parameters
    ----------
    source : EncoderSource
        The model's files.
    kept_in : pathlib.Path or None
        Where the table is kept; None makes it anew.

    Notes
    -----
    The way of model2vec (https://doi.org/10.5281/zenodo.17270888): each word piece is encoded alone, the vectors are
    reduced to their principal components, and frequent pieces count less (smooth inverse frequency,
    https://openreview.net/forum?id=SyK00v5xx), a piece's frequency being guessed by its place in the vocabulary. The
    library itself makes no such table beside the transformers that this program needs. Order and context of words
    are lost.

    What plain sentences on many subjects have in common is taken off, as it is by the multilingual encoder: any two
    texts would have a cosine of 0.4 otherwise.
    """

    device = "cpu"
    variant = _RECIPE

    def __init__(self, source: EncoderSource, *, kept_in: Path | None) -> None:
        self._source = source
        self._kept_in = kept_in
        self.name = source.name
        self.revision = source.revision

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts into unit vectors; one without a known word piece has a zero vector."""
        means = self._directions(texts)
        is_known = means.any(axis=1, keepdims=True)
        return _unit_rows(np.where(is_known, means - self._in_common, means))

    @cached_property
    def _in_common(self) -> Vectors:
        return np.asarray(self._directions(sorted(usual_sentences())).mean(axis=0), dtype=np.float32)

    def _directions(self, texts: Sequence[str]) -> Vectors:
        tokenizer, table = self._loaded
        vectors = np.zeros((len(texts), table.shape[1]), dtype=np.float32)
        for start in range(0, len(texts), _TEXTS_AT_A_TIME):
            part = list(texts[start : start + _TEXTS_AT_A_TIME])
            pieces = [found.ids for found in tokenizer.encode_batch_fast(part, add_special_tokens=False)]
            filled = [place for place, ids in enumerate(pieces) if ids]
            if filled:
                firsts = np.cumsum([0, *(len(pieces[place]) for place in filled[:-1])])
                sums = np.add.reduceat(table[np.concatenate([pieces[place] for place in filled])], firsts)
                # The direction of a sum is that of the mean.
                vectors[np.array(filled) + start] = _unit_rows(sums)
        return vectors

    def count_long(self, texts: Sequence[str]) -> int:  # noqa: ARG002
        """Return 0: it reads texts of any length."""
        return 0

    @cached_property
    def _loaded(self) -> tuple[Any, Vectors]:
        from tokenizers import Tokenizer

        name = f"static-{digest_of([self.revision, _RECIPE])[:16]}"
        with made_once(self._kept_in, name, self._distil) as place:
            tokenizer = Tokenizer.from_file(str(place / _TOKENIZER))
            table = np.load(place / _TABLE)
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer, table

    def _distil(self, place: Path) -> None:
        model = SentenceEncoder(self._source, batch_size=1).model
        tokenizer = model.tokenizer
        if not getattr(tokenizer, "is_fast", False) or len(tokenizer(ONE_PIECE)["input_ids"]) != 1 + MARKS:
            raise ModelError(
                f"embed.backend: no static encoder can be made from '{self.name}'.", "Set embed.backend to torch."
            )
        vocabulary = tokenizer.get_vocab()
        left_out = {*tokenizer.all_special_ids, *(at for piece, at in vocabulary.items() if "[unused" in piece)}
        kept = sorted(set(vocabulary.values()) - left_out)
        table = np.zeros((max(vocabulary.values()) + 1, _COMPONENTS), dtype=np.float32)
        table[kept] = _weighted(_components(_alone(model, kept)))
        np.save(place / _TABLE, table)
        tokenizer.backend_tokenizer.save(str(place / _TOKENIZER))


def _unit_rows(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _alone(model: Any, pieces: Sequence[int]) -> npt.NDArray[np.float64]:
    """Return the mean of what the model makes of each word piece and the marks about it."""
    import torch

    first, _, last = model.tokenizer(ONE_PIECE)["input_ids"]
    found = []
    with torch.inference_mode():
        for start in range(0, len(pieces), _AT_A_TIME):
            numbers = torch.tensor([[first, piece, last] for piece in pieces[start : start + _AT_A_TIME]])
            features = model({"input_ids": numbers, "attention_mask": torch.ones_like(numbers)})
            found.append(features["token_embeddings"].mean(1).numpy())
    return np.concatenate(found).astype(np.float64)


def _components(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the vectors on their first principal components; the largest value of each is positive."""
    centred = vectors - vectors.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    found = centred @ directions[:, ::-1][:, :_COMPONENTS]
    signs = np.sign(found[np.argmax(np.abs(found), axis=0), np.arange(found.shape[1])])
    return np.asarray(found * signs)


def _weighted(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the vectors, shorter for what stands early in the vocabulary; the frequency is guessed by Zipf's law."""
    frequency = 1 / np.arange(2, len(vectors) + 2)
    return np.asarray(vectors * (_SIF / (_SIF + frequency / frequency.sum()))[:, None])
