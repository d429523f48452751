"""A sentence-transformers model that OpenVINO runs on the processor."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.contracts import Vectors
from pipeline.errors import ModelError
from pipeline.formats.digests import digest_of
from pipeline.language.backends import load_openvino
from pipeline.language.kept_models import made_once
from pipeline.language.model_files import EncoderSource
from pipeline.language.multilingual_files import usual_sentences
from pipeline.language.sentence_encoder import FULL, SentenceEncoder

_NETWORK = "network.xml"

_SAME = 0.9999
"""The lowest cosine of a text's vector to PyTorch's with which a converted model is used."""

_ONES_ROWS, _ONES_PIECES = 2, 16
"""The shape of what the model is traced with; it then takes any other."""


class OpenVinoEncoder(SentenceEncoder):
    """A sentence-transformers model in OpenVINO, converted when the first text is encoded.

    Parameters
    ----------
    source : EncoderSource
        The model's files.
    batch_size : int
        Texts of 32 word pieces that are encoded at a time; of longer ones fewer, of shorter ones more.
    precision : {"float32", "bfloat16"}
        The numbers that the network computes with.
    kept_in : pathlib.Path or None
        Where the converted model is kept; None converts it anew.

    Notes
    -----
    A batch holds texts of one number of word pieces, so that nothing is padded. OpenVINO gives a text the same vector
    in batches of any size, on any number of threads.
    """

    def __init__(self, source: EncoderSource, *, batch_size: int, precision: str, kept_in: Path | None) -> None:
        super().__init__(source, batch_size=batch_size, device="cpu")
        self._precision = precision
        self._kept_in = kept_in

    @property
    def variant(self) -> str:
        """What tells the vectors from those of PyTorch."""
        return "openvino" if self._precision == "float32" else f"openvino in {self._precision}"

    def _read_whole(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self._loaded.get_embedding_dimension()), dtype=np.float32)
        if texts:
            self._fill(vectors, self._pieces(texts))
        return vectors

    def _pieces(self, texts: Sequence[str]) -> list[list[int]]:
        window = self._loaded.get_max_seq_length()
        found: list[list[int]] = self._loaded.tokenizer(list(texts), truncation=window is not None, max_length=window)[
            "input_ids"
        ]
        return found

    def _fill(self, vectors: Vectors, pieces: Sequence[Sequence[int]]) -> None:
        by_length: dict[int, list[int]] = {}
        for place, of_text in enumerate(pieces):
            by_length.setdefault(len(of_text), []).append(place)

        def take(request: Any, places: list[int]) -> None:
            vectors[places] = request.get_output_tensor().data

        queue = load_openvino().AsyncInferQueue(self._network)
        queue.set_callback(take)
        # The long ones first, so that no thread is left with one at the end.
        for length, places in sorted(by_length.items(), reverse=True):
            n_rows = max(self._batch_size * FULL // length, 1)
            for start in range(0, len(places), n_rows):
                wanted = places[start : start + n_rows]
                numbers = np.array([pieces[place] for place in wanted], dtype=np.int64)
                queue.start_async({0: numbers, 1: np.ones_like(numbers)}, wanted)
        queue.wait_all()

    @cached_property
    def _network(self) -> Any:
        import torch
        import transformers

        openvino = load_openvino()
        made_from = [self.revision, openvino.__version__, torch.__version__, transformers.__version__]
        core = openvino.Core()
        # The files may be made anew by another process while they are read.
        core.set_property({"ENABLE_MMAP": False})
        with made_once(self._kept_in, f"openvino-{digest_of(made_from)[:16]}", self._convert) as place:
            return self._compiled(core, core.read_model(place / _NETWORK), self._precision)

    @staticmethod
    def _compiled(core: Any, network: Any, precision: str) -> Any:
        import torch

        n_threads = torch.get_num_threads()
        hint = {"float32": "f32", "bfloat16": "bf16"}[precision]
        return core.compile_model(
            network,
            "CPU",
            {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": n_threads, "NUM_STREAMS": n_threads},
        )

    def _convert(self, place: Path) -> None:
        openvino = load_openvino()
        try:
            network = _converted(self._loaded)
            self._verify(self._compiled(openvino.Core(), network, "float32"))
        except OSError:
            raise
        # Each library below raises its own kinds, and all mean that it cannot be converted.
        except Exception as problem:
            raise ModelError(
                f"embed.backend: OpenVINO cannot run the encoder '{self.name}' ({type(problem).__name__}).",
                "Set embed.backend to torch.",
            ) from problem
        try:
            openvino.save_model(network, place / _NETWORK, compress_to_fp16=False)
        except RuntimeError as problem:
            raise OSError(0, "OpenVINO cannot write it") from problem

    def _verify(self, network: Any) -> None:
        """Refuse a network that gives other vectors than the model, at lengths that it was not traced with."""
        probes = sorted(usual_sentences())[:8]
        wanted = self._loaded.encode(probes, normalize_embeddings=True, show_progress_bar=False)
        for numbers, vector in zip(self._pieces(probes), wanted, strict=True):
            one = np.array([numbers] * 3, dtype=np.int64)
            found = network({0: one, 1: np.ones_like(one)})[0]
            if not np.all(found @ vector >= _SAME):
                raise ValueError("other vectors")


def _converted(model: Any) -> Any:
    """Return a model as a network that takes numbers of word pieces, and which of them count, and gives unit vectors.

    Notes
    -----
    Not by `openvino.convert_model`, which reports its use to OpenVINO's makers.
    """
    import torch

    load_openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = self.model({"input_ids": input_ids, "attention_mask": attention_mask})
            return torch.nn.functional.normalize(features["sentence_embedding"], p=2, dim=1)

    ones = torch.ones(_ONES_ROWS, _ONES_PIECES, dtype=torch.long)
    with torch.inference_mode(), warnings.catch_warnings(), _quiet("sentence_transformers"):
        # Tracing warns of what it cannot follow; the result is verified.
        warnings.simplefilter("ignore")
        traced = TorchScriptPythonDecoder(Whole().eval(), example_input={"input_ids": ones, "attention_mask": ones})
    frontend = FrontEndManager().load_by_framework("pytorch")
    return frontend.convert(frontend.load(traced))


@contextlib.contextmanager
def _quiet(library: str) -> Iterator[None]:
    """Keep a library from warning: tracing looks at parts of it that say they are out of date."""
    log = logging.getLogger(library)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
