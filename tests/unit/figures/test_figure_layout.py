"""Every figure of a publication at the widths of print: no text leaves the page, none covers another."""

import itertools
import re
import struct

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from pipeline.figures.gallery import FIGURES
from pipeline.figures.style import figure_style, new_figure, save
from tests.unit.figures.figure_tables import NOTICE, draw

WIDTHS = (80.0, 86.6, 88.0, 130.0, 173.2, 180.0)
"""Of the report, of the web and of journals."""
FAST = [(4, 80.0), (12, 88.0), (40, 80.0), (40, 180.0), (0, 88.0), (1, 88.0), (90, 88.0)]
"""How many rows, and how wide: the narrowest and the widest, the fewest and the most."""


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


OF_THEMES = ("crosswalk", "comment_map", "theme_shares", "alluvial")
OF_TOPICS = ("crosswalk", "alluvial", "stability", "groups", "hierarchy")


def text_boxes(figure):
    """Return the words and the box of every text that is drawn, and the box of the page, in pixels."""
    with figure_style():
        renderer = FigureCanvasAgg(figure).get_renderer()
        figure.draw_without_rendering()
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
    assert boxes
    for said, box in boxes:
        assert min(box.x0, box.y0) >= -0.5, said
        assert box.x1 <= page.x1 + 0.5, said
        assert box.y1 <= page.y1 + 0.5, said
    edges = np.array([box.extents for _, box in boxes])
    common = np.minimum(edges[:, None, 2:], edges[None, :, 2:]) - np.maximum(edges[:, None, :2], edges[None, :, :2])
    # A third of a millimetre of the empty edges of two boxes may meet.
    met = np.argwhere(np.triu(common.min(axis=2) > 0.33 / 25.4 * figure.dpi, k=1))
    assert not len(met), [boxes[place][0] for place in met[0]]


def assert_size(figure, width_mm):
    width, height = figure.get_size_inches() * 25.4
    assert width == pytest.approx(width_mm)
    assert height <= 170.01


@pytest.mark.parametrize(
    ("count", "width_mm"), [*FAST, *(slow(*one) for one in itertools.product((4, 12, 40), WIDTHS) if one not in FAST)]
)
@pytest.mark.parametrize("name", FIGURES)
def test_no_text_leaves_the_page_or_covers_another(name, count, width_mm):
    n_groups = {0: 1, 1: 1, 4: 4, 12: 9, 40: 16, 90: 60}[count]
    figure = draw(name, count, width_mm=width_mm, n_groups=n_groups).figure
    assert_readable(figure)
    assert_size(figure, width_mm)


@pytest.mark.parametrize(
    ("n_themes", "width_mm"),
    [(1, 180.0), (12, 80.0), (60, 80.0), (60, 180.0), *(slow(n, width) for n in (1, 7, 12, 60) for width in (88.0,)),
     slow(7, 80.0), slow(7, 180.0)],
)  # fmt: skip
@pytest.mark.parametrize("name", OF_THEMES)
def test_themes_may_be_many_and_have_long_names(name, n_themes, width_mm):
    figure = draw(name, 90, width_mm=width_mm, n_themes=n_themes).figure
    assert_readable(figure)
    assert_size(figure, width_mm)


@pytest.mark.parametrize(("count", "width_mm"), [(4, 88.0), (40, 80.0), slow(40, 180.0), slow(90, 88.0)])
@pytest.mark.parametrize("name", [name for name in FIGURES if name != "audit"])  # Its paths are shown whole or not.
def test_numbers_that_are_not_shown_are_explained_where_there_is_room(name, count, width_mm):
    drawn = draw(name, count, width_mm=width_mm, n_themes=count // 2, n_groups=16, hidden=True)
    assert_readable(drawn.figure)
    assert_size(drawn.figure, width_mm)
    said = " ".join(text for text, _ in text_boxes(drawn.figure)[0]).replace("\n", " ")
    explained = "In a topic too small to show" if name == "comment_map" else "Small counts are hidden"
    assert explained in said
    # A dash that is not between the ends of an interval would be a missing number.
    assert not re.search(r"(?<!\d)–", drawn.alternative.replace(NOTICE, ""))


@pytest.mark.thorough
@pytest.mark.parametrize("label", ["WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "i", "cost $5 to $x_", "a\nb"])
@pytest.mark.parametrize("name", FIGURES)
def test_any_name_is_set_as_it_stands(name, label):
    figure = draw(name, 4, width_mm=88.0, label=label, theme=label).figure
    assert_readable(figure)
    if "$" in label and name not in ("outlook", "flow"):
        assert any("$5" in said for said, _ in text_boxes(figure)[0])


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


@pytest.mark.parametrize("name", ["crosswalk", *(slow(name) for name in FIGURES if name != "crosswalk")])
def test_what_is_measured_is_all_the_text_that_a_file_has(name):
    figure = draw(name, 12, width_mm=88.0).figure
    with figure_style():
        svg = save(figure, png_dpi=72)["svg"].decode()
    in_file = re.sub(r"\s", "", "".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg)))
    measured = re.sub(r"\s", "", "".join(said for said, _ in text_boxes(figure)[0]))
    assert sorted(in_file.replace("&lt;", "<")) == sorted(measured)


@pytest.mark.thorough
@pytest.mark.parametrize("name", FIGURES)
def test_sizes_of_text_are_those_of_print(name):
    figure = draw(name, 40, width_mm=88.0).figure
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()}
    assert min(sizes) >= 5.5
    assert max(sizes) <= 8


@pytest.mark.thorough
@pytest.mark.parametrize("name", FIGURES)
def test_every_form_has_the_width_asked_for_and_no_date(name):
    with figure_style():
        rendered = save(draw(name, 4, width_mm=88.0).figure, png_dpi=300)
    svg = re.search(rb'<svg[^>]* width="([\d.]+)pt"', rendered["svg"], re.DOTALL)
    pdf = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ", rendered["pdf"])
    pixels, _ = struct.unpack(">II", rendered["png"][16:24])
    assert float(svg[1]) / 72 * 25.4 == pytest.approx(88.0, abs=0.1)
    assert float(pdf[1]) / 72 * 25.4 == pytest.approx(88.0, abs=0.1)
    assert pixels / 300 * 25.4 == pytest.approx(88.0, abs=0.1)
    assert not any(b"CreationDate" in content or b"<dc:date>" in content for content in rendered.values())


@pytest.mark.parametrize("name", ["crosswalk", *(slow(name) for name in FIGURES if name != "crosswalk")])
def test_a_second_render_is_the_same_bytes(name):
    with figure_style():
        first, second = (save(draw(name, 12).figure, png_dpi=72) for _ in range(2))
    assert first == second


@pytest.mark.thorough
@pytest.mark.parametrize("name", FIGURES)
def test_the_notice_is_on_the_figure_and_ends_its_text_alternative(name):
    for count in (0, 4):
        drawn = draw(name, count, notice="Illustrative data")
        assert any("Illustrative data" in said for said, _ in text_boxes(drawn.figure)[0])
        assert drawn.alternative.endswith("Illustrative data")


@pytest.mark.parametrize("name", OF_TOPICS)
def test_without_topics_a_figure_says_so(name):
    drawn = draw(name, 0)
    assert drawn.alternative.startswith("No topics were found")
    assert any("Nothing to draw" in said for said, _ in text_boxes(drawn.figure)[0])


@pytest.mark.thorough
@pytest.mark.parametrize("name", OF_TOPICS)
def test_where_not_all_fit_a_figure_says_how_many_are_drawn(name):
    figure = draw(name, 90, width_mm=88.0).figure
    said = figure.texts[1].get_text().replace("\n", " ")
    expected = "other topics" if name == "alluvial" else r"\d+ (largest )?of \d+ (topics|bars) are drawn"
    words = " ".join(text for text, _ in text_boxes(figure)[0]) if name == "alluvial" else said
    assert re.search(expected, words)


@pytest.mark.parametrize(("count", "hidden"), [(90, True), slow(60, False), slow(60, True), slow(90, False)])
@pytest.mark.parametrize("name", ["crosswalk", "theme_shares", "outlook", "stability", "hierarchy"])
def test_as_many_rows_are_drawn_as_are_said_to_be(name, count, hidden):
    for width_mm in (80.0, 180.0):
        n_themes = count if name == "theme_shares" else 4
        figure = draw(name, count, width_mm=width_mm, n_groups=2 * count if name == "outlook" else 4, n_themes=n_themes,
                      hidden=hidden).figure  # fmt: skip
        said = figure.texts[1].get_text().replace("\n", " ")
        counts = re.findall(r"(\d+) (?:largest )?of \d+ \w+ are drawn", said)
        assert counts == [str(len(figure.axes[0].get_yticklabels()))], said


def test_drawing_leaves_the_users_settings_of_matplotlib_alone():
    import matplotlib as mpl

    def chosen():
        # The backend is settled by whoever draws first.
        return {name: value for name, value in mpl.rcParams.items() if name != "backend"}

    before = chosen()
    draw("crosswalk")
    assert chosen() == before
