import math

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from pipeline.account.measures import partition_agreement
from pipeline.account.resampling import (
    alpha_measure,
    bootstrap_intervals,
    class_measures,
    half_sample_intervals,
    jaccard_measure,
    masi_distances,
)
from tests.class_agreement import class_agreement

CLASSES = ["a", "b", "c", "d", "e"]

# Krippendorff's example of three observers and fifteen units; 0 stands for a missing value.
OBSERVERS = np.array(
    [
        [0, 0, 0, 0, 0, 3, 4, 1, 2, 1, 1, 3, 3, 0, 3],
        [1, 0, 2, 1, 3, 3, 4, 3, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 2, 1, 3, 4, 4, 0, 2, 1, 1, 3, 3, 0, 4],
    ]
).T
NOMINAL = 1 - np.eye(4)


def decisions():
    """Two lists of classes of equal length, and a weight for each comment."""
    names = st.sampled_from([*CLASSES, "outside"])
    return st.lists(st.tuples(names, names, st.integers(0, 3)), min_size=1, max_size=40)


@given(decisions())
def test_class_measures_over_all_comments_are_scikit_learns(drawn):
    reference, candidate = [one[0] for one in drawn], [one[1] for one in drawn]
    also = ["a" if one[2] else "" for one in drawn]
    found = class_measures(reference, candidate, CLASSES, also).values()
    wanted = class_agreement(reference, candidate, CLASSES, also)
    assert list(found) == list(wanted)
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, nan_ok=True), name


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@given(decisions())
def test_class_measures_of_a_resample_are_scikit_learns_with_weights(drawn):
    reference, candidate, weights = zip(*drawn, strict=True)
    measured = class_measures(reference, candidate, CLASSES)
    totals = np.array([weights], dtype=float) @ measured.contributions
    found = {name: float(value[0]) for name, value in measured.measures(totals).items()}
    if not any(weights):
        assert all(math.isnan(value) for value in found.values())
        return
    assert found["accuracy"] == pytest.approx(accuracy_score(reference, candidate, sample_weight=weights))
    used = [name for name in CLASSES if name in {*reference, *candidate}]
    if used:
        f1 = f1_score(
            reference, candidate, labels=used, average="macro", sample_weight=weights, zero_division=np.nan
        )  # fmt: skip
        # Classes in use here but not in the resample are left out; those never used are zeros.
        assert found["macro_f1"] == pytest.approx(f1 * len(used) / len(CLASSES), nan_ok=True)
    else:
        assert found["macro_f1"] == 0
    drawn_classes = {name for one in drawn if one[2] for name in one[:2]}
    if len(drawn_classes) > 1:
        kappa = cohen_kappa_score(reference, candidate, sample_weight=weights)
        assert found["cohen_kappa"] == pytest.approx(kappa)
    else:
        assert math.isnan(found["cohen_kappa"])


def test_alpha_is_that_of_krippendorffs_example():
    found = alpha_measure(OBSERVERS - 1, NOMINAL, name="alpha").values()
    assert found["alpha"] == pytest.approx(0.691358, abs=1e-6)
    # His distance between ordered values, on the same data.
    interval = (np.arange(4)[:, None] - np.arange(4)[None, :]) ** 2.0
    assert alpha_measure(OBSERVERS - 1, interval, name="alpha").values()["alpha"] == pytest.approx(0.810845, abs=1e-6)


@pytest.mark.parametrize("people", [2, 3, 5])
def test_alpha_is_that_of_the_krippendorff_package_with_missing_values_and_any_distance(people):
    generator = np.random.default_rng(people)
    truth = generator.integers(6, size=50)
    given_ = np.where(generator.random((50, people)) < 0.6, truth[:, None], generator.integers(6, size=(50, people)))
    given_[generator.random((50, people)) < 0.3] = -1
    distances = masi_distances(generator.random((6, 4)) < 0.5)
    ratings = np.where(given_ < 0, np.nan, given_.astype(float)).T
    for apart, level in (
        (1 - np.eye(6), "nominal"),
        (distances, lambda v1, v2, i1, i2, n_v, dtype: distances[i1, i2].astype(dtype)),
    ):
        wanted = krippendorff.alpha(ratings, level_of_measurement=level, value_domain=list(range(6)))
        assert alpha_measure(given_, apart, name="alpha").values()["alpha"] == pytest.approx(wanted)


def test_a_comment_drawn_twice_counts_as_two_comments():
    weights = np.random.default_rng(3).integers(0, 4, size=len(OBSERVERS))
    measured = alpha_measure(OBSERVERS - 1, NOMINAL, name="alpha")
    weighted = measured.measures(np.array([weights], dtype=float) @ measured.contributions)["alpha"][0]
    repeated = np.repeat(OBSERVERS, weights, axis=0).astype(float)
    repeated[repeated == 0] = np.nan
    assert weighted == pytest.approx(krippendorff.alpha(repeated.T, level_of_measurement="nominal"))


@pytest.mark.parametrize(
    "values",
    [
        np.zeros((4, 2), dtype=int),
        np.array([[0, -1], [-1, 1]]),
        np.full((3, 2), -1),
        np.empty((0, 2), dtype=int),
    ],
    ids=["one value", "no comment in common", "nothing given", "no comment"],
)
def test_alpha_is_missing_where_no_disagreement_can_be_expected(values):
    assert math.isnan(alpha_measure(values, 1 - np.eye(2), name="alpha").values()["alpha"])


def test_masi_distances_are_those_worked_by_hand():
    sets = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 1, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], dtype=bool)
    distances = masi_distances(sets)
    assert np.allclose(distances, distances.T)
    assert np.allclose(np.diag(distances), 0)
    # Held: 1 - 1/2 x 2/3. Overlapping: 1 - 1/3 x 1/3. Nothing in common, and nothing at all: 1.
    assert distances[0, 1:].tolist() == pytest.approx([2 / 3, 8 / 9, 1, 1])


def test_jaccard_is_the_mean_over_comments_and_empty_sets_are_equal():
    first = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0], [0, 0, 0]], dtype=bool)
    second = np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0], [0, 1, 0]], dtype=bool)
    assert jaccard_measure(first, second).values()["jaccard"] == pytest.approx((1 / 3 + 1 + 1 + 0) / 4)
    assert math.isnan(jaccard_measure(first[:0], second[:0]).values()["jaccard"])


def test_a_bootstrap_interval_of_a_share_is_about_the_binomials():
    right = np.arange(400) < 280
    measured = class_measures(["a"] * 400, np.where(right, "a", "b").tolist(), ["a", "b"])
    low, high = bootstrap_intervals(measured, np.arange(400), n_bootstrap=2000, seed=1)["accuracy"]
    reach = 1.96 * math.sqrt(0.7 * 0.3 / 400)
    assert low == pytest.approx(0.7 - reach, abs=0.006)
    assert high == pytest.approx(0.7 + reach, abs=0.006)


def test_a_bootstrap_interval_follows_from_the_seed_and_from_no_batch(monkeypatch):
    measured = class_measures(list("aabbccab"), list("aabbcbaa"), list("abc"))
    once = bootstrap_intervals(measured, np.arange(8), n_bootstrap=50, seed=4)
    monkeypatch.setattr("pipeline.account.resampling._CELLS", 70)
    assert bootstrap_intervals(measured, np.arange(8), n_bootstrap=50, seed=4) == once
    assert bootstrap_intervals(measured, np.arange(8), n_bootstrap=50, seed=5) != once


@pytest.mark.thorough
def test_all_comments_of_a_respondent_are_drawn_together():
    """Intervals cover the true accuracy as often as they say, where each person's comments all hit or all miss."""
    generator = np.random.default_rng(8)
    people = np.repeat(np.arange(80), 4)
    covered = {"respondents": 0, "comments": 0}
    for seed in range(120):
        right = (generator.random(80) < 0.6)[people]
        measured = class_measures(["a"] * len(people), np.where(right, "a", "b").tolist(), ["a", "b"])
        for unit, units in (("respondents", people), ("comments", np.arange(len(people)))):
            low, high = bootstrap_intervals(measured, units, n_bootstrap=200, seed=seed)["accuracy"]
            covered[unit] += low <= 0.6 <= high
    assert covered["respondents"] >= 0.88 * 120
    assert covered["comments"] < 0.85 * 120


def test_kappa_alpha_and_macro_f1_are_covered_as_often_as_the_intervals_say():
    generator = np.random.default_rng(9)
    # Both follow the same truth in 0.7 of cases and else guess; the four classes are equally common.
    truths = {"cohen_kappa": 0.49, "alpha": 0.49, "macro_f1": 0.49 + 0.51 / 4}
    covered = dict.fromkeys(truths, 0)
    for seed in range(120):
        truth = generator.integers(4, size=200)
        given_ = np.where(generator.random((200, 2)) < 0.7, truth[:, None], generator.integers(4, size=(200, 2)))
        names = np.array(list("abcd"))[given_]
        for measured in (
            class_measures(names[:, 0].tolist(), names[:, 1].tolist(), list("abcd")),
            alpha_measure(given_, NOMINAL, name="alpha"),
        ):
            found = bootstrap_intervals(measured, np.arange(200), n_bootstrap=200, seed=seed)
            for name in covered.keys() & found.keys():
                covered[name] += found[name][0] <= truths[name] <= found[name][1]
    assert all(hits >= 0.88 * 120 for hits in covered.values()), covered


@pytest.mark.parametrize(
    ("respondents", "n_bootstrap"), [(np.zeros(4, dtype=int), 100), (np.arange(4), 0)], ids=["one person", "no sample"]
)
def test_a_bootstrap_interval_is_missing_where_nothing_can_be_resampled(respondents, n_bootstrap):
    measured = class_measures(list("aabb"), list("abab"), list("ab"))
    found = bootstrap_intervals(measured, respondents, n_bootstrap=n_bootstrap, seed=1)
    assert set(found) == {"accuracy", "macro_f1", "cohen_kappa"}
    assert all(math.isnan(end) for interval in found.values() for end in interval)


def test_an_interval_is_missing_where_many_samples_leave_the_measure_undefined():
    # One comment of twenty differs, so a third of all samples hold one class alone.
    rare = ["b", *["a"] * 19]
    found = bootstrap_intervals(class_measures(rare, rare, ["a", "b"]), np.arange(20), n_bootstrap=200, seed=1)
    assert math.isnan(found["cohen_kappa"][0])
    assert found["accuracy"] == (1.0, 1.0)
    # A class that a sample happens to lack does not pull macro-F1 down.
    assert found["macro_f1"] == (1.0, 1.0)


@pytest.mark.parametrize("n", [200, 201, 7])
def test_halves_give_the_textbooks_interval_of_a_mean(n):
    values = np.random.default_rng(n).normal(size=n)
    found = half_sample_intervals(lambda at: {"mean": float(values[at].mean())}, np.arange(n), n_samples=4000, seed=2)
    reach = 1.959964 * values.std(ddof=1) / math.sqrt(n)
    assert found["mean"] == pytest.approx((values.mean() - reach, values.mean() + reach), abs=0.06 * reach)


def test_halves_hold_all_comments_of_a_respondent_or_none():
    people = np.array([5, 5, 5, 9, 9, 2, 2, 7, 7, 7])
    seen = []
    half_sample_intervals(lambda at: seen.append(people[at].tolist()) or {"m": 0.0}, people, n_samples=20, seed=1)
    halves = seen[1:]
    assert len(halves) == 20
    assert all(len(set(half)) == 2 for half in halves)
    assert all(half.count(person) == (people == person).sum() for half in halves for person in set(half))


@pytest.mark.slow
def test_intervals_of_partition_measures_cover_as_often_as_they_say():
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(5))
    spread = 0.5 * np.eye(5, 10)[generator.permutation(5)] + 0.5 * generator.dirichlet(np.ones(10))
    joint = (shares[:, None] * spread).ravel()

    def draw(n):
        return np.divmod(generator.choice(50, size=n, p=joint / joint.sum()), 10)

    truth = partition_agreement(*draw(200_000))
    values, intervals = [], []
    for seed in range(40):
        codes, topics = draw(250)
        values.append(partition_agreement(codes, topics))
        intervals.append(
            half_sample_intervals(
                lambda at, codes=codes, topics=topics: partition_agreement(codes[at], topics[at]),
                np.arange(250), n_samples=25, seed=seed,
            )
        )  # fmt: skip
    for name in ("ami", "ari", "v_measure"):
        ends = np.array([one[name] for one in intervals])
        of_samples = np.array([one[name] for one in values])
        # The V-measure is higher over few comments: what is covered is its mean over samples of this size.
        wanted = of_samples.mean() if name == "v_measure" else truth[name]
        covered = ((ends[:, 0] <= wanted) & (wanted <= ends[:, 1])).mean()
        assert covered >= 0.8, name
        claimed = (ends[:, 1] - ends[:, 0]).mean() / (2 * 1.96)
        assert 0.7 < claimed / of_samples.std(ddof=1) < 1.4, name


@pytest.mark.parametrize(
    ("respondents", "n_samples"),
    [(np.array([0, 0, 1, 1, 2, 2]), 50), (np.arange(6), 1)],
    ids=["few people", "one half"],
)
def test_halves_give_no_interval_where_there_is_little_to_draw_from(respondents, n_samples):
    found = half_sample_intervals(lambda at: {"m": float(len(at))}, respondents, n_samples=n_samples, seed=1)
    assert all(math.isnan(end) for end in found["m"])


def test_halves_give_no_interval_where_the_measure_is_missing():
    measures = {"never": math.nan, "always": 0.5}
    found = half_sample_intervals(lambda at: measures, np.arange(10), n_samples=10, seed=1)
    assert math.isnan(found["never"][0])
    assert found["always"] == (0.5, 0.5)
