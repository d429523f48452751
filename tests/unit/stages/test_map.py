from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.config import MapConfig
from pipeline.contracts import UNMAPPED, Cleaned, Embedded, TopicResult
from pipeline.stages.map import map_themes

TEXTS = ["no money in the budget", "the budget was cut", "slow computer", "password trouble", "purple elephants dance"]


@pytest.fixture
def made(encoder, codebook):
    """Six comments in two topics: one folded, one an outlier."""
    comments = pd.DataFrame(
        {
            "comment_id": ["a", "b", "c", "d", "e", "twin", "gone"],
            "text": [*TEXTS, "The budget was CUT", ""],
            "kept": [True] * 6 + [False],
            "duplicate_of": ["", "", "", "", "", "b", ""],
        }
    )
    topics = pd.DataFrame({"topic": [0, 1], "size": [3, 2], "label": ["x", "y"]})
    assignments = pd.DataFrame(
        {"comment_id": list("abcde"), "topic": [0, 0, 1, 1, -1], "membership": [1.0, 0.5, 1.0, 1.0, 0.1],
         "topic_coarse": [0, 0, 1, 1, -1]}
    )  # fmt: skip
    return (
        Cleaned(comments, {}),
        Embedded(tuple("abcde"), encoder.encode(TEXTS), {}),
        TopicResult(
            assignments=assignments,
            topics=topics,
            coarse_topics=pd.DataFrame(),
            layout=pd.DataFrame(),
            shares=assignments[["comment_id", "topic"]].assign(share=1.0),
            summary={},
        ),
    )


def mapped(made, encoder, codebook, **settings):
    return map_themes(
        *made, codebook=codebook, outlook=codebook.facet("outlook"), encoder=encoder, config=MapConfig(**settings)
    )


def test_topics_and_comments_get_their_best_theme(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    assert result.topic_themes["theme"].tolist() == ["funding", "equipment"]
    rows = result.assignments.set_index("comment_id")
    assert rows.loc[["a", "b", "c", "d"], "theme_direct"].tolist() == ["funding", "funding", "equipment", "equipment"]
    assert rows.loc[["a", "e"], "theme"].tolist() == ["funding", ""]


def test_below_the_threshold_is_unmapped_and_the_nearest_is_kept(made, encoder, codebook):
    result = mapped(made, encoder, codebook, topic_threshold=1.0, comment_threshold=1.0)
    assert set(result.topic_themes["theme"]) == {UNMAPPED}
    assert result.topic_themes["nearest_theme"].tolist() == ["funding", "equipment"]
    assert not result.crosswalk["matched"].any()
    assert set(result.assignments["theme_direct"]) == {UNMAPPED}
    assert result.assignments["theme_nearest"].iloc[0] == "funding"
    assert result.summary["topics_unmapped"] == 2


def test_a_comment_that_no_theme_fits_is_unmapped(made, encoder, codebook):
    rows = mapped(made, encoder, codebook, comment_threshold=0.4).assignments.set_index("comment_id")
    assert rows.loc["e", "theme_direct"] == UNMAPPED


def test_a_threshold_is_reached_by_equal_fit(made, encoder, codebook):
    fit = mapped(made, encoder, codebook).topic_themes["fit"].iloc[0]
    assert mapped(made, encoder, codebook, topic_threshold=float(fit)).topic_themes["status"].iloc[0] == "matched"


def test_a_topics_fit_is_the_mean_of_its_comments(made, encoder, codebook):
    result = mapped(made, encoder, codebook)
    rows = result.assignments.set_index("comment_id")
    fits = result.crosswalk.set_index(["topic", "theme"])["fit"]
    assert fits[0, "funding"] == pytest.approx(rows.loc[["a", "b"], "theme_direct_score"].mean())


def test_each_topic_has_a_row_for_each_theme_and_at_most_one_match(made, encoder, codebook):
    crosswalk = mapped(made, encoder, codebook).crosswalk
    assert len(crosswalk) == 2 * 3
    assert crosswalk.groupby("topic")["matched"].sum().tolist() == [1, 1]
    assert crosswalk["fit"].between(-1, 1).all()


def test_a_folded_comment_has_its_twins_row_and_a_dropped_one_has_none(made, encoder, codebook):
    rows = mapped(made, encoder, codebook).assignments
    assert rows["comment_id"].tolist() == ["a", "b", "c", "d", "e", "twin"]
    rows = rows.set_index("comment_id")
    pd.testing.assert_series_equal(rows.loc["twin"], rows.loc["b"], check_names=False)


def test_a_comment_near_a_theme_has_the_outlook_that_holds_the_themes(made, encoder, codebook):
    facet = codebook.facet("outlook")
    holding = [entry.model_copy(update={"holds_themes": entry.id == "negative"}) for entry in facet.themes]
    outlooks = map_themes(
        *made, codebook=codebook, outlook=facet.model_copy(update={"themes": tuple(holding)}), encoder=encoder,
        config=MapConfig(),
    ).assignments.set_index("comment_id")["outlook_direct"]  # fmt: skip
    assert outlooks[["a", "b", "c", "d"]].tolist() == ["negative"] * 4


def test_without_an_outlook_facet_the_column_is_empty(made, encoder, codebook):
    result = map_themes(*made, codebook=codebook, outlook=None, encoder=encoder, config=MapConfig())
    assert set(result.assignments["outlook_direct"]) == {""}


def test_without_topics_every_comment_is_matched_all_the_same(made, encoder, codebook):
    cleaned, embedded, discovered = made
    none = replace(
        discovered, assignments=discovered.assignments.assign(topic=-1, topic_coarse=-1), topics=discovered.topics[:0]
    )
    result = mapped((cleaned, embedded, none), encoder, codebook)
    assert len(result.crosswalk) == len(result.topic_themes) == 0
    assert set(result.assignments["theme"]) == {""}
    assert result.assignments["theme_direct"].iloc[0] == "funding"
    assert np.isfinite(result.assignments["theme_direct_score"]).all()
