"""How far a reader can narrow down a small count from sums that are shown, and what to leave out against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.disclosure.rounding import Flags, Numbers

_SURE = 1e-6


@dataclass(frozen=True)
class Sums:
    """Counts that are sums of the cells of a table, none of which need be shown.

    Attributes
    ----------
    of_cells : csr_array of shape (n_sums, n_cells), float64
        Which cells each count is the sum of.
    counts : ndarray of shape (n_sums,), float64
        The true counts.
    lowest : ndarray of shape (n_cells,), float64
        What a reader knows each cell to have at least.
    known : ndarray of shape (n_sums,), bool
        Counts that a reader knows whatever is left out.
    cost : ndarray of shape (n_sums,), float64
        What leaving out a count costs; above 0 for those that can be left out.
    """

    of_cells: Any
    counts: Numbers
    lowest: Numbers
    known: Flags
    cost: Numbers


def hide_within_reach(sums: Sums, shown: Flags, small: Flags, limit: int) -> Flags:
    """Leave out counts until small ones can be anything from 1 to the largest that is small.

    Parameters
    ----------
    sums : Sums
        The counts.
    shown : ndarray of shape (n_sums,), bool
        Which are shown beside those that are known.
    small : ndarray of shape (n_sums,), bool
        Which must not be worked out.
    limit : int
        Counts from 1 to one less than this are small.

    Returns
    -------
    ndarray of shape (n_sums,), bool
        Which are still shown.

    Notes
    -----
    For each small count two linear programmes find the least and the most that it can be, as an intruder would
    (Fischetti and Salazar, doi:10.1287/mnsc.47.7.1008.9805); what the known counts tell by themselves is allowed.
    Where a count cannot be as small or as large as it must, the programme's dual says which shown counts hold it
    there: the one that holds it most for its cost is left out, until none does. Leaving out more only widens what
    is possible, so that no count need be looked at twice, and one table that shows several to be free frees all of
    them at once.
    """
    shown = shown & ~sums.known
    for sign, far_enough in ((1.0, 1.0), (-1.0, limit - 1.0)):
        ends = _Ends(sums, sign, far_enough)
        for row in ends.not_free(np.flatnonzero(small), sums.known | shown):
            allowed: float | None = None
            while True:
                end, pull = ends.furthest(row, sums.known | shown)
                if sign * (end - far_enough) <= _SURE:
                    break
                if allowed is None:
                    allowed, _ = ends.furthest(row, sums.known)
                holding = np.flatnonzero(shown & (pull > _SURE))
                if sign * (end - allowed) <= _SURE or not len(holding):
                    break
                shown[holding[np.argmax(pull[holding] / sums.cost[holding])]] = False
    return shown


@dataclass(frozen=True)
class _Ends:
    """One end of what counts can be: the least (`sign` 1) or the most (-1), and how far it must reach."""

    sums: Sums
    sign: float
    far_enough: float

    def furthest(self, row: int, told: Flags) -> tuple[float, Numbers]:
        """Return how far a count can go, and how much each told count holds it back."""
        from scipy.optimize import linprog

        rows = np.flatnonzero(told)
        found = linprog(
            self.sign * self.sums.of_cells[[row]].toarray()[0], A_eq=self.sums.of_cells[rows],
            b_eq=self.sums.counts[rows], bounds=self._bounds(), method="highs",
        )  # fmt: skip
        pull = np.zeros(len(told))
        if not found.success:
            # What cannot be found out is taken to be given away by all that is told.
            pull[rows] = 1.0
            return self.sign * np.inf, pull
        pull[rows] = np.abs(found.eqlin.marginals)
        return self.sign * float(found.fun), pull

    def not_free(self, rows: npt.NDArray[np.int64], told: Flags) -> npt.NDArray[np.int64]:
        """Return the counts that no table shows to be free, looking for tables that free many at once."""
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, eye_array, hstack

        equations = self.sums.of_cells[np.flatnonzero(told)]
        while len(rows):
            short, n_cells = eye_array(len(rows), format="csr"), len(self.sums.lowest)
            found = linprog(
                np.append(np.zeros(n_cells), np.ones(len(rows))),
                A_ub=hstack([self.sign * self.sums.of_cells[rows], -short], format="csr"),
                b_ub=np.full(len(rows), self.sign * self.far_enough),
                A_eq=hstack([equations, csr_array((equations.shape[0], len(rows)))], format="csr"),
                b_eq=self.sums.counts[told], bounds=self._bounds(len(rows)), method="highs",
            )  # fmt: skip
            if not found.success:
                break
            reached = self.sums.of_cells[rows] @ found.x[:n_cells]
            free = self.sign * (reached - self.far_enough) <= _SURE
            if not free.any():
                break
            rows = rows[~free]
        return rows

    def _bounds(self, n_more: int = 0) -> Numbers:
        lowest = np.append(self.sums.lowest, np.zeros(n_more))
        return np.column_stack([lowest, np.full(len(lowest), np.inf)])
