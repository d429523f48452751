"""The rules for small counts, and rounding by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from pipeline.config import DisclosureConfig

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rules:
    """What is too small to be published.

    Attributes
    ----------
    suppress_below : int
        Counts from 1 to one less than this are suppressed; 0 and 1 suppress none. A count of 0 is shown.
    round_to : int
        Shown counts are multiples of this; 1 rounds nothing.
    smallest_base : int
        What fewer comments than this have between them is suppressed as a whole.
    smallest_group : int
        Smaller groups go under one name.

    Raises
    ------
    ValueError
        Where a number is negative, or `round_to` is 0.
    """

    suppress_below: int = 8
    round_to: int = 5
    smallest_base: int = 10
    smallest_group: int = 10

    def __post_init__(self) -> None:
        if min(self.suppress_below, self.smallest_base, self.smallest_group) < 0 or self.round_to < 1:
            raise ValueError(f"{self}: round_to starts at 1 and the others at 0; give such numbers.")

    @classmethod
    def of(cls, disclosure: DisclosureConfig | None, smallest_group: int) -> Rules:
        """Return the rules of a configuration; without its section counts are exact and only groups have a limit."""
        if disclosure is None:
            return cls(suppress_below=0, round_to=1, smallest_base=0, smallest_group=smallest_group)
        limit = max(disclosure.suppress_below, disclosure.smallest_base)
        return cls(**disclosure.model_dump(), smallest_group=limit)

    @property
    def exact(self) -> bool:
        """Whether counts are published as they are."""
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


EXACT = Rules(suppress_below=0, round_to=1, smallest_base=0, smallest_group=1)
"""Rules that hide and round nothing."""


def numbers_of(column: pd.Series[Any]) -> Numbers:
    """Return a column of a table as floats, NaN where it is missing."""
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def as_counts(values: Numbers, frame: pd.DataFrame) -> pd.Series[int]:
    """Return numbers as a column of a table: Int64 with the table's index, missing where they are NaN."""
    return pd.Series(values, index=frame.index).astype("Int64")
