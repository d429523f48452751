"""The labels of topics on the map of comments: beside the points, each with a line to its topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.figures.drawing import ELLIPSIS, spread, text_width, wrapped
from pipeline.figures.style import INK, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 6.0
_LINE_MM = 2.45
_BETWEEN_MM = 1.0
"""What is left free between two labels, one above the other."""
_BESIDE_MM = 3.0
"""What is left free between the labels and the points, for the lines to fan out in."""
_OFF_MM = 0.6
"""Between a label and its line."""
_WIDEST_MM, _WIDEST_PART = 38.0, 0.24
_MOST_LINES = 3
_Places = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Named:
    """A topic on the map: its name and where its marks are, in millimetres, of shape (n_marks, 2)."""

    name: str
    marks: _Places

    @cached_property
    def anchor(self) -> tuple[float, float]:
        """The mark nearest to the middle; the middle of a bent topic may lie among another's marks."""
        x, y = self.marks[np.linalg.norm(self.marks - np.median(self.marks, axis=0), axis=1).argmin()]
        return float(x), float(y)


@dataclass(frozen=True)
class TopicLabel:
    """A topic's label: its lines, whether it stands at the left, where it begins and its middle, and what it names."""

    text: str
    is_left: bool
    x: float
    y: float
    mark: tuple[float, float]

    @property
    def line(self) -> tuple[float, float, float, float]:
        """The line from the label to the topic's mark."""
        return self.x + (_OFF_MM if self.is_left else -_OFF_MM), self.y, *self.mark


def label_room(names: Sequence[str], width_mm: float) -> float:
    """Return the millimetres at either side of a map of a width that labels take; 0 where there are none."""
    widest = min(_WIDEST_MM, _WIDEST_PART * width_mm)
    lines = [line for name in names for line in _form(name, widest).split("\n")]
    return max((text_width(line, _POINTS) for line in lines), default=-_BESIDE_MM) + _BESIDE_MM


def height_for(names: Sequence[str], width_mm: float) -> float:
    """Return the millimetres that labels of all names take where half of them stand at either side."""
    heights = [_height(_form(name, min(_WIDEST_MM, _WIDEST_PART * width_mm))) for name in names]
    return sum(heights) / 2 + max(heights, default=0.0)


def topic_labels(topics: Sequence[Named], *, room: tuple[float, float, float, float]) -> list[TopicLabel]:
    """Return the labels that there is room for.

    Parameters
    ----------
    topics : sequence of Named
        The topics, the one to be labelled first at the head.
    room : (x0, y0, x1, y1)
        The points and the strips at either side of them, which labels stand in.

    Returns
    -------
    list of TopicLabel
        At the left those whose topics lie further left, as many as at the right or one more; on each side from above.

    Notes
    -----
    A side is filled from the first topic on. On each side labels stand as near to the height of their topics as they
    can without one covering another. Where two lines cross the two labels change places: either line becomes shorter,
    so that this comes to an end.
    """
    left, top, right, bottom = room
    width = min(_WIDEST_MM, _WIDEST_PART * (right - left))
    forms = [_form(topic.name, width) for topic in topics]
    heights = [_height(form) for form in forms]
    # Of a thousand topics hundreds have no room: what each would take is known beforehand.
    kept = len(topics)
    while kept:
        by_place = sorted(range(kept), key=lambda place: topics[place].anchor)
        half = -(-len(by_place) // 2)
        sides = [by_place[:half], by_place[half:]]
        if all(sum(heights[place] for place in side) <= bottom - top for side in sides):
            break
        kept -= 1
    else:
        return []
    found = []
    for is_left, side in zip((True, False), sides, strict=True):
        labels = [
            TopicLabel(forms[place], is_left, 0.0, topics[place].anchor[1], topics[place].anchor)
            for place in sorted(side, key=lambda place: topics[place].anchor[1])
        ]
        edge = max((text_width(line, _POINTS) for label in labels for line in label.text.split("\n")), default=0.0)
        at = left + edge if is_left else right - edge
        found += _uncrossed([replace(label, x=at) for label in labels], top, bottom)
    return found


def draw_labels(page: Axes, labels: Sequence[TopicLabel]) -> None:
    """Draw labels and a line from each to its topic, which ends in a ring around the mark."""
    for label in labels:
        page.plot(*np.reshape(label.line, (2, 2)).T, color=QUIET, linewidth=0.4, solid_capstyle="butt", zorder=3)
        page.plot(*label.mark, linestyle="none", marker="o", markersize=2.6, markerfacecolor="none",
                  markeredgecolor=INK, markeredgewidth=0.6, zorder=4)  # fmt: skip
        page.text(label.x, label.y, label.text, fontsize=_POINTS, ha="right" if label.is_left else "left", va="center",
                  color=INK, linespacing=1.15, parse_math=False, zorder=5)  # fmt: skip


def _uncrossed(labels: list[TopicLabel], top: float, bottom: float) -> list[TopicLabel]:
    """Return the labels of a side at their heights, in an order in which no two lines cross."""
    # More changes than there are pairs would mean that two labels of equal length take turns.
    for _ in range(len(labels) ** 2 + 1):
        heights = [_height(label.text) for label in labels]
        middles = spread([label.mark[1] for label in labels], heights, low=top, high=bottom)
        labels = [replace(label, y=float(middle)) for label, middle in zip(labels, middles, strict=True)]
        crossing = next((place for place in range(len(labels) - 1) if _cross(*labels[place : place + 2])), None)
        if crossing is None:
            break
        labels[crossing : crossing + 2] = labels[crossing : crossing + 2][::-1]
    return labels


def _cross(one: TopicLabel, other: TopicLabel) -> bool:
    """Return whether the lines of two labels of a side meet."""
    a, b, c, d = (np.array(ends) for line in (one.line, other.line) for ends in (line[:2], line[2:]))

    def side(p: _Places, q: _Places, r: _Places) -> float:
        return float((q - p)[0] * (r - p)[1] - (q - p)[1] * (r - p)[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _form(name: str, width: float) -> str:
    """Return a name on the fewest lines that hold it; cut where even three do not."""
    forms = [wrapped(name, width, _POINTS, lines=lines) for lines in range(1, _MOST_LINES + 1)]
    return next((form for form in forms if not form.endswith(ELLIPSIS) and ELLIPSIS not in form), forms[-1])


def _height(text: str) -> float:
    return _LINE_MM * (text.count("\n") + 1) + _BETWEEN_MM
