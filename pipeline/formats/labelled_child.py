"""The process that reads a file of SPSS or Stata: bytes come in, a JSON object of texts goes out."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

from pipeline.formats.raw_table import MOST_CELLS, cell_text


def _read(content: bytes, kind: str) -> dict[str, Any]:
    import pyreadstat

    read = pyreadstat.read_sav if kind == "SPSS" else pyreadstat.read_dta
    _, about = read(io.BytesIO(content), metadataonly=True)
    if (about.number_rows or 0) * (about.number_columns or 0) > MOST_CELLS:
        return {"too_large": True}
    values, about = read(io.BytesIO(content), output_format="dict")
    labels = about.variable_value_labels
    columns = []
    for name, cells in values.items():
        known = {_key(value): str(label) for value, label in labels.get(name, {}).items()}
        columns.append([known.get(_key(cell), cell_text(cell)) for cell in cells])
    titles = [about.column_names_to_labels.get(name) or "" for name in values]
    return {"too_large": False, "header": list(values), "titles": titles, "columns": columns}


def _key(value: Any) -> Any:
    """Return a value as its label names it: numbers are equal whatever their type, and texts without spaces."""
    return value.strip() if isinstance(value, str) else float(value) if isinstance(value, int | float) else value


def main() -> None:
    """Read from standard input and write to standard output."""
    found = _read(sys.stdin.buffer.read(), sys.argv[1])
    sys.stdout.buffer.write(json.dumps(found).encode())


if __name__ == "__main__":
    main()
