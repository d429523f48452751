"""The report in headless Chromium, where that and Playwright are installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.chromium import chromium, missing
from tests.example_survey import Survey, comment_rows

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MISSING = missing("axe_playwright_python")
ROOMS = ("public", "internal")
WIDTHS = (1280, 800, 390)

pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


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


def unfold(page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.evaluate("document.querySelectorAll('#topics-table tbody:not(.open) th button').forEach(one => one.click())")


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
def test_axe_finds_no_fault(room, scheme, finished: Survey, browser):
    from axe_playwright_python.sync_playwright import Axe

    page = Opened(browser, finished, room, color_scheme=scheme).page
    unfold(page)
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in found] == []


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
    # Tables that are not folded fit: none is to be scrolled sideways.
    scrolled = "all => all.filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth).length"
    assert page.locator(".plain:visible, .claims:visible").count() >= 3
    assert page.eval_on_selector_all(".scroll, .claims", scrolled) == 0
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    is_narrow = width < 640
    for side, is_shown in (("wide", not is_narrow), ("narrow", is_narrow)):
        assert page.locator(f"#figure-crosswalk .{side}").is_visible() == is_shown
    assert page.locator("#figure-comment_map").is_hidden()


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
    # Words may stand anywhere in a comment, in any order; the name of a topic is no comment.
    page.fill("#ex-search", "training volunteers")
    listed = page.locator("#ex-listed li button").all_inner_texts()
    assert 0 < len(listed) == shown(page)
    assert all("training" in text.lower() and "volunteers" in text.lower() for text in listed)
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
    page.locator("nav a", has_text="Claims").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#claims"
    assert page.locator("#claims").bounding_box()["y"] < 800


@pytest.mark.parametrize("room", ROOMS)
def test_every_control_is_reached_by_the_tab_key(room, finished: Survey, browser):
    page = Opened(browser, finished, room).page
    controls = page.evaluate(
        """() => {
          const all = "a[href], button:not([disabled]), summary, input, select, [tabindex='0']";
          window.toReach = new Set(Array.from(document.querySelectorAll(all)).filter((one) => one.checkVisibility()));
          return window.toReach.size;
        }"""
    )
    assert controls > 60
    for _ in range(controls + 2):
        page.keyboard.press("Tab")
        page.evaluate("window.toReach.delete(document.activeElement)")
    assert page.evaluate("Array.from(window.toReach).map((one) => one.outerHTML.slice(0, 80))") == []


def test_what_is_folded_is_printed_but_for_what_lies_in_files_beside_the_page(finished: Survey, browser):
    page = Opened(browser, finished, "public").page
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    folded = page.locator("main > details:not([open]) > summary").all_inner_texts()
    assert folded == ["Methods and references", "What made this report", "All settings"]
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("main details[open]").count() == 0
    page.emulate_media(media="print")
    # The rows of topics are printed open.
    assert page.locator("#topics-table .more").first.is_visible()


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
    assert re.findall(r'(?:src|href)="(?:[a-z]+:|/)[^"]*"', page) == []
    assert " src=" not in page
    assert "url(http" not in page
    assert "@import" not in page


MOST_SCREENS, MOST_WORDS = 10, 3000


@pytest.mark.parametrize("room", ROOMS)
def test_the_page_is_short_before_anything_is_unfolded(room, finished: Survey, browser):
    page = Opened(browser, finished, room, viewport={"width": 1280, "height": 800}).page

    def measured():
        height = page.evaluate("document.documentElement.scrollHeight")
        return height / 800, len(page.evaluate("document.body.innerText").split())

    screens, words = measured()
    assert screens <= MOST_SCREENS
    assert words <= MOST_WORDS
    # What is folded is not counted, and is there.
    unfold(page)
    assert measured()[0] > screens + 5
    assert measured()[1] > words + 2000


def test_the_first_screen_is_the_finding_its_figure_and_the_way_on(finished: Survey, browser):
    page = Opened(browser, finished, "public", viewport={"width": 1280, "height": 800}).page
    for place in ("h1", ".finding", "#figure-theme_shares", "nav"):
        box = page.locator(place).first.bounding_box()
        assert box["y"] + box["height"] <= 800, place
    said = page.locator("h1").inner_text() + ". " + page.locator(".finding").inner_text()
    assert len(said.split()) <= 60
    assert len(re.findall(r"\d+", said)) <= 6


def test_topics_are_sorted_and_opened_by_keyboard(finished: Survey, browser):
    page = Opened(browser, finished, "public").page
    rows = page.locator("#topics-table tbody")
    assert rows.count() > 2
    for place in range(rows.count()):
        row = rows.nth(place)
        opener = row.locator("th button")
        assert row.locator(".more").is_hidden()
        assert opener.get_attribute("aria-expanded") == "false"
        opener.focus()
        page.keyboard.press("Enter")
        assert row.locator(".more").is_visible()
        assert "Keywords:" in row.locator(".more").inner_text()
        assert opener.get_attribute("aria-expanded") == "true"
        page.keyboard.press("Space")
        assert row.locator(".more").is_hidden()

    def sizes():
        return page.eval_on_selector_all(
            "#topics-table tbody", "all => all.map(one => Number(one.rows[0].cells[2].dataset.value))"
        )

    head = page.locator("#topics-table thead th", has_text="Comments")
    head.locator("button").focus()
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "descending"
    assert sizes() == sorted(sizes(), reverse=True)
    page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert sizes() == sorted(sizes())
    page.locator("#topics-table thead th", has_text="Topic").locator("button").click()
    labels = page.locator("#topics-table tbody th button").all_inner_texts()
    assert labels == sorted(labels, key=str.casefold)
    assert head.get_attribute("aria-sort") is None


def test_a_link_to_a_topic_opens_its_row(finished: Survey, browser):
    page = Opened(browser, finished, "public").page
    link = page.locator("main a[href^='#topic-']").first
    row = page.locator(link.get_attribute("href"))
    assert row.locator(".more").is_hidden()
    link.focus()
    page.keyboard.press("Enter")
    row.locator(".more").wait_for(state="visible")


def test_a_word_is_explained_by_keyboard_and_by_touch(finished: Survey, browser):
    for options, act in (
        ({}, lambda page, word: (word.focus(), page.keyboard.press("Enter"))),
        ({"has_touch": True, "viewport": {"width": 390, "height": 800}}, lambda _, word: word.tap()),
    ):
        page = Opened(browser, finished, "public", **options).page
        word = page.locator("button.term").first
        meaning = page.locator(f"#{word.get_attribute('popovertarget')}")
        assert meaning.is_hidden()
        act(page, word)
        assert meaning.is_visible()
        box = meaning.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= page.viewport_size["width"]
        page.keyboard.press("Escape")
        assert meaning.is_hidden()


def test_every_comment_of_the_internal_map_is_reached_page_by_page(finished: Survey, browser):
    page = Opened(browser, finished, "internal").page
    seen = []
    while True:
        seen += page.locator("#ex-listed li button").all_inner_texts()
        following = page.locator("#ex-after")
        if following.is_disabled():
            break
        following.focus()
        page.keyboard.press("Enter")
    # innerText has the lines as they are shown; words are compared.
    assert len(seen) == 60
    assert {" ".join(text.split()) for text in texts_of(comment_rows())} <= {" ".join(text.split()) for text in seen}
    before = page.eval_on_selector("#ex-map", "map => map.toDataURL()")
    page.locator("#ex-listed li button").last.focus()
    assert page.eval_on_selector("#ex-map", "map => map.toDataURL()") != before
    page.locator("#ex-before").click()
    assert page.locator("#ex-pages").inner_text().endswith("of 60.")


def test_figures_are_dark_in_the_dark_and_light_in_print(finished: Survey, browser):
    import io

    from PIL import Image

    def paper(**options):
        page = Opened(browser, finished, "public", **options).page
        image = Image.open(io.BytesIO(page.locator("#figure-theme_shares .wide svg").screenshot())).convert("L")
        return image.getpixel((8, 8)), *image.getextrema()

    light, _, _ = paper(color_scheme="light")
    dark, darkest, lightest = paper(color_scheme="dark")
    assert light > 250
    assert dark < 40
    # The letters stand out as they do on white.
    assert lightest - darkest > 180
    page = Opened(browser, finished, "public", color_scheme="dark").page
    page.emulate_media(media="print")
    assert page.eval_on_selector(".drawing svg", "one => getComputedStyle(one).filter") == "none"
