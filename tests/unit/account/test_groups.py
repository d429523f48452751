import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.account.claims import count_for_claims, judge_claims
from pipeline.account.groups import (
    CHI_SQUARED,
    PERMUTATION,
    SMALLER,
    group_table,
    grouped,
    grouped_columns,
    linked_groups,
    pooled,
    table_tests,
)
from pipeline.account.outlook import NOT_GIVEN, outlook_shares
from pipeline.codebook.codebook import Codebook
from pipeline.crosswalk.membership import one_of_each
from pipeline.errors import ConfigError, DataError
from pipeline.tables.schema import empty
from tests.example_readings import coded, unchecked, wilson

ROLES = {
    "Doctors": ["doctor", "GP", "consultant"],
    "Nurses": ["nurse", "health visitor"],
    "Managers": ["manager", "head of"],
}


def single(n):
    return pd.Series([f"r{i}" for i in range(n)])


def survey(**groups):
    """Comments of groups, each from (count, total) of one entry."""
    carried = pd.concat([pd.Series(np.arange(total) < count) for count, total in groups.values()], ignore_index=True)
    setting = [name for name, (_, total) in groups.items() for _ in range(total)]
    return {"themes": carried.to_frame("money")}, pd.DataFrame({"setting": setting})


BY_SETTING = {"setting": None}


def table_of(carried, metadata, people=None, columns=BY_SETTING, smallest=0):
    people = single(len(metadata)) if people is None else people
    return group_table(coded(carried), grouped_columns(metadata, columns, smallest=smallest), people)


def whole_table(carried, metadata, people=None, **settings_):
    people = single(len(metadata)) if people is None else people
    return table_tests(coded(carried), grouped_columns(metadata, BY_SETTING), people, seed=3, **settings_).iloc[0]


@pytest.mark.parametrize(
    ("value", "group"),
    [
        ("Doctor", "Doctors"),
        ("junior DOCTOR, A&E", "Doctors"),
        ("gp", "Doctors"),
        ("Health  Visitor", "Nurses"),
        ("Head of nursing", "Managers"),
        ("Nurse manager", "Nurses"),
        ("gpx", "Other"),
        ("nurses", "Other"),
        ("porter", "Other"),
        ("", "(not given)"),
        ("  ", "(not given)"),
        (None, "(not given)"),
        ("(not given)", "(not given)"),
    ],
)
def test_free_text_falls_into_groups_by_whole_words(value, group):
    assert grouped(pd.Series([value], dtype=object), ROLES).tolist() == [group]


def test_without_a_mapping_values_are_groups_but_for_spacing():
    values = pd.Series(["Acute  trust ", "Acute trust", ""], index=[4, 2, 9])
    found = grouped(values, None)
    assert found.tolist() == ["Acute trust", "Acute trust", "(not given)"]
    assert found.index.tolist() == [4, 2, 9]
    assert values.iloc[0] == "Acute  trust "


@pytest.mark.parametrize("words", [[], ["doctor", " "], "doctor"])
def test_a_group_without_usable_words_is_refused(words):
    with pytest.raises(ConfigError, match="no usable words for 'Doctors'"):
        grouped(pd.Series(["doctor"]), {"Doctors": words})


def test_signs_in_words_mean_themselves():
    assert grouped(pd.Series(["R&D+ lead", "R&DD"]), {"Research": ["r&d+"]}).tolist() == ["Research", "Other"]


@pytest.mark.thorough
@given(st.lists(st.text(max_size=12), max_size=8))
def test_every_value_has_a_known_group(values):
    found = grouped(pd.Series(values, dtype=str), ROLES)
    assert len(found) == len(values)
    assert set(found) <= {*ROLES, "Other", "(not given)"}
    assert [group == "(not given)" for group in found] == [
        not v.strip() or v.split() == ["(not", "given)"] for v in values
    ]


def test_a_group_table_of_a_worked_example():
    """Fisher's tea tasting (3 of 4 against 1 of 4), whose two-sided p-value is 34/70."""
    carried, metadata = survey(first=(3, 4), second=(1, 4))
    table = table_of(carried, metadata)
    assert tuple(table.columns) == tuple(empty("groups"))
    assert table["group"].tolist() == ["first", "second"]
    row = table.iloc[0]
    assert (row["column"], row["facet"], row["entry"]) == ("setting", "themes", "money")
    assert (row["comments"], row["count"], row["share"]) == (4, 3, 0.75)
    assert (row["rest_comments"], row["rest_count"], row["effective"], row["rest_effective"]) == (4, 1, 4, 4)
    assert (row["low"], row["high"]) == pytest.approx(wilson(3, 4))
    assert row["difference"] == 0.5
    assert row["difference_low"] < 0.5 < row["difference_high"]
    assert table["p_value"].tolist() == pytest.approx([34 / 70] * 2)
    assert table["q_value"].tolist() == pytest.approx([34 / 70] * 2)


def test_q_values_are_corrected_over_the_whole_table():
    carried, metadata = survey(a=(30, 40), b=(4, 40), c=(10, 40))
    carried["outlook"] = pd.DataFrame({"positive": np.arange(120) % 2 == 0})
    metadata["ward"] = ["x", "y", "y"] * 40
    table = table_of(carried, metadata, columns={"setting": None, "ward": None})
    p_values = table["p_value"].to_numpy()
    order = np.argsort(p_values)
    stepped = p_values[order] * len(p_values) / np.arange(1, len(p_values) + 1)
    expected = np.minimum.accumulate(stepped[::-1])[::-1].clip(max=1)
    assert len(p_values) == 10
    assert table["q_value"].to_numpy()[order] == pytest.approx(expected)
    assert table["q_value"].min() < 0.01


def test_comments_without_a_group_are_shown_but_not_compared():
    carried, metadata = survey(a=(8, 10), b=(2, 10), none=(10, 10))
    metadata = metadata.replace("none", "")
    table = table_of(carried, metadata).set_index("group")
    assert table.index.tolist() == ["a", "b", "(not given)"]
    assert table.loc["a", ["rest_count", "rest_comments"]].tolist() == [2, 10]
    assert table.loc["(not given)", "share"] == 1
    assert table.loc["(not given)", ["difference", "difference_low", "p_value", "q_value"]].isna().all()


def test_one_group_has_nothing_to_be_compared_with():
    carried, metadata = survey(only=(4, 20))
    table = table_of(carried, metadata)
    assert table["share"].tolist() == [0.2]
    assert table[["difference", "difference_low", "p_value", "q_value"]].isna().all(axis=None)


def test_groups_come_in_the_order_of_their_mapping():
    metadata = pd.DataFrame({"role": ["porter", "nurse", "", "doctor", "nurse"]})
    table = table_of({"themes": pd.DataFrame({"a": [True] * 5})}, metadata, columns={"role": ROLES})
    assert table["group"].tolist() == ["Doctors", "Nurses", "Other", "(not given)"]


def test_repeating_oneself_does_not_make_a_difference_surer():
    carried, metadata = survey(a=(12, 20), b=(6, 20))
    once = table_of(carried, metadata)
    four = {"themes": pd.concat([carried["themes"]] * 4, ignore_index=True)}
    metadata_four, people = pd.concat([metadata] * 4, ignore_index=True), pd.concat([single(40)] * 4, ignore_index=True)
    repeated, naive = table_of(four, metadata_four, people), table_of(four, metadata_four)
    assert naive["p_value"].max() < 0.001
    assert repeated["p_value"].min() > 0.05
    assert repeated["p_value"].to_numpy() == pytest.approx(once["p_value"].to_numpy(), abs=0.06)


def test_an_unknown_column_is_named():
    with pytest.raises(DataError, match=r"no metadata column 'seting'.*Did you mean 'setting'"):
        grouped_columns(pd.DataFrame({"setting": ["a", "b"]}), {"seting": None})


def test_no_columns_and_no_comments_give_empty_tables():
    carried, metadata = survey(a=(1, 5), b=(2, 5))
    nothing, nobody = {"themes": carried["themes"].iloc[:0]}, metadata.iloc[:0]
    for entries, about, columns in ((carried, metadata, {}), (nothing, nobody, {"setting": None})):
        table = table_of(entries, about, columns=columns)
        assert (len(table), tuple(table.columns)) == (0, tuple(empty("groups")))
    assert tuple(table_tests(coded(carried), {}, single(10), seed=1).columns) == tuple(empty("group_tests"))
    assert whole_table(nothing, nobody)["method"] == ""


def test_a_large_table_has_pearsons_test():
    """20 of 50 against 30 of 50: chi-squared of 4 with one degree of freedom."""
    row = whole_table(*survey(a=(20, 50), b=(30, 50)))
    assert (row["method"], row["df"]) == (CHI_SQUARED, 1)
    assert (row["statistic"], row["p_value"]) == pytest.approx((4.0, 0.0455003), abs=1e-6)
    assert row["q_value"] == row["p_value"]


def test_having_no_entry_is_an_answer_too():
    metadata = pd.DataFrame({"setting": ["a"] * 60 + ["b"] * 60})
    entries = pd.DataFrame({"x": np.arange(120) % 3 == 0, "y": np.arange(120) % 3 == 1})
    row = whole_table({"themes": entries}, metadata)
    assert (row["method"], row["df"]) == (CHI_SQUARED, 2)
    assert row["p_value"] == pytest.approx(1.0)


def test_a_small_table_is_permuted():
    """For 2 x 2 the permutation test is Fisher's: 34/70 for the tea tasting."""
    row = whole_table(*survey(a=(3, 4), b=(1, 4)), n_permutations=4000)
    assert row["method"] == PERMUTATION
    assert np.isnan(row["df"])
    assert row["statistic"] == pytest.approx(2.0)
    assert row["p_value"] == pytest.approx(34 / 70, abs=0.03)


def test_comments_with_several_entries_are_permuted():
    carried, metadata = survey(a=(40, 50), b=(10, 50))
    carried["themes"]["again"] = carried["themes"]["money"]
    row = whole_table(carried, metadata, n_permutations=500)
    assert (row["method"], row["p_value"]) == (PERMUTATION, pytest.approx(1 / 501))
    # Twice the chi-squared of one entry: 100 (40 x 40 - 10 x 10)^2 / 50^4 = 36.
    assert row["statistic"] == pytest.approx(72.0)


def test_respondents_are_permuted_with_all_their_comments():
    """Ten respondents in two groups: 4 of 5 against 1 of 5 say it, six times each."""
    carried, metadata = survey(a=(4, 5), b=(1, 5))
    six = {"themes": carried["themes"].loc[carried["themes"].index.repeat(6)].reset_index(drop=True)}
    about = metadata.loc[metadata.index.repeat(6)].reset_index(drop=True)
    people = single(10).repeat(6).reset_index(drop=True)
    row = whole_table(six, about, people, n_permutations=4000)
    # Hypergeometric: of 252 ways to choose a group, 2 (1 + 25) are as uneven.
    assert (row["method"], row["p_value"]) == (PERMUTATION, pytest.approx(52 / 252, abs=0.03))
    assert whole_table(six, about)["p_value"] < 0.001


@pytest.mark.slow
def test_permutation_p_values_are_even_where_nothing_differs():
    rng = np.random.default_rng(4)
    p_values = []
    for _ in range(120):
        people = pd.Series(np.repeat(np.arange(40), rng.integers(1, 4, size=40)).astype(str))
        at = people.astype(int).to_numpy()
        likely, where = rng.beta(0.5, 1, size=40)[at], rng.choice(["a", "b", "c"], size=40)[at]
        carried = {"themes": pd.DataFrame(rng.random((len(at), 3)) < likely[:, None])}
        row = whole_table(carried, pd.DataFrame({"setting": where}), people, n_permutations=99)
        p_values.append(row["p_value"])
    assert np.mean(np.array(p_values) <= 0.1) <= 0.18
    assert 0.4 <= np.mean(p_values) <= 0.6


@pytest.mark.parametrize("groups", [{"only": (4, 20)}, {"a": (0, 10), "b": (0, 10)}, {"a": (10, 10), "b": (9, 9)}])
def test_where_nothing_can_differ_there_is_no_test(groups):
    row = whole_table(*survey(**groups))
    assert row["method"] == ""
    assert row[["statistic", "df", "p_value", "q_value"]].isna().all()


def test_tests_leave_out_comments_without_a_group_and_follow_from_the_seed():
    carried, metadata = survey(a=(3, 6), b=(1, 6), none=(9, 9))
    metadata = metadata.replace("none", "")
    without = {"themes": carried["themes"].iloc[:12]}
    assert whole_table(carried, metadata).equals(whole_table(without, metadata.iloc[:12]))


def test_small_groups_go_under_one_name():
    found = pooled(pd.Series(["a"] * 12 + ["b"] * 9 + ["c"] * 3), smallest=10)
    assert found.tolist() == ["a"] * 12 + [SMALLER] * 12


def test_the_next_smallest_group_joins_small_ones_that_are_too_few_together():
    """Else the whole less all named groups would tell how many they are."""
    found = pooled(pd.Series(["a"] * 40 + ["b"] * 12 + ["c"] * 20 + ["d"] * 4 + ["e"]), smallest=10)
    assert found.value_counts().to_dict() == {"a": 40, "c": 20, SMALLER: 17}


@pytest.mark.parametrize("sizes", [{}, {"a": 3}, {"a": 3, "b": 4}, {"a": 10, "b": 10}, {"a": 30, "b": 1}])
def test_pooling_ends_where_no_group_is_left(sizes):
    groups = pd.Series([name for name, size in sizes.items() for _ in range(size)], dtype=str)
    expected = groups.tolist() if min(sizes.values(), default=10) >= 10 else [SMALLER] * len(groups)
    assert pooled(groups, smallest=10).tolist() == expected


@given(st.lists(st.sampled_from("abcdefgh"), max_size=60), st.integers(0, 12))
def test_no_named_group_is_small_nor_told_by_subtraction(values, smallest):
    groups = pd.Series(values, dtype=str)
    sizes = pooled(groups, smallest).value_counts()
    assert (sizes.drop(SMALLER, errors="ignore") >= smallest).all()
    # Only where all comments together are few can the common group be.
    assert sizes.get(SMALLER, smallest) >= min(smallest, len(groups))
    assert set(sizes.index) <= {*values, SMALLER}


def test_names_of_groups_of_one_stand_in_no_table():
    value = ["Town"] * 30 + ["Isle"] * 20 + [f"Ward {place}" for place in range(12)] + ["Dr Jane Roe, Chair"]
    metadata, n = pd.DataFrame({"site": value}), len(value)
    said = pd.Series(["positive", "negative", "mixed"] * (n // 3))
    carried = {"outlook": one_of_each(said, ["positive", "mixed", "negative"])}
    groups = grouped_columns(metadata, BY_SITE, smallest=10)
    codebook = codebook_with_claim("dr jane roe, CHAIR")
    claims = count_for_claims(codebook, coded(carried), groups, single(n))
    outlook = outlook_shares(
        coded(carried)["outlook"], groups["site"], single(n), codebook=codebook,
        outlook=codebook.facet("outlook"), positive=("positive",),
    )  # fmt: skip
    assert outlook["group"].unique().tolist() == ["All", "Isle", "Town", SMALLER]
    for table in (group_table(coded(carried), groups, single(n)), outlook, linked_groups(coded(carried), groups)):
        assert "Ward" not in table.to_csv() and "Jane" not in table.to_csv()
    # Of the claim only what its author wrote is left: not how the survey writes it, and no count.
    assert claims["group"].tolist() == ["dr jane roe, CHAIR"]
    assert claims[["comments", "count"]].to_numpy().tolist() == [[0, 0]]
    assert judge_claims(codebook, claims)["shown"].tolist() == ["Not checked."]


def test_spacing_makes_no_group_of_its_own_in_any_table():
    value = ["Village", "Village ", " Village", "Town", "Town  ", "Old  Town"] * 20
    metadata, n = pd.DataFrame({"site": value}), 120
    said = pd.Series(["positive", "negative"] * 60)
    carried = {"outlook": one_of_each(said, ["positive", "mixed", "negative"])}
    groups = grouped_columns(metadata, BY_SITE, smallest=10)
    codebook = codebook_with_claim("village")
    outlook = outlook_shares(
        coded(carried)["outlook"], groups["site"], single(n), codebook=codebook,
        outlook=codebook.facet("outlook"), positive=("positive",),
    )  # fmt: skip
    table = group_table(coded(carried), groups, single(n))
    claim = count_for_claims(codebook, coded(carried), groups, single(n)).iloc[0]
    table = table[table["entry"] == "positive"]
    assert table["group"].tolist() == ["Old Town", "Town", "Village"]
    assert outlook["group"].unique().tolist() == ["All", "Old Town", "Town", "Village"]
    assert (claim["group"], claim["comments"]) == ("Village", 60)
    beside = outlook[outlook["entry"] == "positive"].set_index("group")["count"]
    assert table.set_index("group")["count"].to_dict() == beside.drop("All").to_dict()
    assert table_tests(coded(carried), groups, single(n), seed=1)["df"].tolist() == [2]


BY_SITE = {"site": None}


def codebook_with_claim(group):
    def entry(name):
        return {"id": name, "name": name.capitalize(), "definition": f"What is said of {name}."}

    facet = {"id": "outlook", "name": "Outlook", "definition": "How it sounds.",
             "themes": [entry(name) for name in ("positive", "mixed", "negative")]}  # fmt: skip
    claim = {"id": "c", "statement": "More of them.", "kind": "difference", "facet": "outlook", "entry": "positive",
             "column": "site", "group": group, "direction": "higher"}  # fmt: skip
    return Codebook.model_validate(
        {"title": "A book", "themes": [entry("money"), entry("tools")], "facets": [facet], "claims": [claim]}
    )


def test_groups_within_groups_are_counted_by_both():
    metadata = pd.DataFrame({"region": ["N"] * 6 + ["S"] * 4, "site": ["n1"] * 4 + ["n2"] * 2 + ["s"] * 4})
    carried = {"themes": pd.DataFrame({"money": [True, False] * 5})}
    found = linked_groups(coded(carried), grouped_columns(metadata, {"region": None, "site": None}))
    assert found[["first_group", "second_group", "comments", "count"]].to_numpy().tolist() == [
        ["N", "n1", 4, 2], ["N", "n2", 2, 1], ["S", "s", 4, 2],
    ]  # fmt: skip
    # Of columns neither of which refines the other, nothing can be subtracted.
    metadata["job"] = ["a", "b"] * 5
    metadata.loc[8:, "region"] = "N"
    assert len(linked_groups(coded(carried), grouped_columns(metadata, {"region": None, "job": None}))) == 0


ROWS = st.tuples(st.sampled_from(["", "a", "b", "c"]), st.sampled_from(["", "p", "q"]), st.booleans(), st.booleans())


@pytest.mark.thorough
@given(st.lists(ROWS, max_size=25))
def test_any_survey_gives_probabilities_or_nothing(rows):
    metadata = pd.DataFrame({"setting": [row[0] for row in rows]}, dtype=str)
    people = pd.Series([row[1] for row in rows], dtype=str)
    carried = {"themes": pd.DataFrame({"x": [row[2] for row in rows], "y": [row[3] for row in rows]}, dtype=bool)}
    table = table_of(carried, metadata, people)
    tests = table_tests(coded(carried), grouped_columns(metadata, BY_SETTING), people, seed=1, n_permutations=19)
    assert len(table) == 2 * metadata["setting"].nunique()
    assert table.groupby("entry")["comments"].sum().eq(len(rows)).all()
    for frame in (table, tests):
        p_values, q_values = (frame[name].astype(float) for name in ("p_value", "q_value"))
        assert (p_values.isna() == q_values.isna()).all()
        assert p_values.dropna().between(0, 1).all()
        assert (q_values.dropna() >= p_values.dropna() - 1e-12).all()


def test_a_reading_that_nobody_checked_has_no_interval_and_no_test():
    carried, metadata = survey(first=(30, 40), second=(10, 40))
    groups = grouped_columns(metadata, BY_SETTING)
    table = group_table(unchecked(carried), groups, single(80))
    assert table["share"].tolist() == [0.75, 0.25]
    assert table["difference"].tolist() == [0.5, -0.5]
    ends = ["low", "high", "difference_low", "difference_high", "p_value", "q_value"]
    assert table[ends].isna().all(axis=None)
    tests = table_tests(unchecked(carried), groups, single(80), seed=1)
    assert tests["method"].tolist() == [""] and tests["q_value"].isna().all()


def test_what_the_program_made_is_tested_though_nobody_coded():
    carried, metadata = survey(first=(30, 40), second=(10, 40))
    topics = coded({"topics": carried["themes"]})
    table = group_table(topics, grouped_columns(metadata, BY_SETTING), single(80))
    assert (table["reading"] == "topics").all() and table["q_value"].notna().all()


@pytest.mark.parametrize(
    ("every", "groups"),
    [("year", ["2024", "2025", NOT_GIVEN]), ("quarter", ["2024 Q4", "2025 Q1", "2025 Q2", NOT_GIVEN])],
)
def test_dates_are_grouped_by_period_in_the_order_of_time(every, groups):
    metadata = pd.DataFrame({"sent": ["1 May 2025", "31/12/2024", "", "2025-02-01"]})
    found = grouped_columns(metadata, {"sent": every})["sent"]
    assert list(found.cat.categories) == groups
    assert found.tolist()[1:3] == [groups[0], groups[-1]]
