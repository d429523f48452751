import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipeline.account.intervals import (
    paired_difference,
    respondent_codes,
    share_difference,
    share_ends,
    share_intervals,
)

SHARES = (0.05, 0.1, 0.2, 0.35, 0.6)
SIZES = (60, 120, 320, 640)


def single(n):
    return pd.Series([f"r{i}" for i in range(n)])


def wilson(count, total, confidence=0.95):
    low, high = share_ends(np.array([count / total]), np.array([float(total)]), confidence=confidence)
    return float(low[0]), float(high[0])


def scipys(count, total):
    return tuple(binomtest(count, total).proportion_ci(method="wilson"))


def carried(**counts_of):
    """One column a name, from (count, total): the first `count` of `total` comments carry it."""
    return pd.DataFrame({name: np.arange(total) < count for name, (count, total) in counts_of.items()})


def corpora(rng, n, share, *, clustered, n_corpora=400):
    """Corpora of one design as columns; the comments of a respondent correlate by a half."""
    people = np.arange(n)
    likely = np.full((n, n_corpora), share)
    if clustered:
        people = np.repeat(np.arange(n), rng.integers(1, 5, size=n))[:n]
        likely = rng.beta(share, 1 - share, size=(people[-1] + 1, n_corpora))[people]
    return pd.DataFrame(rng.random((n, n_corpora)) < likely), pd.Series(people.astype(str))


def coverage(method, *, clustered, seed=5):
    rng = np.random.default_rng(seed)
    covered = []
    for n in SIZES:
        for share in SHARES:
            found = method(*corpora(rng, n, share, clustered=clustered))
            covered.append(((found["low"] <= share) & (share <= found["high"])).mean())
    return np.array(covered)


def as_if_independent(comments, respondents):
    return share_intervals(comments, single(len(comments)))


def test_wilsons_interval_of_a_published_example():
    """Newcombe 1998 (doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E), table I."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)


def test_less_confidence_is_a_narrower_interval():
    wide, narrow = wilson(20, 50), wilson(20, 50, confidence=0.5)
    assert wide[0] < narrow[0] < 0.4 < narrow[1] < wide[1]


@given(total=st.integers(1, 500), data=st.data())
def test_the_interval_holds_the_share_and_stays_within_bounds(total, data):
    count = data.draw(st.integers(0, total))
    low, high = wilson(count, total)
    assert 0 <= low <= count / total + 1e-12
    assert count / total - 1e-12 <= high <= 1


@pytest.mark.parametrize("clustered", [False, True])
def test_intervals_cover_the_true_share_as_often_as_they_say(clustered):
    covered = coverage(share_intervals, clustered=clustered)
    assert 0.93 <= covered.mean() <= 0.97
    assert covered.min() >= 0.87


def test_taking_comments_of_one_respondent_for_independent_would_not_do():
    assert coverage(as_if_independent, clustered=True).mean() < 0.9


def test_differences_between_groups_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(8)
    covered = []
    for n, first, second in ((80, 0.1, 0.3), (160, 0.3, 0.3), (320, 0.6, 0.4)):
        group, people = corpora(rng, n, first, clustered=True)
        rest, others = corpora(rng, 2 * n, second, clustered=True)
        found = share_difference(
            pd.concat([group, rest]), pd.Series([True] * n + [False] * 2 * n), pd.concat([people, "r" + others])
        )
        covered.append(found["difference_low"].le(first - second) & found["difference_high"].ge(first - second))
    assert 0.93 <= np.mean(covered) <= 0.97


@pytest.mark.slow
def test_paired_differences_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(9)
    covered = []
    for share in (0.1, 0.4):
        first, people = corpora(rng, 120, share, clustered=True, n_corpora=300)
        # The second entry overlaps the first and has three quarters of its share.
        second = (first & (rng.random(first.shape) < 0.5)) | (
            ~first & (rng.random(first.shape) < share / 4 / (1 - share))
        )
        for corpus in first:
            both = pd.DataFrame({"a": first[corpus], "b": second[corpus]})
            _, low, high = paired_difference(both, "a", "b", people)
            covered.append(low <= share / 4 <= high)
    assert 0.93 <= np.mean(covered) <= 0.975


@given(total=st.integers(1, 300), data=st.data())
def test_single_respondents_have_wilsons_interval(total, data):
    count = data.draw(st.integers(0, total))
    row = share_intervals(carried(a=(count, total)), single(total)).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx(scipys(count, total), abs=1e-9)
    assert (row["comments"], row["count"], row["effective"]) == (total, count, total)


def test_the_columns_are_those_of_the_tables():
    found = share_intervals(carried(a=(3, 10), b=(0, 10)), single(10))
    assert found.columns.tolist() == ["entry", "comments", "count", "share", "low", "high", "effective"]
    assert found["entry"].tolist() == ["a", "b"]
    assert found["share"].tolist() == [0.3, 0.0]


def test_respondents_who_repeat_themselves_count_once():
    """With every comment three times, the design effect is 3 but for the corrections for few respondents."""
    once = carried(a=(40, 200))
    thrice = pd.concat([once] * 3, ignore_index=True)
    row = share_intervals(thrice, pd.concat([single(200)] * 3, ignore_index=True)).iloc[0]
    plain = share_intervals(once, single(200)).iloc[0]
    assert row["share"] == plain["share"]
    assert row["effective"] == pytest.approx(200, rel=0.02)
    assert (row["low"], row["high"]) == pytest.approx((plain["low"], plain["high"]), abs=0.002)


def test_the_design_effect_of_a_worked_example():
    """Four respondents with two comments each: both carried, both, none, one of two."""
    comments = pd.DataFrame({"a": [True, True, True, True, False, False, True, False]})
    row = share_intervals(comments, pd.Series(list("aabbccdd"))).iloc[0]
    # Share 5/8; residuals 0.75, 0.75, -1.25, -0.25 with squares summing to 2.75; over respondents
    # 4/3 x 2.75/64 = 0.0572917, independently (15/64)/7 = 0.0334821: a design effect of 1.711111. The quantiles of t
    # at 7 and 3 degrees of freedom are 2.364624 and 3.182446.
    assert row["effective"] == pytest.approx(8 / 1.7111111 * (2.364624 / 3.182446) ** 2, rel=1e-5)


def test_an_entry_that_nobody_or_everybody_carries_has_the_interval_of_the_respondents():
    people = pd.Series(np.repeat([f"r{i}" for i in range(20)], 3))
    found = share_intervals(carried(none=(0, 60), every=(60, 60)), people).set_index("entry")
    assert (found.loc["none", "low"], found.loc["none", "high"]) == pytest.approx(wilson(0, 20), abs=1e-9)
    assert (found.loc["every", "low"], found.loc["every", "high"]) == pytest.approx(wilson(20, 20), abs=1e-9)


def test_without_comments_there_are_no_intervals():
    nothing = carried(a=(0, 0))
    row = share_intervals(nothing, single(0)).iloc[0]
    assert row[["share", "low", "high"]].isna().all()
    assert (row["comments"], row["count"], row["effective"]) == (0, 0, 0)
    assert share_intervals(carried(a=(1, 3))[[]], single(3)).empty


def test_one_respondent_says_little():
    row = share_intervals(carried(a=(4, 9)), pd.Series(["one"] * 9)).iloc[0]
    assert (row["effective"], row["low"] < 0.1, row["high"] > 0.9) == (1, True, True)


def test_rows_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match="respondents has 4 rows and carried 5"):
        share_intervals(carried(a=(1, 5)), single(4))


def test_a_comment_without_a_respondent_stands_for_itself():
    assert respondent_codes(pd.Series(["x", "", "x", "", None])).tolist() == [0, 1, 0, 2, 3]
    assert respondent_codes(pd.Series([None, "p", None], dtype="str")).tolist() == [0, 1, 2]
    assert len(respondent_codes(pd.Series([], dtype="str"))) == 0


def test_inputs_are_left_as_they_are():
    comments, people = carried(a=(3, 9)), pd.Series([*"aabbccdd", ""])
    before = comments.copy(), people.copy()
    share_intervals(comments, people)
    pd.testing.assert_frame_equal(comments, before[0])
    pd.testing.assert_series_equal(people, before[1])


@pytest.mark.parametrize(
    ("group", "rest", "difference", "low", "high"),
    [
        ((56, 70), (48, 80), 0.2, 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.6, 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.5714, 0.0582, 0.8062),
        ((5, 56), (0, 29), 0.0893, -0.0381, 0.1926),
    ],
)
def test_newcombes_interval_of_his_examples(group, rest, difference, low, high):
    """Newcombe 1998, table II, method 10 (doi of `share_difference`)."""
    comments = pd.concat([carried(a=group), carried(a=rest)], ignore_index=True)
    in_group = pd.Series([True] * group[1] + [False] * rest[1])
    row = share_difference(comments, in_group, single(len(comments))).iloc[0]
    assert row["difference"] == pytest.approx(difference, abs=5e-5)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx((low, high), abs=5e-5)
    assert (row["count"], row["rest_count"], row["rest_comments"]) == (group[0], rest[0], rest[1])


def test_there_is_no_difference_from_an_empty_rest():
    row = share_difference(carried(a=(3, 9)), pd.Series([True] * 9), single(9)).iloc[0]
    assert row[["difference", "difference_low", "difference_high", "rest_share"]].isna().all()
    assert row["share"] == pytest.approx(1 / 3)


def pairs(both, first_only, second_only, neither):
    a = [True] * both + [True] * first_only + [False] * second_only + [False] * neither
    b = [True] * both + [False] * first_only + [True] * second_only + [False] * neither
    return pd.DataFrame({"a": a, "b": b})


def test_newcombes_paired_interval_of_a_published_example():
    """Fagerland, Lydersen and Laake 2014 (doi:10.1002/sim.6148): 1, 1, 7 and 12 of 21."""
    found = paired_difference(pairs(1, 1, 7, 12), "a", "b", single(21))
    assert found == pytest.approx((-0.286, -0.507, -0.026), abs=5e-4)


def test_a_paired_difference_turns_with_its_entries():
    comments = pairs(3, 9, 4, 20)
    there, back = (paired_difference(comments, *names, single(36)) for names in (("a", "b"), ("b", "a")))
    assert there == pytest.approx((-back[0], -back[2], -back[1]))


def test_an_entry_never_seen_is_not_surely_rarer_than_one_seen_four_times():
    _, low, _ = paired_difference(pairs(0, 4, 0, 56), "a", "b", single(60))
    assert low < 0


@pytest.mark.thorough
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from(["", "x", "y", "z"])), max_size=40))
@settings(max_examples=150)
def test_every_interval_holds_its_estimate_and_stays_within_bounds(rows):
    comments = pd.DataFrame({"a": [row[0] for row in rows], "b": [row[1] for row in rows]}, dtype=bool)
    people = pd.Series([row[2] for row in rows], dtype=str)
    shares = share_intervals(comments, people)
    difference, low, high = paired_difference(comments, "a", "b", people)
    if not rows:
        assert shares["low"].isna().all()
        assert np.isnan([difference, low, high]).all()
        return
    assert ((shares["low"] >= 0) & (shares["low"] <= shares["share"])).all()
    assert ((shares["high"] <= 1) & (shares["high"] >= shares["share"])).all()
    assert (shares["effective"] <= len(rows)).all()
    assert -1 <= low <= difference + 1e-12
    assert difference - 1e-12 <= high <= 1
