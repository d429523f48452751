"""Nulls of single comments and of their parts, as themes are set against them."""

import numpy as np

from pipeline.crosswalk.fit import Reading, Scores
from pipeline.crosswalk.pseudo_themes import comment_pools, mean_fits, part_pools


def comment_null(reading: Reading, *, n_phrases: int, nearest_phrases: int, seed: int) -> Scores:
    """Return the mean fit of pseudo-themes made of comments to each comment."""
    pools = comment_pools(reading, n_phrases=n_phrases, nearest_phrases=nearest_phrases, seed=seed)
    return np.asarray(reading.weights @ mean_fits(reading.vectors, reading.owner, pools))


def part_null(reading: Reading, *, n_phrases: int, nearest_phrases: int, seed: int) -> Scores:
    """Return the mean fit of pseudo-themes made of parts to each part."""
    pools = part_pools(reading, n_phrases=n_phrases, nearest_phrases=nearest_phrases, seed=seed)
    return mean_fits(reading.vectors, reading.owner, pools)
