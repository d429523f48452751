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
        topic_tree=pd.DataFrame(),
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


@pytest.mark.thorough
def test_each_piece_of_work_is_told_from_its_beginning_to_its_end(made, encoder, codebook):
    told = []
    cleaned, embedded, discovered = made
    map_themes(
        cleaned, embedded, discovered, codebook=codebook, outlook=None, encoder=encoder, config=MapConfig(**QUICK),
        seed=20, progress=lambda *said: told.append(said),
    )  # fmt: skip
    pieces = dict.fromkeys(what for what, _, _ in told)
    assert list(pieces) == [
        "parts of comments compared with themes", "comparisons of topics with pseudo-themes",
        "parts of comments compared with shuffled codebooks", "re-runs of the decisions", "decoy codebooks",
    ]  # fmt: skip
    for piece in pieces:
        steps = [(done, total) for what, done, total in told if what == piece]
        assert steps == sorted(steps)
        assert steps[-1][0] == steps[-1][1]
        assert len({total for _, total in steps}) == 1


def test_topics_and_comments_get_their_best_theme(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    assert result.topic_themes["theme"].tolist()[:3] == ["funding", "equipment", "direction"]
    rows = result.assignments.set_index("comment_id")
    for initial, theme in (("m", "funding"), ("c", "equipment"), ("l", "direction")):
        direct = rows.loc[rows.index.str.startswith(initial), "theme_direct"]
        assert (direct == theme).mean() > 0.7
    assert rows.loc[["m01", "e01"], "theme"].tolist() == ["funding", ""]


@pytest.mark.thorough
def test_a_topic_whose_best_theme_does_not_beat_pseudo_themes_is_unmapped_and_the_nearest_is_kept(
    made, encoder, codebook
):
    """No theme of the codebook is about volunteers and their training."""
    result = mapped(made, encoder, codebook)
    people = result.topic_themes.iloc[3]
    assert (people["theme"], people["status"], people["fails"]) == (UNMAPPED, "unmapped", "")
    assert people["nearest_theme"] in codebook.theme_ids
    assert people["q_value"] > 0.1
    assert result.summary["topics_unmapped"] == 1
    rows = result.assignments.set_index("comment_id")
    assert set(rows.loc[rows["topic"] == 3, "theme"]) == {UNMAPPED}


@pytest.mark.thorough
def test_with_a_stricter_rate_fewer_topics_are_matched(made, encoder, codebook):
    result = mapped(made, encoder, codebook, false_discovery_rate=1e-9)
    assert set(result.topic_themes["theme"]) == {UNMAPPED}
    assert result.topic_themes["nearest_theme"].tolist()[:3] == ["funding", "equipment", "direction"]
    assert not result.crosswalk["matched"].any()
    assert result.summary["topics_unmapped"] == 4


@pytest.mark.thorough
def test_what_is_matched_passes_every_test(made, encoder, codebook):
    crosswalk = mapped(made, encoder, codebook).crosswalk
    matches = crosswalk[crosswalk["matched"]]
    assert (matches["q_value"] <= 0.1).all()
    assert (matches["p_shuffled"] <= 0.1).all()
    assert (matches["own_share"] >= 0.5).all()
    assert (matches["replicates"] >= 0.8).all()
    asked = crosswalk[crosswalk["q_value"].notna()]
    assert asked["topic"].tolist() == [0, 1, 2, 3]
    assert (asked["q_value"] >= asked["p_value"]).all()
    for column in ("percentile", "p_value", "p_shuffled", "own_share", "replicates"):
        assert crosswalk[column].between(0, 1).all(), column
    assert (crosswalk["fit_low"] <= crosswalk["fit_high"]).all()


@pytest.mark.thorough
def test_a_topic_of_two_themes_is_matched_with_neither_unless_half_of_it_says_so(encoder, codebook):
    rows = comment_rows()[:60]
    fused = corpus(rows, lambda comment_id: {"m": 0, "c": 0, "l": 1, "p": 2}[comment_id[0]], encoder)
    result = mapped(fused, encoder, codebook)
    topic = result.topic_themes.iloc[0]
    shares = result.crosswalk.set_index(["topic", "theme"])["own_share"]
    assert shares[0, "funding"] + shares[0, "equipment"] > 0.8
    assert topic["own_share"] == max(shares[0])
    assert (topic["status"] == "matched") <= (topic["own_share"] >= 0.5)


@pytest.mark.thorough
def test_a_match_that_too_few_reruns_repeat_is_leaning_and_says_why(made, encoder, codebook):
    cleaned, embedded, discovered = made
    loose = replace(discovered, assignments=discovered.assignments.assign(membership=0.02))
    result = mapped((cleaned, embedded, loose), encoder, codebook)
    topic = result.topic_themes.iloc[0]
    assert (topic["theme"], topic["nearest_theme"], topic["status"]) == (UNMAPPED, "funding", "leaning")
    assert "re-runs" in topic["fails"].split("; ")
    assert not result.crosswalk["matched"].any()
    assert result.summary["topics_leaning"] >= 1
    assert result.diagnosis.set_index("id").loc["0", ["verdict", "with"]].tolist() == ["leaning", "funding"]


def test_a_comment_of_two_sentences_carries_the_theme_of_each(encoder, codebook):
    rows = comment_rows()[:60]
    said = [theme.examples[0] for theme in codebook.themes[:2]]
    both = ". ".join(said) + "."
    made = corpus([*rows, rows[0] | {"comment_id": "e01", "comment": both}], lambda _: -1, encoder)
    carried = mapped(made, encoder, codebook, neighbours=0).comment_themes
    assert set(carried.loc[carried["comment_id"] == "e01", "theme"]) == set(codebook.theme_ids[:2])


@pytest.mark.thorough
def test_where_more_is_asked_of_a_part_fewer_comments_carry_a_theme(made, encoder, codebook):
    few, many = (mapped(made, encoder, codebook, part_lead=lead) for lead in (0.3, -0.5))
    assert len(few.comment_themes) < len(many.comment_themes)
    for result in (many, few):
        rows = result.assignments.set_index("comment_id")
        assert set(result.comment_themes["comment_id"]) == set(rows.index[rows["theme_direct"] != UNMAPPED])
        pairs = set(zip(result.comment_themes["comment_id"], result.comment_themes["theme"], strict=True))
        with_theme = rows[rows["theme_direct"] != UNMAPPED]
        assert set(with_theme["theme_direct"].items()) <= pairs


@pytest.mark.thorough
def test_a_comment_that_pseudo_themes_fit_as_well_is_unmapped(made, encoder, codebook):
    rows = mapped(made, encoder, codebook).assignments
    people = rows["comment_id"].str.startswith("p")
    assert (rows.loc[people, "theme_direct"] == UNMAPPED).mean() > 0.7
    assert rows["theme_nearest"].isin(codebook.theme_ids).all()


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_each_topic_has_a_row_for_each_theme(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    assert len(result.crosswalk) == 4 * 3
    assert result.crosswalk["fit"].between(-1, 1).all()
    most = result.crosswalk.sort_values("own_share", kind="stable").groupby("topic")["own_share"].last()
    assert result.topic_themes["own_share"].tolist() == most.tolist()


@pytest.mark.thorough
def test_a_decision_that_few_replicates_repeat_is_unsettled(made, encoder, codebook):
    themes = mapped(made, encoder, codebook).topic_themes
    assert themes["mapping_robustness"].between(0, 1).all()
    assert (themes["settled"] == (themes["mapping_robustness"] >= 0.8)).all()
    cleaned, embedded, discovered = made
    loose = replace(discovered, assignments=discovered.assignments.assign(membership=0.1))
    assert not mapped((cleaned, embedded, loose), encoder, codebook).topic_themes["settled"].all()


@pytest.mark.thorough
def test_a_folded_comment_has_its_twins_row_and_a_dropped_one_has_none(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    rows = result.assignments
    assert rows["comment_id"].tolist() == [*(row["comment_id"] for row in comment_rows()[:60]), "e01", "twin"]
    rows = rows.set_index("comment_id")
    pd.testing.assert_series_equal(rows.loc["twin"], rows.loc["m01"], check_names=False)
    carried = result.comment_themes.set_index("comment_id")
    assert carried.loc[["twin"]].to_numpy().tolist() == carried.loc[["m01"]].to_numpy().tolist()


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_decoy_codebooks_say_how_easily_a_topic_is_matched_by_mistake(made, encoder, codebook):
    summary = mapped(made, encoder, codebook).summary
    assert len(summary["decoy_match_rates"]) >= 2
    assert summary["decoy_match_rate"] == pytest.approx(np.mean(list(summary["decoy_match_rates"].values())))
    assert summary["decoy_match_rate"] < summary["topics_matched"] / 4


@pytest.mark.thorough
def test_equal_seeds_give_equal_results_and_other_seeds_other_pseudo_themes(made, encoder, codebook):
    first, again, other = (mapped(made, encoder, codebook, seed=seed) for seed in (20, 20, 21))
    for name in ("assignments", "comment_themes", "crosswalk", "topic_themes", "diagnosis", "nearest_comments"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name))
    assert first.crosswalk["p_value"].tolist() != other.crosswalk["p_value"].tolist()


@pytest.mark.thorough
def test_an_even_comment_is_read_with_its_neighbours(made, encoder, codebook):
    alone, together = (
        mapped(made, encoder, codebook, neighbour_share=share).assignments.set_index("comment_id")
        for share in (0.0, 0.6)
    )
    assert alone.loc["m01", "theme_direct_score"] != pytest.approx(together.loc["m01", "theme_direct_score"])


@pytest.mark.thorough
@pytest.mark.parametrize("entry", ["negative", "positive"])
def test_a_comment_near_a_theme_has_the_outlook_that_holds_the_themes(entry, made, encoder, codebook):
    facet = codebook.facet("outlook")
    entries = [theme.model_copy(update={"holds_themes": theme.id == entry}) for theme in facet.themes]
    outlooks = map_themes(
        *made, codebook=codebook, outlook=facet.model_copy(update={"themes": tuple(entries)}), encoder=encoder,
        config=MapConfig(**QUICK), seed=20,
    ).assignments.set_index("comment_id")["outlook_direct"]  # fmt: skip
    assert (outlooks[outlooks.index.str.startswith("m")] == entry).mean() > 0.7


@pytest.mark.thorough
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


@pytest.mark.thorough
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


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_a_further_column_fills_what_the_first_leaves_open(made, encoder, codebook):
    cleaned, *rest = made
    comments = cleaned.comments.assign(code_2=cleaned.comments["code"])
    comments.loc[comments["comment_id"].str.startswith("m"), "code"] = ""
    result = mapped((Cleaned(comments, {}), *rest), encoder, codebook, learn_from=("code", "code_2"))
    assert result.summary["learned"]["comments"] == 45


@pytest.mark.thorough
def test_codes_of_none_are_learned_from_too_and_marked(made, encoder, codebook):
    cleaned, *rest = made
    codes = cleaned.comments["code"].replace(CODES["people"], "none")
    result = mapped((Cleaned(cleaned.comments.assign(code=codes), {}), *rest), encoder, codebook, learn_from=("code",))
    rows = result.assignments.set_index("comment_id")
    of_people = rows.index.str.startswith("p")
    assert result.summary["learned"]["from_none"]
    assert rows.loc[of_people, "learned_from"].all()
    assert (rows.loc[of_people, "theme_direct"] == UNMAPPED).mean() > 0.8
    assert (rows.loc[rows.index.str.startswith(("m", "c", "l")), "theme_direct"] != UNMAPPED).mean() > 0.7
    unknown = codes.replace("none", "a code that nobody knows")
    result = mapped(
        (Cleaned(cleaned.comments.assign(code=unknown), {}), *rest), encoder, codebook, learn_from=("code",)
    )
    assert not result.summary["learned"]["from_none"]


def test_too_few_codes_to_learn_from_are_told_without_the_comments(made, encoder, codebook):
    cleaned, *rest = made
    codes = cleaned.comments["code"].where(cleaned.comments.index < 19, "other")
    with pytest.raises(DataError) as caught:
        mapped((Cleaned(cleaned.comments.assign(code=codes), {}), *rest), encoder, codebook, learn_from=("code",))
    said = f"{caught.value} {caught.value.message}"
    assert "map.learn_from: 19 comments have the code of a theme in code; at least 20 are needed" in said
    assert quotations(said, cleaned.comments["text"]) == []


@pytest.mark.thorough
def test_a_comment_that_says_nothing_has_no_theme(made, encoder, codebook):
    cleaned, embedded, discovered = made
    silent = replace(embedded, nothing_said=("m01",))
    before = mapped(made, encoder, codebook).assignments.set_index("comment_id")
    result = mapped((cleaned, silent, discovered), encoder, codebook)
    rows = result.assignments.set_index("comment_id")
    assert (before.loc["m01", "theme_direct"], rows.loc["m01", "theme_direct"]) == ("funding", UNMAPPED)
    assert rows.loc[rows["says_nothing"]].index.isin(["m01", "twin"]).all()
    assert "m01" not in set(result.comment_themes["comment_id"])
