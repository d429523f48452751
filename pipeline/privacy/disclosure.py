"""What must not be published: cells so small that they may tell of a person.

How a reader attacks a table, and what is done about it:

- *Looking.* "3 of the 40 comments in role R are hopeful" tells colleagues of R about three people. Counts below
  `Rules.suppress_below` are left out, and all figures of a base below `Rules.smallest_base`.
- *Complements.* "38 of 40" tells of the 2 others. A count is left out where what it lacks to its base is small.
- *Differencing.* With 45 hopeful comments in all and 42 in the other roles, R's 3 are back. Cells of other groups
  are left out beside it until every small number is possible (`pipeline.privacy.rounding.hide_more`). What is left
  out is safe even if all that is shown were known to the last comment: rounding is a second wall, not the first.
- *Totals.* Entries of which each comment has one add up to the base, entries that combine others to their parts,
  groups to the whole, topics to their coarse topic. All these sums are among what the reader is taken to know.
- *Folding.* Groups left out can be put together as one: the whole less the shown. Together they are a group too,
  and must be neither small nor have small counts that can be worked out.
- *Percentages.* 7.0 % of 43 is 3. Shares and intervals follow from the rounded counts.

Not covered: two runs over nearly the same comments, both published, can be differenced; publish one.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.contracts import OUTLIER
from pipeline.crosswalk.outlook import ALL, NOT_GIVEN
from pipeline.privacy.rounding import KNOWN, NEVER_SHOWN, Cells, Flags, Numbers, Rules, hide_more, moves_of

SMALL_TOPICS = -2
"""The topic of points whose topics are left out, together."""

_COMPARED = ("difference", "p_value", "q_value")


def hide_groups(groups: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Blank the figures of small groups, and of more where what is shown would tell of those hidden.

    Parameters
    ----------
    groups : DataFrame
        column, group and comments (the base), then figures; see `pipeline.crosswalk.groups.group_table`.
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
        missing for every group of the column: that rest is without them, and would set them apart again.
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
    return public


def hide_outlook(outlook: pd.DataFrame, *, smallest: int) -> pd.DataFrame:
    """Blank the outlook of small groups as `hide_groups` does; the whole is shown unless it is small itself.

    Parameters
    ----------
    outlook : DataFrame
        group ("All" for the whole) and comments (the base), then figures; see
        `pipeline.crosswalk.outlook.outlook_shares`.
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


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    A text that begins with =, +, -, @, a tab or a line break is given a leading apostrophe; numbers and other
    texts are returned as they are.
    """
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value


def protect_shares(
    shares: pd.DataFrame,
    *,
    count: str,
    base: str,
    rules: Rules,
    ends: Sequence[str] = ("share", "low", "high"),
    also: Sequence[str] = (),
    hidden: Flags | None = None,
) -> pd.DataFrame:
    """Round the counts of a long table, and leave out rows that are small or that were chosen to be left out.

    Parameters
    ----------
    shares : DataFrame
        A row for each share.
    count, base : str
        Columns with how many of how many comments; missing where there is no share.
    rules : Rules
        What is small: the count, what it lacks to its base, or the base.
    ends : sequence of str
        Columns of the share and, where there are any, the two ends of its interval.
    also : sequence of str
        Further columns that are blanked where a row is left out.
    hidden : ndarray of shape (n_rows,), bool, optional
        Rows to leave out as well, for what could be worked out from them.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). A left-out row has no count, share, interval nor what `also` names; its base
        stays where it is large enough. Shares are of rounded counts; an interval is Wilson's at them
        (doi:10.1080/01621459.1927.10502953), with the design effect that the interval given had. Equal to what
        came in, but for that column, where the rules are idle and nothing is chosen.
    """
    n, of = (shares[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in (count, base))
    small_base = of < rules.base_limit
    left_out = small_base | rules.is_small(n) | rules.is_small(of - n)
    if hidden is not None:
        left_out |= hidden
    shown, whole = np.where(left_out, np.nan, rules.rounded(n)), np.where(small_base, np.nan, rules.rounded(of))
    public = shares.assign(suppressed=left_out)
    public[count], public[base] = _counts(shown, shares), _counts(whole, shares)
    rounded = np.divide(shown, whole, out=np.full(len(shares), np.nan), where=whole > 0)
    public[ends[0]] = rounded
    if len(ends) > 1:
        given = [shares[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in ends]
        growth = of / np.where(whole > 0, whole, np.nan)
        public[ends[1]], public[ends[2]] = _again(given[0], given[1], given[2], rounded, growth)
    for name in also:
        if name in public:
            public[name] = public[name].mask(pd.Series(left_out, index=public.index))
    return public


def _counts(values: Numbers, frame: pd.DataFrame) -> pd.Series[int]:
    return pd.Series(values, index=frame.index).astype("Int64")


def _again(share: Numbers, low: Numbers, high: Numbers, rounded: Numbers, growth: Numbers) -> tuple[Numbers, Numbers]:
    """Return Wilson's interval at another share, with the confidence and design effect of the interval given.

    Wilson's ends x solve (1 + k) x^2 - (2 p + k) x + p^2 = 0, where k is the squared normal quantile over the
    effective number of comments, so that their product is p^2 / (1 + k), and that of 1 - x is (1 - p)^2 / (1 + k).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        k = np.where(share >= 0.5, share**2 / (low * high), (1 - share) ** 2 / ((1 - low) * (1 - high))) - 1
        k = k * growth
        centre, half = 2 * rounded + k, np.sqrt(np.maximum(k**2 + 4 * k * rounded * (1 - rounded), 0))
        lower, upper = (centre - half) / (2 * (1 + k)), (centre + half) / (2 * (1 + k))
    return np.clip(lower, 0, 1), np.clip(upper, 0, 1)


def cells_to_hide(counts: pd.DataFrame, bases: pd.Series[float], *, summed: bool, rules: Rules) -> pd.DataFrame:
    """Say which counts of groups must be left out so that no small one can be worked out.

    Parameters
    ----------
    counts : DataFrame of int, shape (n_groups, n_entries)
        How many comments of each group carry each entry. An entry named "a or b" beside "a" and "b" combines them.
    bases : Series of float, length n_groups
        Comments of each group: shown, or known to the reader.
    summed : bool
        Whether the reader knows the counts of all groups together.
    rules : Rules
        What is small: a count, or what it lacks to its base.

    Returns
    -------
    DataFrame of bool, shape (n_groups, n_entries)
        What to leave out. Where a cell cannot be protected otherwise its group is left out with its zeros, then
        its entry in all groups, and where this is not enough every count is.

    Notes
    -----
    Where entries in no group add up to more than the base, or in none to less, their sum is taken to be known to
    be so, and where it is the base to be that.
    """
    values = counts.to_numpy(dtype=np.float64)
    of: Numbers = np.repeat(bases.to_numpy(dtype=np.float64)[:, None], values.shape[1], axis=1)
    small, lacking = rules.is_small(values), rules.is_small(of - values)
    hidden = small | lacking
    lowest: Numbers = np.where(values > 0, 1.0, 0.0)
    for axis in (1, 0, None):
        chosen, failed = _hidden(counts, values, of, hidden, lowest, summed=summed, rules=rules)
        if not failed.any() or axis is None:
            break
        given_up = np.broadcast_to(failed.any(axis=axis, keepdims=True), values.shape)
        hidden, lowest = chosen | given_up, np.where(given_up, 0.0, lowest)
    return pd.DataFrame(chosen | failed.any(), index=counts.index, columns=counts.columns)


def _hidden(
    counts: pd.DataFrame, values: Numbers, of: Numbers, hidden: Flags, lowest: Numbers, *, summed: bool, rules: Rules
) -> tuple[Flags, Flags]:
    """Return what to leave out, and the cells for which that is not enough."""
    groups, entries = values.shape
    size = groups * entries
    places = np.arange(size).reshape(groups, entries)
    names = [str(name) for name in counts.columns]
    parts = {names.index(name): [names.index(part) for part in name.split(" or ")] for name in names
             if " or " in name and all(part in names for part in name.split(" or "))}  # fmt: skip
    plain = [place for place in range(entries) if place not in parts]
    slack = of[:, 0] - values[:, plain].sum(axis=1) if entries else np.zeros(groups)
    sign = 1.0 if (slack >= 0).all() else -1.0
    equations = []
    for group in range(groups):
        for whole, pieces in parts.items():
            row = np.zeros(size + groups)
            row[places[group, whole]], row[places[group, pieces]] = -1, 1
            equations.append(row)
        if (sign * slack >= 0).all():
            row = np.zeros(size + groups)
            row[places[group, plain]], row[size + group] = 1, sign
            equations.append(row)
    for entry in range(entries):
        together = float(values[:, entry].sum())
        # A small count of all groups is left out itself, and nobody can subtract from it.
        if summed and not (rules.suppress_below > together > 0):
            row = np.zeros(size + groups)
            row[places[:, entry]] = 1
            equations.append(row)
    cost = np.append((1 + values / max(float(of.max(initial=1)), 1)).ravel(), np.full(groups, NEVER_SHOWN))
    cost[:size][(values == 0).ravel() & ~hidden.ravel()] = np.inf
    top = np.append(of.ravel(), np.where(slack == 0, 0.0, np.inf) if not slack.any() else np.full(groups, np.inf))
    cells = Cells(
        np.append(values.ravel(), np.abs(slack)), np.array(equations).reshape(len(equations), size + groups),
        np.append(lowest.ravel(), np.zeros(groups)), top, cost,
    )  # fmt: skip
    moves: list[tuple[int, float]] = []
    for cell in np.flatnonzero((rules.is_small(values) | rules.is_small(of - values)).ravel()):
        count, base = float(values.flat[cell]), float(of.flat[cell])
        if rules.is_small(np.array(count)):
            # A count cannot be more than its base.
            moves += moves_of(int(cell), count, int(min(rules.suppress_below, base + 1)))
        elif rules.is_small(np.array(base - count)):
            lacking = moves_of(int(cell), base - count, int(min(rules.suppress_below, base + 1)))
            moves += [(place, -by) for place, by in lacking]
    moves = [move for move in moves if cells.lowest[move[0]] <= cells.counts[move[0]] + move[1] <= top[move[0]]]
    chosen, failed = hide_more(cells, np.append(hidden.ravel(), np.zeros(groups, dtype=bool)), moves)
    unsafe = np.zeros(size, dtype=bool)
    unsafe[failed] = True
    return chosen[:size].reshape(groups, entries), unsafe.reshape(groups, entries)


def protect_groups(groups: pd.DataFrame, *, rules: Rules, outlook: pd.DataFrame | None = None) -> pd.DataFrame:
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

    Returns
    -------
    DataFrame
        As `hide_groups` gives it, with counts rounded. Comparisons with the rest are kept where a row is shown and
        its entry is not left out for comments without a group; differences are those of the unrounded shares to
        two decimals, p- and q-values rounded up to three.

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
    compared = [name for name in public.columns if name.startswith(_COMPARED)]
    unplaced = pd.Series(False, index=range(len(groups)))
    rows = groups.reset_index(drop=True)
    for _, of_facet in rows.groupby(["column", "facet"], sort=False):
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
        left_out = of_facet.loc[chosen[of_facet.index].to_numpy() & (of_facet["group"] == NOT_GIVEN), "entry"]
        unplaced[of_facet.index] = of_facet["entry"].isin(left_out).to_numpy()
    also = [name for name in compared if name in groups]
    raw = groups.drop(columns=[name for name in groups.columns if name.startswith("rest_")])
    shown = protect_shares(raw, count="count", base="comments", rules=rules, also=also, hidden=chosen.to_numpy())
    shown["comments"] = shown["comments"].mask(pd.Series(gone, index=shown.index))
    return _coarser(shown, also, unplaced.to_numpy())


def _as_in(outlook: pd.DataFrame | None, rows: pd.DataFrame) -> pd.DataFrame | None:
    """Return which cells the outlook table leaves out, where it holds the same counts of the same groups."""
    if outlook is None:
        return None
    both = rows[["group", "entry", "count"]].merge(
        outlook[["group", "entry", "count", "suppressed"]], on=["group", "entry", "count"]
    )
    return both.pivot(index="group", columns="entry", values="suppressed") if len(both) == len(rows) else None


def _coarser(shown: pd.DataFrame, names: Sequence[str], blank: Flags) -> pd.DataFrame:
    """Write comparisons so coarsely that they do not tell the counts behind them."""
    public = shown.copy()
    for name in names:
        values = public[name].astype("float64").mask(pd.Series(blank, index=public.index))
        public[name] = values.round(2) if name.startswith("difference") else np.ceil(values * 1000) / 1000
    return public


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
    hidden = _whole_hidden(whole, "entry", "count", whole["comments"].iloc[0] if len(whole) else 0, rules)
    shown = [protect_shares(whole, count="count", base="comments", rules=rules, hidden=hidden)]
    if len(parts):
        shown.append(protect_groups(parts, rules=rules).drop(columns=["column", "facet"]))
    return pd.concat(shown).loc[outlook.index]


def _whole_hidden(rows: pd.DataFrame, entry: str, count: str, base: float, rules: Rules) -> Flags:
    """Return which rows of one whole to leave out; a row without a count is not."""
    counted = rows[rows[count].notna()]
    values = pd.DataFrame([counted[count].to_numpy(dtype=np.int64)], columns=counted[entry].astype(str))
    found = cells_to_hide(values, pd.Series([float(base)]), summed=False, rules=rules).to_numpy()[0]
    hidden = np.zeros(len(rows), dtype=bool)
    hidden[np.flatnonzero(rows[count].notna())] = found
    return hidden


def protect_prevalence(prevalence: pd.DataFrame, *, base: int, rules: Rules) -> pd.DataFrame:
    """Protect the shares of themes by both routes; a theme left out by one is left out by both.

    Parameters
    ----------
    prevalence : DataFrame
        See `pipeline.crosswalk.prevalence.theme_prevalence`.
    base : int
        Comments analysed.
    rules : Rules
        What is small.

    Returns
    -------
    DataFrame
        With `suppressed` (bool). The difference of the routes is that of the unrounded shares to two decimals,
        as are its ends.
    """
    if rules.idle:
        return prevalence.copy()
    routes = ("topics", "comments")
    hidden = np.zeros(len(prevalence), dtype=bool)
    for route in routes:
        hidden |= _whole_hidden(prevalence, "theme", f"n_by_{route}", base, rules)
    between = ["route_difference", "route_low", "route_high", "routes_disagree"]
    shown = prevalence.assign(_base=base)
    for route in routes:
        ends = [f"share_by_{route}{end}" for end in ("", "_low", "_high")]
        shown["_base"] = base
        shown = protect_shares(shown, count=f"n_by_{route}", base="_base", rules=rules, ends=ends, hidden=hidden)
        hidden = shown.pop("suppressed").to_numpy(dtype=bool)
    blank = pd.Series(hidden, index=shown.index, dtype=bool)
    for name in between[:-1]:
        shown[name] = shown[name].mask(blank).round(2)
    shown["routes_disagree"] = shown["routes_disagree"].astype("boolean").mask(blank)
    return shown.drop(columns="_base").assign(suppressed=hidden)


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


def protect_public(tables: Mapping[str, pd.DataFrame], rules: Rules) -> dict[str, pd.DataFrame]:
    """Protect all public tables together.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As `pipeline.presentation.tables.public_tables` gives them with no group left out (`smallest_group=1`).
    rules : Rules
        What is small.

    Returns
    -------
    dict of str to DataFrame
        The same tables. Figures that hold no counts (crosswalk, article) are as they were. A claim whose counts,
        base or group are left out elsewhere has no figures, no sentence and the verdict "cannot tell"; the
        others quote rounded counts and whole percentages. Agreement over few comments is blank; the
        statistic of a test over groups is blank, since it could be solved for a count. Where a topic is left out, so
        are the shares of themes by topics.

    Raises
    ------
    ValueError
        Where groups were left out before, or the number of comments analysed cannot be told from the tables.
    """
    if rules.idle:
        return {name: table.copy() for name, table in tables.items()}
    base = _analysed(tables)
    public = {name: table.copy() for name, table in tables.items()}
    public["topics"], public["coarse_topics"] = protect_topics(
        tables["topics"], tables["coarse_topics"], base=base, rules=rules
    )
    public["prevalence"] = protect_prevalence(tables["prevalence"], base=base, rules=rules)
    public["outlook"] = protect_outlook(tables["outlook"], rules=rules)
    decided = tables["outlook"].assign(suppressed=public["outlook"]["suppressed"])
    public["groups"] = protect_groups(tables["groups"], rules=rules, outlook=decided)
    public["group_tests"] = _coarser(
        tables["group_tests"].assign(statistic=np.nan),
        ["p_value", "q_value"],
        np.zeros(len(tables["group_tests"]), dtype=np.bool_),
    )
    small = set(public["topics"].loc[public["topics"]["suppressed"].to_numpy(dtype=bool), "topic"])
    if small:
        # Counts by topics are sums of topics' sizes, of which some are left out.
        public["prevalence"] = _without_topics(public["prevalence"])
    public["diagnosis"] = _protect_diagnosis(tables["diagnosis"], small, rules)
    public["agreement"] = _protect_agreement(tables["agreement"], rules)
    public["claims"] = _protect_claims(tables["claims"], public, rules)
    public["comment_map"] = _protect_points(tables["comment_map"], small, rules)
    return public


def _without_topics(prevalence: pd.DataFrame) -> pd.DataFrame:
    """Blank what follows from the sizes of topics."""
    public = prevalence.copy()
    for name in public.columns[public.columns.str.contains("by_topics") | public.columns.str.startswith("route")]:
        public[name] = public[name].mask(pd.Series(True, index=public.index))
    return public


def _analysed(tables: Mapping[str, pd.DataFrame]) -> int:
    """Return how many comments were analysed: a count over its share, where the count is largest."""
    routes = [(tables["prevalence"], f"n_by_{route}", f"share_by_{route}") for route in ("comments", "topics")]
    for rows, count, share in (*routes, (tables["topics"], "size", "share")):
        used = rows[rows[count].fillna(0) > 0]
        if len(used):
            counts = used[count].to_numpy(dtype=np.float64)
            largest = int(counts.argmax())
            return round(float(counts[largest]) / float(used[share].to_numpy(dtype=np.float64)[largest]))
    if any(len(tables[name]) for name in ("prevalence", "topics")):
        raise ValueError("prevalence: no theme has a comment, so that the comments analysed cannot be counted.")
    return 0


def _protect_diagnosis(diagnosis: pd.DataFrame, small: set[int], rules: Rules) -> pd.DataFrame:
    """Blank the comments of topics left out, and of themes that any of these is matched with."""
    named = [[row["id"]] if row["kind"] == "topic" else row["with"].split("; ") for row in diagnosis.to_dict("records")]
    hidden = np.array([bool({str(topic) for topic in small} & set(ids)) for ids in named], dtype=bool)
    counts = diagnosis["comments"].to_numpy(dtype=np.float64)
    hidden |= rules.is_small(counts)
    shown = np.where(hidden, np.nan, rules.rounded(counts))
    return diagnosis.assign(comments=_counts(shown, diagnosis), suppressed=hidden)


def _protect_agreement(agreement: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    n = agreement["n"].to_numpy(dtype=np.float64)
    hidden = n < rules.base_limit
    public = agreement.assign(n=_counts(np.where(hidden, np.nan, rules.rounded(n)), agreement), suppressed=hidden)
    for name in ("value", "low", "high"):
        public[name] = public[name].mask(pd.Series(hidden, index=public.index))
    return public


def _protect_claims(claims: pd.DataFrame, public: Mapping[str, pd.DataFrame], rules: Rules) -> pd.DataFrame:
    """Blank claims that tell of what is left out, and round what the others quote."""
    hidden = np.array([_tells(row, public, rules) for row in claims.to_dict("records")], dtype=bool)
    n = np.where(hidden, np.nan, rules.rounded(claims["n"].to_numpy(dtype=np.float64)))
    shown = [
        "Left out: it would tell of few comments." if gone else _in_round_numbers(sentence, rules)
        for sentence, gone in zip(claims["shown"], hidden, strict=True)
    ]
    blank = pd.Series(hidden, index=claims.index)
    figures = {name: claims[name].mask(blank).round(2) for name in ("estimate", "low", "high")}
    said = {name: claims[name].mask(blank, word) for name, word in (("verdict", "cannot tell"), ("reason", ""))}
    return claims.assign(n=_counts(n, claims), shown=shown, suppressed=hidden, **figures, **said)


def _tells(claim: Mapping[Hashable, object], public: Mapping[str, pd.DataFrame], rules: Rules) -> bool:
    """Say whether a claim's sentence would tell of what is left out."""
    sentence, n = str(claim["shown"]), float(str(claim["n"]))
    words = _QUOTED.sub("", sentence)
    pairs = [tuple(float(number.replace(",", "")) for number in pair) for pair in _COUNT_OF_BASE.findall(words)]
    if claim["kind"] == "order":
        pairs += [(round(float(share) * n / 100), n) for share in _SHARES.findall(words.split(" less ")[0])]
    few = any(rules.is_small(np.array([a, b - a])).any() or b < rules.base_limit for a, b in pairs)
    if few or n < rules.base_limit:
        return True
    facet = claim["facet"]
    if claim["kind"] == "difference":
        rows = public["groups"]
        of_facet = [rows[rows["facet"] == facet]] + ([public["outlook"]] if facet != "themes" else [])
        return any(
            bool(part.get("suppressed", False)) and f"in '{part['group']}'".casefold() in sentence.casefold()
            for rows in of_facet
            for part in rows.to_dict("records")
        )
    whole = public["prevalence"] if facet == "themes" else public["outlook"]
    if facet != "themes" and len(whole):
        whole = whole[whole["group"] == ALL]
    return bool(whole["suppressed"].any()) if "suppressed" in whole else False


_QUOTED = re.compile(r"'.*?'(?=[\s:,.;]|$)")
_COUNT_OF_BASE = re.compile(r"(\d[\d,]*) of (\d[\d,]*)\b")
_SHARES = re.compile(r"(?<![\d.+-])(\d+(?:\.\d+)?) %(?! interval)")
_IN_NUMBERS = re.compile(
    r"(?P<base>\d[\d,]*)(?= comments| of |\sin the rest)|(?P<exact>[+-]?\d+\.\d)(?!\d| % interval)"
)


def _in_round_numbers(sentence: str, rules: Rules) -> str:
    """Round counts to `rules.round_to` and percentages to whole ones, outside of quoted names."""

    def rounded(found: re.Match[str]) -> str:
        if found["base"]:
            return f"{int(rules.rounded(np.array(float(found['base'].replace(',', ''))))):d}"
        sign = "+" if found["exact"].startswith("+") else ""
        return f"{sign if round(float(found['exact'])) >= 0 else ''}{round(float(found['exact'])):d}"

    parts: list[str] = []
    at = 0
    for name in _QUOTED.finditer(sentence):
        parts += [_IN_NUMBERS.sub(rounded, sentence[at : name.start()]), name.group()]
        at = name.end()
    return "".join([*parts, _IN_NUMBERS.sub(rounded, sentence[at:])])


def _protect_points(points: pd.DataFrame, small: set[int], rules: Rules) -> pd.DataFrame:
    """Put the points of topics left out, or of few points, together; among those in no topic where that is few."""
    per_topic = points["topic"].value_counts()
    few = small | set(per_topic.index[per_topic < rules.suppress_below]) - {OUTLIER}
    pooled = points["topic"].isin(few)
    name = OUTLIER if 0 < pooled.sum() < rules.suppress_below else SMALL_TOPICS
    return points.assign(topic=points["topic"].mask(pooled, name), theme=points["theme"].mask(pooled, ""))
