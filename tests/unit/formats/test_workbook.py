import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from pipeline.errors import DataError
from pipeline.formats.workbook import cell_text, read_text, read_workbook, workbook_without, write_text

PATH = Path("sheet.xlsx")


def saved(*texts: str) -> bytes:
    book = Workbook()
    for row, text in enumerate(texts, start=1):
        write_text(book.active.cell(row, 1), text)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("http://x")', "+49", "-5", "@SUM(A1)", "\t=1", "'=1", "{=1}"])
def test_a_text_that_begins_a_formula_is_kept_as_a_text(text):
    content = saved(text)
    cell = load_workbook(io.BytesIO(content)).active["A1"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert read_workbook(content, PATH)["Sheet"] == [[text.strip()]]


@given(texts=st.lists(st.text(max_size=40), min_size=20, max_size=40))
@settings(max_examples=10)
def test_every_text_can_be_stored_and_comes_back_but_for_control_characters(texts):
    rows = read_workbook(saved(*texts), PATH)["Sheet"]
    unified = [cell_text(text).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "") for text in texts]
    assert [row[0].split() for row in rows] == [text.split() for text in unified][: len(rows)]
    assert not "".join(unified[len(rows) :]).strip()


def test_a_text_longer_than_a_cell_is_cut_off_and_says_so():
    assert cell_text("x" * 40_000) == "x" * 32_000 + " […]"
    assert cell_text("x" * 32_000) == "x" * 32_000


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (7.0, "7"), (7.5, "7.5"), (7, "7"), (" a ", "a"), (True, "True")]
)
def test_cells_are_read_as_texts(value, text):
    assert read_text(value) == text


def empty_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"comment_id,comment\n1,a\n", b"\xd0\xcf\x11\xe0 an old workbook", saved("a")[:-300], empty_zip()]
)
def test_what_is_no_workbook_is_refused(content):
    with pytest.raises(DataError, match="this is no XLSX workbook, or it is damaged") as caught:
        read_workbook(content, PATH)
    assert "Excel workbook" in caught.value.hint


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(monkeypatch):
    monkeypatch.setattr("pipeline.formats.workbook._LARGEST", 1000)
    with pytest.raises(DataError, match="no XLSX workbook"):
        read_workbook(saved("a"), PATH)


def test_a_cell_in_the_far_corner_does_not_make_the_sheet_endless():
    book = Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", "b"
    buffer = io.BytesIO()
    book.save(buffer)
    rows = read_workbook(buffer.getvalue(), PATH)["Sheet"]
    assert rows == [["a"]]


def test_rows_leave_a_workbook_and_the_others_stay_as_they_look():
    book = Workbook()
    sheet = book.active
    for row in (["Comment_ID", "comment", "label"], ["a", "one", "x"], ["b", "two", "y"], ["c", "three", "z"]):
        sheet.append(row)
    sheet.row_dimensions[4].height = 77
    sheet["B4"].number_format = "@"
    other = book.create_sheet("other")
    other.append(["b"])
    before = io.BytesIO()
    book.save(before)
    content = workbook_without(
        before.getvalue(), Path("x.xlsx"), is_out=lambda row: row.get("comment_id") == "b", emptied=["label"]
    )
    assert read_workbook(content, Path("x.xlsx")) == {
        "Sheet": [["Comment_ID", "comment", "label"], ["a", "one", ""], ["c", "three", ""]], "other": [["b"]],
    }  # fmt: skip
    after = load_workbook(io.BytesIO(content)).active
    assert after.row_dimensions[3].height == 77
    assert after["B3"].number_format == "@"
    same = workbook_without(before.getvalue(), Path("x.xlsx"), is_out=lambda _: False)
    assert same == before.getvalue()
    with pytest.raises(DataError, match="no XLSX workbook"):
        workbook_without(b"PK", Path("x.xlsx"), is_out=lambda _: False)
