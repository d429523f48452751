import numpy as np
import pandas as pd
import pytest

from pipeline.account.intervals import FEWEST_PLANNED, comments_to_code
from pipeline.codebook.codebook import Codebook
from pipeline.coding.plan import coding_plan
from tests.example_survey import CODEBOOK


@pytest.mark.parametrize(("correlation", "wanted"), [(0.0, 201), (0.5, 163), (0.7, 120)])
def test_the_published_figures_come_out(correlation, wanted):
    """For ±5 points at a share of 25 % among 660 comments."""
    assert comments_to_code(0.25, correlation, 0.05, 660) == pytest.approx(wanted, abs=1)


def test_never_more_than_there_are_and_fewer_for_a_wider_interval():
    assert comments_to_code(0.5, 0.0, 0.0001, 60) == 60
    wanted = [comments_to_code(0.3, 0.4, width, 1000) for width in (0.02, 0.05, 0.1)]
    assert wanted == sorted(wanted, reverse=True)
    assert comments_to_code(0.0, 0.0, 0.05, 60) == 0


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.7])
def test_a_sample_of_the_planned_size_gives_the_wanted_width(correlation):
    """The difference estimator with its best weight, over 400 draws from 660 comments."""
    generator = np.random.default_rng(3)
    n_comments, share = 660, 0.25
    people = generator.permutation(n_comments) < share * n_comments
    noise = generator.normal(size=n_comments)
    standard = (people - people.mean()) / people.std()
    noise -= noise.mean() + standard * (noise @ standard) / n_comments
    machine = correlation * standard + np.sqrt(1 - correlation**2) * noise / noise.std()
    n = comments_to_code(share, correlation, 0.05, n_comments)
    halves, covered = [], []
    for _ in range(400):
        drawn = generator.permutation(n_comments)[:n]
        weight = np.cov(people[drawn], machine[drawn])[0, 1] / machine[drawn].var(ddof=1)
        errors = people[drawn] - weight * machine[drawn]
        half = 1.96 * np.sqrt((1 - n / n_comments) * errors.var(ddof=1) / n)
        halves.append(half)
        covered.append(abs(weight * machine.mean() + errors.mean() - people.mean()) <= half)
    assert np.mean(halves) == pytest.approx(0.05, rel=0.03)
    assert np.mean(covered) > 0.915


def test_each_theme_is_planned_from_the_machines_reading():
    codebook = Codebook.model_validate(CODEBOOK)
    carried = pd.DataFrame({"funding": [True] * 150 + [False] * 450, "equipment": False, "direction": True})
    themes = pd.DataFrame({"theme": ["funding"] * 150 + ["direction"] * 600, "probability": [0.6] * 150 + [0.9] * 600})
    plan = coding_plan(carried, themes, codebook, half_width=0.05).set_index("theme")
    assert plan.loc["funding", "share"] == 0.25
    assert plan.loc["funding", "correlation"] == pytest.approx((0.6 - 0.25) / 0.75)
    assert plan.loc["funding", "people"] == comments_to_code(0.25, 0.0, 0.05, 600)
    assert FEWEST_PLANNED < plan.loc["funding", "together"] < plan.loc["funding", "people"]
    # A theme that is nowhere, or everywhere, by the machine says nothing of how many are needed.
    assert plan.loc[["equipment", "direction"], ["correlation", "people", "together"]].to_numpy().tolist() == [
        [0.0, FEWEST_PLANNED, FEWEST_PLANNED], [0.0, FEWEST_PLANNED, FEWEST_PLANNED],
    ]  # fmt: skip


def test_of_few_comments_all_are_coded():
    codebook = Codebook.model_validate(CODEBOOK)
    carried = pd.DataFrame(dict.fromkeys(codebook.theme_ids, [True, False] * 5))
    none = pd.DataFrame({"theme": [], "probability": []})
    assert set(coding_plan(carried, none, codebook, half_width=0.05)["people"]) == {10}
