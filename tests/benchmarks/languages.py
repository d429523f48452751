"""Which languages are found: in comments of English surveys, and in sentences written for this in six languages."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd

from pipeline.config import MULTILINGUAL_ENCODER
from pipeline.language.cleaning import mend
from pipeline.language.detector import detect
from pipeline.language.languages import SEVERAL, UNKNOWN, common_words, is_foreign, languages_of, share_of_common_words
from pipeline.language.models import load_encoder
from tests.benchmarks import corpora

_READ = ("en",)
SENTENCES = corpora.ROOT / "tests" / "other_languages.csv"


def table() -> str:
    """Return two Markdown tables: of the corpora, and of the sentences by language."""
    rows = [
        "| corpus | comments | set aside | in several | unknown | share of common words |",
        "|---|---|---|---|---|---|",
    ]
    for name in corpora.names():
        texts = [text for text in map(mend, corpora.texts(name)) if text]
        found = languages_of(texts, detect, _READ)
        foreign = sum(is_foreign(language, _READ) for language in found)
        share = share_of_common_words(texts, common_words(_READ))
        rows.append(
            f"| {name} | {len(texts)} | {foreign} | {found.count(SEVERAL)} | {found.count(UNKNOWN)} | {share:.0%} |"
        )
    rows += ["", *_sentences()]
    print("\n".join(rows), flush=True)
    return "\n".join(rows)


def _sentences() -> list[str]:
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        sentences = pd.DataFrame(list(csv.DictReader(file)))
    sentences["found"] = languages_of(sentences["comment"].tolist(), detect, _READ)
    vectors = load_encoder(MULTILINGUAL_ENCODER, batch_size=32).encode(sentences["comment"].tolist())
    english = np.flatnonzero(sentences["language"] == "en")
    nearest = sentences["meaning"].to_numpy()[english[(vectors @ vectors[english].T).argmax(axis=1)]]
    sentences["is_alike"] = sentences["meaning"] == nearest
    rows = [
        "| language | sentences | set aside | unknown | share of common words | the same in English is nearest |",
        "|---|---|---|---|---|---|",
    ]
    for language, of_it in sentences.groupby("language", sort=False):
        share = share_of_common_words(of_it["comment"].tolist() * 2, common_words(_READ))
        foreign = sum(is_foreign(found, _READ) for found in of_it["found"])
        rows.append(
            f"| {language} | {len(of_it)} | {foreign} | {sum(of_it['found'] == UNKNOWN)} | {share:.0%} | "
            f"{int(of_it['is_alike'].sum()) if language != 'en' else ''} |"
        )
    return rows
