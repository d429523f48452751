import json

import pandas as pd
import pytest

from pipeline.presentation.explorer import explorer_context

NAMES = {"funding": "Money", "basics": "Basics"}


@pytest.fixture
def points():
    return pd.DataFrame(
        {"x": [0.0, 1.0, 2.0, 9.0], "y": [0.0, 1.0, 2.0, 9.0], "topic": [0, 0, 0, -1],
         "theme": ["funding", "funding", "funding", ""]}
    )  # fmt: skip


@pytest.fixture
def topics():
    return pd.DataFrame({"topic": [0], "label": ["budget </script> cut"], "size": [3]})


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
    assert context["summary"] == "4 points, each a distinct comment; 0 of them in one of 0 topics."
