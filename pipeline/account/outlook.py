"""How positive the comments are, overall and by group, beside the published share."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd

from pipeline.account.intervals import share_intervals
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.tables.schema import made

ALL = "All"
NOT_GIVEN = "(not given)"


def outlook_shares(
    outlooks: pd.Series[str],
    groups: pd.Series[str] | None,
    respondents: pd.Series[str],
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
        The group of each comment, as categories; see `pipeline.account.groups.grouped_columns`.
    respondents : Series of str
        Who wrote each comment; see `pipeline.account.intervals.share_intervals`.
    codebook : Codebook
        For the published share.
    outlook : Facet
        The outlook facet.
    positive : sequence of str
        Entries that count as positive together; the published share is set beside their sum.

    Returns
    -------
    DataFrame
        See `pipeline.contracts.Assessed`; the entries that are positive together come first in each group.
    """
    together = " or ".join(positive)
    carried = pd.DataFrame({entry.id: outlooks == entry.id for entry in outlook.themes})
    if len(positive) > 1:
        carried.insert(0, together, outlooks.isin(list(positive)))
    members = {ALL: pd.Series(True, index=outlooks.index)}
    if groups is not None:
        members |= {str(group): groups == group for group in groups.cat.categories if group != ALL}
    rows: list[dict[Hashable, Any]] = []
    for group, chosen in members.items():
        for found in share_intervals(carried[chosen], respondents[chosen]).to_dict("records"):
            is_positive = found["entry"] == together
            combines = list(positive) if is_positive and len(positive) > 1 else []
            # The published share stands once: beside what counts as positive.
            published = codebook.published_share(outlook.id, positive[0]) if group == ALL and is_positive else None
            column = "" if group == ALL or groups is None else groups.name
            rows.append(
                dict(found) | {"group": group, "column": column, "combines": combines, "published_share": published}
            )
    return made("outlook", rows)
