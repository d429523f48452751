import csv

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import DataError, ModelError
from pipeline.exploring import assigning
from pipeline.exploring.assigning import DICTIONARY, nearest_topics, nearness_cut, read_new_comments
from tests.example_survey import comment_rows
from tests.fake_encoder import FakeEncoder


def write(path, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows([("comment_id", "comment"), *rows])
    return path


@pytest.fixture
def own(run, fake_models, tmp_path):
    """The run's own comments, assigned."""
    rows = [(row["comment_id"], row["comment"]) for row in comment_rows()]
    return run.assign(write(tmp_path / "own.csv", rows))


def test_the_runs_own_comments_keep_their_topics(run, own):
    both = own.comments.merge(run.assignments, on="comment_id", suffixes=("", "_run"))
    assert len(both) == len(run.assignments)
    assert (both["topic"] == both["topic_run"]).all()
    assert (both["topic_theme"] == both["theme_run"]).all()


def test_the_runs_own_comments_keep_nearly_all_of_their_themes(run, own):
    both = own.comments.merge(run.assignments, on="comment_id", suffixes=("", "_run"))
    assert (both["theme"] == both["theme_direct"]).mean() > 0.9


def test_every_comment_has_a_row_in_the_files_order_and_a_column_says_why_it_was_set_aside(run, own):
    comments = own.comments
    assert comments["comment_id"].tolist() == [row["comment_id"] for row in comment_rows()]
    aside = comments["dropped_because"] != ""
    assert aside.sum() == 5
    assert comments.loc[aside, "topic"].isna().all()
    assert (comments.loc[aside, ["label", "topic_theme", "theme", "themes"]] == "").all(axis=None)
    assert comments.loc[~aside, "topic"].notna().all()
    repeat = comments.set_index("comment_id").loc[["d01", "m01"], ["topic", "theme", "similarity"]]
    assert repeat.iloc[0].tolist() == repeat.iloc[1].tolist()


def test_new_comments_come_to_the_topic_and_the_theme_of_like_ones(run, fake_models, tmp_path):
    rows = [
        ("n1", "No money and no budget: the grant ended."),
        ("n2", "The slow computer loses each booking and the password."),
    ]
    found = run.assign(write(tmp_path / "new.csv", rows)).comments.set_index("comment_id")
    topic_of = run.assignments.set_index("comment_id")["topic"]
    assert found.loc["n1", "topic"] == topic_of[[f"m{number:02d}" for number in range(1, 16)]].mode()[0]
    assert found.loc["n2", "topic"] == topic_of[[f"c{number:02d}" for number in range(1, 16)]].mode()[0]
    assert found.loc["n1", "theme"] == "funding"
    assert found.loc["n2", "theme"] == "equipment"
    assert topic_of[found.loc["n1", "nearest_comment"]] == found.loc["n1", "topic"]


def test_ids_may_be_those_of_the_run_and_other_columns_may_be_missing(run, fake_models, tmp_path):
    found = run.assign(write(tmp_path / "new.csv", [("m01", "The slow computer loses each booking and the password.")]))
    assert found.comments["topic_theme"].tolist() == ["equipment"]


def test_the_dictionary_has_every_column_and_the_rule(own):
    dictionary = own.dictionary.set_index("column")["meaning"]
    assert list(dictionary.index) == own.comments.columns.tolist() == list(DICTIONARY)
    assert f"below {own.cut:.2f}" in dictionary["topic"]


def test_another_encoder_is_refused(run, fake_models, monkeypatch, tmp_path):
    monkeypatch.setattr("pipeline.language.models.load_encoder", lambda *_, **__: FakeEncoder(revision="other"))
    with pytest.raises(ModelError, match="another"):
        run.assign(write(tmp_path / "new.csv", [("n1", "The grant ended.")]))


def test_a_file_that_is_not_there_is_named(run, fake_models, tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.csv: there is no such file"):
        run.assign(tmp_path / "nowhere.csv")


def unit(*angles):
    return np.array([[np.cos(angle), np.sin(angle)] for angle in np.radians(angles)], dtype=np.float32)


def test_the_cut_is_a_low_percentile_of_what_is_near_within_topics():
    vectors, topics = unit(0, 10, 20, 90, 120, 200), np.array([0, 0, 0, 1, 1, -1])
    inside = np.cos(np.radians([10, 10, 10, 30, 30]))
    assert nearness_cut(vectors, topics) == pytest.approx(np.percentile(inside, 5), abs=1e-6)
    assert np.isnan(nearness_cut(vectors, np.full(6, -1)))


def test_of_many_comments_some_that_are_evenly_spread_say_how_near_is_near(monkeypatch):
    monkeypatch.setattr(assigning, "_MEASURED", 3)
    monkeypatch.setattr(assigning, "_ROWS_AT_ONCE", 1)
    vectors, topics = unit(0, 10, 90, 25, 60, 65), np.array([0, 0, -1, 0, 1, 1])
    # Every second of the five in topics, each against all of its topic.
    measured = np.cos(np.radians([10, 15, 5]))
    assert nearness_cut(vectors, topics) == pytest.approx(np.percentile(measured, 5), abs=1e-6)


def test_neighbours_vote_by_the_square_of_their_cosines():
    vectors, topics = unit(0, 1, 2, 40, 41), np.array([0, 0, 1, 1, 1])
    found = nearest_topics(unit(0.5), vectors, topics, cut=0.5)
    votes = np.cos(np.radians([0.5, 0.5, 1.5, 39.5, 40.5])) ** 2
    assert found["topic"].tolist() == [1]
    assert found["membership"].iloc[0] == pytest.approx(votes[2:].sum() / votes.sum(), abs=1e-4)
    assert found["similarity"].iloc[0] == pytest.approx(np.cos(np.radians(1.5)), abs=1e-5)
    assert found["nearest"].tolist() == [2]


def test_a_text_that_the_run_has_takes_that_comments_topic():
    vectors, topics = unit(0, 1, 2, 3, 4), np.array([0, 1, 1, 1, 1])
    assert nearest_topics(unit(0), vectors, topics, cut=0.5)["topic"].tolist() == [0]


def test_a_comment_is_in_no_topic_where_most_near_ones_are_in_none_or_none_is_near_enough():
    vectors = unit(0, 1, 2, 40, 41)
    outside = nearest_topics(unit(0.5), vectors, np.array([-1, -1, -1, 0, 0]), cut=0.5)
    assert outside[["topic", "nearest"]].iloc[0].tolist() == [-1, 3]
    far = nearest_topics(unit(80), vectors, np.zeros(5, dtype=int), cut=0.9)
    assert far["topic"].tolist() == [-1]
    assert far["similarity"].iloc[0] == pytest.approx(np.cos(np.radians(39)), abs=1e-5)
    assert far["membership"].tolist() == [0.0]


def test_without_topics_every_comment_is_in_none():
    found = nearest_topics(unit(0, 90), unit(0, 1), np.array([-1, -1]), cut=float("nan"))
    assert found["topic"].tolist() == [-1, -1]
    assert found["nearest"].tolist() == [-1, -1]
    assert pd.isna(found["similarity"]).all()


def test_a_comment_that_says_nothing_is_in_no_topic_and_has_no_theme(run, fake_models, tmp_path):
    found = run.assign(write(tmp_path / "new.csv", [("n1", "Nothing to add, thank you"), ("n2", "The grant ended.")]))
    first = found.comments.iloc[0]
    assert (first["dropped_because"], first["topic"], first["theme"], first["themes"]) == ("", -1, "unmapped", "")


def test_only_ids_and_comments_are_asked_of_a_new_file(run, language, tmp_path):
    columns = run.config.input.columns.model_copy(update={"respondent": "who", "choices": {"site": ("North", "South")}})
    config = run.config.model_copy(update={"input": run.config.input.model_copy(update={"columns": columns})})
    path = write(tmp_path / "new.csv", [("n1", "The grant ended.")])
    assert read_new_comments(path, config, question="", language=language).distinct["comment_id"].tolist() == ["n1"]
