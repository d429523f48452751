"""Agreement between the machine and people, and between people."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pipeline.crosswalk.codebook import Theme

NO_THEME = "no theme"
"""What a code outside the codebook, or none, counts as."""


def code_to_theme(code: str, themes: Sequence[Theme]) -> str:
    """Return the id of the theme that a person's code names, by id or by name, or `NO_THEME`."""
    wanted = code.strip().casefold()
    for theme in themes:
        if wanted in (theme.id.casefold(), theme.name.casefold()):
            return theme.id
    return NO_THEME


def codes_to_themes(codes: pd.Series[str], themes: Sequence[Theme]) -> pd.Series[str]:
    """Apply `code_to_theme` to a column; an empty cell stays empty, since nothing was coded there."""
    known = {code: code_to_theme(code, themes) if code.strip() else "" for code in codes.unique()}
    return codes.map(known)


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
        agrees with one of the reference's two decisions.
    """
    from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

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


def partition_agreement(codes: Sequence[str], topics: Sequence[int]) -> dict[str, float]:
    """Compare people's codes with the topics as partitions; outliers count as one part.

    Returns
    -------
    dict of str to float
        ami: adjusted mutual information (Vinh et al. 2010, jmlr.org/papers/v11/vinh10a.html), at most 1, 0 for
        chance; ari: adjusted Rand index (doi:10.1007/BF01908075), the same scale.
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    return {
        "ami": float(adjusted_mutual_info_score(codes, topics)),
        "ari": float(adjusted_rand_score(codes, topics)),
    }
