"""Topics under the themes that they are nearest to: how clearly each passes the tests that a match must pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.contracts import UNMAPPED
from pipeline.crosswalk.by_person import BY_PERSON
from pipeline.crosswalk.matching import LEANING, MATCHED, OWN_SHARE, SETTLED, SHUFFLED
from pipeline.figures.drawing import (
    MARGIN,
    TALLEST,
    Drawn,
    brief,
    floats,
    head_height,
    note_of_hidden,
    nothing_to_draw,
    shortened,
    text_width,
    words,
    wrapped,
)  # fmt: skip
from pipeline.figures.rows_chart import POINTS, ROOMS, Rows, RowsChart, label_room, note_of_part, sized_labels
from pipeline.figures.style import GRID, INK, PALETTE, QUIET
from pipeline.tables.numbers import chance, counted, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LEAST = 0.001
"""The axis of chances ends here, where tables write "<0.001"."""
_GAP = 0.24
"""Room between two tests, as a part of what a test has."""
_SMALL, _ENDS = 6.0, 5.5
_LINE_MM = 2.6
_BELOW_MM = 4.5
_BESIDE_MM = 2.5
_CIRCLE, _PAD = 12.0, 5.0
_NAMED = 2
"""Themes without a topic that the title names."""
_NO_MATCH = "No theme"
_DECIDED = {MATCHED: "match", LEANING: "leans", BY_PERSON: "by a person"}
_SAYS = {
    "Chance": "Chance: how often random comments would fit as well, corrected for the number of topics (q).",
    "Shuffled": "Shuffled: how often a theme of shuffled phrases stands out as clearly (p).",
    "Own share": "Own share: of the topic’s comments with a theme, those for which it is the main one.",
    "Re-runs": "Re-runs: the share that repeat the match.",
}


@dataclass(frozen=True)
class _Test:
    """A test of a match: its name, the column of its numbers, and the cut; above it passes what is no chance."""

    name: str
    column: str
    cut: float
    is_chance: bool

    def place(self, values: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
        """Return where numbers stand on the test's axis, from 0 to 1: the clearer for a match, the further right."""
        if not self.is_chance:
            return np.clip(values, 0.0, 1.0)
        return np.asarray(np.log(np.clip(values, _LEAST, 1.0)) / np.log(_LEAST))

    def passed(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        return values <= self.cut if self.is_chance else values >= self.cut

    @property
    def ends(self) -> tuple[str, str, str]:
        """What is written at the left end, at the cut and at the right end."""
        if self.is_chance:
            return "1", f"{self.cut:g}", chance(_LEAST / 2)
        return "0", percent(self.cut), "100%"


def crosswalk_chart(
    crosswalk: pd.DataFrame,
    topics: pd.DataFrame,
    theme_names: Mapping[str, str],
    *,
    width_mm: float,
    notice: str = "",
    false_discovery_rate: float = 0.1,
) -> Drawn:
    """Draw how clearly each topic passes the tests of a match, under the theme that it matches or leans to.

    Parameters
    ----------
    crosswalk, topics : DataFrame
        The public tables.
    theme_names : mapping of str to str
        Names of the themes by id, in the codebook's order.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    false_discovery_rate : float
        The largest q-value of a theme that fits a topic better than chance.

    Returns
    -------
    Drawn
        Its data have a row for each topic, in the order of the figure: topic, label, size, nearest_theme, theme_name,
        status, q_value, p_shuffled, own_share, replicates (the share of re-runs that match the two).

    Notes
    -----
    Fits are not drawn: they decide nothing, and cannot be compared from one topic to another. They are in the table.
    The own share is public only without rules for small counts: of a topic of 15 comments, 93% would reveal that one
    comment has another main theme. Under rules that test is not drawn, and the figure says so.
    """
    if not len(topics):
        said = "No topics were found, so none matches a theme"
        return nothing_to_draw(said, crosswalk[:0], width_mm=width_mm, notice=notice)
    rows = _evidence(crosswalk, topics, theme_names)
    tests = [
        _Test("Chance", "q_value", false_discovery_rate, True), _Test("Shuffled", "p_shuffled", SHUFFLED, True),
        _Test("Own share", "own_share", OWN_SHARE, False), _Test("Re-runs", "replicates", SETTLED, False),
    ]  # fmt: skip
    drawn = [test for test in tests if rows[test.column].notna().any()]
    title, alternative = _findings(topics, theme_names)
    subtitle = words(
        "A match passes every test: filled circles, right of the dashed lines. Further right is clearer.",
        *(_SAYS[test.name] for test in drawn),
        "" if tests[2] in drawn else "The topic’s own share is a further test; it is not drawn, since it could reveal "
        "small counts.",
        "In brackets: comments.",
    ) + note_of_hidden(rows["size"])  # fmt: skip
    right = MARGIN + 1.5 + max(text_width(_said(row), POINTS, bold=True) for row in rows.to_dict("records"))
    widest = max((text_width(word, _SMALL, bold=True) for test in drawn for word in test.name.split()), default=0.0)
    room = width_mm - right - len(drawn) * (widest + 1)
    chart, shown = _laid_out(rows, drawn, title, subtitle, notice, width_mm, room)
    with chart.drawn(right_mm=right) as (figure, axes):
        _draw(figure, axes, shown, drawn, chart)
    return Drawn(figure, chart.said(alternative, _failing(rows, drawn)), rows.drop(columns=["_group", "_by_size"]))


def _evidence(crosswalk: pd.DataFrame, topics: pd.DataFrame, theme_names: Mapping[str, str]) -> pd.DataFrame:
    """Return the topics in the order of the figure, each with the numbers that decide and the group it stands in."""
    pairs = crosswalk[["topic", "theme", "replicates"]].rename(columns={"theme": "nearest_theme"})
    columns = ["topic", "label", "size", "theme", "nearest_theme", "status", "q_value", "p_shuffled"]
    rows = topics[columns].assign(own_share=topics.get("own_share", np.nan))
    rows = rows.merge(pairs, on=["topic", "nearest_theme"], how="left")
    stands_under = rows["theme"].where(rows["theme"] != UNMAPPED, rows["nearest_theme"])
    is_grouped = (rows["theme"] != UNMAPPED) | (rows["status"] == LEANING)
    rows["theme_name"] = stands_under.map(theme_names).where(is_grouped, "")
    place = stands_under.map({theme: number for number, theme in enumerate(theme_names)})
    rows["_group"] = place.where(is_grouped, len(theme_names)).astype(int)
    rows["_by_size"] = rows.sort_values(["size", "topic"], ascending=[False, True]).index.argsort()
    rows["_leans"] = rows["status"] == LEANING
    ordered = rows.sort_values(["_group", "_leans", "_by_size"]).reset_index(drop=True)
    return ordered.drop(columns=["_leans", "theme"])


def _laid_out(
    rows: pd.DataFrame, tests: Sequence[_Test], title: str, subtitle: str, notice: str, width_mm: float, room_mm: float
) -> tuple[RowsChart, pd.DataFrame]:
    """Return the chart, each theme's name on a row of its own, and the largest topics that it has room for.

    What stands left of the tests has `room_mm`, margin included.
    """
    labels = sized_labels(rows)
    label_mm = min(label_room(labels, width_mm), room_mm - MARGIN - _BESIDE_MM)
    above = _LINE_MM * max(test.name.count(" ") + 1 for test in tests) + 4.0

    def fitted(said: str) -> tuple[Rows, pd.DataFrame]:
        room = TALLEST - sum(head_height(title, said, notice, width_mm)) - above - _BELOW_MM
        is_wide = any(text_width(label.text, ROOMS[0][2]) > label_mm for label in labels)
        for lines, height, points in ROOMS if is_wide else ROOMS[1:]:
            most = int(room / height)
            if _height(rows) <= most:
                return Rows(_height(rows), height, lines, points), rows
        fits = next(n for n in range(len(rows), 0, -1) if _height(rows[rows["_by_size"] < n]) <= max(most, 2))
        largest = rows[rows["_by_size"] < fits]
        return Rows(_height(largest), height, lines, points), largest

    set_out, shown = fitted(subtitle)
    if len(shown) < len(rows):
        set_out, shown = fitted(subtitle + note_of_part(len(shown), len(rows), "topics", rows["size"]))
        subtitle += note_of_part(len(shown), len(rows), "topics", rows["size"])
    return RowsChart(title, subtitle, notice, width_mm, label_mm, above, _BELOW_MM, set_out), shown


def _height(rows: pd.DataFrame) -> int:
    """Return how many rows topics and the names above them take."""
    return len(rows) + rows["_group"].nunique()


def _said(row: Mapping[Any, Any]) -> str:
    return _DECIDED.get(str(row["status"]), "none")


def _draw(figure: Figure, axes: Axes, shown: pd.DataFrame, tests: Sequence[_Test], chart: RowsChart) -> None:
    """Draw circles and cuts; the tests stand side by side, each one unit wide, and rows one below the other."""
    points, groups = chart.rows.points, shown["_group"].to_numpy()
    places = np.arange(len(shown)) + np.cumsum(np.diff(groups, prepend=-1) > 0)
    axes.set_yticks(places, [label.fitted(chart.label_mm, chart.rows) for label in sized_labels(shown)],
                    fontsize=points, linespacing=1.1, parse_math=False)  # fmt: skip
    axes.tick_params(axis="y", length=0, pad=_PAD)
    whole = len(tests) + _GAP * (len(tests) - 1)
    axes.set(xlim=(-0.02, whole + 0.02), ylim=(chart.rows.count - 0.5, -0.5), xticks=[])
    for side in axes.spines.values():
        side.set_visible(False)
    _name_groups(figure, axes, shown, places, chart)
    axes.hlines(places, 0, whole, color=GRID, linewidth=0.5, zorder=0)
    unit_mm = axes.get_position().width * chart.width_mm / (whole + 0.04)
    for number, test in enumerate(tests):
        left = number * (1 + _GAP)
        _draw_test(axes, test, floats(shown, test.column), places, groups, left)
        _name_test(axes, test, left, unit_mm)
    for place, row in zip(places, shown.to_dict("records"), strict=True):
        decided = row["status"] in (MATCHED, BY_PERSON)
        axes.annotate(_said(row), (1, place), xycoords=("axes fraction", "data"), xytext=(4, 0),
                      textcoords="offset points", va="center_baseline", fontsize=points, color=INK,
                      fontweight="bold" if decided else "normal")  # fmt: skip


def _name_groups(
    figure: Figure, axes: Axes, shown: pd.DataFrame, places: npt.NDArray[np.intp], chart: RowsChart
) -> None:
    """Write above the topics of each theme its name, over the whole width."""
    room = 0.98 * (chart.width_mm - 2 * MARGIN)
    first = ~shown["_group"].duplicated().to_numpy()
    for place, name in zip(places[first] - 1, shown["theme_name"][first], strict=True):
        said = shortened(name or _NO_MATCH, room, chart.rows.points, bold=True)
        axes.annotate(said, (MARGIN / chart.width_mm, place), xycoords=(figure.transFigure, "data"), va="center",
                      ha="left", fontsize=chart.rows.points, fontweight="bold", color=INK, parse_math=False,
                      annotation_clip=False)  # fmt: skip


def _draw_test(
    axes: Axes, test: _Test, values: npt.NDArray[np.float64], places: npt.NDArray[np.intp],
    groups: npt.NDArray[np.intp], left: float,
) -> None:  # fmt: skip
    cut = left + float(test.place(test.cut))
    for group in np.unique(groups):
        rows = places[groups == group]
        axes.plot([cut, cut], [rows[0] - 0.5, rows[-1] + 0.5], color=QUIET, linewidth=0.8, linestyle=(0, (3, 1.5)),
                  zorder=1)  # fmt: skip
    passes, across = test.passed(values), left + test.place(values)
    for chosen, face, edge in ((passes, PALETTE[0], PALETTE[0]), (~passes & ~np.isnan(values), "white", PALETTE[2])):
        axes.scatter(across[chosen], places[chosen], s=_CIRCLE, marker="o", facecolor=face, edgecolor=edge,
                     linewidths=0.9, zorder=3, clip_on=False)  # fmt: skip


def _name_test(axes: Axes, test: _Test, left: float, unit_mm: float) -> None:
    low, cut, high = test.ends
    # Where both ends have no room, the right one says more: the left is what nobody looks for.
    has_room = text_width(f"{low}   {high}", _ENDS) <= unit_mm
    written = [
        *([(left, 0, low, (0, -2), "left", "top")] if has_room else []), (left + 1, 0, high, (0, -2), "right", "top"),
        (left + float(test.place(test.cut)), 1, cut, (0, 2), "center", "bottom"),
    ]  # fmt: skip
    for across, up, said, moved, side, below in written:
        axes.annotate(said, (across, up), xycoords=("data", "axes fraction"), xytext=moved, textcoords="offset points",
                      ha=side, va=below, fontsize=_ENDS, color=INK)  # fmt: skip
    name = wrapped(test.name, (1 + _GAP) * unit_mm, _SMALL, lines=2, bold=True)
    axes.annotate(name, (left, 1), xycoords=("data", "axes fraction"), xytext=(0, 9.5), textcoords="offset points",
                  ha="left", va="bottom", fontsize=_SMALL, fontweight="bold", color=INK, linespacing=1.1)  # fmt: skip


def _findings(topics: pd.DataFrame, theme_names: Mapping[str, str]) -> tuple[str, str]:
    """Return the title, and a sentence of how many topics match each theme."""
    counts = topics.loc[topics["theme"] != UNMAPPED, "theme"].value_counts()
    missing = [name for theme, name in theme_names.items() if theme not in counts.index]
    by_person = topics["status"] == BY_PERSON
    n_matched, n_leaning = int(counts.sum()), int((topics["status"] == LEANING).sum())
    said = "; ".join(f"{name}: {counted(int(counts.get(theme, 0)), 'topic')}" for theme, name in theme_names.items())
    said = f"{said}; leaning to one: {n_leaning}; unmapped: {len(topics) - n_matched - n_leaning}."
    if by_person.any():
        said = f"{said} A person decided on {counted(int(by_person.sum()), 'topic')} of these."
    title = f"{n_matched} of {counted(len(topics), 'topic')} {'matches' if n_matched == 1 else 'match'} a theme"
    if not n_matched:
        return "No topic matches a published theme", said
    if not missing:
        return title.replace("a theme", "a published theme"), said
    named = f"{title}; none matches {' or '.join(missing)}"
    return brief(
        *[named] * (len(missing) <= _NAMED), f"{title}; {len(missing)} of {len(theme_names)} themes have none"
    ), said


def _failing(rows: pd.DataFrame, tests: Sequence[_Test]) -> str:
    """Return how many topics fail each test, in words."""
    values = [floats(rows, test.column) for test in tests]
    fails = [
        f"{test.name.lower()}: {int((~test.passed(found) & ~np.isnan(found)).sum())}"
        for test, found in zip(tests, values, strict=True)
    ]
    return f"Topics that fail each test: {'; '.join(fails)}." if fails else ""
