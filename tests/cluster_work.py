"""Work for the tests of clusters: functions that workers can import."""

import os
import time
from collections.abc import Sequence


def hold(name: str) -> str:
    """Return what is held in the place of a model."""
    return name


def slow_length(held: str, texts: Sequence[str], *, seconds: float) -> list[object]:
    """Return what was held, and how long the texts are, after some time."""
    time.sleep(seconds)
    return [held, sum(map(len, texts))]


def process_of(held: str, texts: Sequence[str]) -> int:
    """Return the number of the process that works."""
    return os.getpid()
