"""Sentence-transformers models on PyTorch: texts to vectors that do not depend on what is encoded beside them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.config import DEFAULT_ENCODER
from pipeline.contracts import Vectors
from pipeline.errors import ModelError
from pipeline.language.devices import device_for
from pipeline.language.model_files import EncoderSource
from pipeline.workers import available_cores, can_fork, done_in_order


def go_offline() -> None:
    """Tell the libraries that load models never to ask a network for one."""
    for switch in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ[switch] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


ONE_PIECE, MARKS = "a", 2
"""A text of one word piece, and the marks of beginning and end that a tokeniser adds."""

_LENGTHS = 8
"""Texts are padded to a multiple of this many word pieces."""

FULL = 32
"""Texts of more word pieces than this are encoded fewer at a time."""

_FEWEST_BATCHES = 4
"""Batches for each further process: for fewer it is not worth its start."""


class SentenceEncoder:
    """A sentence-transformers model, loaded when the first text is encoded.

    Notes
    -----
    The vector of a text does not depend on what is encoded beside it. A batch is otherwise as long as its longest text,
    and sums over another number of rows or columns differ in the seventh digit: enough for UMAP to lay comments out
    otherwise, so that topics would change with what a cache already holds.

    Parameters
    ----------
    source : EncoderSource
        The model's files.
    batch_size : int
        Texts encoded at a time.
    device : {"auto", "cpu", "cuda", "mps"}
        What it works on.
    on_cores : bool
        Whether batches are shared out to processes where that is safe and it works on the processor, one on each core
        and on one thread. Threads share out each step of a batch, and wait for one another after every one: on a busy
        machine for most of the time. Their number changes sums over small batches.
    """

    def __init__(self, source: EncoderSource, *, batch_size: int, device: str = "cpu", on_cores: bool = False) -> None:
        self._source = source
        self._batch_size = batch_size
        self._wanted = device
        self._on_cores = on_cores
        self._model: Any = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._source.name

    @property
    def revision(self) -> str:
        """SHA-256 of the files, or "hub"."""
        return self._source.revision

    @property
    def variant(self) -> str:
        """Nothing: vectors are made in the usual way; see `pipeline.contracts.Encoder`."""
        return ""

    @cached_property
    def device(self) -> str:
        """What it works on; see `pipeline.language.devices.device_for`."""
        return device_for(self._wanted)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts into unit vectors; see `pipeline.contracts.Encoder`.

        The vector of a text that is longer than the model reads is the mean of its parts' vectors, each counting by
        its word pieces.
        """
        parts = [self._parts(text) for text in texts]
        vectors = self._read_whole([part for of_text in parts for part, _ in of_text])
        first = np.cumsum([0, *map(len, parts)])
        found: Vectors = vectors[first[:-1]]
        for place in np.flatnonzero(np.diff(first) > 1):
            weights = np.array([length for _, length in parts[place]], dtype=np.float64)
            mean = weights @ vectors[first[place] : first[place + 1]]
            found[place] = mean / (np.linalg.norm(mean) or 1.0)
        return found

    def count_long(self, texts: Sequence[str]) -> int:
        """Count the texts that are encoded in parts; see `pipeline.contracts.Encoder`."""
        return sum(len(self._parts(text)) > 1 for text in texts)

    def _read_whole(self, texts: Sequence[str]) -> Vectors:
        """Encode texts that the model reads whole, in batches of one shape for each length."""
        vectors = np.empty((len(texts), self._loaded.get_embedding_dimension()), dtype=np.float32)
        batches: list[tuple[list[str]]] = []
        places_of: list[list[int]] = []
        for length, places in self._by_length(texts).items():
            if not length:
                vectors[places] = self._encode([texts[place] for place in places], self._batch_size)
                continue
            # The first text is as long as the batch is to be, and empty ones make up the number.
            filling = " ".join([ONE_PIECE] * (length - MARKS))
            n_rows = max(min(self._batch_size, self._batch_size * FULL // length), 2)
            for start in range(0, len(places), n_rows - 1):
                wanted = places[start : start + n_rows - 1]
                batch = [filling, *(texts[place] for place in wanted)]
                batches.append((batch + [""] * (n_rows - len(batch)),))
                places_of.append(wanted)
        shared = self._on_cores and self.device == "cpu" and can_fork()
        n_jobs = min(available_cores(), len(batches) // _FEWEST_BATCHES) if shared else 1
        # Closed here and now: after Ctrl-C, workers must not wait for a garbage collection to be ended.
        made = contextlib.closing(done_in_order(self._encode_batch, batches, n_jobs=n_jobs))
        with _one_thread() if shared else contextlib.nullcontext(), made as found:
            for wanted, batch_vectors in zip(places_of, found, strict=True):
                vectors[wanted] = batch_vectors[1 : len(wanted) + 1]
        return vectors

    def _encode_batch(self, texts: list[str]) -> Vectors:
        return self._encode(texts, len(texts))

    def _encode(self, texts: list[str], batch_size: int) -> Vectors:
        found = self._loaded.encode(
            texts, batch_size=batch_size, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(found, dtype=np.float32)

    def _by_length(self, texts: Sequence[str]) -> dict[int, list[int]]:
        """Return the places of texts by their number of word pieces, rounded up; all by 0 where it cannot be told."""
        tokenizer: Any = getattr(self._loaded, "tokenizer", None)
        window = self._loaded.get_max_seq_length()
        if window is None or not getattr(tokenizer, "is_fast", False):
            return {0: list(range(len(texts)))}
        if len(tokenizer(ONE_PIECE)["input_ids"]) != 1 + MARKS:
            return {0: list(range(len(texts)))}
        found: dict[int, list[int]] = {}
        read = tokenizer(list(texts), truncation=True, max_length=window)["input_ids"] if texts else []
        for place, pieces in enumerate(read):
            found.setdefault(min(-(-len(pieces) // _LENGTHS) * _LENGTHS, window), []).append(place)
        return found

    @property
    def model(self) -> Any:
        """The model itself, loaded."""
        return self._loaded

    @property
    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _load_sentence_transformer(self._source, self.device)
        return self._model

    def _parts(self, text: str) -> list[tuple[str, int]]:
        """Split a text where the model would stop reading; give each part and its number of word pieces."""
        window = self._loaded.get_max_seq_length()
        # A word piece has a letter at the least, and two places are for the marks of beginning and end.
        if window is None or len(text) <= window - 2 or not self._loaded.tokenizer.is_fast:
            return [(text, 1)]
        found = self._loaded.tokenizer(
            text, truncation=True, max_length=window, return_overflowing_tokens=True, return_offsets_mapping=True
        )
        if len(found["input_ids"]) == 1:
            return [(text, 1)]
        parts = []
        for pieces in found["offset_mapping"]:
            inside = [(start, end) for start, end in pieces if end > start]
            parts.append((text[inside[0][0] : inside[-1][1]], len(inside)))
        return parts


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Have PyTorch compute on one thread, in this process and those that are forked from it."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _load_sentence_transformer(source: EncoderSource, device: str) -> Any:
    if Path(source.location).is_dir():
        go_offline()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        return SentenceTransformer(source.location, device=device)
    except Exception as problem:  # each library below raises its own kinds, and all mean that nothing was loaded
        raise ModelError(
            f"embed.model: '{source.name}' cannot be loaded ({type(problem).__name__}).",
            "Name a folder with a sentence-transformers model, a model that is already on this machine, or "
            f"{DEFAULT_ENCODER}, which comes with the program.",
        ) from problem
