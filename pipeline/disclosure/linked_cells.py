"""Cells of groups by entries that must be left out so that no small one can be worked out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure.rounding import NEVER_SHOWN, Cells, Flags, Numbers, Rules, hide_more, moves_of


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
        What is small: a count, what it lacks to its base, or what all counts of a group together lack to it.

    Returns
    -------
    DataFrame of bool, shape (n_groups, n_entries)
        What to leave out. Where a cell cannot be protected otherwise its group is left out with its zeros, then
        its entry in all groups, and where this is not enough every count is.

    Notes
    -----
    Where entries in no group add up to more than the base, or in none to less, their sum is taken to be known to
    be so, and where it is the base to be that. What they lack to the base are comments of no entry, which no table
    may list and a reader can count all the same.
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
    if sign > 0:
        for few in np.flatnonzero(rules.is_small(slack)):
            moves += moves_of(size + int(few), slack[few], int(min(rules.suppress_below, of[few, 0] + 1)))
    moves = [move for move in moves if cells.lowest[move[0]] <= cells.counts[move[0]] + move[1] <= top[move[0]]]
    chosen, failed = hide_more(cells, np.append(hidden.ravel(), np.zeros(groups, dtype=bool)), moves)
    unsafe = np.zeros(size + groups, dtype=bool)
    unsafe[failed] = True
    # Where what a group lacks is not safe, no count of it is.
    by_group = unsafe[:size].reshape(groups, entries) | unsafe[size:, None]
    return chosen[:size].reshape(groups, entries), by_group


def entries_to_hide(rows: pd.DataFrame, entry: str, count: str, base: float, rules: Rules) -> Flags:
    """Say which counts of one whole must be left out so that no small one can be worked out.

    Parameters
    ----------
    rows : DataFrame
        A row for each entry.
    entry, count : str
        Columns with the entry and its count; a missing count is not there to be left out.
    base : float
        Comments of the whole.
    rules : Rules
        What is small.

    Returns
    -------
    ndarray of shape (n_rows,), bool
        What to leave out, as `cells_to_hide` finds it.
    """
    counted = rows[rows[count].notna()]
    values = pd.DataFrame([counted[count].to_numpy(dtype=np.int64)], columns=counted[entry].astype(str))
    found = cells_to_hide(values, pd.Series([float(base)]), summed=False, rules=rules).to_numpy()[0]
    hidden = np.zeros(len(rows), dtype=bool)
    hidden[np.flatnonzero(rows[count].notna())] = found
    return hidden
