"""Contrast in every figure (WCAG 2): 4.5:1 for text against what lies behind it, 3:1 for marks against the page.

Marks are what the data are read from: points, bars, error bars, edges of bands, blocks, threshold lines, lines from a
label to what it names, and the frames of cells. Not marks are the lines of a grid, which only help the eye along; the
veil behind a label on the map; the fill of a band, whose edges are marks; and the fill of a cell, which repeats the
number printed in it or, where a cell is too narrow for one, leaves the finding to the square, star or cross in it.
"""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PathCollection, QuadMesh
from matplotlib.colors import to_hex, to_rgba
from matplotlib.text import Text
from scipy.ndimage import binary_dilation

from pipeline.figures.gallery import FIGURES
from pipeline.figures.style import GRID, figure_style, new_figure
from tests.unit.figures.figure_tables import draw
from tests.unit.figures.test_figure_layout import ticks_not_drawn
from tests.unit.figures.test_style import contrast, rgb

WHITE = np.ones(3)
DPI = 150


def on_page(colour):
    """Return a colour as it is seen on white."""
    *parts, alpha = to_rgba(colour)
    return alpha * np.array(parts) + (1 - alpha) * WHITE


def text_contrasts(figure):
    """Return the least contrast of every text that is drawn with the pixels behind its letters and next to them."""
    figure.set_dpi(DPI)
    with figure_style():
        canvas = FigureCanvasAgg(figure)
        with_text = pixels_of(canvas)
        not_drawn = ticks_not_drawn(figure)
        drawn = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        drawn = [text for text in drawn if text not in not_drawn]
        boxes = [Text.get_window_extent(text, canvas.get_renderer()) for text in drawn]
        for text in drawn:
            # Not made invisible: a figure lays itself out by what is visible.
            text.set_alpha(0.0)
        behind = pixels_of(canvas)
        for text in drawn:
            text.set_alpha(None)
    is_letter = binary_dilation(np.abs(with_text - behind).max(axis=2) > 0.02)
    least = []
    for text, box in zip(drawn, boxes, strict=True):
        x0, y0, x1, y1 = (max(round(edge), 0) for edge in box.extents)
        pixels = behind[y0:y1, x0:x1][is_letter[y0:y1, x0:x1]]
        # Letters that change no pixel are of the colour of their ground.
        found = float(contrast(rgb(to_hex(text.get_color())), pixels).min()) if len(pixels) else 1.0
        least.append((found, text.get_text()))
    return least


def pixels_of(canvas):
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[::-1, :, :3] / 255


def marks(figure):
    """Return every mark as its kind and the colours that it may be told by: its face or its edge."""
    found = []
    for axes in figure.axes:
        for line in axes.lines:
            if line.get_linestyle() != "None":
                found.append(("line", [line.get_color()]))
            if line.get_marker() not in ("None", "", None):
                found.append(("marker", [line.get_markerfacecolor(), line.get_markeredgecolor()]))
        for collection in axes.collections:
            if isinstance(collection, QuadMesh):
                continue
            faces = [] if isinstance(collection, LineCollection) else collection.get_facecolor()
            told_by = [*faces, *collection.get_edgecolor()]
            assert isinstance(collection, LineCollection | PathCollection)
            if to_hex(told_by[0]) != GRID:
                found.append(("points or error bars", told_by))
        for patch in axes.patches:
            is_veil = patch.get_linewidth() == 0 and to_rgba(patch.get_facecolor())[3] < 1
            if not is_veil:
                found.append(("bar, block or band", [patch.get_facecolor(), patch.get_edgecolor()]))
        if axes.axison:
            found += [("frame", [side.get_edgecolor()]) for side in axes.spines.values() if side.get_visible()]
    return found


def mark_contrasts(figure):
    return [(max(float(contrast(on_page(colour), WHITE)) for colour in told_by), kind)
            for kind, told_by in marks(figure)]  # fmt: skip


# Colours depend on how many topics and themes there are; the width only says where they stand.
@pytest.mark.parametrize(
    ("count", "n_themes", "width_mm"),
    [
        (1, 1, 88.0),
        (12, 7, 88.0),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in ((4, 4, 180.0), (40, 12, 180.0))),
    ],
)
@pytest.mark.parametrize("name", FIGURES)
def test_text_and_marks_stand_out(name, count, n_themes, width_mm):
    figure = draw(name, count, width_mm=width_mm, n_themes=n_themes, n_groups=2 * count).figure
    marked = mark_contrasts(figure)
    # One topic has no tree, and one theme is in no pair.
    assert marked or (name, count) in (("hierarchy", 1), ("theme_pairs", 1))
    assert all(least >= 3 for least, _ in marked), min(marked)
    said = text_contrasts(figure)
    assert min(said)[0] >= 4.5, min(said)


def test_the_measure_of_contrast_sees_pale_text_pale_marks_and_a_dark_ground():
    figure = new_figure(60, 40)
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    axes.text(0.1, 0.5, "pale", color="#949494")
    assert min(text_contrasts(figure))[0] == pytest.approx(3.03, abs=0.05)
    axes.axhspan(0.4, 0.6, color="#12436D")
    axes.text(0.5, 0.5, "on dark", color="#1b1b1b")
    assert {said: least for least, said in text_contrasts(figure)}["on dark"] < 2
    axes.plot([0, 1], [0, 1], color="#12436D", alpha=None)
    assert min(mark_contrasts(figure))[0] >= 3
    axes.plot([0, 1], [0, 1], color="#b8b8b8")
    assert min(mark_contrasts(figure))[0] < 2


@pytest.mark.thorough
def test_what_is_measured_is_what_the_figures_are_made_of():
    kinds = {name: {kind for kind, _ in marks(draw(name, 12, width_mm=88.0).figure)} for name in FIGURES}
    assert {"marker", "line"} <= kinds["comment_map"]
    assert {"points or error bars", "marker"} <= kinds["theme_shares"]
    assert "bar, block or band" in kinds["alluvial"]
    assert "line" in kinds["hierarchy"]
    assert {"line", "points or error bars"} <= kinds["stability"]
    assert all({"points or error bars", "line"} <= kinds[name] for name in ("crosswalk", "groups"))
    assert "frame" in kinds["theme_pairs"]
