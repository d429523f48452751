"""The report in headless Chromium, where that and Playwright are installed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.example_survey import Survey, comment_rows

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = [
    said
    for said, is_there in (
        ("Chromium", CHROMIUM), ("playwright", find_spec("playwright")), ("axe", find_spec("axe_playwright_python"))
    )
    if not is_there
]  # fmt: skip
ROOMS = ("public", "internal")
WIDTHS = (1280, 800, 390)

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield started
        started.close()


class Opened:
    """A page of a run, with all that it said and asked for."""

    def __init__(self, browser: Browser, survey: Survey, room: str, **options):
        self.said: list[str] = []
        self.asked: list[str] = []
        options.setdefault("viewport", {"width": 1280, "height": 900})
        self.page: Page = browser.new_context(**options).new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto((survey.output / room / "report.html").as_uri())


def texts_of(survey_rows):
    return [row["comment"] for row in survey_rows if len(row["comment"].split()) > 4][:60]


@pytest.mark.parametrize("room", ROOMS)
def test_the_page_says_nothing_on_the_console_and_asks_for_nothing_but_itself(room, finished: Survey, browser):
    opened = Opened(browser, finished, room)
    assert re.match(r"\d+px", opened.page.eval_on_selector("#ex-map", "map => map.style.height"))
    for width in WIDTHS:
        opened.page.set_viewport_size({"width": width, "height": 900})
    opened.page.emulate_media(media="print")
    assert opened.said == []
    # The font lies in the page itself.
    assert [url for url in opened.asked if not url.startswith("data:")] == [opened.page.url]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("room", ROOMS)
def test_axe_finds_no_serious_fault(room, scheme, finished: Survey, browser):
    from axe_playwright_python.sync_playwright import Axe

    page = Opened(browser, finished, room, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = Axe().run(page).response["violations"]
    grave = [
        (fault["id"], [node["target"] for node in fault["nodes"]][:3])
        for fault in found
        if fault["impact"] in ("serious", "critical")
    ]
    assert grave == []


def test_axe_would_find_a_fault(finished: Survey, browser):
    from axe_playwright_python.sync_playwright import Axe

    page = Opened(browser, finished, "public").page
    page.evaluate("document.querySelector('h1').style.color = '#dddddd'; document.documentElement.lang = ''")
    found = {fault["id"] for fault in Axe().run(page).response["violations"]}
    assert found >= {"color-contrast", "html-has-lang"}


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(room, width, finished: Survey, browser):
    page = Opened(browser, finished, room, viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    is_narrow = width < 640
    for side, is_shown in (("wide", not is_narrow), ("narrow", is_narrow)):
        assert page.locator(f"#figure-crosswalk .{side}").is_visible() == is_shown
    assert page.locator("#figure-comment_map").is_hidden()


def test_the_first_screen_holds_finding_and_picture(finished: Survey, browser):
    page = Opened(browser, finished, "public").page
    for place in ("h1", ".finding"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= 900, place
    picture = page.locator("#figure-theme_shares svg").first.bounding_box()
    assert picture["y"] < 400
    assert picture["x"] > 400


def test_the_letters_of_figures_are_those_they_were_laid_out_with(finished: Survey, browser):
    page = Opened(browser, finished, "public").page
    page.evaluate("document.fonts.ready")
    faces = page.evaluate("Array.from(document.fonts).map(face => face.family + ' ' + face.weight + ' ' + face.status)")
    assert sorted(face.replace('"', "") for face in faces) == ["DejaVu Sans bold loaded", "DejaVu Sans normal loaded"]


def shown(page) -> int:
    said = page.locator("#ex-said").inner_text()
    return int(re.match(r"(\d+) of \d+ points shown", said)[1])


def test_the_map_can_be_searched_filtered_and_zoomed(finished: Survey, browser):
    page = Opened(browser, finished, "internal").page
    page.fill("#ex-search", "volunteers")
    by_word = shown(page)
    listed = page.locator("#ex-listed li").all_inner_texts()
    assert 0 < by_word == len(listed) < 60
    page.fill("#ex-search", "no such word in any comment")
    assert shown(page) == 0
    page.fill("#ex-search", "")
    assert shown(page) == 60
    page.locator("[data-filter]").nth(0).select_option(index=1)
    assert 0 < shown(page) < 60
    page.locator("[data-filter]").nth(0).select_option("")
    page.locator("label", has_text="setting").locator("select").select_option("Village")
    assert 0 < shown(page) < 60
    page.locator("label", has_text="setting").locator("select").select_option("")

    def picture():
        return page.eval_on_selector("#ex-map", "map => map.toDataURL()")

    whole = picture()
    page.get_by_role("button", name="Zoom in").click()
    near = picture()
    assert near != whole
    page.focus("#ex-map")
    page.keyboard.press("ArrowLeft")
    assert picture() not in (whole, near)
    page.get_by_role("button", name="Whole map").click()
    assert picture() == whole


@pytest.mark.parametrize(("room", "with_words"), [("public", False), ("internal", True)])
def test_pointing_at_a_comment_shows_its_topic_and_its_words_inside_alone(room, with_words, finished: Survey, browser):
    page = Opened(browser, finished, room).page
    page.evaluate("document.getElementById('ex-map').scrollIntoView({block: 'center'})")
    # Scrolling puts a note away, and is heard of a moment later.
    page.wait_for_timeout(200)
    place = page.evaluate(
        """() => {
          const data = JSON.parse(document.getElementById("ex-data").textContent);
          const map = document.getElementById("ex-map"), box = map.getBoundingClientRect();
          const ends = (values) => [Math.min(...values), Math.max(...values)];
          const [x0, x1] = ends(data.x), [y0, y1] = ends(data.y);
          return [box.left + 24 + (data.x[0] - x0) / (x1 - x0) * (map.clientWidth - 48),
                  box.top + 24 + (y1 - data.y[0]) / (y1 - y0) * (map.clientHeight - 48)];
        }"""
    )
    page.mouse.move(*place)
    tip = page.locator("#ex-tip")
    assert tip.is_visible()
    assert any(text in tip.inner_text() for text in texts_of(comment_rows())) == with_words
    page.focus("#ex-map")
    page.keyboard.press("Escape")
    assert tip.is_hidden()


def test_the_page_is_walked_through_by_keyboard(finished: Survey, browser):
    page = Opened(browser, finished, "public").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    links = page.locator("nav a")
    for place in range(links.count()):
        target = links.nth(place).get_attribute("href")
        assert page.locator(target).count() == 1, target
    page.locator("nav a", has_text="Shares").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#shares"
    assert page.locator("#shares").bounding_box()["y"] < 300


def test_in_print_there_is_the_drawn_map_and_no_control(finished: Survey, browser):
    page = Opened(browser, finished, "public", viewport={"width": 700, "height": 1000}).page
    page.emulate_media(media="print")
    assert page.locator("#figure-comment_map .wide").is_visible()
    for hidden in ("#ex-map", ".controls", "nav"):
        assert page.locator(hidden).first.is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_report_asks_for_nothing_else(finished: Survey):
    page = (finished.output / "public" / "report.html").read_text(encoding="utf-8")
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page) == []
    assert "url(http" not in page
    assert "@import" not in page
