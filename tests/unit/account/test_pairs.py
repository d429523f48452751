"""Which themes are said by the same comment."""

import numpy as np
import pandas as pd
import pytest

from pipeline.account.pairs import LESS_OFTEN, MORE_OFTEN, theme_pairs
from pipeline.account.readings import CODED, CORRECTED, UNCHECKED, Reading


def carried(codebook, count=200, seed=0, *, independent=False):
    random = np.random.default_rng(seed)
    has = pd.DataFrame(random.random((count, len(codebook.theme_ids))) < 0.3, columns=list(codebook.theme_ids))
    if not independent:
        first, second, *_ = codebook.theme_ids
        has[second] = has[first] & (random.random(count) < 0.8)
    return has


def nobody(count=200):
    return pd.Series([""] * count)


def test_comments_with_both_are_counted_beside_those_with_either(codebook):
    has = carried(codebook)
    pairs = theme_pairs(Reading(CODED, has), nobody(), codebook)
    assert len(pairs) == len(codebook.themes) * (len(codebook.themes) - 1) // 2
    for row in pairs.to_dict("records"):
        both = (has[row["first"]] & has[row["second"]]).sum()
        assert row["comments"] == both
        assert row["share_of_first"] == pytest.approx(both / has[row["first"]].sum())
        assert row["share_of_second"] == pytest.approx(both / has[row["second"]].sum())
    assert pairs["together"].iloc[0] == MORE_OFTEN


def test_themes_that_shun_one_another_are_said_to(codebook):
    has = carried(codebook)
    first, second, *_ = codebook.theme_ids
    has[second] = ~has[first]
    pairs = theme_pairs(Reading(CODED, has), nobody(), codebook)
    assert pairs["together"].iloc[0] == LESS_OFTEN
    assert pairs["comments"].iloc[0] == 0


@pytest.mark.parametrize("kind", [UNCHECKED, CORRECTED])
def test_what_a_machine_read_is_counted_and_not_tested(codebook, kind):
    pairs = theme_pairs(Reading(kind, carried(codebook)), nobody(), codebook)
    assert set(pairs["reading"]) == {UNCHECKED}
    assert pairs["q_value"].isna().all()
    assert set(pairs["together"]) == {""}


def test_comments_of_one_person_are_not_independent_and_not_tested(codebook):
    people = pd.Series([f"p{n // 2}" for n in range(200)])
    assert theme_pairs(Reading(CODED, carried(codebook)), people, codebook)["p_value"].isna().all()
    each = pd.Series([f"p{n}" for n in range(200)])
    assert theme_pairs(Reading(CODED, carried(codebook)), each, codebook)["p_value"].notna().all()


def test_a_theme_that_nobody_has_has_no_shares(codebook):
    has = carried(codebook)
    first = codebook.theme_ids[0]
    has[first] = False
    row = theme_pairs(Reading(CODED, has), nobody(), codebook).iloc[0]
    assert row["comments"] == 0
    assert np.isnan(row["share_of_first"])
    assert np.isnan(row["p_value"])


def test_a_codebook_of_one_theme_has_no_pairs(codebook):
    alone = codebook.model_copy(update={"themes": codebook.themes[:1]})
    assert len(theme_pairs(Reading(CODED, carried(codebook)), nobody(), alone)) == 0


@pytest.mark.slow
def test_themes_that_come_together_by_chance_are_seldom_said_to(codebook):
    said = [
        (
            theme_pairs(Reading(CODED, carried(codebook, seed=seed, independent=True)), nobody(), codebook)["together"]
            != ""
        ).any()
        for seed in range(400)
    ]
    # Any false finding in a table has a chance of at most 0.05; three standard errors above it.
    assert np.mean(said) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
