"""Links of a report to the files that lie beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from pipeline.tables.record import TableRecord

_FIGURE_ENDINGS = {"svg": "SVG", "png": "PNG", "pdf": "PDF", "csv": "CSV", "caption.txt": "caption"}
_TABLE_ENDINGS = {"docx": "Word", "tex": "LaTeX", "csv": "CSV"}
_RAW = {
    "candidates": "topics", "agreement_in_full": "agreement", "agreement_partitions": "agreement",
}  # fmt: skip
"""Tables whose rows are in a public table of another name."""
_TEXTS = {
    "methods.docx": "Methods, for Word",
    "methods.md": "Methods, as text",
    "references.bib": "References",
    "reporting_checklist.docx": "Reporting checklist, for Word",
    "reporting_checklist.md": "Reporting checklist, as text",
    "data_dictionary.csv": "What every column means",
    "representative_comments.csv": "Comments that stand for topics",
    "candidates_comments.csv": "All comments of candidates",
    "missing_themes.csv": "Comments nearest to themes without a topic",
}


@dataclass(frozen=True)
class Link:
    """A link to a file: what it says, and where it leads from the page."""

    said: str
    href: str


def downloads(
    files: Collection[str], shown: Mapping[str, TableRecord], *, room: str
) -> tuple[dict[str, list[Link]], list[Link]]:
    """Return the files of every figure and table, and the texts, as links from a report.

    Parameters
    ----------
    files : collection of str
        The files of the run by their paths in its folder.
    shown : mapping of str to TableRecord
        The tables that the report has.
    room : str
        The folder of the report: "public" or "internal". One in public/ links to nothing outside it.

    Returns
    -------
    dict of str to list of Link
        By "figure/NAME" and "table/NAME"; what has no files has no entry.
    list of Link
        Methods, references, checklist and data dictionary, and inside the comments to read, as far as they are there.
    """
    rooms = ("public",) if room == "public" else ("internal", "public")

    def link(said: str, place: str) -> list[Link]:
        home = next((one for one in rooms if f"{one}/{place}" in files), None)
        return [] if home is None else [Link(said, place if home == room else f"../{home}/{place}")]

    found: dict[str, list[Link]] = {}
    for name in {PurePosixPath(file).stem for file in files if "/figures/" in file}:
        found[f"figure/{name}"] = [
            one for ending, said in _FIGURE_ENDINGS.items() for one in link(said, f"figures/{name}.{ending}")
        ]
    for name in shown:
        printed = [one for ending, said in _TABLE_ENDINGS.items() for one in link(said, f"tables/{name}.{ending}")]
        found[f"table/{name}"] = [*printed, *link("all numbers (CSV)", f"{_RAW.get(name, name)}.csv")]
    return {name: links for name, links in found.items() if links}, [
        one for place, said in _TEXTS.items() for one in link(said, place)
    ]
