"""Reading a project of NVivo, MAXQDA, ATLAS.ti or QualCoder that was exported as REFI-QDA (.qdpx)."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipeline.errors import DataError
from pipeline.formats.raw_table import MOST_CELLS, RawTable, empty_file, table_of, too_many_cells

PROJECT = "project.qde"
_LARGEST = 500_000_000
_INTERNAL = "internal://"


def read_project(content: bytes, path: Path) -> RawTable:
    r"""Read the texts of a project and what each user coded.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : pathlib.Path
        Where it came from, for messages.

    Returns
    -------
    RawTable
        A row for each text: source (its name), comment, and for each user who coded a column "codes of NAME" with the
        codes that the user gave the text or a part of it, one a line, as paths such as Themes\Parking.

    Raises
    ------
    DataError
        Where the file is no such project, is damaged or too large, or names a file outside itself.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if (size := sum(member.file_size for member in archive.infolist())) > _LARGEST:
                raise DataError(
                    f"{path}: the project unpacks to {size // 1_000_000:,} MB, at most {_LARGEST // 1_000_000:,} MB "
                    "are read.",
                    "Export the texts alone, without pictures and recordings.",
                )
            return _project(archive, path)
    except (DataError, MemoryError):
        raise
    # Parser and archive raise many kinds of errors for a damaged file.
    except Exception:
        raise DataError(
            f"{path}: this is no REFI-QDA project that can be read, or it is damaged.",
            "Export the project again as REFI-QDA (.qdpx), or the codes as a spreadsheet.",
        ) from None


def _project(archive: zipfile.ZipFile, path: Path) -> RawTable:
    from defusedxml.ElementTree import fromstring

    root = fromstring(archive.read(PROJECT))
    for element in root.iter():
        # Programs write the elements in several namespaces.
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
    codes = dict(_codes(root.find("CodeBook/Codes"), ""))
    users = {user.get("guid"): user.get("name") or "unnamed user" for user in root.iterfind("Users/User")}
    sources, coded = [], []
    for source in root.iterfind("Sources/TextSource"):
        text = _text(source, archive, path)
        if text is None:
            continue
        given: dict[str, dict[str, None]] = {}
        for coding in source.iter("Coding"):
            user = users.get(coding.get("creatingUser"), "unnamed user")
            for reference in coding.iterfind("CodeRef"):
                if (name := codes.get(reference.get("targetGUID"))) is not None:
                    given.setdefault(user, {})[name] = None
        sources.append([source.get("name") or "", text])
        coded.append(given)
    if not sources:
        raise empty_file(path)
    people = sorted({user for given in coded for user in given})
    if (len(people) + 2) * len(sources) > MOST_CELLS:
        raise too_many_cells(path)
    rows = [[*source, *("\n".join(given.get(user, ())) for user in people)]
            for source, given in zip(sources, coded, strict=True)]  # fmt: skip
    header = ["source", "comment", *(f"codes of {user}" for user in people)]
    left_out = len(list(root.find("Sources") if root.find("Sources") is not None else ())) - len(sources)
    notes = [f"Sources that hold no text were left out: {left_out}."] if left_out else []
    return table_of(header, rows, path, origin={"format": "REFI-QDA"}, notes=notes)


def _codes(parent: Any, above: str) -> Iterator[tuple[str, str]]:
    """Yield the guid and the path of each code."""
    for code in () if parent is None else parent.iterfind("Code"):
        name = f"{above}{code.get('name') or ''}"
        yield code.get("guid"), name
        yield from _codes(code, f"{name}\\")


def _text(source: Any, archive: zipfile.ZipFile, path: Path) -> str | None:
    """Return the plain text of a source, or None where it has none in the project."""
    content = source.find("PlainTextContent")
    if content is not None:
        return str(content.text or "")
    place = source.get("plainTextPath") or ""
    if not place.startswith(_INTERNAL):
        return None
    name = place.removeprefix(_INTERNAL)
    if name != posixpath.basename(name) or name in ("", ".", "..") or "\\" in name:
        raise DataError(f"{path}: a source lies outside the project.", "Export the project again from its program.")
    known = {member.casefold(): member for member in archive.namelist()}
    return archive.read(known[f"sources/{name}".casefold()]).decode("utf-8-sig")
