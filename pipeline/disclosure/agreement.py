"""Measures of agreement over few comments, or that tell of few."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pipeline.disclosure.numbers import NOT_SHOWN, shown_count, shown_share
from pipeline.disclosure.rounding import Flags, Numbers, Rules
from pipeline.disclosure.shares import as_counts

_COMPARED = ["first", "second", "facet", "comments"]
_SHARES = ("accuracy", "accuracy_either")


def protect_agreement(agreement: pd.DataFrame, *, base: int, rules: Rules) -> pd.DataFrame:
    """Protect the measures of agreement.

    Parameters
    ----------
    agreement : DataFrame
        first, second, facet, comments, measure, value, low, high, n; see
        `pipeline.account.agreement.agreement_table`.
    base : int
        Comments analysed.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A left-out row has no value, interval nor n: over few comments, or of a comparison in
        which few comments agree or few do not. The others have figures to two decimals, of which the count behind
        them cannot be solved, and a rounded n. Where an n is nearly that of more comments, or nearly all that were
        analysed, it is missing by itself: the difference would be the few that a person did not code.
    """
    n = agreement["n"].to_numpy(dtype=np.float64)
    hidden = n < rules.base_limit
    agreed = np.rint(agreement["value"].to_numpy(dtype=np.float64) * n)
    tells = agreement["measure"].isin(_SHARES) & (rules.is_small(agreed) | rules.is_small(n - agreed))
    hidden |= tells.groupby([agreement[name] for name in _COMPARED], dropna=False).transform("any").to_numpy(dtype=bool)
    told = hidden | _near_others(n, base, rules)
    shown = agreement.assign(n=as_counts(np.where(told, np.nan, rules.rounded(n)), agreement), suppressed=hidden)
    for name in ("value", "low", "high"):
        shown[name] = shown[name].mask(pd.Series(hidden, index=shown.index)).round(2)
    return shown


def shown_figures(
    figures: Mapping[str, Any], agreement: pd.DataFrame, rules: Rules | None, *, first: str, second: str, comments: str
) -> dict[str, Any] | None:
    """Return the figures of a comparison that a text quotes, as the table shows them.

    Parameters
    ----------
    figures : mapping
        comments (how many were compared) and a figure for each measure and its ends, as `pipeline.stages.assess`
        gives them; what else is in it stays.
    agreement : DataFrame
        The public table, with `suppressed` where rules are not idle.
    rules : Rules or None
        What is small; None or idle rules leave the figures as they are.
    first, second, comments : str
        Who is compared, and over which comments, as the table says it.

    Returns
    -------
    dict or None
        The same with the table's figures (None where one is missing) and `comments` as a text; None where the table
        leaves the comparison out.
    """
    if rules is None or rules.idle:
        return {**figures, "comments": f"{figures['comments']:,}"}
    rows = agreement[
        (agreement["first"] == first)
        & (agreement["second"] == second)
        & (agreement["facet"] == "themes")
        & (agreement["comments"] == comments)
    ]
    if rows.empty or rows["suppressed"].any():
        return None
    n = rows["n"].iloc[0]
    shown: dict[str, Any] = {**figures, "comments": NOT_SHOWN if pd.isna(n) else f"{int(n):,}"}
    for row in rows.to_dict("records"):
        measure = str(row["measure"])
        for name, column in ((measure, "value"), (f"{measure}_low", "low"), (f"{measure}_high", "high")):
            shown[name] = None if pd.isna(row[column]) else float(row[column])
    return shown


def shown_learned(learned: Mapping[str, Any] | None, rules: Rules | None) -> dict[str, Any] | None:
    """Return the figures of what was learned from codes as a text may say them.

    Parameters
    ----------
    learned : mapping or None
        comments (how many were learned from), accuracy_codebook and accuracy_learned, macro_f1_codebook and
        macro_f1_learned (in [0, 1], over these comments); what else is in it stays. None where nothing was learned.
    rules : Rules or None
        What is small; None or idle rules leave the figures as they are.

    Returns
    -------
    dict or None
        The same with `comments` as a text and figures to two decimals, the accuracy that of rounded counts. Accuracy
        and macro-F1 of the codebook, or of what was learned, are None where few comments are decided as they are coded
        or few are not, and all are over few comments. None where nothing was learned.
    """
    if learned is None:
        return None
    n = int(learned["comments"])
    shown: dict[str, Any] = {**learned, "comments": shown_count(n, rules)}
    if rules is None or rules.idle:
        return shown
    for name in ("codebook", "learned"):
        accuracy, macro_f1 = f"accuracy_{name}", f"macro_f1_{name}"
        share = shown_share(learned[accuracy], n, rules)
        told = np.isnan(share)
        shown[accuracy], shown[macro_f1] = (None, None) if told else (round(share, 2), round(learned[macro_f1], 2))
    return shown


def _near_others(n: Numbers, base: int, rules: Rules) -> Flags:
    """Return which numbers of comments are less than a larger one that is shown by few."""
    kept = [float(base)]
    for number in sorted(set(n.tolist()), reverse=True):
        if not rules.is_small(np.array(kept) - number).any():
            kept.append(number)
    return ~np.isin(n, kept)
