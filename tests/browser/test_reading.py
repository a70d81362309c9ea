"""What a reader does with a page: switch, point, click, tab, copy, print."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def post(fixture_site: Path) -> str:
    return (fixture_site / "blog/2026/many-sums/index.html").as_uri()


@pytest.fixture
def page(browser: Browser, post: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(post)
    yield page
    context.close()


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_switch_persists_and_swaps_figures(page: Page) -> None:
    assert background(page) == "rgb(255, 255, 255)"
    expect(page.locator("#fig-toy-growth .figure-light img")).to_be_visible()
    page.get_by_role("button", name="Dark page").click()
    assert background(page) == "rgb(20, 23, 26)"
    expect(page.locator("#fig-toy-growth .figure-dark img")).to_be_visible()
    expect(page.locator("#fig-toy-growth .figure-light img")).to_be_hidden()
    page.reload()
    assert background(page) == "rgb(20, 23, 26)"
    expect(page.get_by_role("button", name="Dark page")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Dark page").click()
    assert background(page) == "rgb(255, 255, 255)"


def test_without_a_choice_the_system_decides(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    assert background(page) == "rgb(20, 23, 26)"
    expect(page.locator("#fig-toy-growth .figure-dark img")).to_be_visible()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("a.cite >> nth=0", "Theory of the motion of bodies"),
        ("a.fn >> nth=0", "A note with markup"),
        ("a.ref[href='#fig-toy-growth']", "Length of a sum"),
        (".claim-refuted + .claim-mark", "The interval of the exponent holds 1."),
        ("a[data-name=exponent] >> nth=0", "0.49 to 0.51"),
    ],
)
def test_pointing_at_a_link_shows_what_it_leads_to(page: Page, link: str, said: str) -> None:
    card = page.get_by_role("tooltip")
    expect(card).to_be_hidden()
    page.locator(link).hover()
    expect(card).to_contain_text(said)
    inside = card.bounding_box()
    assert inside is not None
    assert inside["x"] >= 0
    assert inside["x"] + inside["width"] <= 1440
    assert page.locator("[id]").count() == page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
    )
    page.mouse.move(5, 5)
    expect(card).to_be_hidden()


def test_a_claim_is_opened_by_click_and_by_keyboard(page: Page) -> None:
    card = page.get_by_role("tooltip")
    page.locator(".claim-holds + .claim-mark").click()
    expect(card).to_contain_text("✓ holds")
    assert "#claim" not in page.url
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    page.locator("a[data-name=exponent]").focus()
    page.keyboard.press("Tab")
    expect(card).to_contain_text("✗ refuted")
    card.get_by_role("link", name="The whole record").click()
    expect(page.locator("#claim-linear-record")).to_have_attribute("open", "")


def test_contents_mark_the_section_in_view(page: Page) -> None:
    current = page.locator(".toc a[aria-current]")
    expect(current).to_have_count(0)
    page.locator("#code").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('code').scrollIntoView()")
    expect(current).to_have_text("The code that ran")
    expect(current).to_be_in_viewport()


def test_zoom_opens_and_gives_the_focus_back(page: Page) -> None:
    link = page.locator("#fig-toy-growth a.zoom")
    link.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Figure 1.")
    expect(dialog.locator("img:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()


def on_a_phone(browser: Browser, post: str) -> Page:
    page = browser.new_page(viewport={"width": 390, "height": 800}, color_scheme="light")
    page.goto(post)
    return page


def width_of(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["width"]


def test_a_figure_keeps_its_size_on_the_desk_and_is_another_on_a_phone(
    browser: Browser, page: Page, post: str
) -> None:
    image = "#fig-toy-growth .figure-light img"
    shown = page.locator(image)
    assert shown.evaluate("image => image.currentSrc").endswith("/fig-toy-growth.svg")
    assert width_of(shown) == 672
    small = on_a_phone(browser, post).locator(image)
    assert small.evaluate("image => image.currentSrc").endswith("/fig-toy-growth.narrow.svg")
    assert 326 <= width_of(small) <= 376
    small.page.close()


def test_paper_has_the_wide_drawing(page: Page) -> None:
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 605, "height": 900})
    image = page.locator("#fig-toy-growth .figure-light img")
    assert image.evaluate("image => image.currentSrc").endswith("/fig-toy-growth.svg")


def test_zoom_enlarges_on_the_desk_and_on_a_phone(browser: Browser, page: Page, post: str) -> None:
    small = on_a_phone(browser, post)
    for view in (page, small):
        link = view.locator("#fig-toy-growth a.zoom")
        before = width_of(link.locator("img:visible"))
        link.click()
        zoomed = view.get_by_role("dialog", name="Figure 1.").locator("img:visible")
        assert width_of(zoomed) > 1.7 * before
        view.get_by_role("button", name="Close").click()
    small.close()


def test_a_wide_table_keeps_its_first_and_its_result_column_in_view(browser: Browser, post: str) -> None:
    page = on_a_phone(browser, post)
    box = page.locator("#tbl-toy .table-scroll")
    for end in (0, 10_000):
        box.evaluate("(box, end) => { box.scrollLeft = end; }", end)
        edges = box.evaluate("""box =>
            [box, ...box.querySelectorAll("tbody tr:first-child :is(td:first-child, .result)")]
            .map(part => part.getBoundingClientRect()).map(({left, right}) => [left, right])""")
        (left, right), first, result = edges
        assert first[0] == pytest.approx(left, abs=1)
        assert first[1] <= result[0] + 1
        assert result[1] <= right + 1
    assert box.evaluate("box => box.scrollWidth > box.clientWidth && !box.classList.contains('fits')")
    page.close()


def test_what_scrolls_says_so_and_what_fits_does_not(browser: Browser, page: Page, post: str) -> None:
    wide = page.locator("#tbl-toy .table-scroll")
    expect(wide).to_have_class("table-scroll fits")
    expect(wide).not_to_have_attribute("tabindex", "0")
    narrow = on_a_phone(browser, post)
    for place in ("#tbl-toy .table-scroll", ".code pre"):
        shadow = narrow.locator(place).first.evaluate("box => getComputedStyle(box).backgroundAttachment")
        assert shadow.startswith("local, local, scroll, scroll")
    narrow.close()


def test_formulas_are_copied_as_tex(page: Page) -> None:
    copied = page.evaluate("""() => {
      getSelection().selectAllChildren(document.querySelector(".body > p"));
      const clipboardData = new DataTransfer();
      document.dispatchEvent(new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true }));
      return clipboardData.getData("text/plain");
    }""")
    assert r"a sum of $n$ independent terms grows as $\sqrt{n}$, not as" in copied


def test_code_is_copied_as_it_was_written(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    listing = page.locator("#lst-long .code")
    listing.hover()
    listing.get_by_role("button", name="Copy: Listing 2").click()
    expect(listing.get_by_role("button")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("first = 1\na = [\n    1,\n")
    assert copied.endswith("]\nlast = sum(a)")


def test_a_long_listing_unfolds(page: Page) -> None:
    listing = page.locator("#lst-long pre")
    before = listing.bounding_box()
    page.locator("#lst-long .fold summary").click()
    after = listing.bounding_box()
    assert before is not None
    assert after is not None
    assert after["height"] > before["height"] + 50


@pytest.mark.parametrize("width", [1200, 1440])
def test_footnotes_stand_beside_the_text_where_there_is_room(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for note in page.locator(".margin-note").all():
        beside, text = note.bounding_box(), note.locator("xpath=..").bounding_box()
        assert beside is not None
        assert text is not None
        assert text["x"] + text["width"] < beside["x"] < beside["x"] + beside["width"] < width
        assert text["y"] <= beside["y"] < text["y"] + text["height"]
    expect(page.locator(".margin-note")).to_have_count(2)


def test_a_narrow_page_and_paper_have_footnotes_in_the_list_only(page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 900})
    expect(page.locator(".margin-note").first).to_be_hidden()
    expect(page.locator("#fn-1")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(media="print")
    expect(page.locator(".margin-note").first).to_be_hidden()


@pytest.mark.parametrize("width", [360, 390])
def test_the_record_of_a_run_has_the_whole_width_of_a_phone(
    page: Page, fixture_site: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto((fixture_site / "runs" / "toy-sums.html").as_uri())
    record = page.locator(".run-facts").bounding_box()
    assert record is not None
    for fact in page.locator(".run-facts dd").all():
        box = fact.bounding_box()
        assert box is not None
        assert (box["x"], box["width"]) == (record["x"], record["width"])


def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()


def test_everything_is_read_without_a_script(browser: Browser, post: str) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(post)
    expect(page.locator(".theme-switch")).to_be_hidden()
    expect(page.locator("#fig-toy-growth .figure-dark img")).to_be_visible()
    expect(page.locator(".formula .katex-html").first).to_be_visible()
    expect(page.locator("#lst-toy pre")).to_contain_text("def total")
    page.locator(".claim-refuted + .claim-mark").click()
    assert page.url.endswith("#claim-linear-record")
    page.locator("#claim-linear-record summary").click()
    expect(page.locator("#claim-linear-record dl")).to_be_visible()
    context.close()


def test_paper_is_light_and_has_no_switches(page: Page) -> None:
    page.get_by_role("button", name="Dark page").click()
    page.emulate_media(media="print", color_scheme="dark")
    for unseen in (".site-header", ".toc", ".copy", ".cell-link", ".fold"):
        expect(page.locator(unseen).first).to_be_hidden()
    expect(page.locator("#fig-toy-growth .figure-light img")).to_be_visible()
    expect(page.locator("#fig-toy-growth .figure-dark img")).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    fold = "document.querySelector('#lst-long pre')"
    assert page.evaluate(f"{fold}.scrollHeight <= {fold}.clientHeight + 1")


def test_an_old_address_leads_on_with_its_anchor(browser: Browser, fixture_site: Path) -> None:
    page = browser.new_page()
    page.goto((fixture_site / "many-sums.html").as_uri() + "#claim-grows")
    page.wait_for_url("**/blog/2026/many-sums/index.html#claim-grows")
    page.close()
