"""Reading a REFI-QDA project (.qdpx), as NVivo, MAXQDA, ATLAS.ti and QualCoder export it: each text is a row."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from defusedxml import ElementTree

from pipeline.errors import DataError
from pipeline.formats.raw_table import MOST_CELLS, RawTable, table_of, too_many_cells

_LARGEST = 500_000_000
"""Bytes of an unpacked project: a small file may unpack to any size."""
_NS = {"q": "urn:QDA-XML:project:1.0"}
_INTERNAL = "internal://"
_SEPARATORS = re.compile(r"\s*[;|\n]\s*")
_NOBODY = "somebody"


def is_project(content: bytes) -> bool:
    """Return whether an archive holds a project."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return any(name.lower().endswith(".qde") for name in archive.namelist())
    # A damaged archive can raise nearly anything.
    except Exception:
        return False


def read_project(content: bytes, path: Path) -> RawTable:
    """Read the texts of a project with their codes.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.

    Returns
    -------
    RawTable
        id (the name of the text), comment, the variables of its cases, and "codes by NAME" for each user who coded: a
        code with those above it, as "Money > Grants", and "; " between codes. Line breaks are line feeds.

    Raises
    ------
    DataError
        Where the file is no project, is damaged or too large, or holds no text.

    Notes
    -----
    No file is unpacked: a text is looked up among the members of the archive by its name. So no path leads out of it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            found = None if size > _LARGEST else _read(archive)
    except MemoryError:
        raise
    # Archives and XML can be damaged in many ways; defusedxml refuses entities.
    except Exception:
        raise DataError(
            f"{path}: this is no REFI-QDA project that can be read, or it is damaged.",
            "Export the project again as .qdpx.",
        ) from None
    if found is None:
        raise DataError(
            f"{path}: the project unpacks to {size // 1_000_000:,} MB, at most {_LARGEST // 1_000_000:,} MB are read.",
            "Export a project without pictures, sound and film.",
        )
    header, rows, left_out = found
    if not rows:
        raise DataError(
            f"{path}: the project holds no plain text.", "Export it with its texts; other sources are not read."
        )
    if len(header) * len(rows) > MOST_CELLS:
        raise too_many_cells(path)
    notes = [f"Sources that are no plain text in the project were left out: {left_out:,}."] if left_out else []
    return table_of(header, rows, path, origin={"format": "REFI-QDA"}, notes=notes)


def _read(archive: zipfile.ZipFile) -> tuple[list[str], list[list[str]], int]:
    """Return header, rows, and how many sources are no text."""
    members = {name.lower(): name for name in archive.namelist()}
    project = ElementTree.fromstring(archive.read(next(name for low, name in members.items() if low.endswith(".qde"))))
    codes = dict(_codes(project.find("q:CodeBook/q:Codes", _NS), ""))
    users = _users(project)
    variables = {_guid(one): one.get("name", "") for one in project.iterfind("q:Variables/q:Variable", _NS)}
    of_cases: dict[str, dict[str, list[str]]] = {}
    for case in project.iterfind("q:Cases/q:Case", _NS):
        for source in case.iterfind("q:SourceRef", _NS):
            _add_values(of_cases.setdefault(_guid(source, "targetGUID"), {}), case)
    records, left_out = [], 0
    for source in project.iterfind("q:Sources/*", _NS):
        text = _text(source, archive, members)
        if text is None:
            left_out += 1
            continue
        values = of_cases.get(_guid(source), {})
        _add_values(values, source)
        records.append((source.get("name", ""), text, values, _coded(source, codes, users)))
    coders = list(dict.fromkeys(user for *_, coded in records for user in coded))
    header = ["id", "comment", *variables.values(), *(f"codes by {user}" for user in coders)]
    rows = []
    for name, text, values, coded in records:
        given = ("; ".join(values.get(variable, ())) for variable in variables)
        rows.append([name, text, *given, *("; ".join(coded.get(user, ())) for user in coders)])
    return header, rows, left_out


def _guid(element: Any, name: str = "guid") -> str:
    """Return a GUID in the one form; the standard allows capitals and braces."""
    return str(element.get(name, "")).strip("{}").lower()


def _users(project: Any) -> dict[str, str]:
    """Return the name of each user by GUID, no two alike."""
    named: dict[str, str] = {}
    for place, user in enumerate(project.iterfind("q:Users/q:User", _NS), start=1):
        name = " ".join((user.get("name") or user.get("id") or f"user {place}").split())
        named[_guid(user)] = f"{name} ({place})" if name in named.values() else name
    return named


def _codes(parent: Any, above: str) -> Iterator[tuple[str, str]]:
    """Yield the GUID of each code, and its name after those of the codes above it."""
    for code in () if parent is None else parent.iterfind("q:Code", _NS):
        name = above + _SEPARATORS.sub(", ", code.get("name", "").strip())
        yield _guid(code), name
        yield from _codes(code, f"{name} > ")


def _add_values(values: dict[str, list[str]], holder: Any) -> None:
    for held in holder.iterfind("q:VariableValue", _NS):
        variable, *value = list(held)
        said = "".join(one.text or "" for one in value).strip()
        known = values.setdefault(_guid(variable, "targetGUID"), [])
        if said and said not in known:
            known.append(said)


def _text(source: Any, archive: zipfile.ZipFile, members: dict[str, str]) -> str | None:
    """Return the words of a source; None where it is no text, or the text is not in the archive."""
    place = source.get("plainTextPath", "")
    if place.startswith(_INTERNAL):
        name = members.get(f"sources/{place.removeprefix(_INTERNAL).lstrip('/')}".lower())
        text = None if name is None else archive.read(name).decode("utf-8-sig")
    else:
        text = source.findtext("q:PlainTextContent", None, _NS)
    return None if text is None else text.replace("\r\n", "\n").replace("\r", "\n")


def _coded(source: Any, codes: dict[str, str], users: dict[str, str]) -> dict[str, list[str]]:
    """Return the codes of a source by user, each once; a coding belongs to the user of its selection at least."""
    found: dict[str, dict[str, None]] = {}
    for part in [source, *source.iterfind("q:PlainTextSelection", _NS)]:
        for coding in part.iterfind("q:Coding", _NS):
            by = _guid(coding, "creatingUser") or ("" if part is source else _guid(part, "creatingUser"))
            for code in coding.iterfind("q:CodeRef", _NS):
                if (name := codes.get(_guid(code, "targetGUID"))) is not None:
                    found.setdefault(users.get(by, _NOBODY), {})[name] = None
    return {user: list(names) for user, names in found.items()}
