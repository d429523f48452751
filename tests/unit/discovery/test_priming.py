"""What was compiled once is there for the next process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_PRIMED = """
from pipeline.discovery import compiled
from pipeline.discovery.priming import prime
place = prime()
used = [function.stats for function in compiled._compiled_functions() if function.signatures]
print(place, sum(bool(one.cache_misses) for one in used), sum(bool(one.cache_hits) for one in used))
"""


def _primed(folder: Path) -> tuple[Path, int, int]:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    done = subprocess.run([sys.executable, "-c", _PRIMED], capture_output=True, text=True, check=True, env=environment)
    place, made, taken = done.stdout.split()
    return Path(place), int(made), int(taken)


@pytest.mark.slow
def test_the_second_process_takes_what_the_first_compiled(tmp_path: Path) -> None:
    place, made, taken = _primed(tmp_path)
    assert place.is_relative_to(tmp_path)
    assert made > 0
    _, still_made, taken_then = _primed(tmp_path)
    # A few small ones UMAP compiles itself, as it is imported.
    assert still_made < made
    assert taken_then > taken
