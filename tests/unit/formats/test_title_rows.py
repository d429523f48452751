import io
from pathlib import Path

import pytest
from openpyxl import Workbook

from pipeline.errors import DataError
from pipeline.formats.anyfile import read_table
from pipeline.formats.title_rows import rows_above_header

TABLE = [["id", "site", "comment"], ["1", "North", "Too few people, too little tea."], ["2", "South", "No money."]]
REPORT = ["Staff survey 2024", "", ""]
BLANK = ["", "", ""]
ABOVE = {
    "a title": [REPORT], "a title and a blank row": [REPORT, BLANK], "two titles": [REPORT, ["Made on 3 May", "", ""]],
    "blank rows": [BLANK, BLANK], "nothing": [],
}  # fmt: skip


@pytest.mark.parametrize("named", [(), ("id", "Comment")])
@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_the_header_is_found_below_what_stands_above_it(above, named):
    assert rows_above_header([*above, *TABLE], named) == len(above)


def test_two_cells_may_stand_above_a_wide_header_and_not_above_a_narrow_one():
    def wide(*cells: str) -> list[str]:
        return [*cells, *[""] * (6 - len(cells))]

    assert rows_above_header([wide("Made on", "3 May"), BLANK * 2, list("abcdef"), list("uvwxyz")]) == 2
    assert rows_above_header([["comment", "site"], BLANK[:2], ["No money.", "North"], ["Nothing.", "South"]]) == 0


@pytest.mark.parametrize(
    "rows",
    [
        # A single column of comments, some of them with commas.
        [["comment"], [], ["No money", " no tea", " no time"], ["Nothing."]],
        # The second column has no name.
        [["comment", ""], ["No money.", "x"], ["Nothing.", "y"]],
        # Names that stand twice are none.
        [REPORT, BLANK, ["yes", "no", "yes"], ["1", "2", "3"]],
        [REPORT],
        [],
    ],
)
def test_where_it_is_not_clear_the_first_row_is_the_header(rows):
    assert rows_above_header(rows) == 0
    assert rows_above_header(rows, ("comment",)) == 0


def test_names_tell_a_header_without_a_blank_row_above_it():
    rows = [["Staff survey 2024"], ["id", "comment"], ["1", "No money."]]
    assert rows_above_header(rows) == 0
    assert rows_above_header(rows, ("ID", "comment")) == 1


def as_csv(rows: list[list[str]], *, padded: bool) -> bytes:
    cells = [row if padded or any(row[1:]) else [row[0]] for row in rows]
    return "\n".join(";".join(row) for row in cells).encode()


def as_workbook(rows: list[list[str]]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "padded.csv", "short.csv"])
@pytest.mark.parametrize("above", list(ABOVE.values())[:3], ids=list(ABOVE)[:3])
def test_titles_are_skipped_in_files_and_said(above, kind):
    rows = [*above, *TABLE]
    content = as_workbook(rows) if kind == "xlsx" else as_csv(rows, padded=kind.startswith("padded"))
    table = read_table(content, Path(f"answers.{kind}"), names=("id", "comment"))
    assert list(table.header) == TABLE[0]
    assert table.rows == TABLE[1:]
    assert table.numbers == [1, 2]
    assert ("2 rows above the header were left out." if len(above) > 1 else "1 row above the header was left out.") in (
        table.notes
    )
    assert "Staff survey" not in "".join(table.notes)


def test_lines_are_counted_from_the_top_of_the_file():
    content = b"Staff survey\n\nid,comment\n1,No money.\n2,No, no, no.\n"
    with pytest.raises(DataError, match="line 5"):
        read_table(content, Path("a.csv"), names=("id", "comment"))
