"""A codebook in a spreadsheet: a row for each phrase, with its theme."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pipeline.errors import CodebookError, DataError
from pipeline.formats.anyfile import read_table
from pipeline.formats.column_names import folded_name, near_miss
from pipeline.formats.disk import is_folder
from pipeline.formats.raw_table import RawTable
from pipeline.language.cleaning import fold

_THEME, _PHRASE, _DEFINITION = (
    ("theme", "themes", "name"),
    ("phrase", "phrases", "example", "examples"),
    ("definition",),
)


def read_phrases(path: Path) -> dict[str, Any]:
    """Read a codebook from a spreadsheet.

    Parameters
    ----------
    path : pathlib.Path
        A file of any kind that comments may have. Its columns are theme, phrase and, if there is one, definition. A
        row without a theme belongs to the theme above.

    Returns
    -------
    dict
        What a codebook in YAML would say. The title is the file's name; a theme's id is made from its name, and a theme
        without a definition is defined by its name.

    Raises
    ------
    CodebookError
        Where the file cannot be read, or lacks a column or a theme.
    """
    try:
        table = read_table(path.read_bytes(), path)
    except DataError as problem:
        raise CodebookError(problem.message, problem.hint) from None
    except OSError as problem:
        what = "this is a folder" if is_folder(path) else problem.strerror
        raise CodebookError(
            f"{path}: the codebook cannot be read ({what}).", "Check codebook in the configuration."
        ) from None
    theme, phrase = _column(table, path, _THEME), _column(table, path, _PHRASE)
    definition = next((place for place, name in enumerate(table.header) if folded_name(name) in _DEFINITION), None)
    themes: dict[str, dict[str, Any]] = {}
    current = ""
    for number, row in zip(table.numbers, table.rows, strict=True):
        current = " ".join(row[theme].split()) or current
        if not current:
            raise CodebookError(
                f"{path}: row {number} (counted below the header) has a phrase and no theme.",
                "Write its theme beside it.",
            )
        entry = themes.setdefault(folded_name(current), {"name": current, "definition": "", "examples": []})
        if definition is not None:
            entry["definition"] = entry["definition"] or row[definition].strip()
        entry["examples"] += [row[phrase].strip()] if row[phrase].strip() else []
    ids: set[str] = set()
    for entry in themes.values():
        entry["definition"] = entry["definition"] or entry["name"]
        entry["id"] = _new_id(entry["name"], ids)
    return {"title": path.stem, "themes": list(themes.values())}


def _column(table: RawTable, path: Path, names: tuple[str, ...]) -> int:
    found = [place for place, name in enumerate(table.header) if folded_name(name) in names]
    if len(found) == 1:
        return found[0]
    what = "is missing" if not found else f"stands {len(found)} times in the header"
    near = near_miss(names[0], table.header) if not found else ""
    raise CodebookError(
        f"{path}: the column '{names[0]}' {what}.{near}",
        "A codebook in a spreadsheet has the columns theme and phrase, and perhaps definition.",
    )


def _new_id(name: str, taken: set[str]) -> str:
    """Return an id made from a name: small letters and digits with _ between them, and none that is taken."""
    base = re.sub(r"\W+", "_", fold(name)).strip("_") or "theme"
    number, made = 1, base if base not in ("unmapped", "outlier", "themes") else f"{base}_theme"
    while made in taken:
        number += 1
        made = f"{base}_{number}"
    taken.add(made)
    return made
