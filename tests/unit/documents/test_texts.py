import io
import re

import pytest
from docx import Document
from docx.enum.text import WD_COLOR_INDEX

from pipeline.documents.texts import text_files
from tests.unit.documents.test_methods import VARIANTS


@pytest.fixture(scope="module", params=["as it is", "no topics", "sentences", "no coders"])
def files(request, _context_once):
    return text_files(VARIANTS[request.param](dict(_context_once)))


def said_in(content: bytes) -> str:
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return " ".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def words(markdown: str) -> list[str]:
    """Return the words of a Markdown text without its marks."""
    plain = re.sub(r"^(#+|-|>) |^\|[-|]+\|$", "", markdown, flags=re.MULTILINE)
    plain = re.sub(r"(?<!\\)[*`|]", " ", plain).replace("\\", "")
    return sorted(re.findall(r"\w+", plain))


@pytest.mark.thorough
def test_word_and_markdown_say_the_same(files):
    assert set(files) == {
        "methods.md", "methods.docx", "references.bib", "reporting_checklist.md", "reporting_checklist.docx",
    }  # fmt: skip
    for name in ("methods", "reporting_checklist"):
        markdown = files[f"{name}.md"].decode()
        assert sorted(re.findall(r"\w+", said_in(files[f"{name}.docx"]))) == words(markdown)


def test_every_blank_of_the_text_is_highlighted(files):
    document = Document(io.BytesIO(files["methods.docx"]))
    found = [run.text for paragraph in document.paragraphs for run in paragraph.runs
             if run.font.highlight_color == WD_COLOR_INDEX.YELLOW]  # fmt: skip
    assert found == re.findall(r"\[[^\]]+\]", files["methods.md"].decode())
    assert len(found) > 8


def test_the_checklists_tables_are_words_own(files):
    tables = Document(io.BytesIO(files["reporting_checklist.docx"])).tables
    assert [len(table.rows) for table in tables] == [33, 41, 7, 22]


def test_two_calls_give_the_same_bytes(context):
    assert text_files(context) == text_files(context)
