"""What stands above the header of a table: the title of a report, its date, blank rows."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.formats.column_names import folded_name, places_of

LOOKED_AT = 20
"""Rows among which the header is looked for."""


def rows_above_header(rows: Sequence[Sequence[str]], names: Sequence[str] = ()) -> int:
    """Return how many rows stand above the header.

    Parameters
    ----------
    rows : sequence of sequence of str
        The first rows of a table, as they stand in its file.
    names : sequence of str
        Columns that the header must have, as far as they are known.

    Returns
    -------
    int
        0 where the first row is the header, or where it is not clear which one is. Then a comment could be taken for
        a header.

    Notes
    -----
    A row above the header has one filled cell at most, or two where the header has five or more. The header is the
    first row below such ones that has all names. Without names it is the one below a blank row, or the first that is
    filled from end to end, where all rows below are as wide.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:LOOKED_AT]]

    def stands_below(place: int) -> bool:
        return all(above <= (2 if filled[place] >= 5 else 1) for above in filled[:place])

    below = [place for place in range(len(filled)) if stands_below(place)]
    for place in below:
        if names and all(places_of(name, rows[place]) for name in names):
            return place
    return next((place for place in below if place and filled[place] > 1 and _is_header(rows, filled, place)), 0)


def _is_header(rows: Sequence[Sequence[str]], filled: Sequence[int], place: int) -> bool:
    row = rows[place]
    said = [folded_name(cell) for cell in row if cell.strip()]
    below = [one for one, n in zip(rows[place + 1 :], filled[place + 1 :], strict=False) if n]
    if len(set(said)) < len(said) or not below or any(len(one) != len(row) for one in below):
        return False
    return 0 in filled[:place] or (filled[place] == len(row) == len(rows[0]) and len(row) > 2)


def said_of_rows_above(count: int) -> str:
    """Return the sentence that says how many rows were left out."""
    return f"{count} row{'s' if count > 1 else ''} above the header {'were' if count > 1 else 'was'} left out."
