import io
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from pipeline.codebook.codebook import Codebook
from pipeline.errors import DataError
from pipeline.review.decisions import Decision, Move, Review
from pipeline.review.readback import read_csv_files, read_review_workbook
from pipeline.review.sheets import COMMENTS_CSV, DECIDED, SHOWN, TOPICS_CSV, WORKBOOK, Row, sheet_files
from tests.filled_sheets import all_cells, edited

PATH, OTHER = Path("topics_review.csv"), Path("comments_review.csv")
ROWS = [Row(0, "=cmd()", "tea, cake", 12, ""), Row(1, "Budget", "money", 7, "Money"), Row(100, "", "", None, "")]
REVIEW = Review.of(
    [
        Decision(0, name="=Tills", definition="What, is “sold”.", theme="funding", note="two\nlines", reviewer="Kim"),
        Decision(1, split=True, theme="unmapped"), Decision(100, merge_into=0),
    ],
    [Move("007", 1, note="@x", reviewer="Ada"), Move("c1", -1)],
)  # fmt: skip


def read(codebook: Codebook, rows: list[dict[str, str]], moves: list[dict[str, str]] | None = None) -> Review:
    columns = ["topic", *DECIDED]
    sheet = pd.DataFrame([{**dict.fromkeys(columns, ""), **row} for row in rows], columns=columns)
    asked = ["comment_id", "topic", "note", "reviewer"]
    moved = pd.DataFrame([{**dict.fromkeys(asked, ""), **move} for move in moves or []], columns=asked)
    return read_csv_files(
        (sheet.to_csv(index=False).encode(), PATH), (moved.to_csv(index=False).encode(), OTHER), codebook
    )


def test_sheets_are_read_back_as_they_were_written(codebook: Codebook):
    files = sheet_files(ROWS, REVIEW, codebook)
    by_csv = read_csv_files((files[TOPICS_CSV], PATH), (files[COMMENTS_CSV], OTHER), codebook)
    by_workbook = read_review_workbook(files[WORKBOOK], Path("topics_review.xlsx"), codebook)
    assert by_csv == by_workbook == REVIEW
    assert by_csv.digest == by_workbook.digest == REVIEW.digest
    assert by_csv.listed == by_workbook.listed == (0, 1, 100)


def test_a_sheet_that_nobody_touched_decides_nothing(codebook: Codebook):
    files = sheet_files(ROWS, Review(), codebook)
    assert read_csv_files((files[TOPICS_CSV], PATH), (files[COMMENTS_CSV], OTHER), codebook).is_empty
    assert read_review_workbook(files[WORKBOOK], PATH, codebook).is_empty


def test_no_cell_is_a_formula_and_the_workbook_offers_the_themes(codebook: Codebook):
    files = sheet_files(ROWS, REVIEW, codebook)
    assert b"'=cmd()" in files[TOPICS_CSV]
    book = load_workbook(io.BytesIO(files[WORKBOOK]))
    assert {cell.data_type for row in book["topics"].iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    rules = [rule.formula1 for rule in book["topics"].data_validations.dataValidation]
    assert '"yes"' in rules
    instructions = all_cells(files[WORKBOOK])["instructions"]
    first = next(number for number, row in enumerate(instructions, start=1) if row[0] == codebook.themes[0].name)
    assert f"'instructions'!$A${first}:$A${first + len(codebook.themes)}" in rules
    assert instructions[first + len(codebook.themes) - 1][0] == "none"
    assert not book["topics"].cell(2, len(SHOWN) + 1).protection.locked
    assert book["topics"].cell(2, 1).protection.locked


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"topic": "two", "name": "x"}, "topics_review.csv, row 2, column 'topic': found 'two', the number"),
        ({"topic": "", "name": "x"}, "row 2, column 'topic': found nothing, the number of a topic is wanted"),
        ({"topic": "1", "merge_into": "2.5"}, "column 'merge_into': found a text of 3 characters, the number"),
        ({"topic": "1", "merge_into": "-1"}, "column 'merge_into': found '-1', the number"),
        ({"topic": "1", "split": "perhaps"}, "column 'split': found 'perhaps', 'yes' or nothing is wanted"),
        ({"topic": "1", "theme": "Moneyy"}, "column 'theme': 'Moneyy' is no theme of the codebook, nor 'none'. Did"),
        ({"topic": "1", "merge_into": "1"}, "topics_review.csv, row 2, column 'merge_into': topic 1 is merged"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_with_file_row_and_column(row, said, codebook: Codebook):
    with pytest.raises(DataError) as told:
        read(codebook, [row])
    assert said in told.value.message


def test_rows_that_are_there_twice_are_told(codebook: Codebook):
    with pytest.raises(DataError, match=r"row 3, column 'topic': topic 1 stands in topics_review.csv, row 2 too"):
        read(codebook, [{"topic": "1", "name": "x"}, {"topic": "1", "name": "y"}])
    moves = [{"comment_id": "a", "topic": "1"}, {"comment_id": "a", "topic": "2"}]
    with pytest.raises(DataError, match=r"comments_review.csv, row 3, column 'comment_id': the comment stands in"):
        read(codebook, [], moves)


@pytest.mark.parametrize(
    ("move", "said"),
    [
        ({"topic": "1"}, "comments_review.csv, row 2, column 'comment_id': found nothing"),
        ({"comment_id": "a"}, "column 'topic': found nothing, the number of a topic is wanted, or -1 for none"),
        ({"comment_id": "a", "topic": "-2"}, "column 'topic': found '-2'"),
    ],
)
def test_a_wrong_move_is_told(move, said, codebook: Codebook):
    with pytest.raises(DataError) as told:
        read(codebook, [], [move])
    assert said in told.value.message


@pytest.mark.thorough
def test_a_missing_column_or_sheet_is_told(codebook: Codebook):
    with pytest.raises(DataError, match=r"topics_review.csv, row 1: the column 'merge_into' is missing"):
        read_csv_files((b"topic,name,definition,merge,split,theme,note,reviewer\n", PATH), None, codebook)
    content = sheet_files(ROWS, REVIEW, codebook)[WORKBOOK]
    without = edited(content, lambda book: book.remove(book["comments"]))
    with pytest.raises(DataError, match="the sheet 'comments' is missing"):
        read_review_workbook(without, PATH, codebook)


def test_no_message_has_what_people_wrote(codebook: Codebook):
    written = "what one respondent wrote in confidence"
    row = {
        "topic": written,
        "name": written,
        "merge_into": written,
        "split": written,
        "theme": written,
        "note": written,
    }
    with pytest.raises(DataError) as told:
        read(codebook, [row], [{"comment_id": written, "topic": written}])
    assert written not in str(told.value)
    assert "confidence" not in str(told.value)


def test_the_columns_of_a_spreadsheet_are_read_with_semicolons_and_numbers_with_decimals(codebook: Codebook):
    content = "topic;NAME;definition;merge_into;split;theme;note;reviewer\r\n1;Tea;;;;none;;\r\n".encode("utf-8-sig")
    review = read_csv_files((content, PATH), None, codebook)
    assert review == Review.of([Decision(1, name="Tea", theme="unmapped")], [])
