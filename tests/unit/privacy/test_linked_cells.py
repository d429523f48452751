import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.privacy.linked_cells import cells_to_hide
from pipeline.privacy.rounding import Rules


def counts_of(rows, entries=("x", "y")):
    return pd.DataFrame(rows, columns=list(entries), index=[f"g{number}" for number in range(len(rows))])


def test_a_small_count_of_one_group_takes_another_groups_with_it():
    found = cells_to_hide(counts_of([[3, 90], [40, 80], [50, 70]]), pd.Series([200, 200, 200.0]), summed=True,
                          rules=Rules())  # fmt: skip
    assert found["x"].sum() == 2
    assert found.loc["g0", "x"]
    assert not found["y"].any()


def test_without_totals_of_all_groups_a_small_count_stands_alone():
    found = cells_to_hide(counts_of([[3, 90], [40, 80]]), pd.Series([200.0, 300]), summed=False, rules=Rules())
    assert found.to_numpy().tolist() == [[True, False], [False, False]]


def test_entries_that_add_up_to_the_base_take_one_another():
    found = cells_to_hide(counts_of([[3, 40, 57]], "xyz"), pd.Series([100.0]), summed=False, rules=Rules())
    assert found.to_numpy().sum() == 2


def test_an_entry_that_combines_two_does_not_give_one_of_them_away():
    found = cells_to_hide(counts_of([[43, 3, 40, 57]], ["x or y", "x", "y", "z"]), pd.Series([100.0]), summed=False,
                          rules=Rules())  # fmt: skip
    assert found.loc["g0", "x"]
    assert found.loc["g0", ["x or y", "y"]].any()


def possible(counts, bases, hidden, cell, *, exclusive):
    """Lowest and highest count of a cell for a reader who knows bases and totals, by linear programmes."""
    values, gone = counts.to_numpy(dtype=float), hidden.to_numpy()
    n_groups, n_entries = values.shape
    # Whoever sees a hidden row or column of all entries cannot tell whether a zero is among them.
    bounds = [(0, bases.iloc[row]) if gone[row, column] else (values[row, column],) * 2
              for row in range(n_groups) for column in range(n_entries)]  # fmt: skip
    sums = np.zeros((n_entries, values.size))
    for column in range(n_entries):
        sums[column, column::n_entries] = 1
    right = values.sum(axis=0)
    if exclusive:
        rows = np.kron(np.eye(n_groups), np.ones(n_entries))
        sums, right = np.vstack([sums, rows]), np.append(right, values.sum(axis=1))
    ends = []
    for sign in (1, -1):
        goal = np.zeros(values.size)
        goal[cell[0] * n_entries + cell[1]] = sign
        solved = linprog(goal, A_eq=sums, b_eq=right, bounds=bounds)
        assert solved.success
        ends.append(sign * solved.fun)
    return ends


@given(rows=st.lists(st.lists(st.one_of(st.integers(0, 9), st.integers(10, 60)), min_size=3, max_size=3), min_size=1,
                     max_size=4), exclusive=st.booleans())  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_no_small_count_of_a_group_can_be_worked_out_from_bases_and_totals(rows, exclusive):
    counts = counts_of(rows, "xyz")
    bases = counts.sum(axis=1).astype(float) + (0 if exclusive else 15)
    counts, bases = counts[bases >= 10], bases[bases >= 10]
    hidden = cells_to_hide(counts, bases, summed=True, rules=Rules())
    values = counts.to_numpy()
    small = (values > 0) & (values < 8)
    assert (hidden.to_numpy() >= small).all()
    if hidden.all(axis=None):
        return
    for row, column in zip(*np.nonzero(small), strict=True):
        if 0 < values[:, column].sum() < 8:
            continue
        low, high = possible(counts, bases, hidden, (row, column), exclusive=exclusive)
        assert low <= 1 + 1e-6
        assert high >= min(7, bases.iloc[row]) - 1e-6
