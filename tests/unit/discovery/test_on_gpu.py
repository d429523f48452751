"""Topics on a GPU: cuML is called as it asks to be. Its stand-ins compute with umap-learn and hdbscan.

They have the names, the order and the defaults of cuML 26.10's parameters, refuse what it refuses, and change what it
changes. That cuML computes the same on a GPU they cannot show.
"""

from __future__ import annotations

import os
import sys
import types
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import adjusted_mutual_info_score

from pipeline import doctor
from pipeline.config import DiscoverConfig
from pipeline.discovery import on_gpu
from pipeline.discovery.clustering import cluster
from pipeline.discovery.compiled import umap_functions
from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.ensemble import lay_out_member, read_layout
from pipeline.discovery.on_gpu import insist_on_device, what_is_missing
from pipeline.errors import ConfigError
from tests.unit.discovery.test_consensus import QUICK, blobs
from tests.unit.discovery.test_ensemble import plan, vectors

Calls = list[tuple[str, int, Any]]


def checked(array: Any) -> NDArray[np.float32]:
    assert isinstance(array, np.ndarray)
    assert array.ndim == 2
    assert array.dtype == np.float32
    assert np.isfinite(array).all()
    return array


def stand_ins(calls: Calls) -> tuple[Any, Any]:
    """Return what stands for cuML's UMAP and HDBSCAN; it notes what is called, in which process and how."""

    def simplicial_set_embedding(
        data, graph, n_components=2, initial_alpha=1.0, a=None, b=None, gamma=1.0, negative_sample_rate=5,
        n_epochs=None, init="spectral", random_state=None, force_serial_epochs=None, metric="euclidean",
        metric_kwds=None, output_metric="euclidean", output_metric_kwds=None, verbose=False,
    ):  # fmt: skip
        calls.append(("layout", os.getpid(), random_state))
        assert isinstance(random_state, int)
        assert 0 <= random_state < 2**32
        assert checked(init).shape == (len(checked(data)), n_components)
        assert metric == output_metric == "euclidean"
        graph = graph.tocoo()
        assert sparse.issparse(graph)
        assert graph.dtype == np.float32
        places, _ = umap_functions().simplicial_set_embedding(
            None, graph.copy(), n_components, initial_alpha, a, b, gamma, negative_sample_rate, n_epochs, init.copy(),
            np.random.RandomState(random_state), "euclidean", {}, False, {}, False,
        )  # fmt: skip
        # Where cuML puts entries together in place, this spoils them: nobody may rely on them.
        graph.data[:] = 0
        return places

    class HDBSCAN:
        def __init__(
            self, *, min_cluster_size=5, min_samples=None, cluster_selection_epsilon=0.0, max_cluster_size=0,
            metric="euclidean", alpha=1.0, p=None, cluster_selection_method="eom", allow_single_cluster=False,
            gen_min_span_tree=False, verbose=False, output_type=None, prediction_data=False, build_algo="brute_force",
            build_kwds=None, device_ids=None,
        ):  # fmt: skip
            assert min_cluster_size > 1
            assert 1 <= min_samples <= 1023
            assert output_type == "numpy"
            self.settings = {
                "min_cluster_size": min_cluster_size, "min_samples": min_samples, "max_cluster_size": max_cluster_size,
                "alpha": alpha, "cluster_selection_method": cluster_selection_method,
                "allow_single_cluster": allow_single_cluster,
            }  # fmt: skip

        def fit_predict(self, X, y=None):
            import hdbscan

            calls.append(("reading", os.getpid(), self.settings["max_cluster_size"]))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                return hdbscan.HDBSCAN(**self.settings, core_dist_n_jobs=1).fit_predict(checked(X)).astype(np.int64)

    return simplicial_set_embedding, HDBSCAN


@pytest.fixture
def cuml(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Have cuML be installed, on a machine with a GPU."""
    calls: Calls = []
    lay_out, clusterer = stand_ins(calls)
    for name in ("cuml", "cuml.cluster", "cuml.manifold", "cuml.manifold.umap"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    sys.modules["cuml.manifold.umap"].simplicial_set_embedding = lay_out
    sys.modules["cuml.cluster"].HDBSCAN = clusterer
    for asking in (on_gpu, doctor):
        monkeypatch.setattr(asking, "has_cuml", lambda: True)
    monkeypatch.setattr(on_gpu, "may_have_accelerator", lambda: True)
    return calls


@pytest.fixture
def without_cuml(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have an import of cuML fail."""
    monkeypatch.setitem(sys.modules, "cuml", None)
    monkeypatch.setattr(on_gpu, "has_cuml", lambda: False)


@pytest.mark.thorough
def test_known_topics_come_back_and_no_process_is_forked(cuml: Calls) -> None:
    rows, truth = blobs(120, 4)
    found = ConsensusClusterer(**{**QUICK, "n_bootstrap": 1, "n_jobs": 2}, device="cuda").fit(rows)
    assert adjusted_mutual_info_score(truth, found.labels_) > 0.9
    layouts = [call for call in cuml if call[0] == "layout"]
    # One for each seed, and ten for the sample; each under a seed of its own.
    assert len(layouts) == 4 + 10 == len({seed for _, _, seed in layouts})
    # What a forked process calls is not noted here.
    assert {process for _, process, _ in cuml} == {os.getpid()}


def test_the_configuration_says_where_topics_are_found(cuml: Calls) -> None:
    rows, _ = blobs(60, 3)
    quick = {"n_seeds": 1, "n_bootstrap": 0}
    cluster(rows, DiscoverConfig(**quick), seed=0)
    assert cuml == []
    cluster(rows, DiscoverConfig(**quick, device="cuda"), seed=0)
    assert {what for what, _, _ in cuml} == {"layout", "reading"}


def test_the_graph_that_layouts_share_is_left_as_it_is(cuml: Calls) -> None:
    shared = replace(plan(vectors()), device="cuda")
    before, start = shared.graph.copy(), shared.start.copy()
    one, again, other = (lay_out_member(shared, seed) for seed in (1, 1, 2**32 - 1))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert one.dtype == np.float32
    assert (shared.graph != before).nnz == 0
    assert np.array_equal(shared.start, start)


def test_a_cluster_that_is_too_large_gives_way_to_its_parts_there_too(cuml: Calls) -> None:
    random = np.random.default_rng(0)
    near, far = random.normal(size=(120, 2)), random.normal(size=(40, 2))
    near[:60] += (2.2, 0)
    near[60:] -= (2.2, 0)
    layout = np.concatenate([near, far + np.array([0, 200])]).astype(np.float32)
    shared = replace(plan(vectors(160), granularities=(20,)), device="cuda")
    whole = read_layout(shared, layout)[0]
    assert np.bincount(whole[whole >= 0]).max() > 80
    assert [limit for _, _, limit in cuml] == [0]
    split = read_layout(replace(shared, max_cluster_size=80), layout)[0]
    assert np.bincount(split[split >= 0]).max() <= 80
    assert split.dtype == np.int32
    assert [limit for _, _, limit in cuml] == [0, 0, 80]


@pytest.mark.usefixtures("without_cuml")
def test_on_the_processor_cuml_is_not_imported() -> None:
    rows, _ = blobs(40, 2)
    quick = {"n_seeds": 1, "n_epochs": 10, "n_bootstrap": 0, "n_jobs": 1}
    assert len(ConsensusClusterer(**quick).fit_predict(rows)) == 40
    with pytest.raises(ModuleNotFoundError):
        ConsensusClusterer(**quick, device="cuda").fit(rows)
    insist_on_device("cpu")


@pytest.mark.usefixtures("without_cuml")
def test_without_cuml_it_is_said_what_to_install() -> None:
    with pytest.raises(ConfigError, match=r"^discover\.device is cuda, and cuML is not installed\.\n") as caught:
        insist_on_device("cuda")
    assert "pip install 'theme-crosswalk[gpu]'" in caught.value.hint
    assert "set discover.device to cpu" in caught.value.hint


def test_cuml_that_is_there_and_works_is_accepted(cuml: Calls) -> None:
    insist_on_device("cuda")
    assert [what for what, _, _ in cuml] == ["reading"]
    assert doctor._device_for_topics().value.startswith("cpu, or cuda: cuML ")


def test_a_machine_without_a_gpu_is_refused_before_cuml_is_loaded(cuml: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_gpu, "may_have_accelerator", lambda: False)
    with pytest.raises(ConfigError, match=r"discover\.device is cuda, and this machine has no GPU"):
        insist_on_device("cuda")
    assert cuml == []
    said = doctor._device_for_topics()
    assert said.value.endswith("is installed, and this machine has no GPU")
    assert said.is_good


def test_cuml_that_cannot_be_loaded_or_does_not_work_is_said_to_be_so(cuml: Calls, monkeypatch: pytest.MonkeyPatch):
    def without_driver(**_: object) -> None:
        raise RuntimeError("cudaErrorInsufficientDriver: the driver is too old\nmore of it")

    monkeypatch.setattr(sys.modules["cuml.cluster"], "HDBSCAN", without_driver)
    assert what_is_missing() == (
        "cuML does not work here (RuntimeError: cudaErrorInsufficientDriver: the driver is too old)"
    )
    monkeypatch.setitem(sys.modules, "cuml.cluster", None)
    with pytest.raises(ConfigError, match=r"and cuML does not work here \(ModuleNotFoundError: "):
        insist_on_device("cuda")


def test_whether_cuml_is_installed_is_asked_without_loading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(on_gpu, "distribution", asked.append)
    assert on_gpu.has_cuml()
    assert asked == ["cuml-cu13"]
    monkeypatch.undo()
    monkeypatch.setattr(on_gpu, "CUML", "a-distribution-that-nobody-has")
    assert not on_gpu.has_cuml()
