"""Small groups hidden whole, with as many others as it takes that none can be told from the rest."""

from __future__ import annotations

import pandas as pd

from pipeline.account.groups import corrected
from pipeline.account.outlook import ALL, NOT_GIVEN


def hide_groups(groups: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Blank the figures of small groups, and of more where what is shown would tell of those hidden.

    Parameters
    ----------
    groups : DataFrame
        column, group and comments (the base), then figures; see `pipeline.account.groups.group_table`.
    smallest : int
        Groups with fewer comments are hidden.

    Returns
    -------
    DataFrame
        With a column `suppressed` (bool). All figures of a hidden group are missing. A single hidden group of a
        column could be worked out from the whole and the other groups, and so could several together, which must
        not be too few comments either: the next smallest is hidden too until the hidden ones are two or more
        with `smallest` comments. The figures of the rest are left out altogether, since a group's rest is the
        whole without it. Where comments without a group are among the hidden, the comparisons with the rest are
        missing for every group of the column: that rest is without them, and would set them apart again. Where any
        group is hidden, q-values are corrected over the comparisons shown: over all, they would tell of the others.
    """
    bases = groups.groupby(["column", "group"], sort=False)["comments"].first()
    hidden = set(bases.index[bases < smallest])
    for _, of_column in bases.groupby(level=0, sort=False):
        by_size = sorted(of_column.index, key=lambda key: (bases[key], key))
        covered = [key for key in by_size if key in hidden]
        for key in by_size[len(covered) :]:
            # One small group alone is never enough, so that at least two are hidden.
            if not covered or bases[covered].sum() >= smallest:
                break
            covered.append(key)
        hidden.update(covered)
    public = groups.drop(columns=[name for name in groups.columns if name.startswith("rest_")])
    keys = pd.Series(list(zip(public["column"], public["group"], strict=True)), index=public.index, dtype=object)
    public["suppressed"] = keys.isin(hidden)
    for name in public.columns.difference(
        ["column", "group", "facet", "entry", "published_share", "suppressed"], sort=False
    ):
        public[name] = public[name].astype("Float64" if public[name].dtype.kind == "f" else "Int64")
        public.loc[public["suppressed"], name] = pd.NA
    unplaced = {column for column, group in hidden if group == NOT_GIVEN}
    compared = [name for name in public.columns if name.startswith(("difference", "p_value", "q_value"))]
    public.loc[public["column"].isin(unplaced), compared] = pd.NA
    if hidden and "q_value" in public:
        public["q_value"] = corrected(public["p_value"].astype("float64")).astype("Float64")
    return public


def hide_outlook(outlook: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Blank the outlook of small groups as `hide_groups` does; the whole is shown unless it is small itself.

    Parameters
    ----------
    outlook : DataFrame
        group ("All" for the whole) and comments (the base), then figures; see
        `pipeline.account.outlook.outlook_shares`.
    smallest : int
        Groups with fewer comments are hidden.

    Returns
    -------
    DataFrame
        With a column `suppressed` (bool).
    """
    whole = outlook["group"] == ALL
    parts = [hide_groups(rows.assign(column=""), smallest=smallest) for rows in (outlook[whole], outlook[~whole])]
    return pd.concat([part for part in parts if len(part)] or parts[:1]).drop(columns="column")
