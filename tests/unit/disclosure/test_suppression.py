"""The promise of the engine, attacked by linear programmes over random tables."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.disclosure.counts import are_thin
from pipeline.disclosure.rules import Rules
from pipeline.disclosure.suppression import DEAR, KNOWN, NEVER_SHOWN, Ledger

RULES = Rules(suppress_below=4, round_to=1, smallest_base=0)


def roles(hopeful, total_cost=KNOWN):
    """The attack of the module's docstring: hopeful comments by role, with their total."""
    ledger = Ledger()
    ledger.add(("total",), sum(hopeful.values()), total_cost)
    keys = [ledger.add((role,), number) for role, number in hopeful.items()]
    ledger.equate(("total",), keys)
    return ledger


def test_a_small_count_takes_another_with_it_that_it_cannot_be_subtracted_from():
    ledger = roles({"nurses": 25, "doctors": 17, "managers": 3})
    assert ledger.suppressed(RULES) == {("managers",), ("doctors",)}


def test_two_small_counts_that_may_be_one_another_need_no_third():
    ledger = roles({"nurses": 25, "doctors": 3, "managers": 2, "others": 3})
    assert ledger.suppressed(RULES) == {("managers",), ("doctors",), ("others",)}


def test_nothing_is_hidden_where_nothing_is_small():
    assert roles({"nurses": 25, "doctors": 17, "managers": 4, "nobody": 0}).suppressed(RULES) == set()


def test_a_total_that_can_be_hidden_is_kept_while_a_cell_will_do():
    assert ("total",) not in roles({"nurses": 25, "doctors": 17, "managers": 3}, DEAR).suppressed(RULES)


def test_zeros_are_hidden_where_they_would_give_a_count_away():
    """All comments with the entry are in one group of three, and the rest of that group is none."""
    ledger = Ledger()
    ledger.add(("base",), 20, KNOWN)
    ledger.add(("has",), 18)
    ledger.add(("has not",), 2)
    ledger.equate(("base",), [("has",), ("has not",)])
    assert ledger.suppressed(RULES) == {("has",), ("has not",)}
    alone = roles({"nurses": 2, "doctors": 0, "managers": 0}, total_cost=DEAR)
    assert ("total",) in alone.suppressed(RULES)


def test_what_a_count_lacks_to_its_base_is_a_count_too():
    ledger = Ledger()
    ledger.add(("base",), 40, KNOWN)
    ledger.add(("hopeful",), 38)
    ledger.split(("base",), [("hopeful",)], ("not hopeful",))
    assert ledger.suppressed(RULES) == {("hopeful",)}


def test_what_was_chosen_is_hidden_and_its_sums_with_it():
    ledger = roles({"nurses": 25, "doctors": 17, "managers": 9})
    ledger.suppress_too([("nurses",)])
    assert ledger.suppressed(RULES) == {("nurses",)}


def shared_out(*counts):
    """Ten comments, as everyone knows, of which each is in one count."""
    ledger = Ledger()
    ledger.add(("base",), sum(counts), KNOWN)
    cells = [ledger.add(("cell", place), number) for place, number in enumerate(counts)]
    ledger.equate(("base",), cells)
    return ledger, cells


def test_that_no_zero_is_shown_does_not_tell_where_every_zero_is_hidden():
    ledger, cells = shared_out(2, 2, 2, 2, 2)
    assert ledger.ranges(set(cells), Rules())[cells[0]] == pytest.approx((1, 6))
    ledger.hide_zeros(cells)
    assert ledger.suppressed(Rules()) == set(cells)
    assert ledger.ranges(set(cells), Rules())[cells[0]] == pytest.approx((0, 10))


def test_where_every_zero_is_hidden_one_is_that_need_not_be():
    ledger, cells = shared_out(6, 2, 1, 1, 0)
    assert cells[-1] not in ledger.suppressed(Rules())
    ledger.hide_zeros(cells)
    assert ledger.suppressed(Rules()) == set(cells)


def test_a_group_is_thin_where_each_entry_may_have_a_comment_and_none_seven():
    assert are_thin(10, 5, Rules())
    assert not are_thin(11, 5, Rules())


TABLES = st.tuples(st.integers(2, 4), st.integers(2, 4)).flatmap(
    lambda shape: st.lists(st.integers(0, 9), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda cells: np.array(cells).reshape(shape)
    )
)


@given(table=TABLES, totals=st.sampled_from([KNOWN, DEAR, NEVER_SHOWN]), overlapping=st.booleans())
def test_from_all_that_is_shown_a_small_count_can_be_anything_that_is_small(table, totals, overlapping):
    """Rows are groups with known bases, columns entries with totals; the intruder knows all that is shown exactly."""
    ledger, cells = Ledger(), {}
    for (row, column), number in np.ndenumerate(table):
        cells[row, column] = ledger.add(("cell", row, column), number)
    for row, line in enumerate(table):
        base = ledger.add(("base", row), line.sum() + (10 if overlapping else 0), KNOWN)
        of_row = [cells[row, column] for column in range(table.shape[1])]
        if overlapping:
            for key in of_row:
                ledger.split(base, [key], ("but", key), limit=ledger.value(base) + 1)
        else:
            ledger.equate(base, of_row)
    for column in range(table.shape[1]):
        total = ledger.add(("total", column), table[:, column].sum(), totals)
        ledger.equate(total, [cells[row, column] for row in range(table.shape[0])])
    hidden = ledger.suppressed(RULES)
    assert all(key in hidden for key in cells.values() if 0 < ledger.value(key) < RULES.suppress_below)
    for key, (low, high) in ledger.ranges(hidden, RULES).items():
        if key[0] != "cell":
            continue
        # Where every cell that is tied to it is hidden, what is left is known from elsewhere.
        tied = [other for place, other in cells.items() if not overlapping or place[1] == key[2]]
        if all(other in hidden for other in tied):
            continue
        assert low <= 1 + 1e-6, (key, low)
        assert high >= RULES.suppress_below - 1 - 1e-6, (key, high)


def test_the_audit_says_how_far_an_intruder_gets():
    ledger = roles({"nurses": 25, "doctors": 17, "managers": 3})
    alone = ledger.ranges({("managers",)}, RULES)
    assert alone[("managers",)] == pytest.approx((3, 3))
    both = ledger.ranges({("managers",), ("doctors",)}, RULES)
    assert both[("managers",)] == pytest.approx((1, 19))
