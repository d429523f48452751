import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.crosswalk.pseudo_themes import Pools


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def by_hand(pools, vectors, owner, barred):
    """Fit each pool's first admissible phrases to each part, in the plainest way."""
    found = np.empty((len(vectors), len(pools.places)))
    for row, (vector, own) in enumerate(zip(vectors, owner, strict=True)):
        for column, pool in enumerate(pools.places):
            outside = [place for place in pool if not barred[place] and pools.source[place] != own]
            if len(outside) < pools.n_phrases:
                outside = [place for place in pool if pools.source[place] != own]
            cosines = sorted(
                (float(pools.vectors[place] @ vector) for place in outside[: pools.n_phrases]), reverse=True
            )
            count = max(min(pools.nearest_phrases, pools.n_phrases, pools.places.shape[1] - 1), 1)
            # A pool that holds the comment alone has nothing to say: as far off as can be.
            found[row, column] = np.mean((cosines + [-1.0] * count)[:count])
    return found


@given(
    seed=st.integers(0, 10_000),
    n_drawn=st.integers(2, 30),
    n_phrases=st.integers(1, 12),
    nearest_phrases=st.integers(1, 5),
    share_barred=st.sampled_from([0.0, 0.3, 0.9, 1.0]),
)
def test_fits_are_those_of_each_pools_first_admissible_phrases(seed, n_drawn, n_phrases, nearest_phrases, share_barred):
    rng = np.random.default_rng(seed)
    places = np.stack([rng.choice(n_drawn, min(n_phrases + 4, n_drawn), replace=False) for _ in range(7)])
    pools = Pools(
        places, unit(rng.normal(size=(n_drawn, 6))), rng.integers(0, 12, n_drawn), n_phrases, nearest_phrases
    )  # fmt: skip
    vectors, owner = unit(rng.normal(size=(15, 6))), rng.integers(0, 40, 15)
    barred = rng.random(n_drawn) < share_barred
    found = np.vstack([fits for _, fits in pools.fits(vectors, owner, barred)])
    np.testing.assert_allclose(found, by_hand(pools, vectors, owner, barred), atol=1e-6)


def test_rows_come_in_order_and_all_of_them():
    rng = np.random.default_rng(0)
    vectors = unit(rng.normal(size=(2_500, 6)))
    pools = Pools(np.array([[0, 1, 2]]), vectors[:3], np.arange(3), 2, 1)
    rows = [part for part, _ in pools.fits(vectors, np.arange(2_500), np.zeros(3, dtype=bool))]
    assert np.concatenate([np.arange(2_500)[part] for part in rows]).tolist() == list(range(2_500))


def test_parts_and_pools_of_nothing_are_no_trouble():
    pools = Pools(np.zeros((3, 1), dtype=np.int64), unit(np.ones((1, 4))), np.zeros(1, dtype=np.int64), 5, 2)
    nobody = np.zeros(1, dtype=bool)
    assert list(pools.fits(np.zeros((0, 4), dtype=np.float32), np.zeros(0, dtype=np.int64), nobody)) == []
    ((_, fits),) = pools.fits(unit(np.ones((2, 4))), np.array([7, 8]), nobody)
    assert fits == pytest.approx(np.ones((2, 3)))
