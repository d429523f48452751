from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.account.claims import (
    CANNOT_TELL,
    HIDDEN,
    NO_NUMBER,
    NOT_SUPPORTED,
    SUPPORTED,
    claim_pairs,
    count_for_claims,
    judge_claims,
)
from pipeline.account.groups import group_table, grouped_columns
from pipeline.account.intervals import comments_to_code
from pipeline.codebook.codebook import Codebook, find_faults, load_codebook
from pipeline.tables.schema import empty, made
from tests.example_readings import coded, unchecked, wilson

OURS = Path(__file__).parents[3] / "configs" / "codebooks" / "htn_health_tech_trends.yaml"

SHARE = {"kind": "share", "facet": "outlook", "entry": "positive", "value": 0.22}
DIFFERENCE = {
    "kind": "difference", "facet": "outlook", "entry": "positive", "column": "setting", "group": "Primary care",
    "direction": "higher",
}  # fmt: skip
ORDER = {"kind": "order", "facet": "themes", "order": ["money", "tools", "staff"]}
PROMINENT = {"kind": "prominent", "facet": "themes", "entry": "money"}


def book(*claims):
    def entry(name):
        return {"id": name, "name": name.capitalize(), "definition": f"What is said of {name}."}

    return Codebook.model_validate(
        {
            "title": "A book",
            "themes": [entry(name) for name in ("money", "tools", "staff", "time")],
            "facets": [
                {
                    "id": "outlook", "name": "Outlook", "definition": "How it sounds.",
                    "themes": [entry(name) for name in ("positive", "mixed", "negative")],
                }
            ],
            "claims": [{"id": f"c{i}", "statement": "It is so."} | claim for i, claim in enumerate(claims)],
        }
    )  # fmt: skip


def single(n):
    return pd.Series([f"r{i}" for i in range(n)])


def one_each(**counts):
    """Comments that carry one entry each; "none" carries none."""
    carries = np.repeat(list(counts), list(counts.values()))
    return pd.DataFrame({name: carries == name for name in counts if name != "none"})


def outlooks(positive, mixed, negative):
    return {"outlook": one_each(positive=positive, mixed=mixed, negative=negative)}


def themes(**counts):
    return {"themes": one_each(**{"money": 0, "tools": 0, "staff": 0, "time": 0} | counts)}


def counted(codebook, carried, metadata=None, people=None, smallest=0):
    n = len(next(iter(carried.values())))
    groups = {} if metadata is None else grouped_columns(metadata, dict.fromkeys(metadata), smallest=smallest)
    return count_for_claims(codebook, coded(carried), groups, single(n) if people is None else people)


def check(claim, carried, metadata=None, **settings_):
    return judge_claims(book(claim), counted(book(claim), carried, metadata), **settings_).iloc[0]


def by_setting(here, elsewhere, *, unknown=0):
    """Positive of all comments in primary care, and in the hospitals."""
    rows = [("Primary care", here), ("Acute", elsewhere), ("", (unknown, unknown))]
    positive = np.concatenate([np.arange(total) < count for _, (count, total) in rows])
    setting = [name for name, (_, total) in rows for _ in range(total)]
    carried = pd.DataFrame({"positive": positive, "mixed": False, "negative": ~positive})
    return {"outlook": carried}, pd.DataFrame({"setting": setting})


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((440, 0, 1560), SUPPORTED),
        ((22, 0, 78), CANNOT_TELL),
        ((20, 0, 40), CANNOT_TELL),
        ((50, 0, 50), NOT_SUPPORTED),
        ((0, 50, 50), NOT_SUPPORTED),
    ],
)
def test_a_share_is_held_against_its_tolerance(counts, verdict):
    row = check(SHARE, outlooks(*counts))
    assert row["verdict"] == verdict
    assert row["estimate"] == counts[0] / sum(counts)
    assert (row["low"], row["high"]) == pytest.approx(wilson(counts[0], sum(counts)))
    assert row["n"] == sum(counts)
    assert "5 percentage points of the claimed 22%" in row["reason"]


def test_a_share_is_told_in_words():
    row = check(SHARE, outlooks(20, 0, 40))
    assert row["claimed"] == "“Positive”: 22% of comments"
    assert row["shown"] == "“Positive”: 20 of 60 comments, 33% (95% interval 23–46%)."
    assert (row["claim"], row["kind"], row["statement"], row["facet"]) == ("c0", "share", "It is so.", "outlook")


def test_a_wider_tolerance_and_less_confidence_decide_more():
    carried = outlooks(22, 0, 78)
    assert check(SHARE | {"tolerance": 0.2}, carried)["verdict"] == SUPPORTED
    assert check(SHARE, carried, confidence=0.5)["verdict"] == SUPPORTED


def test_entries_counted_together_count_a_comment_once():
    carried = {"outlook": pd.DataFrame({"positive": [True] * 30 + [False] * 30, "mixed": [True] * 40 + [False] * 20})}
    row = check(SHARE | {"also": ["mixed"]}, carried)
    assert row["estimate"] == pytest.approx(40 / 60)
    assert row["claimed"].startswith("“Positive” or “Mixed”")


@pytest.mark.parametrize(
    ("here", "elsewhere", "direction", "verdict"),
    [
        ((30, 50), (10, 50), "higher", SUPPORTED),
        ((30, 50), (10, 50), "lower", NOT_SUPPORTED),
        ((10, 50), (30, 50), "higher", NOT_SUPPORTED),
        ((10, 50), (30, 50), "lower", SUPPORTED),
        ((12, 50), (10, 50), "higher", CANNOT_TELL),
        ((10, 50), (10, 50), "lower", CANNOT_TELL),
    ],
)
def test_a_difference_is_held_against_zero(here, elsewhere, direction, verdict):
    row = check(DIFFERENCE | {"direction": direction}, *by_setting(here, elsewhere))
    assert row["verdict"] == verdict
    assert row["estimate"] == pytest.approx(here[0] / here[1] - elsewhere[0] / elsewhere[1])
    assert row["low"] < row["estimate"] < row["high"]
    assert row["n"] == 50


def test_a_difference_is_told_in_words():
    row = check(DIFFERENCE, *by_setting((56, 70), (48, 80)))
    assert row["shown"] == (
        "“Positive”: 56 of 70 comments in “Primary care” (80%), 48 of 80 in the rest (60%); a difference of "
        "+20 percentage points (95% interval +5 to +33)."
    )
    assert row["claimed"] == "“Positive”: higher in “Primary care” than in the rest of “setting”"


def test_a_difference_within_the_margin_counts_as_none():
    claim = DIFFERENCE | {"margin": 0.05}
    assert check(claim, *by_setting((1030, 2000), (1000, 2000)))["verdict"] == NOT_SUPPORTED
    # Surely above zero, and surely too small to count.
    small = by_setting((10300, 20000), (10000, 20000))
    assert check(DIFFERENCE, *small)["verdict"] == SUPPORTED
    assert check(claim, *small)["verdict"] == NOT_SUPPORTED
    assert check(claim, *by_setting((30, 50), (10, 50)))["verdict"] == SUPPORTED


def test_comments_of_an_unknown_group_are_not_the_rest():
    row = check(DIFFERENCE, *by_setting((30, 50), (10, 50), unknown=900))
    assert row["verdict"] == SUPPORTED
    assert "10 of 50 in the rest" in row["shown"]


def test_a_group_is_found_whatever_its_case():
    carried, metadata = by_setting((30, 50), (10, 50))
    assert check(DIFFERENCE | {"group": "primary  CARE"}, carried, metadata)["n"] == 50


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({"money": 60, "tools": 30, "staff": 8}, SUPPORTED),
        ({"money": 30, "tools": 28, "staff": 26}, CANNOT_TELL),
        ({"money": 60, "tools": 8, "staff": 40}, NOT_SUPPORTED),
        ({"money": 8, "tools": 9, "staff": 60}, NOT_SUPPORTED),
        ({"money": 0, "tools": 0, "staff": 0, "none": 50}, CANNOT_TELL),
        ({"money": 3, "tools": 0, "staff": 0, "none": 50}, CANNOT_TELL),
    ],
)
def test_an_order_is_held_against_each_pair(counts, verdict):
    row = check(ORDER, themes(**counts))
    assert row["verdict"] == verdict
    assert row["low"] <= row["estimate"] <= row["high"]
    assert row["n"] == sum(counts.values())


def test_an_order_names_the_pair_that_decides():
    row = check(ORDER, themes(money=60, tools=8, staff=40))
    assert row["reason"] == "The whole interval has “Staff” more common than “Tools”, which the claim has first."
    assert row["estimate"] == pytest.approx((8 - 40) / 108)
    assert row["shown"].startswith("Of 108 comments: “Money” 56%, “Tools” 7%, “Staff” 37%. “Tools” minus “Staff”: −30 ")
    assert "(98.3% interval −" in row["shown"] and row["shown"].endswith(", as one of 3 pairs).")
    assert row["claimed"] == "“Money”, then “Tools”, then “Staff”"


def test_an_order_allows_for_its_tolerance():
    close = themes(money=1000, tools=990, staff=400)
    assert check(ORDER, close)["verdict"] == CANNOT_TELL
    row = check(ORDER | {"tolerance": 0.05}, close)
    assert row["verdict"] == SUPPORTED
    assert row["reason"].endswith("the later entry is more common by more than 5 percentage points.")


@pytest.mark.slow
def test_orders_of_equals_are_seldom_called_reversed():
    rng = np.random.default_rng(12)
    order = ["money", "tools", "staff", "time"]
    verdicts = []
    for _ in range(150):
        drawn = rng.choice(order, size=100)
        carried = {"themes": pd.DataFrame({name: drawn == name for name in order})}
        verdicts.append(check(ORDER | {"order": order}, carried)["verdict"])
    assert verdicts.count(NOT_SUPPORTED) / 150 <= 0.08
    assert verdicts.count(SUPPORTED) / 150 <= 0.05


def test_without_a_number_no_bar_is_made_up():
    row = check(PROMINENT, themes(money=50, tools=50))
    assert (row["verdict"], row["claimed"]) == ("no number", "“Money”: common")
    # The lower end of Wilson's interval of 90% is what the share is above with 95% confidence.
    assert row["reason"] == "The article gives no number. The share is at least 42%, with 95% confidence."


def test_the_share_of_a_claim_without_a_number_is_above_what_is_said_19_times_in_20():
    rng = np.random.default_rng(5)
    # Of 600 surveys many have the same count, and so the same reason.
    counts, times = np.unique(rng.binomial(120, 0.3, 600), return_counts=True)
    said = []
    for count in counts.tolist():
        reason = check(PROMINENT, themes(money=count, tools=120 - count))["reason"]
        said.append(int(reason.split("at least ")[1].split("%")[0]) / 100)
    # Whole percent are rounded, which may put the end half a point higher.
    assert np.average(np.array(said) <= 0.305, weights=times) >= 0.925


@pytest.mark.parametrize("claim", [SHARE, ORDER, PROMINENT, PROMINENT | {"at_least": 0.1}])
def test_a_reading_that_nobody_checked_decides_nothing(claim):
    carried = outlooks(40, 30, 30) | themes(money=40, tools=30, staff=30)
    figures = count_for_claims(book(claim), unchecked(carried), {}, single(100))
    row = judge_claims(book(claim), figures).iloc[0]
    assert (row["verdict"], row["reading"]) == ("not checked", "machine reading, unchecked")
    assert "40%" in row["shown"] and row["reason"].startswith("Nobody has checked this reading. Needed: ")
    assert row[["estimate", "low", "high"]].isna().all()
    assert set(claim_pairs(book(claim), figures)["verdict"]) <= {"not checked"}


def of_unchecked(claim, carried, metadata=None, **changes):
    groups = {} if metadata is None else grouped_columns(metadata, dict.fromkeys(metadata), smallest=0)
    n = len(next(iter(carried.values())))
    figures = count_for_claims(book(claim), unchecked(carried), groups, single(n))
    return judge_claims(book(claim), figures.assign(**changes)).iloc[0]


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (SHARE | {"value": 0.36}, True), (SHARE, False), (ORDER, True), (ORDER | {"order": ["staff", "money"]}, False),
        (PROMINENT | {"at_least": 0.4}, True), (PROMINENT | {"at_least": 0.41}, False), (PROMINENT, None),
        (DIFFERENCE, True), (DIFFERENCE | {"direction": "lower"}, False),
    ],
)  # fmt: skip
def test_an_unchecked_claim_says_what_the_machines_reading_would_say(claim, holds):
    carried = outlooks(40, 30, 30) | themes(money=40, tools=30, staff=30)
    settings = pd.DataFrame({"setting": ["Primary care"] * 50 + ["Acute"] * 50})
    said = {
        True: "Were it right, the claim would hold.",
        False: "Were it right, the claim would not hold.",
        None: "40%.",
    }
    assert of_unchecked(claim, carried, settings)["shown"].endswith(said[holds])


def test_an_unchecked_claim_says_how_many_comments_to_code():
    carried = outlooks(40, 30, 30) | themes(money=40, tools=30, staff=30)
    needed = "Nobody has checked this reading. Needed: about "
    assert of_unchecked(SHARE, carried, to_code=60)["reason"] == f"{needed}60 coded comments, if it is right."
    # Of a group and the rest it takes comments of both.
    settings = pd.DataFrame({"setting": ["Primary care"] * 20 + ["Acute"] * 80})
    assert of_unchecked(DIFFERENCE, carried, settings, to_code=90)["reason"].startswith(f"{needed}90 ")
    # Never more than there are.
    assert of_unchecked(SHARE, carried, to_code=150)["reason"] == f"{needed}100 coded comments, if it is right."
    wanted = 10 * int(np.ceil(comments_to_code(0.4, 0.0, 0.05, 100) / 10))
    assert of_unchecked(PROMINENT, carried)["reason"] == (
        f"{needed}{wanted} coded comments, to know the share to ±5 points."
    )


def test_an_order_is_shown_pair_by_pair():
    figures = counted(book(ORDER), themes(money=10, tools=60, staff=30))
    pairs = claim_pairs(book(ORDER), figures)
    assert pairs[["earlier", "later"]].to_numpy().tolist() == [
        ["money", "tools"], ["money", "staff"], ["tools", "staff"]
    ]  # fmt: skip
    assert pairs["difference"].tolist() == pytest.approx([-0.5, -0.2, 0.3])
    assert pairs["verdict"].tolist() == [NOT_SUPPORTED, NOT_SUPPORTED, SUPPORTED]
    row = judge_claims(book(ORDER), figures).iloc[0]
    # The verdict on the whole order rests on the worst of them.
    assert row[["estimate", "low", "high"]].tolist() == pairs.loc[0, ["difference", "low", "high"]].tolist()


def test_pairs_of_an_order_that_is_hidden_have_no_figures():
    figures = counted(book(ORDER), themes(money=10, tools=60, staff=30))
    figures["count"] = figures["count"].astype("Int64").mask(figures.index == 0)
    pairs = claim_pairs(book(ORDER), figures)
    assert pairs["difference"].isna().tolist() == [True, True, False]
    assert pairs["verdict"].tolist()[:2] == [CANNOT_TELL] * 2


def test_a_stated_level_takes_the_place_of_the_even_share():
    row = check(PROMINENT | {"at_least": 0.01}, themes(money=5, tools=95))
    assert (row["verdict"], row["reason"]) == (SUPPORTED, "The whole interval is above 1%.")


@pytest.mark.parametrize("claim", [SHARE, DIFFERENCE, ORDER, PROMINENT])
def test_without_the_facet_nothing_can_be_told(claim):
    row = check(claim, {"mood": pd.DataFrame({"glad": [True] * 30})})
    assert row["verdict"] == CANNOT_TELL
    assert row["reason"] == f"Needed: comments matched with the facet “{claim['facet']}”."
    assert row[["estimate", "low", "high"]].isna().all()
    assert (row["n"], row["shown"]) == (0, "Not checked.")


@pytest.mark.parametrize("claim", [SHARE, DIFFERENCE, ORDER, PROMINENT])
def test_too_few_comments_tell_nothing(claim):
    carried = outlooks(5, 2, 2) | themes(money=9)
    row = check(claim, carried, pd.DataFrame({"setting": ["Primary care"] * 9}))
    assert row["verdict"] == CANNOT_TELL
    assert row["reason"].startswith("Needed: at least 10 comments")
    # How few there are is not said.
    assert "9" not in row["reason"]
    assert (row["n"], row["shown"]) == (0, "Not checked.")


def test_an_entry_that_was_not_matched_is_named():
    row = check(ORDER, {"themes": pd.DataFrame({"money": [True] * 20})})
    assert row["reason"] == "Needed: comments matched with “Tools” or “Staff” of “themes”."


def test_a_missing_column_is_named():
    row = check(DIFFERENCE, outlooks(20, 20, 20))
    assert row["reason"].startswith("Needed: groups by the column “setting”, with “Primary care” as one of them")


@pytest.mark.parametrize(
    ("here", "elsewhere", "found"),
    [
        ((4, 9), (10, 50), "Needed: at least 10 comments with “Primary care” in “setting”."),
        ((0, 0), (10, 50), "Needed: at least 10 comments with “Primary care” in “setting”."),
        ((20, 50), (1, 3), "Needed: at least 10 comments with another value than “Primary care” in “setting”."),
    ],
)
def test_a_small_group_or_rest_is_not_compared(here, elsewhere, found):
    row = check(DIFFERENCE, *by_setting(here, elsewhere))
    assert row["verdict"] == CANNOT_TELL
    assert found == row["reason"]
    assert np.isnan(row["estimate"])
    assert check(DIFFERENCE, *by_setting(here, elsewhere), smallest_base=1)["n"] == here[1]


def test_a_group_that_went_under_a_common_name_is_not_counted_as_none():
    carried, metadata = by_setting((4, 9), (10, 50))
    figures = counted(book(DIFFERENCE), carried, metadata, smallest=10)
    # All its comments are among the smaller groups, and so is the rest: nothing is left to compare.
    row = judge_claims(book(DIFFERENCE), figures).iloc[0]
    assert (row["verdict"], row["shown"]) == (CANNOT_TELL, "Not checked.")
    assert row[["estimate", "low", "high"]].isna().all()


def test_a_claim_counts_a_group_as_the_table_of_groups_does():
    carried, metadata = by_setting((30, 50), (10, 50), unknown=40)
    metadata["setting"] = metadata["setting"].where(metadata.index % 2 == 0, metadata["setting"] + "  ")
    claim = DIFFERENCE | {"group": "primary care"}
    figure = counted(book(claim), carried, metadata).iloc[0]
    groups = grouped_columns(metadata, {"setting": None})
    table = group_table(coded(carried), groups, single(140)).set_index(["group", "entry"])
    same = ["comments", "count", "effective", "rest_comments", "rest_count", "rest_effective"]
    assert figure[same].tolist() == table.loc[(figure["group"], "positive"), same].tolist()
    # By its name in the tables, not in the claim: so the two can be known for one.
    assert (figure["column"], figure["group"]) == ("setting", "Primary care")


def test_counts_are_data_of_every_share_that_a_claim_needs():
    figures = counted(book(SHARE, ORDER), outlooks(30, 20, 10) | themes(money=30, tools=20, staff=5, time=5))
    assert tuple(figures.columns) == tuple(empty("claim_counts"))
    assert figures["claim"].tolist() == ["c0", "c1", "c1", "c1"]
    assert figures["entries"].tolist() == [["positive"], ["money"], ["tools"], ["staff"]]
    assert figures["count"].tolist() == [30, 30, 20, 5]
    assert [len(each) for each in figures["correlations"]] == [0, 2, 1, 0]


@pytest.mark.parametrize("claim", [SHARE, DIFFERENCE, ORDER, PROMINENT])
@pytest.mark.parametrize("name", ["comments", "count"])
def test_a_claim_one_of_whose_counts_is_hidden_says_nothing(claim, name):
    carried, metadata = by_setting((30, 50), (10, 50))
    figures = counted(book(claim), carried | themes(money=60, tools=30, staff=10), metadata)
    assert judge_claims(book(claim), figures)["shown"][0] != HIDDEN
    for row in figures.index:
        hidden = figures.copy()
        hidden.loc[row, name] = pd.NA
        found = judge_claims(book(claim), hidden).iloc[0]
        assert (found["verdict"], found["shown"], found["reason"]) == (CANNOT_TELL, HIDDEN, "")
        assert found[["estimate", "low", "high", "n"]].isna().all()


@pytest.mark.parametrize("name", ["rest_comments", "rest_count"])
def test_a_difference_from_a_hidden_rest_says_nothing(name):
    figures = counted(book(DIFFERENCE), *by_setting((30, 50), (10, 50)))
    figures.loc[0, name] = pd.NA
    found = judge_claims(book(DIFFERENCE), figures).iloc[0]
    assert (found["verdict"], found["shown"]) == (CANNOT_TELL, HIDDEN)


def test_without_the_correlation_an_order_is_less_sure():
    """Where nearly everybody who says one says the other, knowing so narrows the interval."""
    both = np.arange(200)
    carried = {"themes": pd.DataFrame({"money": both < 90, "tools": both < 70, "staff": both < 20})}
    figures = counted(book(ORDER), carried)
    unknown = figures.assign(correlations=[[None] * len(each) for each in figures["correlations"]])
    known, wide = (judge_claims(book(ORDER), each).iloc[0] for each in (figures, unknown))
    assert (known["verdict"], wide["verdict"]) == (SUPPORTED, CANNOT_TELL)
    assert wide["low"] < known["low"]


def test_repeating_oneself_proves_nothing_more():
    carried = pd.concat([outlooks(9, 0, 6)["outlook"]] * 20, ignore_index=True)
    claim = book(SHARE | {"value": 0.3})
    people = pd.concat([single(15)] * 20, ignore_index=True)
    naive, clustered = (
        judge_claims(claim, counted(claim, {"outlook": carried}, people=who)) for who in (single(300), people)
    )
    assert (naive["verdict"][0], clustered["verdict"][0]) == (NOT_SUPPORTED, CANNOT_TELL)


def test_a_codebook_without_claims_has_an_empty_table():
    table = judge_claims(book(), counted(book(), outlooks(5, 5, 5)))
    assert (len(table), tuple(table.columns)) == (0, tuple(made("claims", [], room="public")))


def test_every_claim_of_the_article_can_be_checked():
    codebook = load_codebook(OURS)
    rng = np.random.default_rng(1)
    carried = {
        "themes": pd.DataFrame({name: rng.random(80) < 0.4 for name in codebook.theme_ids}),
        "outlook": pd.DataFrame({name: rng.random(80) < 0.3 for name in ("positive", "mixed", "negative")}),
    }
    metadata = pd.DataFrame({"care_setting": ["Primary care", "Acute trust"] * 40})
    table = judge_claims(codebook, counted(codebook, carried, metadata))
    assert table["claim"].tolist() == [claim.id for claim in codebook.claims]
    assert table[["estimate", "low", "high"]].notna().all(axis=None)
    assert table["reason"].str.endswith(".").all()


@pytest.mark.parametrize(
    ("claim", "fault"),
    [
        (SHARE | {"also": ["mixd"]}, "claims: 'c0': 'mixd' is not an id of outlook. Did you mean 'mixed'?"),
        (DIFFERENCE | {"also": ["positive"]}, "claims: 'c0' names 'positive' 2 times; name each entry once."),
        (ORDER | {"order": ["money", "money"]}, "claims: 'c0' names 'money' 2 times; name each entry once."),
    ],
)
def test_entries_that_a_claim_names_must_hold(claim, fault):
    assert find_faults(book(claim)) == [fault]


ROWS = st.tuples(st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["", "Primary care", "b"]))


@pytest.mark.thorough
@given(st.lists(ROWS, max_size=30), st.integers(1, 12))
def test_any_data_give_a_verdict_with_a_reason(rows, smallest_base):
    flags = pd.DataFrame({i: [row[i] for row in rows] for i in range(3)}, dtype=bool)
    carried = {
        "themes": flags.set_axis(["money", "tools", "staff"], axis=1),
        "outlook": flags.set_axis(["positive", "mixed", "negative"], axis=1),
    }
    metadata = pd.DataFrame({"setting": [row[3] for row in rows]}, dtype=str)
    claims = book(SHARE, DIFFERENCE, ORDER, PROMINENT)
    table = judge_claims(claims, counted(claims, carried, metadata), smallest_base=smallest_base)
    assert set(table["verdict"]) <= {SUPPORTED, NOT_SUPPORTED, CANNOT_TELL, NO_NUMBER}
    assert table["reason"].str.endswith(".").all()
    decided = table[table["verdict"] != CANNOT_TELL]
    assert decided[["estimate", "low", "high"]].notna().all(axis=None)
    assert (table["reason"].str.contains("Needed") == (table["verdict"] == CANNOT_TELL)).all()
