"""Where labels stand beside what they name: none covers another, leaves the page or is crossed by another's line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

GAP_MM = 0.5
"""What is left free between two labels."""

_Array = npt.NDArray[np.float64]
_Size = tuple[float, float]
_Box = tuple[float, float, float, float]
_INSIDE = (0.0, -0.25, 0.25, -0.45, 0.45)
_RINGS_MM = (0.6, 1.2, 2.0, 3.0, 4.5, 6.5, 9.0, 12.0, 16.0, 20.0, 25.0)
_DIRECTIONS = 24
_NEAR_MM = 1.0
_OTHERS_ANCHOR_MM = 1.5
_ALL_MARKS_MM = 9.0
_OTHERS_LINE_MM = 8.0
_NEXT_FORM_MM = 2.0


@dataclass(frozen=True)
class Place:
    """Where a label stands: its form, its middle, and the line from its edge to what it names, if it has one."""

    form: int
    x: float
    y: float
    line: tuple[float, float, float, float] | None


@dataclass
class _Page:
    """What a label has to keep clear of as the page fills: its edges, what was there, labels, and lines to them."""

    room: _Box
    taken: _Array
    labels: _Array
    lines: _Array
    reach: float


def place_labels(
    anchors: Sequence[tuple[float, float]],
    forms: Sequence[Sequence[_Size]],
    *,
    room: _Box,
    fallbacks: Sequence[_Size] | None = None,
    named: Sequence[_Array] | None = None,
    taken: Sequence[_Box] = (),
    reach: float = 25.0,
) -> list[Place | None]:
    """Place labels one after another, each at the best of the places that are left.

    Parameters
    ----------
    anchors : sequence of (x, y)
        What each label names, most important first, in millimetres.
    forms : sequence of sequences of (width, height)
        The sizes that a label may have, such as its words on two lines or on three; the first is the best.
    room : (x0, y0, x1, y1)
        What no label may leave.
    fallbacks : sequence of (width, height), optional
        The size of what stands in the place of each label where none of its forms has room; its form is one more
        than the last.
    named : sequence of ndarray of shape (n_marks, 2), optional
        The marks of what each label names, which it should not cover all of.
    taken : sequence of (x0, y0, x1, y1), optional
        What no label may cover.
    reach : float
        How far from its anchor the edge of a label may be.

    Returns
    -------
    list of Place or None
        For each label where it stands, or None where there is no room for it.

    Notes
    -----
    Every place on a fixed pattern around the anchor is weighed, so the outcome depends on nothing but the input. A
    label on its anchor costs nothing; distance costs its length, and more where the label covers the marks that it
    names or another's anchor, or where its line crosses another's.
    """
    points = np.asarray(anchors, dtype=np.float64).reshape(-1, 2)
    page = _Page(room, np.asarray(taken, dtype=np.float64).reshape(-1, 4), np.empty((0, 4)), np.empty((0, 4)), reach)
    places: list[Place | None] = []
    for number, sizes in enumerate(forms):
        marks = np.empty((0, 2)) if named is None else named[number]
        anchor, others = _in_sight(points[number], marks, page.labels), np.delete(points, number, axis=0)
        found = [
            (cost + form * _NEXT_FORM_MM, form, middle)
            for form, size in enumerate(sizes)
            for cost, middle in _best(anchor, np.asarray(size), page, others, marks)
        ]
        tried = list(sizes)
        if not found and fallbacks is not None:
            tried.append(fallbacks[number])
            found = [
                (cost, len(sizes), middle) for cost, middle in _best(anchor, np.asarray(tried[-1]), page, others, marks)
            ]
        if not found:
            places.append(None)
            continue
        _, form, middle = min(found, key=lambda one: one[:2])
        half = np.asarray(tried[form]) / 2
        box = np.concatenate([middle - half, middle + half])
        edge = _nearest(anchor, box[None])[0]
        page.labels = np.vstack([page.labels, box])
        line = None
        if np.hypot(*(edge - anchor)) > _NEAR_MM:
            line = float(edge[0]), float(edge[1]), float(anchor[0]), float(anchor[1])
            page.lines = np.vstack([page.lines, line])
        places.append(Place(form, float(middle[0]), float(middle[1]), line))
    return places


def _in_sight(anchor: _Array, marks: _Array, labels: _Array) -> _Array:
    """Return an anchor, or the mark nearest to it that no label covers where one covers the anchor."""
    if not _contain(labels, anchor[None]).any():
        return anchor
    seen = marks[~_contain(labels, marks).any(axis=0)]
    return seen[np.hypot(*(seen - anchor).T).argmin()] if len(seen) else anchor


def _best(anchor: _Array, size: _Array, page: _Page, others: _Array, marks: _Array) -> list[tuple[float, _Array]]:
    """Return the cost and the middle of the cheapest free place of a label of a size; empty where there is none."""
    low, high = np.asarray(page.room[:2]) + size / 2, np.asarray(page.room[2:]) - size / 2
    if (low > high).any():
        return []
    middles = np.clip(anchor + _pattern(size), low, high)
    boxes = np.hstack([middles - size / 2, middles + size / 2])
    edges = _nearest(anchor, boxes)
    away = np.hypot(*(edges - anchor).T)
    leads = np.hstack([np.broadcast_to(anchor, edges.shape), edges])
    # A short line lies between the anchor and the edge, where nobody looks for one.
    is_led = away > _NEAR_MM
    free = (away <= page.reach) & ~_overlap(boxes, np.vstack([page.taken, page.labels]), GAP_MM).any(axis=1)
    free &= ~_cross(page.lines, boxes, GAP_MM / 2).any(axis=0)
    # What the anchor itself lies in, such as its own mark, a line cannot but leave.
    around = page.taken[~_contain(page.taken, anchor[None])[:, 0]]
    free &= ~(is_led & _cross(leads, np.vstack([around, page.labels]), 0.0).any(axis=1))
    if not free.any():
        return []
    off_middle = np.hypot(*((middles - anchor) / size).T)
    covered = _contain(boxes, marks).sum(axis=1) / max(len(marks), 1)
    # Squared: a small part of many marks is soon missed by nobody, all of a few is.
    cost = away + off_middle + _ALL_MARKS_MM * covered**2
    cost += _OTHERS_ANCHOR_MM * _contain(boxes, others).sum(axis=1)
    cost += _OTHERS_LINE_MM * (is_led[:, None] & _lines_meet(leads, page.lines)).sum(axis=1)
    chosen = int(np.where(free, cost, np.inf).argmin())
    return [(float(cost[chosen]), middles[chosen])]


def _pattern(size: _Array) -> _Array:
    """Return where the middle of a label may be, seen from its anchor: over it, then on rings around it."""
    over = [(across * size[0], along * size[1]) for across in _INSIDE for along in _INSIDE]
    angles = 2 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    # The edge of the label, not its middle, is at the distance of the ring.
    to_edge = (size / 2 / np.maximum(np.abs(directions), 1e-9)).min(axis=1)
    rings = [directions * (to_edge + ring)[:, None] for ring in _RINGS_MM]
    return np.vstack([over, *rings])


def _nearest(point: _Array, boxes: _Array) -> _Array:
    """Return the point of each box that is nearest to a point."""
    return np.column_stack([np.clip(point[axis], boxes[:, axis], boxes[:, axis + 2]) for axis in (0, 1)])


def _overlap(boxes: _Array, others: _Array, gap: float) -> npt.NDArray[np.bool_]:
    """Return whether each box comes nearer than a gap to each other box."""
    across, along = (
        (boxes[:, [axis]] < others[:, axis + 2] + gap) & (others[:, axis] < boxes[:, [axis + 2]] + gap)
        for axis in (0, 1)
    )
    return across & along


def _contain(boxes: _Array, points: _Array) -> npt.NDArray[np.bool_]:
    """Return whether each box holds each point."""
    return _overlap(boxes, np.hstack([points, points]), 0.0)


def _cross(segments: _Array, boxes: _Array, gap: float) -> npt.NDArray[np.bool_]:
    """Return whether each segment (x0, y0, x1, y1) passes through each box."""
    enters: Any = np.zeros((len(segments), len(boxes)))
    leaves: Any = np.ones_like(enters)
    for axis in (0, 1):
        start, run = segments[:, [axis]], segments[:, [axis + 2]] - segments[:, [axis]]
        # A segment along the other axis never enters or leaves on this one: a run of nearly nothing says the same.
        run = np.where(np.abs(run) < 1e-9, 1e-9, run)
        to_low, to_high = (boxes[:, axis] - gap - start) / run, (boxes[:, axis + 2] + gap - start) / run
        enters = np.maximum(enters, np.minimum(to_low, to_high))
        leaves = np.minimum(leaves, np.maximum(to_low, to_high))
    return np.asarray(enters < leaves)


def _lines_meet(segments: _Array, others: _Array) -> npt.NDArray[np.bool_]:
    """Return whether each segment crosses each other segment."""
    a, b = segments[:, None, :2], segments[:, None, 2:]
    c, d = others[None, :, :2], others[None, :, 2:]

    def side(p: _Array, q: _Array, r: _Array) -> _Array:
        return np.asarray((q - p)[..., 0] * (r - p)[..., 1] - (q - p)[..., 1] * (r - p)[..., 0])

    return np.asarray((side(a, b, c) * side(a, b, d) < 0) & (side(c, d, a) * side(c, d, b) < 0))
