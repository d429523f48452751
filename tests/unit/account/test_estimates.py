from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.account.estimates import FEWEST_IN_GROUP, corrected_estimates
from pipeline.account.intervals import (
    difference_interval,
    pair_correlation,
    paired_difference,
    share_difference,
    share_ends,
    share_intervals,
)
from pipeline.crosswalk.comment_themes import TEMPERATURE

ENTRIES = ["money", "tools", "time"]
SHARES = (0.4, 0.2, 0.05)


def single(n):
    return pd.Series([f"r{i}" for i in range(n)])


def survey(rng, n=400, *, quality, shares=SHARES, group=None):
    """Comments with one entry or none, which the machine reads; it takes half of the group's for another."""
    classes = rng.choice(4, n, p=[*shares, 1 - sum(shares)])
    codes = np.eye(4)[classes][:, :3]
    read = np.where((rng.random(n) < 0.5) & (group if group is not None else np.zeros(n, dtype=bool)), 1, classes)
    scores = quality * np.eye(4)[read][:, :3] + rng.normal(size=(n, 3))
    return pd.DataFrame(codes, columns=ENTRIES), pd.DataFrame(scores * TEMPERATURE, columns=ENTRIES)


def estimated(codes, scores, coded, *, respondents=None, beyond=False, seed=1, coders=(), vectors=None):
    """Correct the scores by the codes of some rows."""
    sample = codes.astype(float).copy()
    sample.loc[~np.isin(np.arange(len(codes)), coded)] = np.nan
    labels = scores.idxmax(axis=1) if len(codes) else pd.Series([], dtype=str)
    people = single(len(codes)) if respondents is None else respondents
    return corrected_estimates(sample, scores, labels, vectors, people, beyond=beyond, seed=seed, coders=coders)


def drawn(rng, codes, scores, n, **settings):
    return estimated(codes, scores, rng.choice(len(codes), n, replace=False), seed=int(rng.integers(99)), **settings)


def alone(found):
    """The coded sample without the machine."""
    return replace(found, predicted=np.zeros_like(found.predicted))


def halves(shares):
    return ((shares["high"] - shares["low"]) / 2).to_numpy()


def covers(shares, true):
    return (shares["low"].to_numpy() <= np.asarray(true)) & (np.asarray(true) <= shares["high"].to_numpy())


def as_scores(chances):
    """Scores whose probabilities are these; the other entry has the rest."""
    return pd.DataFrame({"a": TEMPERATURE * np.log(chances), "b": TEMPERATURE * np.log(1 - chances)})


@pytest.mark.parametrize(
    ("middle", "scale", "point", "half", "exactly"),
    [(0.4, 0.15, 0.3717442, 0.1243633, 1e-7), (0.5, 0.45, 0.3633263, 0.1206353, 5e-4)],
)
def test_fifty_coded_comments_give_the_estimate_of_ppi_python(middle, scale, point, half, exactly):
    """ppi-python 0.2.3 on the same numbers: ppi_mean_pointestimate and ppi_mean_ci (alpha 0.05), weight tuned.

    The weight is 1 in the first case. In the second it is between 0 and 1, where ppi-python takes the variance of the
    predictions over all comments. Its interval is Wald's.
    """
    n = 40_000
    i = np.arange(n)
    wave = np.sin(i * 0.37)
    chances = middle + scale * wave
    carried = ((i * 0.6180339887) % 1 < 0.4 + 0.3 * wave).astype(float)
    codes = pd.DataFrame({"a": carried, "b": 1 - carried})
    found = estimated(codes, as_scores(chances), i[::800], beyond=True).shares().iloc[0]
    assert found["share"] == pytest.approx(point, abs=exactly)
    assert (found["high"] - found["low"]) / 2 == pytest.approx(half, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("n_coded", [20, 45, 80])
def test_the_estimate_has_no_bias_however_the_machine_reads(n_coded):
    rng = np.random.default_rng(n_coded)
    group = np.arange(300) < 150
    codes, scores = survey(rng, 300, quality=4, group=group)
    found = np.array([drawn(rng, codes, scores, n_coded).shares()["share"] for _ in range(200)])
    machine = pd.get_dummies(scores.idxmax(axis=1))[ENTRIES].mean().to_numpy()
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - codes.mean().to_numpy()) < 3 * error + 0.002).all()
    assert np.abs(machine - codes.mean().to_numpy()).max() > 0.05


@pytest.mark.slow
@pytest.mark.parametrize(("quality", "n_coded"), [(0, 20), (0, 80), (2, 60), (5, 40), (5, 120)])
def test_intervals_cover_the_coders_share_of_these_comments(quality, n_coded):
    rng = np.random.default_rng(10 * n_coded + quality)
    covered = []
    for _ in range(4):
        codes, scores = survey(rng, quality=quality)
        true = codes.mean().to_numpy()
        covered += [covers(drawn(rng, codes, scores, n_coded).shares(), true) for _ in range(100)]
    assert 0.93 <= np.mean(covered) <= 0.98


@pytest.mark.slow
@pytest.mark.parametrize(("clustered", "n_coded"), [(False, 60), (False, 250), (True, 60), (True, 250)])
def test_intervals_cover_the_share_among_those_who_might_have_answered(clustered, n_coded):
    rng = np.random.default_rng(n_coded)
    covered, for_these = [], []
    for _ in range(300):
        codes, scores = survey(rng, 300, quality=3)
        people = single(300)
        if clustered:
            # The comments of a respondent are equal, and the machine reads each anew.
            people = pd.Series(np.repeat(np.arange(100), 3).astype(str))
            codes, scores = survey(rng, 100, quality=3)
            codes = pd.DataFrame(np.repeat(codes.to_numpy(), 3, axis=0), columns=ENTRIES)
            scores = 3 * TEMPERATURE * codes + TEMPERATURE * rng.normal(size=codes.shape)
        found = drawn(rng, codes, scores, n_coded, respondents=people, beyond=True)
        covered.append(covers(found.shares(), SHARES))
        for_these.append(covers(replace(found, beyond=False).shares(), SHARES))
    assert 0.93 <= np.mean(covered) <= 0.98
    assert np.mean(for_these) < np.mean(covered) - 0.01


@pytest.mark.thorough
@pytest.mark.parametrize("n_coded", [30, 60, 200])
def test_scores_that_say_nothing_make_no_interval_wider(n_coded):
    rng = np.random.default_rng(2)
    widths = []
    for _ in range(25):
        found = drawn(rng, *survey(rng, quality=0), n_coded)
        shares, beside = found.shares(), alone(found).shares()
        assert (shares["effective"] >= 0.96 * beside["effective"]).all()
        widths.append([halves(shares), halves(beside)])
    corrected, plain = np.mean(widths, axis=0)
    assert (corrected <= 1.02 * plain).all()


@pytest.mark.parametrize("n_coded", [40, 100])
def test_a_machine_that_reads_well_makes_intervals_narrower(n_coded):
    rng = np.random.default_rng(3)
    codes, scores = survey(rng, quality=5)
    found = drawn(rng, codes, scores, n_coded)
    assert (halves(found.shares())[:2] < 0.8 * halves(alone(found).shares())[:2]).all()


def test_vectors_help_where_the_scores_do_not():
    rng = np.random.default_rng(4)
    codes, scores = survey(rng, quality=0)
    vectors = np.hstack([codes.to_numpy(), rng.normal(size=(400, 5)) / 4]).astype(np.float32)
    found = drawn(rng, codes, scores, 100, vectors=vectors)
    assert halves(found.shares())[0] < 0.7 * halves(alone(found).shares())[0]


@pytest.mark.slow
def test_no_difference_is_seldom_taken_for_one_though_the_machine_reads_a_group_worse():
    rng = np.random.default_rng(5)
    group = np.arange(400) < 200
    rejected, by_machine, covered = [], [], []
    for draw in range(300):
        codes, scores = survey(rng, 200, quality=4)
        codes = pd.concat([codes, codes], ignore_index=True)
        read = np.where((rng.random(400) < 0.5) & group & (codes["money"] == 1), 1, codes.to_numpy().argmax(axis=1))
        read[(codes.sum(axis=1) == 0) & ~(group & (rng.random(400) < 0.3))] = 3
        scores = pd.DataFrame(4 * np.eye(4)[read][:, :3] + rng.normal(size=(400, 3)), columns=ENTRIES) * TEMPERATURE
        found = drawn(rng, codes, scores, 120)
        rejected.append(found.p_value(group) <= 0.05)
        if draw < 30:
            labels = pd.get_dummies(scores.idxmax(axis=1))[ENTRIES]
            by_machine.append(estimated(labels, scores, np.arange(400), beyond=True).p_value(group) <= 0.05)
        differences = found.differences(group)
        covered.append((differences["difference_low"] <= 0) & (differences["difference_high"] >= 0))
    assert np.mean(rejected, axis=0).max() <= 0.07
    assert np.mean(by_machine, axis=0).max() > 0.2
    assert 0.93 <= np.mean(covered) <= 0.985


@pytest.mark.slow
def test_intervals_of_a_pair_cover_the_difference():
    rng = np.random.default_rng(6)
    covered = []
    for beyond in (False, True):
        for _ in range(200):
            codes, scores = survey(rng, 300, quality=3)
            true = 0.2 if beyond else codes["money"].mean() - codes["tools"].mean()
            _, low, high = drawn(rng, codes, scores, 90, beyond=beyond).pair("money", "tools")
            covered.append(low <= true <= high)
    assert 0.93 <= np.mean(covered) <= 0.98


@pytest.mark.thorough
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from(["", "x", "y", "z"])), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None)
def test_with_every_comment_coded_the_intervals_are_those_of_the_codes(rows):
    codes = pd.DataFrame({"a": [row[0] for row in rows], "b": [row[1] for row in rows]}, dtype=bool)
    people = pd.Series([row[2] for row in rows], dtype=str)
    scores = pd.DataFrame(np.random.default_rng(1).normal(size=codes.shape), columns=["a", "b"])
    found = estimated(codes, scores, np.arange(len(rows)), respondents=people, beyond=True)
    expected = share_intervals(codes, people).astype({"comments": float, "count": float})
    pd.testing.assert_frame_equal(found.shares()[expected.columns], expected, check_dtype=False)
    assert found.correlation("a", "b") == pytest.approx(pair_correlation(codes, "a", "b", people), abs=1e-9)
    assert found.pair("a", "b") == pytest.approx(paired_difference(codes, "a", "b", people), abs=1e-9)
    inside = np.arange(len(rows)) < len(rows) / 2
    both = found.differences(inside)
    expected = share_difference(codes, pd.Series(inside), people)
    ends = ["difference", "difference_low", "difference_high"]
    pd.testing.assert_frame_equal(both[ends], expected[ends])


def test_the_columns_are_those_of_the_tables():
    rng = np.random.default_rng(7)
    codes, scores = survey(rng, quality=3)
    found, group = drawn(rng, codes, scores, 100), np.arange(400) < 200
    nobody = share_difference(codes == 1, pd.Series(group), single(400))
    shares, differences = found.shares(), found.differences(group)
    assert shares.columns.tolist() == [*share_intervals(codes == 1, single(400)).columns, "coded"]
    assert set(differences.columns) == {*nobody.columns, "coded", "rest_coded"}
    assert shares["count"].tolist() == pytest.approx((400 * shares["share"]).tolist())
    assert shares["coded"].tolist() == [100] * 3
    assert (differences["coded"] + differences["rest_coded"]).tolist() == [100] * 3
    low, high = share_ends(shares["share"].to_numpy(), shares["effective"].to_numpy())
    assert (low.tolist(), high.tolist()) == (shares["low"].tolist(), shares["high"].tolist())


def test_a_pair_follows_from_its_shares_and_their_correlation():
    rng = np.random.default_rng(8)
    found = drawn(rng, *survey(rng, quality=3), 100)
    shares = found.shares().set_index("entry")
    one, other = ([np.array([shares.at[entry, end]]) for end in ("share", "low", "high")] for entry in ENTRIES[:2])
    low, high = difference_interval(*one, *other, correlation=found.correlation("money", "tools"))
    assert found.pair("money", "tools")[1:] == pytest.approx((low[0], high[0]))
    assert found.correlation("money", "tools") < 0
    back = found.pair("tools", "money")
    assert found.pair("money", "tools") == pytest.approx((-back[0], -back[2], -back[1]))


def test_less_confidence_is_a_narrower_interval():
    rng = np.random.default_rng(9)
    found = drawn(rng, *survey(rng, quality=3), 100)
    assert (halves(found.shares(confidence=0.5)) < halves(found.shares())).all()
    assert found.shares(confidence=0.5)["effective"].equals(found.shares()["effective"])


def test_few_coded_comments_stand_alone():
    """Ten of 100 coded, four with the entry: nine tenths of the variance of independent comments, and t."""
    codes = pd.DataFrame({"a": np.arange(100) % 10 < 4}).astype(float)
    scores = pd.DataFrame({"a": np.random.default_rng(1).normal(size=100)})
    row = estimated(codes, scores, np.arange(10)).shares().iloc[0]
    assert (row["share"], row["count"], row["coded"]) == (0.4, 40, 10)
    # The quantiles of t with 9 degrees of freedom and of the normal distribution are 2.262157 and 1.959964.
    assert row["effective"] == pytest.approx(10 / 0.9 * (1.959964 / 2.262157) ** 2, rel=1e-5)


def test_an_entry_that_the_sample_never_has_is_as_uncertain_as_in_the_sample_alone():
    rng = np.random.default_rng(10)
    codes, scores = survey(rng, quality=3)
    codes["time"] = 0.0
    found = drawn(rng, codes, scores, 100)
    row, beside = (kind.shares().set_index("entry").loc["time"] for kind in (found, alone(found)))
    assert row["share"] == pytest.approx(0, abs=1e-9)
    assert 0.02 < row["high"] < 0.05
    assert row["effective"] == pytest.approx(beside["effective"])


def test_with_every_comment_coded_by_one_coder_nothing_is_uncertain():
    rng = np.random.default_rng(11)
    codes, scores = survey(rng, quality=3)
    found = estimated(codes, scores, np.arange(400))
    shares = found.shares()
    assert shares["low"].tolist() == shares["high"].tolist() == pytest.approx(codes.mean().tolist())
    assert np.isinf(shares["effective"]).all()
    difference = codes["money"].mean() - codes["tools"].mean()
    assert found.pair("money", "tools") == pytest.approx((difference,) * 3)
    assert set(found.p_value(np.arange(400) < 150)) == {0.0}


@pytest.mark.parametrize("n_coded", [0, 1])
def test_without_two_coded_comments_there_are_no_intervals(n_coded):
    codes, scores = survey(np.random.default_rng(12), quality=3)
    found = estimated(codes, scores, np.arange(n_coded))
    assert found.shares()[["low", "high", "effective"]].isna().all(axis=None)
    assert found.shares()["share"].isna().all() == (n_coded == 0)
    assert np.isnan(found.pair("money", "tools")[1:]).all()
    assert found.p_value(np.arange(400) < 200).isna().all()


def test_without_comments_there_is_nothing():
    nothing = pd.DataFrame({"a": np.zeros(0)})
    found = estimated(nothing, nothing, [], respondents=pd.Series([], dtype=str), beyond=True)
    assert found.shares()[["share", "low", "high"]].isna().all(axis=None)
    assert found.shares()["comments"].tolist() == [0]


def test_groups_need_twenty_coded_comments_or_all():
    codes, scores = survey(np.random.default_rng(13), quality=3)
    found = estimated(codes, scores, np.arange(60))
    rows = np.arange(400)
    enough, few = (rows >= 60 - n for n in (FEWEST_IN_GROUP, FEWEST_IN_GROUP - 1))
    assert found.shares(enough)["low"].notna().all()
    assert found.shares(few)[["low", "high", "effective"]].isna().all(axis=None)
    assert found.shares(few)["share"].notna().all()
    assert found.differences(few)["difference_low"].isna().all()
    assert found.p_value(few).isna().all()
    assert found.shares(rows < 15)["low"].notna().all()


def test_a_group_is_compared_with_the_rest_that_is_meant():
    rng = np.random.default_rng(14)
    found = drawn(rng, *survey(rng, quality=3), 200)
    group, rest = np.arange(400) < 150, np.arange(400) >= 200
    both = found.differences(group, rest)
    assert both["rest_comments"].tolist() == [200] * 3
    assert both["rest_share"].tolist() == found.shares(rest)["share"].tolist()
    assert not found.p_value(group, rest).equals(found.p_value(group))


def test_an_entry_that_no_comment_has_differs_in_no_group():
    codes = pd.DataFrame({"a": np.zeros(100)})
    found = estimated(codes, pd.DataFrame({"a": np.zeros(100)}), np.arange(0, 100, 2))
    assert found.p_value(np.arange(100) < 50).tolist() == [1.0]


def read_by_two(rng, chances, bias=0.0):
    """Each coder's reading of every comment, 0 or 1."""
    return [
        pd.DataFrame((rng.random(len(chances)) < np.clip(chances + shift, 0, 1)).astype(float), columns=["a"])
        for shift in (bias, -bias)
    ]


def test_coders_who_agree_widen_nothing():
    rng = np.random.default_rng(15)
    codes, scores = survey(rng, quality=3)
    chosen = np.arange(100)
    coder = codes.where(pd.Series(np.arange(400) < 100), axis=0)
    found = estimated(codes, scores, chosen, coders=(coder, coder))
    pd.testing.assert_frame_equal(found.shares(), estimated(codes, scores, chosen).shares())


def test_the_variance_of_two_coders_in_a_worked_example():
    """Ten comments: both say yes in four, the first alone in three, none in three.

    The coders' means are 0.7 and 0.4, with a variance of 0.045. Of the residuals, those of the three comments are
    0.35 and -0.35, and of the seven 0.15 and -0.15, so that the mean square is 2 x (3 x 0.1225 + 7 x 0.0225) / 9 / 1,
    half of which counts: (0.3675 + 0.1575) x 2 / 9 = 0.116667. Between coders: 0.045 - 0.0116667 = 0.0333333, of which
    half. Within: 0.116667 / 2 / 10. Together 0.0225, beside 0.55 x 0.45.
    """
    first = pd.DataFrame({"a": [1.0] * 7 + [0.0] * 3})
    second = pd.DataFrame({"a": [1.0] * 4 + [0.0] * 6})
    found = estimated((first + second) / 2, first, np.arange(10), coders=(first, second))
    assert found.shares()["effective"].tolist() == pytest.approx([0.55 * 0.45 / 0.0225], rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("n_coded", [80, 300])
def test_intervals_allow_for_how_coders_read(n_coded):
    """The truth is how often coders would say yes; two of them read the comments, alike but for chance."""
    rng = np.random.default_rng(n_coded)
    covered, by_means = [], []
    for _ in range(250):
        chances = rng.beta(0.5, 0.8, size=300)
        scores = pd.DataFrame({"a": chances + rng.normal(size=300) / 5})
        chosen = rng.choice(300, n_coded, replace=False)
        coders = read_by_two(rng, chances)
        means = sum(coders) / 2
        covered.append(covers(estimated(means, scores, chosen, coders=coders).shares(), chances.mean())[0])
        by_means.append(covers(estimated(means, scores, chosen).shares(), chances.mean())[0])
    assert 0.93 <= np.mean(covered) <= 0.995
    assert np.mean(by_means) < np.mean(covered)


def test_a_coder_who_says_yes_more_often_widens_the_interval():
    rng = np.random.default_rng(16)
    chances = rng.random(200)
    scores = pd.DataFrame({"a": chances})
    widths = []
    for bias in (0.0, 0.2):
        coders = read_by_two(rng, chances, bias)
        widths.append(halves(estimated(sum(coders) / 2, scores, np.arange(100), coders=coders).shares())[0])
    assert widths[1] > 1.5 * widths[0]


def test_a_seed_gives_the_same_estimates_and_leaves_inputs_as_they_are():
    codes, scores = survey(np.random.default_rng(17), quality=3)
    before = codes.copy(), scores.copy()
    first, again, other = (estimated(codes, scores, np.arange(100), seed=seed).shares() for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)
    pd.testing.assert_frame_equal(codes, before[0])
    pd.testing.assert_frame_equal(scores, before[1])


def test_an_outlook_has_labels_alone():
    rng = np.random.default_rng(18)
    codes, _ = survey(rng, quality=3)
    labels = codes.assign(none=0.5).idxmax(axis=1).where(rng.random(400) < 0.9, "time")
    sample = codes.where(pd.Series(np.arange(400) < 100), axis=0)
    nothing = pd.DataFrame(index=range(400))
    for n_coded in (40, 100):
        some = sample.where(pd.Series(np.arange(400) < n_coded), axis=0)
        found = corrected_estimates(some, nothing, labels, None, single(400), beyond=False, seed=1)
        assert halves(found.shares())[0] < 0.8 * halves(alone(found).shares())[0]


def test_rows_and_columns_that_do_not_match_are_refused():
    codes, scores = survey(np.random.default_rng(19), 50, quality=3)
    with pytest.raises(ValueError, match="respondents has 49 rows and codes 50"):
        estimated(codes, scores, [1, 2], respondents=single(49))
    with pytest.raises(ValueError, match="scores has 40 rows"):
        corrected_estimates(codes, scores[:40], scores.idxmax(axis=1), None, single(50), beyond=True, seed=1)
    with pytest.raises(ValueError, match="coder differ"):
        estimated(codes, scores, [1, 2], coders=(codes[["money"]],))
    codes.loc[3, "money"] = np.nan
    with pytest.raises(ValueError, match="coded in part"):
        estimated(codes, scores, np.arange(50))
