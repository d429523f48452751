"""Cell suppression for all that is published, as one set of linked counts.

An attack, worked through. A survey has 45 hopeful comments, and a table shows them by role: nurses 25, doctors 17,
managers 3. Three is small, so the managers' cell is hidden (*primary suppression*). An *intruder* who can add and
subtract gets it back: 45 − 25 − 17 = 3. So a second cell is hidden, say the doctors' (*secondary suppression*). Now the
intruder knows only that doctors and managers are 20 together. The managers could be anything from 1 to 19: every value
that a small count can have, 1 to 7, is possible (the *protection interval*), and nothing was learned.

The same is done here for every sum that ties published counts together, all at once: groups add up to the whole,
topics to their coarse topic, sites to their region, outlooks to the base of their group, and what a count lacks to its
base is a count too. The intruder is taken to know every count that is shown to the last comment. Rounding is a second
wall, not the first. The intruder also knows that a hidden count is not 0, since a count of 0 is shown; but for the
counts of a group that is too small for that (`Ledger.hide_zeros`).

Not covered: two runs over nearly the same comments, both published, can be subtracted; publish one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.disclosure.rules import Flags, Numbers, Rules

Key = tuple[Hashable, ...]
"""The name of a count, such as ("topic", 3)."""

KNOWN = np.inf
"""The cost of suppressing what everyone knows from elsewhere."""
NEVER_SHOWN = 0.0
"""The cost of suppressing what no table shows."""
DEAR = 100.0
"""From this cost on, a count is a total that is kept while other cells, zeros too, can protect a cheaper one."""

_MOVED = 1e-6


@dataclass
class Ledger:
    """Every count that is published or can be worked out, and the sums that tie them together."""

    _values: dict[Key, float] = field(default_factory=dict)
    _costs: dict[Key, float] = field(default_factory=dict)
    _limits: dict[Key, float] = field(default_factory=dict)
    _sums: list[tuple[Key, list[Key]]] = field(default_factory=list)
    _suppressed: set[Key] = field(default_factory=set)
    _dear: set[Key] = field(default_factory=set)
    _floors: dict[Key, float] = field(default_factory=dict)
    _blank: set[Key] = field(default_factory=set)

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    @property
    def names(self) -> list[Key]:
        """The names of all counts."""
        return list(self._values)

    def value(self, key: Key) -> float:
        """Return the true count."""
        return self._values[key]

    def add(self, key: Key, count: float, cost: float = 1.0, *, limit: float = np.inf) -> Key:
        """Add a count.

        Parameters
        ----------
        key : tuple
            Its name.
        count : float
            How many comments, 0 or more.
        cost : float
            What suppressing it costs beside others: `KNOWN`, `NEVER_SHOWN` or a number between.
        limit : float
            The count is sensitive below the smaller of this and the rules' limit; 0 for one that never is.
        """
        self._values[key], self._costs[key], self._limits[key] = float(count), cost, limit
        if cost >= DEAR:
            self._dear.add(key)
        return key

    def equate(self, whole: Key, parts: Sequence[Key]) -> None:
        """Say that the parts add up to the whole, and that the intruder knows it."""
        self._sums.append((whole, list(parts)))

    def split(self, whole: Key, parts: Sequence[Key], rest: Key, *, limit: float = np.inf) -> None:
        """Say that the whole is these parts and a rest that no table shows; the rest is sensitive like any count."""
        self.add(rest, self._values[whole] - sum(self._values[part] for part in parts), NEVER_SHOWN, limit=limit)
        self.equate(whole, [*parts, rest])
        if self._dear.issuperset([whole, *parts]):
            self._dear.add(rest)

    def holds(self, key: Key, parts: int) -> None:
        """Say that a count is seen to hold so many hidden counts that are not 0, and so to be as many at least."""
        self._floors[key] = max(float(parts), 1.0)

    def hide_zeros(self, keys: Iterable[Key]) -> None:
        """Say that of these counts a 0 is hidden as well, and that everyone knows it.

        Ten comments are shared out among five counts. Were it known that none of them is 0, none could be 7. That no 0
        is shown must not tell it: whether zeros are hidden may depend on nothing but what is known.
        """
        self._blank.update(keys)

    def suppress_too(self, keys: Iterable[Key]) -> None:
        """Suppress these counts, whatever else is decided."""
        self._suppressed.update(keys)

    def suppressed(self, rules: Rules, *, concede: bool = False) -> set[Key]:
        """Return the counts to suppress: small ones, and others until no small one can be worked out.

        With `concede` what follows from known counts alone is not protected: of 91 comments at least 3 are not among
        88.

        Returns
        -------
        set of tuple
            With these hidden, an intruder who knows all other counts exactly can rule out none of 1, 2, ...,
            `suppress_below` - 1 for any sensitive count (or none up to its own limit), nor 2. Where zeros give a count
            away they are hidden as well, and where that is not enough all counts that are tied to it.
        """
        found = set(self._suppressed)
        for part in self._parts(rules):
            hidden = part.protected(concede=concede) & part.is_published
            found.update(part.names[place] for place in np.flatnonzero(hidden))
        return found

    def exposed(self, rules: Rules) -> set[Key]:
        """Return the sensitive counts that an intruder can narrow down although nothing but what is known is shown."""
        found: set[Key] = set()
        for part in self._parts(rules):
            _, failed = part.hide_more(np.ones(len(part.names), dtype=bool), zeros=False, dear=True)
            found.update(part.names[place] for place in failed)
        return found

    def ranges(self, suppressed: set[Key], rules: Rules) -> dict[Key, tuple[float, float]]:
        """Return how far an intruder can narrow each sensitive count down: the audit of `suppressed`.

        Returns
        -------
        dict of tuple to (float, float)
            The least and the most that each count below its limit can be, by linear programmes over everything that
            is shown (Fischetti and Salazar, doi:10.1287/mnsc.47.7.1008.9805).
        """
        found: dict[Key, tuple[float, float]] = {}
        for part in self._parts(rules):
            hidden = np.array([name in suppressed for name in part.names]) | (part.cost == NEVER_SHOWN)
            # A reader who sees no 0 in a part cannot tell that what is hidden there is above 0.
            zeros = bool((hidden & part.shows_zero).any())
            for place in np.flatnonzero(part.is_sensitive):
                found[part.names[place]] = part.reach(int(place), hidden, zeros=zeros)
        return found

    def _parts(self, rules: Rules) -> list[_Part]:
        """Return the counts in parts that no sum ties together, those with a sensitive count alone."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        names = list(self._values)
        place = {name: number for number, name in enumerate(names)}
        values = np.array([self._values[name] for name in names])
        cost = np.array([self._costs[name] for name in names])
        limits = np.minimum(np.array([self._limits[name] for name in names]), rules.suppress_below)
        rows = [(place[whole], [place[part] for part in parts]) for whole, parts in self._sums]
        entries = [(row, cell, 1.0) for row, (_, cells) in enumerate(rows) for cell in cells]
        entries += [(row, whole, -1.0) for row, (whole, _) in enumerate(rows)]
        if entries:
            at, cells, signs = zip(*entries, strict=True)
            sums = csr_array((signs, (at, cells)), shape=(len(rows), len(names)))
        else:
            sums = csr_array((0, len(names)))
        # A 1 that can be nothing else would be worked out, although it stays within the rules.
        tops = np.maximum(limits - 1, 2.0)
        # What is known ties nothing together: it is a number, and not a count that can vary.
        varies = cost != KNOWN
        links = csr_array(abs(sums)[:, np.flatnonzero(varies)])
        n_parts, belongs = connected_components(links.T @ links, directed=False)
        part_of = np.full(len(names), -1)
        part_of[varies] = belongs
        parts = []
        for number in range(n_parts):
            members = np.flatnonzero(part_of == number)
            chosen = _Part(
                [names[cell] for cell in members], values[members],
                csr_array(sums[:, members])[np.flatnonzero(abs(sums[:, members]).sum(axis=1))],
                cost[members], limits[members], tops[members],
                np.array([names[cell] in self._suppressed for cell in members]),
                np.array([names[cell] in self._dear for cell in members]),
                np.array([self._floors.get(names[cell], 1.0) for cell in members]),
                np.array([names[cell] in self._blank for cell in members]),
            )  # fmt: skip
            if chosen.is_sensitive.any():
                parts.append(chosen)
        return parts


@dataclass(frozen=True)
class _Part:
    """Counts that sums tie together; what is known is a constant of the sums and is left out of them."""

    names: list[Key]
    values: Numbers
    sums: Any
    cost: Numbers
    limits: Numbers
    tops: Numbers
    chosen: Flags
    is_dear: Flags
    floors: Numbers
    is_blank: Flags

    @property
    def is_published(self) -> Flags:
        return np.asarray(self.cost != NEVER_SHOWN, dtype=bool)

    @property
    def is_sensitive(self) -> Flags:
        return np.asarray((self.values > 0) & (self.values < self.limits), dtype=bool)

    @property
    def shows_zero(self) -> Flags:
        """Which are a 0 that is shown unless it is hidden for others' sake."""
        return np.asarray((self.values == 0) & self.is_published & ~self.is_blank, dtype=bool)

    def protected(self, *, concede: bool) -> Flags:
        """Return which counts to hide, tables' and others'; see `Ledger.suppressed`."""
        hidden = self.chosen | self.is_sensitive | ~self.is_published | (self.is_blank & (self.values == 0))
        found, failed = self.hide_more(hidden, zeros=False, dear=False)
        if failed and concede:
            everything = np.ones(len(self.values), dtype=bool)
            for cell in failed:
                least, most = self.reach(cell, everything, zeros=False)
                self.floors[cell], self.tops[cell] = max(least, 1.0), min(self.tops[cell], most)
            found, failed = self.hide_more(found, zeros=False, dear=False, only=failed)
        if failed:
            # The zeros in the sums of what cannot be protected otherwise are hidden as well.
            touched = self.sums[np.flatnonzero(abs(self.sums[:, failed]).sum(axis=1))]
            near = np.asarray(abs(touched).sum(axis=0) > 0) & (self.values == 0)
            # Only where a published 0 is hidden can a hidden count be 0.
            hides_zero = bool((near & self.shows_zero).any())
            found, failed = self.hide_more(found | near, zeros=hides_zero, dear=False)
        if failed:
            none = self.values == 0
            found, failed = self.hide_more(found | none, zeros=bool(self.shows_zero.any()), dear=True)
        return np.ones(len(self.values), dtype=bool) if failed else found

    def _bounds(self, *, zeros: bool) -> tuple[Numbers, Numbers]:
        above = self.is_published & ~self.is_blank & (self.values > 0) & (not zeros)
        lowest = np.where(above, 1.0, 0.0)
        return lowest, np.full(len(self.values), np.inf)

    def _moves(self) -> list[tuple[int, float]]:
        """Return how far each sensitive count must be able to vary: down to 1, up to 2 and to one below its limit."""
        # Large ones first: they need the least beside them, and may do for smaller ones.
        order = sorted(np.flatnonzero(self.is_sensitive), key=lambda cell: (-self.values[cell], cell))
        moves = [(cell, end - self.values[cell]) for cell in order for end in (self.tops[cell], self.floors[cell])]
        # A reader who sees two hidden cells that are not 0 knows that their total is 2 or more.
        return [(int(cell), float(by)) for cell, by in moves if by > 0 or (by < 0 and not self.is_dear[cell])]

    def hide_more(
        self, hidden: Flags, *, zeros: bool, dear: bool, only: Sequence[int] | None = None
    ) -> tuple[Flags, list[int]]:
        """Hide further counts until the sensitive ones can vary as far as they must; return those that cannot.

        `zeros` says whether counts of 0 are among those hidden, and `dear` whether totals may be hidden for cells.
        `only` names the counts to protect; by itself all.

        Notes
        -----
        For each move in turn a linear programme finds the cheapest set of cells that can make up for it, as in Kelly,
        Golden and Assad (doi:10.1002/net.3230220407); the setting of linked tables is that of Fischetti and Salazar
        (doi:10.1287/mnsc.47.7.1008.9805). To hide more never makes a count easier to work out, so that one pass is
        enough.
        """
        from scipy.sparse import hstack

        hidden = hidden.copy()
        usable = np.flatnonzero(hidden | (self.values > 0))
        place = {int(cell): number for number, cell in enumerate(usable)}
        matrix = self.sums[:, usable]
        both = hstack([matrix, -matrix], format="csr")
        lowest, highest = self._bounds(zeros=zeros)
        limits = np.concatenate([(highest - self.values)[usable], (self.values - lowest)[usable]])
        price = (self.cost * (1 + self.values / max(self.values.max(), 1.0)))[usable]
        failed: list[int] = []
        made: list[Numbers] = []
        for cell, by in self._moves():
            if only is not None and cell not in only:
                continue
            at = place[cell]
            # A part of what was possible before is possible too.
            if any(move[at] * np.sign(by) >= abs(by) - _MOVED for move in made):
                continue
            if -by > limits[len(usable) + at]:
                failed.append(cell)
                continue
            cost = np.where(hidden[usable], 0.0, price)
            least, most = np.zeros(2 * len(usable)), limits.copy()
            if not dear and not self.is_dear[cell]:
                most[np.tile((self.is_dear & ~hidden)[usable], 2)] = 0.0
            for place_of, moves in ((at, max(by, 0.0)), (len(usable) + at, max(-by, 0.0))):
                least[place_of] = most[place_of] = moves
            found = _least_of(np.concatenate([cost, cost]), both, least, most)
            if found is None:
                failed.append(cell)
                continue
            moved = found[: len(usable)] - found[len(usable) :]
            made.append(moved)
            hidden[usable[np.abs(moved) > _MOVED]] = True
        return hidden, failed

    def reach(self, place: int, hidden: Flags, *, zeros: bool) -> tuple[float, float]:
        """Return the least and the most that a count can be, with what is not hidden as it is."""
        free = np.flatnonzero(hidden)
        lowest, highest = self._bounds(zeros=zeros)
        matrix = self.sums[:, free]
        target = (free == place).astype(np.float64)
        ends = []
        for sign in (1.0, -1.0):
            found = _least_of(sign * target, matrix, (lowest - self.values)[free], (highest - self.values)[free])
            # Without an end that is bounded there is none.
            ends.append(-sign * np.inf if found is None else self.values[place] + float(target @ found))
        return ends[0], ends[1]


def _least_of(objective: Numbers, sums: Any, least: Numbers, most: Numbers) -> Numbers | None:
    """Return the changes within their bounds that leave all sums as they are and cost least; None where there are none.

    Notes
    -----
    By `milp`, though nothing need be whole: `linprog` solves the same programme with the same solver, and takes twice
    as long over such small ones.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    kept = LinearConstraint(sums, 0.0, 0.0) if sums.shape[0] else ()
    found = milp(objective, constraints=kept, bounds=Bounds(least, most))
    return np.asarray(found.x, dtype=np.float64) if found.success else None
