"""How much personal data the clean stage takes out of made-up sentences and of the illustrative comments."""

from __future__ import annotations

import pandas as pd

from pipeline.language.model_files import SPACY_MODEL
from pipeline.language.models import load_language
from tests.benchmarks.corpora import ROOT
from tests.redaction_examples import redacted, scores, sentences


def table() -> str:
    """Return a Markdown table of precision and recall by type, and a sentence on the illustrative comments."""
    language = load_language(SPACY_MODEL)
    found, _ = scores(language)
    rows = ["| type | items | marks | precision | recall |", "|---|---|---|---|---|"]
    for kind, score in found.items():
        rows.append(
            f"| {kind} | {score.there} | {score.taken} | {score.right / max(score.taken, 1):.0%} | "
            f"{score.right / max(score.there, 1):.0%} |"
        )
    without = sum(not sentence.items for sentence in sentences())
    comments = pd.read_csv(ROOT / "pipeline" / "corpora" / "illustrative_comments.csv", keep_default_na=False)
    _, counts = redacted(comments["comment"].tolist(), language)
    rows += [
        "",
        f"{len(sentences())} sentences, {without} of them without personal data. In the illustrative comments "
        f"{sum(map(bool, counts))} of {len(comments)} were changed.",
    ]
    print("\n".join(rows), flush=True)
    return "\n".join(rows)
