"""How far two sets of decisions agree, by scikit-learn: what the program's own measures are held against."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


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
