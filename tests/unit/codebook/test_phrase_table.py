import openpyxl
import pytest

from pipeline.codebook.codebook import load_codebook
from pipeline.errors import CodebookError

TABLE = (
    "Theme,Phrase,Definition\n"
    "Waiting times,Sat there all day,People wait long.\n"
    ",No seats free,\n"
    "Car park & buses,Nowhere to park,\n"
    "waiting  times,Two hours late,\n"
)


def load(folder, text, name="book.csv"):
    (folder / name).write_text(text, encoding="utf-8")
    return load_codebook(folder / name)


def test_a_row_is_a_phrase_and_belongs_to_the_theme_beside_or_above_it(tmp_path):
    book = load(tmp_path, TABLE)
    assert book.title == "book"
    assert [(theme.id, theme.name) for theme in book.themes] == [
        ("waiting_times", "Waiting times"), ("car_park_buses", "Car park & buses"),
    ]  # fmt: skip
    assert book.themes[0].examples == ("Sat there all day", "No seats free", "Two hours late")
    assert [theme.definition for theme in book.themes] == ["People wait long.", "Car park & buses"]


def test_a_workbook_will_do(tmp_path):
    workbook = openpyxl.Workbook()
    for line in TABLE.splitlines():
        workbook.active.append(line.split(","))
    workbook.save(tmp_path / "book.xlsx")
    assert len(load_codebook(tmp_path / "book.xlsx").themes) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme,quote\na,b\n", "the column 'phrase' is missing"),
        ("themme,phrase\na,b\n", "the column 'theme' is missing. Did you mean 'themme'?"),
        ("theme,phrase\n,b\n", "row 1 (counted below the header) has a phrase and no theme"),
        ("theme,phrase\na,b\n", "themes must hold at least 2 entries"),
        ("", "the file is empty"),
    ],
)
def test_what_is_no_codebook_is_told(text, said, tmp_path):
    with pytest.raises(CodebookError) as caught:
        load(tmp_path, text)
    assert said in caught.value.message


def test_a_missing_spreadsheet_is_told(tmp_path):
    with pytest.raises(CodebookError, match="the codebook cannot be read"):
        load_codebook(tmp_path / "none.xlsx")
