from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DataError, PipelineError
from pipeline.formats import refi_reading
from pipeline.formats.anyfile import read_table
from pipeline.formats.refi_qda import project_file
from tests.unit.formats.test_refi_qda import GUID, made_project

PATH = Path("survey.qdpx")


def archive(project: str, **members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("project.qde", f'<Project xmlns="urn:QDA-XML:project:1.0" name="x">{project}</Project>')
        for name, content in members.items():
            made.writestr(f"Sources/{name}.txt", content)
    return buffer.getvalue()


def test_what_this_program_writes_is_read_as_comments_with_codes():
    table = read_table(project_file(made_project("😀 one\r\ntwo")), PATH)
    assert table.header == ("id", "comment", "setting", "years", "codes by Ada")
    assert table.rows == [["c1", "😀 one\ntwo", "Town", "7", "Money; Money > Topic 1: grant"]]
    assert table.origin == {"format": "REFI-QDA"}


def test_a_project_is_known_by_what_it_holds():
    assert read_table(project_file(made_project()), Path("survey.zip")).origin["format"] == "REFI-QDA"


def test_forms_that_other_programs_write_are_read():
    content = archive(
        f"""<Users><User guid="{{{GUID(1).upper()}}}" name="Ada"/><User guid="{GUID(2)}" name="Ada"/></Users>
        <CodeBook><Codes><Code guid="{GUID(3).upper()}" name="Time; money" isCodable="true"/></Codes></CodeBook>
        <Variables><Variable guid="{GUID(4)}" name="site" typeOfVariable="Text"/></Variables>
        <Sources>
          <TextSource guid="{GUID(5)}" name="one" plainTextPath="internal://A.TXT">
            <PlainTextSelection guid="{GUID(6)}" startPosition="0" endPosition="1" creatingUser="{GUID(1)}">
              <Coding guid="{GUID(7)}"><CodeRef targetGUID="{GUID(3)}"/></Coding>
            </PlainTextSelection>
            <Coding guid="{GUID(8)}"><CodeRef targetGUID="{GUID(3)}"/></Coding>
            <VariableValue><VariableRef targetGUID="{GUID(4)}"/><TextValue>North</TextValue></VariableValue>
          </TextSource>
          <TextSource guid="{GUID(9)}" name="two"><PlainTextContent>Inside.</PlainTextContent>
            <PlainTextSelection guid="{GUID(10)}" startPosition="0" endPosition="1" creatingUser="{GUID(2)}">
              <Coding guid="{GUID(11)}"><CodeRef targetGUID="{GUID(3)}"/></Coding>
            </PlainTextSelection>
          </TextSource>
          <PictureSource guid="{GUID(12)}" name="a photo"/>
        </Sources>""",
        a=b"\xef\xbb\xbfIn a file.",
    )
    table = read_table(content, PATH)
    assert table.header == ("id", "comment", "site", "codes by somebody", "codes by Ada", "codes by Ada (2)")
    assert [dict(zip(table.header, row, strict=True)) for row in table.rows] == [
        {"id": "one", "comment": "In a file.", "site": "North", "codes by Ada": "Time, money",
         "codes by somebody": "Time, money", "codes by Ada (2)": ""},
        {"id": "two", "comment": "Inside.", "site": "", "codes by Ada": "", "codes by somebody": "",
         "codes by Ada (2)": "Time, money"},
    ]  # fmt: skip
    assert table.notes == ["Sources that are no plain text in the project were left out: 1."]


@pytest.mark.parametrize(
    "place", ["internal://../secret.txt", "internal:///etc/hostname", "absolute:///etc/hostname", "relative:///a.txt"]
)
def test_no_path_leads_out_of_the_archive(place):
    content = archive(f'<Sources><TextSource guid="{GUID(1)}" name="x" plainTextPath="{place}"/></Sources>')
    with pytest.raises(DataError, match="holds no plain text"):
        read_table(content, PATH)


def test_entities_are_refused_and_archives_that_are_too_large(monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(
            "project.qde", '<!DOCTYPE p [<!ENTITY a "words">]><Project xmlns="urn:QDA-XML:project:1.0">&a;</Project>'
        )
    with pytest.raises(DataError, match="no REFI-QDA project that can be read"):
        read_table(buffer.getvalue(), PATH)
    monkeypatch.setattr(refi_reading, "_LARGEST", 10)
    with pytest.raises(DataError, match="unpacks to"):
        read_table(project_file(made_project()), PATH)


@given(place=st.floats(0, 1), change=st.binary(min_size=1, max_size=4))
def test_a_damaged_project_is_refused_or_read(place, change):
    content = bytearray(project_file(made_project()))
    start = int(place * (len(content) - 1))
    content[start : start + len(change)] = change
    try:
        assert read_table(bytes(content), PATH).header[:2] == ("id", "comment")
    except PipelineError as problem:
        assert "A comment." not in f"{problem.message} {problem.hint}"
