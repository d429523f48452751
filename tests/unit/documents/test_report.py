import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from pipeline.account.readings import UNCHECKED
from pipeline.documents.report import finding
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


def test_the_report_needs_nothing_from_elsewhere(report):
    page = Page(report)
    assert page.elsewhere == []
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe")]
    assert not [attributes for tag, attributes in page.tags if tag == "script" and "src" in attributes]
    assert "@import" not in report


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
    # Each figure for a page and for a telephone; nobody coded by sheets, so that there is no audit. The joint display
    # and the claims are files alone.
    assert len(drawings) == 2 * (len(FIGURES) - 3)
    assert all(attributes["role"] == "img" and len(attributes["aria-label"]) > 40 for attributes in drawings)
    assert {name for name, _ in page.tags} >= {"main", "nav", "caption", "th"}


def test_every_opened_element_is_closed(report):
    void = {"meta", "br", "img", "hr", "link", "input"}
    inside_svg_closed = re.sub(r"<[^>]+/>", "", report)
    opened = [tag for tag, _ in Page(inside_svg_closed).tags if tag not in void]
    for tag in set(opened):
        assert len(re.findall(rf"</{tag}\s*>", inside_svg_closed, re.IGNORECASE)) == opened.count(tag), tag


def prevalence(kind="coded"):
    is_coded = kind == "coded"
    return pd.DataFrame(
        {"theme": ["funding", "equipment", "direction", "unmapped"],
         "name": ["Money", "Equipment", "Leadership", "None"], "reading": kind, "by": "ada" if is_coded else "",
         "share": [0.2, 0.5, 0.1, 0.2], "low": [0.16, 0.45, 0.08, 0.16] if is_coded else np.nan,
         "high": [0.24, 0.55, 0.14, 0.24] if is_coded else np.nan, "share_by_topics": [0.1, 0.3, 0.05, 0.4]}
    )  # fmt: skip


def first_screen(themes, codebook, table=None):
    status = ["matched" if own else "unmapped" for own in themes]
    topics = pd.DataFrame({"status": status, "theme": [own or "unmapped" for own in themes]}, dtype=object)
    return finding({"topics": topics, "prevalence": prevalence() if table is None else table}, codebook)


def test_the_title_is_the_finding_and_the_shares_say_what_they_rest_on(codebook):
    title, said = first_screen(["funding", "equipment", "", ""], codebook)
    assert title == "The most frequent theme is “Equipment”"
    assert said == (
        "Coded by ada: Equipment 50%, Money 20%, Leadership 10% of comments. Each share could be 5 points higher or "
        "lower. 2 topics match none of the article’s themes, and lean to none."
    )


def test_a_reading_that_nobody_checked_says_so_in_the_title(codebook):
    title, said = first_screen([""], codebook, prevalence(UNCHECKED))
    assert title == "The most frequent theme is “Equipment”, by a reading that nobody has checked"
    assert "people must code some comments first" in said
    assert "higher or lower" not in said


def test_the_first_screen_has_at_most_60_words_and_6_numbers(codebook):
    many = pd.concat([prevalence().assign(theme=theme) for theme in codebook.theme_ids], ignore_index=True)
    for table in (many, many.assign(reading=UNCHECKED, low=np.nan, high=np.nan)):
        whole = " ".join(first_screen(["funding", ""], codebook, table))
        assert len(whole.split()) <= 60
        assert len(re.findall(r"\d+", whole)) <= 6


def test_where_every_topic_matches_nothing_is_called_new(codebook):
    assert first_screen(["funding"], codebook)[1].endswith(
        "Every topic matches one of the article’s themes, or leans to one."
    )
    assert "topic" not in first_screen([], codebook)[1]


def test_themes_without_a_share_have_no_place_in_the_finding(codebook):
    title, said = first_screen([], codebook, prevalence().assign(share=[0.2, np.nan, 0.1, 0.2]))
    assert title == "The most frequent theme is “Money”"
    assert "Equipment" not in said
    none = first_screen([], codebook, prevalence().assign(share=np.nan))
    assert none == ("No theme’s share can be shown", "Too few comments have a theme.")
