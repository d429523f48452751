"""How far two sets of decisions agree, without intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.account.resampling import Integers


def partition_agreement(codes: Sequence[str] | Integers, topics: Sequence[int] | Integers) -> dict[str, float]:
    """Compare people's codes with the topics as partitions; outliers count as one part.

    Parameters
    ----------
    codes, topics : sequence of str or int of length n_comments
        The part that each comment belongs to; what the parts are called does not matter.

    Returns
    -------
    dict of str to float
        ami: adjusted mutual information (Vinh et al. 2010, jmlr.org/papers/v11/vinh10a.html), at most 1, 0 for
        chance; ari: adjusted Rand index (doi:10.1007/BF01908075), the same scale; v_measure: the harmonic mean
        of homogeneity and completeness (aclanthology.org/D07-1043), in [0, 1], not adjusted for chance: the more
        parts there are and the fewer comments, the higher. All are missing where either has a single part, since
        there is no partition to compare then.
    """
    from sklearn.metrics.cluster import expected_mutual_information

    cells = _counted(codes, topics)
    if min(cells.shape) < 2:
        return dict.fromkeys(("ami", "ari", "v_measure"), float("nan"))
    n, of_codes, of_topics = int(cells.sum()), cells.sum(axis=1), cells.sum(axis=0)
    first, second, both = _entropy(of_codes), _entropy(of_topics), _entropy(cells)
    # What rounding leaves of no information at all is none.
    shared = first + second - both if first + second - both > _NOTHING else 0.0
    mean, chance = (first + second) / 2, float(expected_mutual_information(cells, n))
    room = mean - chance
    # With as many parts as comments chance gives as much as there is; equal partitions agree wholly even so.
    ami = (shared - chance) / room if room > _NOTHING else float(mean - shared <= _NOTHING)
    pairs, of_first, of_second = (float((one * (one - 1)).sum()) for one in (cells, of_codes, of_topics))
    most, expected = (of_first + of_second) / 2, of_first * of_second / (n * (n - 1))
    ari = (pairs - expected) / (most - expected) if most > expected else 1.0
    return {"ami": ami, "ari": ari, "v_measure": shared / mean}


_NOTHING = 1e-12


def _counted(codes: Sequence[str] | Integers, topics: Sequence[int] | Integers) -> Integers:
    """Return how many comments lie in each pair of parts.

    Notes
    -----
    From this table all three measures follow. scikit-learn gives the same (the tests compare them), but checks and
    counts its input again for each, which takes twenty times as long; the intervals need hundreds of tables.
    """
    (rows, in_rows), (columns, in_columns) = pd.factorize(np.asarray(codes)), pd.factorize(np.asarray(topics))
    cells = np.bincount(rows * len(in_columns) + columns, minlength=len(in_rows) * len(in_columns))
    return cells.reshape(len(in_rows), len(in_columns))


def _entropy(counts: Integers) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def confusion_table(reference: Sequence[str], candidate: Sequence[str], classes: Sequence[str]) -> pd.DataFrame:
    """Count each pair of decisions.

    Parameters
    ----------
    reference, candidate : sequence of str of length n_comments
        One decision a comment, each one of the classes.
    classes : sequence of str
        The classes, in the order wanted.

    Returns
    -------
    DataFrame
        A row for each pair of classes, whether it occurs or not: reference, candidate, n.

    Raises
    ------
    ValueError
        If a decision is none of the classes.
    """
    unknown = sorted((set(reference) | set(candidate)) - set(classes))
    if unknown:
        raise ValueError(f"{len(unknown)} decisions are none of the {len(classes)} classes, first '{unknown[0]}'")
    place = {name: number for number, name in enumerate(classes)}
    size = len(classes)
    pairs = [place[one] * size + place[other] for one, other in zip(reference, candidate, strict=True)]
    counted = np.bincount(np.array(pairs, dtype=np.int64), minlength=size * size)
    return pd.DataFrame(
        {
            "reference": np.repeat(np.array(classes, dtype=object), size),
            "candidate": np.tile(np.array(classes, dtype=object), size),
            "n": counted.astype(np.int64),
        }
    )
