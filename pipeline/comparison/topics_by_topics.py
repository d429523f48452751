"""The table behind a comparison: comments by their topic in one run and in the other."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from pipeline.disclosure.rounding import Flags, Numbers

_ENDS = ("a", "b")
_BUT = ("size but", "base but")
_OUTSIDE, _ALONE = -2, -1
_EVERY, _WHOLE, _SHARED = slice(None, -1), slice(None), slice(None, -1)
_PARTS: dict[str, tuple[slice | int | None, slice | int]] = {
    "all": (_EVERY, _WHOLE),
    "alone": (_EVERY, _ALONE),
    "outside": (_OUTSIDE, _WHOLE),
    "outside and shared": (_OUTSIDE, _SHARED),
    "outside and alone": (_OUTSIDE, _ALONE),
    "size": (None, _WHOLE),
    "base": (None, _SHARED),
    "alone in": (None, _ALONE),
    "elsewhere": (None, _SHARED),
    "size but": (None, _WHOLE),
    "base but": (None, _SHARED),
}
"""For counts of one run: which of its topics (None: the named one), and which part of the other run."""


class TopicsByTopics:
    """Comments by topic in one run (rows) and in the other (columns).

    After the topics come the comments in none, and then those that only the other run holds.

    Parameters
    ----------
    topics_a, topics_b : sequence
        The topics of each run.
    pairs : sequence of tuple
        Topics of both that are named together.
    """

    def __init__(
        self, topics_a: Sequence[Hashable], topics_b: Sequence[Hashable], pairs: Sequence[tuple[Hashable, Hashable]]
    ) -> None:
        self._places = {"a": {topic: place for place, topic in enumerate(topics_a)},
                        "b": {topic: place for place, topic in enumerate(topics_b)}}  # fmt: skip
        self._named = np.zeros((len(topics_a) + 2, len(topics_b) + 2), dtype=bool)
        for pair in pairs:
            self._named[self._place(*pair)] = True

    def sums(self, names: Sequence[tuple[Hashable, ...]]) -> Any:
        """Return which cells each count is the sum of; see `pipeline.comparison.counts` for the names.

        Returns
        -------
        csr_array of shape (n_names, n_cells), float64
            The last cell, of comments that neither run holds, is in no count.
        """
        from scipy.sparse import csr_array, vstack

        rows = [csr_array(self._cells(name).astype(np.float64).reshape(1, -1)) for name in names]
        return csr_array(vstack(rows, format="csr"))

    def lowest(self) -> Numbers:
        """Return what each cell has at least: 1 where topics are named together."""
        return self._named.astype(np.float64).ravel()

    def _place(self, topic_a: Hashable, topic_b: Hashable) -> tuple[int, int]:
        return self._places["a"][topic_a], self._places["b"][topic_b]

    def _cells(self, name: tuple[Hashable, ...]) -> Flags:
        cells = np.zeros(self._named.shape, dtype=bool)
        kind, *of = name
        if kind == "shared":
            cells[_EVERY, _SHARED] = True
        elif kind == "overlap":
            cells[self._place(of[0], of[1])] = True
        else:
            pair = self._place(*of[2:]) if kind in _BUT else None
            end = str(of[0])
            row, part = _PARTS[str(kind)]
            if row is None:
                row = self._places[end][of[1]] if pair is None else pair[_ENDS.index(end)]
            (cells if end == "a" else cells.T)[row, part] = True
            if pair is not None:
                cells[pair] = False
            if kind == "elsewhere":
                cells &= ~self._named
        return cells
