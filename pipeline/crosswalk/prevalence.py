"""How common each theme is, by two routes: each comment matched directly, and through the comment's topic."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.contracts import OUTLIER, UNMAPPED
from pipeline.crosswalk.codebook import Codebook
from pipeline.crosswalk.intervals import share_interval

IN_NO_TOPIC = "outlier"
"""The row of comments in no topic; only the topic route has it."""

_NAMES = {UNMAPPED: "No theme fits", IN_NO_TOPIC: "In no topic"}


def theme_prevalence(assignments: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the share of each theme beside its published rank.

    Parameters
    ----------
    assignments : DataFrame
        topic, theme and theme_direct of each analysed comment.
    codebook : Codebook
        The themes and the account's order of prominence.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Compared`.
    """
    rows = [_row(theme, assignments, codebook) for theme in (*codebook.theme_ids, UNMAPPED, IN_NO_TOPIC)]
    kinds: dict[str, str] = {"published_rank": "Int64"}
    for route in ("topics", "comments"):
        kinds |= {f"n_by_{route}": "Int64"} | {f"share_by_{route}{end}": "float64" for end in ("", "_low", "_high")}
    return pd.DataFrame(rows).astype(kinds)


def _row(theme: str, assignments: pd.DataFrame, codebook: Codebook) -> dict[str, Any]:
    total = len(assignments)
    counts: dict[str, int | None] = {
        "topics": int((assignments["theme"] == theme).sum()),
        "comments": int((assignments["theme_direct"] == theme).sum()),
    }
    if theme == IN_NO_TOPIC:
        counts = {"topics": int((assignments["topic"] == OUTLIER).sum()), "comments": None}
    row: dict[str, Any] = {
        "theme": theme,
        "name": _NAMES.get(theme) or codebook.name_of(theme),
        "published_rank": codebook.published_rank(theme),
    }
    for route, count in counts.items():
        low, high = (None, None) if count is None else share_interval(count, total)
        row |= {
            f"n_by_{route}": count,
            f"share_by_{route}": None if count is None else count / total,
            f"share_by_{route}_low": low,
            f"share_by_{route}_high": high,
        }
    return row
