"""Fill in the sheets of a run with codes that a file has, in the place of a person who reads and chooses.

This is for the worked example alone (docs/example.md). The codes of `coder_1` in the illustrative comments are a
language model's. Your own sheets are filled in by people, in a spreadsheet program.

    python examples/fill_sheets.py outputs/example
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from openpyxl import load_workbook

from pipeline import load_run
from pipeline.codebook.codebook import Codebook, Facet

CODED = Path(__file__).parents[1] / "pipeline" / "corpora" / "illustrative_comments.csv"
CODER = "coder_1"
NO_THEME = {"other": "no theme fits", "none": "nothing to say"}
"""What the file's codes of no theme are called in the lists of a sheet."""


def choices(row: dict[str, str], codebook: Codebook, outlook: Facet | None) -> dict[str, str]:
    """Return what is chosen in each column of a sheet for one comment."""
    names = {theme.id: theme.name for theme in codebook.themes}
    outlooks = {entry.id: entry.name for entry in (outlook.themes if outlook else ())}
    main, further = row[f"{CODER}_theme"], row[f"{CODER}_theme_2"]
    chosen = {"main theme": names.get(main) or NO_THEME[main]}
    if main in names and further in names:
        chosen["further theme 1"] = names[further]
    if row[f"{CODER}_outlook"] in outlooks:
        chosen["outlook"] = outlooks[row[f"{CODER}_outlook"]]
    return chosen


def fill(path: Path, coded: dict[str, dict[str, str]]) -> int:
    """Write codes into the sheet of comments of a workbook; return how many comments have one."""
    book = load_workbook(path)
    rows = book["comments"]
    columns = {cell.value: cell.column for cell in rows[1]}
    for number in range(2, rows.max_row + 1):
        for column, choice in coded[rows.cell(number, columns["comment_id"]).value].items():
            rows.cell(number, columns[column]).value = choice
    book.save(path)
    return rows.max_row - 1


def main() -> None:
    """Fill in every sheet that was drawn for the first coder."""
    parser = argparse.ArgumentParser(description="Fill in drawn sheets with the codes that a file has.")
    parser.add_argument("run", type=Path, help="the folder of a run whose sheets were drawn")
    run = load_run(parser.parse_args().run)
    with CODED.open(encoding="utf-8", newline="") as file:
        coded = {row["comment_id"]: choices(row, run.codebook, run.outlook_facet) for row in csv.DictReader(file)}
    for path in sorted((run.folder / "coding").glob(f"draw_*_{CODER}.xlsx")):
        print(f"{path.name}: {fill(path, coded)} comments filled in with the codes of {CODER}, a language model.")


if __name__ == "__main__":
    main()
