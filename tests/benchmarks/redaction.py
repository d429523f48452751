"""How much personal data the clean stage takes out of made-up sentences and of the illustrative comments."""

from __future__ import annotations

from pipeline.language.model_files import SPACY_MODEL
from pipeline.language.models import load_language
from tests.redaction_examples import illustrative, scores, sentences


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
    read = illustrative(language)
    rows += [
        "",
        f"{len(sentences())} sentences, {without} of them without personal data.",
        "",
        f"{read.planted} items stand in {read.holding} of the {read.comments} illustrative comments "
        f"(`tests/planted_items.csv`); {read.planted - len(read.missed)} were found. {read.changed} comments were "
        f"changed, {len(read.wrong)} of them wrongly ({len(read.wrong) / read.comments:.1%} of all).",
    ]
    print("\n".join(rows), flush=True)
    return "\n".join(rows)
