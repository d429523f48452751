import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.disclosure.rounding import Rules, protect_counts
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array

EXACT = Rules(suppress_below=8, round_to=1, smallest_base=0)


def table(*rows):
    return pd.DataFrame([list(row) for row in rows])


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, 5), (7, 5), (8, 10), (12, 10), (13, 15), (102, 100)])
def test_counts_are_rounded_to_the_nearest_five_and_never_to_nothing(count, shown):
    assert Rules().rounded(np.array([float(count)]))[0] == shown


def test_halves_are_rounded_up():
    assert Rules(round_to=10).rounded(np.array([15.0, 25.0])).tolist() == [20, 30]


@pytest.mark.parametrize("wrong", [{"suppress_below": -1}, {"round_to": 0}, {"smallest_base": -1}])
def test_rules_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="start at 0"):
        Rules(**wrong)


def test_a_small_count_alone_is_left_out_without_totals():
    found = protect_counts(table([3, 40], [50, 60]), totals="none", rules=Rules())
    assert found.suppressed.to_numpy().tolist() == [[True, False], [False, False]]
    assert found.shown.loc[1].tolist() == [50, 60]
    assert found.row_totals.isna().all()
    assert found.total is None


def test_with_row_totals_a_second_cell_of_the_row_goes():
    found = protect_counts(table([3, 40], [50, 60]), totals="rows", rules=Rules())
    assert found.suppressed.to_numpy().tolist() == [[True, True], [False, False]]
    assert found.row_totals.tolist() == [45, 110]


def test_with_totals_both_ways_a_rectangle_goes():
    found = protect_counts(table([3, 40], [50, 60]), totals="both", rules=Rules())
    assert found.suppressed.all(axis=None)
    assert found.row_totals.tolist() == [45, 110]
    assert found.column_totals.tolist() == [55, 100]
    assert found.total == 155


def test_two_small_counts_whose_total_would_tell_them_need_a_third():
    # Two cells that add up to 2 are 1 and 1.
    found = protect_counts(table([1, 1, 30, 40]), totals="rows", rules=EXACT)
    assert found.suppressed.to_numpy().tolist() == [[True, True, True, False]]


def test_zero_is_shown_and_no_small_count_hides_behind_it():
    found = protect_counts(table([0, 3, 0], [20, 30, 40]), totals="both", rules=EXACT)
    assert not found.suppressed.to_numpy()[0, [0, 2]].any()
    assert found.shown.loc[0, 0] == 0
    assert found.suppressed.loc[0, 1]
    assert pd.isna(found.row_totals[0])


def test_a_row_below_the_smallest_base_is_left_out():
    found = protect_counts(table([9, 0], [50, 60]), totals="rows", rules=Rules())
    assert pd.isna(found.row_totals[0])
    assert found.suppressed.loc[0, 0]
    assert found.shown.loc[0, 1] == 0


def test_idle_rules_change_nothing():
    counts = table([1, 0, 2], [3, 9, 100])
    found = protect_counts(counts, totals="both", rules=Rules(suppress_below=1, round_to=1, smallest_base=0))
    pd.testing.assert_frame_equal(found.shown, counts, check_dtype=False)
    assert found.row_totals.tolist() == [3, 112]
    assert found.total == 115
    assert not found.suppressed.any(axis=None)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1)])
def test_tables_of_nothing_and_of_one_cell(shape):
    counts = pd.DataFrame(np.full(shape, 3, dtype=int))
    before = counts.copy()
    found = protect_counts(counts, totals="both", rules=Rules())
    assert found.shown.shape == shape
    assert found.suppressed.to_numpy().all()
    pd.testing.assert_frame_equal(counts, before)


@pytest.mark.parametrize("wrong", [-1, None])
def test_what_is_no_count_is_refused(wrong):
    with pytest.raises(ValueError, match="missing or negative"):
        protect_counts(table([3, wrong]), totals="both", rules=Rules())


# What a reader can work out.


def known_ranges(found, rules, totals):
    """Between which values everything lies that is left out, for a reader who knows the rules and rounding."""
    n_rows, n_columns = found.shown.shape
    whole = np.full((n_rows + 1, n_columns + 1), np.nan)
    whole[:-1, :-1] = found.shown.to_numpy(dtype=float, na_value=np.nan)
    whole[:-1, -1] = found.row_totals.to_numpy(dtype=float, na_value=np.nan)
    whole[-1, :-1] = found.column_totals.to_numpy(dtype=float, na_value=np.nan)
    whole[-1, -1] = np.nan if found.total is None else found.total
    spread = (rules.round_to - 1) // 2
    assert rules.round_to % 2
    low = np.where(whole > 0, np.maximum(whole - spread, max(1, rules.suppress_below)), 0)
    high = np.where(whole > 0, whole + spread, 0)
    unknown = np.isnan(whole)
    low[unknown], high[unknown] = 0, np.inf
    low[:-1, :-1][found.suppressed] = 1
    return low, high


def worked_out(found, rules, totals):
    """Lowest and highest possible value of each inner cell left out, by linear programmes over the inner cells."""
    low, high = known_ranges(found, rules, totals)
    n_rows, n_columns = found.shown.shape
    sums = np.zeros((n_rows + n_columns + 1, n_rows * n_columns))
    for row, column in itertools.product(range(n_rows), range(n_columns)):
        sums[[row, n_rows + column, -1], row * n_columns + column] = 1
    ends = [np.concatenate([end[:-1, -1], end[-1, :-1], end[-1:, -1]]) for end in (low, high)]
    finite = np.isfinite(ends[1])
    conditions = csr_array(np.vstack([-sums, sums[finite]]))
    right = np.concatenate([-ends[0], ends[1][finite]])
    wanted = np.flatnonzero(found.suppressed.to_numpy())
    size = n_rows * n_columns
    aims = [(cell, sign) for cell in wanted for sign in (1.0, -1.0)]
    if not aims:
        return {}
    goal = np.zeros(size * len(aims))
    for number, (cell, sign) in enumerate(aims):
        goal[number * size + cell] = sign
    cap = 10_000
    bounds = np.column_stack([low[:-1, :-1].ravel(), np.minimum(high[:-1, :-1].ravel(), cap)])
    solved = linprog(
        goal, A_ub=block_diag([conditions] * len(aims)), b_ub=np.tile(right, len(aims)),
        bounds=np.tile(bounds, (len(aims), 1)), method="highs",
    )  # fmt: skip
    assert solved.success, solved.message
    values = solved.x.reshape(len(aims), size)
    return {
        divmod(int(cell), n_columns): (values[2 * number, cell], values[2 * number + 1, cell])
        for number, cell in enumerate(wanted)
    }


COUNT = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 60))
SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 4))


@st.composite
def tables(draw):
    n_rows, n_columns = draw(SHAPES)
    return pd.DataFrame([[draw(COUNT) for _ in range(n_columns)] for _ in range(n_rows)])


@given(counts=tables(), totals=st.sampled_from(["both", "rows", "columns", "none"]), round_to=st.sampled_from([1, 5]),
       below=st.sampled_from([3, 8]), base=st.sampled_from([0, 10]))  # fmt: skip
@settings(max_examples=1200, deadline=None)
def test_no_small_count_can_be_worked_out_from_rows_columns_and_totals(counts, totals, round_to, below, base):
    rules = Rules(suppress_below=below, round_to=round_to, smallest_base=base)
    found = protect_counts(counts, totals=totals, rules=rules)
    values = counts.to_numpy()
    small = (values > 0) & (values < below)
    assert (found.suppressed.to_numpy() >= small).all()
    assert not found.suppressed.to_numpy()[values == 0].any()
    shown = found.shown.to_numpy(dtype=float, na_value=np.nan)
    assert (np.isnan(shown) == found.suppressed.to_numpy()).all()
    ranges = worked_out(found, rules, totals)
    for row, column in zip(*np.nonzero(small), strict=True):
        low, high = ranges[row, column]
        assert low <= 1 + 1e-6
        assert high >= below - 1 - 1e-6
    rows = values.sum(axis=1)
    if totals in ("rows", "both"):
        assert found.row_totals.isna()[(rows > 0) & (rows < max(below, base))].all()


@given(cells=st.lists(st.integers(0, 6), min_size=4, max_size=4))
@settings(max_examples=100, deadline=None)
def test_trying_every_small_table_leaves_every_small_count_possible(cells):
    """No linear programme here: every table of two by two that shows the same is listed."""
    rules = Rules(suppress_below=3, round_to=1, smallest_base=0)
    counts = table(cells[:2], cells[2:])
    found = protect_counts(counts, totals="both", rules=rules)
    tried = np.array(list(itertools.product(range(13), repeat=4)))
    one, two, three, four = tried.T
    whole = np.column_stack([tried, one + two, three + four, one + three, two + four, tried.sum(axis=1)])
    total = pd.NA if found.total is None else found.total
    seen = pd.array([*found.shown.to_numpy().ravel(), *found.row_totals, *found.column_totals, total], dtype="Int64")
    shown = ~seen.isna()
    alike = (whole[:, shown] == seen[shown].to_numpy(dtype=int)).all(axis=1)
    alike &= (tried[:, found.suppressed.to_numpy().ravel()] >= 1).all(axis=1)
    possible = tried[alike]
    small = counts.to_numpy().ravel()
    for place in np.flatnonzero((small > 0) & (small < 3)):
        assert {1, 2} <= set(possible[:, place].tolist())
