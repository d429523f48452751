"""The labels of topics on the map of comments: a topic's name where there is room, its number where that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from pipeline.figures.drawing import text_width, wrapped
from pipeline.figures.label_places import Place, place_labels
from pipeline.figures.style import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_POINTS = 6.0
_LINE_MM = 2.45
_PAD_MM = 0.35
_Places = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Named:
    """A topic on the map: its number, its name and where its marks are, in millimetres, of shape (n_marks, 2)."""

    number: int
    name: str
    marks: _Places


@dataclass(frozen=True)
class TopicLabel:
    """A topic's label, its name or its number, and where it stands."""

    text: str
    is_name: bool
    place: Place


def topic_labels(topics: Sequence[Named], *, room: tuple[float, float, float, float]) -> list[TopicLabel]:
    """Return the labels that there is room for.

    Parameters
    ----------
    topics : sequence of Named
        The topics, the one to be labelled first at the head.
    room : (x0, y0, x1, y1)
        What no label may leave.
    """
    width = room[2] - room[0]
    names = [_forms(topic.name, is_wide=width >= 120) for topic in topics]
    numbers = [str(topic.number) for topic in topics]
    anchors = [_innermost(topic.marks) for topic in topics]
    places = place_labels(
        anchors, [[_size(text) for text in of_topic] for of_topic in names], room=room,
        fallbacks=[_size(number) for number in numbers], named=[topic.marks for topic in topics],
        reach=min(0.2 * width, 25.0),
    )  # fmt: skip
    return [
        TopicLabel([*of_topic, number][place.form], place.form < len(of_topic), place)
        for of_topic, number, place in zip(names, numbers, places, strict=True)
        if place is not None
    ]


def draw_labels(page: Axes, labels: Sequence[TopicLabel]) -> None:
    """Draw labels, each on a veil that lets its letters stand out from the marks, and a line where it stands apart."""
    from matplotlib.patches import Rectangle

    for label in labels:
        if label.place.line is not None:
            edge, mark = np.reshape(label.place.line, (2, 2))
            # Not quite from the edge: a line that touches a letter looks like a part of it.
            begins = edge + _PAD_MM * (mark - edge) / np.linalg.norm(mark - edge)
            page.plot(*np.column_stack([begins, mark]), color=INK, linewidth=0.4, solid_capstyle="butt", zorder=3)
    for label in labels:
        lines = label.text.split("\n")
        for number, line in enumerate(lines):
            # A veil behind each line, not an outline of letters: text stays text in the files, and files stay small.
            width = text_width(line, _POINTS) + 2 * _PAD_MM
            above = label.place.y + (number - len(lines) / 2) * _LINE_MM
            page.add_patch(
                Rectangle((label.place.x - width / 2, above), width, _LINE_MM, facecolor="white", alpha=0.7,
                          linewidth=0, zorder=4)
            )  # fmt: skip
        page.text(label.place.x, label.place.y, label.text, fontsize=_POINTS, ha="center", va="center", color=INK,
                  linespacing=1.15, parse_math=False, zorder=5)  # fmt: skip


def _forms(name: str, *, is_wide: bool) -> list[str]:
    """Return the ways to set a name, the best first."""
    shapes = ((30.0, 2), (22.0, 3), (44.0, 1), (30.0, 3)) if is_wide else ((21.0, 2), (17.0, 3), (30.0, 1), (27.0, 3))
    forms = dict.fromkeys(wrapped(name, width, _POINTS, lines=lines) for width, lines in shapes)
    # A cut name is for where no whole one fits nearby.
    return sorted(forms, key=lambda form: form.split() != name.split())


def _innermost(places: _Places) -> tuple[float, float]:
    """Return the point nearest to the middle; the middle of a bent topic may lie among another's points."""
    x, y = places[np.linalg.norm(places - np.median(places, axis=0), axis=1).argmin()]
    return float(x), float(y)


def _size(text: str) -> tuple[float, float]:
    lines = text.split("\n")
    return max(text_width(line, _POINTS) for line in lines) + 2 * _PAD_MM, _LINE_MM * len(lines)
