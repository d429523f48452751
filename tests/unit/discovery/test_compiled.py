"""UMAP without the search for neighbours: not loaded, the same layouts, and there when somebody asks for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

_LAY_OUT = """
import sys
import numpy as np
from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.layout import lay_out
if PLAIN:
    import umap
random = np.random.default_rng(0)
vectors = (np.eye(16)[np.arange(90) % 3] + random.normal(scale=0.2, size=(90, 16))).astype(np.float32)
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
places = lay_out(vectors, n_neighbors=8, seed=1)
found = ConsensusClusterer(n_seeds=2, n_bootstrap=0, n_jobs=1).fit(vectors)
print("pynndescent" in sys.modules, places.tobytes().hex(), found.partitions_.tobytes().hex())
"""

_ASK_LATER = """
import sys
from pipeline.discovery.compiled import umap_functions
umap = umap_functions()
print([name for name in sys.modules if name.split(".")[0] == "pynndescent"])
"cosine" in umap.pynn_named_distances, isinstance(0, umap.NNDescent)
import pynndescent
print(umap.NNDescent is pynndescent.NNDescent, umap.pynn_named_distances is pynndescent.distances.named_distances)
"""

_AS_IT_IS = """
import sys
from pipeline.discovery import compiled
def broken(*_):
    raise KeyError
compiled._MeasuresLater.__init__ = broken
umap = compiled.umap_functions()
import pynndescent
print(umap.NNDescent is pynndescent.NNDescent, umap is sys.modules["umap.umap_"])
"""


def _printed(code: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_layouts_are_the_same_without_the_search_for_neighbours() -> None:
    without, plain = (_printed(_LAY_OUT.replace("PLAIN", str(is_plain))) for is_plain in (False, True))
    assert without[0] == "False"
    assert plain[0] == "True"
    assert without[1:] == plain[1:]


@pytest.mark.slow
def test_umap_has_the_search_as_soon_as_somebody_asks() -> None:
    assert _printed(_ASK_LATER) == ["[]", "True", "True"]


@pytest.mark.slow
def test_where_the_import_is_not_as_known_umap_is_imported_as_it_is() -> None:
    assert _printed(_AS_IT_IS) == ["True", "True"]
