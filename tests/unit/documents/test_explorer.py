import json
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from markupsafe import Markup

from pipeline.disclosure.points import SMALL_TOPICS
from pipeline.documents.explorer import explorer_context
from pipeline.documents.templating import templates

NAMES = {"funding": "Money", "basics": "Basics"}


@pytest.fixture
def points():
    return pd.DataFrame(
        {"x": [0.0, 1.0, 2.0, 9.0], "y": [0.0, 1.0, 2.0, 9.0], "topic": [0, 0, 0, -1],
         "theme": ["funding", "funding", "funding", ""]}
    )  # fmt: skip


@pytest.fixture
def topics():
    return pd.DataFrame({"topic": [0], "label": ["budget </script> cut"], "size": [3], "share": [0.75]})


def test_a_label_stands_at_the_point_nearest_to_the_middle_of_its_topic(points, topics):
    data = json.loads(explorer_context(points, topics, NAMES)["data"])
    assert data["topics"] == [{"label": "budget </script> cut", "at": 1}]


def test_each_point_has_the_kind_of_its_theme(points, topics):
    data = json.loads(explorer_context(points, topics, NAMES)["data"])
    assert [data["themes"][place]["name"] for place in data["theme"]] == ["Money"] * 3 + ["In no topic"]
    assert len({kind["shape"] for kind in data["themes"]}) == len(data["themes"])


def test_nothing_in_the_data_can_end_the_script(points, topics):
    texts = pd.Series(["</script><b>", "<!--", "plain", "]]>"])
    context = explorer_context(points, topics, NAMES, texts=texts)
    assert "<" not in context["data"]
    assert json.loads(context["data"])["text"] == texts.tolist()


def test_without_texts_there_are_none(points, topics):
    context = explorer_context(points, topics, NAMES)
    assert "text" not in json.loads(context["data"])
    assert not context["with_text"]
    assert [one["name"] for one in context["filters"]] == ["Topic", "Theme"]


def test_each_metadata_column_is_a_filter(points, topics):
    metadata = pd.DataFrame({"setting": ["Town", "", "Town", "Village"]})
    context = explorer_context(points, topics, NAMES, metadata=metadata)
    assert context["filters"][2] == {
        "name": "setting", "options": [("", "(not given)"), ("Town", "Town"), ("Village", "Village")]
    }  # fmt: skip
    assert json.loads(context["data"])["filters"][2] == ["Town", "", "Town", "Village"]


def test_without_topics_there_is_a_map_all_the_same(points, topics):
    alone = points.assign(topic=-1, theme="")
    context = explorer_context(alone, topics[:0], NAMES)
    assert json.loads(context["data"])["topics"] == []
    assert context["summary"] == ("4 points, each a comment; equal comments share one. No topics were found.")
    assert context["filters"][0]["options"] == [("-1", "In no topic")]


def test_the_summary_has_the_share_of_the_table_and_none_where_one_is_not_shown(points, topics):
    said = explorer_context(points.iloc[1:], topics, NAMES)["summary"].replace("\u00a0", " ")
    assert said == "3 points, each a comment; equal comments share one. 75% of comments are in a topic."
    hidden = topics.assign(share=None)
    assert explorer_context(points, hidden, NAMES)["summary"].endswith("equal comments share one. 1 topic.")


def test_points_that_were_thinned_are_said_to_be_so(points, topics, monkeypatch):
    said = explorer_context(points, topics, NAMES, round_to=5, comments=9)["summary"]
    assert "To protect respondents we show 4 of 9." in said
    assert "protect" not in explorer_context(points, topics, NAMES)["summary"]
    monkeypatch.setattr("pipeline.documents.explorer._MOST", 2)
    said = explorer_context(points, topics, NAMES, round_to=5)["summary"]
    assert "we show 4 points." in said
    assert said.endswith("We draw 2 of the points, evenly spread.")


def test_where_comments_are_long_fewer_points_are_drawn(points, topics, monkeypatch):
    monkeypatch.setattr("pipeline.documents.explorer._MOST_LETTERS", 200)
    texts = pd.Series(["wifi " * 20] * len(points))
    context = explorer_context(points, topics, NAMES, texts=texts)
    assert context["summary"].endswith("We draw 2 of the points, evenly spread.")
    assert json.loads(context["data"])["text"] == texts.iloc[[0, 2]].tolist()
    assert "We draw" not in explorer_context(points, topics, NAMES, texts=texts.str[:50])["summary"]


def test_points_whose_topics_are_too_small_to_show_are_of_a_kind_of_their_own(points, topics):
    topics = pd.DataFrame({"topic": [0, 1], "label": ["budget", "tiny"], "size": [3, None], "share": [0.75, None]})
    pooled = points.assign(topic=[0, SMALL_TOPICS, SMALL_TOPICS, -1], theme=["funding", "", "", ""])
    context = explorer_context(pooled, topics, NAMES)
    data = json.loads(context["data"])
    small, kinds = "In a topic too small to show", data["themes"]
    assert [kinds[place]["name"] for place in data["theme"]] == ["Money", small, small, "In no topic"]
    assert [kind["name"] for kind in context["legend"]] == ["In no topic", small, "Money"]
    assert data["labels"] == {"0": "budget", "-2": small, "-1": "In no topic"}
    # A topic without points of its own could be chosen and would show nothing.
    assert context["filters"][0]["options"] == [("0", "budget"), ("-1", "In no topic"), ("-2", small)]
    assert (str(data["theme"][1]), small) in context["filters"][1]["options"]
    # With so few points that they were put with those in no topic, that is what these may be.
    mixed = explorer_context(pooled.assign(topic=[0, -1, -1, -1]), topics, NAMES)
    assert [kind["name"] for kind in mixed["legend"]] == ["In no topic, or in one too small to show", "Money"]


HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def test_whatever_names_and_comments_hold_the_page_gets_no_element_of_them(points):
    topics = pd.DataFrame({"topic": [0], "label": [HOSTILE], "size": [3], "share": [0.75]})
    context = explorer_context(
        points, topics, {"funding": HOSTILE}, texts=pd.Series([HOSTILE] * 4),
        metadata=pd.DataFrame({HOSTILE: [HOSTILE] * 4}),
    )  # fmt: skip
    template = templates().get_template("explorer.html.j2")
    page = template.render(context | {"data": Markup(context["data"])})  # noqa: S704
    plain = template.render(
        explorer_context(points, topics.assign(label="a"), {"funding": "b"}, texts=pd.Series(["c"] * 4),
                         metadata=pd.DataFrame({"d": ["e"] * 4}))
    )  # fmt: skip
    assert elements(page) == elements(plain)
    assert json.loads(context["data"])["labels"]["0"] == HOSTILE


def test_the_script_of_the_map_makes_elements_of_no_text(points, topics):
    page = templates().get_template("explorer.html.j2").render(explorer_context(points, topics, NAMES))
    assert "the published theme that the topic matches." in page
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextual|eval", page
    )


def elements(page):
    """Return the elements of a page and the names of their attributes."""
    found = []

    class Noting(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.append((tag, [name for name, _ in attrs]))

    Noting().feed(page)
    return found
