"""What a figure is made of, as hashes: where they are the same, so is the figure, and need not be drawn again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd
from pydantic import BaseModel

from pipeline.figures.gallery import Draw, Rendering
from pipeline.formats.digests import digest_of

LINES, DOTS, PAGE = "lines", "dots", "page"
"""The parts of a figure: its PDF, SVG, data and words; its PNG; and how it stands in the report, wide and narrow."""


def made_of(draw: Draw, rendering: Rendering) -> dict[str, str]:
    """Return hashes of all that each part of a figure is made of, beside the code.

    Parameters
    ----------
    draw : callable
        What draws it; see `pipeline.figures.gallery.gallery`. Its data and names are bound to it.
    rendering : Rendering
        How its files are laid out and saved.

    Returns
    -------
    dict of str to str
        By part: what changes nothing of it changes its hash neither.

    Raises
    ------
    TypeError
        Where something is bound to it of which it is not known what tells two of its kind apart.
    """
    page = digest_of(_plain(draw))
    lines = digest_of([page, rendering.width_mm, rendering.notice, _plain(vars(rendering.sheet))])
    return {LINES: lines, DOTS: digest_of([lines, rendering.png_dpi]), PAGE: page}


def _plain(value: object) -> object:
    """Return a value as lists and texts that differ where two values do."""
    if isinstance(value, partial):
        return ["call", value.func.__module__, value.func.__qualname__, _plain(value.args), _plain(value.keywords)]
    if isinstance(value, pd.DataFrame):
        return ["table", _plain(value.index.tolist()), [_column(value[name]) for name in value.columns]]
    if isinstance(value, BaseModel):
        return [type(value).__name__, value.model_dump(mode="json")]
    if isinstance(value, Mapping):
        # In their order: themes are drawn in it.
        return ["mapping", [[_plain(name), _plain(inner)] for name, inner in value.items()]]
    if isinstance(value, list | tuple):
        return ["list", [_plain(inner) for inner in value]]
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or isinstance(value, int | float):
        # In a list, so that the number 1 is not the text "1".
        return [repr(value)]
    raise TypeError(f"{type(value).__name__}: it is not known what tells two of these apart.")


def _column(cells: pd.Series) -> list[object]:
    return [cells.name, str(cells.dtype), [_plain(cell) for cell in cells.tolist()]]
