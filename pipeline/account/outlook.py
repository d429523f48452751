"""How positive the comments are, overall and by group, beside the published share."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.account.readings import Reading
from pipeline.codebook.codebook import Codebook, Facet
from pipeline.tables.schema import made

ALL = "All"
NOT_GIVEN = "(not given)"


def outlook_shares(
    reading: Reading,
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
    reading : Reading
        How the outlook of each analysed comment was read.
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
    plain = [entry.id for entry in outlook.themes]
    members = {ALL: np.ones(len(respondents), dtype=bool)}
    if groups is not None:
        members |= {
            str(group): (groups == group).to_numpy(dtype=bool) for group in groups.cat.categories if group != ALL
        }
    rows: list[dict[Hashable, Any]] = []
    for group, chosen in members.items():
        found = reading.shares(chosen, respondents).set_index("entry").loc[plain].reset_index()
        if len(positive) > 1:
            combined = reading.any_of(positive).shares(chosen, respondents).assign(entry=together)
            found = pd.concat([combined, found], ignore_index=True)
        for row in found.to_dict("records"):
            is_positive = row["entry"] == together
            combines = list(positive) if is_positive and len(positive) > 1 else []
            # The published share stands once: beside what counts as positive.
            published = codebook.published_share(outlook.id, positive[0]) if group == ALL and is_positive else None
            column = "" if group == ALL or groups is None else groups.name
            rows.append(row | {"group": group, "column": column, "combines": combines, "published_share": published,
                               "reading": reading.kind})  # fmt: skip
    return made("outlook", rows)
