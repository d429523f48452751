import io

import pandas as pd
import pytest
from pypdf import PdfReader

from pipeline import load_run
from pipeline.documents.board_brief import _laid_out, board_brief
from pipeline.documents.finding import finding
from pipeline.figures.style import figure_style
from tests.example_survey import Survey

NOTICE = "Made up for a test."
FOOT_MM = 277.0
"""Where the foot of a page begins at the highest."""


@pytest.fixture
def run(finished: Survey):
    return load_run(finished.output)


def quoted(run, *quotations, theme=0, attribution="a nurse"):
    name = run.codebook.themes[theme].name
    row = {"topic": 0, "label": "t", "theme": "", "comment_themes": name, "attribution": attribution}
    rows = [{**row, "quotation": one} for one in quotations]
    return {**run._public, "quotations": pd.DataFrame(rows)}


def pages_of(content):
    reader = PdfReader(io.BytesIO(content))
    return reader, [" ".join(page.extract_text().split()) for page in reader.pages]


@pytest.mark.thorough
def test_the_brief_has_two_pages_with_the_answer_and_how_sure_it_is(run):
    title, said = finding(run._public, run.codebook)
    _, (first, second) = pages_of(board_brief(run._public, run.codebook, notice=NOTICE))
    for words in (title, said, "Page 1 of 2.", NOTICE, run.codebook.themes[0].name, "No comment is quoted",
                  "How sure we are"):  # fmt: skip
        assert words in first
    for words in ("What the article claims", "What each theme means", NOTICE):
        assert words in second


@pytest.mark.thorough
def test_what_the_first_page_has_no_room_for_stands_on_the_second(run):
    first, second = pages_of(board_brief(run._public, run.codebook))[1]
    assert "What the article does not have" in first
    long = " ".join(["respondents"] * 60)
    topics = run._public["topics"].assign(status="unmapped", theme="unmapped")
    tables = {**quoted(run, *[f"{n} {long}" for n in range(3)], attribution=long), "topics": pd.concat([topics] * 4)}
    names = tuple(theme.model_copy(update={"name": run.codebook.themes[0].name}) for theme in run.codebook.themes)
    first, second = pages_of(board_brief(tables, run.codebook.model_copy(update={"themes": names})))[1]
    assert "What respondents said" in first
    assert "What the article does not have" in second
    assert second.index("What the article does not have") < second.index("What each theme means")


@pytest.mark.thorough
def test_no_comments_words_are_in_it_but_those_that_may_be_quoted(run):
    texts = [" ".join(text.split()) for text in run.comments["text"] if len(text.split()) > 4]
    # Somebody answered with the question, which the brief has too.
    texts = [text for text in texts if text != run.codebook.question]
    released = texts[0]
    for tables, allowed in ((run._public, set()), (quoted(run, released), {released})):
        said = " ".join(pages_of(board_brief(tables, run.codebook))[1])
        assert {text for text in texts if text in said} == allowed


@pytest.mark.thorough
def test_a_quotation_stands_with_who_said_it_and_its_theme(run):
    _, (first, _) = pages_of(board_brief(quoted(run, "We have no money at all."), run.codebook))
    assert "“We have no money at all.” a nurse. Theme: " + run.codebook.themes[0].name in first
    _, (first, _) = pages_of(board_brief(quoted(run, "We have no money.", attribution=""), run.codebook))
    assert "“We have no money.” Theme: " in first


@pytest.mark.thorough
def test_fonts_are_embedded_and_the_same_tables_give_the_same_bytes(run):
    content = board_brief(run._public, run.codebook, notice=NOTICE)
    assert board_brief(run._public, run.codebook, notice=NOTICE) == content
    reader, _ = pages_of(content)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            parts = [part.get_object() for part in font.get_object().get("/DescendantFonts", [font])]
            assert all("/FontFile2" in part.get_object()["/FontDescriptor"].get_object() for part in parts)
    assert "/CreationDate" not in (reader.metadata or {})


@pytest.mark.thorough
def test_however_much_there_is_to_say_it_ends_above_the_foot_of_its_pages(run):
    long = " ".join(["respondents"] * 200)
    topics = run._public["topics"]
    many = pd.concat([topics.assign(label=long, status="unmapped", theme="unmapped")] * 9, ignore_index=True)
    tables = {**quoted(run, *[f"{n} {long}" for n in range(3)], attribution=long), "topics": many}
    names = tuple(theme.model_copy(update={"name": run.codebook.themes[0].name}) for theme in run.codebook.themes)
    book = run.codebook.model_copy(update={"themes": names, "question": long, "title": long})
    with figure_style():
        pages = _laid_out(tables, (long, long), book, NOTICE)
    assert all(page.down < FOOT_MM for page in pages)


@pytest.mark.thorough
def test_dollar_signs_are_letters(run):
    _, (first, _) = pages_of(board_brief(quoted(run, "It cost $5 and then $6_a more"), run.codebook))
    assert "It cost $5 and then $6_a more" in first
