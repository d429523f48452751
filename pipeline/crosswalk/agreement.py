"""Agreement between the machine and people, and between people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.codebook import Codebook, Facet, Theme

NO_THEME = "no theme"
"""What a code outside the codebook, or none, counts as."""

MACHINE_DIRECT = "comments matched directly"
MACHINE_BY_TOPIC = "comments by their topic"
TOPICS = "topics"

CODED_WITH_THEME = "coded with a theme"
ALL_CODED = "all coded"
CODED_WITH_OUTLOOK = "coded with an outlook"
CODED_BY_BOTH = "coded by both"

COLUMNS = ("first", "second", "facet", "comments", "measure", "value", "n")


@dataclass(frozen=True)
class Coder:
    """One person's codes of the analysed comments, as they stand in the file; "" where nothing was coded."""

    name: str
    main: pd.Series[str]
    further: tuple[pd.Series[str], ...]
    outlook: pd.Series[str] | None


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


def agreement_table(
    coders: Sequence[Coder], assignments: pd.DataFrame, *, codebook: Codebook, outlook: Facet | None
) -> pd.DataFrame:
    """Compare the machine with each coder, and the coders with one another.

    Parameters
    ----------
    coders : sequence of Coder
        People's codes, row by row as the assignments.
    assignments : DataFrame
        topic, theme, theme_direct, theme_nearest and outlook_direct of each analysed comment.
    codebook : Codebook
        The themes.
    outlook : Facet or None
        The outlook facet.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Compared`. "coded with a theme" are the comments whose main code is a theme of
        the codebook: there the machine's best theme counts, whatever its fit. "all coded" are all that have a
        code: there "no theme" is a class of its own.
    """
    rows: list[dict[str, Any]] = []
    for coder in coders:
        rows += _themes_with_coder(coder, assignments, codebook)
        rows += _outlook_with_coder(coder, assignments, outlook)
    for one, other in combinations(coders, 2):
        rows += _between(one.name, other.name, "themes", one.main, other.main, codebook.themes)
        if outlook is not None and one.outlook is not None and other.outlook is not None:
            rows += _between(one.name, other.name, outlook.id, one.outlook, other.outlook, outlook.themes)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _rows(first: str, second: str, facet: str, which: str, n: int, measures: dict[str, float]) -> list[dict[str, Any]]:
    return [
        dict(zip(COLUMNS, (first, second, facet, which, measure, value, n), strict=True))
        for measure, value in measures.items()
    ]


def _themes_with_coder(coder: Coder, assignments: pd.DataFrame, codebook: Codebook) -> list[dict[str, Any]]:
    themes = codebook.theme_ids
    codes = codes_to_themes(coder.main, codebook.themes)
    also = codes_to_themes(coder.further[0], codebook.themes) if coder.further else None
    by_topic = assignments["theme"].replace({UNMAPPED: NO_THEME, "": NO_THEME})
    direct = assignments["theme_direct"].replace(UNMAPPED, NO_THEME)
    coded = codes != ""
    rows: list[dict[str, Any]] = []
    for which, used, classes, matched in (
        (CODED_WITH_THEME, codes.isin(themes), themes, assignments["theme_nearest"]),
        (ALL_CODED, coded, (*themes, NO_THEME), direct),
    ):
        if not used.any():
            continue
        reference, second = codes[used].tolist(), None if also is None else also[used].tolist()
        for how, decided in ((MACHINE_DIRECT, matched), (MACHINE_BY_TOPIC, by_topic)):
            measures = class_agreement(reference, decided[used].tolist(), classes, second)
            rows += _rows(coder.name, how, "themes", which, int(used.sum()), measures)
    if coded.any():
        measures = partition_agreement(coder.main[coded].tolist(), assignments.loc[coded, "topic"].tolist())
        rows += _rows(coder.name, TOPICS, "themes", ALL_CODED, int(coded.sum()), measures)
    return rows


def _outlook_with_coder(coder: Coder, assignments: pd.DataFrame, outlook: Facet | None) -> list[dict[str, Any]]:
    if outlook is None or coder.outlook is None:
        return []
    entries = [entry.id for entry in outlook.themes]
    codes = codes_to_themes(coder.outlook, outlook.themes)
    used = codes.isin(entries)
    if not used.any():
        return []
    measures = class_agreement(codes[used].tolist(), assignments.loc[used, "outlook_direct"].tolist(), entries)
    return _rows(coder.name, MACHINE_DIRECT, outlook.id, CODED_WITH_OUTLOOK, int(used.sum()), measures)


def _between(
    one: str, other: str, facet: str, first: pd.Series[str], second: pd.Series[str], themes: Sequence[Theme]
) -> list[dict[str, Any]]:
    codes, others = codes_to_themes(first, themes), codes_to_themes(second, themes)
    both = (codes != "") & (others != "")
    if not both.any():
        return []
    classes = (*(theme.id for theme in themes), NO_THEME)
    measures = class_agreement(codes[both].tolist(), others[both].tolist(), classes)
    return _rows(one, other, facet, CODED_BY_BOTH, int(both.sum()), measures)
