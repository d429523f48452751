import math

import pandas as pd
import pytest

from pipeline.crosswalk.agreement import (
    NO_THEME,
    class_agreement,
    code_to_theme,
    codes_to_themes,
    partition_agreement,
)  # fmt: skip


@pytest.mark.parametrize("code", ["equipment", "EQUIPMENT", " Equipment that works ", "equipment THAT works"])
def test_a_code_names_a_theme_by_id_or_by_name(code, codebook):
    assert code_to_theme(code, codebook.themes) == "equipment"


@pytest.mark.parametrize("code", ["equip", "other", "7"])
def test_a_code_outside_the_codebook_is_no_theme(code, codebook):
    assert code_to_theme(code, codebook.themes) == NO_THEME


def test_an_empty_cell_is_no_decision(codebook):
    codes = codes_to_themes(pd.Series(["", "  ", "funding", "other"]), codebook.themes)
    assert codes.tolist() == ["", "", "funding", NO_THEME]


def test_measures_are_those_of_a_worked_example():
    reference = ["a", "a", "a", "b", "b", "c"]
    candidate = ["a", "a", "b", "b", "c", "c"]
    measures = class_agreement(reference, candidate, ["a", "b", "c"])
    assert measures["accuracy"] == pytest.approx(4 / 6)
    # F1: a 2*1*(2/3)/(1+2/3) = 0.8; b 0.5; c 2/3.
    assert measures["macro_f1"] == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    # Chance: (3*2 + 2*2 + 1*2) / 36 = 1/3.
    assert measures["cohen_kappa"] == pytest.approx((4 / 6 - 1 / 3) / (1 - 1 / 3))
    assert "accuracy_either" not in measures


def test_a_class_that_nobody_used_counts_as_zero_in_macro_f1():
    assert class_agreement(["a", "b"], ["a", "b"], ["a", "b", "c", "d"])["macro_f1"] == pytest.approx(0.5)


def test_a_second_code_counts_where_it_agrees():
    measures = class_agreement(["a", "a", "b"], ["b", "a", "c"], ["a", "b", "c"], also=["b", "", ""])
    assert measures["accuracy"] == pytest.approx(1 / 3)
    assert measures["accuracy_either"] == pytest.approx(2 / 3)


def test_kappa_is_missing_where_there_is_no_chance_to_correct_for():
    assert math.isnan(class_agreement(["a", "a"], ["a", "a"], ["a", "b"])["cohen_kappa"])


def test_partitions_agree_whatever_they_are_called():
    measures = partition_agreement(["x", "x", "y", "y", "z", "z"], [5, 5, 0, 0, -1, -1])
    assert measures["ami"] == pytest.approx(1)
    assert measures["ari"] == pytest.approx(1)
    crossed = partition_agreement(["x", "x", "y", "y"], [0, 1, 0, 1])
    assert crossed["ari"] < 0.01
