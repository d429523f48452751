"""What must not be published: cells so small that they may tell of a person."""

from __future__ import annotations

import pandas as pd


def hide_small_groups(shares: pd.DataFrame, *, base: str, smallest: int, hidden: tuple[str, ...]) -> pd.DataFrame:
    """Blank the figures of groups whose base is small.

    Parameters
    ----------
    shares : DataFrame
        A row for each group and entry.
    base : str
        The column with the number of comments in the group.
    smallest : int
        Groups with fewer comments are hidden.
    hidden : tuple of str
        Columns that are blanked, the base itself included where it is named.

    Returns
    -------
    DataFrame
        With a column `suppressed` (bool); blanked cells are missing.
    """
    shown = shares.copy()
    shown["suppressed"] = shown[base] < smallest
    for column in hidden:
        shown[column] = shown[column].astype("Float64" if shown[column].dtype.kind == "f" else "Int64")
        shown.loc[shown["suppressed"], column] = pd.NA
    return shown


def safe_cell(value: object) -> object:
    """Return a cell that no spreadsheet takes for a formula.

    A text that begins with =, +, -, @, a tab or a line break is given a leading apostrophe; numbers and other
    texts are returned as they are.
    """
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value
