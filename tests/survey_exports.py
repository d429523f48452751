"""The made-up survey as the programs that surveys come from would export it: the same comments in every file."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pandas as pd
import pyreadstat

from tests.example_survey import GROUPS
from tests.unit.formats.example_files import open_document

WORDS = [comment for comments in GROUPS.values() for comment in comments]
QUESTION = "What stops your\u00a0branch: rules, or money?"
TABLE = pd.DataFrame({
    "ID": range(1, len(WORDS) + 1),
    "Start time": pd.to_datetime("2024-01-31 09:30:00"),
    "Email": [f"p{place}@example.org" for place in range(len(WORDS))],
    QUESTION: WORDS,
    "Which site?": ["North", "South"] * (len(WORDS) // 2),
    "Which tools?": ["Drills;Saws;", "Saws;"] * (len(WORDS) // 2),
})  # fmt: skip
_PLAIN = TABLE.rename(columns=lambda name: "".join(filter(str.isalnum, name))[:30])
_ROWS = TABLE.astype(str).to_dict("records")


def _workbook(rows: Sequence[Sequence[object]], path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append([cell.to_pydatetime() if isinstance(cell, pd.Timestamp) else cell for cell in row])
    file = io.BytesIO()
    workbook.save(file)
    path.write_bytes(file.getvalue())


def _csv(rows: Sequence[Sequence[object]], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


def _ods(path: Path) -> None:
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = [TABLE.columns.tolist(), *TABLE.astype(str).values.tolist()]
    path.write_bytes(open_document([text.format(escape(cell)) for cell in row] for row in rows))


def _qdpx(path: Path) -> None:
    sources = "".join(
        f'<TextSource guid="{place}" name="answer {place}"><PlainTextContent>{escape(said)}</PlainTextContent>'
        f'<VariableValue><VariableRef targetGUID="v"/><TextValue>{("North", "South")[place % 2]}</TextValue>'
        "</VariableValue></TextSource>"
        for place, said in enumerate(WORDS)
    )
    project = (
        '<Project xmlns="urn:QDA-XML:project:1.0" name="answers"><Users/><CodeBook><Codes/></CodeBook><Variables>'
        f'<Variable guid="v" name="Which site?" typeOfVariable="Text"/></Variables><Sources>{sources}</Sources>'
        "</Project>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.qde", project)


def _qualtrics(path: Path) -> None:
    names = ["StartDate", "ResponseId", "Q5", "Q2"]
    asked = ["Start Date", "Response ID", QUESTION, "Which site?"]
    imports = [json.dumps({"ImportId": name}) for name in ("startDate", "_recordId", "QID5_TEXT", "QID2")]
    rows = [["2024-01-31 09:30:00", f"R_{row['ID']}", row[QUESTION], row["Which site?"]] for row in _ROWS]
    _csv([names, asked, imports, *rows], path)


def _microsoft_forms(path: Path) -> None:
    names = ["ID", "Start time", "Completion time", "Email", "Name", *TABLE.columns[3:]]
    rows = [[*row[:2], row[1], "anonymous", None, *row[3:]] for row in TABLE.values.tolist()]
    _workbook([names, *rows], path)


def _survey_monkey(path: Path) -> None:
    names = ["Respondent ID", "Collector ID", "Start Date", QUESTION, "Which site?", "Which tools?", ""]
    parts = ["", "", "", "Open-Ended Response", "Response", "Drills", "Saws"]
    rows = [
        [f"1187{row['ID']}", "4", "01/31/2024 09:30:00 AM", row[QUESTION], row["Which site?"],
         "Drills" if "Drills" in row["Which tools?"] else "", "Saws"]
        for row in _ROWS
    ]  # fmt: skip
    _csv([names, parts, *rows], path)


def _google_forms(path: Path) -> None:
    names = ["Timestamp", QUESTION, "Which site?", "Which tools?"]
    rows = [["2024/01/31 9:30:00 am GMT", row[QUESTION], row["Which site?"], row["Which tools?"]] for row in _ROWS]
    _csv([names, *rows], path)


def _jisc(path: Path) -> None:
    names = [
        "Unique Response Number",
        f"1. {QUESTION}",
        "2. Which site?",
        "2.a. If you selected Other, please specify:",
    ]
    rows = [[f"1095{row['ID']:>03}-1095{row['ID']}", row[QUESTION], row["Which site?"], ""] for row in _ROWS]
    _csv([names, *rows], path)


EXPORTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "CSV": ("csv", lambda path: path.write_bytes(TABLE.to_csv(index=False).encode("cp1252"))),
    "TSV": ("tsv", lambda path: path.write_bytes(TABLE.to_csv(index=False, sep="\t").encode("utf-16"))),
    "XLSX": ("xlsx", lambda path: _workbook([TABLE.columns.tolist(), *TABLE.values.tolist()], path)),
    "ODS": ("ods", _ods),
    "Parquet": ("parquet", TABLE.to_parquet),
    "JSON Lines": ("jsonl", lambda path: TABLE.astype(str).to_json(path, orient="records", lines=True)),
    "SPSS": ("sav", lambda path: pyreadstat.write_sav(_PLAIN, path)),
    "Stata": ("dta", lambda path: pyreadstat.write_dta(_PLAIN, path)),
    "REFI-QDA": ("qdpx", _qdpx),
    "Qualtrics": ("csv", _qualtrics),
    "Microsoft Forms": ("xlsx", _microsoft_forms),
    "SurveyMonkey": ("csv", _survey_monkey),
    "Google Forms": ("csv", _google_forms),
    "Jisc": ("csv", _jisc),
}
"""The ending of each kind of file, and what writes it."""


def an_export(folder: Path, kind: str) -> Path:
    """Write the survey as an export of one of `EXPORTS`, and return its file."""
    ending, write = EXPORTS[kind]
    path = folder / f"answers.{ending}"
    write(path)
    return path
