"""The corpora of the benchmark: read, cleaned and embedded by the program's own stages."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from pipeline.codebook.codebook import Codebook, load_codebook
from pipeline.config import DEFAULT_ENCODER, CleanConfig, EmbedConfig, InputConfig
from pipeline.contracts import Bools, Cleaned, Embedded, Encoder
from pipeline.language.model_files import SPACY_MODEL
from pipeline.language.models import load_encoder, load_language
from pipeline.language.vector_cache import CachedEncoder
from pipeline.stages.clean import clean_comments
from pipeline.stages.embed import embed_comments
from pipeline.stages.ingest import read_comments

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT.parent / "shared" / "bench"
PAIRS = ROOT.parent / "shared" / "cases" / "10d-illustrative-pairs" / "data.csv"
"""Illustrative comments joined in pairs, with the themes of each."""

ILLUSTRATIVE = "illustrative"


@dataclass(frozen=True, eq=False)
class Corpus:
    """A corpus ready for measuring."""

    name: str
    path: Path
    codebook: Codebook
    code_column: str
    cleaned: Cleaned
    embedded: Embedded
    encoder: Encoder

    @property
    def comments(self) -> pd.DataFrame:
        """The distinct comments, in the order of the vectors."""
        return self.cleaned.distinct

    @property
    def codes(self) -> list[str]:
        """People's codes of the distinct comments."""
        return self.comments[self.code_column].tolist()

    @property
    def speaks(self) -> Bools:
        """Which distinct comments say something: topics are looked for among them alone."""
        return ~self.comments["comment_id"].isin(self.embedded.nothing_said).to_numpy(dtype=bool)

    @property
    def codes_of_speaking(self) -> list[str]:
        """People's codes of the comments that say something."""
        return self.comments.loc[self.speaks, self.code_column].tolist()


def names() -> list[str]:
    """Return the corpora that are here: those of ../shared/bench, then the illustrative comments."""
    shared = (
        sorted(folder.name for folder in BENCH.iterdir() if (folder / "comments.csv").is_file())
        if BENCH.is_dir()
        else []
    )
    return [*shared, ILLUSTRATIVE]


def texts(name: str) -> list[str]:
    """Return the comments of a corpus as they were received."""
    path = ROOT / "pipeline" / "corpora" / "illustrative_comments.csv" if name == ILLUSTRATIVE else None
    found = pd.read_csv(path or BENCH / name / "comments.csv", dtype=str, keep_default_na=False)
    return [str(text) for text in found["comment"]]


def outlooks() -> tuple[list[str], list[str]]:
    """Return the coded outlook and the care setting of the distinct illustrative comments."""
    corpus = load(ILLUSTRATIVE)
    with corpus.path.open(encoding="utf-8", newline="") as file:
        rows = {row["comment_id"]: row for row in csv.DictReader(file)}
    chosen = [rows[comment_id] for comment_id in corpus.comments["comment_id"]]
    return [row["coder_1_outlook"] for row in chosen], [row["care_setting"] for row in chosen]


@cache
def load(name: str, *, text: str = "cleaned", unit: str = "comment") -> Corpus:
    """Read, clean and embed a corpus; vectors are cached under outputs/."""
    if name == ILLUSTRATIVE:
        path = ROOT / "pipeline" / "corpora" / "illustrative_comments.csv"
        codebook = load_codebook(ROOT / "configs" / "codebooks" / "htn_health_tech_trends.yaml")
        column = "coder_1_theme"
    else:
        path, column = BENCH / name / "comments.csv", "theme"
        codebook = _shared_codebook(BENCH / name / "codebook.yaml")
    with path.open(encoding="utf-8", newline="") as file:
        has_id = "comment_id" in next(csv.reader(file))
    config = InputConfig.model_validate(
        {"path": path, "columns": {"id": "comment_id" if has_id else None, "metadata": [column]}}
    )
    received = read_comments(path.read_bytes(), path=path, config=config)
    language = load_language(SPACY_MODEL, sentences=unit == "sentence")
    cleaned = clean_comments(received, language=language, config=CleanConfig.model_validate({}), unit=unit)
    encoder = CachedEncoder(load_encoder(DEFAULT_ENCODER, batch_size=32), ROOT / "outputs" / ".cache" / "bench.sqlite")
    embedded = embed_comments(cleaned, encoder=encoder, config=EmbedConfig.model_validate({"text": text}))
    return Corpus(name, path, codebook, column, cleaned, embedded, encoder)


def _shared_codebook(path: Path) -> Codebook:
    """Read a codebook that may give names alone: the name then stands in for the definition."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for theme in content["themes"]:
        theme.setdefault("definition", theme["name"])
    return Codebook.model_validate(content)
