"""How positive the comments are, overall and by group, beside the published share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.crosswalk.codebook import Codebook, Facet
from pipeline.crosswalk.intervals import share_interval

ALL = "All"
NOT_GIVEN = "(not given)"
COLUMNS = ("group", "entry", "comments", "count", "share", "low", "high", "published_share")


def outlook_shares(
    outlooks: pd.Series[str],
    groups: pd.Series[str] | None,
    *,
    codebook: Codebook,
    outlook: Facet,
    positive: Sequence[str],
) -> pd.DataFrame:
    """Return the share of each outlook.

    Parameters
    ----------
    outlooks : Series of str
        The outlook entry of each analysed comment.
    groups : Series of str or None
        The group of each comment; "" where it is not given.
    codebook : Codebook
        For the published share.
    outlook : Facet
        The outlook facet.
    positive : sequence of str
        Entries that count as positive together; the published share is set beside their sum.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Compared`; the entries that are positive together come first in each group.
    """
    entries: list[tuple[Sequence[str], str]] = [((entry.id,), entry.id) for entry in outlook.themes]
    if len(positive) > 1:
        entries.insert(0, (positive, " or ".join(positive)))
    members = {ALL: outlooks}
    if groups is not None:
        named = groups.replace("", NOT_GIVEN)
        members |= {str(group): outlooks[named == group] for group in sorted(named.unique())}
    rows: list[dict[str, Any]] = []
    for group, found in members.items():
        for ids, entry in entries:
            count = int(found.isin(list(ids)).sum())
            low, high = share_interval(count, len(found))
            published = codebook.published_share(outlook.id, ids[0]) if group == ALL else None
            values = (group, entry, len(found), count, count / len(found), low, high, published)
            rows.append(dict(zip(COLUMNS, values, strict=True)))
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"published_share": "float64"})


def no_outlook() -> pd.DataFrame:
    """Return the table of a run whose codebook has no outlook facet."""
    return pd.DataFrame(columns=list(COLUMNS))
