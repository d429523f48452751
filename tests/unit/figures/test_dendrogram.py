import numpy as np
import pandas as pd
import pytest

from pipeline.discovery.topic_tree import tree_table
from pipeline.figures.dendrogram import topic_dendrogram
from tests.unit.figures.test_figure_layout import assert_readable

TREE = pd.DataFrame({"first": ["1", "0", "0, 2"], "second": ["5", "2", "1, 5"], "apart": [0.3, 0.6, 1.0]})


@pytest.fixture
def topics():
    return pd.DataFrame(
        {
            "topic": [0, 1, 2, 5],
            "parent": [0, 1, 2, 1],
            "label": ["Money", "Slow PCs", "Managers", "Passwords"],
            "size": [40, 30, 20, 10],
        }
    )


def test_branches_meet_where_the_tree_says(topics):
    drawn = topic_dendrogram(topics, TREE, width_mm=180)
    (axes,) = drawn.figure.axes
    joins = [line for line in axes.lines if line.get_gid() != "cut"]
    assert sorted(max(line.get_xdata()) for line in joins) == pytest.approx([0.3, 0.6, 1.0])
    by_label = {tick.get_text(): place for place, tick in enumerate(axes.get_yticklabels())}
    assert set(by_label) == {"Money (40)", "Slow PCs (30)", "Managers (20)", "Passwords (10)"}
    nearest = next(line for line in joins if max(line.get_xdata()) == pytest.approx(0.3))
    assert sorted({min(nearest.get_ydata()), max(nearest.get_ydata())}) == sorted(
        [by_label["Slow PCs (30)"], by_label["Passwords (10)"]]
    )


def test_it_says_in_words_and_in_numbers_what_it_shows(topics):
    drawn = topic_dendrogram(topics, TREE, width_mm=180, notice="Made up.")
    pd.testing.assert_frame_equal(drawn.data, TREE)
    assert drawn.alternative.startswith("Nearest in meaning: “Slow PCs” and “Passwords”.")
    assert "Money with Managers, at 0.60" in drawn.alternative
    assert drawn.alternative.endswith("Made up.")


def test_the_cut_into_coarse_topics_is_a_line_and_is_said(topics):
    drawn = topic_dendrogram(topics, TREE, width_mm=180)
    (line,) = [line for line in drawn.figure.axes[0].lines if line.get_gid() == "cut"]
    assert list(line.get_xdata()) == pytest.approx([0.45, 0.45])
    assert any("cuts the tree into 3 groups" in text.get_text().replace("\n", " ") for text in drawn.figure.texts)


def test_where_a_person_merged_across_the_tree_there_is_no_line(topics):
    drawn = topic_dendrogram(topics.assign(parent=[0, 1, 1, 0]), TREE, width_mm=180)
    assert not [line for line in drawn.figure.axes[0].lines if line.get_gid() == "cut"]
    assert not any("dashed" in text.get_text() for text in drawn.figure.texts)


@pytest.mark.parametrize("width", [80, 88, 180])
def test_no_text_leaves_the_page_or_covers_another(topics, width):
    labels = ["A label of a good many words that needs room", "i", "cost $5 to $x_", "Passwords"]
    assert_readable(topic_dendrogram(topics.assign(label=labels), TREE, width_mm=width).figure)


def test_where_not_all_topics_fit_the_first_are_drawn_and_meet_where_they_did():
    n = 90
    tree = np.array([[row - 1 + n if row else 0, row + 1, 0.1 + row / 100, row + 2] for row in range(n - 1)])
    meetings = tree_table(tree, range(n))
    topics = pd.DataFrame({"topic": range(n), "label": [f"Topic {row}" for row in range(n)], "size": range(n, 0, -1)})
    topics["parent"] = 0
    drawn = topic_dendrogram(topics, meetings, width_mm=180)
    (axes,) = drawn.figure.axes
    count = len(axes.get_yticklabels())
    assert 30 < count < n
    assert len(axes.lines) == count - 1
    heights = sorted(max(line.get_xdata()) for line in axes.lines)
    assert heights == pytest.approx(sorted(tree[: count - 1, 2]))
    assert len(drawn.data) == n - 1


def test_hidden_sizes_are_said_to_be_hidden(topics):
    drawn = topic_dendrogram(topics.assign(size=pd.array([40, None, 20, 10], dtype="Int64")), TREE, width_mm=180)
    assert any("Small counts are hidden." in text.get_text().replace("\n", " ") for text in drawn.figure.texts)


def test_without_a_tree_the_figure_says_so(topics):
    drawn = topic_dendrogram(topics.head(1), TREE.head(0), width_mm=180)
    assert drawn.alternative.startswith("A tree takes two topics or more")
    assert len(drawn.data) == 0
