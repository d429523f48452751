from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.config import MapConfig
from pipeline.contracts import UNMAPPED, Cleaned, Embedded, TopicResult
from pipeline.errors import DataError
from pipeline.stages.map import map_themes
from tests.example_survey import CODES, GROUPS, comment_rows
from tests.plain_output import quotations

QUICK = {"n_pseudo_themes": 100, "n_replicates": 40}
OUTSIDE = "purple elephants dance"


def result_of(assignments, sizes):
    topics = pd.DataFrame({"topic": list(range(len(sizes))), "size": sizes, "label": [f"t{n}" for n in sizes]})
    return TopicResult(
        assignments=assignments,
        topics=topics,
        coarse_topics=pd.DataFrame(),
        layout=pd.DataFrame(),
        shares=assignments[["comment_id", "topic"]].assign(share=1.0),
        summary={},
    )


def corpus(rows, topic_of, encoder):
    """Comments of the survey, in the topics that a function gives them; one more repeats the first, one is empty."""
    kept = pd.DataFrame(
        {
            "comment_id": [row["comment_id"] for row in rows],
            "text": [row["comment"] for row in rows],
            "code": [row["ada_theme"] for row in rows],
            "code_2": "",
            "kept": True,
            "duplicate_of": "",
        }
    )
    others = pd.DataFrame(
        {
            "comment_id": ["twin", "gone"], "text": [rows[0]["comment"].upper(), ""], "code": "", "code_2": "",
            "kept": [True, False], "duplicate_of": [rows[0]["comment_id"], ""],
        }
    )  # fmt: skip
    topics = np.array([topic_of(row["comment_id"]) for row in rows])
    assignments = pd.DataFrame(
        {"comment_id": kept["comment_id"], "topic": topics, "membership": 0.9, "topic_coarse": topics}
    )
    sizes = [int((topics == topic).sum()) for topic in range(topics.max() + 1)]
    return (
        Cleaned(pd.concat([kept, others], ignore_index=True), {}),
        Embedded(tuple(kept["comment_id"]), encoder.encode(kept["text"].tolist()), {}),
        result_of(assignments, sizes),
    )


@pytest.fixture
def made(encoder):
    """The sixty comments of the survey, each group a topic, and one comment that is in none."""
    rows = [*comment_rows()[:60], comment_rows()[0] | {"comment_id": "e01", "comment": OUTSIDE, "ada_theme": ""}]
    return corpus(rows, lambda comment_id: "mclp".find(comment_id[0]), encoder)


@pytest.fixture
def few(encoder):
    """Nineteen comments: one too few for topics and for pseudo-themes."""
    return corpus([*comment_rows()[:10], *comment_rows()[15:24]], lambda _: -1, encoder)


def mapped(made, encoder, codebook, *, seed=20, **settings):
    return map_themes(
        *made, codebook=codebook, outlook=codebook.facet("outlook"), encoder=encoder,
        config=MapConfig(**(QUICK | settings)), seed=seed,
    )  # fmt: skip


def test_topics_and_comments_get_their_best_theme(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    assert result.topic_themes["theme"].tolist()[:3] == ["funding", "equipment", "direction"]
    rows = result.assignments.set_index("comment_id")
    for initial, theme in (("m", "funding"), ("c", "equipment"), ("l", "direction")):
        direct = rows.loc[rows.index.str.startswith(initial), "theme_direct"]
        assert (direct == theme).mean() > 0.7
    assert rows.loc[["m01", "e01"], "theme"].tolist() == ["funding", ""]


def test_a_topic_whose_best_theme_does_not_beat_pseudo_themes_is_unmapped_and_the_nearest_is_kept(
    made, encoder, codebook
):
    """No theme of the codebook is about volunteers and their training."""
    result = mapped(made, encoder, codebook)
    people = result.topic_themes.iloc[3]
    assert (people["theme"], people["themes"], people["status"]) == (UNMAPPED, "", "unmapped")
    assert people["nearest_theme"] in codebook.theme_ids
    assert people["q_value"] > 0.1
    assert result.summary["topics_unmapped"] == 1
    rows = result.assignments.set_index("comment_id")
    assert set(rows.loc[rows["topic"] == 3, "theme"]) == {UNMAPPED}


def test_with_a_stricter_rate_fewer_topics_are_matched(made, encoder, codebook):
    result = mapped(made, encoder, codebook, false_discovery_rate=1e-9)
    assert set(result.topic_themes["theme"]) == {UNMAPPED}
    assert result.topic_themes["nearest_theme"].tolist()[:3] == ["funding", "equipment", "direction"]
    assert not result.crosswalk["matched"].any()
    assert result.summary["topics_unmapped"] == 4


def test_only_fits_below_the_rate_are_matched(made, encoder, codebook):
    crosswalk = mapped(made, encoder, codebook).crosswalk
    assert (crosswalk.loc[crosswalk["matched"], "q_value"] <= 0.1).all()
    assert (crosswalk["q_value"] >= crosswalk["p_value"]).all()
    for column in ("percentile", "p_value", "q_value", "replicates"):
        assert crosswalk[column].between(0, 1).all(), column
    assert (crosswalk["fit_low"] <= crosswalk["fit_high"]).all()


def test_a_topic_of_two_themes_is_matched_with_both(encoder, codebook):
    rows = comment_rows()[:60]
    fused = corpus(rows, lambda comment_id: {"m": 0, "c": 0, "l": 1, "p": 2}[comment_id[0]], encoder)
    topic = mapped(fused, encoder, codebook).topic_themes.iloc[0]
    assert topic["status"] == "fused"
    assert set(topic["themes"].split("; ")) == {"funding", "equipment"}
    assert topic["theme"] == topic["themes"].split("; ")[0] == topic["nearest_theme"]
    alone = mapped(fused, encoder, codebook, second_theme_share=0.9).topic_themes.iloc[0]
    assert alone["status"] == "matched"
    assert alone["themes"] == alone["theme"]


def test_a_comment_carries_a_second_theme_where_it_is_probable_enough(made, encoder, codebook):
    many, one = (mapped(made, encoder, codebook, second_theme_probability=cut) for cut in (0.05, 1.0))
    assert not one.comment_themes["comment_id"].duplicated().any()
    assert many.comment_themes["comment_id"].duplicated().any()
    assert (many.comment_themes["probability"] >= 0.05).all()
    for result in (many, one):
        rows = result.assignments.set_index("comment_id")
        assert set(result.comment_themes["comment_id"]) == set(rows.index[rows["theme_direct"] != UNMAPPED])
        pairs = set(zip(result.comment_themes["comment_id"], result.comment_themes["theme"], strict=True))
        with_theme = rows[rows["theme_direct"] != UNMAPPED]
        assert set(with_theme["theme_direct"].items()) <= pairs


def test_a_comment_that_pseudo_themes_fit_as_well_is_unmapped(made, encoder, codebook):
    rows = mapped(made, encoder, codebook).assignments
    people = rows["comment_id"].str.startswith("p")
    assert (rows.loc[people, "theme_direct"] == UNMAPPED).mean() > 0.7
    assert rows["theme_nearest"].isin(codebook.theme_ids).all()


def test_a_comment_nearer_to_a_code_outside_the_themes_is_unmapped(made, encoder, codebook):
    """The same code leaves comments alone while it belongs to a theme."""
    text = GROUPS["money"][1]
    outside, inside = (
        codebook.model_copy(
            update={
                "codes": (codebook.codes[0].model_copy(update={"examples": (text, text.lower()), "themes": themes}),)
            }
        )
        for themes in ((), ("funding",))
    )
    found = [
        mapped(made, encoder, book, neighbours=0).assignments.set_index("comment_id") for book in (outside, inside)
    ]
    assert [rows.loc["m02", "theme_direct"] for rows in found] == [UNMAPPED, "funding"]


def test_a_topics_fit_is_the_mean_of_its_comments(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    rows = result.assignments.set_index("comment_id").drop(index="twin")
    own = rows[(rows["topic"] == 0) & (rows["theme_nearest"] == "funding")]
    fits = result.crosswalk.set_index(["topic", "theme"])["fit"]
    assert len(own) == 15
    assert fits[0, "funding"] == pytest.approx(own["theme_direct_score"].mean())


def test_each_topic_has_a_row_for_each_theme(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    assert len(result.crosswalk) == 4 * 3
    assert result.crosswalk["fit"].between(-1, 1).all()
    best = result.crosswalk.sort_values("fit").groupby("topic")["theme"].last()
    assert result.topic_themes["nearest_theme"].tolist() == best.tolist()


def test_a_decision_that_few_replicates_repeat_is_unsettled(made, encoder, codebook):
    themes = mapped(made, encoder, codebook).topic_themes
    assert themes["mapping_robustness"].between(0, 1).all()
    assert (themes["settled"] == (themes["mapping_robustness"] >= 0.8)).all()
    cleaned, embedded, discovered = made
    loose = replace(discovered, assignments=discovered.assignments.assign(membership=0.02))
    assert not mapped((cleaned, embedded, loose), encoder, codebook).topic_themes["settled"].iloc[:3].any()


def test_a_folded_comment_has_its_twins_row_and_a_dropped_one_has_none(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    rows = result.assignments
    assert rows["comment_id"].tolist() == [*(row["comment_id"] for row in comment_rows()[:60]), "e01", "twin"]
    rows = rows.set_index("comment_id")
    pd.testing.assert_series_equal(rows.loc["twin"], rows.loc["m01"], check_names=False)
    carried = result.comment_themes.set_index("comment_id")
    assert carried.loc[["twin"]].to_numpy().tolist() == carried.loc[["m01"]].to_numpy().tolist()


def test_a_theme_that_no_topic_shows_is_missing_and_its_nearest_comments_are_listed(made, encoder, codebook):
    cleaned, embedded, discovered = made
    topics = np.where(discovered.assignments["topic"] == 2, -1, discovered.assignments["topic"])
    topics = np.where(topics == 3, 2, topics)
    without = result_of(discovered.assignments.assign(topic=topics), [15, 15, 15])
    result = mapped((cleaned, embedded, without), encoder, codebook)
    verdicts = result.diagnosis.set_index("id")["verdict"]
    assert verdicts[["funding", "equipment", "direction"]].tolist() == ["resolved", "resolved", "missing"]
    assert verdicts[["0", "1", "2"]].tolist() == ["matched", "matched", "unmapped"]
    assert result.nearest_comments["theme"].tolist() == ["direction"] * 5
    assert result.nearest_comments["comment_id"].str.startswith("l").all()
    assert result.nearest_comments["fit"].is_monotonic_decreasing


def test_decoy_codebooks_say_how_easily_a_topic_is_matched_by_mistake(made, encoder, codebook):
    summary = mapped(made, encoder, codebook).summary
    assert len(summary["decoy_match_rates"]) >= 2
    assert summary["decoy_match_rate"] == pytest.approx(np.mean(list(summary["decoy_match_rates"].values())))
    assert summary["decoy_match_rate"] < summary["topics_matched"] / 4


def test_equal_seeds_give_equal_results_and_other_seeds_other_pseudo_themes(made, encoder, codebook):
    first, again, other = (mapped(made, encoder, codebook, seed=seed) for seed in (20, 20, 21))
    for name in ("assignments", "comment_themes", "crosswalk", "topic_themes", "diagnosis", "nearest_comments"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    assert first.crosswalk["p_value"].tolist() != other.crosswalk["p_value"].tolist()


def test_an_even_comment_is_read_with_its_neighbours(made, encoder, codebook):
    alone, together = (
        mapped(made, encoder, codebook, neighbour_share=share).assignments.set_index("comment_id")
        for share in (0.0, 0.6)
    )
    assert alone.loc["m01", "theme_direct_score"] != pytest.approx(together.loc["m01", "theme_direct_score"])


@pytest.mark.parametrize("entry", ["negative", "positive"])
def test_a_comment_near_a_theme_has_the_outlook_that_holds_the_themes(entry, made, encoder, codebook):
    facet = codebook.facet("outlook")
    entries = [theme.model_copy(update={"holds_themes": theme.id == entry}) for theme in facet.themes]
    outlooks = map_themes(
        *made, codebook=codebook, outlook=facet.model_copy(update={"themes": tuple(entries)}), encoder=encoder,
        config=MapConfig(**QUICK), seed=20,
    ).assignments.set_index("comment_id")["outlook_direct"]  # fmt: skip
    assert (outlooks[outlooks.index.str.startswith("m")] == entry).mean() > 0.7


def test_without_an_outlook_facet_the_column_is_empty(made, encoder, codebook):
    result = map_themes(
        *made, codebook=codebook, outlook=None, encoder=encoder, config=MapConfig(**QUICK), seed=20
    )  # fmt: skip
    assert set(result.assignments["outlook_direct"]) == {""}


@pytest.mark.parametrize("corpus_of", ["made", "few"])
def test_without_topics_every_comment_is_matched_all_the_same(corpus_of, encoder, codebook, request):
    cleaned, embedded, discovered = request.getfixturevalue(corpus_of)
    none = replace(
        discovered, assignments=discovered.assignments.assign(topic=-1, topic_coarse=-1), topics=discovered.topics[:0]
    )
    result = mapped((cleaned, embedded, none), encoder, codebook)
    assert len(result.crosswalk) == len(result.topic_themes) == 0
    assert set(result.assignments["theme"]) == {""}
    assert result.assignments["theme_direct"].iloc[0] == "funding"
    assert np.isfinite(result.assignments["theme_direct_score"]).all()
    assert set(result.diagnosis["verdict"]) == {"missing"}
    assert result.summary["decoy_match_rate"] is None
    assert len(result.nearest_comments) == 3 * 5


def test_below_twenty_comments_there_is_a_note_and_each_has_its_nearest_theme(few, made, encoder, codebook):
    result = mapped(few, encoder, codebook)
    assert len(result.summary["notes"]) == 1
    assert "fewer than 20 distinct comments" in result.summary["notes"][0]
    assert UNMAPPED not in set(result.assignments["theme_direct"])
    assert len(result.topic_themes) == 0
    assert mapped(made, encoder, codebook).summary["notes"] == []


def test_an_outside_code_leaves_a_comment_without_a_theme_below_twenty_comments_too(few, encoder, codebook):
    rival = codebook.codes[0].model_copy(update={"examples": (GROUPS["money"][1],), "themes": ()})
    result = mapped(few, encoder, codebook.model_copy(update={"codes": (rival,)}), nearest_phrases=1, neighbours=0)
    assert result.assignments.set_index("comment_id").loc["m02", "theme_direct"] == UNMAPPED


# ---------------------------------------------------------------- learning from codes


def test_what_people_coded_is_learned_and_marked(made, encoder, codebook):
    cleaned, *rest = made
    # No phrase of the codebook is about volunteers. A coder who calls them "direction" teaches it.
    uncoded = [f"p{number}" for number in range(11, 16)]
    codes = cleaned.comments["code"].replace(CODES["people"], "direction")
    codes[cleaned.comments["comment_id"].isin(uncoded)] = ""
    taught = Cleaned(cleaned.comments.assign(code=codes), {})
    result = mapped((taught, *rest), encoder, codebook, learn_from=("code",))
    rows = result.assignments.set_index("comment_id")
    assert result.summary["learned"]["comments"] == 55 == rows.drop(index="twin")["learned_from"].sum()
    assert rows.loc[["m01", "twin"], "learned_from"].all()
    assert not rows.loc[[*uncoded, "e01"], "learned_from"].any()
    before = mapped(made, encoder, codebook).assignments.set_index("comment_id")
    assert (before.loc[uncoded, "theme_nearest"] == "direction").sum() <= 3
    assert (rows.loc[uncoded, "theme_nearest"] == "direction").all()
    assert result.summary["learned"]["accuracy_learned"] > result.summary["learned"]["accuracy_codebook"]
    assert not before["learned_from"].any()


def test_a_further_column_fills_what_the_first_leaves_open(made, encoder, codebook):
    cleaned, *rest = made
    comments = cleaned.comments.assign(code_2=cleaned.comments["code"])
    comments.loc[comments["comment_id"].str.startswith("m"), "code"] = ""
    result = mapped((Cleaned(comments, {}), *rest), encoder, codebook, learn_from=("code", "code_2"))
    assert result.summary["learned"]["comments"] == 45


def test_too_few_codes_to_learn_from_are_told_without_the_comments(made, encoder, codebook):
    cleaned, *rest = made
    codes = cleaned.comments["code"].where(cleaned.comments.index < 19, "other")
    with pytest.raises(DataError) as caught:
        mapped((Cleaned(cleaned.comments.assign(code=codes), {}), *rest), encoder, codebook, learn_from=("code",))
    said = f"{caught.value} {caught.value.message}"
    assert "map.learn_from: 19 comments have the code of a theme in code; at least 20 are needed" in said
    assert quotations(said, cleaned.comments["text"]) == []
