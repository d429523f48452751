import itertools

import numpy as np
import pandas as pd
import pytest

from pipeline.account.agreement import CODED_WITH_THEME, MACHINE_DIRECT
from pipeline.account.resampling import class_measures
from pipeline.disclosure.agreement import is_protected, protect_agreement, shown_learned
from pipeline.disclosure.rules import EXACT, Rules

FREE = np.array([[40, 12, 9, 8], [12, 30, 8, 9], [9, 10, 33, 3], [10, 9, 12, 41]])
"""Four themes: small cells can move to others and leave margins and diagonal as they are."""
SOLVED = np.array([[60, 4], [9, 50]])
"""Two themes: margins and diagonal leave no other table."""


def rows(table=FREE, measures=("accuracy", "macro_f1", "krippendorff_alpha"), *, coder="A", facet="themes", n=None):
    n = int(table.sum()) if n is None else n
    return [
        {"first": coder, "second": MACHINE_DIRECT, "facet": facet, "comments": CODED_WITH_THEME, "measure": measure,
         "value": 0.649007, "low": 0.123, "high": 0.987, "n": n, "cells": table.ravel().tolist(),
         "width": table.shape[1]} for measure in measures
    ]  # fmt: skip


def shown(*groups, base=1000, rules=Rules()):  # noqa: B008
    return protect_agreement(pd.DataFrame([row for group in groups for row in group]), base=base, rules=rules)


def test_figures_have_two_decimals_and_a_rounded_n():
    found = shown(rows(n=253))
    assert found[["value", "low", "high"]].iloc[0].tolist() == [0.65, 0.12, 0.99]
    assert found["n"].iloc[0] == 255
    assert not found["suppressed"].any()


def test_measures_that_together_would_solve_a_small_cell_are_one_with_one_decimal():
    found = shown(rows(SOLVED))
    assert found.loc[~found["suppressed"], "measure"].tolist() == ["macro_f1"]
    assert found.loc[~found["suppressed"], "value"].tolist() == [0.6]
    assert found.loc[found["suppressed"], ["value", "low", "high", "n"]].isna().all(axis=None)


def test_alpha_of_all_coders_is_no_finer_than_that_of_their_pairs():
    together = [row | {"first": "all coders", "second": "", "cells": [], "width": 0}
                for row in rows(measures=("krippendorff_alpha",))]  # fmt: skip
    assert shown(rows(FREE), together)["value"].iloc[-1] == 0.65
    assert shown(rows(SOLVED), together)["value"].iloc[-1] == 0.6


def test_measures_over_few_comments_are_blank():
    found = shown(rows(n=9))
    assert found["suppressed"].all()
    assert found[["value", "low", "high", "n"]].isna().all(axis=None)


@pytest.mark.parametrize(
    "table", [np.diag([20, 30, 1, 1]) + np.eye(4, k=1), np.full((4, 4), 9) - np.diag([8, 8, 8, 8])]
)
def test_a_comparison_in_which_few_agree_or_few_do_not_is_hidden(table):
    assert shown(rows(table.astype(int)))["suppressed"].all()


def test_numbers_of_comments_that_differ_by_few_are_not_both_shown():
    found = shown(
        *(rows(measures=("macro_f1",), coder=coder, n=n) for coder, n in (("A", 453), ("B", 450), ("C", 440)))
    )
    assert found["n"].isna().tolist() == [False, True, False]
    assert found["value"].notna().all()
    assert shown(rows(n=453), base=456)["n"].isna().all()


@pytest.mark.slow
def test_what_is_published_of_two_themes_fits_tables_with_every_small_count():
    """The attack on random tables of two themes: all tables that fit what is published are tried."""
    rules, rng = Rules(), np.random.default_rng(1)
    for _ in range(25):
        table = rng.multinomial(80, rng.dirichlet([6, 1.5, 1.5, 6])).reshape(2, 2)
        small = [place for place in range(4) if 0 < table.flat[place] < 8]
        published = shown(rows(table), rules=rules)
        if not small or published["suppressed"].all():
            continue
        kept = published[~published["suppressed"]]
        assert kept["measure"].tolist() == ["macro_f1"] or is_protected(table.astype(float), rules, square=True)
        value = round(_f1(table), 1)
        seen = {place: set() for place in small}
        for cells in itertools.product(range(1, 90), range(25), range(25)):
            other = np.array([cells[0], cells[1], cells[2], 80 - sum(cells)]).reshape(2, 2)
            if other.min() >= 0 and round(_f1(other), 1) == value:
                for place in small:
                    seen[place].add(int(other.flat[place]))
        assert all(set(range(1, 8)) <= found for found in seen.values())


def _f1(table):
    with np.errstate(invalid="ignore"):
        return float(np.nanmean(2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))))


def test_the_measure_in_that_attack_is_the_programs():
    table = np.array([[30, 5], [9, 36]])
    reference = ["a"] * 35 + ["b"] * 45
    candidate = ["a"] * 30 + ["b"] * 5 + ["a"] * 9 + ["b"] * 36
    assert class_measures(reference, candidate, ["a", "b"], None).values()["macro_f1"] == pytest.approx(_f1(table))


LEARNED = {"comments": 57, "codebook_weight": 0.3, "accuracy_codebook": 23 / 57, "accuracy_learned": 41 / 57,
           "macro_f1_codebook": 0.41234, "macro_f1_learned": 0.7321}  # fmt: skip


def test_what_was_learned_is_said_by_one_measure_to_one_decimal():
    assert shown_learned(LEARNED, Rules()) == {
        "comments": "55", "codebook_weight": 0.3, "accuracy_codebook": None, "accuracy_learned": None,
        "macro_f1_codebook": 0.4, "macro_f1_learned": 0.7,
    }  # fmt: skip


@pytest.mark.parametrize("right", [3, 54])
def test_what_was_learned_is_not_said_where_few_are_right_or_wrong(right):
    assert shown_learned(LEARNED | {"accuracy_learned": right / 57}, Rules())["macro_f1_learned"] is None


def test_what_was_learned_from_few_has_no_figures_and_without_rules_it_is_exact():
    few = shown_learned(LEARNED | {"comments": 9}, Rules())
    assert few["comments"] == "10"
    assert shown_learned(LEARNED | {"comments": 7}, Rules())["comments"] == "not shown"
    assert [few[name] for name in few if name.startswith(("accuracy", "macro"))] == [None] * 4
    assert shown_learned(LEARNED, EXACT) == LEARNED | {"comments": "57"}
    assert shown_learned(None, EXACT) is None
