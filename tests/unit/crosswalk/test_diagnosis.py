import pandas as pd
import pytest

from pipeline.crosswalk.diagnosis import diagnose
from pipeline.tables.schema import empty

THEMES = ("funding", "equipment", "direction")


@pytest.fixture
def topics():
    return pd.DataFrame({"topic": [0, 1, 2], "label": ["cash", "tools", "roof"], "size": [30, 20, 10]})


def diagnosed(matches, topics, codebook, settled=(True, True, True), leaning=()):
    crosswalk = pd.DataFrame(
        [(topic, theme, (topic, theme) in matches) for topic in topics["topic"] for theme in THEMES],
        columns=["topic", "theme", "matched"],
    ).astype({"matched": bool})
    found = dict(matches)
    topic_themes = pd.DataFrame(
        {
            "topic": topics["topic"],
            "settled": pd.Series(settled[: len(topics)], dtype=bool),
            "nearest_theme": [found.get(topic, "direction") for topic in topics["topic"]],
            "status": [
                "matched" if topic in found else "leaning" if topic in leaning else "unmapped"
                for topic in topics["topic"]
            ],
        }
    )
    return diagnose(crosswalk, topic_themes, topics, codebook)


def rows_of(table, kind):
    chosen = table[table["kind"] == kind]
    return {row["id"]: (row["verdict"], row["with"], row["comments"]) for row in chosen.to_dict("records")}


def test_themes_are_resolved_repeated_or_missing(topics, codebook):
    found = rows_of(diagnosed({(0, "funding"), (1, "funding"), (2, "equipment")}, topics, codebook), "theme")
    assert found == {
        "funding": ("repeated", "0; 1", 50), "equipment": ("resolved", "2", 10), "direction": ("missing", "", 0),
    }  # fmt: skip


def test_topics_are_matched_leaning_or_unmapped(topics, codebook):
    table = diagnosed({(0, "funding")}, topics, codebook, leaning=(1,))
    assert rows_of(table, "topic") == {
        "0": ("matched", "funding", 30), "1": ("leaning", "direction", 20), "2": ("unmapped", "", 10),
    }  # fmt: skip
    assert rows_of(table, "theme")["direction"] == ("missing", "", 0)


def test_a_theme_is_settled_where_its_topics_are_and_a_missing_one_where_all_are(topics, codebook):
    table = diagnosed({(0, "funding"), (1, "equipment")}, topics, codebook, settled=(True, False, True))
    settled = dict(zip(table["id"], table["settled"], strict=True))
    assert settled == {"funding": True, "equipment": False, "direction": False, "0": True, "1": False, "2": True}


def test_a_missing_theme_is_settled_where_every_topic_is(topics, codebook):
    table = diagnosed({(0, "funding")}, topics, codebook)
    assert table["settled"].all()


def test_without_topics_every_theme_is_missing_and_that_is_not_settled(topics, codebook):
    table = diagnosed(set(), topics[:0], codebook)
    assert table["verdict"].tolist() == ["missing"] * 3
    assert not table["settled"].any()
    assert list(table.columns) == list(empty("diagnosis").columns)


def test_names_are_those_that_readers_see(topics, codebook):
    table = diagnosed(set(), topics, codebook)
    assert table["name"].tolist() == [
        "Money", "Equipment that works", "Leadership and strategy", "cash", "tools", "roof",
    ]  # fmt: skip
