"""Writing REFI-QDA 1.0 (https://www.qdasoftware.org), in which programs for qualitative data exchange projects.

A codebook (.qdc) is an XML file. A project (.qdpx) is a ZIP archive of an XML file and the texts that are coded.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from xml.etree import ElementTree

from pipeline.formats.plain_text import plain_text

_CODEBOOK, _PROJECT = "urn:QDA-XML:codebook:1.0", "urn:QDA-XML:project:1.0"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP archive can hold. A real one would make two equal archives differ."""

Kind = Literal["Text", "Integer", "Float"]


@dataclass(frozen=True)
class Code:
    """A code with those beneath it; one that is not codable is a heading."""

    guid: str
    name: str
    description: str = ""
    is_codable: bool = True
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True)
class User:
    """Somebody, or a program, that coded."""

    guid: str
    name: str


@dataclass(frozen=True)
class Variable:
    """What is known of each case."""

    guid: str
    name: str
    kind: Kind = "Text"


@dataclass(frozen=True)
class Selection:
    """A part of a text that one user coded.

    Attributes
    ----------
    guid, user : str
        Its own GUID, and that of who coded.
    start, end : int
        Places of its first character and of the one behind its last, in Unicode code points from 0, in the text as
        `plain_text` returns it.
    codings : tuple of pairs of str
        The GUID of each coding, and that of its code.
    """

    guid: str
    user: str
    start: int
    end: int
    codings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Source:
    """A text with its codings, and the case that it is.

    Attributes
    ----------
    guid, case : str
        The GUIDs of the text and of its case.
    name : str
        What both are called.
    text : str
        The text.
    selections : tuple of Selection
        What was coded.
    values : tuple of pairs of str
        The GUID of a variable, and its value as the user's file has it; variables without a value are left out.
    """

    guid: str
    case: str
    name: str
    text: str
    selections: tuple[Selection, ...]
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Project:
    """A project: who coded, with which codes, and which texts.

    `origin` names the program that wrote it, `made` says when.
    """

    name: str
    origin: str
    made: datetime
    description: str
    users: tuple[User, ...]
    codes: tuple[Code, ...]
    variables: tuple[Variable, ...]
    sources: tuple[Source, ...]


def codebook_file(codes: Sequence[Code], origin: str) -> bytes:
    """Return a codebook (.qdc).

    Parameters
    ----------
    codes : sequence of Code
        At least one.
    origin : str
        The program that wrote it.
    """
    root = ElementTree.Element("CodeBook", {"xmlns": _CODEBOOK, "origin": plain_text(origin)})
    _add_codes(ElementTree.SubElement(root, "Codes"), codes)
    return _as_bytes(root)


def project_file(project: Project) -> bytes:
    """Return a project (.qdpx); equal projects give equal bytes.

    Notes
    -----
    The standard counts positions in Unicode code points. So an emoji counts as it does in Python: most are one, not two
    as in UTF-16, nor four as in UTF-8. Line breaks are line feeds alone, one code point each, in texts and in counts.
    Texts are files of their own: not every program reads those that stand in the XML.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        _store(archive, "project.qde", _as_bytes(_project_xml(project)))
        for source in project.sources:
            _store(archive, f"sources/{source.guid}.txt", plain_text(source.text).encode())
    return buffer.getvalue()


def _store(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    member = zipfile.ZipInfo(name, _ZIP_DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    archive.writestr(member, content)


def _as_bytes(root: ElementTree.Element) -> bytes:
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _add(parent: ElementTree.Element, tag: str, text: str = "", **attributes: str) -> ElementTree.Element:
    """Add an element; the standard's schema fixes the order of those beneath one parent."""
    element = ElementTree.SubElement(parent, tag, {name: plain_text(value) for name, value in attributes.items()})
    if text:
        element.text = plain_text(text)
    return element


def _add_codes(parent: ElementTree.Element, codes: Iterable[Code]) -> None:
    for code in codes:
        is_codable = "true" if code.is_codable else "false"
        element = _add(parent, "Code", guid=code.guid, name=code.name, isCodable=is_codable)
        if code.description:
            _add(element, "Description", code.description)
        _add_codes(element, code.codes)


def _project_xml(project: Project) -> ElementTree.Element:
    made = project.made.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    root = ElementTree.Element("Project", {"xmlns": _PROJECT, "name": plain_text(project.name)})
    root.attrib |= {"origin": plain_text(project.origin), "creatingUserGUID": project.users[0].guid}
    root.attrib["creationDateTime"] = made
    users = _add(root, "Users")
    for user in project.users:
        _add(users, "User", guid=user.guid, name=user.name)
    _add_codes(_add(_add(root, "CodeBook"), "Codes"), project.codes)
    if project.variables:
        variables = _add(root, "Variables")
        for variable in project.variables:
            _add(variables, "Variable", guid=variable.guid, name=variable.name, typeOfVariable=variable.kind)
    if project.sources:
        kinds = {variable.guid: variable.kind for variable in project.variables}
        cases = _add(root, "Cases")
        for source in project.sources:
            case = _add(cases, "Case", guid=source.case, name=source.name)
            for variable_guid, value in source.values:
                held = _add(case, "VariableValue")
                _add(held, "VariableRef", targetGUID=variable_guid)
                _add(held, f"{kinds[variable_guid]}Value", value)
            _add(case, "SourceRef", targetGUID=source.guid)
        sources = _add(root, "Sources")
        for source in project.sources:
            _add_source(sources, source, {"creatingUser": project.users[0].guid, "creationDateTime": made})
    if project.description:
        _add(root, "Description", project.description)
    return root


def _add_source(parent: ElementTree.Element, source: Source, stamp: dict[str, str]) -> None:
    path = f"internal://{source.guid}.txt"
    element = _add(parent, "TextSource", guid=source.guid, name=source.name, plainTextPath=path, **stamp)
    for selection in source.selections:
        coded = {**stamp, "creatingUser": selection.user}
        part = _add(
            element,
            "PlainTextSelection",
            guid=selection.guid,
            startPosition=str(selection.start),
            endPosition=str(selection.end),
            **coded,
        )
        for guid, code in selection.codings:
            _add(_add(part, "Coding", guid=guid, **coded), "CodeRef", targetGUID=code)
