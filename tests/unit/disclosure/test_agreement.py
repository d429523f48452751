import pandas as pd
import pytest
from pipeline.disclosure.rounding import Rules

from pipeline.account.agreement import CODED_WITH_THEME, MACHINE_DIRECT
from pipeline.disclosure.agreement import protect_agreement, shown_figures, shown_learned
from tests.unit.disclosure.example_tables import IDLE, agreement_rows


def shown(*rows, base=1000):
    return protect_agreement(agreement_rows(*rows), base=base, rules=Rules())


def test_figures_have_two_decimals_and_a_rounded_n():
    row = shown(("A", "macro_f1", 0.649007, 453)).iloc[0]
    assert (row["value"], row["low"], row["high"], row["n"]) == (0.65, 0.12, 0.99, 455)
    assert not row["suppressed"]


def test_measures_over_few_comments_are_blank():
    row = shown(("A", "macro_f1", 0.6, 9)).iloc[0]
    assert row["suppressed"]
    assert row[["value", "low", "high", "n"]].isna().all()


@pytest.mark.parametrize("value", [51 / 53, 3 / 53])
def test_a_comparison_in_which_few_agree_or_few_do_not_is_left_out_with_all_its_measures(value):
    found = shown(("A", "accuracy", value, 53), ("A", "cohen_kappa", 0.9, 53), ("B", "accuracy", 0.5, 100))
    assert found["suppressed"].tolist() == [True, True, False]
    assert found.loc[found["suppressed"], ["value", "low", "high", "n"]].isna().all(axis=None)


def test_where_all_agree_nothing_is_left_out():
    assert not shown(("A", "accuracy", 1.0, 53))["suppressed"].any()


def test_numbers_of_comments_that_differ_by_few_are_not_both_shown():
    found = shown(("A", "macro_f1", 0.6, 453), ("B", "macro_f1", 0.6, 450), ("C", "macro_f1", 0.6, 440))
    assert found["n"].isna().tolist() == [False, True, False]
    assert found["value"].notna().all()
    assert not found["suppressed"].any()


def test_nor_is_one_that_is_nearly_all_that_were_analysed():
    assert shown(("A", "macro_f1", 0.6, 453), base=456)["n"].isna().all()
    assert shown(("A", "macro_f1", 0.6, 453), base=453)["n"].notna().all()


def test_a_table_without_measures_stays_without():
    found = shown()
    assert len(found) == 0
    assert "suppressed" in found


def quoted(table, rules):
    return shown_figures(HEADLINE, table, rules, first="A", second=MACHINE_DIRECT, comments=CODED_WITH_THEME)


HEADLINE = {"coder": "A", "comments": 1453, "accuracy": 0.649007, "accuracy_low": 0.6, "accuracy_high": None}


def test_the_headline_is_what_the_table_shows():
    table = shown(("A", "accuracy", 0.649007, 1453), ("B", "accuracy", 0.5, 100), base=2000)
    assert quoted(table, Rules()) == {
        "coder": "A", "comments": "1,455", "accuracy": 0.65, "accuracy_low": 0.12, "accuracy_high": 0.99
    }  # fmt: skip
    near = shown(("A", "accuracy", 0.649007, 1453), base=1455).assign(low=pd.NA)
    assert quoted(near, Rules()) == {
        "coder": "A", "comments": "not shown", "accuracy": 0.65, "accuracy_low": None, "accuracy_high": 0.99
    }  # fmt: skip


def test_a_headline_that_the_table_leaves_out_is_none():
    assert quoted(shown(("A", "accuracy", 0.5, 9)), Rules()) is None
    assert quoted(shown(("B", "accuracy", 0.5, 100)), Rules()) is None


@pytest.mark.parametrize("rules", [None, IDLE])
def test_without_rules_the_headline_is_exact(rules):
    assert quoted(shown(), rules) == HEADLINE | {"comments": "1,453"}


LEARNED = {"comments": 57, "codebook_weight": 0.3, "accuracy_codebook": 23 / 57, "accuracy_learned": 41 / 57,
           "macro_f1_codebook": 0.41234, "macro_f1_learned": 0.7321}  # fmt: skip


def test_what_was_learned_is_told_by_rounded_counts_and_two_decimals():
    assert shown_learned(LEARNED, Rules()) == {
        "comments": "55", "codebook_weight": 0.3, "accuracy_codebook": 0.45, "accuracy_learned": 0.73,
        "macro_f1_codebook": 0.41, "macro_f1_learned": 0.73,
    }  # fmt: skip


@pytest.mark.parametrize("right", [3, 54])
def test_what_was_learned_is_not_told_where_few_are_right_or_wrong(right):
    found = shown_learned(LEARNED | {"accuracy_learned": right / 57}, Rules())
    assert (found["accuracy_learned"], found["macro_f1_learned"]) == (None, None)
    assert (found["accuracy_codebook"], found["macro_f1_codebook"]) == (0.45, 0.41)


@pytest.mark.parametrize(("n", "said"), [(9, "10"), (7, "fewer than 8")])
def test_what_was_learned_from_few_has_no_figures(n, said):
    found = shown_learned(LEARNED | {"comments": n, "accuracy_codebook": 0.0, "accuracy_learned": 1.0}, Rules())
    assert found["comments"] == said
    assert [found[name] for name in found if name.startswith(("accuracy", "macro"))] == [None] * 4


@pytest.mark.parametrize("rules", [None, IDLE])
def test_without_rules_what_was_learned_is_exact(rules):
    assert shown_learned(LEARNED, rules) == LEARNED | {"comments": "57"}
    assert shown_learned(None, rules) is None
