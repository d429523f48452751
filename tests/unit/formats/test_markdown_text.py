from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from pipeline.formats.markdown_text import escaped


class Words(HTMLParser):
    def __init__(self, page):
        super().__init__()
        self.said, self.tags = [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.said.append(data)


@given(st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_markdown_shows_any_text_as_it_stands(text):
    page = Words(MarkdownIt("commonmark").enable("table").render(f"x {escaped(text)}"))
    assert page.tags == ["p"]
    assert "".join(page.said).strip() == f"x {' '.join(text.split())}".strip()


@pytest.mark.parametrize("text", ["# one", "- two", "+ three", "1. four", "12) five", "> six"])
def test_a_line_opens_no_list_and_no_heading(text):
    page = Words(MarkdownIt("commonmark").render(escaped(text)))
    assert page.tags == ["p"]
    assert "".join(page.said).strip() == text


def test_what_needs_no_mark_gets_none():
    assert escaped("care_setting, R&D: 5 % (all-MiniLM-L6-v2)") == "care_setting, R&D: 5 % (all-MiniLM-L6-v2)"
    assert escaped("two\n\nlines  here") == "two lines here"


@pytest.mark.parametrize("line", ["---", "===", "___", "- - -", "***", "-", "="])
def test_a_line_of_signs_is_neither_a_rule_nor_a_heading(line):
    from markdown_it import MarkdownIt

    for before in ("", "some words\n"):
        tokens = MarkdownIt("commonmark").parse(before + escaped(line))
        assert {token.type for token in tokens} == {"paragraph_open", "inline", "paragraph_close"}
        assert tokens[1].content.endswith(line[-1])
