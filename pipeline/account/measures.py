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
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

    if min(len(pd.unique(np.asarray(codes))), len(pd.unique(np.asarray(topics)))) < 2:
        return dict.fromkeys(("ami", "ari", "v_measure"), float("nan"))

    return {
        "ami": float(adjusted_mutual_info_score(codes, topics)),
        "ari": float(adjusted_rand_score(codes, topics)),
        "v_measure": float(v_measure_score(codes, topics)),
    }


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
