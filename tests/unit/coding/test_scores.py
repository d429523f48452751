import numpy as np
import pandas as pd
import pytest

from pipeline.account.agreement import MACHINE_DIRECT
from pipeline.codebook.codebook import Codebook
from pipeline.coding.codes import codes_frame
from pipeline.coding.scores import LEAST, agreement_of, machine_by_theme
from tests.class_agreement import class_agreement
from tests.example_survey import CODEBOOK

BOOK = Codebook.model_validate(CODEBOOK)
THEMES = BOOK.theme_ids


def ids(n: int) -> list[str]:
    return [f"c{number}" for number in range(n)]


def nobody(n: int) -> pd.Series:
    return pd.Series("", index=ids(n))


def by_people(given: np.ndarray, coder: str = "coder_1", names: list[str] | None = None) -> pd.DataFrame:
    names = ids(len(given)) if names is None else names
    codes = ["funding" if has else "none" for has in given]
    return codes_frame([(name, coder, code, (), "", False) for name, code in zip(names, codes, strict=True)])


def by_machine(given: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({theme: given & (theme == "funding") for theme in THEMES}, index=ids(len(given)))


def funding(codes: pd.DataFrame, carried: pd.DataFrame, respondents: pd.Series) -> pd.Series:
    return machine_by_theme(codes, carried, respondents, BOOK).set_index("theme").loc["funding"]


def test_precision_and_recall_are_counted_with_their_verdict():
    people = np.array([True] * 40 + [False] * 60)
    machine = np.array([True] * 30 + [False] * 10 + [True] * 5 + [False] * 55)
    found = funding(by_people(people), by_machine(machine), nobody(100))
    assert found[["positives", "found"]].tolist() == [40, 35]
    assert found[["precision", "recall"]].tolist() == pytest.approx([30 / 35, 30 / 40])
    # Wilson's intervals of 30 in 35 and of 30 in 40.
    assert found[["precision_low", "recall_low"]].tolist() == pytest.approx([0.7062, 0.5981], abs=1e-3)
    assert found["verdict"] == "usable"


def test_a_further_theme_is_a_theme():
    codes = codes_frame([("c0", "coder_1", "equipment", ("funding",), "", False)])
    found = machine_by_theme(codes, by_machine(np.array([True])), nobody(1), BOOK).set_index("theme")
    assert found["positives"].to_dict() == {"funding": 1, "equipment": 1, "direction": 0}
    assert found.loc["funding", "precision"] == 1
    assert found.loc["equipment", "recall"] == 0


@pytest.mark.parametrize(
    ("n", "hits", "verdict"), [(14, 14, "too few"), (15, 15, "usable"), (15, 8, "weak"), (0, 0, "too few")]
)
def test_the_verdict_needs_fifteen_positives_and_both_intervals_above_a_half(n, hits, verdict):
    people = np.arange(60) < n
    found = funding(by_people(people), by_machine(people & (np.arange(60) < hits)), nobody(60))
    assert found["verdict"] == verdict
    assert found["positives"] == n


def test_an_adjudicated_code_counts_alone_and_of_others_each():
    people = np.array([True, True, False])
    codes = pd.concat([
        by_people(people),
        by_people(np.array([False]), "coder_2", ["c0"]),
        by_people(np.array([False]), "adjudicated", ["c1"]),
    ])  # fmt: skip
    found = funding(codes, by_machine(np.array([True, True, True])), nobody(3))
    # c0 yes and no, c1 no as settled, c2 no.
    assert found["precision"] == 1 / 4
    assert found["positives"] == 1
    assert found["found"] == 3


def test_two_coders_of_one_comment_are_not_two_comments():
    people = np.arange(80) < 40
    machine = np.concatenate([np.arange(40) < 30, np.arange(40) < 10])
    once = funding(by_people(people), by_machine(machine), nobody(80))
    twice = pd.concat([by_people(people), by_people(people, "coder_2")])
    assert funding(twice, by_machine(machine), nobody(80))["recall"] == once["recall"]
    width = [
        found["recall_high"] - found["recall_low"] for found in (once, funding(twice, by_machine(machine), nobody(80)))
    ]
    assert width[1] == pytest.approx(width[0], rel=0.05)
    # Nor are the comments of one respondent.
    four_each = pd.Series([f"p{place // 4}" for place in range(80)], index=ids(80))
    clustered = funding(by_people(people), by_machine(machine), four_each)
    assert clustered["recall_high"] - clustered["recall_low"] > 1.5 * width[0]


def test_nothing_coded_is_too_few():
    found = machine_by_theme(codes_frame([]), by_machine(np.array([True])), nobody(1), BOOK)
    assert set(found["verdict"]) == {"too few"}
    assert found["precision"].isna().all()


def simulated(generator, *, n, share, precision, recall, n_comments=20_000):
    """Return one draw of n from a population with this precision and recall."""
    people = generator.random(n_comments) < share
    false_rate = share * recall * (1 - precision) / precision / (1 - share)
    machine = np.where(people, generator.random(n_comments) < recall, generator.random(n_comments) < false_rate)
    return people[:n], machine[:n]


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "recall"), [(0.5, 0.9), (0.9, 0.5)])
def test_a_reading_that_is_no_better_than_a_half_is_called_usable_in_at_most_one_of_twenty_samples(precision, recall):
    generator = np.random.default_rng(5)
    usable = 0
    for _ in range(400):
        people, machine = simulated(generator, n=200, share=0.25, precision=precision, recall=recall)
        found = funding(by_people(people), by_machine(machine), nobody(200))
        usable += found["verdict"] == "usable"
    assert LEAST == 0.5
    assert usable / 400 <= 0.05


@pytest.mark.slow
def test_the_intervals_cover_precision_and_recall():
    generator = np.random.default_rng(6)
    covered = []
    for _ in range(400):
        people, machine = simulated(generator, n=150, share=0.3, precision=0.7, recall=0.8)
        found = funding(by_people(people), by_machine(machine), nobody(150))
        covered.append([found[f"{name}_low"] <= true <= found[f"{name}_high"]
                        for name, true in (("precision", 0.7), ("recall", 0.8))])  # fmt: skip
    assert (np.mean(covered, axis=0) >= 0.925).all()


def test_agreement_is_over_all_coded_comments_with_no_theme_as_a_class():
    generator = np.random.default_rng(1)
    names, classes = ids(60), [*THEMES, "none", "nothing"]
    one, other = (generator.choice(classes, size=60) for _ in range(2))
    other[:40] = one[:40]
    rows = [(name, "coder_1", code, (), "mixed", False) for name, code in zip(names, one, strict=True)]
    rows += [(name, "coder_2", code, (), "", False) for name, code in zip(names[:50], other, strict=False)]
    rows += [(names[0], "adjudicated", "funding", (), "", False)]
    machine = np.where(generator.random(60) < 0.6, one, "unmapped")
    machine = np.where(np.isin(machine, THEMES), machine, "unmapped")
    assignments = pd.DataFrame({"comment_id": names, "topic": 0, "theme": "", "theme_direct": machine,
                                "theme_nearest": "funding", "outlook_direct": "positive"})  # fmt: skip
    found = agreement_of(
        codes_frame(rows), assignments, codebook=BOOK, outlook=BOOK.facets[0],
        respondents=pd.Series("", index=range(60)), n_bootstrap=200, seed=1,
    ).set_index(["first", "second", "facet"])  # fmt: skip
    between = found.loc[("coder_1", "coder_2", "themes")]
    as_class = [np.where(np.isin(codes, THEMES), codes, "no theme") for codes in (one, other, machine)]
    wanted = class_agreement(as_class[0][:50].tolist(), as_class[1][:50].tolist(), THEMES)
    assert between["comments"] == 50
    assert between["kappa"] == pytest.approx(wanted["cohen_kappa"])
    assert between["accuracy"] == pytest.approx(wanted["accuracy"])
    assert between["alpha_low"] < between["alpha"] < between["alpha_high"]
    with_machine = found.loc[("coder_1", MACHINE_DIRECT, "themes")]
    assert with_machine["comments"] == 60
    assert with_machine["accuracy"] == pytest.approx(np.mean(as_class[0] == as_class[2]))
    assert found.loc[("coder_1", MACHINE_DIRECT, "outlook"), "comments"] == 60
    assert not any("adjudicated" in pair for pair in found.index)
