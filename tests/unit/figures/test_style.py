"""Colours and shapes: told apart by everyone, on white and on the dark page of the map to explore."""

import itertools
import warnings

import numpy as np
import pytest

from pipeline.documents.explorer import ON_DARK
from pipeline.figures.style import (
    FAINT,
    INK,
    MARKERS,
    PALETTE,
    QUIET,
    figure_style,
    new_figure,
    readable_ink,
    save,
    theme_colours,
    theme_markers,
)  # fmt: skip

DARK_PAGE = "#16191c"


def rgb(colour):
    return np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def luminance(colour):
    parts = colour if isinstance(colour, np.ndarray) else rgb(colour)
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """Return the WCAG 2 contrast of two colours, or of arrays of colours, in [1, 21]."""
    lighter = np.maximum(luminance(one), luminance(other))
    darker = np.minimum(luminance(one), luminance(other))
    return (lighter + 0.05) / (darker + 0.05)


def distances(colours):
    """Return for each pair the least CAM02-UCS distance under normal vision and the three kinds of colour blindness."""
    with warnings.catch_warnings():
        # It says that it found no library for plots.
        warnings.simplefilter("ignore")
        import colour

        encoded = np.array([rgb(one) for one in colours])
        linear = colour.models.eotf_sRGB(encoded)
        seen = {"normal": linear}
        for deficiency in ("Protanomaly", "Deuteranomaly", "Tritanomaly"):
            simulation = colour.matrix_cvd_Machado2009(deficiency, 1.0)
            seen[deficiency] = np.clip(linear @ simulation.T, 0, 1)
        places = [
            colour.convert(colour.models.eotf_inverse_sRGB(parts), "Output-Referred RGB", "CAM02UCS") * 100
            for parts in seen.values()
        ]
    return {
        (colours[i], colours[j]): min(float(np.linalg.norm(place[i] - place[j])) for place in places)
        for i, j in itertools.combinations(range(len(colours)), 2)
    }


@pytest.mark.thorough
@pytest.mark.parametrize("colours", [PALETTE, ON_DARK])
def test_colours_of_themes_are_told_apart_under_every_kind_of_colour_vision(colours):
    apart = distances(colours)
    assert min(apart.values()) >= 15, min(apart.items(), key=lambda pair: pair[1])


def test_the_measure_of_distance_sees_what_colour_blindness_takes_away():
    red_and_green = ("#801650", "#12436D")
    assert distances(red_and_green)[red_and_green] < 10
    assert distances(("#000000", "#ffffff"))["#000000", "#ffffff"] == pytest.approx(100, abs=2)


def test_every_colour_of_a_mark_stands_out_from_its_page():
    assert min(contrast(colour, "#ffffff") for colour in (*PALETTE, FAINT, QUIET)) >= 3
    assert min(contrast(colour, DARK_PAGE) for colour in ON_DARK) >= 3
    assert min(contrast(colour, "#ffffff") for colour in (INK, QUIET)) >= 4.5


def test_shapes_tell_themes_of_one_colour_apart():
    themes = [str(number) for number in range(len(PALETTE) * len(MARKERS))]
    colours, markers = theme_colours(themes), theme_markers(themes)
    assert len({(colours[theme], markers[theme]) for theme in themes}) == len(themes)
    assert len({markers[theme] for theme in themes[: len(MARKERS)]}) == len(MARKERS)
    assert not {".", "x", "*"} & set(MARKERS)


@pytest.mark.parametrize("grey", np.linspace(0, 1, 11))
def test_ink_is_read_on_any_fill(grey):
    fill = np.full(3, grey)
    assert contrast(rgb(readable_ink(tuple(fill))), fill) >= 4.5


def test_a_figure_is_the_same_bytes_however_numpy_prints_numbers():
    def drawn():
        with figure_style():
            figure = new_figure(88, 40)
            figure.add_subplot().plot([0, 1], [0, 1])
            return save(figure, png_dpi=72)["svg"]

    with np.printoptions(legacy="1.13"):
        legacy = drawn()
    assert b"clip-path" in legacy
    assert drawn() == legacy
