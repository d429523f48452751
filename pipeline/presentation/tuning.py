"""What a sweep over settings leaves behind: a table, a picture of the trade-off, and the chosen settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from pipeline.presentation.drawing import Drawn, add_axes, head, head_height
from pipeline.presentation.style import INK, PALETTE, QUIET, figure_style, new_figure, save
from pipeline.presentation.tables import to_csv

if TYPE_CHECKING:
    from pipeline.tuning import Tuned

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
    files["candidates.csv"] = to_csv(tuned.candidates, notice)
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
    from adjustText import adjust_text

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
        figure = new_figure(width_mm, top + bottom + min(100.0, width_mm * 0.6))
        head(figure, title, subtitle, notice)
        axes = add_axes(figure, 16, bottom + 10, 8, top + 2)
        coherence = candidates["coherence"].fillna(candidates["coherence"].min())
        span = float(coherence.max() - coherence.min()) or 1.0
        sizes = 15 + 90 * (coherence - coherence.min()) / span
        for is_chosen, colour, marker in ((False, PALETTE[0], "o"), (True, PALETTE[2], "s")):
            rows = candidates["chosen"] == is_chosen
            axes.scatter(
                candidates.loc[rows, "coverage"], candidates.loc[rows, "stability"], s=sizes[rows], c=colour,
                marker=marker, label="chosen" if is_chosen else "other candidates", alpha=0.85, linewidths=0,
            )  # fmt: skip
        texts = [
            axes.text(row["coverage"], row["stability"], "/".join(str(int(row[name])) for name in _SETTINGS),
                      fontsize=6, color=INK)
            for row in candidates.to_dict("records")
        ]  # fmt: skip
        axes.set_xlabel("coverage: share of comments in a topic")
        axes.set_ylabel("stability: AMI between seed sets")
        axes.margins(0.12)
        adjust_text(texts, ax=axes, iter_lim=200, arrowprops={"arrowstyle": "-", "color": QUIET, "lw": 0.4})
        axes.legend(loc="lower right", markerscale=0.6)
    low, high = candidates["stability"].min(), candidates["stability"].max()
    alternative = (
        f"{title}. Stability of the {len(candidates)} candidates runs from {low:.2f} to {high:.2f}, coverage from "
        f"{candidates['coverage'].min():.2f} to {candidates['coverage'].max():.2f}. {notice}"
    )
    return Drawn(figure, alternative.strip(), candidates)
