import numpy as np
import pytest

from pipeline.discovery.compiled import umap_functions
from pipeline.discovery.layout import lay_out, placed_beside
from pipeline.discovery.votes import Voters, nearest_voters


def groups(sizes, dimensions=8, seed=0):
    random = np.random.default_rng(seed)
    centres = np.eye(dimensions)[: len(sizes)]
    rows = [centre + random.normal(scale=0.05, size=dimensions) for centre, size in zip(centres, sizes, strict=True)
            for _ in range(size)]  # fmt: skip
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.repeat(np.arange(len(sizes)), sizes)


@pytest.mark.parametrize("count", [1, 2, 3, 14, 15, 16, 30])
def test_any_number_of_units_has_a_place(count):
    vectors, _ = groups([count])
    places = lay_out(vectors, n_neighbors=15, seed=1)
    assert places.shape == (count, 2)
    assert places.dtype == np.float32
    assert np.isfinite(places).all()


@pytest.mark.parametrize("count", [5, 40])
def test_equal_units_have_a_finite_place(count):
    vectors = np.tile(groups([1])[0], (count, 1))
    assert np.isfinite(lay_out(vectors, n_neighbors=15, seed=1)).all()


@pytest.mark.parametrize("sizes", [(7, 7), (30, 30)])
def test_near_units_stay_near(sizes):
    vectors, which = groups(sizes)
    places = lay_out(vectors, n_neighbors=8, seed=1)
    centres = np.array([places[which == group].mean(axis=0) for group in (0, 1)])
    own = np.linalg.norm(places - centres[which], axis=1)
    other = np.linalg.norm(places - centres[1 - which], axis=1)
    assert (own < other).mean() > 0.95


@pytest.mark.parametrize("sizes", [(7, 7), (20, 20), (30, 30)])
def test_the_same_seed_gives_the_same_places(sizes):
    vectors, _ = groups(sizes)
    np.testing.assert_array_equal(lay_out(vectors, n_neighbors=8, seed=1), lay_out(vectors, n_neighbors=8, seed=1))


def test_units_beside_a_sample_stand_with_their_group():
    vectors, which = groups((60, 60))
    fitted, others = np.arange(0, 120, 2), np.arange(1, 120, 2)
    places = np.empty((120, 2), dtype=np.float32)
    places[fitted] = lay_out(vectors[fitted], n_neighbors=8, seed=1)
    places[others] = placed_beside(places[fitted], nearest_voters(vectors, vectors[fitted], of=others))
    centres = np.array([places[fitted][which[fitted] == group].mean(axis=0) for group in (0, 1)])
    own, other = (np.linalg.norm(places[others] - centres[at], axis=1) for at in (which[others], 1 - which[others]))
    assert (own < other).all()


def test_a_unit_near_two_groups_stands_in_that_of_the_nearest():
    places = np.array([[0, 0], [1, 0], [0, 1], [100, 0], [101, 0]], dtype=np.float32)
    voters = Voters(np.arange(5, dtype=np.int32)[None], np.full((1, 5), 0.5, dtype=np.float32))
    np.testing.assert_allclose(placed_beside(places, voters), [[1 / 3, 1 / 3]], rtol=1e-6)


def test_a_unit_that_is_like_none_of_the_others_has_a_place():
    places = np.array([[3, 4], [5, 6]], dtype=np.float32)
    voters = Voters(np.array([[1, 0]], dtype=np.int32), np.array([[0.0, -0.5]], dtype=np.float32))
    assert placed_beside(places, voters).tolist() == [[5, 6]]


def test_what_umap_compiles_is_kept_for_the_next_run():
    from umap.layouts import _nb_optimize_layout_euclidean_single_epoch
    from umap.umap_ import compute_membership_strengths

    umap_functions()
    assert _nb_optimize_layout_euclidean_single_epoch.stats.cache_path
    assert compute_membership_strengths.stats.cache_path
