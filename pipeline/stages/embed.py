"""Turn the units into vectors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.config import EmbedConfig
from pipeline.contracts import Cleaned, Embedded, Encoder, Vectors


def embed_comments(cleaned: Cleaned, *, encoder: Encoder, config: EmbedConfig) -> Embedded:
    """Embed each unit, and each distinct comment where the unit is its sentence.

    Parameters
    ----------
    cleaned : Cleaned
        The comments.
    encoder : Encoder
        Gives unit vectors.
    config : EmbedConfig
        Which text is embedded.

    Returns
    -------
    Embedded
        A unit vector for each unit, in their order.
    """
    units = cleaned.units
    vectors = _embed(units, encoder, config)
    whole = None if cleaned.sentences is None else _embed(cleaned.distinct, encoder, config)
    summary = {
        "model": encoder.name,
        "revision": encoder.revision,
        "dimensions": int(vectors.shape[1]),
        "units": len(vectors),
        "text": config.text,
    }
    return Embedded(unit_ids=tuple(units["unit_id"]), vectors=vectors, summary=summary, whole=whole)


def _embed(texts: pd.DataFrame, encoder: Encoder, config: EmbedConfig) -> Vectors:
    cleaned = texts["text"].tolist()
    # A text of symbols alone has no lemmas; it stands for itself.
    lemmas = [lemma or text for lemma, text in zip(texts["lemmas"], cleaned, strict=True)]
    if config.text == "cleaned":
        return encoder.encode(cleaned)
    if config.text == "lemmas":
        return encoder.encode(lemmas)
    return unit_rows(encoder.encode(cleaned) + encoder.encode(lemmas))


def unit_rows(vectors: Vectors) -> Vectors:
    """Return the rows scaled to length one; a zero row stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)
