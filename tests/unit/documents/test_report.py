import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from pipeline.documents.report import finding
from pipeline.figures.gallery import FIGURES
from pipeline.tables.schema import empty
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
    # Each figure for a page and for a telephone.
    assert len(drawings) == 2 * len(FIGURES)
    assert all(attributes["role"] == "img" and len(attributes["aria-label"]) > 40 for attributes in drawings)
    assert {name for name, _ in page.tags} >= {"main", "nav", "caption", "th"}


def test_every_opened_element_is_closed(report):
    void = {"meta", "br", "img", "hr", "link", "input"}
    inside_svg_closed = re.sub(r"<[^>]+/>", "", report)
    opened = [tag for tag, _ in Page(inside_svg_closed).tags if tag not in void]
    for tag in set(opened):
        assert len(re.findall(rf"</{tag}\s*>", inside_svg_closed, re.IGNORECASE)) == opened.count(tag), tag


def prevalence():
    return pd.DataFrame(
        {"theme": ["funding", "equipment", "direction", "unmapped"],
         "name": ["Money", "Equipment", "Leadership", "None"],
         "share_by_comments": [0.2, 0.5, 0.1, 0.2], "share_by_topics": [0.1, 0.3, 0.05, 0.4]}
    )  # fmt: skip


def topics_with(themes, settled=True):
    status = ["fused" if ";" in own else "matched" if own else "unmapped" for own in themes]
    return pd.DataFrame({"themes": themes, "status": status, "settled": settled})


def test_the_finding_counts_matches_and_gives_the_shares(codebook):
    topics = topics_with(["funding", "equipment", ""])
    said = finding(topics, prevalence(), empty("coded"), codebook)
    assert "2 of 3 topics match a published theme; 1 matches none." in said
    assert "No topic matches Leadership and strategy." in said
    assert said.endswith(
        "Matched directly, comments have these themes: Equipment 50%, Money 20%, Leadership 10%; 20% have none."
    )


def test_the_finding_says_how_many_matches_are_unsettled(codebook):
    topics = topics_with(["funding", "equipment", ""], settled=[True, False, False])
    said = finding(topics, prevalence(), empty("coded"), codebook)
    assert "2 of 3 topics match a published theme (1 doubtful);" in said
    alone = finding(topics_with(["funding", ""], settled=[False, True]), prevalence(), empty("coded"), codebook)
    assert "1 of 2 topics matches a published theme (doubtful);" in alone


def test_the_finding_says_where_the_routes_name_different_themes_first(codebook):
    table = prevalence().assign(share_by_topics=[0.4, 0.3, 0.05, 0.2])
    said = finding(topics_with(["funding", "equipment"]), table, empty("coded"), codebook)
    assert said.endswith("20% have none. Through their topics, most have Money (40%).")


def test_a_theme_that_a_topic_carries_beside_another_is_not_missing(codebook):
    topics = topics_with(["funding; direction", "equipment"])
    said = finding(topics, prevalence(), empty("coded"), codebook)
    assert "2 of 2 topics match a published theme. Every theme has a topic." in said


def test_the_finding_says_what_a_coder_found_most_often(codebook):
    shares = {"funding": 0.1, "equipment": 0.2, "direction": 0.4, "unmapped": 0.6}
    coded = pd.DataFrame(
        [{"coder": "ada", "theme": theme, "name": theme.title(), "share": share} for theme, share in shares.items()]
    )
    said = finding(topics_with(["funding"]), prevalence(), coded, codebook)
    assert said.endswith(" By the codes of ada, most have Direction (40%).")
    hidden = finding(topics_with(["funding"]), prevalence(), coded.assign(share=np.nan), codebook)
    assert "ada" not in hidden


def test_the_finding_of_a_run_without_topics_is_about_comments_alone(codebook):
    said = finding(topics_with([]), prevalence(), empty("coded"), codebook)
    assert said.startswith("Matched directly, comments have these themes")


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ([0], "Matched directly, comments have these themes, as far as they can be shown: Money 20%."),
        ([0, 2], "Matched directly, comments have these themes, as far as they can be shown: Money 20%, "
                 "Leadership 10%."),
        ([], "There are too few comments to show the shares of themes."),
    ],
)  # fmt: skip
def test_themes_without_a_share_have_no_place_in_the_finding(codebook, shown, said):
    table = prevalence()
    table["share_by_comments"] = table["share_by_comments"].where(table.index.isin(shown))
    table["share_by_topics"] = np.nan
    assert (finding(topics_with([]), table, empty("coded"), codebook)) == said
