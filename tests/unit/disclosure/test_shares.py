import numpy as np
import pandas as pd
import pytest
from pipeline.disclosure.rounding import Rules
from pipeline.disclosure.shares import protect_shares

from pipeline.account.intervals import share_interval
from tests.unit.disclosure.example_tables import IDLE


def shares_of(*pairs):
    rows = [(n, of, n / of, *share_interval(n, of)) for n, of in pairs]
    return pd.DataFrame(rows, columns=["n", "comments", "share", "low", "high"])


def shown_of(*pairs, rules=None, **more):
    return protect_shares(shares_of(*pairs), count="n", base="comments", rules=rules or Rules(), **more)


def test_a_share_is_that_of_rounded_counts_and_its_interval_wilsons_at_them():
    row = shown_of((33, 231)).iloc[0]
    assert (row["n"], row["comments"]) == (35, 230)
    assert row["share"] == pytest.approx(35 / 230)
    assert (row["low"], row["high"]) == pytest.approx(share_interval(35, 230))


@pytest.mark.parametrize(("n", "of", "left_out"), [
    (7, 100, True), (8, 100, False), (0, 100, False), (93, 100, True), (92, 100, False), (100, 100, False),
    (0, 9, True), (0, 10, False),
])  # fmt: skip
def test_small_counts_small_remainders_and_small_bases_are_left_out(n, of, left_out):
    row = shown_of((n, of)).iloc[0]
    assert row["suppressed"] == left_out
    assert row[["n", "share", "low", "high"]].isna().all() == left_out
    assert pd.isna(row["comments"]) == (of < 10)


def test_the_design_effect_of_an_interval_is_kept():
    wide = shares_of((50, 200)).assign(low=share_interval(25, 100)[0], high=share_interval(25, 100)[1])
    row = protect_shares(wide, count="n", base="comments", rules=Rules()).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(share_interval(25, 100))


@pytest.mark.parametrize("n", [0, 1, 20, 39, 40])
def test_rounding_to_one_leaves_figures_as_they_are(n):
    row = shown_of((n, 40), rules=IDLE).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(share_interval(n, 40), abs=1e-9)
    assert not row["suppressed"]


def test_rows_chosen_are_left_out_and_their_tests_with_them():
    frame = shares_of((33, 231), (33, 231)).assign(p_value=0.2)
    before = frame.copy()
    found = protect_shares(
        frame, count="n", base="comments", rules=Rules(), also=["p_value"], hidden=np.array([True, False])
    )
    assert found["suppressed"].tolist() == [True, False]
    assert found["p_value"].isna().tolist() == [True, False]
    pd.testing.assert_frame_equal(frame, before)
