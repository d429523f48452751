"""A run as files for another program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipeline.exporting.material import Material
from pipeline.exporting.refi import ORIGIN, codes_of, project_of
from pipeline.exporting.table import dictionary_of, table_of
from pipeline.formats.refi_qda import codebook_file, project_file
from pipeline.formats.typed_columns import as_frame, as_parquet, as_spss, as_workbook, count_cut
from pipeline.tables.csv_files import to_csv
from pipeline.tables.numbers import counted


@dataclass(frozen=True)
class Exported:
    """Files by their names, and what to tell whoever asked for them."""

    files: Mapping[str, bytes]
    notes: tuple[str, ...]


def _refi(material: Material) -> Exported:
    project = project_of(material)
    files = {"codebook.qdc": codebook_file(codes_of(material), ORIGIN), "project.qdpx": project_file(project)}
    codings = sum(len(part.codings) for source in project.sources for part in source.selections)
    said = f"{counted(len(project.sources), 'comment')} and {counted(codings, 'coding')} are in the project."
    return Exported(files, (said, "Comments that were set aside are not."))


def _csv(material: Material) -> Exported:
    table = table_of(material)
    files = {"comments.csv": to_csv(as_frame(table)), "columns.csv": to_csv(dictionary_of(table, material.notice))}
    return Exported(files, _rows(material))


def _xlsx(material: Material) -> Exported:
    table = table_of(material)
    sheets = {"comments": as_frame(table), "columns": dictionary_of(table, material.notice)}
    return Exported({"comments.xlsx": as_workbook(sheets)}, (*_rows(material), *_cut(count_cut(table, to="xlsx"))))


def _parquet(material: Material) -> Exported:
    return Exported({"comments.parquet": as_parquet(table_of(material), material.notice)}, _rows(material))


def _spss(material: Material) -> Exported:
    table = table_of(material)
    files = {"comments.sav": as_spss(table, material.notice)}
    return Exported(files, (*_rows(material), *_cut(count_cut(table, to="spss"))))


def _rows(material: Material) -> tuple[str, ...]:
    return (f"{counted(len(material.comments), 'comment')}, a row each. Those that were set aside are among them.",)


def _cut(count: int) -> tuple[str, ...]:
    return (f"{counted(count, 'row')} had a text too long for this format; its end was cut off.",) if count else ()


_WRITERS: dict[str, Callable[[Material], Exported]] = {
    "refi": _refi, "csv": _csv, "xlsx": _xlsx, "parquet": _parquet, "spss": _spss,
}  # fmt: skip

FORMATS = tuple(_WRITERS)
"""What a run can be exported to."""


def export(material: Material, to: str) -> Exported:
    """Return a run as files for another program.

    Parameters
    ----------
    material : Material
        The run.
    to : str
        One of `FORMATS`.

    Returns
    -------
    Exported
        They hold respondents' words and exact counts: they are for those who may read the comments.
    """
    return _WRITERS[to](material)
