"""What a sweep over settings leaves behind: a table, a picture of the trade-off, and the chosen settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import yaml

from pipeline.figures.drawing import Drawn, add_axes, head, head_height, page_axes, text_width
from pipeline.figures.label_places import place_labels
from pipeline.figures.style import INK, PALETTE, figure_style, new_figure, save
from pipeline.tables.csv_files import to_csv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pipeline.discovery.tuning import Tuned

_LEFT_MM, _BELOW_MM, _RIGHT_MM, _LEGEND_MM = 16.0, 10.0, 8.0, 6.0
_POINTS = 6.0
_LABEL_MM = 2.4
_EDGE = 0.12
_SETTINGS = ("n_neighbors", "min_topic_size", "min_samples")


def tuning_files(tuned: Tuned, *, width_mm: float, notice: str) -> dict[str, bytes]:
    """Return the files of a sweep by name.

    Parameters
    ----------
    tuned : Tuned
        What was found.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that every output must carry.

    Returns
    -------
    dict of str to bytes
        candidates.csv, chosen.yaml, and the figure with its text alternative.
    """
    drawn = trade_off(tuned, width_mm=width_mm, notice=notice)
    with figure_style():
        rendered = save(drawn.figure, png_dpi=300)
    files = {f"trade_off.{ending}": content for ending, content in rendered.items()}
    files["trade_off.alt.txt"] = f"{drawn.alternative}\n".encode()
    files["candidates.csv"] = to_csv(tuned.candidates)
    files["chosen.yaml"] = chosen_yaml(tuned).encode()
    return files


def chosen_yaml(tuned: Tuned) -> str:
    """Return the block of YAML that puts the chosen settings into a configuration."""
    chosen = tuned.candidates[tuned.candidates["chosen"]].to_dict("records")[0]
    why = ", ".join(f"{name} {chosen[name]:.2f}" for name in ("stability", "coverage", "coherence"))
    block = yaml.safe_dump({"discover": {name: int(chosen[name]) for name in _SETTINGS}}, sort_keys=False)
    return f"# Chosen among {len(tuned.candidates)} candidates without looking at people's codes: {why}.\n{block}"


def trade_off(tuned: Tuned, *, width_mm: float, notice: str = "") -> Drawn:
    """Draw stability against coverage; the larger a mark, the more coherent the topics' words.

    Parameters
    ----------
    tuned : Tuned
        What was found.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.
    """
    candidates = tuned.candidates
    chosen = candidates[candidates["chosen"]].iloc[0]
    said = ", ".join(f"{name} {int(chosen[name])}" for name in _SETTINGS)
    kept = bool(candidates["chosen"].iloc[0])
    title = f"{'No candidate is clearly better than the configured settings' if kept else 'Chosen'}: {said}"
    subtitle = (
        "Each mark is a candidate: neighbours / smallest topic / min_samples. Larger marks: more coherent keywords. "
        "People's codes play no part."
    )
    top, bottom = head_height(title, subtitle, notice, width_mm)
    with figure_style():
        body = min(100.0, width_mm * 0.6) - _BELOW_MM
        figure = new_figure(width_mm, top + _LEGEND_MM + body + _BELOW_MM + bottom)
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, _LEFT_MM, bottom + _BELOW_MM, _RIGHT_MM, top + _LEGEND_MM)
        coherence = candidates["coherence"].fillna(candidates["coherence"].min())
        span = float(coherence.max() - coherence.min()) or 1.0
        sizes = 15 + 90 * (coherence - coherence.min()) / span
        for is_chosen, colour, marker in ((False, PALETTE[0], "o"), (True, PALETTE[2], "s")):
            rows = candidates["chosen"] == is_chosen
            axes.scatter(
                candidates.loc[rows, "coverage"], candidates.loc[rows, "stability"], s=sizes[rows], c=colour,
                marker=marker, label="chosen" if is_chosen else "other candidates", linewidths=0,
            )  # fmt: skip
        axes.locator_params(nbins=5)
        axes.set_xlabel("coverage: share of comments in a topic")
        axes.set_ylabel("stability: AMI between seed sets")
        across, along = (candidates[name].to_numpy(dtype=float) for name in ("coverage", "stability"))
        axes.set_xlim(_limits(across))
        axes.set_ylim(_limits(along))
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, markerscale=0.6, borderpad=0)
        x = _LEFT_MM + _part(across) * (width_mm - _LEFT_MM - _RIGHT_MM)
        y = top + _LEGEND_MM + (1 - _part(along)) * body
        written = ["/".join(str(int(row[name])) for name in _SETTINGS) for row in candidates.to_dict("records")]
        _label_marks(
            page_axes(figure), written, np.column_stack([x, y]), np.sqrt(sizes.to_numpy(dtype=float)) * 25.4 / 72,
            room=(_LEFT_MM + 1, top + _LEGEND_MM, width_mm - 1, top + _LEGEND_MM + body - 1),
        )  # fmt: skip
    low, high = candidates["stability"].min(), candidates["stability"].max()
    alternative = (
        f"{title}. Stability of the {len(candidates)} candidates runs from {low:.2f} to {high:.2f}, coverage from "
        f"{candidates['coverage'].min():.2f} to {candidates['coverage'].max():.2f}. {notice}"
    )
    return Drawn(figure, alternative.strip(), candidates)


def _limits(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    edge = _EDGE * float(np.ptp(values)) or _EDGE
    return float(values.min()) - edge, float(values.max()) + edge


def _part(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return how far along the axis each value is, in [0, 1]."""
    low, high = _limits(values)
    return np.asarray((values - low) / (high - low))


def _label_marks(page: Axes, texts: list[str], marks: npt.NDArray[np.float64], wide: npt.NDArray[np.float64], *,
                 room: tuple[float, float, float, float]) -> None:  # fmt: skip
    """Write a text beside each mark, clear of all marks; a text that has no room is in the table alone."""
    from matplotlib.lines import Line2D

    corners = np.hstack([marks - wide[:, None] / 2, marks + wide[:, None] / 2])
    places = place_labels(
        [(float(x), float(y)) for x, y in marks], [[(text_width(text, _POINTS), _LABEL_MM)] for text in texts],
        room=room, taken=[(float(a), float(b), float(c), float(d)) for a, b, c, d in corners],
    )  # fmt: skip
    for text, (x, y), radius, place in zip(texts, marks, wide / 2, places, strict=True):
        if place is None:
            continue
        # A label that touches its mark needs no line to it.
        if place.line is not None and np.hypot(place.line[0] - x, place.line[1] - y) > radius + 1.5:
            page.add_line(Line2D(place.line[::2], place.line[1::2], color=INK, linewidth=0.4))
        page.text(place.x, place.y, text, fontsize=_POINTS, ha="center", va="center", color=INK)
