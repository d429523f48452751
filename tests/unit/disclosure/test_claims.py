import numpy as np
import pandas as pd
import pytest
from pipeline.disclosure.claims import LEFT_OUT, protect_claims
from pipeline.disclosure.rounding import Rules

from pipeline.account.intervals import share_interval
from tests.unit.disclosure.example_tables import claim

NO_OUTLOOK = pd.DataFrame({"group": [], "suppressed": []})
PREVALENCE = pd.DataFrame({"name": ["A", "B", "none"], "n_by_comments": [41, 60, 100], "suppressed": False})
DIFFERENCE = "'Up': 51 of 97 comments in 'B' (52.6 %), 21 of 106 in the rest (19.8 %); a difference of 32.8 percentage points (95 % interval +21.2 to +44.4)."  # noqa: E501


def groups(*rows):
    return pd.DataFrame(rows, columns=["column", "group", "facet", "suppressed"])


SHOWN = groups(("setting", "A", "outlook", False), ("setting", "B", "outlook", False))


def protected(told, prevalence=PREVALENCE, of_groups=SHOWN):
    tables = {"prevalence": prevalence, "outlook": NO_OUTLOOK, "groups": of_groups}
    return protect_claims(pd.DataFrame([told]), PREVALENCE, tables, Rules()).iloc[0]


def difference(shown=DIFFERENCE, column="setting", reason="r", n=97):
    claimed = f"'Up': higher in 'B' than in the rest of '{column}'"
    return claim("difference", "outlook", n=n, shown=shown) | {"claimed": claimed, "reason": reason}


def test_a_share_and_its_interval_are_those_of_rounded_counts_and_names_stay():
    low, high = share_interval(43, 203)
    told = claim(n=203, shown="'2.5 of 7 comments': 43 of 203 comments, 21.2 % (97.5 % interval 16.1 % to 27.3 %).")
    found = protected(told | {"estimate": 43 / 203, "low": low, "high": high})
    low, high = share_interval(45, 205)
    assert found["shown"] == (
        f"'2.5 of 7 comments': 45 of 205 comments, 22 % (97.5 % interval {100 * low:.0f} % to {100 * high:.0f} %)."
    )
    assert found["estimate"] == round(45 / 205, 2)
    assert (found["low"], found["high"]) == (round(low, 2), round(high, 2))
    assert found["n"] == 205
    assert found["verdict"] == "supported"


def test_a_difference_quotes_rounded_counts_and_shares_of_them():
    exact = dict(zip(("estimate", "low", "high"), wilson_difference(51, 97, 21, 106), strict=True))
    found = protected(difference() | exact)
    assert found["shown"] == (
        "'Up': 50 of 95 comments in 'B' (53 %), 20 of 105 in the rest (19 %); "
        "a difference of 34 percentage points (95 % interval +20 to +45)."
    )
    # Of 50 of 95 and 20 of 105.
    _, low, high = wilson_difference(50, 95, 20, 105)
    assert (found["estimate"], found["low"], found["high"]) == (0.34, round(low, 2), round(high, 2))
    assert found["n"] == 95


def wilson_difference(count, base, other, of):
    low, high = share_interval(count, base)
    low_other, high_other = share_interval(other, of)
    one, two = count / base, other / of
    return (
        one - two,
        one - two - np.hypot(one - low, high_other - two),
        one - two + np.hypot(high - one, two - low_other),
    )


@pytest.mark.parametrize("exact", [(48, 95, 18, 104), (52, 97, 22, 107), (50, 93, 20, 103)])
def test_a_difference_is_the_same_for_all_counts_that_are_rounded_alike(exact):
    count, base, other, of = exact
    figures = dict(zip(("estimate", "low", "high"), wilson_difference(*exact), strict=True))
    said = (
        f"'Up': {count} of {base} comments in 'B' ({100 * count / base:.1f} %), {other} of {of} in the rest "
        f"({100 * other / of:.1f} %); a difference of {100 * figures['estimate']:.1f} percentage points "
        f"(95 % interval {100 * figures['low']:+.1f} to {100 * figures['high']:+.1f})."
    )
    found = protected(difference(said, n=base) | figures)
    assert found["shown"] == (
        "'Up': 50 of 95 comments in 'B' (53 %), 20 of 105 in the rest (19 %); "
        "a difference of 34 percentage points (95 % interval +20 to +45)."
    )


def test_a_claim_that_compares_what_cannot_be_read_says_nothing():
    told = claim("order", n=203, shown="Of 203 comments: ''Soft' skills' 21.2 %, 'B' 10.3 %. ''Soft' skills' less 'B': "
                 "10.8 percentage points (95 % interval +3.1 to +18.6).")  # fmt: skip
    assert protected(told)["suppressed"]


def test_an_order_quotes_shares_of_rounded_counts():
    told = claim("order", n=203, shown="Of 203 comments: 'A' 21.2 %, 'B' 10.3 %. 'A' less 'B': 10.8 percentage points "
                 "(99.2 % interval, as one of 6 pairs +3.1 to +18.6).")  # fmt: skip
    found = protected(told | {"estimate": 0.108, "low": 0.031, "high": 0.186})
    assert found["shown"] == (
        "Of 205 comments: 'A' 22 %, 'B' 10 %. 'A' less 'B': 12 percentage points "
        "(99.2 % interval, as one of 6 pairs +5 to +20)."
    )
    assert found["estimate"] == 0.12


@pytest.mark.parametrize("told", [
    claim(n=9), claim(shown="'A': 5 of 203 comments, 2.5 %."), claim(shown="'A': 198 of 203 comments, 97.5 %."),
    claim("order", shown="Of 200 comments: 'A' 20 %, 'B' 3 %. 'A' less 'B': 17 percentage points."),
    difference("'Up': 87 of 90 comments in 'B' (96.7 %), 90 of 180 in the rest (50 %)."),
    difference("'Up': 60 of 90 comments in 'B' (66.7 %), 5 of 180 in the rest (2.8 %)."),
    difference("'Up': 60 of 90 comments in 'B' (66.7 %), 4 of 9 in the rest (44.4 %)."),
    difference("Not checked.", reason="Needed: at least 10 comments with another value than 'B'; there are 3."),
    difference(column="role"),
    # Of 101 comments that carry A or B together there are 98: three carry both.
    claim(n=203, shown="'A' or 'B': 98 of 203 comments, 48.3 % (95 % interval 41.5 % to 55.1 %)."),
])  # fmt: skip
def test_a_claim_that_tells_of_few_comments_says_nothing(told):
    found = protected(told)
    assert found["suppressed"]
    assert found[["estimate", "low", "high", "n"]].isna().all()
    assert found["verdict"] == "cannot tell"
    assert found["reason"] == ""
    assert found["shown"] == LEFT_OUT


def test_themes_that_many_carry_together_or_none_may_be_claimed_together():
    for together in (80, 101):
        told = claim(n=203, shown=f"'A' or 'B': {together} of 203 comments, 40 % (95 % interval 33 % to 47 %).")
        assert not protected(told)["suppressed"]


def test_a_claim_of_a_group_that_is_left_out_says_nothing():
    hidden = groups(("setting", "A", "outlook", False), ("setting", "B", "outlook", True))
    assert protected(difference(), of_groups=hidden)["suppressed"]
    elsewhere = groups(("setting", "A", "outlook", True), ("setting", "B", "outlook", False),
                       ("setting", "B", "themes", True), ("role", "B", "outlook", True))  # fmt: skip
    assert not protected(difference(), of_groups=elsewhere)["suppressed"]


def test_a_group_and_the_rest_do_not_tell_of_the_comments_without_a_group():
    rows = (("setting", "B", "outlook", False), ("setting", "(not given)", "outlook", True))
    assert protected(difference(), of_groups=groups(*rows))["suppressed"]
    assert not protected(difference(), of_groups=groups(rows[0]))["suppressed"]


def test_a_facet_that_is_not_shown_in_full_is_not_claimed_of():
    told = claim(n=203, shown="'A': 41 of 203 comments, 20.2 % (95 % interval 15.2 % to 26.3 %).")
    assert protected(told, prevalence=PREVALENCE.assign(suppressed=[False, True, False]))["suppressed"]
    assert not protected(told)["suppressed"]


def test_what_came_in_is_not_changed():
    claims = pd.DataFrame([claim(), claim(n=3)])
    before = claims.copy()
    protect_claims(claims, PREVALENCE, {"prevalence": PREVALENCE, "outlook": NO_OUTLOOK, "groups": SHOWN}, Rules())
    pd.testing.assert_frame_equal(claims, before)
