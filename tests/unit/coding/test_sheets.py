import io

import pytest
from openpyxl import load_workbook

from pipeline.codebook.codebook import Codebook
from pipeline.coding.choices import Choices
from pipeline.coding.draw import Sheet
from pipeline.coding.sheets import coding_sheet
from pipeline.errors import CodebookError
from tests.example_survey import CODEBOOK
from tests.filled_sheets import all_cells
from tests.unit.coding.conftest import TEXTS, Desk

HEADER = [
    "comment_id", "comment", "main theme", "further theme 1", "further theme 2", "outlook", "unsure", "note",
]  # fmt: skip


def offered(content: bytes) -> dict[str, list[str]]:
    """Return what each column's drop-down lists, for the second row and the last."""
    book = load_workbook(io.BytesIO(content))
    rows, lists = book["comments"], {}
    for cell in rows[1]:
        for rule in rows.data_validations.dataValidation:
            places = {f"{cell.column_letter}{row}" for row in (2, rows.max_row)}
            if all(place in rule.sqref for place in places):
                assert (rule.type, rule.showErrorMessage, rule.allow_blank) == ("list", True, True)
                if rule.formula1.startswith('"'):
                    lists[cell.value] = rule.formula1.strip('"').split(",")
                else:
                    sheet, _, cells = rule.formula1.rpartition("!")
                    lists[cell.value] = [one.value for (one,) in book[sheet.strip("'")][cells.replace("$", "")]]
    return lists


def test_a_sheet_has_the_comments_in_its_order_and_empty_cells_to_code_in(desk: Desk):
    for sheet, content in zip(desk.sheets, desk.contents, strict=True):
        cells = all_cells(content)
        assert list(cells) == ["comments", "instructions", "codebook"]
        header, *rows = cells["comments"]
        assert header == HEADER
        assert [row[0] for row in rows] == list(sheet.texts)
        assert [row[1] for row in rows] == [TEXTS[comment_id] for comment_id in sheet.texts]
        assert all(cell is None for row in rows for cell in row[2:])


def test_the_drop_downs_list_the_codes(desk: Desk):
    themes = ["Money", "Equipment that works", "Leadership and strategy"]
    assert offered(desk.contents[0]) == {
        "main theme": [*themes, "no theme fits", "nothing to say"],
        "further theme 1": themes,
        "further theme 2": themes,
        "outlook": ["Positive", "Mixed", "Negative"],
        "unsure": ["yes"],
    }


def test_without_an_outlook_facet_there_is_no_column_for_it(desk: Desk):
    content = coding_sheet(desk.sheets[0], TEXTS, Choices.of(desk.codebook, None), seal=desk.record.seal)
    assert all_cells(content)["comments"][0] == [name for name in HEADER if name != "outlook"]
    assert "outlook" not in offered(content)


def test_comments_are_texts_locked_and_wrapped_and_the_header_stays_in_view(desk: Desk):
    rows = load_workbook(io.BytesIO(desk.contents[0]))["comments"]
    assert rows.freeze_panes == "C2"
    assert rows.protection.sheet
    for row in rows.iter_rows(min_row=2):
        assert [cell.protection.locked for cell in row] == [True, True, *[False] * 6]
        assert row[1].alignment.wrap_text
        assert (row[0].data_type, row[1].data_type, row[1].quotePrefix) == ("s", "s", True)
    assert any(row[1].value.startswith("=HYPERLINK") for row in rows.iter_rows(min_row=2))


def test_nothing_that_the_machine_could_have_decided_is_in_the_file(desk: Desk):
    said = all_cells(desk.contents[0])
    words = {str(cell) for rows in said.values() for row in rows for cell in row if cell is not None}
    known = {*TEXTS.values(), *TEXTS, *HEADER, desk.record.seal, desk.sheets[0].name}
    known |= {line for rows in (said["instructions"], said["codebook"]) for row in rows for line in row}
    assert words <= known
    assert not any("topic" in word.casefold() or "machine" in word.casefold() for word in words)


def test_the_codebook_says_what_each_code_means(desk: Desk):
    rows = all_cells(desk.contents[0])["codebook"]
    assert rows[1] == [
        "Money", "Too little money or budget.", "no money in the budget\ngrants that end",
        "computers that cost too much: equipment", "The budget was cut\nThere is no money for tools\nThe grant ended",
    ]  # fmt: skip
    assert [row[0] for row in rows[4:6]] == ["no theme fits", "nothing to say"]


def test_instructions_have_short_sentences(desk: Desk):
    adjudicating = Sheet(name="adjudicate_1", coder="adjudicated", texts=dict.fromkeys(TEXTS, ""))
    content = coding_sheet(adjudicating, TEXTS, desk.choices, seal="", given={"q01": ["Money", "no theme fits"]})
    for one in (content, desk.contents[0]):
        for number, line, *_ in all_cells(one)["instructions"]:
            if number.isdigit():
                assert all(len(sentence.split()) <= 20 for sentence in line.split(". ")), line


def test_a_sheet_to_adjudicate_shows_the_codes_as_a_and_b(desk: Desk):
    sheet = Sheet(name="adjudicate_1", coder="adjudicated", texts=dict.fromkeys(("q01", "q02"), ""))
    given = {"q01": ["Money", "no theme fits"], "q02": ["=Money", "Money", "Equipment that works"]}
    content = coding_sheet(sheet, TEXTS, desk.choices, seal=desk.record.seal, given=given)
    header, *rows = all_cells(content)["comments"]
    assert header == [*HEADER[:2], "code A", "code B", "code C", *HEADER[2:]]
    assert rows[0][2:5] == ["Money", "no theme fits", None]
    assert rows[1][2:5] == given["q02"]
    assert offered(content)["main theme"][:1] == ["Money"]
    locked = [cell.protection.locked for cell in load_workbook(io.BytesIO(content))["comments"][2]]
    assert locked == [True] * 5 + [False] * 6


@pytest.mark.parametrize(("field", "taken"), [("id", "none"), ("id", "Nothing"), ("name", "No theme fits")])
def test_a_theme_that_is_called_like_no_theme_is_refused(field, taken):
    themes = [{**CODEBOOK["themes"][0], field: taken}, *CODEBOOK["themes"][1:]]
    codebook = Codebook.model_validate({"title": "A", "themes": themes})
    with pytest.raises(CodebookError, match="stands for no theme in coding"):
        Choices.of(codebook, None)
