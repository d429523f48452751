import pandas as pd
import pytest

from pipeline.account.agreement import quoted_agreement
from pipeline.account.claims import CANNOT_TELL, NOT_CHECKED, judge_claims
from pipeline.account.readings import CODED, UNCHECKED
from pipeline.config import AssessConfig, ColumnsConfig
from pipeline.contracts import UNMAPPED, Cleaned, Mapped
from pipeline.stages.assess import assess_comments
from tests.plain_output import quotations

N = 10
CODER = {"name": "A", "theme": ("code", "code_2"), "outlook": "mood"}
ARTICLE = """\
Money

A warden said “The budget was cut and the grant ended in March, sadly.”

Equipment that works

A respondent said “Managers do not listen and the leadership changes strategy.”

Leadership and strategy

Nothing is quoted here.
"""


@pytest.fixture
def cleaned():
    return Cleaned(
        pd.DataFrame(
            {
                "comment_id": [f"c{n}" for n in range(N)],
                "kept": True,
                "duplicate_of": "",
                "setting": ["Town"] * 6 + [""] * 4,
                "job": ["head nurse", "Nurse", "nurse", "GP", "gp", "cook"] + [""] * 4,
                "person": ["p", "p", *(f"q{n}" for n in range(N - 2))],
                "code": ["funding"] * 4 + ["Equipment that works"] * 4 + ["weather", ""],
                "code_2": ["equipment"] * 5 + [""] * 5,
                "mood": ["negative"] * 5 + ["mixed"] * 4 + [""],
            }
        ),
        {},
    )


@pytest.fixture
def mapped():
    """Three comments on money, five on equipment, of which the first carries both; two without a theme."""
    direct = ["funding"] * 3 + ["equipment"] * 5 + [UNMAPPED] * 2
    assignments = pd.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(N)],
            "topic": [0] * 5 + [1] * 3 + [-1] * 2,
            "theme": ["funding"] * 5 + [UNMAPPED] * 3 + [""] * 2,
            "theme_direct": direct,
            "theme_nearest": ["funding"] * 3 + ["equipment"] * 5 + ["direction"] * 2,
            "outlook_direct": ["negative"] * 6 + ["mixed"] * 2 + ["positive"] * 2,
            "learned_from": False,
        }
    )
    carried = pd.DataFrame(
        [(f"c{n}", theme) for n, theme in enumerate(direct) if theme != UNMAPPED] + [("c0", "equipment")],
        columns=["comment_id", "theme"],
    )
    crosswalk = pd.DataFrame(
        [(topic, theme, (topic, theme) == (0, "funding")) for topic in (0, 1)
         for theme in ("funding", "equipment", "direction")], columns=["topic", "theme", "matched"],
    )  # fmt: skip
    topic_themes = pd.DataFrame({"topic": [0, 1], "theme": ["funding", UNMAPPED]})
    return Mapped(assignments, carried, crosswalk, topic_themes, pd.DataFrame(), pd.DataFrame(), {})


@pytest.fixture
def compare(cleaned, mapped, codebook, encoder):
    def run(*, coders=(CODER,), outlook=True, article=None, respondent=None, of=mapped, learn_from=(), smallest=0,
            **settings):  # fmt: skip
        columns = ColumnsConfig(
            id="comment_id", comment="text", metadata=("setting", "job"), coders=coders, respondent=respondent
        )
        return assess_comments(
            cleaned, None, of, codebook=codebook, outlook=codebook.facet("outlook") if outlook else None,
            columns=columns, config=AssessConfig(**({"n_bootstrap": 100} | settings)), article=article, encoder=encoder,
            nearest_phrases=2, learn_from=learn_from, smallest_group=smallest, seed=20,
        )  # fmt: skip

    return run


def with_learned(mapped, count):
    """The same result, had the first comments been learned from."""
    assignments = mapped.assignments.assign(learned_from=[True] * count + [False] * (N - count))
    return Mapped(
        assignments, mapped.comment_themes, mapped.crosswalk, mapped.topic_themes, mapped.diagnosis,
        mapped.nearest_comments, mapped.summary,
    )  # fmt: skip


def test_shares_of_both_routes_stand_beside_the_published_rank(compare):
    prevalence = compare().prevalence.set_index("theme")
    assert prevalence.index.tolist() == ["funding", "equipment", "direction", UNMAPPED, "outlier"]
    assert prevalence["share_by_topics"].tolist() == [0.5, 0.0, 0.0, 0.3, 0.2]
    # The first comment carries two themes and counts for both.
    assert prevalence["share_by_comments"].tolist()[:4] == [0.3, 0.6, 0.0, 0.2]
    assert pd.isna(prevalence.loc["outlier", "share_by_comments"])
    assert prevalence["published_rank"].tolist()[:3] == [2, 1, 3]
    # One comment is not coded, so the shares are the machine's, and have no interval.
    assert (prevalence["reading"].iloc[:4] == UNCHECKED).all()
    assert prevalence["share"].tolist()[:4] == [0.3, 0.6, 0.0, 0.2]
    assert prevalence[["low", "high"]].isna().all(axis=None)


def test_where_all_comments_are_coded_every_figure_rests_on_the_codes(compare, cleaned):
    cleaned.comments.loc[N - 1, ["code", "mood"]] = ["funding", "mixed"]
    result = compare(group_column="setting")
    prevalence = result.prevalence.set_index("theme")
    assert (prevalence["by"].iloc[:4] == "A").all()
    # Four comments have a further code of equipment.
    assert prevalence["share"].tolist()[:4] == [0.5, 0.8, 0.0, 0.1]
    assert prevalence["share_by_comments"].tolist()[:4] == [0.3, 0.6, 0.0, 0.2]
    assert prevalence.iloc[:4][["low", "high"]].notna().all(axis=None)
    assert result.summary["readings"]["themes"] == {"kind": CODED, "by": "A", "coded": N}
    for table in (result.outlook, result.claim_counts, result.groups[result.groups["facet"] != "topics"]):
        assert (table["reading"] == CODED).all()
    outlook = result.outlook.set_index(["group", "entry"])
    assert outlook.loc[("All", "negative"), "share"] == 0.5


def test_codes_that_were_learned_from_still_count_for_shares(compare, cleaned, mapped):
    cleaned.comments.loc[N - 1, "code"] = "funding"
    learned = compare(of=with_learned(mapped, 4), learn_from=("code",))
    assert learned.summary["readings"]["themes"]["kind"] == CODED
    assert learned.prevalence["share"].tolist()[:4] == compare().prevalence["share"].tolist()[:4]


def test_comments_of_one_respondent_widen_the_interval(compare, cleaned):
    cleaned.comments.loc[N - 1, "code"] = "funding"
    alone, together = (
        compare(respondent=column).prevalence.set_index("theme").loc["funding"] for column in (None, "person")
    )
    assert alone["share"] == together["share"]
    assert alone["high"] - alone["low"] < together["high"] - together["low"]


def test_agreement_is_counted_where_there_is_a_code(compare):
    agreement = compare().agreement
    chosen = agreement[
        (agreement["first"] == "A")
        & (agreement["second"] == "comments matched directly")
        & (agreement["facet"] == "themes")
    ]
    wide = chosen.pivot(index="comments", columns="measure", values="value")
    # Eight comments are coded with a theme; seven agree with the main code, all eight with one of the two.
    assert wide.loc["forced choice among the themes", "accuracy"] == pytest.approx(7 / 8)
    assert wide.loc["forced choice among the themes", "accuracy_either"] == pytest.approx(1)
    # "weather" is no theme, and neither is the machine's unmapped; the comment without a code is left out.
    assert wide.loc["all coded", "accuracy"] == pytest.approx(8 / 9)
    assert dict(zip(chosen["comments"], chosen["n"], strict=True)) == {
        "forced choice among the themes": 8,
        "all coded": 9,
    }


def test_agreement_has_intervals_that_hold_the_value(compare):
    agreement = compare().agreement
    accuracy = agreement[agreement["measure"] == "accuracy"]
    assert accuracy[["low", "high"]].notna().all(axis=None)
    assert ((accuracy["low"] <= accuracy["value"]) & (accuracy["value"] <= accuracy["high"])).all()


def test_comments_that_were_learned_from_are_left_out_of_agreement(compare, mapped):
    before, after = compare(), compare(of=with_learned(mapped, 4))
    assert quoted_agreement(before.agreement)[0]["comments"] == "9"
    headline = quoted_agreement(after.agreement)[0]
    assert headline["comments"] == "5"
    # The one comment on which machine and coder differ was learned from.
    assert headline["accuracy"] == pytest.approx(1)
    themes = after.agreement[(after.agreement["facet"] == "themes") & (after.agreement["first"] == "A")]
    assert themes["n"].max() == 5
    assert after.confusions["n"].sum() < before.confusions["n"].sum()
    # Nobody learned an outlook, and shares are of all comments.
    outlook = after.agreement[after.agreement["facet"] == "outlook"]
    assert set(outlook["n"]) == {9}
    pd.testing.assert_frame_equal(after.prevalence, before.prevalence)


def test_where_all_codes_were_learned_from_there_is_no_agreement(compare, mapped):
    result = compare(of=with_learned(mapped, N), learn_from=("code",))
    assert quoted_agreement(result.agreement) == []
    assert result.summary["learn_from"] == ["code"]


def test_the_headline_is_the_first_coders(compare):
    headline = quoted_agreement(compare().agreement)[0]
    assert headline["first"] == "A"
    # All that are coded, "weather" too, which the machine gives no theme.
    assert headline["comments"] == "9"
    assert headline["accuracy"] == pytest.approx(8 / 9)
    assert headline["accuracy_low"] < 8 / 9 < headline["accuracy_high"]


def test_coders_are_compared_with_one_another_on_what_both_coded(compare):
    coders = ({"name": "A", "theme": ("code",)}, {"name": "B", "theme": ("code_2",)})
    agreement = compare(coders=coders).agreement
    between = agreement[(agreement["first"] == "A") & (agreement["second"] == "B")]
    between = between[between["comments"] == "coded by both"].set_index("measure")
    assert set(between["n"]) == {5}
    assert between.loc["accuracy", "value"] == pytest.approx(1 / 5)


def test_without_codes_there_is_no_agreement_and_no_headline(compare):
    result = compare(coders=())
    assert len(result.agreement) == 0
    assert quoted_agreement(result.agreement) == []


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
    assert set(result.groups["facet"]) <= {"themes", "topics"}


def test_the_accounts_claims_are_counted(compare, codebook):
    counts = compare().claim_counts
    assert counts["claim"].tolist() == [claim.id for claim in codebook.claims]
    claim = judge_claims(codebook, counts, smallest_base=1).iloc[0]
    assert claim["statement"] == "A fifth were hopeful."
    # One outlook is not coded: what the machine read decides nothing.
    assert (claim["n"], claim["verdict"]) == (N, NOT_CHECKED)
    assert 1 <= counts["to_code"].iloc[0] <= N
    assert counts["to_code"].isna()[counts["reading"] != UNCHECKED].all()
    # Without the facet that it names, a claim cannot be checked, and that is said.
    without = judge_claims(codebook, compare(outlook=False).claim_counts).iloc[0]
    assert (without["statement"], without["verdict"]) == ("A fifth were hopeful.", CANNOT_TELL)
    assert without["reason"] == "Needed: comments matched with the facet “outlook”."


@pytest.mark.thorough
def test_small_groups_go_under_one_name_in_every_table(compare, cleaned):
    cleaned.comments["setting"] = ["Town"] * 5 + ["Village", "Village ", "Old Mill", "", ""]
    result = compare(group_column="setting", groups={"job": {"Nurses": ("nurse",), "Doctors": ("gp",)}}, smallest=3)
    assert set(result.outlook["group"]) == {"All", "Town", "Smaller groups"}
    by_setting = result.groups[result.groups["column"] == "setting"].drop_duplicates("group")
    assert by_setting.set_index("group")["comments"].to_dict() == {"Town": 5, "Smaller groups": 5}
    assert set(result.groups.loc[result.groups["column"] == "job", "group"]) <= {
        "Nurses", "Smaller groups", "(not given)",
    }  # fmt: skip
    for table in (result.groups, result.outlook, result.linked_groups, result.claim_counts, result.group_tests):
        assert not any(name in table.to_csv() for name in ("Village", "Old Mill", "Doctors"))
    assert "Village" in set(compare(group_column="setting").groups["group"])


@pytest.mark.thorough
def test_sites_are_counted_within_their_regions(compare, cleaned):
    cleaned.comments["job"] = ["North"] * 3 + ["South"] * 3 + ["East"] * 4
    cleaned.comments["setting"] = ["Town"] * 6 + ["Village"] * 4
    linked = compare(groups={"setting": None, "job": None}).linked_groups
    found = linked.drop_duplicates(["first_group", "second_group"])
    assert dict(zip(zip(found["first_group"], found["second_group"], strict=True), found["comments"], strict=True)) == {
        ("Town", "North"): 3, ("Town", "South"): 3, ("Village", "East"): 4,
    }  # fmt: skip
    assert set(linked["facet"]) == {"themes", "outlook", "topics"}


def test_groups_of_free_text_are_those_of_their_words(compare):
    groups = compare(groups={"job": {"Nurses": ("nurse",), "Doctors": ("gp",)}}, group_column="setting").groups
    shares = groups[groups["entry"] == "funding"].set_index(["column", "group"])
    assert shares.loc[("job", "Nurses"), ["comments", "share"]].tolist() == [3, 1.0]
    assert shares.loc[("job", "Doctors"), ["comments", "share"]].tolist() == [2, 0.0]
    assert shares.loc[("setting", "Town"), "share"] == pytest.approx(0.5)
    assert set(groups["facet"]) == {"themes", "outlook", "topics"}


def test_without_groups_there_are_no_tables_of_them(compare):
    result = compare()
    assert len(result.groups) == len(result.group_tests) == len(result.linked_groups) == 0


def test_the_articles_quotations_are_matched_and_its_words_kept_nowhere(compare):
    result = compare(article=ARTICLE)
    assert result.quotations["section"].tolist() == ["funding", "equipment"]
    assert result.quotations["nearest"].tolist() == ["funding", "direction"]
    assert result.quotations["lands"].tolist() == [True, False]
    landed = result.summary["article"]
    assert (landed["n"], landed["landed"], landed["share"]) == (2, 1, 0.5)
    # "The budget was cut", "The grant ended", "Managers do not listen" and, by its words, "The leadership has no
    # strategy" are examples that the article quotes.
    assert landed["phrases_removed"] == 4
    assert any("4 phrases of the codebook come from a quotation" in note for note in landed["notes"])
    kept = result.quotations.to_csv() + str(result.summary)
    assert quotations(kept, ["The budget was cut and the grant ended", "Managers do not listen and the"]) == []


def test_without_an_article_there_is_nothing_about_one(compare):
    result = compare()
    assert len(result.quotations) == 0
    assert result.summary["article"] is None


def test_the_methods_text_is_given_every_pair(compare):
    coders = ({"name": "A", "theme": ("code",)}, {"name": "B", "theme": ("code_2",)})
    pairs = quoted_agreement(compare(coders=coders).agreement)
    machine = "comments matched directly"
    assert [(pair["first"], pair["second"]) for pair in pairs] == [("A", machine), ("B", machine), ("A", "B")]
    assert [pair["comments"] for pair in pairs] == ["9", "5", "5"]
    assert pairs[0]["accuracy"] == pytest.approx(8 / 9)
    assert pairs[2]["accuracy"] == pytest.approx(1 / 5)
    assert pairs[0]["accuracy_low"] < 8 / 9 < pairs[0]["accuracy_high"]
