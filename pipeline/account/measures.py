"""How far two sets of decisions agree, without intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.account.resampling import Integers

_NO_ROOM = 1e-12
"""Below this a difference is one of rounding."""


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

    Notes
    -----
    Intervals ask for it some hundred times. scikit-learn's own scores check and count the parts anew in each of a
    dozen steps, which takes twenty times as long; from one table of counts the values are the same.
    """
    from sklearn.metrics.cluster import expected_mutual_information

    rows, columns = (pd.factorize(np.asarray(parts))[0] for parts in (codes, topics))
    n_rows, n_columns = (int(parts.max(initial=-1)) + 1 for parts in (rows, columns))
    if min(n_rows, n_columns) < 2:
        return dict.fromkeys(("ami", "ari", "v_measure"), float("nan"))
    counts = np.bincount(rows * n_columns + columns, minlength=n_rows * n_columns).reshape(n_rows, n_columns)
    of_rows, of_columns, n = counts.sum(axis=1), counts.sum(axis=0), len(rows)
    mean_entropy = (_entropy(of_rows) + _entropy(of_columns)) / 2
    shared = max(2 * mean_entropy - _entropy(counts.ravel()), 0.0)
    by_chance = expected_mutual_information(counts, n)
    together, in_rows, in_columns = (int((of * (of - 1)).sum()) for of in (counts, of_rows, of_columns))
    pairs_by_chance = in_rows * in_columns / (n * (n - 1))
    return {
        "ami": _adjusted(shared, by_chance, mean_entropy),
        "ari": _adjusted(together, pairs_by_chance, (in_rows + in_columns) / 2),
        "v_measure": shared / mean_entropy,
    }


def _entropy(counts: Integers) -> float:
    """Return the entropy of parts of these sizes, in nats."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _adjusted(value: float, by_chance: float, most: float) -> float:
    """Return how far a value lies from what chance gives towards the most that it can be; 1 where chance gives that.

    That is so where every part of both partitions is a single comment.
    """
    room = most - by_chance
    return 1.0 if abs(room) < _NO_ROOM else float((value - by_chance) / room)


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
    pairs = pd.MultiIndex.from_product([classes, classes], names=["reference", "candidate"])
    decided = pd.DataFrame({"reference": list(reference), "candidate": list(candidate)}, dtype=object)
    cells = decided.value_counts().reindex(pairs, fill_value=0).rename("n").reset_index()
    return cells.astype({"n": "int64"})
