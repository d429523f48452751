"""The article's claims as a forest plot: what these comments show, beside what is claimed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.account.claims import NO_NUMBER, NOT_SUPPORTED, SUPPORTED
from pipeline.account.readings import CORRECTED
from pipeline.codebook.codebook import Claim, DifferenceClaim, OrderClaim, ProminentClaim
from pipeline.figures.drawing import MARGIN, Drawn, floats, nothing_to_draw
from pipeline.figures.rows_chart import Label, draw_grid, draw_intervals, rows_chart
from pipeline.figures.style import FAINT, INK, PALETTE, QUIET
from pipeline.tables.numbers import counted, percent_with_range, points_with_range

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROOMS = ((6, 17.4, 6.0), (5, 14.8, 6.0), (4, 12.2, 6.0), (3, 9.6, 6.0), (2, 6.8, 6.0), (1, 4.6, 6.0), (1, 3.4, 5.5))
_VERDICT_MM = 21.0
_CLAIMED_HALF = 0.34
"""Half the height of the line of what is claimed, in rows."""
_DIFFERENCES = ("difference", "order")


def drawable_claims(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the claims that have an estimate with an interval: a machine's unchecked reading gives none."""
    return claims[claims["estimate"].notna() & claims["low"].notna()].reset_index(drop=True)


def claims_forest(claims: pd.DataFrame, written: Mapping[str, Claim], *, width_mm: float, notice: str = "") -> Drawn:
    """Draw the share or difference of each claim with its interval, what is claimed, and the verdict.

    Parameters
    ----------
    claims : DataFrame
        The public table: claim, kind, statement, reading, estimate, low, high (shares in [0, 1], differences in
        [-1, 1]; missing where there are none), verdict and suppressed.
    written : mapping of str to Claim
        The codebook's claims by their ids: what they give as a number.
    width_mm : float
        Width of the figure.
    notice : str
        A sentence that the figure must carry.

    Returns
    -------
    Drawn
        Its data are the claims that are drawn, with claimed, claimed_low and claimed_high: the number, and how far from
        it still agrees; missing where the article gives none.
    """
    used = drawable_claims(claims)
    if not len(used):
        return nothing_to_draw("No claim has an interval", used, width_mm=width_mm, notice=notice)
    ends = [_claimed(written[claim]) for claim in used["claim"]]
    used[["claimed", "claimed_low", "claimed_high"]] = np.array(ends, dtype=np.float64)
    title = _finding(used["verdict"])
    subtitle = (
        "Circles: shares and differences as coded; diamonds: corrected by a coded sample. Bars: 95% "
        "intervals, wider for an order. Dashes: what the article claims; box: what still agrees. A difference is "
        "claimed to be on one side of zero."
    )
    without = len(claims) - len(used)
    if without:
        subtitle += f" {counted(without, 'claim')} without an interval {'is' if without == 1 else 'are'} not drawn."
    if claims["suppressed"].any():
        subtitle += " Small counts are hidden."
    labels = [Label(row["statement"], f"({_what(row)})") for row in used.to_dict("records")]
    chart = rows_chart(labels, title, subtitle, notice, width_mm=width_mm, what="claims",
                       sizes=pd.Series([np.nan] * len(used)), rooms=_ROOMS)  # fmt: skip
    shown = used.head(chart.rows.count)
    with chart.drawn(right_mm=MARGIN + _VERDICT_MM) as (figure, axes):
        chart.label(axes, labels[: len(shown)])
        _draw(axes, shown, chart.rows)
    said = [
        f"{row['statement'].rstrip('.')}: {_number(row)}, {row['verdict']}" for row in used.to_dict("records")
    ]  # fmt: skip
    return Drawn(figure, chart.said(f"{'; '.join(said)}."), used)


def _claimed(claim: Claim) -> tuple[float, float, float]:
    """Return the number that a claim gives, and the ends of what still agrees with it; missing where it gives none."""
    nothing = float("nan")
    if isinstance(claim, DifferenceClaim):
        return 0.0, -claim.margin, claim.margin
    if isinstance(claim, OrderClaim):
        return 0.0, -claim.tolerance, claim.tolerance
    if isinstance(claim, ProminentClaim):
        at_least = nothing if claim.at_least is None else claim.at_least
        return at_least, at_least, at_least
    return claim.value, max(claim.value - claim.tolerance, 0.0), min(claim.value + claim.tolerance, 1.0)


def _what(row: Mapping[Any, Any]) -> str:
    return "difference" if row["kind"] in _DIFFERENCES else "share"


def _number(row: Mapping[Any, Any]) -> str:
    form = points_with_range if row["kind"] in _DIFFERENCES else percent_with_range
    return f"{_what(row)} {form(row['estimate'], row['low'], row['high'])}"


def _finding(verdicts: pd.Series[str]) -> str:
    decided = verdicts[verdicts != NO_NUMBER]
    supported, refuted = int((decided == SUPPORTED).sum()), int((decided == NOT_SUPPORTED).sum())
    if not len(decided):
        return "The article’s claims give no number; these are the shares"
    verdicts_said = ", ".join(f"{n} {'is' if n == 1 else 'are'} {what}" for n, what in
                              ((supported, SUPPORTED), (refuted, NOT_SUPPORTED)) if n)  # fmt: skip
    return f"Of {counted(len(decided), 'claim')} that can be checked, {verdicts_said or 'none can be decided'}"


def _draw(axes: Axes, shown: pd.DataFrame, rows: Any) -> None:
    places = np.arange(len(shown), dtype=np.float64)
    for place, row in zip(places, shown.to_dict("records"), strict=True):
        if pd.notna(row["claimed"]):
            if row["claimed_high"] > row["claimed_low"]:
                low, high = 100 * row["claimed_low"], 100 * row["claimed_high"]
                above, below = place - _CLAIMED_HALF, place + _CLAIMED_HALF
                axes.plot([low, high, high, low, low], [above, above, below, below, above], color=FAINT, linewidth=0.7,
                          zorder=1)  # fmt: skip
            axes.plot([100 * row["claimed"]] * 2, [place - _CLAIMED_HALF, place + _CLAIMED_HALF], color=INK,
                      linewidth=1.0, linestyle=(0, (2, 1)), zorder=2, gid="claimed")  # fmt: skip
        axes.annotate(row["verdict"], (1, place), xycoords=("axes fraction", "data"), xytext=(5, 0),
                      textcoords="offset points", va="center", ha="left", fontsize=rows.points, color=INK,
                      fontweight="bold" if row["verdict"] in (SUPPORTED, NOT_SUPPORTED) else "normal")  # fmt: skip
    for is_corrected, marker in ((False, "o"), (True, "D")):
        chosen = (shown["reading"] == CORRECTED).to_numpy() == is_corrected
        if chosen.any():
            estimate, low, high = (100 * floats(shown[chosen], name) for name in ("estimate", "low", "high"))
            draw_intervals(axes, places[chosen], (estimate, low, high), rows, fmt=marker, color=PALETTE[0], zorder=3)
    axes.axvline(0, color=QUIET, linewidth=0.5, zorder=0)
    axes.set_xlabel("% of comments, or percentage points", fontsize=6.5)
    draw_grid(axes)
