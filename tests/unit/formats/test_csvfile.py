from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DataError
from pipeline.formats.csvfile import read_csv

PATH = Path("x.csv")


def read(content, **settings):
    return read_csv(content if isinstance(content, bytes) else content.encode(), PATH, **settings)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"," * 2_000_000, "line 1: at most 100,000 columns are wanted, found 2,000,001"),
        (b"," * 20_000 + b"\na\n", "line 1: at most 10,000 columns are wanted, found 20,001"),
        (b"a,b\n1,2\n" + b"," * 2_000_000 + b"\n", "line 3: at most 100,000 columns are wanted, found 2,000,001"),
        (b'a,"b' + b"x" * 140_000, "line 1: a quotation mark is opened and never closed"),
        (b"a,b\n1," + b"x" * 1_000_001, "row 1 .* has 1,000,001 characters"),
        (b" \t\n \n", "the file is empty"),
        ("\u2003\u00a0\n".encode(), "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
        (b"PK\x03\x04", "this is a workbook"),
    ],
)
def test_what_is_no_table_is_told_at_once(content, said):
    with pytest.raises(DataError, match=said):
        read(content)


def test_a_comment_may_be_long_and_full_of_commas():
    table = read(b'id,comment\n1,"' + b"a, " * 30_000 + b'"\n')
    assert len(table.rows[0][1]) == 90_000


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_what_parts_every_row_alike(separator):
    table = read(f'"What, if anything; and\twhy?"{separator}id\n"a, b",1\nc,2\n'.replace(",1", f"{separator}1").replace(
        "c,2", f"c{separator}2"))  # fmt: skip
    assert table.header == ("What, if anything; and\twhy?", "id")
    assert table.column(1) == ["1", "2"]


def test_commas_in_a_header_without_quotation_marks_are_no_separators_where_rows_have_tabs():
    assert read("What, if anything, is bad?\tid\na\t1\nb, c\t2\n").header == ("What, if anything, is bad?", "id")


def test_commas_in_a_header_that_make_it_wider_than_every_row_are_told():
    with pytest.raises(DataError, match=r"line 1: the header has 5 columns, and every row has 3\."):
        read("id,What, if anything, is bad?,site\n1,a,N\n2,b,S\n")


def test_a_line_that_names_the_separator_is_no_header():
    table = read("sep=;\r\nid;comment\r\n1;a, b\r\n")
    assert table.header == ("id", "comment")
    assert table.rows == [["1", "a, b"]]
    assert "names the separator" in table.notes[0]


@pytest.mark.parametrize("ends", ["\r\n|\n|\r\n", "\r|\n|\r\n", "\r\r\n|\r\r\n|\r\r\n"])
def test_mixed_line_ends_are_ends_of_lines(ends):
    first, second, third = ends.split("|")
    assert read(f"id,comment{first}1,a{second}2,b{third}").rows == [["1", "a"], ["2", "b"]]


ROWS = [(f"{place:05d}", f"Comment {place}, and so on" if place % 3 else "Fine", ("North", "South")[place % 2])
        for place in range(1, 21)]  # fmt: skip


def written(separator, changes):
    def cell(text):
        return f'"{text}"' if separator in text else text

    rows = [[cell(text) for text in row] for row in ROWS]
    for place, text in changes.items():
        rows[place][1] = text
    return "\n".join(separator.join(row) for row in [["id", "comment", "site"], *rows]) + "\n"


@pytest.mark.parametrize("changes", [
    {4: '"Never again, she said', 11: '"Top marks, he said'},
    {4: '"Never again', 5: 'Top marks"'},
    {4: '"Never" again', 11: "Fine"},
    {4: '"Never again'},
])  # fmt: skip
def test_stray_quotation_marks_are_letters_where_each_line_is_a_row(changes):
    table = read(written("\t", changes))
    assert [row[0] for row in table.rows] == [row[0] for row in ROWS]
    assert {place: table.rows[place][1] for place in changes} == changes
    assert "Quotation marks do not stand round whole cells" in table.notes[0]


@pytest.mark.parametrize("first", [True, False])
def test_a_mark_that_closes_some_rows_further_down_swallows_none_of_them(first):
    texts = {5: '"Never again', 9: 'Top marks"'}
    rows = [(str(place), texts.get(place, f"Comment {place}")) for place in range(1, 15)]
    table = read("\n".join("\t".join(row[::-1] if first else row) for row in [("id", "comment"), *rows]))
    assert [row[::-1] if first else row for row in table.rows] == list(map(list, rows))
    assert "do not stand round whole cells" in table.notes[0]


@pytest.mark.parametrize("changes", [
    {4: '"Never again, she said', 11: '"Top marks, he said'},
    {4: '"Never again', 5: 'Top marks"'},
    {4: '"Never" is what, she said'},
])  # fmt: skip
def test_stray_quotation_marks_are_refused_where_commas_leave_the_rows_open(changes):
    with pytest.raises(DataError, match="line 6: a quotation mark is opened") as caught:
        read(written(",", changes))
    assert "Never" not in str(caught.value)


def test_a_comment_of_lists_and_lines_is_a_comment():
    comment = "Tea, coffee, toast\nMilk, honey, North\nand, so, on"
    table = read(written(",", {4: f'"{comment}"'}))
    assert table.rows[4] == ["00005", comment, "South"]
    assert table.notes == []


@given(rows=st.lists(st.lists(st.text(alphabet="ab1,;\n\"' é", max_size=12), min_size=3, max_size=3), max_size=6))
def test_what_a_spreadsheet_writes_is_read_as_it_was(rows):
    import csv
    import io

    file = io.StringIO()
    csv.writer(file).writerows([["id", "comment", "site"], *rows])
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    assert read(file.getvalue()).rows == filled


def test_an_encoding_that_gives_no_writing_is_not_guessed():
    with pytest.raises(DataError, match="the encoding of the file cannot be told"):
        read("id,c\n1,日本語です\n".encode("shift_jis"))


@pytest.mark.parametrize(
    ("content", "cells", "said"),
    [
        ("id,c,d\n1,Café,Zürich\n2,it’s,a\n".encode().replace("é".encode(), b"\xe9"), ["Café", "it’s"], "1 byte is"),
        ("id,c,d\n1,Café ’s,Zürich\n2,it’s,a\n".encode("mac_roman"), ["Café ’s", "it’s"], "Mac Roman"),
        ("id,c,d\n1,Café,Zürich\n2,it’s,a\n".encode("cp1252"), ["Café", "it’s"], "Windows-1252"),
        ("id,c,d\n1,à la carte,Zürich\n2,5 °C,a\n".encode("cp1252"), ["à la carte", "5 °C"], "Windows-1252"),
        ("id,c,d\n1,Café,Zürich\n2,it’s,a\n".encode("utf-16-le"), ["Café", "it’s"], "UTF-16"),
        ("id,c,d\n1,Café,Zürich\n2,it’s,a\n".encode("utf-16-be"), ["Café", "it’s"], "UTF-16"),
    ],
)
def test_every_encoding_is_found_and_said(content, cells, said):
    table = read(content)
    assert table.column(1) == cells
    assert table.column(2) == ["Zürich", "a"]
    assert said in table.notes[0]
