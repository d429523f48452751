import subprocess
from pathlib import Path
from shutil import which

import pytest
from openpyxl import Workbook

from pipeline.coding.draw import draw, new_record
from pipeline.coding.reading import read_sheet
from pipeline.coding.sheets import coding_sheet
from pipeline.errors import DataError
from pipeline.formats.workbook import write_text
from tests.filled_sheets import columns, edited, filled
from tests.plain_output import quotations
from tests.unit.coding.conftest import TEXTS, Desk
from tests.unit.coding.test_sheets import offered

PATH = Path("sheet.xlsx")


def read(content: bytes, desk: Desk):
    return read_sheet(content, PATH, desk.record, desk.choices)


def refused(content: bytes, desk: Desk) -> list[str]:
    """Return the lines of the message, which must quote no comment."""
    with pytest.raises(DataError) as caught:
        read(content, desk)
    assert quotations(str(caught.value), TEXTS.values()) == []
    assert caught.value.hint
    return caught.value.message.splitlines()


def ids(desk: Desk) -> list[str]:
    return list(desk.sheets[0].texts)


def change_cell(row: int, column: str, value):
    def change(book):
        rows = book["comments"]
        rows.cell(row, columns(rows)[column]).value = value

    return change


def test_codes_are_read_by_name_or_id_however_they_are_spelt(desk: Desk):
    first, second, third, fourth, fifth = ids(desk)[:5]
    coded = {
        first: {"main theme": "Money", "further theme 1": "Equipment that works", "outlook": "Mixed"},
        second: {"main theme": " equipment  THAT works", "further theme 2": "direction", "unsure": "X"},
        third: {"main theme": "no theme fits", "outlook": "negative", "unsure": "no", "note": "hm"},
        fourth: {"main theme": "Nothing to say"},
        fifth: {"main theme": "funding", "further theme 1": "Money", "further theme 2": "Equipment that works"},
    }
    found = read(filled(desk.contents[0], coded), desk)
    assert found.sheet == desk.sheets[0]
    assert found.n_open == len(ids(desk)) - 5
    assert found.codes.to_numpy().tolist() == [
        [first, "coder_1", "funding", ("equipment",), "mixed", False],
        [second, "coder_1", "equipment", ("direction",), "", True],
        [third, "coder_1", "none", (), "negative", False],
        [fourth, "coder_1", "nothing", (), "", False],
        # A theme counts once.
        [fifth, "coder_1", "funding", ("equipment",), "", False],
    ]


def test_an_untouched_sheet_is_read_as_open(desk: Desk):
    found = read(desk.contents[1], desk)
    assert found.codes.empty
    assert found.n_open == len(desk.sheets[1].texts)


def test_rows_may_be_sorted_and_columns_moved_or_added(desk: Desk):
    coded = {comment_id: {"main theme": "Money"} for comment_id in ids(desk)}

    def turn(book):
        rows = book["comments"]
        lines = [[cell.value for cell in row] for row in rows.iter_rows()]
        header, *below = lines
        rows.delete_rows(1, rows.max_row)
        for number, line in enumerate([["mine", *header[::-1]], [], *(["x", *line[::-1]] for line in sorted(below))]):
            for place, text in enumerate(line):
                write_text(rows.cell(number + 1, place + 1), text or "")

    found = read(edited(filled(desk.contents[0], coded), turn), desk)
    assert set(found.codes["comment_id"]) == set(ids(desk))


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("main theme", "Mony", "row 3, column 'main theme': 'Mony' is not on the list. Did you mean 'Money'?"),
        ("main theme", "Equipment works", "a text of 15 characters is not on the list. Did you mean 'Equipment that"),
        ("further theme 1", "no theme fits", "row 3, column 'further theme 1': a text of 13 characters is not on"),
        ("outlook", "rosy", "row 3, column 'outlook': 'rosy' is not on the list."),
        ("unsure", "perhaps", "row 3, column 'unsure': found 'perhaps', 'yes' or nothing is wanted."),
        ("comment", "Other words than before", "row 3, column 'comment': the comment was edited."),
        ("comment", None, "row 3, column 'comment': the comment was edited."),
        ("comment_id", "q99", "row 3, column 'comment_id': this comment was not drawn for this sheet."),
        ("comment_id", None, "row 3, column 'comment_id': this comment was not drawn for this sheet."),
        ("further theme 2", "Money", "column 'main theme': a further theme is given, so a theme is wanted here too."),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_row_is_said_with_its_place(column, value, said, desk: Desk):
    message = "\n".join(refused(edited(desk.contents[0], change_cell(3, column, value)), desk))
    assert said in message
    assert "sheet.xlsx" in message


def test_missing_and_doubled_rows_are_named(desk: Desk):
    def change(book):
        rows = book["comments"]
        rows.append([rows.cell(2, 1).value, rows.cell(2, 2).value])
        rows.delete_rows(4)

    lines = refused(edited(desk.contents[0], change), desk)
    assert "the comment stands in row 2 too." in lines[0]
    assert lines[1].endswith("1 of its comments is missing; it stood in row 4 at first.")
    assert not any(comment_id in line for comment_id in ids(desk) for line in lines)


def test_all_problems_of_a_sheet_are_in_one_message_up_to_twenty(desk: Desk):
    def change(book):
        rows = book["comments"]
        for row in range(2, rows.max_row + 1):
            for place in range(3, 8):
                rows.cell(row, place).value = "?!"

    lines = refused(edited(desk.contents[0], change), desk)
    assert len(lines) == 21
    assert lines[-1].endswith("more problems.")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("main theme", "main thema", "the column 'main theme' is missing. Did you mean 'main thema'?"),
        ("comment_id", "", "the column 'comment_id' is missing. Did you mean 'comment'?"),
        ("unsure", "", "the column 'unsure' is missing."),
        ("note", "outlook", "the column 'outlook' stands 2 times."),
    ],
)
def test_columns_that_are_missing_or_doubled_are_named(old, new, said, desk: Desk):
    def change(book):
        rows = book["comments"]
        rows.cell(1, columns(rows)[old]).value = new

    assert refused(edited(desk.contents[0], change), desk) == [f"sheet.xlsx, row 1: {said}"]


def test_a_sheet_of_another_run_is_refused(desk: Desk):
    record, sheets = draw(new_record(TEXTS, 21), TEXTS, n=13, coders=2, overlap=6)
    content = coding_sheet(sheets[0], TEXTS, desk.choices, seal=record.seal)
    assert refused(content, desk) == ["sheet.xlsx: this sheet is of another run."]


def test_a_draw_that_is_unknown_is_refused(desk: Desk):
    unknown = desk.sheets[0].model_copy(update={"name": "draw_2_coder_1"})
    (line,) = refused(coding_sheet(unknown, TEXTS, desk.choices, seal=desk.record.seal), desk)
    assert line == "sheet.xlsx: this run drew no sheet 'draw_2_coder_1'. Did you mean 'draw_1_coder_1'?"


def test_a_workbook_that_is_no_coding_sheet_is_refused(desk: Desk):
    (line,) = refused(edited(desk.contents[0], lambda book: book.remove(book["instructions"])), desk)
    assert "the sheet 'instructions' is missing" in line
    (line,) = refused(edited(desk.contents[0], lambda book: book["instructions"].delete_rows(1, 99)), desk)
    assert "'instructions' has no rows Sheet and Order" in line
    (line,) = refused(b"comment_id,comment\n", desk)
    assert "this is no XLSX workbook" in line


def test_an_empty_sheet_of_comments_lacks_its_columns(desk: Desk):
    def empty(book):
        book.remove(book["comments"])
        book.create_sheet("comments")

    assert len(refused(edited(desk.contents[0], empty), desk)) == 7


def test_a_formula_counts_by_its_last_result_and_is_never_run(desk: Desk):
    # openpyxl saves no results, so the cell is empty to a reader.
    found = read(edited(desk.contents[0], change_cell(3, "main theme", "=C2")), desk)
    assert found.codes.empty


@pytest.mark.slow
@pytest.mark.skipif(which("localc") is None, reason="LibreOffice Calc is not installed")
def test_what_libreoffice_saves_keeps_the_drop_downs_and_reads_the_same(tmp_path: Path, desk: Desk):
    names = ["Money", "no theme fits", "Equipment that works"]
    coded = {
        comment_id: {"main theme": names[place % 3], "outlook": "Mixed", "unsure": "yes", "note": "=1+1"}
        for place, comment_id in enumerate(ids(desk))
    }
    content = filled(desk.contents[0], coded)
    (tmp_path / "sheet.xlsx").write_bytes(content)
    converted = subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "xlsx",
         "--outdir", str(tmp_path / "saved"), str(tmp_path / "sheet.xlsx")],
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert converted.returncode == 0, converted.stderr
    saved = (tmp_path / "saved" / "sheet.xlsx").read_bytes()
    assert saved != content
    assert read(saved, desk).codes.equals(read(content, desk).codes)
    assert read(saved, desk).n_open == 0
    assert offered(saved) == offered(content)


def test_a_workbook_of_somebody_else_is_refused(desk: Desk):
    assert "the sheet 'comments' is missing" in refused(edited(desk.contents[0], _somebody_elses), desk)[0]


def _somebody_elses(book: Workbook) -> None:
    book["comments"].title = "Sheet1"
