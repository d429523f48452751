"""Sizes of topics and of coarse topics, and what follows from them: shares of themes, the diagnosis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure.linked_cells import entries_to_hide
from pipeline.disclosure.rounding import KNOWN, NEVER_SHOWN, Cells, Rules, hide_more, moves_of
from pipeline.disclosure.shares import as_counts, difference_at, ends_of, protect_shares


def protect_topics(
    topics: pd.DataFrame, coarse: pd.DataFrame, *, base: int, rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Protect the sizes of topics and of coarse topics, which are sums of them.

    Parameters
    ----------
    topics : DataFrame
        topic, parent, size, share.
    coarse : DataFrame
        topic_coarse, size, share.
    base : int
        Comments analysed; those in no topic are taken to be known from it.
    rules : Rules
        What is small.

    Returns
    -------
    tuple of DataFrame
        Topics and coarse topics, each with `suppressed` (bool).
    """
    if rules.idle:
        return topics.copy(), coarse.copy()
    sizes = np.concatenate([topics["size"], coarse["size"], [base - topics["size"].sum()]]).astype(np.float64)
    n_topics, n = len(topics), len(sizes)
    equations = np.zeros((len(coarse) + 1, n))
    for place, parent in enumerate(coarse["topic_coarse"]):
        equations[place, :n_topics] = topics["parent"] == parent
        equations[place, n_topics + place] = -1
    equations[-1, :n_topics] = equations[-1, -1] = 1
    cost = 1 + sizes / max(base, 1)
    cost[n_topics:-1] *= 10
    # A report says how many are in no topic, unless they are few.
    cost[-1] = NEVER_SHOWN if rules.is_small(sizes[-1:])[0] else KNOWN
    cells = Cells(sizes, equations, (sizes > 0).astype(np.float64), np.full(n, float(base)), cost)
    small = rules.is_small(sizes)
    moves = [move for cell in np.flatnonzero(small) for move in moves_of(int(cell), sizes[cell], rules.suppress_below)]
    hidden, failed = hide_more(cells, small, moves)
    if failed:
        hidden[:] = True
    parts = ((topics, hidden[:n_topics]), (coarse, hidden[n_topics:-1]))
    shown = [
        protect_shares(part.assign(_base=base), count="size", base="_base", rules=rules, ends=("share",), hidden=gone)
        for part, gone in parts
    ]
    return shown[0].drop(columns="_base"), shown[1].drop(columns="_base")


def protect_prevalence(prevalence: pd.DataFrame, *, base: int, rules: Rules) -> pd.DataFrame:
    """Protect the shares of themes by both routes; a theme left out by one is left out by both.

    Parameters
    ----------
    prevalence : DataFrame
        See `pipeline.account.prevalence.theme_prevalence`.
    base : int
        Comments analysed.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). The difference of the routes is that of the rounded shares, to two decimals as its
        ends are; these follow from the intervals of the rounded shares (`difference_at`). The
        routes disagree where the interval that is shown leaves out zero.
    """
    if rules.idle:
        return prevalence.copy()
    routes = ("topics", "comments")
    hidden = np.zeros(len(prevalence), dtype=bool)
    for route in routes:
        hidden |= entries_to_hide(prevalence, "theme", f"n_by_{route}", base, rules)
    shown = prevalence.assign(_base=base)
    for route in routes:
        ends = [f"share_by_{route}{end}" for end in ("", "_low", "_high")]
        shown["_base"] = base
        shown = protect_shares(shown, count=f"n_by_{route}", base="_base", rules=rules, ends=ends, hidden=hidden)
        hidden = shown.pop("suppressed").to_numpy(dtype=bool)
    blank = pd.Series(hidden, index=shown.index, dtype=bool)
    between = ("route_difference", "route_low", "route_high")
    by = [[f"share_by_{route}{end}" for end in ("", "_low", "_high")] for route in routes]
    exact = (ends_of(prevalence, by[0]), ends_of(prevalence, by[1]), ends_of(prevalence, between))
    difference = difference_at(ends_of(shown, by[0]), ends_of(shown, by[1]), exact, paired=True)
    for name, values in zip(between, difference, strict=True):
        shown[name] = values
    disagree = (shown["route_low"] > 0) | (shown["route_high"] < 0)
    shown["routes_disagree"] = disagree.astype("boolean").mask(blank)
    return shown.drop(columns="_base").assign(suppressed=hidden)


def protect_coded(coded: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Protect the shares of themes by people's codes.

    Parameters
    ----------
    coded : DataFrame
        See `pipeline.account.prevalence.coded_prevalence`.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool); of a coder's themes the small ones are left out, and what would give them away. The
        others have shares of rounded counts to two decimals and no counts: of these one could solve how many a person
        did not code, or gave no theme, which `pipeline.disclosure.agreement.protect_agreement` leaves out.
    """
    if rules.idle:
        return coded.copy()
    hidden = np.zeros(len(coded), dtype=bool)
    for _, of_coder in coded.reset_index(drop=True).groupby("coder", sort=False):
        hidden[of_coder.index] = entries_to_hide(of_coder, "theme", "count", of_coder["comments"].iloc[0], rules)
    shown = protect_shares(coded, count="count", base="comments", rules=rules, hidden=hidden)
    for name in ("comments", "count"):
        shown[name] = as_counts(np.full(len(shown), np.nan), shown)
    for name in ("share", "low", "high"):
        shown[name] = shown[name].round(2)
    return shown


def without_topics(prevalence: pd.DataFrame) -> pd.DataFrame:
    """Blank what follows from the sizes of topics.

    Parameters
    ----------
    prevalence : DataFrame
        As `protect_prevalence` gives it.

    Returns
    -------
    DataFrame
        Counts and shares by topics and the difference of the routes are missing.
    """
    public = prevalence.copy()
    for name in public.columns[public.columns.str.contains("by_topics") | public.columns.str.startswith("route")]:
        public[name] = public[name].mask(pd.Series(True, index=public.index))
    return public


def protect_diagnosis(diagnosis: pd.DataFrame, small: set[int], rules: Rules) -> pd.DataFrame:
    """Blank the comments of topics left out, and of themes that any of these is matched with.

    Parameters
    ----------
    diagnosis : DataFrame
        kind, id, with, comments; see `pipeline.crosswalk.diagnosis.diagnose`.
    small : set of int
        Topics whose sizes are left out.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool); the comments of the other rows are rounded.
    """
    named = [[row["id"]] if row["kind"] == "topic" else row["with"].split("; ") for row in diagnosis.to_dict("records")]
    hidden = np.array([bool({str(topic) for topic in small} & set(ids)) for ids in named], dtype=bool)
    counts = diagnosis["comments"].to_numpy(dtype=np.float64)
    hidden |= rules.is_small(counts)
    shown = np.where(hidden, np.nan, rules.rounded(counts))
    return diagnosis.assign(comments=as_counts(shown, diagnosis), suppressed=hidden)
