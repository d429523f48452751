import numpy as np
import pandas as pd
import pytest

from pipeline.account.estimates import corrected_estimates
from pipeline.account.readings import (
    CODED,
    CORRECTED,
    UNCHECKED,
    outlook_reading,
    reading_of,
    theme_reading,
    unused_codes,
)
from pipeline.codebook.codes import Coder

THEMES = ("funding", "equipment", "direction")


def coder(main, *further, name="ada", outlook=None, **how):
    mood = None if outlook is None else pd.Series(outlook)
    return Coder(name, pd.Series(main), tuple(map(pd.Series, further)), mood, **how)


def machine(n):
    return pd.DataFrame({theme: [theme == "funding"] * n for theme in THEMES})


def correct(codes, coders):
    n = len(codes)
    return corrected_estimates(
        codes, pd.DataFrame(index=codes.index), pd.Series(["funding"] * n), None, pd.Series([""] * n), beyond=False,
        seed=1, coders=coders,
    )  # fmt: skip


def everyone(reading):
    n = len(reading.carried)
    return reading.shares(np.ones(n, dtype=bool), pd.Series([""] * n)).set_index("entry")


def test_codes_of_all_comments_take_the_machines_place(codebook):
    reading = theme_reading(machine(3), [coder(["equipment", "weather", "direction"], ["funding", "", ""])], codebook)
    assert (reading.kind, reading.by, reading.leading) == (CODED, "ada", "ada")
    assert reading.carried.to_numpy().tolist() == [[True, True, False], [False] * 3, [False, False, True]]


@pytest.mark.parametrize(
    "coders", [[], [coder(["funding", ""])], [coder(["funding", " "])], [coder(["equipment", ""], sample="random")]]
)
def test_where_not_all_comments_are_coded_the_machines_reading_is_unchecked(coders, codebook):
    reading = theme_reading(machine(2), coders, codebook)
    assert (reading.kind, reading.by, reading.leading) == (UNCHECKED, "", "")
    assert reading.carried.equals(machine(2))
    assert everyone(reading)[["low", "high", "effective"]].isna().all(axis=None)
    assert everyone(reading)["share"].tolist() == [1, 0, 0]


def test_people_go_before_models_and_both_are_named(codebook):
    models = [coder(["direction"] * 2, name=name, kind="model") for name in ("one", "two")]
    assert theme_reading(machine(2), models, codebook).by == "one and two (language models)"
    assert theme_reading(machine(2), models[:1], codebook).by == "one (a language model)"
    reading = theme_reading(machine(2), [*models, coder(["equipment"] * 2)], codebook)
    assert (reading.by, len(reading.others)) == ("ada", 0)
    assert reading.carried["equipment"].all()


def test_an_outlook_may_be_coded_where_themes_are_not(codebook):
    outlook = codebook.facet("outlook")
    by_machine = pd.DataFrame({entry.id: [False, False] for entry in outlook.themes})
    ada = coder(["", ""], outlook=["Positive", "unclear"])
    reading = outlook_reading(by_machine, [ada], outlook)
    assert (reading.kind, reading.carried["positive"].tolist()) == (CODED, [True, False])
    assert not reading.carried.iloc[1].any()
    assert outlook_reading(by_machine, [coder(["", ""])], outlook).kind == UNCHECKED


def test_coders_who_differ_make_the_interval_wider(codebook):
    ada, ben = coder(["funding"] * 30 + ["equipment"] * 70), coder(["funding"] * 40 + ["equipment"] * 60, name="ben")
    alone, alike, apart = (
        everyone(theme_reading(machine(100), coders, codebook)).loc["funding"]
        for coders in ([ada], [ada, coder(ada.main, name="ben")], [ada, ben])
    )
    assert alone["share"] == alike["share"] == apart["share"] == 0.3
    assert alike["effective"] == pytest.approx(alone["effective"])
    assert apart["high"] - apart["low"] > alone["high"] - alone["low"]


def test_an_entry_that_only_the_other_coder_saw_has_no_absurd_interval(codebook):
    ben = coder(["direction"] * 2 + ["funding"] * 98, name="ben")
    row = everyone(theme_reading(machine(100), [coder(["funding"] * 100), ben], codebook)).loc["direction"]
    assert row["share"] == 0
    assert row["high"] < 0.15


@pytest.mark.slow
def test_with_two_coders_the_interval_covers_the_share_that_coders_would_give_on_average(codebook):
    """Coders' rates of the theme vary around a mean of 0.3; one coder's own interval misses it far more often."""
    rng, covered = np.random.default_rng(2), {1: 0, 2: 0}
    for _ in range(400):
        rates = np.clip(0.3 + 0.06 * rng.standard_normal(2), 0.01, 0.99)
        coders = [
            coder(np.where(rng.random(300) < rate, "funding", "equipment").tolist(), name=f"c{place}")
            for place, rate in enumerate(rates)
        ]
        for many in covered:
            row = everyone(theme_reading(machine(300), coders[:many], codebook)).loc["funding"]
            covered[many] += row["low"] <= 0.3 <= row["high"]
    assert covered[1] / 400 < 0.7
    # Two coders say little of how far coders vary: the interval is better, and still too short.
    assert covered[2] / 400 > covered[1] / 400 + 0.05


def test_the_kind_of_a_table_is_read_from_its_rows():
    table = pd.DataFrame({"reading": [CODED, ""], "by": ["ada", ""]})
    assert reading_of(table) == (CODED, "ada")
    assert reading_of(table.iloc[1:]) == (UNCHECKED, "")


def sampled(n, n_coded, share, seed, **how):
    rng = np.random.default_rng(seed)
    codes = np.where(rng.random(n) < share, "equipment", "funding").astype(object)
    codes[rng.permutation(n)[n_coded:]] = ""
    return coder(codes.tolist(), sample="random", **how)


def test_a_random_sample_corrects_the_machine(codebook):
    reading = theme_reading(machine(400), [sampled(400, 100, 0.4, seed=3)], codebook, correct)
    assert (reading.kind, reading.by, reading.leading, reading.n_coded) == (CORRECTED, "ada", "", 100)
    row = everyone(reading).loc["equipment"]
    # The machine says that all is about funding.
    assert row["low"] < 0.4 < row["high"] and row["low"] > 0.2
    assert pd.isna(row["count"])
    together = everyone(reading.any_of(["equipment", "funding"])).loc["any"]
    assert together["share"] == pytest.approx(1)


def test_a_group_with_few_codes_has_no_corrected_share(codebook):
    reading = theme_reading(machine(400), [sampled(400, 100, 0.4, seed=3)], codebook, correct)
    few = reading.shares(np.arange(400) < 30, pd.Series([""] * 400))
    assert few[["share", "low", "high"]].isna().all(axis=None)
    assert everyone(reading)["share"].notna().all()


def test_a_random_sample_of_all_comments_is_coded(codebook):
    reading = theme_reading(machine(400), [sampled(400, 400, 0.4, seed=3)], codebook, correct)
    assert (reading.kind, reading.sample, reading.leading) == (CODED, None, "ada")
    assert everyone(reading)["count"].notna().all()


def test_coders_who_shared_out_all_comments_coded_them(codebook):
    whole = sampled(400, 400, 0.4, seed=3).main
    place = np.arange(400)
    parts = [
        coder(whole.where(place < 250, "").tolist(), sample="random"),
        coder(whole.where(place >= 150, "").tolist(), name="ben", sample="random"),
    ]
    reading = theme_reading(machine(400), parts, codebook, correct)
    assert (reading.kind, reading.by, reading.leading) == (CODED, "ada and ben", "")
    assert reading.carried["equipment"].tolist() == (whole == "equipment").tolist()
    alone = everyone(theme_reading(machine(400), [coder(whole.tolist())], codebook))
    assert everyone(reading)["effective"].tolist() == pytest.approx(alone["effective"].tolist())
    # What divides them where both coded makes the interval wider.
    differing = whole.where(~((place >= 150) & (place < 180)), "direction").where(place >= 150, "")
    apart = theme_reading(machine(400), [parts[0], coder(differing.tolist(), name="ben", sample="random")], codebook)
    assert everyone(apart).loc["equipment", "effective"] < 0.5 * alone.loc["equipment", "effective"]


def test_comments_that_nobody_drew_correct_nothing(codebook):
    drawn = sampled(400, 100, 0.4, seed=3)
    by_choice = Coder(drawn.name, drawn.main, (), None)
    assert theme_reading(machine(400), [by_choice], codebook, correct).kind == UNCHECKED
    assert theme_reading(machine(400), [drawn], codebook).kind == UNCHECKED


def test_a_sample_by_people_goes_before_codes_of_all_by_a_model(codebook):
    model = coder(["direction"] * 400, name="one", kind="model")
    drawn = sampled(400, 100, 0.4, seed=3)
    assert theme_reading(machine(400), [model, drawn], codebook, correct).kind == CORRECTED
    of_model = sampled(400, 100, 0.4, seed=3, kind="model", name="two")
    assert theme_reading(machine(400), [model, of_model], codebook, correct).by == "one (a language model)"


def test_two_coders_of_a_sample_count_by_their_mean_and_widen_the_interval(codebook):
    ada = sampled(400, 100, 0.4, seed=3)
    other = ada.main.where(ada.main != "equipment", "direction")
    alone, apart = (
        everyone(theme_reading(machine(400), coders, codebook, correct))
        for coders in ([ada], [ada, coder(other.tolist(), sample="random", name="ben")])
    )
    assert apart.loc["equipment", "share"] == pytest.approx(alone.loc["equipment", "share"] / 2, abs=0.02)
    width = alone["high"] - alone["low"]
    assert (apart["high"] - apart["low"])["equipment"] > width["equipment"]


def test_groups_are_compared_by_what_was_coded_in_each(codebook):
    reading = theme_reading(machine(400), [sampled(400, 200, 0.4, seed=3)], codebook, correct)
    here = np.arange(400) < 150
    found = reading.compared(here, ~here)
    assert (found["difference_low"] <= 0).all() and (found["difference_high"] >= 0).all()
    assert found["p_value"].between(0, 1).all()
    assert theme_reading(machine(4), [], codebook).compared(here[:4], ~here[:4]).columns.empty


def test_a_coder_whose_codes_count_for_nothing_is_named(codebook):
    some, all_of_them = coder(["funding", ""]), coder(["funding"] * 2, name="ben")
    reading = theme_reading(machine(2), [some], codebook)
    (said,) = unused_codes([reading], [some, coder(["", ""], name="cem"), coder(["funding", ""], sample="random")])
    assert said.startswith("ada left some comments without a code, so that no figure rests on these codes.")
    both = theme_reading(machine(2), [some, all_of_them], codebook)
    assert unused_codes([both], [some, all_of_them]) == []
