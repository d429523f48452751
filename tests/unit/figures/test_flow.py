"""What became of the comments, as bars: what is drawn is what is written."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from pipeline.figures.flow import comment_flow
from pipeline.figures.style import PALETTE, figure_style
from tests.unit.figures.figure_tables import flow_of

NO_BREAK = "\u00a0"


def plain(text):
    return text.replace(NO_BREAK, " ")


def test_each_step_has_its_number_and_what_was_set_aside_its_reason():
    drawn = comment_flow(flow_of(), width_mm=89)
    assert plain(drawn.alternative) == (
        "120 comments were received; 90% of those analysed have a theme. Received: 120; Analysed: 112 (93%); "
        "In a topic: 90 (80%); With a theme: 100 (90%). Set aside: empty (8)."
    )
    texts = [plain(text.get_text()) for text in drawn.figure.axes[0].texts]
    assert texts == ["120", "112 (93%)", "90 (80%)", "100 (90%)"]


def test_filled_pixels_are_as_many_as_comments():
    """In the rendered picture the bar of each step is filled as far as its share says."""
    figure = comment_flow(flow_of(), width_mm=89).figure
    with figure_style():
        figure.set_dpi(200)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        pixels = np.asarray(canvas.buffer_rgba())[:, :, :3] / 255
        axes = figure.axes[0]
        rows = [round(pixels.shape[0] - axes.transData.transform((0, place))[1]) for place in range(4)]
    filled = [(np.abs(pixels[row] - to_rgb(PALETTE[0])).max(axis=1) < 0.02).sum() for row in rows]
    assert np.array(filled) / filled[0] == pytest.approx([1, 112 / 120, 90 / 120, 100 / 120], abs=0.01)


def test_an_estimate_has_a_share_and_no_count_and_a_machines_reading_says_so():
    flow = flow_of()
    last = flow["step"] == "with a theme"
    flow.loc[last, "comments"] = pd.NA
    flow.loc[last, "reading"] = "corrected"
    assert "With a theme: 90%." in plain(comment_flow(flow, width_mm=89).alternative)
    flow.loc[last, "reading"] = "machine reading, unchecked"
    assert "have a theme, by the machine’s unchecked reading" in comment_flow(flow, width_mm=89).alternative


def test_what_is_hidden_is_said_to_be_and_has_no_bar():
    flow = flow_of()
    flow.loc[flow["step"] == "with a theme", ["comments", "share"]] = pd.NA
    flow.loc[flow["reason"] == "empty", ["comments", "share"]] = pd.NA
    drawn = comment_flow(flow, width_mm=89)
    assert "With a theme: not shown" in drawn.alternative
    assert "empty (number hidden)" in drawn.alternative
    filled = [patch for patch in drawn.figure.axes[0].patches if patch.get_facecolor()[:3] == to_rgb(PALETTE[0])]
    assert len(filled) == 3
    flow.loc[flow["step"] == "received", "comments"] = pd.NA
    assert comment_flow(flow, width_mm=89).alternative == "Too few comments to show what became of them."
