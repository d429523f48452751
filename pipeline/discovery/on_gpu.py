"""UMAP's layouts and HDBSCAN's readings of them on an NVIDIA GPU, by cuML: an extra, for those who ask for it.

Written from the source of cuML 26.10. We have not run it on a GPU; docs/clusters.md says so.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError
from pipeline.language.devices import may_have_accelerator

if TYPE_CHECKING:
    # `check` loads this module, and nothing that computes.
    import numpy as np
    from numpy.typing import NDArray

CUML = "cuml-cu13"
"""cuML as the extra `gpu` has it. That for CUDA 12 cannot be installed beside the build of PyTorch for GPUs."""


def has_cuml() -> bool:
    """Return whether cuML is installed; it is not loaded."""
    try:
        distribution(CUML)
    except PackageNotFoundError:
        return False
    return True


def what_is_missing() -> str:
    """Say what keeps topics from being found on a GPU here.

    Returns
    -------
    str
        A clause such as "cuML is not installed"; "" where nothing does. Where there may be a GPU, cuML, which takes
        seconds, is loaded and tried.
    """
    if not has_cuml():
        return "cuML is not installed"
    if not may_have_accelerator():
        return "this machine has no GPU"
    import numpy as np

    points = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    try:
        reader(points, 2)(5, 0)
    except Exception as problem:
        # Without a driver, or with one that does not fit, each of cuML's libraries has errors of its own.
        first_line = str(problem).partition("\n")[0]
        return f"cuML does not work here ({type(problem).__name__}: {first_line})"
    return ""


def insist_on_device(device: str) -> None:
    """Refuse a GPU that topics cannot be found on.

    Parameters
    ----------
    device : {"cpu", "cuda"}
        `discover.device`.

    Raises
    ------
    ConfigError
        Where it is "cuda", and cuML is not installed, there is no GPU, or cuML does not work on it.
    """
    if device == "cuda" and (missing := what_is_missing()):
        raise ConfigError(
            f"discover.device is cuda, and {missing}.",
            "Use Linux on a machine with an NVIDIA GPU and a driver for CUDA 13, and install the extra gpu in an "
            "environment of its own: python -m pip install 'theme-crosswalk[gpu]'. Or set discover.device to cpu.",
        )


def lay_out(
    graph: Any,
    start: NDArray[np.float32],
    *,
    n_epochs: int,
    curve: tuple[float, float],
    negative_samples: int,
    seed: int,
) -> NDArray[np.float32]:
    """Lay a graph out with cuML's UMAP.

    Parameters
    ----------
    graph : scipy.sparse.coo_matrix of shape (n, n), float32
        UMAP's fuzzy simplicial set.
    start : ndarray of shape (n, n_components), float32
        Where each comment starts.
    n_epochs : int
        Passes of the optimiser over the graph.
    curve : tuple of float
        The two numbers of UMAP's curve of distances.
    negative_samples : int
        Comments to move away from, for each to move towards.
    seed : int
        In [0, 2**32). With a seed cuML gives the same layout each time.

    Returns
    -------
    ndarray of shape (n, n_components), float32
    """
    import numpy as np
    from cuml.manifold.umap import simplicial_set_embedding

    a, b = curve
    layout = simplicial_set_embedding(
        # In the place of the vectors, which are asked for and not looked at where there are a graph and a start. What
        # is returned is of the same kind as this: an array of NumPy's.
        start,
        # cuML puts a graph's entries together in place.
        graph.copy(),
        n_components=start.shape[1],
        initial_alpha=1.0,
        a=a,
        b=b,
        gamma=1.0,
        negative_sample_rate=negative_samples,
        n_epochs=n_epochs,
        init=start,
        random_state=seed,
        metric="euclidean",
        output_metric="euclidean",
    )
    return np.asarray(layout, dtype=np.float32)


def reader(layout: NDArray[np.float32], min_samples: int) -> Callable[[int, int], NDArray[np.int32]]:
    """Return what reads one layout with cuML's HDBSCAN.

    Parameters
    ----------
    layout : ndarray of shape (n, n_components), float32
        Positions of the comments.
    min_samples : int
        HDBSCAN's ``min_samples``; from 1 to 1,023 for cuML.

    Returns
    -------
    callable
        Takes the smallest and the largest size of a cluster, 0 for no largest, and returns labels from 0; -1 for
        outliers.
    """
    import numpy as np
    from cuml.cluster import HDBSCAN

    def cluster(size: int, limit: int) -> NDArray[np.int32]:
        model = HDBSCAN(min_cluster_size=size, min_samples=min_samples, max_cluster_size=limit, output_type="numpy")
        return np.asarray(model.fit_predict(layout), dtype=np.int32)

    return cluster
