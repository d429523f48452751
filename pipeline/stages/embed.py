"""Turn the distinct comments into vectors."""

from __future__ import annotations

import numpy as np

from pipeline.config import EmbedConfig
from pipeline.contracts import Cleaned, Embedded, Encoder, Vectors


def embed_comments(cleaned: Cleaned, *, encoder: Encoder, config: EmbedConfig) -> Embedded:
    """Embed each distinct comment.

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
        A unit vector for each distinct comment, in their order.
    """
    distinct = cleaned.distinct
    texts = distinct["text"].tolist()
    # A comment of symbols alone has no lemmas; its text stands in.
    lemmas = [lemma or text for lemma, text in zip(distinct["lemmas"], texts, strict=True)]
    if config.text == "cleaned":
        vectors = encoder.encode(texts)
    elif config.text == "lemmas":
        vectors = encoder.encode(lemmas)
    else:
        vectors = unit_rows(encoder.encode(texts) + encoder.encode(lemmas))
    summary = {
        "model": encoder.name,
        "revision": encoder.revision,
        "dimensions": int(vectors.shape[1]),
        "units": len(vectors),
        "text": config.text,
    }
    return Embedded(unit_ids=tuple(distinct["comment_id"]), vectors=vectors, summary=summary)


def unit_rows(vectors: Vectors) -> Vectors:
    """Return the rows scaled to length one; a zero row stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)
