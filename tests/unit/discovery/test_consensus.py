"""ConsensusClusterer as a whole: known topics come back, at every size, and always the same."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import adjusted_mutual_info_score, homogeneity_score

from pipeline.discovery.consensus import ConsensusClusterer
from pipeline.discovery.consensus_settings import default_min_topic_size, default_n_seeds

QUICK: dict[str, Any] = {"n_seeds": 4, "n_epochs": 50, "n_bootstrap": 2, "n_jobs": 1}


def blobs(
    n: int, n_topics: int, *, spread: float = 0.15, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Unit vectors around as many orthogonal directions as there are topics."""
    random = np.random.default_rng(seed)
    truth = np.sort(random.integers(n_topics, size=n)).astype(np.int64)
    vectors = np.eye(32)[truth] + random.normal(scale=spread, size=(n, 32))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32), truth


@pytest.fixture(scope="module")
def fitted() -> tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]]:
    vectors, truth = blobs(300, 8)
    return ConsensusClusterer(**QUICK).fit(vectors), vectors, truth


@pytest.mark.thorough
def test_known_topics_come_back(fitted: tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]]) -> None:
    model, _, truth = fitted
    assert adjusted_mutual_info_score(truth, model.labels_) > 0.95
    assert model.labels_.dtype == np.int64
    assert model.labels_.max() + 1 == 8


@pytest.mark.parametrize("copy", [True, False])
def test_vectors_are_scaled_in_place_only_where_no_copy_is_wanted(copy: bool) -> None:
    vectors = blobs(60, 3)[0] * np.float32(2)
    given = vectors.copy()
    model = ConsensusClusterer(copy=copy, **QUICK).fit(given)
    assert (given == vectors).all() == copy
    np.testing.assert_array_equal(model.labels_, ConsensusClusterer(**QUICK).fit(vectors).labels_)
    np.testing.assert_allclose(np.linalg.norm(model._fit_vectors, axis=1), 1.0, rtol=1e-6)
    assert np.shares_memory(model._fit_vectors, given) != copy


def test_topics_are_numbered_by_size(fitted: tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]]) -> None:
    sizes = np.bincount(fitted[0].labels_[fitted[0].labels_ >= 0])
    assert (np.diff(sizes) <= 0).all()


def test_what_comes_with_the_topics(fitted: tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]]) -> None:
    model = fitted[0]
    n_topics = model.labels_.max() + 1
    inside = model.labels_ >= 0
    assert ((model.probabilities_ >= 0) & (model.probabilities_ <= 1)).all()
    assert (model.nearest_label_[inside] == model.labels_[inside]).all()
    assert len(model.stability_) == n_topics
    # Blobs this far apart come back whatever the seeds and the sample.
    assert model.stability_.min() > 0.5
    assert model.repeatability_.min() > 0.9
    assert 0.9 < model.agreement_of_halves_ <= 1
    assert 4 <= model.coarse_labels_.max() + 1 <= 8
    for topic in range(n_topics):
        assert set(model.coarse_labels_[model.labels_ == topic]) == {model.topic_parents_[topic]}


@pytest.mark.thorough
def test_the_same_again_and_whatever_the_number_of_workers(
    fitted: tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]],
) -> None:
    model, vectors, _ = fitted
    again = clone(model).set_params(n_jobs=2).fit(vectors)
    for name in ("labels_", "probabilities_", "coarse_labels_", "stability_", "repeatability_"):
        assert getattr(again, name).tobytes() == getattr(model, name).tobytes(), name
    assert again.agreement_of_halves_ == model.agreement_of_halves_


@pytest.mark.thorough
def test_global_random_state_is_neither_used_nor_changed() -> None:
    vectors, _ = blobs(60, 3)
    np.random.seed(1)  # noqa: NPY002 - it is the global state that is tested
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one = ConsensusClusterer(**QUICK).fit_predict(vectors)
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    np.random.seed(2)  # noqa: NPY002
    assert (ConsensusClusterer(**QUICK).fit_predict(vectors) == one).all()


@pytest.mark.thorough
def test_sparse_path_gives_topics_that_are_far_apart(
    fitted: tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]],
) -> None:
    dense, vectors, _ = fitted
    sparse = clone(dense).set_params(dense_below=0).fit(vectors)
    assert adjusted_mutual_info_score(dense.labels_, sparse.labels_) >= 0.98


@pytest.mark.slow
def test_sparse_path_gives_the_topics_of_the_dense_path() -> None:
    vectors, _ = blobs(400, 12, spread=0.3)
    dense = ConsensusClusterer(**QUICK).fit(vectors)
    sparse = ConsensusClusterer(**QUICK, dense_below=0).fit(vectors)
    assert adjusted_mutual_info_score(dense.labels_, sparse.labels_) >= 0.98


@pytest.mark.parametrize("n", [20, 50, *(pytest.param(n, marks=pytest.mark.slow) for n in (21, 100, 200))])
def test_small_corpora_run_without_a_warning(n: int) -> None:
    vectors, truth = blobs(n, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = ConsensusClusterer(**QUICK).fit(vectors)
    assert model.clustered_
    if n >= 50:
        # So few layouts split what is one; they do not put together what is apart.
        inside = model.labels_ >= 0
        assert inside.mean() > 0.8
        assert homogeneity_score(truth[inside], model.labels_[inside]) > 0.95
        assert adjusted_mutual_info_score(truth, model.labels_) > 0.65


@pytest.mark.parametrize("n", [1, 2, 5, 19])
def test_too_few_comments_are_not_clustered(n: int) -> None:
    model = ConsensusClusterer(**QUICK).fit(blobs(n, 2)[0])
    assert not model.clustered_
    assert (model.labels_ == -1).all()
    assert np.isnan(model.agreement_of_halves_)


@pytest.mark.thorough
@pytest.mark.parametrize("distinct", [1, 3, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 10))])
def test_many_duplicates(distinct: int) -> None:
    vectors = np.repeat(blobs(distinct, distinct, seed=3)[0], 120 // distinct, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = ConsensusClusterer(**QUICK).fit(vectors)
    assert len(model.labels_) == len(vectors)


@pytest.mark.thorough
def test_vectors_of_length_zero_do_not_break_it() -> None:
    vectors, _ = blobs(80, 3)
    vectors[:3] = 0
    assert len(ConsensusClusterer(**QUICK).fit(vectors).labels_) == 80


@pytest.mark.thorough
def test_no_topic_holds_a_shapeless_corpus() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(300, 32)).astype(np.float32)
    vectors[:, 0] += 6
    labels = ConsensusClusterer(**QUICK).fit_predict(vectors)
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    assert sizes.max() <= 0.5 * len(labels)


@pytest.mark.thorough
def test_progress_counts_layouts() -> None:
    steps: list[tuple[str, int, int]] = []
    ConsensusClusterer(**QUICK, progress=lambda *step: steps.append(step)).fit(blobs(40, 2)[0])
    assert steps == [("layouts", i, 4 + 2 * 10) for i in range(1, 25)]


def test_parameters_are_kept_as_given() -> None:
    model = ConsensusClusterer(granularities=(5, 9), random_state=7)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(n_seeds=3).n_seeds == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n_seeds", 0),
        ("cut", "guess"),
        ("coarse_range", (9, 3)),
        ("max_topic_share", 0.0),
        ("granularities", (1,)),
        ("device", "tpu"),
    ],
)
def test_a_bad_parameter_is_named(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=name):
        ConsensusClusterer(**{name: value}).fit(blobs(30, 2)[0])


def test_bad_vectors_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        ConsensusClusterer().fit(np.full((30, 4), np.nan))
    with pytest.raises(ValueError, match="row per comment"):
        ConsensusClusterer().fit(np.zeros(30))


def test_new_comments_get_the_topic_of_their_neighbours(
    fitted: tuple[ConsensusClusterer, NDArray[np.float32], NDArray[np.int64]],
) -> None:
    model, vectors, _ = fitted
    inside = model.labels_ >= 0
    assert (model.predict(vectors)[inside] == model.labels_[inside]).mean() > 0.95
    with pytest.raises(ValueError, match="32 columns"):
        model.predict(np.zeros((2, 5)))


@pytest.mark.slow
def test_bertopic_takes_it_for_its_clusterer() -> None:
    from bertopic import BERTopic
    from bertopic.dimensionality import BaseDimensionalityReduction

    vectors, truth = blobs(120, 3)
    words = ["alpha beta", "gamma delta", "epsilon zeta"]
    comments = [words[topic] for topic in truth]
    model = BERTopic(
        hdbscan_model=ConsensusClusterer(**QUICK, min_topic_size=10),
        umap_model=BaseDimensionalityReduction(),
        embedding_model=None,
    )
    topics, memberships = model.fit_transform(comments, vectors)
    assert adjusted_mutual_info_score(truth, topics) > 0.8
    assert len(memberships) == 120
    assert len(model.transform(comments[:2], vectors[:2])[0]) == 2


@pytest.mark.slow
def test_workers_start_after_torch_has_used_its_threads() -> None:
    pytest.importorskip("torch")
    code = (
        "import torch, numpy as np; a = torch.rand(1500, 1500); (a @ a).sum().item();"
        "from pipeline import workers; receive, answered = workers._receive, [];"
        "workers._receive = lambda *what: answered.append(receive(*what)) or answered[-1];"
        "from pipeline.discovery.consensus import ConsensusClusterer;"
        "x = np.random.default_rng(0).normal(size=(80, 16)).astype('float32');"
        "topics = ConsensusClusterer(n_seeds=4, n_epochs=20, n_bootstrap=0, n_jobs=2).fit_predict(x);"
        "print(len(topics), len(answered), all(answered))"
    )
    # Workers that hang are given up, and their work done without them: so it is asked whether they answered, not how
    # long it took, which on a busy machine says nothing.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=900, check=False)
    assert done.stdout.strip() == "80 3 True", done.stdout + done.stderr


@pytest.mark.thorough
def test_importing_the_module_is_light() -> None:
    code = (
        "import sys, pipeline.discovery.consensus;"
        "print([m for m in ('umap', 'hdbscan', 'numba', 'sklearn.cluster') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_derived_settings() -> None:
    assert [default_min_topic_size(n) for n in (20, 100, 300, 642, 2_000, 40_000)] == [4, 4, 4, 9, 15, 27]
    assert [default_n_seeds(n) for n in (20, 700, 1_750, 50_000)] == [100, 100, 40, 20]


@pytest.fixture(scope="module")
def sampled() -> tuple[ConsensusClusterer, NDArray[np.int64]]:
    vectors, truth = blobs(500, 6)
    return ConsensusClusterer(**QUICK, fit_on=250, min_topic_size=25).fit(vectors), truth


@pytest.mark.thorough
def test_a_sample_gives_its_topics_to_all(sampled: tuple[ConsensusClusterer, NDArray[np.int64]]) -> None:
    model, truth = sampled
    assert model.partitions_.shape[1] == len(model.fitted_) == 250
    inside = model.labels_ >= 0
    assert inside.mean() > 0.8
    assert homogeneity_score(truth[inside], model.labels_[inside]) > 0.95
    assert adjusted_mutual_info_score(truth, model.labels_) > 0.65
    assert (np.diff(np.bincount(model.labels_[inside])) <= 0).all()
    assert ((model.probabilities_ >= 0) & (model.probabilities_ <= 1)).all()
    # Each topic's figures go with its number.
    assert len(model.stability_) == len(model.repeatability_) == model.labels_.max() + 1


@pytest.mark.thorough
def test_where_there_are_no_more_comments_all_are_clustered() -> None:
    vectors, _ = blobs(120, 3)
    whole, limited = (ConsensusClusterer(**QUICK, fit_on=limit).fit(vectors) for limit in (None, 120))
    assert limited.voters_ is None
    assert np.array_equal(whole.labels_, limited.labels_)
