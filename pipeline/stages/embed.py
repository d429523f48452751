"""Turn the units into vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.config import EmbedConfig
from pipeline.contracts import Cleaned, Embedded, Encoder, Vectors
from pipeline.language.nothing_said import says_nothing


def embed_comments(
    cleaned: Cleaned, *, encoder: Encoder, config: EmbedConfig, nothing_to_say: Sequence[str] = ()
) -> Embedded:
    """Embed each unit, and each distinct comment where the unit is its sentence, and find those that say nothing.

    Parameters
    ----------
    cleaned : Cleaned
        The comments.
    encoder : Encoder
        Gives unit vectors.
    config : EmbedConfig
        Which text is embedded.
    nothing_to_say : sequence of str
        The survey's own ways of saying nothing.

    Returns
    -------
    Embedded
        A unit vector for each unit, in their order.
    """
    units, distinct = cleaned.units, cleaned.distinct
    vectors = _embed(units, encoder, config)
    whole = None if cleaned.sentences is None else _embed(distinct, encoder, config)
    silent = says_nothing(
        distinct["text"].tolist(), vectors if whole is None else whole, encoder, further=nothing_to_say
    )
    said_nothing = distinct.loc[silent, "comment_id"].tolist()
    stands_for = cleaned.analysed["duplicate_of"].where(lambda twin: twin != "", cleaned.analysed["comment_id"])
    summary = {
        "model": encoder.name,
        "revision": encoder.revision,
        "device": encoder.device,
        "variant": encoder.variant,
        "dimensions": int(vectors.shape[1]),
        "units": len(vectors),
        "text": config.text,
        "long": encoder.count_long(distinct["text"].tolist()),
        "nothing_said": int(stands_for.isin(said_nothing).sum()),
    }
    return Embedded(
        unit_ids=tuple(units["unit_id"]),
        vectors=vectors,
        summary=summary,
        whole=whole,
        nothing_said=tuple(said_nothing),
    )


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
