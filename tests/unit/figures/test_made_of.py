"""What a figure is made of: whatever changes the figure changes it, and nothing else does."""

from dataclasses import replace
from functools import partial

import pandas as pd
import pytest

from pipeline.figures.gallery import Rendering, gallery
from pipeline.figures.made_of import DOTS, LINES, PAGE, made_of
from pipeline.figures.style import WEB
from tests.unit.figures.test_gallery import codebook, tables  # noqa: F401 - fixtures

RENDERING = Rendering(183.0, png_dpi=600)


def draw(table, names, *, of=1, width_mm=0.0):
    """Stand for what draws a figure."""


def changed_parts(before, after, first=RENDERING, second=RENDERING):
    one, two = made_of(before, first), made_of(after, second)
    return {part for part in one if one[part] != two[part]}


def test_a_figure_of_the_same_data_is_the_same(tables, codebook):  # noqa: F811
    one = gallery(tables, codebook, notice="")
    two = gallery({name: table.copy() for name, table in tables.items()}, codebook.model_copy(deep=True), notice="")
    assert len(one) > 10
    assert {name: made_of(draws, RENDERING) for name, draws in one.items()} == {
        name: made_of(draws, RENDERING) for name, draws in two.items()
    }


@pytest.mark.parametrize(
    ("table", "names", "of"),
    [
        (pd.DataFrame({"a": [1, 3]}), {"x": "X", "y": "Y"}, 1),
        (pd.DataFrame({"a": [1.0, 2.0]}), {"x": "X", "y": "Y"}, 1),
        (pd.DataFrame({"a": ["1", "2"]}), {"x": "X", "y": "Y"}, 1),
        (pd.DataFrame({"a": [1, None]}, dtype="Int64"), {"x": "X", "y": "Y"}, 1),
        (pd.DataFrame({"b": [1, 2]}), {"x": "X", "y": "Y"}, 1),
        (pd.DataFrame({"a": [1, 2]}, index=[1, 0]), {"x": "X", "y": "Y"}, 1),
        (pd.DataFrame({"a": [1, 2]}), {"y": "Y", "x": "X"}, 1),
        (pd.DataFrame({"a": [1, 2]}), {"x": "X", "y": "Z"}, 1),
        (pd.DataFrame({"a": [1, 2]}), {"x": "X", "y": "Y"}, "1"),
        (pd.DataFrame({"a": [1, 2]}), {"x": "X", "y": "Y"}, None),
    ],
)
def test_other_data_names_and_orders_make_another_figure(table, names, of):
    before = partial(draw, pd.DataFrame({"a": [1, 2]}), {"x": "X", "y": "Y"}, of=1)
    assert changed_parts(before, partial(draw, table, names, of=of)) == {LINES, DOTS, PAGE}


def test_the_last_digit_of_a_number_makes_another_figure():
    before = partial(draw, pd.DataFrame({"a": [0.1 + 0.2]}), {})
    assert changed_parts(before, partial(draw, pd.DataFrame({"a": [0.3]}), {}))


def test_lists_in_cells_count():
    before = partial(draw, pd.DataFrame({"a": [["x", "y"]]}), {})
    assert changed_parts(before, partial(draw, pd.DataFrame({"a": [["x y"]]}), {}))


@pytest.mark.parametrize(
    ("rendering", "changes"),
    [
        (replace(RENDERING, png_dpi=300), {DOTS}),
        (replace(RENDERING, width_mm=89.0), {LINES, DOTS}),
        (replace(RENDERING, notice="Made up"), {LINES, DOTS}),
        (replace(RENDERING, sheet=WEB), {LINES, DOTS}),
        (RENDERING, set()),
    ],
)
def test_a_setting_changes_the_parts_that_depend_on_it(rendering, changes):
    figure = partial(draw, pd.DataFrame({"a": [1, 2]}), {})
    assert changed_parts(figure, figure, second=rendering) == changes


def test_fonts_and_the_notice_are_part_of_every_figure(tables, codebook):  # noqa: F811
    plain, noticed = (gallery(tables, codebook, notice=notice) for notice in ("", "Made up"))
    assert all(changed_parts(plain[name], noticed[name]) == {LINES, DOTS, PAGE} for name in plain)


def test_what_cannot_be_told_apart_is_refused():
    with pytest.raises(TypeError, match="object"):
        made_of(partial(draw, object(), {}), RENDERING)
