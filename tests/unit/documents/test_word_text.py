import io
import zipfile

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn
from docx.shared import Mm

from pipeline.documents.word_text import text_as_word

TEXT = """\
# The *title*

> A notice.

One line
and the next, [a blank with *weight* and \\[inner\\] marks] then `code` and \\[no blank\\].

## List
- first: **1**
- [second]

| no. | what |
|---|---|
| 1 | a \\| b [c] |
| 2 | *d* |

## References
- Somebody (2001) Work. [doi:10.1/x](https://doi.org/10.1/x)
"""


@pytest.fixture
def document():
    return Document(io.BytesIO(text_as_word(TEXT)))


def marked(paragraph):
    return "".join(run.text for run in paragraph.runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW)


def test_headings_paragraphs_lists_and_tables_are_words_own(document):
    assert [(paragraph.style.name, paragraph.text) for paragraph in document.paragraphs if paragraph.text] == [
        ("Heading 1", "The title"), ("Quote", "A notice."),
        ("Normal", "One line and the next, [a blank with weight and [inner] marks] then code and [no blank]."),
        ("Heading 2", "List"), ("List Bullet", "first: 1"), ("List Bullet", "[second]"), ("Heading 2", "References"),
        ("Normal", "Somebody (2001) Work. doi:10.1/x (https://doi.org/10.1/x)"),
    ]  # fmt: skip
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [
        ["no.", "what"], ["1", "a | b [c]"], ["2", "d"],
    ]  # fmt: skip
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)


def test_blanks_are_highlighted_and_nothing_else_is(document):
    by_text = {paragraph.text: marked(paragraph) for paragraph in document.paragraphs}
    line = next(text for text in by_text if text.startswith("One line"))
    assert by_text.pop(line) == "[a blank with weight and [inner] marks]"
    assert by_text.pop("[second]") == "[second]"
    assert set(by_text.values()) == {""}
    assert marked(document.tables[0].cell(1, 1).paragraphs[0]) == "[c]"


def test_emphasis_is_kept(document):
    runs = {run.text: run for paragraph in document.paragraphs for run in paragraph.runs}
    assert runs["weight"].italic
    assert runs["1"].bold
    assert runs["code"].font.name == "Courier New"
    assert runs["One line"].italic is None


def test_references_hang_by_their_first_line(document):
    entry = document.paragraphs[-1].paragraph_format
    assert entry.left_indent == -entry.first_line_indent > 0


def test_pages_are_a4_in_british_english_and_say_nothing_of_the_making(document):
    section = document.sections[0]
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (210, 297)
    properties = document.core_properties
    assert (properties.title, properties.author, properties.language) == ("The title", "", "en-GB")
    assert properties.created == properties.modified
    assert properties.created.year == 2000
    wide = Document(io.BytesIO(text_as_word(TEXT, is_wide=True))).sections[0]
    assert wide.page_width > wide.page_height


def test_two_calls_give_the_same_bytes():
    made = text_as_word(TEXT)
    assert made == text_as_word(TEXT)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("text", ["1. one\n", "***\n", "- a\n  - b\n", "    code\n", "![x](y.png)\n", "<b>x</b>\n"])
def test_a_form_that_is_not_known_is_refused_and_not_left_out(text):
    with pytest.raises(ValueError, match=r"Word document|only paragraphs"):
        text_as_word(text)
