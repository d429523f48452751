import pandas as pd
import pytest

from pipeline.config import CoderConfig, CompareConfig
from pipeline.contracts import UNMAPPED, Cleaned, Mapped
from pipeline.stages.compare import compare_with_account

N = 10


@pytest.fixture
def cleaned():
    return Cleaned(
        pd.DataFrame(
            {
                "comment_id": [f"c{n}" for n in range(N)],
                "kept": True,
                "duplicate_of": "",
                "setting": ["Town"] * 6 + [""] * 4,
                "code": ["funding"] * 4 + ["Equipment that works"] * 4 + ["weather", ""],
                "code_2": ["equipment"] * 5 + [""] * 5,
                "mood": ["negative"] * 5 + ["mixed"] * 4 + [""],
            }
        ),
        {},
    )


@pytest.fixture
def mapped():
    assignments = pd.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(N)],
            "topic": [0] * 5 + [1] * 3 + [-1] * 2,
            "theme": ["funding"] * 5 + [UNMAPPED] * 3 + [""] * 2,
            "theme_direct": ["funding"] * 3 + ["equipment"] * 5 + [UNMAPPED] * 2,
            "theme_nearest": ["funding"] * 3 + ["equipment"] * 5 + ["direction"] * 2,
            "outlook_direct": ["negative"] * 6 + ["mixed"] * 2 + ["positive"] * 2,
        }
    )
    return Mapped(assignments, pd.DataFrame(), pd.DataFrame(), {})


@pytest.fixture
def compare(cleaned, mapped, codebook):
    def run(*, coders=({"name": "A", "theme": ("code", "code_2"), "outlook": "mood"},), outlook=True, **settings):
        return compare_with_account(
            cleaned, mapped, codebook=codebook, outlook=codebook.facet("outlook") if outlook else None,
            coders=[CoderConfig(**coder) for coder in coders], config=CompareConfig(**settings),
        )  # fmt: skip

    return run


def test_shares_of_both_routes_stand_beside_the_published_rank(compare):
    prevalence = compare().prevalence.set_index("theme")
    assert prevalence.index.tolist() == ["funding", "equipment", "direction", UNMAPPED, "outlier"]
    assert prevalence["share_by_topics"].tolist() == [0.5, 0.0, 0.0, 0.3, 0.2]
    assert prevalence["share_by_comments"].tolist()[:4] == [0.3, 0.5, 0.0, 0.2]
    assert pd.isna(prevalence.loc["outlier", "share_by_comments"])
    assert prevalence["published_rank"].tolist()[:3] == [2, 1, 3]
    for route in ("topics", "comments"):
        rows = prevalence[prevalence[f"share_by_{route}"].notna()]
        assert rows[f"share_by_{route}"].sum() == pytest.approx(1)
        assert (rows[f"share_by_{route}_low"] <= rows[f"share_by_{route}"]).all()
        assert (rows[f"share_by_{route}"] <= rows[f"share_by_{route}_high"]).all()


def test_agreement_is_counted_where_there_is_a_code(compare):
    agreement = compare().agreement
    chosen = agreement[(agreement["second"] == "comments matched directly") & (agreement["facet"] == "themes")]
    wide = chosen.pivot(index="comments", columns="measure", values="value")
    # Eight comments are coded with a theme; seven agree with the main code, all eight with one of the two.
    assert wide.loc["coded with a theme", "accuracy"] == pytest.approx(7 / 8)
    assert wide.loc["coded with a theme", "accuracy_either"] == pytest.approx(1)
    # "weather" is no theme, and neither is the machine's unmapped; the comment without a code is left out.
    assert wide.loc["all coded", "accuracy"] == pytest.approx(8 / 9)
    assert dict(zip(chosen["comments"], chosen["n"], strict=True)) == {"coded with a theme": 8, "all coded": 9}


def test_the_headline_is_the_first_coders(compare):
    headline = compare().summary["headline_agreement"]
    assert headline["coder"] == "A"
    assert headline["comments"] == 8
    assert headline["accuracy"] == pytest.approx(7 / 8)


def test_coders_are_compared_with_one_another_on_what_both_coded(compare):
    coders = ({"name": "A", "theme": ("code",)}, {"name": "B", "theme": ("code_2",)})
    agreement = compare(coders=coders).agreement
    between = agreement[(agreement["first"] == "A") & (agreement["second"] == "B")].set_index("measure")
    assert set(between["n"]) == {5}
    assert between.loc["accuracy", "value"] == pytest.approx(1 / 5)


def test_without_codes_there_is_no_agreement_and_no_headline(compare):
    result = compare(coders=())
    assert len(result.agreement) == 0
    assert not result.summary.get("headline_agreement")


def test_outlook_is_shown_overall_and_by_group_beside_the_published_share(compare):
    outlook = compare(group_column="setting").outlook.set_index(["group", "entry"])
    assert outlook.loc[("All", "positive or mixed"), "share"] == pytest.approx(0.4)
    assert outlook.loc[("All", "positive or mixed"), "published_share"] == pytest.approx(0.2)
    assert outlook.loc[("Town", "negative"), "share"] == pytest.approx(1)
    assert outlook.loc[("(not given)", "positive or mixed"), "comments"] == 4
    assert pd.isna(outlook.loc[("Town", "positive or mixed"), "published_share"])


def test_without_an_outlook_facet_there_is_no_outlook(compare):
    result = compare(outlook=False)
    assert len(result.outlook) == 0
    assert set(result.agreement["facet"]) == {"themes"}
