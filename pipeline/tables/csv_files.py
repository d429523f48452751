"""Tables as CSV files that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io

import pandas as pd

from pipeline.formats.spreadsheet import safe_cell
from pipeline.tables.record import TableRecord


def _cell(value: object) -> object:
    # A bare carriage return would not be quoted, and what stands after it would begin a row of its own.
    return safe_cell(value.replace("\r\n", "\n").replace("\r", "\n") if isinstance(value, str) else value)


def to_csv(frame: pd.DataFrame) -> bytes:
    """Return a frame as UTF-8 CSV that a spreadsheet opens without running anything.

    The byte order mark makes Excel read UTF-8; numbers have six decimals, and none of them is a nought with a sign.
    """
    safe = frame.copy()
    for name in safe.columns:
        if not pd.api.types.is_numeric_dtype(safe[name]):
            safe[name] = pd.Series([_cell(value) for value in safe[name]], index=safe.index, dtype=object)
        elif pd.api.types.is_float_dtype(safe[name]):
            # Pandas writes -0.000000 for a difference that came out a hair below nought, and for -0.0.
            is_nought = ((safe[name] <= 0) & (safe[name].round(6) == 0)).fillna(False)
            safe[name] = safe[name].mask(is_nought, 0.0)
    safe.columns = [_cell(name) for name in safe.columns]
    return safe.to_csv(index=False, float_format="%.6f", lineterminator="\n").encode("utf-8-sig")


def as_csv(table: TableRecord) -> bytes:
    """Return a table's cells as UTF-8 CSV, as they are written, without its notes."""
    buffer = io.StringIO(newline="")
    rows = ([heading.text for heading in table.headings], *table.rows)
    csv.writer(buffer, lineterminator="\n").writerows([safe_cell(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")
