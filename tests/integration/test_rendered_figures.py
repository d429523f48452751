"""Marks that captions name are there in the PNG, in the SVG as Chromium shows it, and in the PDF as it is printed."""

from __future__ import annotations

import base64
import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.ndimage import center_of_mass, label

from pipeline import load_run
from pipeline.figures.gallery import Rendering, figure_files, gallery
from tests.chromium import chromium, missing
from tests.example_survey import Survey

MISSING = missing("pypdfium2")
PIXELS = 1000

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"figures are rendered by these, not installed: {', '.join(MISSING)}"),
]


def from_png(content):
    return Image.open(io.BytesIO(content))


def from_pdf(content):
    import pypdfium2

    page = pypdfium2.PdfDocument(content)[0]
    return page.render(scale=PIXELS / page.get_width()).to_pil()


def from_svg(content):
    source = base64.b64encode(content).decode()
    with chromium() as browser:
        page = browser.new_page(viewport={"width": PIXELS, "height": 1600})
        page.set_content(f"<body style='margin:0'><img style='width:100%' src='data:image/svg+xml;base64,{source}'>")
        page.wait_for_function("document.images[0].complete && document.images[0].naturalWidth > 0")
        taken = page.locator("img").screenshot()
    return Image.open(io.BytesIO(taken))


RENDERED = {"png": from_png, "svg": from_svg, "pdf": from_pdf}


def pixels(image):
    image = image.convert("RGB")
    return np.asarray(image.resize((PIXELS, round(image.height * PIXELS / image.width)), Image.Resampling.LANCZOS), int)


def runs(flags):
    """Return the lengths of the runs of true values, and of the gaps between them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    starts, ends = edges[::2], edges[1::2]
    return ends - starts, starts[1:] - ends[:-1]


def has_dashed_upright(image):
    """Whether a column of pixels has dashes of one length, one gap apart."""
    dark = image.max(axis=2) < 150
    for column in dark.T:
        lengths, gaps = runs(column)
        if len(lengths) < 6:
            continue
        alike = np.abs(lengths - np.median(lengths)) <= 1.5
        even = np.abs(gaps - np.median(gaps)) <= 1.5
        if np.median(lengths) > np.median(gaps) and alike.mean() > 0.7 and even.mean() > 0.7:
            return True
    return False


def has_dashed_edges(image):
    """Whether lines between the blocks of the two sides are in many pieces."""
    third = PIXELS // 3
    middle = image[:, third : 2 * third]
    # Bands are pale, their edges are not.
    pieces, count = label(middle.min(axis=2) < 165, structure=np.ones((3, 3)))
    small = np.bincount(pieces.ravel())[1:]
    return count >= 8 and np.median(small) < 200


def has_hollow_marks(image):
    """Whether an orange ring has white in its middle."""
    red, green, blue = np.moveaxis(image, 2, 0)
    rings, count = label((red > 180) & (green < 170) & (blue < 120))
    for number in range(1, count + 1):
        y, x = (round(one) for one in center_of_mass(rings == number))
        if (rings == number).sum() > 12 and image[y, x].min() > 240:
            return True
    return False


MARKS = {
    "crosswalk": has_hollow_marks,
    "stability": has_dashed_upright,
    "outlook": has_dashed_upright,
    "alluvial": has_dashed_edges,
    "theme_shares": has_hollow_marks,
}


@pytest.fixture(scope="module")
def drawings(_finished_once: tuple[Survey, object]):
    run = load_run(_finished_once[0].output)
    topics = run._public["topics"]
    # Whatever the run decided: every kind of mark is to be drawn.
    tables = {**run._public, "topics": topics.assign(settled=False, size=pd.array([20] * len(topics), dtype="Int64"))}
    return gallery(tables, run.codebook, notice="")


@pytest.mark.parametrize("ending", RENDERED)
@pytest.mark.parametrize("name", MARKS)
def test_the_mark_that_the_caption_names_is_seen(name, ending, drawings):
    files = figure_files(name, drawings[name], Rendering(89.0, png_dpi=300))
    seen = pixels(RENDERED[ending](files[f"{name}.{ending}"]))
    assert MARKS[name](seen)


def test_a_figure_without_such_marks_has_none(drawings):
    seen = pixels(from_png(figure_files("flow", drawings["flow"], Rendering(89.0, png_dpi=300))["flow.png"]))
    assert [looked.__name__ for looked in set(MARKS.values()) if looked(seen)] == []


def test_a_line_that_is_not_dashed_is_told_from_one_that_is():
    plain = np.full((600, PIXELS, 3), 255)
    plain[50:550, 500:503] = 0
    dashed = plain.copy()
    for start in range(50, 550, 15):
        dashed[start + 10 : start + 15] = 255
    assert (has_dashed_upright(plain), has_dashed_upright(dashed)) == (False, True)
