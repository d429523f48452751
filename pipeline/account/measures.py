"""How far two sets of decisions agree, without intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.account.resampling import Integers


def class_agreement(
    reference: Sequence[str], candidate: Sequence[str], classes: Sequence[str], also: Sequence[str] | None = None
) -> dict[str, float]:
    """Compare two sets of decisions over the same classes.

    Parameters
    ----------
    reference, candidate : sequence of str
        One decision a comment.
    classes : sequence of str
        The classes that macro-F1 averages over.
    also : sequence of str, optional
        A second decision of the reference; "" where there is none.

    Returns
    -------
    dict of str to float
        accuracy in [0, 1]; macro_f1 in [0, 1]; cohen_kappa in [-1, 1] (doi:10.1177/001316446002000104; missing
        where both always decide the same); accuracy_either in [0, 1], where `also` is given: the share that
        agrees with one of the reference's two decisions. All are missing where there is no comment.
    """
    from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

    if not len(reference):
        names = ("accuracy", "macro_f1", *(() if also is None else ("accuracy_either",)), "cohen_kappa")
        return dict.fromkeys(names, float("nan"))
    measures = {
        "accuracy": float(accuracy_score(reference, candidate)),
        "macro_f1": float(f1_score(reference, candidate, labels=list(classes), average="macro", zero_division=0.0)),
    }
    if also is not None:
        hits = [c in (r, a) for r, a, c in zip(reference, also, candidate, strict=True)]
        measures["accuracy_either"] = float(np.mean(hits))
    decided = set(reference) | set(candidate)
    # With one class in use there is no chance agreement to correct for, and kappa is 0 / 0.
    measures["cohen_kappa"] = float(cohen_kappa_score(reference, candidate)) if len(decided) > 1 else float("nan")
    return measures


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
        A row for each pair of classes, whether it occurs or not: reference, candidate, n, share_of_reference (of
        the comments that the reference gave this class, in [0, 1]; missing where it gave it to none).

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
    totals = cells.groupby("reference")["n"].transform("sum")
    return cells.astype({"n": "int64"}).assign(share_of_reference=(cells["n"] / totals.where(totals > 0)).astype(float))
