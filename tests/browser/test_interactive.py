"""Interactive figures in Chromium: keyboard and pointer, numbers, colours, paper, and no script at all."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser import axe
from tests.browser.test_pages_in_browser import AXE_PAGE, CACHE, SHIFT, opened
from tests.site_builder.harvest_fixtures import Place, cell, data, figure_cell

from site_builder import harvest, posts
from site_builder.pages import render_site

pytestmark = pytest.mark.browser

COLUMNS = ("half", "net", "layer", "gsc", "low", "high", "wide")
ROWS = [
    (half, net, layer, value, value / 1.1, value * 1.1, value * 1.05)
    for half, factor in (("first", 1.0), ("second", 2.0))
    for net, base, step in (("steep", 1.2, 1), ("flat", 1.01, 2))
    for layer in range(0, 11, step)
    for value in [factor * base**layer]
]
CURVES = {
    "kind": "curves",
    **{"x": "layer", "y": "gsc", "group": "net", "choose": "half", "low": "low", "high": "high"},
    **{"dotted": "wide", "log": "y", "band": "an interval"},
}
POST = f"""
The [[ ref("fig-sums") ]] comes first.

[[ figure("demo", "fig-sums", interactive="hl-vectors") ]]

[[ figure("demo", "fig-curves", interactive={CURVES!r}) ]]

## The end

Words.
"""


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = Place(tmp_path_factory.mktemp("interactive"))
    place.references("")
    numbers = cell("x", data("fig-curves", COLUMNS, ROWS))
    place.run("demo", figure_cell("fig-sums"), figure_cell("fig-curves"), numbers)
    place.template("first", POST)
    found = harvest.harvest_all(place.runs.values(), place.tree, place.site)
    posts.write_posts(place.tree, place.site, found, (), lambda line: None)
    render_site(place.tree, place.site, found, (), place.tree.site)
    return (place.tree.site / "first.html").as_uri()


@pytest.fixture
def page(browser: Browser, post: str) -> Iterator[Page]:
    """The post; whatever the browser complains of fails the test."""
    wrong: list[str] = []
    with opened(browser, color_scheme="light") as page:
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(post)
        yield page
        assert wrong == []


def explore(page: Page, label: str) -> Locator:
    figure = page.locator(f"#{label}")
    figure.get_by_role("button", name="Explore").focus()
    page.keyboard.press("Enter")
    expect(figure.locator(".plot svg")).to_be_visible()
    return figure


def press(control: Locator, key: str, times: int = 1) -> None:
    control.focus()
    for _ in range(times):
        control.press(key)


def said(figure: Locator) -> str:
    return figure.get_by_role("status").inner_text()


def expected(n: int, small: float = 0.1, large: float = 1.0) -> tuple[str, str, str]:
    """Median angle and the two shares, from the formulas of gradlab.aggregation."""
    h, low = (math.sqrt(10) * small, math.sqrt(10) * large), math.sqrt(n) * small
    angle = math.degrees(math.atan2(math.hypot(h[0], low), math.hypot(h[1], low)))
    shares = [200 / math.pi * math.atan2(low, of) for of in h]
    return f"{angle:.1f}°", f"{shares[0]:.1f} %", f"{shares[1]:.1f} %"


def bold(figure: Locator) -> tuple[str, ...]:
    return tuple(figure.get_by_role("status").locator("b").all_inner_texts())


def radii(figure: Locator, name: str) -> tuple[float, float]:
    ellipse = figure.locator(f"ellipse.{name}")
    return float(ellipse.get_attribute("rx") or 0), float(ellipse.get_attribute("ry") or 0)


# -- many small against few large --------------------------------------------------------------------


def test_the_sums_start_at_the_demonstration_and_follow_the_keyboard(page: Page) -> None:
    figure = explore(page, "fig-sums")
    assert bold(figure) == expected(100)
    assert "H 0.316 and 3.16, L 1 and 1, total 1.05 and 3.32" in said(figure)
    count = figure.get_by_label("Number of small vectors")
    expect(count).to_have_attribute("aria-valuetext", "100")
    before = radii(figure, "l")
    press(count, "End")
    assert count.get_attribute("aria-valuetext") == "1,000"
    assert bold(figure) == expected(1000)
    assert radii(figure, "l") != before
    press(count, "Home")
    assert bold(figure) == expected(0) == ("5.7°", "0.0 %", "0.0 %")
    assert radii(figure, "h") == radii(figure, "total")


def test_the_ellipses_have_the_deviations_of_the_sums(page: Page) -> None:
    figure = explore(page, "fig-sums")
    (h1, h2), (l1, l2), (t1, t2) = (radii(figure, name) for name in ("h", "l", "total"))
    assert h2 / h1 == pytest.approx(10)
    assert l1 == pytest.approx(l2)
    assert l1 / h1 == pytest.approx(math.sqrt(10))
    assert (t1, t2) == pytest.approx((math.hypot(h1, l1), math.hypot(h2, l2)))


def test_a_variance_is_the_square_of_a_deviation(page: Page) -> None:
    figure = explore(page, "fig-sums")
    figure.get_by_label("The second argument is a").select_option("variance")
    assert bold(figure) == expected(100, math.sqrt(0.1))
    assert "0.1 (deviation 0.316)" in figure.inner_text()
    press(figure.get_by_label("large entries"), "ArrowRight", 2)
    assert bold(figure) == expected(100, math.sqrt(0.1), math.sqrt(1.2))
    press(figure.get_by_label("small entries"), "ArrowLeft", 4)
    assert bold(figure) == expected(100, math.sqrt(0.06), math.sqrt(1.2))


# -- curves -----------------------------------------------------------------------------------------


def published(page: Page) -> dict[tuple[str, str], dict[str, Any]]:
    text = page.locator("#fig-curves .figure-data").text_content() or ""
    return {(one["choice"], one["name"]): one for one in json.loads(text)["series"]}


def shown(value: float) -> str:
    return f"{float(f'{value:.4g}'):,}".removesuffix(".0")


def test_the_read_out_is_what_was_published(page: Page) -> None:
    figure = explore(page, "fig-curves")
    steep, flat = published(page)["first", "steep"], published(page)["first", "flat"]
    assert bold(figure) == (shown(steep["y"][-1]), shown(flat["y"][-1]))
    assert f"({shown(steep['low'][-1])} to {shown(steep['high'][-1])})" in said(figure)
    layer = figure.get_by_role("slider", name="layer")
    cursor = figure.locator("line.cursor").get_attribute("x1")
    press(layer, "ArrowLeft")
    assert bold(figure) == (shown(steep["y"][9]),)
    assert said(figure).startswith("At 9: ")
    assert "1 not measured here" in said(figure)
    assert figure.locator("line.cursor").get_attribute("x1") != cursor
    figure.get_by_label("half").select_option("second")
    assert bold(figure) == (shown(published(page)["second", "steep"]["y"][9]),)


def test_a_curve_on_a_logarithmic_axis_is_straight_where_it_grows_exponentially(page: Page) -> None:
    figure = explore(page, "fig-curves")
    points = (figure.locator("polyline.curve").first.get_attribute("points") or "").split()
    xs, ys = zip(*(map(float, point.split(",")) for point in points), strict=True)
    assert len(points) == 11
    slopes = [(ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i]) for i in range(10)]
    assert slopes == pytest.approx([slopes[0]] * 10, abs=0.01)
    assert slopes[0] < 0


def test_curves_are_chosen_by_checkbox_and_read_by_pointing(page: Page) -> None:
    figure = explore(page, "fig-curves")
    press(figure.get_by_role("checkbox", name="steep"), "Space")
    expect(figure.locator("polyline.curve")).to_have_count(1)
    assert bold(figure) == (shown(published(page)["first", "flat"]["y"][-1]),)
    press(figure.get_by_role("checkbox", name="flat"), "Space")
    assert said(figure) == "At 10: no curve is chosen."
    press(figure.get_by_role("checkbox", name="steep"), "Space")
    box = figure.locator("line.axis").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] - 40)
    assert bold(figure) == (shown(published(page)["first", "steep"]["y"][3]),)
    expect(figure.get_by_role("slider")).to_have_attribute("aria-valuetext", "3")


# -- the page around it --------------------------------------------------------------------------------


def test_the_button_changes_between_both(page: Page) -> None:
    figure = explore(page, "fig-sums")
    button = figure.get_by_role("button", name="Show the figure")
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(figure.locator("img.figure-light")).to_be_hidden()
    press(figure.get_by_label("Number of small vectors"), "End")
    button.click()
    expect(figure.locator("img.figure-light")).to_be_visible()
    expect(figure.locator(".interactive")).to_be_hidden()
    figure.get_by_role("button", name="Explore").click()
    assert bold(figure) == expected(1000)


def test_a_preview_shows_the_static_figure(page: Page) -> None:
    explore(page, "fig-sums")
    page.locator("a.ref").hover()
    card = page.get_by_role("tooltip")
    expect(card.locator("img.figure-light")).to_be_visible()
    expect(card.locator("input, button, script")).to_have_count(0)


def test_nothing_moves_when_the_script_arrives(page: Page) -> None:
    assert page.evaluate(SHIFT) == 0
    assert page.locator("#fig-sums .explore").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_colours_and_names_are_fit_in_both_schemes(
    browser: Browser, post: str, scheme: Any, width: int
) -> None:
    with opened(browser, width=width, color_scheme=scheme) as page:
        page.goto(post)
        for label in ("fig-sums", "fig-curves"):
            explore(page, label)
        if source := axe.script(CACHE):
            page.evaluate(source)
            told = f"axe.run({AXE_PAGE}).then(all => all.violations.map(one => [one.id, one.nodes[0].html]))"
            assert page.evaluate(told) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        ink = page.locator("ellipse.total").evaluate("drawn => getComputedStyle(drawn).stroke")
        assert ink == {"light": "rgb(27, 31, 36)", "dark": "rgb(230, 233, 237)"}[scheme]


def test_the_theme_switch_changes_the_drawing(page: Page) -> None:
    curve = explore(page, "fig-curves").locator("polyline.curve").first
    before = curve.evaluate("drawn => getComputedStyle(drawn).stroke")
    page.get_by_role("button", name="Dark page").click()
    assert curve.evaluate("drawn => getComputedStyle(drawn).stroke") != before


def test_a_drawing_fits_a_page_that_becomes_narrow(page: Page) -> None:
    figure = explore(page, "fig-curves")
    page.set_viewport_size({"width": 390, "height": 800})
    expect(figure.locator(".plot > svg")).to_have_attribute("width", re.compile("^[23]..$"))


def test_on_paper_and_without_a_script_the_static_figure_stays(
    browser: Browser, page: Page, post: str
) -> None:
    figure = explore(page, "fig-sums")
    page.emulate_media(media="print")
    expect(figure.locator("img.figure-light")).to_be_visible()
    expect(figure.locator(".interactive")).to_be_hidden()
    expect(figure.locator(".explore")).to_be_hidden()
    with opened(browser, java_script_enabled=False, color_scheme="light") as silent:
        silent.goto(post)
        expect(silent.locator("#fig-sums img.figure-light")).to_be_visible()
        expect(silent.locator(".explore-bar").first).to_be_hidden()
        assert "{" not in silent.locator("#fig-sums").inner_text()
