from dataclasses import replace

import pandas as pd
import pytest
import yaml

from pipeline import load_run
from pipeline.codebook.codebook import load_codebook
from pipeline.crosswalk.fit import phrases_of
from pipeline.documents.candidates import candidate_comments, candidate_entries


@pytest.fixture
def run(_finished_once):
    return load_run(_finished_once[0].output)


def candidates(run):
    themes = run._mapped.topic_themes
    return set(themes.loc[themes["status"] == "unmapped", "topic"])


def test_all_comments_of_the_candidates_are_listed_with_what_their_topic_is_like(run):
    found = candidate_comments(run._cleaned, run._discovered, run._mapped, metadata=["setting"])
    assigned = run.assignments[run.assignments["topic"].isin(candidates(run))]
    assert set(found["comment_id"]) == set(assigned["comment_id"]) != set()
    topics = run._discovered.topics.set_index("topic")
    for topic, comments in found.groupby("topic"):
        assert len(comments) == topics.loc[topic, "size"]
        assert set(comments["stability"]) == {topics.loc[topic, "stability"]}
        assert set(comments["keywords"]) == {topics.loc[topic, "keywords"]}
        assert comments["membership"].is_monotonic_decreasing
        counts = comments["setting"].value_counts()
        assert set(comments["said_by"]) == {"setting: " + ", ".join(f"{name} {n}" for name, n in counts.items())}
    texts = run.comments.set_index("comment_id")["text"]
    assert (found["comment"] == found["comment_id"].map(texts)).all()


def test_a_column_of_many_values_says_nothing_of_groups(run):
    cleaned = replace(run._cleaned, comments=run.comments.assign(setting=run.comments["comment_id"]))
    found = candidate_comments(cleaned, run._discovered, run._mapped, metadata=["setting"])
    assert set(found["said_by"]) == {""}


def test_the_entries_load_as_part_of_the_codebook(run, _finished_once, tmp_path):
    written = yaml.safe_load(candidate_entries(run._discovered, run._mapped, run.codebook))
    assert len(written["themes"]) == len(candidates(run)) > 0
    merged = yaml.safe_load(_finished_once[0].codebook.read_text(encoding="utf-8"))
    merged["themes"] += written["themes"]
    path = tmp_path / "merged.yaml"
    path.write_text(yaml.safe_dump(merged), encoding="utf-8")
    codebook = load_codebook(path)
    assert len(codebook.themes) == len(run.codebook.themes) + len(candidates(run))
    assert codebook.themes[-1].definition.startswith("To be written.")


def test_the_entries_hold_keywords_and_no_comment(run):
    content = candidate_entries(run._discovered, run._mapped, run.codebook).decode()
    texts = run.comments.loc[run.comments["text"].str.len() > 20, "text"]
    assert not any(text in content for text in texts)
    keywords = dict(zip(run._discovered.topics["topic"], run._discovered.topics["keywords"], strict=True))
    said = [entry["includes"] for entry in yaml.safe_load(content)["themes"]]
    assert said == [keywords[topic].split(", ") for topic in sorted(candidates(run))]


def test_ids_and_names_that_are_taken_are_not_taken_twice(run, tmp_path):
    """Two candidates of one name, which a theme has too; a third has a name that YAML would take for another thing."""
    topics, themes = run._discovered.topics, run._mapped.topic_themes
    topics = topics.assign(label=["Mixed: money", "Money", "No", "Repair"], keywords=["cut", "", "no, on", "mend"])
    mapped = replace(run._mapped, topic_themes=themes.assign(status="unmapped", theme="unmapped"))
    content = candidate_entries(replace(run._discovered, topics=topics), mapped, run.codebook)
    entries = yaml.safe_load(content)["themes"]
    codebook = run.codebook.model_dump(mode="json")
    path = tmp_path / "merged.yaml"
    path.write_text(yaml.safe_dump(codebook | {"themes": codebook["themes"] + entries}), encoding="utf-8")
    assert [theme.name for theme in load_codebook(path).themes[-4:]] == ["Money (0)", "Money (1)", "No", "Repair (3)"]
    assert [entry["id"] for entry in entries] == ["money-0", "money-1", "no", "repair-3"]
    assert "no" in phrases_of(load_codebook(path).themes[-2])


def test_without_candidates_the_list_is_empty(run):
    mapped = replace(run._mapped, topic_themes=run._mapped.topic_themes.assign(status="matched"))
    assert yaml.safe_load(candidate_entries(run._discovered, mapped, run.codebook)) == {"themes": []}
    found = candidate_comments(run._cleaned, run._discovered, mapped, metadata=["setting"])
    assert len(found) == 0
    assert isinstance(found, pd.DataFrame)
