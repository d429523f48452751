"""The clearest differences between groups, as the report has them before its full table."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pipeline.codebook.codebook import Codebook
from pipeline.documents.theme_sections import CLEAR
from pipeline.tables.numbers import percent_with_range, points_with_range
from pipeline.tables.record import rows_of

MOST = 7


@dataclass(frozen=True)
class GroupLine:
    """A group that differs from the rest.

    Attributes
    ----------
    group, column, entry : str
        Which group, by what, and in which theme or entry of a facet.
    share, difference : str
        As they are written, with intervals.
    """

    group: str
    column: str
    entry: str
    share: str
    difference: str


def group_lines(groups: pd.DataFrame, codebook: Codebook) -> list[GroupLine]:
    """Return the largest clear differences in themes and facets, at most `MOST`, largest first.

    Parameters
    ----------
    groups : DataFrame
        The public table.
    codebook : Codebook
        For the names of themes and entries.
    """
    clear = groups[(groups["q_value"].fillna(1.0) <= CLEAR) & (groups["facet"] != "topics")]
    order = clear["difference"].abs().sort_values(ascending=False, kind="stable").index[:MOST]
    return [
        GroupLine(
            group=str(row["group"]),
            column=column_said(row["column"]),
            entry=_name(codebook, str(row["facet"]), str(row["entry"])),
            share=percent_with_range(row["share"], row["low"], row["high"]),
            difference=points_with_range(row["difference"], row["difference_low"], row["difference_high"]),
        )
        for row in rows_of(clear.loc[order])
    ]


def column_said(column: object) -> str:
    """Return the name of a metadata column as readers see it: "care setting" for "care_setting"."""
    return str(column).replace("_", " ")


def _name(codebook: Codebook, facet_id: str, entry: str) -> str:
    facet = codebook.facet(facet_id)
    if facet is None:
        return codebook.name_of(entry)
    name = next((one.name for one in facet.themes if one.id == entry), entry)
    return f"{facet.name}: {name}"
