import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline.disclosure.linked_cells import cells_to_hide
from pipeline.disclosure.rounding import Rules
from scipy.optimize import linprog


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


def test_what_entries_lack_to_the_base_is_not_worked_out():
    # Of one topic each: three comments are in none.
    found = cells_to_hide(counts_of([[60, 37]]), pd.Series([100.0]), summed=False, rules=Rules())
    assert found.to_numpy().sum() == 1
    many = cells_to_hide(counts_of([[60, 32]]), pd.Series([100.0]), summed=False, rules=Rules())
    assert not many.any(axis=None)


def test_entries_of_which_a_comment_may_carry_several_lack_nothing():
    found = cells_to_hide(counts_of([[60, 37], [60, 50]]), pd.Series([100.0, 100]), summed=True, rules=Rules())
    assert not found.any(axis=None)


def possible(counts, bases, hidden, goal):
    """Lowest and highest value of a sum for a reader who knows bases and totals, by linear programmes.

    After the cells, group by group, come the comments of each group that carry no entry.
    """
    values, gone = counts.to_numpy(dtype=float), hidden.to_numpy()
    n_groups, n_entries = values.shape
    # Whoever sees a hidden row or column of all entries cannot tell whether a zero is among them.
    bounds = [(0, bases.iloc[row]) if gone[row, column] else (values[row, column],) * 2
              for row in range(n_groups) for column in range(n_entries)]  # fmt: skip
    # Where in no group there are comments without an entry, there are to be none.
    lacking = bases - counts.sum(axis=1)
    bounds += [(0, base if lacking.any() else 0) for base in bases]
    sums = np.zeros((n_entries, values.size + n_groups))
    for column in range(n_entries):
        sums[column, np.arange(n_groups) * n_entries + column] = 1
    right = values.sum(axis=0)
    # A small total is left out where the whole is shown.
    known = (right == 0) | (right >= 8)
    sums, right = sums[known], right[known]
    rows = np.hstack([np.kron(np.eye(n_groups), np.ones(n_entries)), np.eye(n_groups)])
    sums, right = np.vstack([sums, rows]), np.append(right, bases)
    ends = []
    for sign in (1, -1):
        aim = np.zeros(values.size + n_groups)
        aim[goal] = sign
        solved = linprog(aim, A_eq=sums, b_eq=right, bounds=bounds)
        assert solved.success
        ends.append(sign * solved.fun)
    return ends


ROWS = st.lists(
    st.tuples(*[st.one_of(st.integers(0, 9), st.integers(10, 60))] * 3, st.one_of(st.just(0), st.integers(0, 12))),
    min_size=1, max_size=4,
)  # fmt: skip


@given(rows=ROWS)
@settings(max_examples=500, deadline=None)
def test_no_small_count_of_a_group_can_be_worked_out_from_bases_and_totals(rows):
    counts = counts_of([row[:3] for row in rows], "xyz")
    lacking = pd.Series([float(row[3]) for row in rows], index=counts.index)
    bases = counts.sum(axis=1) + lacking
    counts, bases, lacking = counts[bases >= 10], bases[bases >= 10], lacking[bases >= 10]
    hidden = cells_to_hide(counts, bases, summed=True, rules=Rules())
    values = counts.to_numpy()
    small = (values > 0) & (values < 8)
    assert (hidden.to_numpy() >= small).all()
    if hidden.all(axis=None):
        return
    for row, column in zip(*np.nonzero(small), strict=True):
        low, high = possible(counts, bases, hidden, row * 3 + column)
        assert low <= 1 + 1e-6
        assert high >= min(7, bases.iloc[row]) - 1e-6
    for row in np.flatnonzero((lacking > 0) & (lacking < 8)):
        low, high = possible(counts, bases, hidden, values.size + row)
        assert low <= 1 + 1e-6
        assert high >= 7 - 1e-6
