"""The tables of groups and of the outlook, so that no small count of a group can be worked out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from pipeline.account.groups import corrected
from pipeline.account.outlook import ALL, NOT_GIVEN
from pipeline.disclosure.linked_cells import cells_to_hide, entries_to_hide
from pipeline.disclosure.rounding import Numbers, Rules
from pipeline.disclosure.shares import (
    Ends,
    difference_at,
    ends_of,
    ends_of_rest,
    interval_at,
    protect_shares,
    written_coarsely,
)
from pipeline.disclosure.small_groups import hide_groups

_SHARE = ("share", "low", "high")
_DIFFERENCE = ("difference", "difference_low", "difference_high")
_TESTED = ("p_value", "q_value")


def protect_groups(
    groups: pd.DataFrame,
    *,
    rules: Rules,
    outlook: pd.DataFrame | None = None,
    left_out: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Protect the table of groups: small groups, and small counts with what would give them away.

    Parameters
    ----------
    groups : DataFrame
        column, group, facet, entry, comments, count and figures, with no group left out yet.
    rules : Rules
        What is small.
    outlook : DataFrame, optional
        The outlook table with unrounded counts and `suppressed` as it will be shown. Where it has the groups of a
        column and the entries of a facet too, the same cells are left out here: two patterns that are safe each
        by itself could be filled in from one another.
    left_out : mapping of str to collection of str, optional
        For each facet, entries whose counts of all groups together are left out elsewhere. No group has a count of
        them: those of all groups would add up to it.

    Returns
    -------
    DataFrame
        As `hide_groups` gives it, with counts rounded. Comparisons with the rest are kept where a row is shown and
        its entry is not left out for comments without a group; differences are those of the shares of rounded counts of
        the group and of the rest, to two decimals as their ends are (`difference_at`), p- and
        q-values rounded up to three. The latter are corrected over the comparisons kept: over all, each would tell how
        many of those left out have a smaller p-value.

    Raises
    ------
    ValueError
        Where groups were left out before: what they hold would not be known here.
    """
    _refuse_hidden(groups, "groups")
    if rules.idle:
        return groups.copy()
    public = hide_groups(groups, smallest=rules.base_limit)
    gone = public["suppressed"].to_numpy(dtype=bool)
    chosen = pd.Series(gone, index=range(len(groups)))
    unplaced = pd.Series(False, index=range(len(groups)))
    rows = groups.reset_index(drop=True)
    for (_, facet), of_facet in rows.groupby(["column", "facet"], sort=False):
        counts = of_facet.pivot(index="group", columns="entry", values="count")
        counts = counts.reindex(columns=of_facet["entry"].unique())
        bases = of_facet.groupby("group")["comments"].first().reindex(counts.index)
        away = pd.Series(gone[of_facet.index], index=of_facet["group"]).groupby(level=0).first().reindex(counts.index)
        pooled, pooled_bases = counts[~away], bases[~away]
        if away.any():
            # Together they can be told from the whole and the groups shown.
            pooled = pd.concat([pooled, counts[away].sum().to_frame("\0").T])
            pooled_bases = pd.concat([pooled_bases, pd.Series({"\0": bases[away].sum()})])
        cells = _as_in(outlook, of_facet)
        if cells is None:
            cells = cells_to_hide(pooled, pooled_bases, summed=True, rules=rules)
        for row, group, entry in zip(of_facet.index.tolist(), of_facet["group"], of_facet["entry"], strict=True):
            chosen[row] |= bool(cells.loc[group, entry]) if group in cells.index else True
        chosen[of_facet.index] |= of_facet["entry"].isin(list((left_out or {}).get(str(facet), ()))).to_numpy()
        not_said = of_facet.loc[chosen[of_facet.index].to_numpy() & (of_facet["group"] == NOT_GIVEN), "entry"]
        unplaced[of_facet.index] = of_facet["entry"].isin(not_said).to_numpy()
    also = [name for name in (*_DIFFERENCE, *_TESTED) if name in groups]
    raw = groups.drop(columns=[name for name in groups.columns if name.startswith("rest_")])
    shown = protect_shares(raw, count="count", base="comments", rules=rules, also=also, hidden=chosen.to_numpy())
    shown["comments"] = shown["comments"].mask(pd.Series(gone, index=shown.index))
    apart = unplaced.to_numpy(dtype=bool)
    if also:
        kept = shown["p_value"].notna().to_numpy(dtype=bool) & ~apart
        shown["q_value"] = corrected(groups["p_value"].astype("float64").where(kept))
        for name, values in zip(_DIFFERENCE, _of_rounded(groups, shown, rules), strict=True):
            shown[name] = np.where(apart | shown[name].isna(), np.nan, values)
    return written_coarsely(shown, [name for name in also if name in _TESTED], apart)


def _of_rounded(groups: pd.DataFrame, shown: pd.DataFrame, rules: Rules) -> Ends:
    """Return the differences between the groups' shares and those of the rest, all of rounded counts."""
    share, difference = ends_of(groups, _SHARE), ends_of(groups, _DIFFERENCE)
    rest = ends_of_rest(share, difference)
    n = _rest_sizes(groups)
    whole = rules.rounded(n)
    with np.errstate(invalid="ignore", divide="ignore"):
        rounded = rules.rounded(np.rint(rest[0] * n)) / whole
        low, high = interval_at(rounded, rest, n / whole)
    return difference_at(ends_of(shown, _SHARE), (rounded, low, high), (share, rest, difference), paired=False)


def _rest_sizes(groups: pd.DataFrame) -> Numbers:
    """Return for each row how many comments of the column are of another group that is given."""
    bases = groups.groupby(["column", "group"], as_index=False, sort=False)["comments"].first()
    given = bases[bases["group"] != NOT_GIVEN].groupby("column")["comments"].sum()
    together = groups["column"].map(given).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.asarray(together - groups["comments"].to_numpy(dtype=np.float64), dtype=np.float64)


def _as_in(outlook: pd.DataFrame | None, rows: pd.DataFrame) -> pd.DataFrame | None:
    """Return which cells the outlook table leaves out, where it holds the same counts of the same groups."""
    if outlook is None:
        return None
    both = rows[["group", "entry", "count"]].merge(
        outlook[["group", "entry", "count", "suppressed"]], on=["group", "entry", "count"]
    )
    return both.pivot(index="group", columns="entry", values="suppressed") if len(both) == len(rows) else None


def _refuse_hidden(rows: pd.DataFrame, name: str) -> None:
    if "suppressed" in rows and rows["suppressed"].any():
        raise ValueError(f"{name}: {int(rows['suppressed'].sum())} rows are left out already; give the full table.")


def protect_outlook(outlook: pd.DataFrame, *, rules: Rules) -> pd.DataFrame:
    """Protect the outlook of the whole and of its groups.

    Parameters
    ----------
    outlook : DataFrame
        group, entry, comments, count, share, low, high, with no group left out yet.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool).

    Raises
    ------
    ValueError
        Where groups were left out before.
    """
    _refuse_hidden(outlook, "outlook")
    if rules.idle:
        return outlook.copy()
    if not len(outlook):
        return outlook.assign(suppressed=pd.Series(dtype=bool))
    is_whole = outlook["group"] == ALL
    whole, parts = outlook[is_whole], outlook[~is_whole].assign(column="", facet="")
    hidden = entries_to_hide(whole, "entry", "count", whole["comments"].iloc[0] if len(whole) else 0, rules)
    shown = [protect_shares(whole, count="count", base="comments", rules=rules, hidden=hidden)]
    if len(parts):
        # What the whole leaves out, the groups do not add up to: their totals are taken to be known, and each comment
        # has one entry, so that every total is.
        shown.append(protect_groups(parts, rules=rules).drop(columns=["column", "facet"]))
    return pd.concat(shown).loc[outlook.index]
