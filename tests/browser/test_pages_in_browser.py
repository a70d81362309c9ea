"""Every page of a site as a browser shows it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page
from tests.browser import axe
from tests.browser.chromium import pages

pytestmark = pytest.mark.browser

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent.parent / ".cache"
LIGHT_AND_DARK: list[Literal["light", "dark"]] = ["light", "dark"]
BROKEN = """[...document.images]
  .filter(image => image.checkVisibility() && image.complete && !image.naturalWidth)
  .map(image => image.src)"""
WIDTHS = (320, 390, 820, 1180, 1440)
# The letters of formulas and the words of code are many and alike; `contrast.js` looks at those.
AXE_PAGE = "{ exclude: ['.katex-html', 'pre span'] }"
SHIFT = """() => new Promise(resolve => {
  let sum = 0;
  new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 150);
})"""


@contextmanager
def opened(browser: Browser, width: int = 1440, height: int = 900, **options: Any) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, reduced_motion="reduce", **options
    )
    try:
        yield context.new_page()
    finally:
        context.close()


def test_nothing_fails_and_nothing_comes_from_elsewhere(browser: Browser, site: Path) -> None:
    with opened(browser, height=6000) as page:
        wrong: list[str] = []
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("requestfailed", lambda request: wrong.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:")) else wrong.append(request.url),
        )
        for path in pages(site):
            page.goto(path.as_uri())
            page.wait_for_load_state("networkidle")
            assert page.evaluate(BROKEN) == [], path.name
        assert wrong == []


def test_no_page_is_wider_than_the_screen(browser: Browser, site: Path) -> None:
    with opened(browser) as page:
        for path in pages(site):
            page.goto(path.as_uri())
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                over = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                assert over <= 0, f"{path.name} is {over} px too wide at {width} px"


@pytest.mark.parametrize("scheme", LIGHT_AND_DARK)
def test_text_has_contrast(browser: Browser, site: Path, scheme: Literal["light", "dark"]) -> None:
    script = (HERE / "contrast.js").read_text(encoding="utf-8")
    with opened(browser, color_scheme=scheme) as page:
        for path in pages(site):
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
            assert page.evaluate(script) == [], path.name


def test_pages_stand_still_while_they_load(browser: Browser, site: Path) -> None:
    with opened(browser) as page:
        for path in pages(site):
            page.goto(path.as_uri())
            page.wait_for_load_state("load")
            # A paragraph may gain or lose a line when its font arrives; 0.1 is what a reader does not mind.
            assert page.evaluate(SHIFT) < 0.02, path.name


@pytest.mark.parametrize("scheme", LIGHT_AND_DARK)
def test_axe_finds_nothing(browser: Browser, site: Path, scheme: Literal["light", "dark"]) -> None:
    source = axe.script(CACHE)
    if source is None:
        pytest.skip("axe-core cannot be had from the npm registry here")
    # Only colours differ between the schemes.
    rules = "{ resultTypes: ['violations'] }" if scheme == "light" else "{ runOnly: ['color-contrast'] }"
    with opened(browser, color_scheme=scheme) as page:
        for path in pages(site):
            page.goto(path.as_uri())
            page.evaluate(source)
            found = page.evaluate(f"axe.run({AXE_PAGE}, {rules}).then(result => result.violations)")
            told = [
                f"{path.name}: {one['id']}: {node['html'][:150]}"
                for one in found
                for node in one["nodes"][:3]
            ]
            assert told == []


def test_formulas_are_set_in_their_own_fonts(browser: Browser, site: Path) -> None:
    with opened(browser) as page:
        seen = 0
        for path in pages(site):
            page.goto(path.as_uri())
            page.evaluate("document.fonts.ready.then(() => null)")
            formulas = page.locator(".formula").count()
            assert page.locator(".formula math annotation").count() == formulas, path.name
            if formulas:
                loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
                assert any(family.startswith("KaTeX") for family in page.evaluate(loaded)), path.name
            seen += formulas
        assert seen > 0
