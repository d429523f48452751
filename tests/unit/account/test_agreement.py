import math

import krippendorff
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from pipeline.account.agreement import (
    CODED_WITH_THEME,
    MACHINE_BY_TOPIC,
    MACHINE_DIRECT,
    TOPICS,
    agreement_table,
    by_both,
    confusions,
)
from pipeline.account.measures import confusion_table, partition_agreement
from pipeline.codebook.codes import NO_THEME, Coder, code_to_theme, codes_to_themes
from pipeline.contracts import UNMAPPED
from pipeline.tables.schema import empty
from tests.class_agreement import class_agreement

N = 120
THEMES = ("funding", "equipment", "direction")
SETTINGS = {"n_bootstrap": 6, "seed": 5}


def texts(values):
    return pd.Series(list(values), dtype="str")


@pytest.fixture
def assignments():
    generator = np.random.default_rng(1)
    nearest = generator.choice(THEMES, size=N)
    direct = np.where(generator.random(N) < 0.1, UNMAPPED, nearest)
    return pd.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(N)],
            "topic": generator.integers(-1, 6, size=N),
            "theme": np.where(generator.random(N) < 0.6, direct, ""),
            "theme_direct": direct,
            "theme_nearest": nearest,
            "outlook_direct": generator.choice(["positive", "mixed", "negative"], size=N),
        }
    )


@pytest.fixture
def coders(assignments):
    """Three people who follow the machine's nearest theme in most cases; the third codes few comments."""
    made = []
    for number, (name, left_out) in enumerate({"Ada": 0.1, "Ben": 0.2, "Cem": 0.7}.items()):
        generator = np.random.default_rng(10 + number)
        guess = generator.choice([*THEMES, "weather"], size=N)
        main = np.where(generator.random(N) < 0.6, assignments["theme_nearest"], guess)
        main = np.where(generator.random(N) < left_out, "", main)
        mood = np.where(generator.random(N) < 0.5, assignments["outlook_direct"], "")
        made.append(Coder(name, texts(main), (), texts(mood) if name != "Cem" else None))
    return made


@pytest.fixture
def people():
    return texts(f"p{n // 2}" for n in range(N))


@pytest.fixture
def table(coders, assignments, codebook, people):
    def make(**changed):
        given = {"coders": coders, "assignments": assignments, "carried": None, "outlook": codebook.facet("outlook")}
        given |= {"respondents": people} | SETTINGS | changed
        return agreement_table(given.pop("coders"), given.pop("assignments"), codebook=codebook, **given)

    return make


def with_further(coder, codes):
    return Coder(coder.name, coder.main, (texts(codes),), coder.outlook)


def values_of(agreement, first, second, comments, facet="themes"):
    chosen = agreement[
        (agreement["first"] == first)
        & (agreement["second"] == second)
        & (agreement["comments"] == comments)
        & (agreement["facet"] == facet)
    ]
    assert chosen["measure"].is_unique
    return chosen.set_index("measure")


@pytest.mark.parametrize("code", ["equipment", "EQUIPMENT", " Equipment that works ", "equipment THAT works"])
def test_a_code_names_a_theme_by_id_or_by_name(code, codebook):
    assert code_to_theme(code, codebook.themes) == "equipment"


@pytest.mark.parametrize("code", ["equip", "other", "7"])
def test_a_code_outside_the_codebook_is_no_theme(code, codebook):
    assert code_to_theme(code, codebook.themes) == NO_THEME


def test_an_empty_cell_is_no_decision(codebook):
    codes = codes_to_themes(pd.Series(["", "  ", "funding", "other"]), codebook.themes)
    assert codes.tolist() == ["", "", "funding", NO_THEME]


def test_partitions_agree_whatever_they_are_called():
    measures = partition_agreement(["x", "x", "y", "y", "z", "z"], [5, 5, 0, 0, -1, -1])
    assert measures["ami"] == pytest.approx(1)
    assert measures["ari"] == pytest.approx(1)
    crossed = partition_agreement(["x", "x", "y", "y"], [0, 1, 0, 1])
    assert crossed["ari"] < 0.01
    assert crossed["v_measure"] == pytest.approx(0)


def test_partitions_agree_as_scikit_learn_says():
    scores = (adjusted_mutual_info_score, adjusted_rand_score, v_measure_score)
    generator = np.random.default_rng(4)
    for n in range(2, 60):
        codes = generator.integers(0, 1 + n // 3, n)
        topics = np.where(generator.random(n) < 0.5, codes, generator.integers(0, 4, n))
        if min(len(set(codes)), len(set(topics))) > 1:
            wanted = [score(codes, topics) for score in scores]
            assert list(partition_agreement(codes, topics).values()) == pytest.approx(wanted, abs=1e-12), n


def test_the_v_measure_is_that_of_a_worked_example():
    # Codes x, y in halves; topic 0 holds all x and half of y. H(codes) = ln 2; H(codes | topics) by hand.
    measures = partition_agreement(["x", "x", "y", "y"], [0, 0, 0, 1])
    left = -0.75 * (2 / 3 * math.log(2 / 3) + 1 / 3 * math.log(1 / 3))
    of_topics = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    shared = math.log(2) - left
    homogeneity, completeness = shared / math.log(2), shared / of_topics
    wanted = 2 * homogeneity * completeness / (homogeneity + completeness)
    assert measures["v_measure"] == pytest.approx(wanted)


@pytest.mark.parametrize(("codes", "topics"), [(["x", "x"], [0, 1]), (["x", "y"], [3, 3]), ([], [])])
def test_a_single_part_is_no_partition_to_compare(codes, topics):
    assert all(math.isnan(value) for value in partition_agreement(codes, topics).values())


def test_every_row_has_its_value_within_its_interval(table):
    agreement = table(n_bootstrap=60)
    assert list(agreement.columns) == list(empty("agreement"))
    assert not agreement.duplicated(["first", "second", "facet", "comments", "measure"]).any()
    ends = agreement.dropna(subset=["low"])
    assert len(ends) > 0.95 * len(agreement)
    assert (ends["low"] <= ends["value"] + 1e-9).mean() > 0.98
    assert (ends["value"] <= ends["high"] + 1e-9).mean() > 0.98
    assert (ends["high"] <= 1).all()


@pytest.mark.thorough
def test_the_rows_of_one_coder_are_the_measures_of_that_coders_comments(table, coders, assignments):
    agreement = table()
    main = coders[0].main
    used = main.isin(THEMES)
    found = values_of(agreement, "Ada", MACHINE_DIRECT, CODED_WITH_THEME)
    wanted = class_agreement(main[used].tolist(), assignments.loc[used, "theme_nearest"].tolist(), THEMES)
    assert found["n"].tolist() == [used.sum()] * len(found)
    for name, value in wanted.items():
        assert found.loc[name, "value"] == pytest.approx(value)
    # "weather" is no theme, and neither is the machine's unmapped.
    coded = main != ""
    reference = main[coded].replace("weather", NO_THEME).tolist()
    direct = assignments.loc[coded, "theme_direct"].replace(UNMAPPED, NO_THEME).tolist()
    wanted = class_agreement(reference, direct, [*THEMES, NO_THEME])
    found = values_of(agreement, "Ada", MACHINE_DIRECT, "all coded")
    for name, value in wanted.items():
        assert found.loc[name, "value"] == pytest.approx(value)
    assert "jaccard" not in found.index
    by_topic = values_of(agreement, "Ada", MACHINE_BY_TOPIC, "all coded")
    in_no_topic = assignments.loc[coded, "theme"].replace({UNMAPPED: NO_THEME, "": NO_THEME}).tolist()
    assert by_topic.loc["accuracy", "value"] == pytest.approx(np.mean(np.array(reference) == np.array(in_no_topic)))
    topics = values_of(agreement, "Ada", TOPICS, "all coded")
    wanted = partition_agreement(main[coded].tolist(), assignments.loc[coded, "topic"].tolist())
    assert topics["value"].to_dict() == pytest.approx(wanted)


def test_the_machine_stands_beside_people_on_the_same_comments(table, coders, assignments):
    agreement = table()
    used = coders[0].main.isin(THEMES) & coders[1].main.isin(THEMES)
    which = by_both("Ada", "Ben")
    columns = {"Ada": coders[0].main, "Ben": coders[1].main, MACHINE_DIRECT: assignments["theme_nearest"]}
    for first, second in (("Ada", "Ben"), ("Ada", MACHINE_DIRECT), ("Ben", MACHINE_DIRECT)):
        found = values_of(agreement, first, second, which)
        assert set(found["n"]) == {used.sum()}
        wanted = class_agreement(columns[first][used].tolist(), columns[second][used].tolist(), THEMES)
        assert found.loc["cohen_kappa", "value"] == pytest.approx(wanted["cohen_kappa"])
        assert found.loc["macro_f1", "value"] == pytest.approx(wanted["macro_f1"])
    for first, second in (("Ada", "Ben"), ("Ada", TOPICS), ("Ben", TOPICS)):
        partitions = agreement[agreement["measure"].isin(["ami", "ari", "v_measure"])]
        found = values_of(partitions, first, second, which)
        assert set(found.index) == {"ami", "ari", "v_measure"}
        assert set(found["n"]) == {used.sum()}


def test_alpha_over_all_coders_is_the_krippendorff_packages(table, coders, assignments):
    agreement = table()
    numbers = {name: float(place) for place, name in enumerate((*THEMES, "weather", UNMAPPED))}
    numbers |= {"": np.nan, UNMAPPED: numbers["weather"]}
    everyone = np.array([[numbers[code] for code in coder.main] for coder in coders])
    machine = np.array([numbers[theme] for theme in assignments["theme_direct"]])
    used = (~np.isnan(everyone)).sum(axis=0) >= 2
    for first, ratings in (("all coders", everyone), ("all coders and the machine", np.vstack([everyone, machine]))):
        found = values_of(agreement, first, "", "all coded by two or more")
        wanted = krippendorff.alpha(ratings[:, used], level_of_measurement="nominal")
        assert found.loc["krippendorff_alpha", "value"] == pytest.approx(wanted)
        assert found["n"].tolist() == [used.sum()]
    themes_only = np.where(everyone == numbers["weather"], np.nan, everyone)
    found = values_of(agreement, "all coders", "", f"{CODED_WITH_THEME} by two or more")
    wanted = krippendorff.alpha(themes_only, level_of_measurement="nominal")
    assert found.loc["krippendorff_alpha", "value"] == pytest.approx(wanted)


@pytest.mark.thorough
def test_outlooks_are_compared_with_the_machine_and_between_people(table, coders, assignments):
    agreement = table()
    ada, ben = coders[0].outlook, coders[1].outlook
    both = (ada != "") & (ben != "")
    between = values_of(agreement, "Ada", "Ben", "coded by both", "outlook")
    assert between.loc["accuracy", "value"] == pytest.approx((ada[both] == ben[both]).mean())
    which = by_both("Ada", "Ben", what="coded with an outlook")
    machine = values_of(agreement, "Ben", MACHINE_DIRECT, which, "outlook")
    assert machine.loc["accuracy", "value"] == pytest.approx((ben[both] == assignments["outlook_direct"][both]).mean())
    alone = values_of(agreement, "Ada", MACHINE_DIRECT, "coded with an outlook", "outlook")
    assert set(alone["n"]) == {(ada != "").sum()}
    assert len(values_of(agreement, "all coders", "", "coded with an outlook by two or more", "outlook")) == 1
    assert set(table(outlook=None)["facet"]) == {"themes"}


def test_sets_are_compared_where_a_coder_gives_several_themes(table, coders):
    # Ada and Ben give funding as the main code and equipment besides; Cem gives funding alone.
    alike = [Coder(name, texts(["funding", "direction"] * (N // 2)), (), None) for name in ("Ada", "Ben", "Cem")]
    two = [*(with_further(one, ["equipment", ""] * (N // 2)) for one in alike[:2]), alike[2]]
    agreement = table(coders=two)
    same = values_of(agreement, "Ada", "Ben", by_both("Ada", "Ben"))
    assert same.loc[["jaccard", "krippendorff_alpha_masi"], "value"].tolist() == pytest.approx([1, 1])
    fewer = values_of(agreement, "Ada", "Cem", by_both("Ada", "Cem"))
    assert fewer.loc["jaccard", "value"] == pytest.approx(0.75)
    assert fewer.loc["krippendorff_alpha", "value"] == pytest.approx(1)
    assert fewer.loc["krippendorff_alpha_masi", "value"] < 0.9
    assert "jaccard" in values_of(agreement, "Ada", MACHINE_DIRECT, "all coded").index
    assert "jaccard" not in values_of(agreement, "Cem", MACHINE_DIRECT, "all coded").index
    assert "krippendorff_alpha_masi" in values_of(agreement, "all coders", "", "all coded by two or more").index


def test_all_the_themes_that_the_machine_gives_are_compared_as_sets(table, coders, assignments):
    carried = pd.DataFrame({theme: assignments["theme_direct"] == theme for theme in reversed(THEMES)})
    carried["direction"] = True
    found = values_of(
        table(carried=carried, coders=coders[:1], n_bootstrap=60),
        "Ada",
        MACHINE_DIRECT,
        CODED_WITH_THEME,
    )
    main = coders[0].main
    used = main.isin(THEMES)
    sets = [set(carried.columns[row]) for row in carried.to_numpy()[used]]
    wanted = np.mean([len({code} & given) / len({code} | given) for code, given in zip(main[used], sets, strict=True)])
    assert found.loc["jaccard", "value"] == pytest.approx(wanted)
    assert found.loc["jaccard", "low"] < wanted < found.loc["jaccard", "high"]


def test_a_second_code_counts_against_the_machine_and_not_between_people(table, coders):
    further = [with_further(coder, ["equipment"] * N) for coder in coders[:2]]
    agreement = table(coders=further)
    assert "accuracy_either" in values_of(agreement, "Ada", MACHINE_DIRECT, CODED_WITH_THEME).index
    assert "accuracy_either" in values_of(agreement, "Ada", MACHINE_BY_TOPIC, "all coded").index
    assert "accuracy_either" not in values_of(agreement, "Ada", "Ben", "coded by both").index


def test_a_theme_is_one_part_however_it_is_spelt(table, coders):
    spelt = coders[0].main.where(np.arange(N) % 2 == 0, coders[0].main.replace("equipment", "Equipment that works"))
    other = Coder("Ada", spelt.replace("weather", " Weather"), (), None)
    topics = [values_of(table(coders=[one]), "Ada", TOPICS, "all coded") for one in (coders[0], other)]
    pd.testing.assert_frame_equal(*topics)


@pytest.mark.thorough
def test_intervals_are_wider_where_comments_of_a_respondent_go_together(table, coders, assignments):
    # Ten people, and the coder agrees with the machine on all comments of the first five and none of the rest.
    missed = np.where(assignments["theme_nearest"] == "funding", "equipment", "funding")
    main = texts(np.where(np.arange(N) < N // 2, assignments["theme_nearest"], missed))
    ada = [Coder("Ada", main, (), None)]
    widths = []
    for respondents in (texts([""] * N), texts(f"p{n // 12}" for n in range(N))):
        found = values_of(
            table(respondents=respondents, coders=ada, n_bootstrap=200),
            "Ada",
            MACHINE_DIRECT,
            CODED_WITH_THEME,
        )
        widths.append((found["high"] - found["low"])["accuracy"])
    # Twelve comments of a person that are all alike say as much as one: the spread is the root of 12 times wider.
    assert widths[1] > 2 * widths[0]
    nothing = table(respondents=texts(["one person"] * N))
    assert nothing["low"].isna().all()
    assert nothing["value"].notna().any()


@pytest.mark.thorough
def test_the_table_follows_from_the_seed_and_leaves_its_inputs_alone(table, coders, assignments, people):
    before = assignments.copy(), coders[0].main.copy(), people.copy()
    once = table()
    pd.testing.assert_frame_equal(table(), once)
    pd.testing.assert_series_equal(table(seed=6)["value"], once["value"])
    assert not table(seed=6)["low"].equals(once["low"])
    pd.testing.assert_frame_equal(assignments, before[0])
    pd.testing.assert_series_equal(coders[0].main, before[1])
    pd.testing.assert_series_equal(people, before[2])


@pytest.mark.parametrize("rows", [0, 1])
def test_few_comments_give_values_where_they_can_and_no_intervals(table, coders, assignments, people, rows):
    first = [Coder(c.name, c.main[:rows], (), None if c.outlook is None else c.outlook[:rows]) for c in coders]
    carried = pd.DataFrame(True, index=range(rows), columns=list(THEMES))
    agreement = table(coders=first, assignments=assignments[:rows], respondents=people[:rows], carried=carried)
    assert agreement["low"].isna().all()
    assert (agreement["n"] == 1).all()
    assert (len(agreement) > 0) == (rows > 0)


def test_nobody_and_nothing_coded_give_an_empty_table(table):
    for none in ([], [Coder("Ada", texts([""] * N), (), texts([""] * N)), Coder("Ben", texts([""] * N), (), None)]):
        agreement = table(coders=none)
        assert len(agreement) == 0
        assert list(agreement.columns) == list(empty("agreement"))
        assert agreement.dtypes[["value", "low", "high"]].eq("float64").all()


def test_rows_that_do_not_match_are_refused(table, coders, people):
    with pytest.raises(ValueError, match="respondents: 119 rows beside 120"):
        table(respondents=people[1:])
    with pytest.raises(ValueError, match="codes of Ada: 3 rows"):
        table(coders=[Coder("Ada", texts("abc"), (), None)])
    with pytest.raises(ValueError, match="1 themes have no column, first 'direction'"):
        table(carried=pd.DataFrame(True, index=range(N), columns=list(THEMES[:2])))


def test_a_confusion_table_has_a_row_for_each_pair_of_classes():
    cells = confusion_table(list("aaab"), list("aabb"), list("abc")).set_index(["reference", "candidate"])
    assert len(cells) == 9
    assert cells.loc[("a", "a"), "n"] == 2
    assert cells["n"].sum() == 4


def test_an_empty_confusion_table_counts_nothing():
    cells = confusion_table([], [], ["b", "a"])
    assert cells["reference"].tolist() == ["b", "b", "a", "a"]
    assert cells["n"].tolist() == [0] * 4


def test_a_decision_outside_the_classes_has_no_place_in_a_confusion_table():
    with pytest.raises(ValueError, match="1 decisions are none of the 2 classes, first 'z'"):
        confusion_table(["a"], ["z"], ["a", "b"])


def test_confusions_count_what_is_taken_for_what(codebook):
    assignments = pd.DataFrame(
        {"theme": ["funding", "", UNMAPPED, "funding"], "theme_direct": ["funding", "funding", UNMAPPED, "direction"]}
    )
    ada = Coder("Ada", texts(["funding", "equipment", "weather", ""]), (), None)
    ben = Coder("Ben", texts(["Equipment that works", "", "funding", "funding"]), (), None)
    found = confusions([ada, ben], assignments, codebook=codebook)
    cells = {tuple(row[:4]): row[4] for row in found.itertuples(index=False)}
    assert list(found.columns) == ["first", "second", "reference", "candidate", "n"]
    assert {key[2:]: n for key, n in cells.items() if key[:2] == ("Ada", MACHINE_DIRECT)} == {
        ("funding", "funding"): 1, ("equipment", "funding"): 1, (NO_THEME, NO_THEME): 1,
    }  # fmt: skip
    assert cells["Ada", MACHINE_BY_TOPIC, "equipment", NO_THEME] == 1
    assert {key[2:] for key in cells if key[:2] == ("Ada", "Ben")} == {("funding", "equipment"), (NO_THEME, "funding")}
    assert found.groupby(["first", "second"])["n"].sum()["Ben", MACHINE_DIRECT] == 3
    assert len(confusions([], assignments, codebook=codebook)) == 0
