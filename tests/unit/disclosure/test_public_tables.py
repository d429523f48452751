from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline import load_run
from pipeline.account.groups import SMALLER
from pipeline.account.pairs import MORE_OFTEN, theme_pairs
from pipeline.account.readings import CODED, CORRECTED, IN_TOPICS, Reading
from pipeline.disclosure import public_tables
from pipeline.disclosure.counts import Shown
from pipeline.disclosure.public_tables import public_results
from pipeline.disclosure.rules import EXACT, Rules
from pipeline.disclosure.suppression import Ledger
from pipeline.discovery.topic_tree import tree_from_table
from tests.example_survey import Survey, comment_rows
from tests.unit.disclosure.random_surveys import CODEBOOK, random_survey

RULES = Rules()


@pytest.fixture
def tables(finished: Survey):
    run = load_run(finished.output)
    return public_results(
        run._cleaned, run._discovered, run._mapped, run._assessed, codebook=run.codebook, rules=EXACT,
        smallest_base=5,
    ).tables  # fmt: skip


@pytest.fixture(scope="module")
def survey():
    return random_survey(4, kind="nested")


@pytest.fixture(scope="module")
def public(survey):
    return survey.published().tables


@pytest.mark.thorough
def test_no_table_holds_a_comment_or_an_id(tables):
    comments = {row["comment"] for row in comment_rows()} | {row["comment_id"] for row in comment_rows()}
    for name, table in tables.items():
        for column in table.columns:
            values = {str(value) for value in table[column]} - {""}
            assert not values & comments, (name, column)


def test_points_are_not_in_the_order_of_the_comments(tables, finished):
    """The order of the file would tell which point is which respondent's."""
    points = tables["comment_map"]
    layout = load_run(finished.output).layout
    assert points["x"].is_monotonic_increasing
    assert sorted(points["x"]) == sorted(layout["x"])
    assert points["x"].tolist() != layout["x"].tolist()


def test_each_topic_has_the_theme_of_its_mapping(tables, finished):
    run = load_run(finished.output)
    themes = run._mapped.topic_themes.set_index("topic")["theme"]
    for row in tables["topics"].to_dict("records"):
        assert row["theme"] == themes[row["topic"]]
        assert row["parent_label"] in set(run.coarse_topics["label"])
    assert set(tables["crosswalk"]["theme_name"]) == {theme.name for theme in run.codebook.themes}


@pytest.mark.thorough
def test_counts_are_rounded_or_hidden_and_said_to_be(public):
    for name, count in (("topics", "size"), ("coarse_topics", "size"), ("diagnosis", "comments"), ("groups", "count"),
                        ("outlook", "count")):  # fmt: skip
        shown = public[name][count].dropna()
        assert (shown % RULES.round_to == 0).all(), name
        assert (public[name][count].isna() == public[name]["suppressed"]).all(), name


def test_a_group_of_few_has_no_name(survey, public):
    raw = survey.comments["site"].value_counts()
    few = set(raw.index[raw < RULES.smallest_group])
    assert few
    shown = set(public["groups"]["group"]) | set(public["outlook"]["group"])
    assert not few & shown
    assert SMALLER in shown


def test_shares_and_differences_follow_from_the_counts_beside_them(public):
    groups = public["groups"]
    share = groups["count"].astype("Float64") / groups["comments"].astype("Float64")
    assert np.allclose(groups["share"].astype("float64"), share.astype("float64"), equal_nan=True)
    prevalence = public["prevalence"]
    share = prevalence["count"].astype("Float64") / prevalence["comments"].astype("Float64")
    assert np.allclose(prevalence["share"].astype("float64"), share.astype("float64"), equal_nan=True)


def test_tests_of_columns_with_a_hidden_cell_say_only_on_which_side_of_a_twentieth_they_are(survey, public):
    """A p-value of a table whose cells are hidden can be solved for them."""
    tests, groups = public["group_tests"], public["groups"]
    for row in tests.to_dict("records"):
        cells = groups[(groups["column"] == row["column"]) & (groups["facet"] == row["facet"])]
        if cells["suppressed"].any():
            assert pd.isna(row["statistic"])
            assert pd.isna(row["p_value"])
            assert pd.isna(row["q_value"])
        if row["method"]:
            assert row["below_0_05"] in (True, False)


def test_p_values_of_groups_are_those_of_the_counts_shown(public):
    """Two surveys that differ by a comment within the rounding have the same p-values."""
    from scipy.stats import fisher_exact

    groups, analysed = public["groups"], public["prevalence"]["count"]
    whole = dict(zip(public["prevalence"]["theme"], analysed, strict=True))
    base = groups[groups["column"] == "region"].drop_duplicates("group")["comments"].sum()
    tested = groups[(groups["facet"] == "themes") & groups["p_value"].notna()]
    for row in tested.to_dict("records"):
        share = round(row["count"] / row["comments"] * row["comments"])
        rest_base = round(5 * round(base / 5)) - row["comments"]
        rest = whole[row["entry"]] - row["count"]
        if 0 <= rest <= rest_base:
            table = [[share, row["comments"] - share], [rest, rest_base - rest]]
            assert row["p_value"] == pytest.approx(fisher_exact(table).pvalue, rel=0.35)


@pytest.mark.thorough
def test_what_became_of_the_comments_follows_from_what_is_shown(survey, public):
    flow = public["flow"].set_index("step")
    prevalence = public["prevalence"].set_index("theme")
    analysed, outside = flow.loc["analysed", "comments"], survey.published().shown.number(("topic", -1))
    assert (public["flow"]["comments"].dropna() % RULES.round_to == 0).all()
    in_topics = flow.loc["in a topic", "comments"]
    assert pd.isna(in_topics) if np.isnan(outside) else in_topics == analysed - outside
    without = prevalence.loc["unmapped", "count"]
    themed = flow.loc["with a theme", "comments"]
    assert pd.isna(themed) if pd.isna(without) else themed == analysed - without
    assert (public["flow"]["suppressed"] == public["flow"]["share"].isna()).all()


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(1, 13, 2))
def test_of_pairs_of_themes_rules_leave_no_number_and_no_word_on_counts_that_may_be_small(seed):
    survey = random_survey(seed, kind="one")
    published = survey.published()
    exact, pairs = survey.assessed.theme_pairs, published.tables["theme_pairs"]
    assert pairs[["comments", "share_of_first", "share_of_second", "p_value", "q_value"]].isna().all(axis=None)
    assert set(pairs["together"]) <= {"", MORE_OFTEN}
    for row, said in zip(exact.to_dict("records"), pairs["together"], strict=True):
        sizes = [survey.carried["themes"][row[name]].sum() for name in ("first", "second")]
        if said:
            assert min(row["comments"], *(size - row["comments"] for size in sizes)) >= RULES.suppress_below
            groups = published.tables["groups"]
            of_pair = groups[(groups["facet"] == "themes") & groups["entry"].isin([row["first"], row["second"]])]
            assert not of_pair["suppressed"].any()


def test_a_pair_that_is_large_in_every_part_is_said_to_come_together(survey):
    count = 400
    has = pd.DataFrame({"money": np.arange(count) < 200, "tools": (np.arange(count) >= 40) & (np.arange(count) < 240),
                        "people": np.arange(count) % 2 == 0})  # fmt: skip
    pairs = theme_pairs(Reading(CODED, has), pd.Series([""] * count), CODEBOOK)
    ledger = Ledger()
    for theme in has:
        ledger.add(("theme", theme), has[theme].sum())
    said = public_tables._pairs(pairs, Shown(ledger, frozenset(), RULES))["together"].tolist()
    assert said == [MORE_OFTEN, "", ""]
    # One hidden group of a theme, and nothing is said of it.
    hidden = frozenset({("in", "region", "R0", "themes", ("people", "tools"))})
    assert set(public_tables._pairs(pairs, Shown(ledger, hidden, RULES))["together"]) == {""}


def test_without_rules_everything_is_exact_but_for_the_names_of_small_groups():
    rules = Rules.of(None, smallest_group=12)
    survey = random_survey(4, kind="two", rules=rules)
    tables = survey.published().tables
    assert tables["topics"]["size"].tolist() == survey.discovered.topics["size"].tolist()
    assert tables["topics"]["own_share"].tolist() == survey.mapped.topic_themes["own_share"].tolist()
    # Of a topic of few comments it would reveal how many have another main theme.
    assert "own_share" not in random_survey(4, kind="two").published().tables["topics"]
    assert tables["groups"]["comments"].min() >= 12
    assert not tables["groups"]["suppressed"].any()
    assert tables["group_tests"]["p_value"].equals(survey.assessed.group_tests["p_value"])


def test_of_too_few_comments_nothing_is_shown():
    survey = random_survey(4, kind="one", rules=Rules(8, 5, 5_000, 10))
    tables = survey.published().tables
    for name in ("topics", "prevalence", "groups", "outlook", "claims"):
        assert tables[name]["suppressed"].all(), name
    assert set(tables["claims"]["verdict"]) == {"cannot tell"}


@pytest.mark.thorough
def test_respondents_with_several_comments_make_intervals_wider_by_a_tenth_at_a_time():
    survey = random_survey(7, kind="one", crowd=True)
    groups = survey.published().tables["groups"]
    shown = groups[groups["share"].notna() & (groups["share"] > 0) & (groups["share"] < 1)]
    share, low, high, base = (shown[name].astype("float64") for name in ("share", "low", "high", "comments"))
    z2 = 1.959964**2
    # The product of the ends of Wilson's interval is the squared share over 1 + z2 / n.
    design = base * (share**2 / (low * high) - 1) / z2
    assert np.allclose(design * 10, np.round(design * 10), atol=0.05)
    assert (design > 0.99).all()
    assert (high > low).all()


def corrected_survey(seed):
    """A survey whose figures of themes and outlooks are estimates, with shares from none to all."""
    survey, rng = random_survey(seed, kind="one"), np.random.default_rng(seed)

    def estimated(table, rest=False):
        chosen = table["reading"] != IN_TOPICS
        n = table["comments"].astype(float)
        share = pd.Series(rng.beta(0.4, 0.8, len(table)), table.index)
        new = {"reading": table["reading"].mask(chosen, CORRECTED), "share": share.where(chosen, table.get("share")),
               "low": (share / 2).where(chosen), "high": (share / 2 + 0.5).where(chosen), "effective": n / 4,
               "count": table["count"].astype("Int64").mask(chosen)}  # fmt: skip
        if rest:
            new |= {"rest_share": share, "rest_count": table["rest_count"].astype("Int64").mask(chosen),
                    "rest_effective": n / 4, "difference_low": -0.1234, "difference_high": 0.1234,
                    "p_value": 0.3}  # fmt: skip
        return table.assign(**{name: values for name, values in new.items() if name in table or name == "rest_share"})

    found = survey.assessed
    whole = found.prevalence["reading"].fillna("") != ""
    prevalence = pd.concat([estimated(found.prevalence[whole]), found.prevalence[~whole]])
    assessed = replace(
        found, prevalence=prevalence, outlook=estimated(found.outlook), groups=estimated(found.groups, rest=True),
        claim_counts=estimated(found.claim_counts, rest=True), coded=found.coded.assign(leads=False),
    )  # fmt: skip
    return replace(survey, assessed=assessed)


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [0, 1, 2, 5])
def test_estimates_are_rounded_and_hidden_where_they_would_say_that_few_have_or_lack_something(seed):
    survey = corrected_survey(seed)
    tables, rules = survey.published().tables, survey.rules
    for name in ("prevalence", "outlook", "groups"):
        public = tables[name].reset_index(drop=True)
        exact = getattr(survey.assessed, name).reset_index(drop=True)
        estimated = (public["reading"] == CORRECTED).to_numpy()
        assert estimated.any() and public.loc[estimated, "count"].isna().all()
        near = (exact["share"] * exact["comments"].astype(float)).round()
        rest = exact["comments"].astype(float) - near
        few = near.between(1, rules.suppress_below - 1) | rest.between(1, rules.suppress_below - 1)
        shown = public["share"].notna().to_numpy()
        assert not (few & shown & estimated).any()
        # In the table of shares the machine's own counts may be hidden too.
        suppressed = public["suppressed"].astype(bool).to_numpy()
        assert (suppressed >= ~shown)[estimated].all()
        assert name == "prevalence" or (suppressed == ~shown)[estimated].all()
        numbers = public.loc[estimated & shown, "share"].astype(float)
        assert np.allclose(numbers, numbers.round(2), atol=1e-12)
        assert public.loc[estimated & ~shown, ["low", "high"]].isna().all(axis=None)
    groups = tables["groups"][(tables["groups"]["reading"] == CORRECTED).to_numpy()]
    assert set(groups["difference_low"].dropna().round(4)) <= {-0.12}
    hidden = tables["claims"][tables["claims"]["estimate"].isna()]
    assert not hidden["shown"].str.contains("%").any()


def audited_survey(rules=RULES):
    survey = random_survey(4, kind="one", rules=rules)
    audit = pd.DataFrame(
        [("good", "confirmed", 63, 61, 70.0, 20.0, None)],
        columns=["claim", "verdict", "coded", "after", "e_value", "needed", "more"],
    ).astype({"after": "Int64", "more": "Int64"})
    paths = pd.DataFrame(
        {"claim": "good", "coded": [1, 2], "evidence_for": [0.1, 0.2], "evidence_against": [0.0, -0.1]}
    )
    return replace(survey, assessed=replace(survey.assessed, audit=audit, audit_paths=paths))


@pytest.mark.thorough
def test_the_path_of_an_audit_would_reveal_each_code_and_is_not_public():
    tables = audited_survey().published().tables
    assert not len(tables["audit_paths"])
    (row,) = tables["audit"].to_dict("records")
    # Rounded up, but not past what was coded.
    assert (row["verdict"], row["coded"], row["after"], row["suppressed"]) == ("confirmed", 63, 63, False)
    assert pd.isna(row["more"])


@pytest.mark.thorough
def test_a_claim_whose_counts_are_hidden_has_no_audit():
    (row,) = audited_survey(Rules(8, 5, 5_000, 10)).published().tables["audit"].to_dict("records")
    assert (row["verdict"], row["suppressed"]) == ("", True) and pd.isna(row["after"])


def test_without_rules_the_audit_is_exact():
    tables = audited_survey(Rules.of(None, smallest_group=12)).published().tables
    assert len(tables["audit_paths"]) == 2
    assert tables["audit"]["after"].tolist() == [61]


@pytest.mark.thorough
def test_the_tree_of_topics_is_whole_and_has_two_decimals_under_rules(tables, finished):
    run, exact = load_run(finished.output), tables["topic_tree"]
    numbers = run._discovered.topics["topic"].tolist()
    assert len(exact) == len(numbers) - 1 > 0
    np.testing.assert_allclose(tree_from_table(exact, numbers), run.hierarchy().linkage)
    ruled = public_results(
        run._cleaned, run._discovered, run._mapped, run._assessed, codebook=run.codebook, rules=RULES, smallest_base=5
    ).tables["topic_tree"]
    assert ruled["apart"].tolist() == exact["apart"].round(2).tolist()
