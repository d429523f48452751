"""One small file of each kind, made in memory: the same comments in every one."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pandas as pd

COMMENTS = [
    {"id": "7", "comment": "Café – too dear", "site": "North", "seen": "2024-01-31", "score": "4"},
    {"id": "8", "comment": "", "site": "South", "seen": "", "score": "4.5"},
    {"id": "9", "comment": '=SUM("a, b")\nsecond line', "site": "North", "seen": "2024-02-01", "score": ""},
]
NAMES = tuple(COMMENTS[0])


def typed() -> pd.DataFrame:
    """The comments with numbers and dates as such."""
    return pd.DataFrame(COMMENTS).assign(
        id=[7, 8, 9], score=[4.0, 4.5, None], seen=pd.to_datetime(["2024-01-31", None, "2024-02-01"])
    )


def csv_bytes(separator: str = ",", encoding: str = "utf-8") -> bytes:
    return pd.DataFrame(COMMENTS).to_csv(index=False, sep=separator).encode(encoding)


def xlsx_bytes(sheets: tuple[str, ...] = ("Answers",), further: tuple[dict[str, str], ...] = ()) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name in sheets:
        sheet = workbook.create_sheet(name)
        sheet.append(list(NAMES))
        for row in further:
            sheet.append([row.get(column, "") for column in NAMES])
        for row in typed().astype(object).where(typed().notna(), None).to_dict("records"):
            sheet.append([row["id"], None, row["site"], row["seen"], row["score"]])
            if row["comment"]:
                cell = sheet.cell(sheet.max_row, 2, row["comment"])
                cell.data_type = "s"
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def ods_bytes() -> bytes:
    def cell(name: str, value: str) -> str:
        if not value:
            return "<table:table-cell/>"
        if name in ("id", "score") and value != name:
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        if name == "seen" and value != name:
            return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
        lines = "".join(f"<text:p>{line}</text:p>" for line in value.replace("&", "&amp;").split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'

    rows = [dict(zip(NAMES, NAMES, strict=True)), *COMMENTS]
    return open_document([[cell(*pair) for pair in row.items()] for row in rows])


def open_document(rows: Iterable[Iterable[str]]) -> bytes:
    """Return an ODS file of cells in XML."""
    body = "".join(f"<table:table-row>{''.join(cells)}</table:table-row>" for cells in rows)
    ns = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{ns}:office:1.0" xmlns:table="{ns}:table:1.0" '
        f'xmlns:text="{ns}:text:1.0"><office:body><office:spreadsheet><table:table table:name="Answers">{body}'
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row></table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{ns}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/></manifest:manifest>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return file.getvalue()


def parquet_bytes() -> bytes:
    file = io.BytesIO()
    typed().to_parquet(file, index=False)
    return file.getvalue()


def json_lines_bytes() -> bytes:
    rows = [{name: value for name, value in row.items() if value} for row in COMMENTS]
    rows[0] |= {"id": 7, "score": 4.0}
    return "\n".join(json.dumps(row) for row in rows).encode()


def labelled_bytes(kind: str) -> bytes:
    """SPSS or Stata: the site is a number with a label, and columns have titles."""
    import pyreadstat

    table = typed().assign(site=[1, 2, 1])
    write = pyreadstat.write_sav if kind == "sav" else pyreadstat.write_dta
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{kind}"
        write(
            table, path, column_labels=["", "What could we do better?", "Which site?", "", ""],
            variable_value_labels={"site": {1: "North", 2: "South"}},
        )  # fmt: skip
        return path.read_bytes()


FILES = {
    "a.csv": csv_bytes,
    "a.tsv": lambda: csv_bytes("\t", "utf-16"),
    "a.xlsx": xlsx_bytes,
    "a.ods": ods_bytes,
    "a.parquet": parquet_bytes,
    "a.jsonl": json_lines_bytes,
    "a.sav": lambda: labelled_bytes("sav"),
    "a.dta": lambda: labelled_bytes("dta"),
}
