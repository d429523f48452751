"""Measures of agreement over few comments, or from which few could be worked out.

Accuracy, macro-F1, kappa and alpha of one pair of coders follow from the same small table: how many comments each gave
which theme. Of two themes, four measures to two decimals can leave only one table that fits. So all are published only
where an intruder who knew every margin of the table, and where the two agree, could narrow no small cell down.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.disclosure.rules import Flags, Numbers, Rules, as_counts, numbers_of
from pipeline.disclosure.suppression import KNOWN, NEVER_SHOWN, Ledger
from pipeline.tables.numbers import NOT_SHOWN

_COMPARED = ["first", "second", "facet", "comments"]
_PARTITIONS = ("ami", "ari", "v_measure")
_ONE = ("macro_f1", "krippendorff_alpha", "ami")
"""The measure that stays where there can be only one, the first that there is."""


def protect_agreement(agreement: pd.DataFrame, *, base: int, rules: Rules) -> pd.DataFrame:
    """Protect the measures of agreement.

    Parameters
    ----------
    agreement : DataFrame
        first, second, facet, comments, measure, value, low, high, n, cells, width; see
        `pipeline.account.agreement.agreement_table`.
    base : int
        Comments analysed.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A suppressed row has no value, interval nor n: it is over few
        comments, or few agree, or few do not. Others have two decimals and a rounded n. Where the measures of a
        comparison together would narrow a small cell down, one stays, to one decimal. An n that is nearly that of more
        comments, or nearly all that were analysed, is missing by itself: the difference would be the few that a person
        did not code.
    """
    public = agreement.copy()
    if rules.exact or not len(agreement):
        return public.assign(suppressed=False)
    n = numbers_of(agreement["n"])
    hidden, coarse = np.zeros(len(n), dtype=bool), np.zeros(len(n), dtype=bool)
    places = agreement.reset_index(drop=True).groupby(_COMPARED, dropna=False, sort=False).indices
    for rows in places.values():
        known: dict[Hashable, Any] = agreement.iloc[[rows[0]]].to_dict("records")[0]
        if n[rows[0]] < rules.base_limit:
            hidden[rows] = True
        elif known["width"]:
            table = np.array(known["cells"], dtype=np.float64).reshape(-1, int(known["width"]))
            agreed = np.trace(table) if known["measure"] not in _PARTITIONS else 0.0
            hidden[rows] = bool(rules.is_small(np.array([agreed, n[rows[0]] - agreed])).any())
            coarse[rows] = not is_protected(table, rules, square=known["measure"] not in _PARTITIONS)
    # Alpha of all coders together is a mean over the pairs: it is no finer than the coarsest of them.
    together = (agreement["second"] == "").to_numpy()
    for facet in agreement["facet"].unique():
        of_facet = (agreement["facet"] == facet).to_numpy()
        coarse |= of_facet & together & coarse[of_facet].any()
    for rows in places.values():
        measures = agreement["measure"].iloc[rows].tolist()
        kept = next((measure for measure in _ONE if measure in measures), measures[0])
        hidden[rows] |= coarse[rows] & (agreement["measure"].iloc[rows] != kept).to_numpy()
    told = hidden | _near_others(n, base, rules)
    public = public.assign(n=as_counts(np.where(told, np.nan, rules.rounded(n)), agreement), suppressed=hidden)
    for name in ("value", "low", "high"):
        values = numbers_of(public[name])
        public[name] = np.where(hidden, np.nan, np.where(coarse, np.round(values, 1), np.round(values, 2))) + 0.0
    return public


def is_protected(table: npt.NDArray[np.float64], rules: Rules, *, square: bool) -> bool:
    """Return whether an intruder who knows all margins of a table could narrow no small cell down.

    Parameters
    ----------
    table : ndarray of shape (n_first, n_second), float64
        Comments by what one and the other decided.
    rules : Rules
        What is small.
    square : bool
        Whether both have the same classes; then the diagonal, where the two agree, is taken to be known as well.
    """
    if square and rules.is_small(np.diag(table)).any():
        return False
    ledger = Ledger()
    for (row, column), value in np.ndenumerate(table):
        known = square and row == column
        most = min(table[row].sum(), table[:, column].sum())
        ledger.add(("cell", row, column), value, KNOWN if known else NEVER_SHOWN, limit=most + 1)
    for axis, name in enumerate(("row", "column")):
        for place in range(table.shape[axis]):
            line: Numbers = table[place] if axis == 0 else table[:, place]
            margin = ledger.add((name, place), line.sum(), KNOWN)
            cells = [(place, other) if axis == 0 else (other, place) for other in range(len(line))]
            ledger.equate(margin, [("cell", *cell) for cell in cells])
    return not ledger.exposed(rules)


def shown_learned(learned: Mapping[str, Any] | None, rules: Rules) -> dict[str, Any] | None:
    """Return the figures of what was learned from codes as a text may say them.

    Parameters
    ----------
    learned : mapping or None
        comments (how many were learned from), accuracy_codebook and accuracy_learned, macro_f1_codebook and
        macro_f1_learned (in [0, 1], over these comments); what else is in it stays. None where nothing was learned.
    rules : Rules
        What is small; exact rules leave the figures as they are.

    Returns
    -------
    dict or None
        The same with `comments` as a text and macro-F1 to one decimal, without accuracy: the two together could be
        solved. Both are None where few comments are decided as they are coded or few are not. None where nothing was
        learned.
    """
    if learned is None:
        return None
    n = int(learned["comments"])
    if rules.exact:
        return {**learned, "comments": f"{n:,}"}
    few, exact = n < rules.base_limit, np.array(float(n))
    shown = {**learned, "comments": NOT_SHOWN if rules.is_small(exact) else f"{int(rules.rounded(exact)):,}"}
    for name in ("codebook", "learned"):
        agreed = round(learned[f"accuracy_{name}"] * n)
        tells = few or bool(rules.is_small(np.array([agreed, n - agreed])).any())
        shown[f"accuracy_{name}"] = None
        shown[f"macro_f1_{name}"] = None if tells else round(learned[f"macro_f1_{name}"], 1)
    return shown


def _near_others(n: Numbers, base: int, rules: Rules) -> Flags:
    """Return which numbers of comments are smaller by few than a larger one that is shown."""
    kept = [float(base)]
    for number in sorted(set(n.tolist()), reverse=True):
        if not rules.is_small(np.array(kept) - number).any():
            kept.append(number)
    return ~np.isin(n, kept)
