import io
import json
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import DataError, PipelineError
from pipeline.formats.anyfile import read_table
from tests.unit.formats.example_files import COMMENTS, FILES, NAMES, csv_bytes, labelled_bytes, xlsx_bytes


def read(content, name="a.xlsx", **kind):
    return read_table(content, Path(name), **kind)


@pytest.mark.thorough
@pytest.mark.parametrize("name", FILES)
def test_every_kind_of_file_holds_the_same_comments(name):
    table = read(FILES[name](), name)
    assert table.header == NAMES
    assert [dict(zip(NAMES, row, strict=True)) for row in table.rows] == COMMENTS


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["a.xlsx", "a.parquet", "a.sav", "a.ods"])
def test_a_file_is_what_its_bytes_say_whatever_its_name(name):
    assert len(read(FILES[name](), "answers.csv").rows) == 3
    with pytest.raises(DataError, match="of another kind or is damaged"):
        read(b"\x00\x01\x02" * 9, name)


def test_a_csv_file_that_is_called_a_workbook_is_read():
    assert read(csv_bytes(), "a.xls").origin["format"] == "CSV"


@pytest.mark.thorough
def test_labels_of_values_are_read_and_titles_name_columns():
    table = read(labelled_bytes("sav"), "a.sav")
    assert table.titles[1] == "What could we do better?"
    assert table.column(2) == ["North", "South", "North"]


def test_a_sheet_is_chosen_by_its_name_where_there_are_several():
    content = xlsx_bytes(("One", "Two"))
    with pytest.raises(DataError, match=r"2 sheets with something in them: 'One', 'Two'") as caught:
        read(content)
    assert "input.sheet" in caught.value.hint
    assert read(content, sheet="two ").origin["sheet"] == "Two"
    with pytest.raises(DataError, match=r"there is no sheet 'Tow' .*Did you mean 'Two'"):
        read(content, sheet="Tow")


def test_an_empty_sheet_is_no_choice():
    workbook = openpyxl.load_workbook(io.BytesIO(xlsx_bytes()))
    workbook.create_sheet("Notes")
    file = io.BytesIO()
    workbook.save(file)
    assert len(read(file.getvalue()).rows) == 3


def test_a_workbook_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("pipeline.formats.sheetfile._LARGEST", 2_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 3_000_000)
    with pytest.raises(DataError, match="unpacks to 3 MB, at most 2 MB"):
        read(file.getvalue())


def test_a_cell_in_the_far_corner_is_refused_and_not_made_room_for():
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "comment"
    workbook.active["XFD1048576"] = "x"
    file = io.BytesIO()
    workbook.save(file)
    with pytest.raises(DataError, match="a sheet reaches so far"):
        read(file.getvalue())


def test_open_documents_that_repeat_cells_without_end_are_refused():
    content = FILES["a.ods"]()
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            tall = b'<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
            full = tall + b'office:value-type="string" table:number-columns-repeated="1000"><text:p>x</text:p>'
            new.writestr(
                name, part.replace(b"</table:table>", full + b"</table:table-cell></table:table-row></table:table>")
            )
    with pytest.raises(DataError, match="a sheet reaches so far"):
        read(file.getvalue(), "a.ods")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"id": 1}\n{"id": \n', "line 2: this is no JSON object"),
        (b'{"id": 1, "id": 2}\n', "line 1: this is no JSON object with each name once"),
        (b"[1, 2]", "line 1"),
        (b"[" * 100_000, "line 1"),
        (b"[]", "the file is empty"),
    ],
)
def test_what_is_no_json_of_rows_is_placed(content, said):
    with pytest.raises(DataError, match=said):
        read(content, "a.jsonl")


def test_nested_json_is_text_and_lists_are_choices():
    table = read(b'[{"id": 1, "site": ["North", "South"], "x": {"y": true}}]', "a.json")
    assert table.rows == [["1", "North;South", '{"y": true}']]


@cache
def contents(name):
    """A workbook has the time in it: the same bytes are asked for again."""
    return FILES[name]()


@pytest.mark.thorough
@pytest.mark.parametrize("name", [name for name in FILES if name not in ("a.sav", "a.dta")])
@given(data=st.data())
@settings(max_examples=40)
def test_whatever_the_bytes_nothing_but_a_clear_error_comes_out(name, data):
    content = bytearray(contents(name))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=12)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    try:
        table = read(bytes(content if data.draw(st.booleans()) else content[:cut]), name)
    except PipelineError as problem:
        assert name in problem.message
    else:
        assert all(len(row) == len(table.header) for row in table.rows)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_a_damaged_file_of_a_statistics_program_stops_no_more_than_its_reading(kind):
    content = labelled_bytes(kind)
    for place in range(0, len(content), max(1, len(content) // 5)):
        try:
            read(content[:place] + b"\xff\xfe\x80" + content[place + 3 :], f"a.{kind}")
        except DataError as problem:
            assert f"a.{kind}" in problem.message


@pytest.mark.parametrize(("rows", "said"), [(1, "1 row holds half of a character"), (3, "3 rows hold half of")])
def test_half_of_an_emoji_is_replaced_and_said(rows, said):
    whole = [{"id": str(place), "comment": "good 👍"} for place in range(3)]
    halves = [one | {"comment": "good 👍"[:-1] + "\ud83d"} for one in whole[:rows]]
    lines = [json.dumps(one) for one in (*halves, *whole[rows:])]
    table = read_table("\n".join(lines).encode(), Path("a.jsonl"))
    assert table.column(1) == ["good \ufffd"] * rows + ["good 👍"] * (3 - rows)
    assert any(said in note for note in table.notes)
    table.frame()


def test_half_of_a_character_in_a_name_is_replaced():
    assert read_table(b'{"a\\ud83d": "x", "b": "y"}', Path("a.jsonl")).header == ("a\ufffd", "b")


HALVES = st.text(st.one_of(st.characters(), st.sampled_from("\ud800\udfff")), max_size=8)


@given(st.lists(HALVES, min_size=1, max_size=4))
def test_whatever_json_says_a_frame_can_hold(texts):
    lines = [json.dumps({"id": str(place), "comment": text}) for place, text in enumerate(texts)]
    frame = read_table("\n".join(lines).encode(), Path("a.jsonl")).frame()
    frame.to_csv().encode()
