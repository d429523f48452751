"""Every figure of a publication at the widths of print: no text leaves the page, none covers another."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from pipeline.presentation.drawing import rows_for, shortened, spread, text_width, wrapped
from pipeline.presentation.figure_alluvial import topic_flows
from pipeline.presentation.figure_groups import topics_by_group
from pipeline.presentation.figure_hierarchy import topic_hierarchy
from pipeline.presentation.figure_outlook import outlook_by_group
from pipeline.presentation.figure_stability import topic_stability
from pipeline.presentation.style import figure_style, new_figure, save

THEMES = {"a": "Investment and funding", "b": "Get the basics right", "c": "Culture & <leadership>", "d": "Nobody's"}
LONG = "A remarkably long and winding label of topics and groups"
NOTICE = "Illustrative data: made up for a test. " * 3
FIGURES = ("alluvial", "outlook", "stability", "groups", "hierarchy")


def made_up(count, *, label=LONG, n_groups=8):
    """Return topics, coarse topics, outlook and groups with names of 60 characters."""
    random = np.random.default_rng(count)
    topics = pd.DataFrame({"topic": np.arange(count), "label": [f"{label} {n:03d}" for n in range(count)]})
    topics["size"] = [8 + 600 // (n + 1) for n in range(count)]
    topics["share"] = topics["size"] / max(topics["size"].sum() * 1.4, 1)
    topics["parent"] = topics["topic"] // 3
    topics["theme"] = [("a", "b", "c", "unmapped")[n % 4] for n in range(count)]
    topics["status"] = [("matched", "fused", "matched", "unmapped")[n % 4] for n in range(count)]
    topics["settled"] = topics["topic"] % 3 != 1
    topics["stability"], topics["mapping_robustness"] = random.uniform(size=(2, count))
    coarse = topics.groupby("parent", as_index=False)[["size", "share"]].sum()
    coarse = coarse.rename(columns={"parent": "topic_coarse"})
    coarse["label"] = [f"{label} {n:03d}" for n in range(len(coarse))]
    names = [f"{label} {n:03d}" for n in range(n_groups)]
    few = [n % 4 == 3 for n in range(n_groups)]
    outlook = pd.DataFrame(
        [
            {"group": group, "entry": entry, "comments": 100 + n, "share": share, "low": share / 2,
             "high": (1 + share) / 2, "published_share": 0.22 if group == "All" else None, "suppressed": hidden}
            for n, (group, hidden) in enumerate([("All", False), *zip(names, few, strict=True)])
            for entry, share in (("positive", n / (n_groups + 1)), ("negative", 0.9))
        ]
    )  # fmt: skip
    outlook.loc[outlook["suppressed"], ["comments", "share", "low", "high"]] = None
    groups = pd.DataFrame(
        [
            {"column": "care_setting", "group": group, "facet": "topics", "entry": str(topic), "comments": 100 + n,
             "share": random.uniform(0, 0.4), "q_value": random.uniform(), "suppressed": hidden}
            for n, (group, hidden) in enumerate(zip(names, few, strict=True))
            for topic in topics["topic"]
        ],
        columns=["column", "group", "facet", "entry", "comments", "share", "q_value", "suppressed"],
    ).astype({"comments": "Int64", "share": "Float64", "q_value": "Float64", "suppressed": bool})  # fmt: skip
    groups.loc[groups["suppressed"], ["comments", "share", "q_value"]] = pd.NA
    return topics, coarse, outlook, groups


def draw(name, count=4, *, width_mm=180.0, notice=NOTICE, label=LONG, n_groups=8):
    topics, coarse, outlook, groups = made_up(count, label=label, n_groups=n_groups)
    drawings = {
        "alluvial": lambda: topic_flows(topics, THEMES, width_mm=width_mm, notice=notice),
        "outlook": lambda: outlook_by_group(outlook, width_mm=width_mm, notice=notice),
        "stability": lambda: topic_stability(topics, width_mm=width_mm, notice=notice),
        "groups": lambda: topics_by_group(groups, topics, width_mm=width_mm, notice=notice),
        "hierarchy": lambda: topic_hierarchy(topics, coarse, width_mm=width_mm, notice=notice),
    }
    return drawings[name]()


def text_boxes(figure):
    """Return the words and the box of every text that is drawn, and the box of the page, in pixels."""
    with figure_style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        renderer = canvas.get_renderer()
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        not_drawn = ticks_not_drawn(figure)
        drawn = [text for text in texts if text not in not_drawn]
        # An annotation's own box would hold its arrow.
        return [(text.get_text(), Text.get_window_extent(text, renderer)) for text in drawn], figure.bbox


def ticks_not_drawn(figure):
    """Return the labels of ticks beyond the limits of their axis, which matplotlib keeps and does not draw."""
    beyond = []
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in axis.majorTicks:
                if not axes.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    beyond += [tick.label1, tick.label2]
    return beyond


def assert_readable(figure):
    boxes, page = text_boxes(figure)
    for said, box in boxes:
        assert min(box.x0, box.y0) >= -0.5, said
        assert box.x1 <= page.x1 + 0.5, said
        assert box.y1 <= page.y1 + 0.5, said
    for (said, box), (other, other_box) in itertools.combinations(boxes, 2):
        across = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
        along = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
        # A third of a millimetre of the empty edges of two boxes may meet.
        assert min(across, along) <= 0.33 / 25.4 * figure.dpi, (said, other)


@pytest.mark.parametrize("width_mm", [88.0, 180.0])
@pytest.mark.parametrize("count", [0, 1, 4, 12, 40, 90])
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_page_or_covers_another(name, count, width_mm):
    n_groups = {0: 1, 1: 1, 4: 4, 12: 9, 40: 16, 90: 60}[count]
    drawn = draw(name, count, width_mm=width_mm, n_groups=n_groups)
    assert_readable(drawn.figure)
    assert drawn.figure.get_size_inches()[0] * 25.4 == pytest.approx(width_mm)
    assert drawn.figure.get_size_inches()[1] * 25.4 <= 170.01


@pytest.mark.parametrize("label", ["WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "i", "cost $5 to $x_", "a\nb"])
@pytest.mark.parametrize("name", FIGURES)
def test_any_label_is_set_as_it_stands(name, label):
    drawn = draw(name, 4, width_mm=88.0, label=label)
    assert_readable(drawn.figure)
    if "$" in label and name != "outlook":
        assert any("$5" in said for said, _ in text_boxes(drawn.figure)[0])


def test_the_measure_of_layout_sees_an_overlap_and_a_text_off_the_page():
    figure = new_figure(88, 40)
    figure.text(0.5, 0.5, "one")
    figure.text(0.52, 0.5, "two")
    with pytest.raises(AssertionError, match="one"):
        assert_readable(figure)
    outside = new_figure(88, 40)
    outside.text(0.99, 0.5, "leaves the page")
    with pytest.raises(AssertionError, match="leaves the page"):
        assert_readable(outside)


@pytest.mark.parametrize("name", FIGURES)
def test_sizes_of_text_are_those_of_print(name):
    figure = draw(name, 40, width_mm=88.0).figure
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()}
    assert min(sizes) >= 5.5
    assert max(sizes) <= 8


@pytest.mark.parametrize("name", FIGURES)
def test_a_second_render_is_the_same_bytes(name):
    with figure_style():
        first, second = (save(draw(name, 12).figure, png_dpi=72) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", FIGURES)
def test_the_notice_is_on_the_figure_and_ends_its_text_alternative(name):
    for count in (0, 4):
        drawn = draw(name, count, notice="Illustrative data")
        assert any("Illustrative data" in said for said, _ in text_boxes(drawn.figure)[0])
        assert drawn.alternative.endswith("Illustrative data")


@pytest.mark.parametrize("name", ["alluvial", "stability", "groups", "hierarchy"])
def test_without_topics_a_figure_says_so(name):
    drawn = draw(name, 0)
    assert drawn.alternative.startswith("No topics were found")
    assert any("Nothing to draw" in said for said, _ in text_boxes(drawn.figure)[0])


def test_labels_move_apart_as_little_as_they_must():
    assert spread([1.0, 5.0], [2.0, 2.0], low=0, high=10).tolist() == [1.0, 5.0]
    assert spread([5.0, 5.0], [2.0, 2.0], low=0, high=10).tolist() == [4.0, 6.0]
    assert spread([0.0, 0.0], [2.0, 2.0], low=0, high=10).tolist() == [1.0, 3.0]
    assert spread([10.0, 10.0], [2.0, 4.0], low=0, high=10).tolist() == [5.0, 8.0]
    assert spread([], [], low=0, high=10).tolist() == []


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 4)), min_size=1, max_size=20))
def test_labels_that_fit_never_overlap_and_never_leave(blocks):
    centres = sorted(centre for centre, _ in blocks)
    heights = np.array([height for _, height in blocks])
    places = spread(centres, heights.tolist(), low=0, high=100)
    assert (np.diff(places) >= (heights[:-1] + heights[1:]) / 2 - 1e-9).all()
    assert places[0] - heights[0] / 2 >= -1e-9
    assert places[-1] + heights[-1] / 2 <= 100 + 1e-9


LETTERS = st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_categories=["Cc"])


@given(st.text(LETTERS, max_size=80), st.integers(1, 3))
def test_a_wrapped_text_keeps_to_its_lines_and_its_width(text, lines):
    broken = wrapped(text, 20.0, 6.0, lines=lines).split("\n")
    assert len(broken) <= lines
    assert all(text_width(line, 6.0) <= 20.0 for line in broken)


def test_a_text_is_cut_only_where_it_must_be():
    assert shortened("short", 40, 6.5) == "short"
    assert shortened("a label that is too long by far", 15, 6.5).endswith("…")
    assert wrapped("one two", 6.0, 6.5, lines=2) == "one\ntwo"


def test_rows_are_roomy_where_they_can_be_and_fewer_where_they_must_be():
    assert rows_for(["short"] * 4, width_mm=40, room_mm=120).lines == 1
    assert rows_for([LONG] * 4, width_mm=40, room_mm=120).lines == 2
    dense = rows_for([LONG] * 40, width_mm=40, room_mm=120)
    assert (dense.count, dense.lines) == (40, 1)
    assert rows_for([LONG] * 90, width_mm=40, room_mm=120).count == 46
