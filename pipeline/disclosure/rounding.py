"""Counts that may be shown: rounded, or left out so that what is left out cannot be worked out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Totals = Literal["both", "rows", "columns", "none"]

KNOWN = np.inf
"""The cost of leaving out what everyone knows from elsewhere."""
NEVER_SHOWN = 0.0
"""The cost of leaving out what no table shows."""

_TOTAL = 100.0
_MOVED = 1e-6


@dataclass(frozen=True)
class Rules:
    """What is too small to be shown.

    Attributes
    ----------
    suppress_below : int
        Counts from 1 to one less than this are left out; 0 and 1 leave out none. A count of 0 is shown.
    round_to : int
        Shown counts are multiples of this; 1 rounds nothing.
    smallest_base : int
        What fewer comments than this carry between them is left out as a whole.

    Raises
    ------
    ValueError
        Where a number is negative, or `round_to` is 0.
    """

    suppress_below: int = 8
    round_to: int = 5
    smallest_base: int = 10

    def __post_init__(self) -> None:
        if self.suppress_below < 0 or self.smallest_base < 0 or self.round_to < 1:
            raise ValueError(f"{self}: suppress_below and smallest_base start at 0, round_to at 1; give such numbers.")

    @property
    def idle(self) -> bool:
        """Whether the rules change nothing."""
        return self.suppress_below <= 1 and self.round_to == 1 and self.smallest_base <= 1

    @property
    def base_limit(self) -> int:
        """The smallest base that is shown."""
        return max(self.suppress_below, self.smallest_base)

    def is_small(self, counts: Numbers) -> Flags:
        """Return which counts are above 0 and too small; a missing count is not."""
        return np.asarray((counts > 0) & (counts < self.suppress_below), dtype=bool)

    def rounded(self, counts: Numbers) -> Numbers:
        """Round to the nearest multiple, halves up; what is above 0 stays above 0, and what is missing missing."""
        nearest = np.floor(counts / self.round_to + 0.5) * self.round_to
        return np.asarray(np.where(counts > 0, np.maximum(nearest, self.round_to), nearest), dtype=np.float64)


@dataclass(frozen=True)
class Protected:
    """A table of counts as it may be shown.

    Attributes
    ----------
    shown : DataFrame of Int64
        Rounded counts; missing where left out. The totals are rounded by themselves, so that what is shown need
        not add up to them.
    suppressed : DataFrame of bool
        Which cells are left out.
    row_totals, column_totals : Series of Int64
        Missing where left out or not asked for.
    total : int or None
        Of the whole table; None where left out or not asked for.
    """

    shown: pd.DataFrame
    suppressed: pd.DataFrame
    row_totals: pd.Series[int]
    column_totals: pd.Series[int]
    total: int | None


@dataclass(frozen=True)
class Cells:
    """Counts that a reader can relate to one another.

    Attributes
    ----------
    counts : ndarray of shape (n_cells,), float64
        The true counts.
    equations : ndarray of shape (n_equations, n_cells), float64
        Each row times the counts has a value that the reader knows.
    lowest, highest : ndarray of shape (n_cells,), float64
        Between which values a reader knows a cell to lie that is left out.
    cost : ndarray of shape (n_cells,), float64
        What leaving a cell out costs for each comment by which it must be able to vary: `KNOWN`, `NEVER_SHOWN` or
        a number between.
    """

    counts: Numbers
    equations: Numbers
    lowest: Numbers
    highest: Numbers
    cost: Numbers


def hide_more(cells: Cells, hidden: Flags, moves: list[tuple[int, float]]) -> tuple[Flags, list[int]]:
    """Leave out further cells until those that must not be worked out can vary as far as they must.

    Parameters
    ----------
    cells : Cells
        The counts and what is known of them.
    hidden : ndarray of shape (n_cells,), bool
        What is left out to begin with.
    moves : list of (int, float)
        A cell, and how many comments it must be able to differ from its true count by, with everything that is
        shown as it is; below 0 for fewer comments.

    Returns
    -------
    ndarray of shape (n_cells,), bool
        What is left out.
    list of int
        Cells that cannot vary so far whatever is left out; empty where all is well.

    Notes
    -----
    For each move in turn a linear programme finds the cheapest set of cells that can make up for it, as in Kelly,
    Golden and Assad (doi:10.1002/net.3230220407); the setting of linked tables is that of Fischetti and Salazar
    (doi:10.1287/mnsc.47.7.1008.9805). Leaving out more never makes a cell easier to work out, so that one pass is
    enough.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, hstack

    hidden = hidden | (cells.cost == NEVER_SHOWN)
    usable = np.flatnonzero(hidden | np.isfinite(cells.cost))
    place = {int(cell): number for number, cell in enumerate(usable)}
    matrix = csr_array(cells.equations[:, usable])
    both = hstack([matrix, -matrix], format="csr")
    up = (cells.highest - cells.counts)[usable]
    down = (cells.counts - cells.lowest)[usable]
    limits = np.concatenate([up, down])
    failed: list[int] = []
    made: list[Numbers] = []
    for cell, by in moves:
        # A part of what was possible before is possible too.
        if cell in place and any(move[place[cell]] * np.sign(by) >= abs(by) - _MOVED for move in made):
            continue
        if cell not in place or by > up[place[cell]] or -by > down[place[cell]]:
            failed.append(cell)
            continue
        price = np.where(hidden[usable], 0.0, cells.cost[usable])
        bounds = np.column_stack([np.zeros(2 * len(usable)), limits])
        bounds[place[cell]] = max(by, 0.0)
        bounds[len(usable) + place[cell]] = max(-by, 0.0)
        found = linprog(
            np.concatenate([price, price]), A_eq=both, b_eq=np.zeros(both.shape[0]), bounds=bounds, method="highs"
        )
        if not found.success:
            failed.append(cell)
            continue
        moved = found.x[: len(usable)] - found.x[len(usable) :]
        made.append(moved)
        hidden[usable[np.abs(moved) > _MOVED]] = True
    return hidden, failed


def moves_of(cell: int, count: float, limit: int) -> list[tuple[int, float]]:
    """Return how far a small count must be able to vary: down to 1 and up to the largest that would be small."""
    return [(cell, float(by)) for by in (limit - 1 - count, 1 - count) if by]


def protect_counts(counts: pd.DataFrame, *, totals: Totals, rules: Rules) -> Protected:
    """Leave out and round the counts of a table so that no small one can be worked out.

    Parameters
    ----------
    counts : DataFrame of int, shape (n_rows, n_columns)
        Comments, each in one cell; 0 or more, none missing.
    totals : str
        Which totals are shown beside it: "rows" (one for each row), "columns", "both" (then the whole's too) or
        "none".
    rules : Rules
        What is small. A row whose total is below the smallest base is left out, but for cells of 0.

    Returns
    -------
    Protected
        The table and the totals that were asked for.

    Raises
    ------
    ValueError
        Where a count is negative or missing.

    Notes
    -----
    What is promised: from all that is shown, were it exact, a reader who knows these rules can rule out none of
    1, 2, ... `suppress_below` - 1 for a small cell (`smallest_base` - 1 for one of a row left out whole), nor tell
    that a small total is small. Rounding only widens what is possible. Cells of 0 are always shown. Where nothing
    less will do, totals are left out as well.
    """
    inner = counts.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isnan(inner).any() or (inner < 0).any():
        raise ValueError("counts: a count is missing or negative; give whole numbers of comments.")
    rows, columns = inner.shape
    table = np.zeros((rows + 1, columns + 1))
    table[:-1, :-1] = inner
    table[:-1, -1], table[-1, :-1], table[-1, -1] = inner.sum(axis=1), inner.sum(axis=0), inner.sum()
    limits = np.full(table.shape, rules.suppress_below)
    limits[np.append((table[:-1, -1] < rules.base_limit), table[-1, -1] < rules.base_limit)] = rules.base_limit
    if table[-1, -1] < rules.base_limit:
        limits[:] = rules.base_limit
    small = (table > 0) & (table < limits)
    asked = np.zeros(table.shape, dtype=bool)
    asked[:-1, :-1] = True
    asked[:-1, -1], asked[-1, :-1] = totals in ("rows", "both"), totals in ("columns", "both")
    asked[-1, -1] = totals == "both"
    cost = 1 + table / max(float(table[-1, -1]), 1.0)
    cost[:, -1] = cost[-1, :] = _TOTAL
    cost[-1, -1] = 2 * _TOTAL
    cost[~asked] = NEVER_SHOWN
    cost[table == 0] = KNOWN
    cells = Cells(
        table.ravel(), _adding_up(rows, columns), (table > 0).astype(np.float64).ravel(),
        np.full(table.size, np.inf), cost.ravel(),
    )  # fmt: skip
    moves = []
    # Large ones first: they need the least beside them, and may do for smaller ones.
    for cell in sorted(np.flatnonzero(small & asked), key=lambda cell: -table.flat[cell]):
        wanted = moves_of(int(cell), float(table.flat[cell]), int(limits.flat[cell]))
        is_total = cell % (columns + 1) == columns or cell >= rows * (columns + 1)
        # A reader who sees that two cells are left out knows that their total is 2 or more.
        moves += [move for move in wanted if move[1] > 0] if is_total else wanted
    hidden, _ = hide_more(cells, (small & asked).ravel(), moves)
    left_out = hidden.reshape(table.shape) & (table > 0)
    shown = np.where(left_out | ~asked, np.nan, rules.rounded(table))
    return Protected(
        shown=_whole(pd.DataFrame(shown[:-1, :-1], index=counts.index, columns=counts.columns)),
        suppressed=pd.DataFrame(left_out[:-1, :-1], index=counts.index, columns=counts.columns),
        row_totals=pd.Series(shown[:-1, -1], index=counts.index).astype("Int64"),
        column_totals=pd.Series(shown[-1, :-1], index=counts.columns).astype("Int64"),
        total=None if np.isnan(shown[-1, -1]) else int(shown[-1, -1]),
    )


def _whole(numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers.astype("Int64")


def _adding_up(rows: int, columns: int) -> Numbers:
    """Return the equations of a table whose last row and last column are totals."""
    places = np.arange((rows + 1) * (columns + 1)).reshape(rows + 1, columns + 1)
    equations = np.zeros((rows + 1 + columns + 1, places.size))
    for number, line in enumerate([*places, *places.T]):
        equations[number, line[:-1]] = 1
        equations[number, line[-1]] = -1
    return equations
