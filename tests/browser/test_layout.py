"""Where things stand on a post, by geometry; how heavy it is, and how long the way with the keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FloatRect
from tests.browser.chromium import pages, weight
from tests.browser.test_pages_in_browser import opened

pytestmark = pytest.mark.browser

HEAVIEST = 60
"""Compressed kB of HTML, style sheets and scripts of a post."""
MOST_STOPS = 150
FONTS = 120_000
LOADED = "[...document.fonts].filter(font => font.status === 'loaded').map(font => font.family)"
HERE = Path(__file__).resolve().parent
COVERED = (HERE / "covered.js").read_text(encoding="utf-8")
FIRST_OF_A_LINE = (HERE / "line_starts.js").read_text(encoding="utf-8")
STOPS = (HERE / "stops.js").read_text(encoding="utf-8")


def posts(site: Path) -> list[Path]:
    return [page for page in pages(site) if "blog" in page.parts]


def test_nothing_lies_on_the_list_of_contents(browser: Browser, site: Path) -> None:
    with opened(browser) as page:
        for path in posts(site):
            page.goto(path.as_uri())
            for width in (1000, 1100, 1184, 1280, 1440, 1600):
                page.set_viewport_size({"width": width, "height": 700})
                assert page.evaluate(COVERED) == [], (path.parent.name, width)


def test_no_line_begins_with_a_mark_or_a_full_stop(browser: Browser, site: Path) -> None:
    with opened(browser) as page:
        for path in posts(site):
            page.goto(path.as_uri())
            for width in (*range(320, 480, 7), *range(760, 1000, 40)):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate(FIRST_OF_A_LINE) == [], (path.parent.name, width)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_post_is_no_long_way_for_the_keyboard(browser: Browser, site: Path, width: int) -> None:
    with opened(browser, width=width, height=20_000) as page:
        for path in posts(site):
            page.goto(path.as_uri())
            page.wait_for_load_state("networkidle")
            assert page.evaluate(STOPS) <= MOST_STOPS, path.parent.name
            assert page.locator(".body a[data-name]:not([tabindex='-1'])").count() == 0


def test_the_numbers_of_a_section_are_reached_by_keyboard(browser: Browser, fixture_site: Path) -> None:
    with opened(browser) as page:
        page.goto((fixture_site / "blog" / "2026" / "many-sums" / "index.html").as_uri())
        summary = page.locator(".numbers > summary").first
        assert summary.inner_text() == "1 number of this section"
        summary.focus()
        page.keyboard.press("Enter")
        row = page.locator(".numbers tbody tr").first
        assert row.inner_text().split("\t") == [
            "exponent",
            "0.502",
            "0.49 to 0.51",
            "2,000",
            "over draws",
            "toy-sums, cell 5",
        ]
        page.keyboard.press("Tab")
        assert (
            page.evaluate("document.activeElement.getAttribute('href')")
            == "../../../runs/toy-sums.html#cell-5"
        )


def test_a_post_is_light(browser: Browser, site: Path) -> None:
    with opened(browser) as page:
        for path in posts(site):
            page.goto(path.as_uri())
            assert weight(path, page) <= HEAVIEST, path.parent.name


ON_FORMULAS = """[...document.querySelectorAll(".equation .katex-html > .tag")].filter(tag => {
  const number = tag.getBoundingClientRect(), parts = tag.parentElement.querySelectorAll(":scope > .base");
  return [...parts].map(part => part.getBoundingClientRect()).some(box => box.right > number.left
    && box.left < number.right && box.bottom > number.top && box.top < number.bottom);
}).map(tag => tag.textContent)"""
BESIDE_THE_TEXT = """(() => {
  const left = part => part.getBoundingClientRect().left;
  const heading = document.querySelector(".appendix > h2"), text = heading && left(heading);
  return !heading ? [] : [...document.querySelectorAll(".appendix > figure > figcaption")]
    .filter(one => Math.abs(left(one) - text) > 25).map(one => one.parentElement.id);
})()"""


@pytest.mark.parametrize("width", [390, 1280])
def test_no_number_lies_on_its_formula_and_no_appendix_is_narrower_than_its_text(
    browser: Browser, site: Path, width: int
) -> None:
    with opened(browser, width=width) as page:
        for path in posts(site):
            page.goto(path.as_uri())
            assert page.evaluate(ON_FORMULAS) == [], path.parent.name
            assert page.evaluate(BESIDE_THE_TEXT) == [], path.parent.name


def test_pages_are_set_in_fonts_of_their_own(browser: Browser, site: Path) -> None:
    assert sum(font.stat().st_size for font in (site / "assets" / "fonts").glob("*.woff2")) <= FONTS
    assert len(list((site / "assets" / "fonts").glob("LICENSE-*.txt"))) == 2
    with opened(browser) as page:
        for path in posts(site):
            page.goto(path.as_uri())
            page.evaluate("document.fonts.ready.then(() => null)")
            loaded = page.evaluate(LOADED)
            assert {"Article Serif", "Article Sans"} <= {name.strip('"') for name in loaded}, path.parent.name


def test_an_aside_stands_beside_its_paragraph_or_below_it(browser: Browser, fixture_site: Path) -> None:
    with opened(browser, width=1280) as page:
        page.goto((fixture_site / "blog" / "2026" / "many-sums" / "index.html").as_uri())
        aside, paragraph = page.locator(".body > aside"), page.locator(".body > p:has(+ aside)")

        def boxes() -> tuple[FloatRect, FloatRect]:
            beside, text = aside.bounding_box(), paragraph.bounding_box()
            assert beside is not None
            assert text is not None
            return beside, text

        beside, text = boxes()
        assert beside["x"] > text["x"] + text["width"]
        assert abs(beside["y"] - text["y"]) < 12
        for media, width in (("screen", 390), ("print", 605)):
            page.emulate_media(media=media)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 900})
            below, text = boxes()
            assert below["y"] >= text["y"] + text["height"]
            assert below["width"] <= text["width"]
