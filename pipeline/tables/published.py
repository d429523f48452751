"""The public tables as they stand in the public folder: written as CSV, and read back from it.

Figures, tables for print and the report are made from what is read back, so that they cannot show more than the
files do, and so that they come out alike when they are made again later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from pipeline.errors import DataError
from pipeline.formats.csvfile import decoded, header_of, parsed
from pipeline.formats.spreadsheet import plain_cell
from pipeline.tables.csv_files import to_csv

TABLES = (
    "topics", "coarse_topics", "crosswalk", "diagnosis", "prevalence", "coded", "claims", "agreement", "outlook",
    "groups", "group_tests", "article", "quotations",
)  # fmt: skip
"""The tables that stand in the public folder itself."""

_PLACES = {name: f"{name}.csv" for name in TABLES} | {"comment_map": "figures/comment_map.csv"}

_IDS = {
    "topics": ("topic", "parent"), "coarse_topics": ("topic_coarse",), "crosswalk": ("topic",),
    "article": ("quotation",), "comment_map": ("topic",), "quotations": ("topic",),
}  # fmt: skip
_COUNTS = {
    "topics": ("size",), "coarse_topics": ("size",), "diagnosis": ("comments",),
    "prevalence": ("published_rank", "n_by_topics", "n_by_comments"), "claims": ("n",), "agreement": ("n",),
    "coded": ("comments", "count"), "outlook": ("comments", "count"), "groups": ("comments", "count"),
}  # fmt: skip
"""Whole numbers that are missing where they may not be shown."""
_ANEW = "Undo the change; or delete the file, and the next run writes it anew."
_FLAGS = ("settled", "matched", "suppressed", "routes_disagree", "lands")
_TEXTS = {
    "topics": ("parent_label", "label", "keywords", "theme", "themes", "nearest_theme", "status"),
    "coarse_topics": ("label", "keywords"),
    "crosswalk": ("label", "theme", "theme_name"),
    "diagnosis": ("kind", "id", "name", "verdict", "with"),
    "prevalence": ("theme", "name"),
    "coded": ("coder", "theme", "name"),
    "claims": ("claim", "kind", "statement", "note", "facet", "claimed", "shown", "verdict", "reason"),
    "agreement": ("first", "second", "facet", "comments", "measure"),
    "outlook": ("group", "entry"),
    "groups": ("column", "group", "facet", "entry"),
    "group_tests": ("column", "facet", "method"),
    "article": ("section", "speaker", "nearest"),
    "quotations": ("label", "theme", "quotation"),
    "comment_map": ("theme",),
}  # fmt: skip
_NUMBERS = {
    "topics": ("share", "stability", "fit", "margin", "percentile", "q_value", "mapping_robustness"),
    "coarse_topics": ("share",),
    "crosswalk": ("fit", "fit_low", "fit_high", "percentile", "p_value", "q_value", "replicates"),
    "prevalence": (
        "share_by_topics", "share_by_topics_low", "share_by_topics_high", "share_by_comments", "share_by_comments_low",
        "share_by_comments_high", "route_difference", "route_low", "route_high",
    ),
    "coded": ("share", "low", "high"),
    "claims": ("estimate", "low", "high"),
    "agreement": ("value", "low", "high"),
    "outlook": ("share", "low", "high", "published_share"),
    "groups": ("share", "low", "high", "difference", "difference_low", "difference_high", "p_value", "q_value"),
    "group_tests": ("statistic", "df", "p_value", "q_value"),
    "article": ("fit", "margin"),
    "comment_map": ("x", "y"),
}  # fmt: skip


def write_public(tables: Mapping[str, pd.DataFrame], notice: str) -> dict[str, bytes]:
    """Return the files of the public tables by their place in the public folder.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        As `pipeline.disclosure.public_tables.public_tables` gives them, and quotations.
    notice : str
        What every table must say; may be empty.
    """
    return {place: to_csv(tables[name], notice) for name, place in _PLACES.items()}


def read_public(read: Callable[[str], bytes]) -> dict[str, pd.DataFrame]:
    """Return the public tables from their files.

    Parameters
    ----------
    read : callable
        Returns the bytes of a file by its place in the public folder.

    Returns
    -------
    dict of str to DataFrame
        By name. A file that a spreadsheet has saved in its own way is read too. Numbers have the six decimals that the
        files have; counts are Int64, missing where they are not shown; a missing text is ""; the notice's column is
        left out.

    Raises
    ------
    DataError
        Where a column is missing, or holds something else than it must.
    """
    return {name: _table(name, read(place)) for name, place in _PLACES.items()}


def _table(name: str, content: bytes) -> pd.DataFrame:
    place = Path("public", *_PLACES[name].split("/"))
    text, _ = decoded(content, place, encoding="auto", notes=[])
    separator, header = header_of(text, place, "auto")
    kinds = dict.fromkeys(_IDS.get(name, ()), "int64") | dict.fromkeys(_COUNTS.get(name, ()), "Int64")
    kinds |= dict.fromkeys(_NUMBERS.get(name, ()), "float64")
    missing = [column for column in (*kinds, *_TEXTS[name]) if column not in header]
    if missing:
        which = f"the column {missing[0]} is" if len(missing) == 1 else f"the columns {', '.join(missing)} are"
        raise DataError(f"{place}: {which} missing.", _ANEW)
    # Every cell as the text that stands there: a label may be "None" or "007".
    written = parsed(text, place, separator)
    typed = {}
    for column in written.columns.drop("notice", errors="ignore"):
        cells = written[column]
        if column in _FLAGS:
            typed[column] = _flags(cells)
        elif column in kinds:
            try:
                numbers = pd.to_numeric(cells.mask(cells == ""))
                typed[column] = numbers.astype(pd.api.types.pandas_dtype(kinds[column]))
            except (ValueError, TypeError):
                raise DataError(f"{place}: the column {column} holds something other than numbers.", _ANEW) from None
        else:
            typed[column] = cells.map(plain_cell).astype(object)
    return pd.DataFrame(typed)


def _flags(cells: pd.Series[str]) -> pd.Series[bool]:
    # Spreadsheets write them in capitals.
    flags = cells.str.casefold().map({"true": True, "false": False}).astype("boolean")
    return flags if flags.isna().any() else flags.astype(bool)
