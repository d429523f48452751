"""Projects as the standard wants them; `test_exporting` reads them with a reader that others wrote."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from pyrefiqda import RefiCodebook, RefiProject

from pipeline.formats.plain_text import plain_text
from pipeline.formats.refi_qda import Code, Project, Selection, Source, User, Variable, codebook_file, project_file

GUID = "00000000-0000-5000-8000-{:012d}".format
NS = {"p": "urn:QDA-XML:project:1.0"}
MADE = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
WILD = st.one_of(
    st.text(max_size=40),
    st.text(st.sampled_from("a\r\n\t\0\x0b\x1b\x85\u2028\ufeff\ud800\ufffe😀👩‍👩‍👧é\u0301שלום<>&\"']"), max_size=40),
    st.sampled_from(["]]>", "<![CDATA[x]]>", "&amp;", "&#0;", "<!-- -->", "x" * 100_000, "\u202eevil", "  spaces  "]),
)


def made_project(text: str = "A comment.", cut: tuple[int, int] | None = None, name: str = "c1") -> Project:
    start, end = cut or (0, len(text))
    return Project(
        name="A survey",
        origin="A program 1.0",
        made=MADE,
        description="Made up.",
        users=(User(GUID(1), "A program 1.0"), User(GUID(2), "Ada")),
        codes=(
            Code(GUID(3), "Money", "Too little.", codes=(Code(GUID(4), "Topic 1: grant"),)),
            Code(GUID(5), "Rest", is_codable=False),
        ),
        variables=(Variable(GUID(6), "setting"), Variable(GUID(7), "years", "Integer")),
        sources=(
            Source(
                GUID(8), GUID(9), name, text,
                (Selection(GUID(10), GUID(2), start, end, ((GUID(11), GUID(3)), (GUID(12), GUID(4)))),),
                ((GUID(6), "Town"), (GUID(7), "7")),
            ),
        ),
    )  # fmt: skip


def opened(content: bytes) -> tuple[ElementTree, zipfile.ZipFile]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    return ElementTree.fromstring(archive.read("project.qde")), archive


@given(text=WILD, data=st.data())
def test_positions_cut_out_exactly_the_text_that_was_coded(text, data):
    kept = plain_text(text)
    start = data.draw(st.integers(0, len(kept)))
    end = data.draw(st.integers(start, len(kept)))
    root, archive = opened(project_file(made_project(text, (start, end))))
    source = root.find("p:Sources/p:TextSource", NS)
    written = archive.read("sources/" + source.get("plainTextPath").removeprefix("internal://")).decode("utf-8")
    part = source.find("p:PlainTextSelection", NS)
    assert written[int(part.get("startPosition")) : int(part.get("endPosition"))] == kept[start:end]
    # A reader that opens the file as text, as most do, finds the same positions: no line break counts twice.
    as_read = io.TextIOWrapper(io.BytesIO(written.encode()), encoding="utf-8").read()
    assert as_read == kept


@given(text=WILD)
def test_names_and_descriptions_come_through_the_xml(text):
    project = made_project(name=text)
    root, _ = opened(project_file(project))
    assert root.find("p:Sources/p:TextSource", NS).get("name") == plain_text(text)
    content = codebook_file([Code(GUID(1), text, text)], "A program")
    code = ElementTree.fromstring(content).find("{*}Codes/{*}Code")
    assert code.get("name") == plain_text(text)
    assert (code.findtext("{*}Description") or "") == plain_text(text)


def test_an_emoji_is_one_position_and_a_line_break_of_windows_too():
    kept = plain_text("😀\r\n\x00ok")
    assert kept == "😀\nok"
    part = opened(project_file(made_project("😀\r\n\x00ok", (2, 4))))[0].find(".//p:PlainTextSelection", NS)
    assert kept[int(part.get("startPosition")) : int(part.get("endPosition"))] == "ok"


def test_another_reader_finds_what_was_written(tmp_path):
    path = tmp_path / "project.qdpx"
    path.write_bytes(project_file(made_project("Grüße 😀\nzwei", (0, 7))))
    read = RefiProject.load(path, tmp_path / "unpacked")
    assert [user.name for user in read.users.user] == ["A program 1.0", "Ada"]
    money, rest = read.code_book.codes.code
    assert (money.name, money.description, money.is_codable) == ("Money", "Too little.", True)
    assert [code.name for code in money.code] == ["Topic 1: grant"]
    assert not rest.is_codable
    (source,) = read.sources.text_source
    text = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "unpacked").read_text(encoding="utf-8")
    (part,) = source.plain_text_selection
    assert text[part.start_position : part.end_position] == "Grüße 😀"
    assert part.creating_user == GUID(2)
    assert [coding.code_ref.target_guid for coding in part.coding] == [GUID(3), GUID(4)]
    (case,) = read.cases.case
    assert [(value.text_value, value.integer_value) for value in case.variable_value] == [("Town", None), (None, 7)]
    assert [one.target_guid for one in case.source_ref] == [GUID(8)]


def test_another_reader_finds_the_codebook(tmp_path):
    path = tmp_path / "codebook.qdc"
    path.write_bytes(codebook_file(made_project().codes, "A program 1.0"))
    read = RefiCodebook.load(path)
    assert read.origin == "A program 1.0"
    assert [code.name for code in read.codes.code] == ["Money", "Rest"]


def test_elements_stand_in_the_order_of_the_standard():
    root, archive = opened(project_file(made_project()))
    tags = [child.tag.removeprefix(f"{{{NS['p']}}}") for child in root]
    assert tags == ["Users", "CodeBook", "Variables", "Cases", "Sources", "Description"]
    assert {child.tag for child in root.iter() if not child.tag.startswith(f"{{{NS['p']}}}")} == set()
    # Some programs refuse a selection without a date.
    assert root.find(".//p:PlainTextSelection", NS).get("creationDateTime") == "2026-03-01T12:30:00Z"
    assert all(not PurePosixPath(name).is_absolute() and ".." not in name for name in archive.namelist())


def test_every_guid_is_unique_and_every_reference_leads_somewhere():
    root, _ = opened(project_file(made_project()))
    guids = [element.get("guid") for element in root.iter() if element.get("guid")]
    assert len(set(guids)) == len(guids)
    assert {element.get("targetGUID") for element in root.iter()} - {None} <= set(guids)
    assert all(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", guid) for guid in guids)


def test_equal_projects_give_equal_bytes():
    assert project_file(made_project()) == project_file(made_project())


@pytest.mark.parametrize("name", ["../../etc/passwd", "/elsewhere/x", "C:\\x"])
def test_what_a_text_is_called_is_no_place_in_the_archive(name):
    _, archive = opened(project_file(made_project(name=name)))
    assert archive.namelist() == ["project.qde", f"sources/{GUID(8)}.txt"]
