"""Loading the language models, without a network for the default ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.config import MULTILINGUAL_ENCODER
from pipeline.contracts import Encoder
from pipeline.errors import ModelError
from pipeline.language.backends import insist_on_backend
from pipeline.language.model_files import find_encoder, find_spacy_model
from pipeline.language.multilingual import MultilingualEncoder
from pipeline.language.openvino_encoder import OpenVinoEncoder
from pipeline.language.sentence_encoder import SentenceEncoder
from pipeline.language.static_encoder import StaticEncoder

if TYPE_CHECKING:
    from spacy.language import Language


def load_encoder(
    name: str,
    *,
    batch_size: int,
    device: str = "cpu",
    backend: str = "torch",
    precision: str = "float32",
    cache: Path | None = None,
    on_cores: bool = False,
) -> Encoder:
    """Return an encoder by its name in the configuration.

    Parameters
    ----------
    name : str
        See `find_encoder`.
    batch_size : int
        Texts encoded at a time.
    device : {"auto", "cpu", "cuda", "mps"}
        What it works on; "auto" and accelerators are looked for when the encoder is first asked.
    backend : {"torch", "openvino", "static"}
        What makes the vectors.
    precision : {"float32", "bfloat16"}
        The numbers that OpenVINO computes with.
    cache : pathlib.Path or None
        The file where vectors are kept: what a backend makes from the model is kept beside it.
    on_cores : bool
        Whether PyTorch is to work on several processes, one on each core; see `SentenceEncoder`. Not in a program that
        has threads of its own: processes are forked.

    Raises
    ------
    ModelError
        See `find_encoder` and `insist_on_backend`; and where the encoder cannot work on the device.
    """
    insist_on_backend(model=name, device=device, backend=backend, precision=precision)
    if name == MULTILINGUAL_ENCODER:
        if device not in ("auto", "cpu"):
            raise ModelError(
                f"The encoder {MULTILINGUAL_ENCODER} works on the processor alone, and embed.device is {device}.",
                "Set embed.device to auto or cpu.",
            )
        return MultilingualEncoder()
    source = find_encoder(name)
    # Named like the cache: a folder that holds it and nothing else is closed to others.
    kept_in = None if cache is None else cache.with_name(f"{cache.name}.models")
    if backend == "openvino":
        return OpenVinoEncoder(source, batch_size=batch_size, precision=precision, kept_in=kept_in)
    if backend == "static":
        return StaticEncoder(source, kept_in=kept_in)
    return SentenceEncoder(source, batch_size=batch_size, device=device, on_cores=on_cores)


def load_language(name: str, *, sentences: bool = False) -> Language:
    """Load a spaCy model with only what lemmas need.

    Parameters
    ----------
    name : str
        The model's name in the configuration.
    sentences : bool
        Whether sentence ends are wanted too.

    Returns
    -------
    spacy.language.Language
        Without parser, with named-entity recognition switched off; reads texts of any length.

    Raises
    ------
    ModelError
        Where it is not installed or cannot be loaded.
    """
    import spacy

    location = find_spacy_model(name).location
    try:
        language = spacy.load(location, exclude=["parser"], disable=["ner"])
    except OSError as problem:
        raise ModelError(
            f"clean.spacy_model: '{name}' cannot be loaded by spaCy {spacy.__version__}.",
            "Install the model's version for this spaCy.",
        ) from problem
    if sentences and "senter" in language.component_names:
        language.enable_pipe("senter")
    elif sentences:
        language.add_pipe("sentencizer")
    # The limit guards parser and NER: the one is left out, the other reads texts in parts.
    language.max_length = 100_000_000
    return language
