"""What every figure is built from: a head, axes with margins in millimetres, and texts that fit where they stand."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.figures.letters import families
from pipeline.figures.style import INK, MM, QUIET, figure_style, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MARGIN = 4.0
TALLEST = 170.0
"""Millimetres that a figure may be high in print."""
NOT_MAPPED = "No match"
WHY_NOT_SHOWN = "small counts are hidden to protect respondents"
"""Why a number is not shown: it is small, or a small one could be worked out from it."""
ELLIPSIS = "…"
NO_BREAK = "\u00a0"
"""A space at which no line ends."""

_SPACES = re.compile(r"[^\S\u00a0]+")
"""Where a line may end: at any space but one that holds together."""
_BEFORE_ELLIPSIS = " ,;:–-("
"""What does not stand before an ellipsis."""
_POINT_MM = 25.4 / 72
_TITLE_WORDS = 15


@dataclass(frozen=True)
class Drawn:
    """A figure, what it shows in words, and the data in it."""

    figure: Figure
    alternative: str
    data: pd.DataFrame


@dataclass
class Caption:
    """What is written above and below the figures that are drawn meanwhile; the last drawn has the last word.

    Attributes
    ----------
    is_apart : bool
        Whether title and subtitle are left out of the figure, as a journal wants them: they stand in its caption.
    text : str
        Title, subtitle and notice of the last figure.
    """

    is_apart: bool = False
    text: str = ""


_caption: ContextVar[Caption | None] = ContextVar("caption", default=None)


@contextmanager
def captioned(*, is_apart: bool) -> Iterator[Caption]:
    """Give the caption of what is drawn meanwhile, and say whether title and subtitle stand in the figure as well."""
    caption = Caption(is_apart)
    token = _caption.set(caption)
    try:
        yield caption
    finally:
        _caption.reset(token)


def _stands_apart() -> bool:
    caption = _caption.get()
    return caption is not None and caption.is_apart


def _head_lines(title: str, subtitle: str, notice: str, width_mm: float) -> tuple[list[str], list[str], list[str]]:
    """Return the lines of title, subtitle and notice at a width."""
    # A little less than there is, since whoever draws a figure in a notebook fits letters to pixels.
    usable = 0.98 * (width_mm - 2 * MARGIN)
    return (
        _lines(title, usable, 8, bold=True),
        _lines(subtitle, usable, 6.5),
        _lines(notice, usable, 5.5),
    )


def _lines(text: str, width_mm: float, points: float, *, bold: bool = False) -> list[str]:
    """Return a text in as many lines as it takes, none wider than there is room for."""
    lines, line = list[str](), ""
    for following in _SPACES.split(text.strip()):
        word, longer = following, f"{line} {following}".lstrip(" ")
        if text_width(longer, points, bold=bold) <= width_mm:
            line = longer
            continue
        lines += [line] if line else []
        while text_width(word, points, bold=bold) > width_mm:
            # A word wider than the page is broken where it must be.
            fits = next(n for n in range(len(word) - 1, -1, -1) if text_width(word[:n], points, bold=bold) <= width_mm)
            lines.append(word[: max(fits, 1)])
            word = word[max(fits, 1) :]
        line = word
    return [*lines, line] if line else lines


def lines_taken(text: str, width_mm: float, points: float, *, bold: bool = False) -> int:
    """Return how many lines a text takes that is not cut."""
    return len(_lines(text, width_mm, points, bold=bold))


def head_height(title: str, subtitle: str, notice: str, width_mm: float) -> tuple[float, float]:
    """Return the millimetres that the head takes at the top and the notice at the bottom."""
    titles, subtitles, notices = _head_lines(title, subtitle, notice, width_mm)
    below = (2 + 2.6 * len(notices) + 1) if notices else 2
    return 2.0 if _stands_apart() else 3 + 3.7 * len(titles) + 1 + 2.9 * len(subtitles) + 2, below


def head(figure: Figure, title: str, subtitle: str, notice: str) -> None:
    """Write title and subtitle at the top and the notice at the bottom, wrapped to the figure's width.

    Where captions stand apart (`captioned`) the figure has the notice alone: a picture may be passed on without one.
    """
    if (caption := _caption.get()) is not None:
        caption.text = words(f"{title.rstrip('.')}.", subtitle.strip(), notice)
    width, height = size_mm(figure)
    titles, subtitles, notices = _head_lines(title, subtitle, notice, width)
    left = MARGIN / width
    # Labels hold respondents' words: a dollar sign in one is a dollar sign, not mathematics.
    if not _stands_apart():
        figure.text(left, 1 - 3 / height, "\n".join(titles), fontsize=8, fontweight="bold", va="top", parse_math=False)
        below = 3 + 3.7 * len(titles) + 1
        figure.text(left, 1 - below / height, "\n".join(subtitles), fontsize=6.5, color=QUIET, va="top",
                    parse_math=False)  # fmt: skip
    figure.text(left, 2 / height, "\n".join(notices), fontsize=5.5, color=QUIET, va="bottom", parse_math=False)


def size_mm(figure: Figure) -> tuple[float, float]:
    """Return a figure's width and height in millimetres."""
    width, height = figure.get_size_inches()
    return float(width) / MM, float(height) / MM


def add_axes(figure: Figure, left: float, bottom: float, right: float, top: float) -> Axes:
    """Add axes with these margins in millimetres."""
    width, height = size_mm(figure)
    return figure.add_axes(
        (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
    )


def page_axes(figure: Figure) -> Axes:
    """Add axes over the whole figure, without lines, in millimetres from its upper left corner."""
    width, height = size_mm(figure)
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return axes


def brief(*titles: str) -> str:
    """Return the first of some titles, the longest first, that has at most 15 words; the last where none has."""
    return next((title for title in titles if len(title.split()) <= _TITLE_WORDS), titles[-1])


def words(*sentences: str) -> str:
    """Return sentences one after another; those that are "" are not there."""
    return " ".join(sentence for sentence in sentences if sentence)


def floats(table: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """Return a column as numbers, NaN where they are missing."""
    return np.asarray(table[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan))


def note_of_hidden(sizes: pd.Series[Any]) -> str:
    """Return a sentence that says that numbers are hidden, to follow others; "" where none is missing."""
    return " Small counts are hidden." if sizes.isna().any() else ""


def hidden_said(names: Sequence[str], why: str = WHY_NOT_SHOWN) -> str:
    """Return a sentence that names what has no number; "" where everything has one."""
    return f"{why.capitalize()}: {', '.join(names)}." if names else ""


def text_width(text: str, points: float, *, bold: bool = False) -> float:
    """Return the millimetres that a line of text takes at a size in points."""
    return _width_in(families(), text, points, bold)


@lru_cache(maxsize=4096)
def _width_in(fonts: tuple[str, ...], text: str, points: float, bold: bool) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=list(fonts), size=points, weight="bold" if bold else "normal")
    width, _, _ = text_to_path.get_text_width_height_descent(_SPACES.sub(" ", text), font, ismath=False)
    return float(width) * _POINT_MM


def shortened(text: str, width_mm: float, points: float, *, bold: bool = False) -> str:
    """Return a text on one line, cut with an ellipsis where it is wider than there is room for.

    It is cut after a word; a first word that is too wide itself is cut where it must be.
    """
    line = _SPACES.sub(" ", text.strip())
    if text_width(line, points, bold=bold) <= width_mm:
        return line
    fits = bisect_right(
        range(len(line)), width_mm, key=lambda letters: text_width(line[:letters] + ELLIPSIS, points, bold=bold)
    )
    cut = line[: max(fits - 1, 0)]
    whole_words = cut if line[len(cut) :].startswith(" ") else cut.rpartition(" ")[0]
    return (whole_words.rstrip(_BEFORE_ELLIPSIS) or cut.rstrip()) + ELLIPSIS


def wrapped(text: str, width_mm: float, points: float, *, lines: int, bold: bool = False) -> str:
    """Return a text on at most so many lines, none wider than there is room for, cut with an ellipsis."""
    words, broken = _SPACES.split(text.strip()), list[str]()
    while words and len(broken) < lines - 1:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", points, bold=bold) <= width_mm:
            line += f" {words.pop(0)}"
        broken.append(shortened(line, width_mm, points, bold=bold))
    if words:
        broken.append(shortened(" ".join(words), width_mm, points, bold=bold))
    return "\n".join(broken)


def with_ending(text: str, ending: str, width_mm: float, points: float, *, lines: int, bold: bool = False) -> str:
    """Return a name and what stands after it, such as its size; the name is cut where there is no room for both."""
    ending = ending.replace(" ", NO_BREAK)
    whole = wrapped(f"{text} {ending}", width_mm, points, lines=lines, bold=bold)
    if not whole.endswith(ELLIPSIS) and ELLIPSIS not in whole.replace(text, ""):
        return whole
    *above, last = wrapped(text, width_mm, points, lines=lines, bold=bold).split("\n")
    room = width_mm - text_width(f" {ending}", points, bold=bold)
    return "\n".join([*above, f"{shortened(last, room, points, bold=bold)} {ending}"])


def spread(centres: Sequence[float], heights: Sequence[float], *, low: float, high: float) -> npt.NDArray[np.float64]:
    """Move labels apart just enough that none covers another.

    Parameters
    ----------
    centres : sequence of float
        Where each label would stand, in increasing order.
    heights : sequence of float
        What each label takes.
    low, high : float
        Where the labels may begin and must end; where they do not fit they run past `high`.

    Returns
    -------
    ndarray of shape (n_labels,), float64
        Places in the same order with the least sum of squared moves.

    Notes
    -----
    With what lies before each label taken off, places that do not overlap are places that do not decrease: the
    nearest such places are an isotonic regression, which for the few labels of a figure is its max-min formula.
    """
    if not len(centres):
        return np.zeros(0)
    sizes = np.asarray(heights, dtype=np.float64)
    before = np.concatenate([[0.0], np.cumsum((sizes[:-1] + sizes[1:]) / 2)])
    lowest = low + sizes[0] / 2
    highest = max(high - sizes[-1] / 2 - before[-1], lowest)
    sums = np.concatenate([[0.0], np.cumsum(np.asarray(centres) - before)])
    order = np.arange(len(sizes))
    lengths = order - order[:, None] + 1
    means = np.where(lengths > 0, (sums[1:] - sums[:-1, None]) / np.maximum(lengths, 1), np.inf)
    least_after = np.minimum.accumulate(means[:, ::-1], axis=1)[:, ::-1]
    fitted = np.where(lengths > 0, least_after, -np.inf).max(axis=0)
    return np.asarray(np.clip(fitted, lowest, highest) + before, dtype=np.float64)


def nothing_to_draw(said: str, data: pd.DataFrame, *, width_mm: float, notice: str) -> Drawn:
    """Return a figure that says why it is empty."""
    top, bottom = head_height(said, "", notice, width_mm)
    with figure_style():
        figure = new_figure(width_mm, top + bottom + 12)
        head(figure, said, "", notice)
        page_axes(figure).text(
            width_mm / 2, top + 6, "Nothing to draw", ha="center", va="center", fontsize=7, color=INK
        )
    return Drawn(figure, words(f"{said}.", notice), data)
