"""The counts that a text may say, apart from the exact ones that they were rounded from."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from pipeline.disclosure.rules import Rules
from pipeline.disclosure.suppression import Key
from pipeline.tables.numbers import NOT_SHOWN, count


@dataclass(frozen=True)
class Said:
    """The counts of a run as texts may say them.

    Attributes
    ----------
    numbers : mapping of tuple to float
        By their names (see `pipeline.disclosure.counts`), rounded; NaN where a count is suppressed.
    rules : Rules
        What is small.
    """

    numbers: Mapping[Key, float]
    rules: Rules

    def number(self, key: Key) -> float:
        """Return a count, rounded; NaN where it is suppressed or there is none."""
        return self.numbers.get(key, math.nan)

    def text(self, key: Key) -> str:
        """Return a count as a text says it: "1,240" or "not shown"."""
        return count(self.number(key), hidden=NOT_SHOWN)

    def share(self, key: Key, base: Key) -> float:
        """Return a share of rounded counts in [0, 1]; NaN where either is suppressed or the base is 0."""
        whole = self.number(base)
        return self.number(key) / whole if whole else math.nan

    def as_json(self) -> bytes:
        """Return the numbers as a file that `from_json` reads."""
        numbers = [[key, None if math.isnan(number) else number] for key, number in self.numbers.items()]
        # Names of topics are NumPy's whole numbers.
        return f"{json.dumps(numbers, default=int)}\n".encode()

    @classmethod
    def from_json(cls, content: bytes, rules: Rules) -> Said:
        """Return what `as_json` wrote under the same rules."""
        numbers = json.loads(content)
        return cls({_key(name): math.nan if number is None else number for name, number in numbers}, rules)


def _key(name: list[Hashable]) -> Key:
    """Return the name of a count, which is made of names."""
    return tuple(_key(part) if isinstance(part, list) else part for part in name)
