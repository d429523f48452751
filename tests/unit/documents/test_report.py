import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from pipeline.documents.glossary import glossary
from pipeline.documents.report import together
from pipeline.figures.gallery import FIGURES
from tests.example_survey import Survey


class Page(HTMLParser):
    """Notes ids, references to ids, links to elsewhere and headings."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.references, self.elsewhere, self.headings, self.tags = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name in ("href", "xlink:href", "src") and value:
                (self.references if value.startswith("#") else self.elsewhere).append(value)
            self.references += [f"#{found}" for found in re.findall(r"url\(#([^)]+)\)", value or "")]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


@pytest.fixture
def report(finished: Survey) -> str:
    return (finished.output / "public" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("room", ["public", "internal"])
def test_every_link_leads_to_a_file_beside_the_report(room, finished: Survey):
    page = Page((finished.output / room / "report.html").read_text(encoding="utf-8"))
    folder = finished.output / room
    assert [link for link in page.elsewhere if not (folder / link).is_file()] == []
    assert all(".." not in link for link in page.elsewhere) == (room == "public")
    # Every figure that the page shows has its files, and the methods lie beside it.
    drawn = {
        name for tag, attributes in page.tags if tag == "figure" for name in [attributes["id"].removeprefix("figure-")]
    }
    for name in drawn:
        for ending in ("svg", "png", "pdf", "csv"):
            assert any(link.endswith(f"figures/{name}.{ending}") for link in page.elsewhere), (name, ending)
    for place in ("tables/topics.docx", "tables/claims.tex", "tables/prevalence.csv", "topics.csv", "methods.docx"):
        assert any(link.endswith(place) for link in page.elsewhere), place


def test_no_line_ends_inside_an_interval(report):
    kept = '<p title="1–2">It is <span class="together">22–29%</span> or <span class="together">−15 to −5</span>.</p>'
    assert together(re.sub("</?span[^>]*>", "", kept)) == kept
    left = "<title>22–29%</title><script>a = '1–2'</script><svg><text>3–4</text></svg>from 2 to 3, word–word"
    assert together(left) == left
    # The whole report is as it was but for that.
    bare = re.sub('<span class="together">(.*?)</span>', r"\1", report)
    assert together(bare) == report
    for cell in re.findall("<td.*?</td>", report):
        assert not re.search(r"\d–\d", re.sub('<span class="together">.*?</span>', "", cell)), cell


def test_the_report_needs_nothing_from_elsewhere(report):
    page = Page(report)
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe", "img")]
    assert not [attributes for tag, attributes in page.tags if tag == "script" and "src" in attributes]
    assert "@import" not in report


def test_each_word_of_the_glossary_is_explained_once_where_it_stands_and_in_the_list(report):
    shown = [attributes["popovertarget"] for tag, attributes in Page(report).tags if "popovertarget" in attributes]
    assert len(shown) == len(set(shown)) >= 9
    assert set(shown) <= {f"term-{term}" for term in glossary()}
    for term in glossary().values():
        assert f"<dt>{term.word}</dt><dd>{term.meaning}</dd>" in report
        assert max(len(sentence.split()) for sentence in re.split(r"[.:]\s", term.meaning)) <= 20


def test_a_browser_runs_the_reports_own_scripts_and_no_others(report):
    found = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', report)
    assert len(found) == 1
    assert report.index("Content-Security-Policy") < report.index("<title>")
    rules = dict(rule.strip().split(" ", 1) for rule in found[0].split(";"))
    assert rules["default-src"] == "'none'"
    scripts = re.findall(r"<script>(.*?)</script>", report, re.DOTALL)
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    assert rules["script-src"].split() == hashes
    assert len(hashes) == 2
    assert "onclick" not in report


def test_ids_are_unique_and_every_reference_leads_somewhere(report):
    page = Page(report)
    assert len(page.ids) == len(set(page.ids))
    assert [reference for reference in page.references if reference[1:] not in page.ids] == []


def test_the_report_can_be_used_without_seeing_it(report):
    page = Page(report)
    tags = dict(page.tags)
    assert tags["html"]["lang"] == "en-GB"
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert max(b - a for a, b in zip(page.headings, page.headings[1:], strict=False)) <= 1
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    # Each figure for a page and for a telephone; nobody coded, so that there is no audit and
    # no claim is drawn; nobody is quoted beside a theme, and there are no dates.
    assert len(drawings) == 2 * (len(FIGURES) - 4)
    assert all(attributes["role"] == "img" and len(attributes["aria-label"]) > 40 for attributes in drawings)
    assert {name for name, _ in page.tags} >= {"main", "nav", "caption", "th"}


def test_every_opened_element_is_closed(report):
    void = {"meta", "br", "img", "hr", "link", "input"}
    inside_svg_closed = re.sub(r"<[^>]+/>", "", report)
    opened = [tag for tag, _ in Page(inside_svg_closed).tags if tag not in void]
    for tag in set(opened):
        assert len(re.findall(rf"</{tag}\s*>", inside_svg_closed, re.IGNORECASE)) == opened.count(tag), tag
