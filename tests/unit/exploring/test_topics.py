from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import DataError
from pipeline.exploring.topics import TopicBrowser, topic_view


def largest(run):
    return int(run._discovered.topics["topic"].iloc[0])


def test_a_topics_comments_are_all_that_it_has_those_that_belong_most_firmly_first(run):
    view = run.topic(largest(run))
    wanted = run.assignments[run.assignments["topic"] == view.topic]
    assert set(view.comments["comment_id"]) == set(wanted["comment_id"])
    assert view.comments["membership"].is_monotonic_decreasing
    texts = run.comments.set_index("comment_id")["text"]
    assert (view.comments["text"] == view.comments["comment_id"].map(texts)).all()
    assert "setting" in view.comments.columns
    assert view.share == pytest.approx(len(view.comments) / len(run.assignments))


def test_a_keyword_is_counted_in_the_topic_and_elsewhere(run):
    view = run.topic(largest(run))
    first = view.keywords.iloc[0]
    lemmas = run.comments[run.comments["kept"]].set_index("comment_id")["lemmas"].str.split()
    inside = lemmas.index.isin(view.comments["comment_id"])
    says = np.array([first["keyword"] in words for words in lemmas])
    assert first["comments"] == says[inside].sum() > 0
    assert first["elsewhere"] == pytest.approx(says[~inside].mean())
    assert first["share"] > first["elsewhere"]


def test_groups_say_how_many_of_each_group_are_in_the_topic(run):
    view = run.topic(largest(run))
    assert set(view.groups["column"]) == {"setting"}
    assert view.groups["comments"].sum() == len(view.comments)
    assert view.groups["of"].sum() == len(run.assignments)


def test_neighbours_are_all_other_topics_by_the_likeness_of_their_means(run):
    view = run.topic(largest(run))
    assert set(view.neighbours["topic"]) == set(run.topics["topic"]) - {view.topic}
    assert view.neighbours["similarity"].is_monotonic_decreasing
    nearest = run.topic(int(view.neighbours["topic"].iloc[0]))
    back = nearest.neighbours.set_index("topic")["similarity"]
    assert back[view.topic] == pytest.approx(view.neighbours["similarity"].iloc[0], abs=1e-6)


def test_all_themes_are_listed_best_fit_first(run):
    themes = run.topic(largest(run)).themes
    assert set(themes["theme"]) == set(run.codebook.theme_ids)
    assert themes["fit"].is_monotonic_decreasing


@pytest.mark.parametrize("topic", [-1, 99])
def test_another_number_is_refused_with_the_topics_that_there_are(run, topic):
    with pytest.raises(DataError) as problem:
        run.topic(topic)
    assert all(f"{number}: " in problem.value.message for number in run.topics["topic"])


def test_a_run_without_topics_says_so(run):
    none = replace(run._discovered, topics=run._discovered.topics.iloc[:0])
    with pytest.raises(DataError, match="found no topics"):
        topic_view(replace(run._material, discovered=none), 0)


def test_what_respondents_wrote_is_text_in_a_notebook_and_no_html(run):
    view = run.topic(largest(run))
    said = "<script>alert(1)</script> & <b>bold</b>"
    comments = view.comments.assign(text=said)
    shown = replace(view, comments=comments, label="<i>label</i>")._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "<i>" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;bold" in shown


def test_a_long_comment_is_shown_whole(run):
    view = run.topic(largest(run))
    long = "word " * 100
    assert long.strip() in replace(view, comments=view.comments.assign(text=long.strip()))._repr_html_()


def test_a_topic_names_itself_without_a_notebook_and_shows_no_comment(run):
    view = run.topic(largest(run))
    assert repr(view).startswith(f"Topic {view.topic}: {view.label}\n")
    assert not any(text in repr(view) for text in view.comments["text"])
    assert "not measured" in repr(replace(view, stability=float("nan")))


def test_a_column_of_many_values_is_no_grouping(run):
    ids = run.comments["comment_id"]
    comments = run.comments.assign(setting=ids)
    material = replace(run._material, cleaned=replace(run._cleaned, comments=comments))
    assert len(topic_view(material, largest(run)).groups) == 0
    assert isinstance(topic_view(material, largest(run)).groups, pd.DataFrame)


def test_every_topic_can_be_opened_from_one_list(run):
    browser = run.browse()
    page = browser._repr_html_()
    topics = run._discovered.topics
    assert page.count("<details>") == len(topics) == len(repr(browser).splitlines())
    assert page.index(f"<summary>{largest(run)}: ") < page.index(f"<h3>Topic {largest(run)}: ")
    assert "<script" not in page
    assert TopicBrowser(())._repr_html_() == "<p>No topics were found.</p>"
