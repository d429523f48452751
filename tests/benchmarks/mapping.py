"""Comments against themes: the codebook's phrases beside matching by the themes' names alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.config import MapConfig
from pipeline.crosswalk.agreement import class_agreement, codes_to_themes
from pipeline.crosswalk.fit import fit_to_themes
from tests.benchmarks.corpora import Corpus


def table(corpora: Sequence[Corpus]) -> str:
    """Return a Markdown table of accuracy and macro-F1, over comments that people gave one of the themes."""
    rows = [
        "| corpus | comments / themes | matching | accuracy | macro-F1 | kappa |",
        "|---|---|---|---|---|---|",
    ]
    nearest_phrases = MapConfig.model_validate({}).nearest_phrases
    for corpus in corpora:
        themes = corpus.codebook.themes
        ids = corpus.codebook.theme_ids
        codes = codes_to_themes(corpus.comments[corpus.code_column], themes)
        used = codes.isin(ids).to_numpy()
        vectors = corpus.embedded.vectors[used]
        scores = {
            "names only": vectors @ corpus.encoder.encode([theme.name for theme in themes]).T,
            "codebook (ours)": fit_to_themes(vectors, themes, encoder=corpus.encoder, nearest_phrases=nearest_phrases),
        }
        for matching, fits in scores.items():
            decided = np.array(ids)[fits.argmax(axis=1)].tolist()
            found = class_agreement(codes[used].tolist(), decided, ids)
            rows.append(
                f"| {corpus.name} | {used.sum():,} / {len(ids)} | {matching} | {found['accuracy']:.3f} "
                f"| {found['macro_f1']:.3f} | {found['cohen_kappa']:.3f} |"
            )
            print(rows[-1], flush=True)
    return "\n".join(rows)
