import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import DataError, PipelineError
from pipeline.formats.anyfile import read_table

CODE = '<Coding guid="x" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding>'


def project(place="internal://t1.txt", before="", names=("project.qde", "sources/T1.txt")):
    xml = f"""{before}<Project xmlns="urn:QDA-XML:project:1.0" name="p">
    <Users><User guid="u1" name="Ada"/><User guid="u2" name="Ben"/></Users>
    <CodeBook><Codes><Code guid="c0" name="Themes">
    <Code guid="c1" name="Parking"/><Code guid="c2" name="Waiting"/></Code>
    </Codes></CodeBook>
    <Sources>
    <TextSource guid="s1" name="r1" plainTextPath="{place}">
      <PlainTextSelection guid="p1" startPosition="0" endPosition="4">{CODE.format(user="u1", code="c1")}
      {CODE.format(user="u1", code="c2")}</PlainTextSelection>{CODE.format(user="u2", code="c2")}
    </TextSource>
    <TextSource guid="s2" name="r2"><PlainTextContent>Fine &amp; well</PlainTextContent></TextSource>
    <PictureSource guid="s3" name="a.png"/>
    </Sources></Project>"""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(names[0], xml)
        archive.writestr(names[1], "Café full\nNo space")
    return file.getvalue()


def read(content, name="a.qdpx"):
    return read_table(content, Path(name))


@pytest.mark.parametrize("name", ["a.qdpx", "a.zip"])
def test_texts_become_comments_with_a_column_of_codes_for_each_user(name):
    table = read(project(), name)
    assert table.header == ("source", "comment", "codes of Ada", "codes of Ben")
    assert table.rows == [
        ["r1", "Café full\nNo space", "Themes\\Parking\nThemes\\Waiting", "Themes\\Waiting"],
        ["r2", "Fine & well", "", ""],
    ]
    assert table.notes == ["Sources that hold no text were left out: 1."]


@pytest.mark.parametrize("place", ["../../etc/passwd", "a/../../x.txt", "..\\x.txt", ".."])
def test_a_source_outside_the_project_is_refused(place):
    with pytest.raises(DataError, match="a source lies outside the project"):
        read(project(place=f"internal://{place}"))


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    with pytest.raises(DataError, match="no REFI-QDA project"):
        read(project(before=bomb))


@given(places=st.lists(st.integers(0, len(project()) - 1), min_size=1, max_size=9), byte=st.integers(0, 255))
@settings(max_examples=40)
def test_whatever_the_bytes_nothing_but_a_clear_error_comes_out(places, byte):
    content = bytearray(project())
    for place in places:
        content[place] = byte
    try:
        read(bytes(content))
    except PipelineError as problem:
        assert "a.qdpx" in problem.message
