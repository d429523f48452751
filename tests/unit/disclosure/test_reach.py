import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.disclosure.reach import Sums, hide_within_reach
from scipy import optimize
from scipy.sparse import csr_array

LIMIT = 4


def sums(of_cells, cells, *, known, cost=None, lowest=None):
    of_cells = np.asarray(of_cells, dtype=np.float64)
    return Sums(
        of_cells=csr_array(of_cells),
        counts=of_cells @ np.asarray(cells, dtype=np.float64),
        lowest=np.zeros(of_cells.shape[1]) if lowest is None else np.asarray(lowest, dtype=np.float64),
        known=np.asarray(known, dtype=bool),
        cost=np.ones(len(of_cells)) if cost is None else np.asarray(cost, dtype=np.float64),
    )


def flags(*values):
    return np.array(values, dtype=bool)


# A total, its three parts.
PARTS = [[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_a_part_that_the_others_tell_makes_the_cheapest_of_them_go():
    of = sums(PARTS, [2, 30, 40], known=[1, 0, 0, 0], cost=[9, 9, 5, 1])
    shown = hide_within_reach(of, flags(0, 0, 1, 1), flags(0, 1, 0, 0), LIMIT)
    assert shown.tolist() == [False, False, True, False]


def test_what_tells_nothing_stays():
    # Two of four parts are left out.
    of = sums([[1, 1, 1, 1], *([*row, 0] for row in PARTS)], [2, 30, 40, 9], known=[1, 0, 0, 0, 0])
    shown = hide_within_reach(of, flags(0, 0, 0, 1, 1), flags(0, 0, 1, 0, 0), LIMIT)
    assert shown.tolist() == [False, False, False, True, True]


def test_what_is_known_anyway_is_no_reason_to_leave_out_more():
    # The total and two parts are known: the third is 2 whatever is shown.
    of = sums([*PARTS, [0, 1, 1]], [2, 30, 40], known=[1, 0, 1, 1, 0])
    shown = hide_within_reach(of, flags(0, 0, 0, 0, 1), flags(0, 1, 0, 0, 0), LIMIT)
    assert shown.tolist() == [False, False, False, False, True]


def test_a_count_must_be_able_to_be_large_too():
    # Of five, three are shown to be elsewhere at least: the small one cannot be three.
    of = sums([[1, 1, 1], [0, 1, 0], [1, 0, 0]], [1, 3, 1], known=[1, 0, 0])
    shown = hide_within_reach(of, flags(0, 1, 0), flags(0, 0, 1), LIMIT)
    assert shown.tolist() == [False, False, False]


def test_a_cell_that_is_known_to_be_there_counts():
    # The other cell is at least one, and the two are three: the small one cannot be three.
    told = [[1, 1, 0], [1, 0, 0], [1, 1, 1]]
    assert not hide_within_reach(
        sums(told, [2, 1, 9], known=[0, 0, 1], lowest=[0, 1, 0]), flags(1, 0, 0), flags(0, 1, 0), LIMIT
    ).any()
    assert hide_within_reach(sums(told, [2, 1, 9], known=[0, 0, 1]), flags(1, 0, 0), flags(0, 1, 0), LIMIT)[0]


def test_what_cannot_be_found_out_is_left_out(monkeypatch):
    of = sums(PARTS, [2, 30, 40], known=[1, 0, 0, 0])
    failed = optimize.OptimizeResult(success=False, status=4)
    monkeypatch.setattr(optimize, "linprog", lambda *_, **__: failed)
    assert not hide_within_reach(of, flags(0, 0, 1, 1), flags(0, 1, 0, 0), LIMIT).any()


def ends(row, told, of):
    """Return the least and the most that a count can be."""
    found = []
    for sign in (1, -1):
        solved = optimize.linprog(
            sign * of.of_cells[[row]].toarray()[0], A_eq=of.of_cells[np.flatnonzero(told)],
            b_eq=of.counts[told], bounds=[(low, None) for low in of.lowest], method="highs",
        )  # fmt: skip
        assert solved.success
        found.append(sign * solved.fun)
    return found


tables = st.integers(3, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.sampled_from([0, 0, 1, 1, 2, 3, 5, 20]), min_size=n, max_size=n),
        st.lists(st.lists(st.booleans(), min_size=n, max_size=n), min_size=1, max_size=8),
        st.integers(0, 2),
    )
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_small_counts_are_as_free_as_what_is_known_lets_them_be(made):
    cells, rows, n_known = made
    of_cells = np.array([[True] * len(cells), *rows], dtype=np.float64)
    known = np.arange(len(of_cells)) <= n_known
    of = sums(of_cells, cells, known=known, lowest=np.minimum(cells, 1) * (np.arange(len(cells)) % 2))
    small = (of.counts > 0) & (of.counts < LIMIT)
    before = ~small & ~known
    shown = hide_within_reach(of, before, small, LIMIT)
    assert not (shown & ~before).any()
    for row in np.flatnonzero(small):
        (least, most), (at_least, at_most) = ends(row, known | shown, of), ends(row, known, of)
        assert least <= max(at_least, 1) + 1e-6
        assert most >= min(at_most, LIMIT - 1) - 1e-6
