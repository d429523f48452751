"""The same bytes on one core and on two."""

import os
import subprocess
import sys

import pytest

ARITHMETIC = """
import hashlib
import numpy as np
from scipy.sparse import identity
from pipeline.crosswalk.fit import Reading, phrase_fits
from tests.pseudo_themes import comment_null
from pipeline.workers import steady_arithmetic

def work():
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(700, 384)).astype(np.float32)
    reading = Reading(vectors, np.arange(700), identity(700, format="csr"), vectors)
    null = comment_null(reading, n_phrases=6, nearest_phrases=2, seed=1)
    return null.tobytes() + phrase_fits(vectors, [vectors[:9], vectors[9:25]], 2).tobytes()

plain = work()
with steady_arithmetic():
    print(hashlib.sha256(plain).hexdigest(), hashlib.sha256(work()).hexdigest())
"""


def work_with(threads: int) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", ARITHMETIC], env={**os.environ, "OPENBLAS_NUM_THREADS": str(threads)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.slow
def test_the_arithmetic_of_the_map_stage_is_the_same_with_one_thread_and_with_two():
    (_, first), (_, second) = work_with(1), work_with(2)
    assert first == second
