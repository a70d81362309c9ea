"""Interactive figures in Chromium: keyboard and pointer, numbers, colours, paper, and no script at all."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect
from tests.browser import axe
from tests.browser.test_pages_in_browser import AXE_PAGE, CACHE, SHIFT, opened
from tests.site_builder.harvest_fixtures import (
    MAP_CLASSES,
    MAP_COLUMNS,
    MAPS,
    MAPS_TOLD,
    SCAN_COLUMNS,
    SCANS,
    SIDE,
    SUM_COLUMNS,
    SUM_LOOKS,
    SUM_ROWS,
    SUMS,
    SUMS_TOLD,
    TILE_COLUMNS,
    TILES,
    TILES_TOLD,
    Place,
    cell,
    data,
    figure_cell,
    map_rows,
    scan_rows,
    tile_rows,
)

from site_builder.harvest import harvest
from site_builder.render.pages import render_site
from site_builder.write import posts

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
    **{"dotted": "wide", "log": "y"},
}
LOOKS = {
    "steep": {"colour": "#1b1f24", "dashes": []},
    "flat": {"colour": "#d5581d", "dashes": [5, 1.5]},
}
CURVES_TOLD = {
    "names": {"gsc": "scale"},
    "units": {"layer": "layers"},
    "looks": LOOKS,
    "interval": "an interval",
}
LONG = MAP_CLASSES["b.JPEG"]
STARS = {
    **{"kind": "vector-sum", "groups": ["stars", "clouds"], "symbols": ["S", "C"]},
    **{"dimensions": ["east", "north"], "counts": [4, 9], "entries": ["drift", "rise"]},
    "deviations": [0.5, 1.5],
}
STARS_TOLD = {"looks": {"S": LOOKS["steep"], "C": LOOKS["flat"], "total": SUM_LOOKS["H"]}}
POST = f"""
The [[ ref("fig-sums") ]] comes first.

[[ figure("demo", "fig-sums", interactive={SUMS!r}) ]]

[[ figure("demo", "fig-curves", interactive={CURVES!r}) ]]

[[ figure("demo", "fig-maps", interactive={MAPS!r}) ]]

[[ figure("demo", "fig-stars", interactive={STARS!r}) ]]

[[ figure("demo", "fig-scans", interactive={SCANS!r}) ]]

[[ figure("demo", "fig-tiles", interactive={TILES!r}) ]]

## The end

Words.
"""


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = Place(tmp_path_factory.mktemp("interactive"))
    place.references("")
    numbers = (
        cell("x", data("fig-curves", COLUMNS, ROWS, **CURVES_TOLD)),
        cell("x", data("fig-sums", SUM_COLUMNS, SUM_ROWS, **SUMS_TOLD)),
        cell("x", data("fig-stars", ("star", "east", "north"), [("S", 1, 2)], **STARS_TOLD)),
    )
    labels = ("fig-sums", "fig-curves", "fig-maps", "fig-stars", "fig-scans", "fig-tiles")
    maps = cell("x", data("fig-maps", MAP_COLUMNS, map_rows(), **MAPS_TOLD))
    scans = cell("x", data("fig-scans", SCAN_COLUMNS, scan_rows()))
    tiles = cell("x", data("fig-tiles", TILE_COLUMNS, tile_rows(), **TILES_TOLD))
    place.run("demo", *map(figure_cell, labels), *numbers, maps, scans, tiles)
    place.template("first", POST)
    found = harvest.harvest_all(place.runs.values(), place.tree, place.site)
    posts.write_posts(place.tree, place.site, found, (), lambda line: None)
    render_site(place.tree, place.site, found, (), place.tree.site)
    return (place.tree.site / "blog/2026/first/index.html").as_uri()


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
    """A figure that comes into view, where it is open."""
    figure = page.locator(f"#{label}")
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".plot > *")).to_be_visible()
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


def exact(figure: Locator) -> tuple[str, ...]:
    """Median angle and the two shares, as the table of a sum has them."""
    first, second, angle = figure.locator(".drawn tr > :last-child").all_inner_texts()[2:]
    return angle, first, second


def bold(figure: Locator) -> tuple[str, ...]:
    return tuple(figure.get_by_role("status").locator("b").all_inner_texts())


def radii(figure: Locator, name: str) -> tuple[float, float]:
    ellipse = figure.locator(f"ellipse.{name}")
    return float(ellipse.get_attribute("rx") or 0), float(ellipse.get_attribute("ry") or 0)


# -- many small against few large --------------------------------------------------------------------


def test_the_sums_start_at_the_demonstration_and_follow_the_keyboard(page: Page) -> None:
    figure = explore(page, "fig-sums")
    assert exact(figure) == expected(100)
    assert "√100 × 0.141 = 1.41" in figure.locator(".drawn").inner_text()
    count = figure.get_by_label("Number of small vectors")
    expect(count).to_have_attribute("aria-valuetext", "100")
    before = radii(figure, "second")
    press(count, "End")
    assert count.get_attribute("aria-valuetext") == "1,000"
    assert exact(figure) == expected(1000)
    assert radii(figure, "second") != before
    press(count, "Home")
    assert exact(figure) == expected(0) == ("5.7°", "0.0 %", "0.0 %")
    assert radii(figure, "first") == radii(figure, "total")


def test_the_ellipses_have_the_deviations_of_the_sums(page: Page) -> None:
    figure = explore(page, "fig-sums")
    (h1, h2), (l1, l2), (t1, t2) = (radii(figure, name) for name in ("first", "second", "total"))
    assert h2 / h1 == pytest.approx(10)
    assert l1 == pytest.approx(l2)
    assert l1 / h1 == pytest.approx(math.sqrt(10))
    assert (t1, t2) == pytest.approx((math.hypot(h1, l1), math.hypot(h2, l2)))


def test_a_variance_is_the_square_of_a_deviation(page: Page) -> None:
    figure = explore(page, "fig-sums")
    figure.get_by_label("The spread is a").select_option("variance")
    assert exact(figure) == expected(100, math.sqrt(0.1))
    assert "0.1 (deviation 0.316)" in figure.inner_text()
    press(figure.get_by_label("large entries"), "ArrowRight", 2)
    assert exact(figure) == expected(100, math.sqrt(0.1), math.sqrt(1.2))
    press(figure.get_by_label("small entries"), "ArrowLeft", 4)
    assert exact(figure) == expected(100, math.sqrt(0.06), math.sqrt(1.2))


def test_the_words_of_a_sum_are_the_author_s(page: Page) -> None:
    figure = explore(page, "fig-stars")
    labels = figure.locator("label").all_inner_texts()
    assert labels == [
        "Number of clouds",
        "Spread of the drift",
        "Spread of the rise",
        "The spread is a",
    ]
    assert figure.locator(".key span").all_inner_texts() == [
        "sum of the 4 stars, S",
        "sum of the clouds, C",
        "sum of all",
    ]
    assert said(figure).endswith("° away from north.")
    assert {"east", "north"} <= set(figure.locator("svg text").all_text_contents())
    assert "C is the larger part of east" in figure.locator(".drawn").inner_text()


def drawn(figure: Locator) -> list[str]:
    return figure.locator(".drawn tr > :nth-child(2)").all_inner_texts()


def test_vectors_are_drawn_again_and_the_counts_go_on(page: Page) -> None:
    figure = explore(page, "fig-sums")
    again, often = (figure.get_by_role("button", name=name) for name in ("Draw again", "Draw 100 times"))
    arrow = figure.locator(".arrow.total")
    seen = [arrow.get_attribute("points")]
    assert drawn(figure)[0] == "1 draw"
    press(again, "Enter")
    assert said(figure).startswith("Draw 2: the total points ")
    seen.append(arrow.get_attribute("points"))
    for _ in range(20):
        often.click()
    assert drawn(figure)[0] == "2,002 draws"
    assert len({*seen, arrow.get_attribute("points")}) == 3
    length, first, second, angle = drawn(figure)[1:]
    assert float(length) == pytest.approx(math.sqrt(2), rel=0.05)
    for found, wanted in zip((angle, first, second), expected(100), strict=True):
        assert float(found.strip(" °%")) == pytest.approx(float(wanted.strip(" °%")), abs=3)
    press(figure.get_by_label("Number of small vectors"), "Home")
    assert drawn(figure)[0] == "1 draw"


def test_the_arrows_of_both_groups_add_up_to_that_of_all(page: Page) -> None:
    figure = explore(page, "fig-sums")
    tips = []
    for part in ("first", "second", "total"):
        points = [
            pair.split(",")
            for pair in (figure.locator(f".arrow.{part}").get_attribute("points") or "").split()
        ]
        ends = [(float(x), float(y)) for x, y in points]
        start = [(ends[0][axis] + ends[6][axis]) / 2 for axis in (0, 1)]
        tips.append([ends[3][axis] - start[axis] for axis in (0, 1)])
    assert tips[2] == pytest.approx([tips[0][axis] + tips[1][axis] for axis in (0, 1)], abs=0.6)
    assert figure.locator(".marks.first rect").count() <= 10
    assert figure.locator(".marks.second circle").count() == 100


# -- tiles ------------------------------------------------------------------------------------------


def test_tiles_follow_what_is_chosen(page: Page) -> None:
    figure = explore(page, "fig-tiles")
    above, below = (figure.locator(".strip img").nth(place) for place in (0, 1))
    assert (above.get_attribute("src"), below.get_attribute("src")) == (tile(1), tile(3))
    assert said(figure).startswith("deep, upper, 0.1. Gain: own 0.000 (−0.050 to 0.050);")
    figure.get_by_label("Share").select_option("0.3")
    assert below.get_attribute("src") == tile(4)
    assert "ant 2 → 4; bee 3 → 4.5." in said(figure)
    # The other net has one row, and there both layers are the same picture.
    figure.get_by_label("Net").select_option("flat")
    assert (above.get_attribute("src"), below.get_attribute("src")) == (tile(2), tile(6))
    assert figure.locator(".layers").nth(1).locator("span").all_inner_texts() == ["raw = fine"]
    assert figure.locator("svg .same").count() == 1
    # What this net does not have is not shown as chosen.
    figure.get_by_label("List").select_option("All")
    assert figure.get_by_label("List").input_value() == "upper"


def test_tiles_are_chosen_in_the_plot(page: Page) -> None:
    figure = explore(page, "fig-tiles")
    figure.locator("svg .choice").nth(2).click()
    assert [figure.get_by_label(name).input_value() for name in ("Net", "List", "Share")] == [
        "deep",
        "all",
        "0.1",
    ]
    assert figure.locator(".strip img").nth(1).get_attribute("src") == tile(5)
    assert figure.locator("svg .now").count() == 1


def tile(row: int) -> str:
    return f"../../../assets/figures/demo/fig-tiles.{row}.png"


# -- curves -----------------------------------------------------------------------------------------


def published(page: Page) -> dict[tuple[str, str], dict[str, Any]]:
    text = page.locator("#fig-curves .figure-data").text_content() or ""
    return {(one["choice"], one["name"]): one for one in json.loads(text)["series"]}


def shown(value: float) -> str:
    return f"{float(f'{value:.4g}'):,}".removesuffix(".0")


def estimated(one: dict[str, Any], at: int) -> tuple[str, str, str]:
    """Mean, low and high end, with the decimals that two digits of half the interval need."""
    mean, low, high = (one[part][at] for part in ("y", "low", "high"))
    places = max(0, 1 - math.floor(math.log10((high - low) / 2)))
    return f"{mean:,.{places}f}", f"{low:,.{places}f}", f"{high:,.{places}f}"


def test_the_read_out_is_what_was_published(page: Page) -> None:
    figure = explore(page, "fig-curves")
    steep, flat = published(page)["first", "steep"], published(page)["first", "flat"]
    mean, low, high = estimated(steep, -1)
    assert bold(figure) == (mean, estimated(flat, -1)[0])
    assert f"({low} to {high})" in said(figure)
    layer = figure.get_by_role("slider", name="layer")
    cursor = figure.locator("line.cursor").get_attribute("x1")
    press(layer, "ArrowLeft")
    assert bold(figure) == (estimated(steep, 9)[0],)
    assert said(figure).startswith("At 9: ")
    assert "1 not measured here" in said(figure)
    assert figure.locator("line.cursor").get_attribute("x1") != cursor
    figure.get_by_label("half").select_option("second")
    assert bold(figure) == (estimated(published(page)["second", "steep"], 9)[0],)


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
    assert bold(figure) == (estimated(published(page)["first", "flat"], -1)[0],)
    press(figure.get_by_role("checkbox", name="flat"), "Space")
    assert said(figure) == "At 10: no curve is chosen\u2060."
    press(figure.get_by_role("checkbox", name="steep"), "Space")
    box = figure.locator("line.axis").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] - 40)
    assert bold(figure) == (estimated(published(page)["first", "steep"], 3)[0],)
    expect(figure.get_by_role("slider")).to_have_attribute("aria-valuetext", "3")


# -- two pictures behind a divider -----------------------------------------------------------------------


def published_maps() -> dict[tuple[str, str, float | None], tuple[int, float | None]]:
    """Row and density of each published picture, by photograph, layer and quantile."""
    rows = [dict(zip(MAP_COLUMNS, row, strict=True)) for row in map_rows()]
    return {
        (one["photograph"], one["layer"], one["quantile"]): (number, one["density"])
        for number, one in enumerate(rows, start=1)
    }


def assert_shown(figure: Locator, photograph: str, **sides: tuple[str, float | None]) -> None:
    """The pictures of both sides are those published, and so are the numbers of the sentence."""
    found = {name: published_maps()[photograph, *layer] for name, layer in sides.items()}
    for name, (row, _) in found.items():
        image = figure.locator(f".frame img.{name}")
        expect(image).to_have_js_property("naturalWidth", SIDE)
        assert (image.get_attribute("src") or "").endswith(f"/figures/demo/fig-maps.{row}.png")
    assert bold(figure) == tuple(shown(density) for _, density in found.values() if density is not None)


def frame_of(figure: Locator) -> FloatRect:
    frame = figure.locator(".frame")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    assert box is not None
    return box


def divided(figure: Locator) -> float:
    """Where the left picture ends and the divider stands, as a share of the width."""
    frame, line = frame_of(figure), figure.locator(".divider").bounding_box()
    assert line is not None
    share = (line["x"] + line["width"] / 2 - frame["x"]) / frame["width"]
    clipped = figure.locator("img.left").evaluate("image => getComputedStyle(image).clipPath")
    (rest,) = re.findall(r"calc\(100% - ([\d.]+)%\)|inset\(0px ([\d.]+)%", clipped)
    left = float(rest[0]) if rest[0] else 100 - float(rest[1])
    assert left / 100 == pytest.approx(share, abs=0.005)
    return share


def test_maps_begin_with_both_rules_at_the_middle_quantile(page: Page) -> None:
    figure = explore(page, "fig-maps")
    assert_shown(figure, "a.JPEG", left=("not conserved", 0.1), right=("conserved", 0.1))
    density = [
        shown(published_maps()["a.JPEG", rule, 0.1][1] or 0) for rule in ("not conserved", "conserved")
    ]
    assert said(figure) == (
        f"Class goldfish, quantile 0.1. Density inside the box: left, not conserved {density[0]}; "
        f"right, conserved {density[1]}. Of an even map it is 1."
    )
    assert divided(figure) == pytest.approx(0.5, abs=0.005)


def test_the_sentence_and_the_pictures_follow_what_is_chosen(page: Page) -> None:
    figure = explore(page, "fig-maps")
    figure.get_by_label("Photograph").select_option(LONG)
    assert_shown(figure, "b.JPEG", left=("not conserved", 0.1), right=("conserved", 0.1))
    assert said(figure).startswith(f"Class {LONG}, quantile 0.1.")
    figure.get_by_label("Quantile").select_option("0.3")
    assert_shown(figure, "b.JPEG", left=("not conserved", 0.3), right=("conserved", 0.3))
    figure.get_by_label("Left").select_option("plain")
    assert_shown(figure, "b.JPEG", left=("plain", None), right=("conserved", 0.3))
    figure.get_by_label("Right").select_option("photograph")
    assert_shown(figure, "b.JPEG", left=("plain", None), right=("photograph", None))
    plain = shown(published_maps()["b.JPEG", "plain", None][1] or 0)
    assert (
        said(figure) == f"Class {LONG}. Density inside the box: left, plain {plain}. Of an even map it is 1."
    )
    figure.get_by_label("Left").select_option("photograph")
    assert said(figure) == f"Class {LONG}."
    names = figure.get_by_label("Photograph").locator("option").all_inner_texts()
    assert names == ["goldfish (a.JPEG)", LONG, "goldfish (c.JPEG)"]


def test_the_words_of_a_comparison_are_the_author_s_or_those_of_the_data(page: Page) -> None:
    figure = explore(page, "fig-scans")
    labels = figure.locator("label").all_inner_texts()
    assert labels == ["Scan", "Dose", "Left", "Right", "Divider"]
    assert figure.get_by_label("Right").locator("option").all_inner_texts() == ["raw", "2"]
    assert said(figure) == "Patient patient 7, dose 30. Error: right, 2 0.5."
    figure.get_by_label("Dose").select_option("10")
    figure.get_by_label("Scan").select_option("patient 8")
    assert said(figure) == "Patient patient 8, dose 10. Error: right, 2 0.25."
    sources = [figure.locator(f"img.{side}").get_attribute("src") or "" for side in ("left", "right")]
    assert [source.rpartition("/")[2] for source in sources] == ["fig-scans.4.png", "fig-scans.6.png"]
    expect(figure.locator(".box")).to_be_hidden()
    assert figure.locator(".guide").inner_text() == (
        f"Drag over the picture to move the divider; choose the {SCANS['subject']}, the {SCANS['vary']} "
        "and what lies on each side."
    )
    expect(figure.locator(".note")).to_have_count(0)


def test_the_divider_is_dragged_over_the_picture(page: Page) -> None:
    figure = explore(page, "fig-maps")
    box = frame_of(figure)
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.9, middle)
    assert divided(figure) == pytest.approx(0.5, abs=0.005)
    page.mouse.down()
    assert divided(figure) == pytest.approx(0.9, abs=0.01)
    page.mouse.move(box["x"] + box["width"] * 0.25, middle + 9)
    assert divided(figure) == pytest.approx(0.25, abs=0.01)
    page.mouse.move(box["x"] - 30, middle)
    assert divided(figure) == pytest.approx(0, abs=0.001)
    expect(figure.get_by_role("slider", name="Divider")).to_have_value("0")
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.6, middle)
    assert divided(figure) == pytest.approx(0, abs=0.001)


def test_a_finger_moves_the_divider(browser: Browser, post: str) -> None:
    with opened(browser, width=360, has_touch=True, is_mobile=True) as page:
        page.goto(post)
        figure = explore(page, "fig-maps")
        box = frame_of(figure)
        at = {"x": box["x"] + box["width"] * 0.5, "y": box["y"] + 40}
        hand = page.context.new_cdp_session(page)
        hand.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
        for share in (0.6, 0.7, 0.8):
            at = at | {"x": box["x"] + box["width"] * share}
            hand.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [at]})
        hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        assert divided(figure) == pytest.approx(0.8, abs=0.01)


def test_the_keyboard_moves_the_divider_and_says_where_it_is(page: Page) -> None:
    figure = explore(page, "fig-maps")
    slider = figure.get_by_role("slider", name="Divider")
    page.evaluate("""() => {
      window.spoken = 0;
      const status = document.querySelector("#fig-maps [role=status]");
      new MutationObserver(all => { window.spoken += all.length; })
        .observe(status, { subtree: true, childList: true, characterData: true });
    }""")
    press(slider, "ArrowLeft", 3)
    assert divided(figure) == pytest.approx(0.47, abs=0.005)
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^not conserved on 47 %.*, conserved on"))
    press(slider, "End")
    assert divided(figure) == pytest.approx(1, abs=0.001)
    assert page.evaluate("window.spoken") == 0
    press(figure.get_by_label("Quantile"), "ArrowDown")
    assert page.evaluate("window.spoken") > 0


def test_the_box_lies_where_it_was_published(page: Page) -> None:
    figure = explore(page, "fig-maps")
    for photograph, x0 in (("goldfish (a.JPEG)", 1), (LONG, 2)):
        figure.get_by_label("Photograph").select_option(photograph)
        frame, box = frame_of(figure), figure.locator(".box").bounding_box()
        assert box is not None
        pixel = frame["width"] / SIDE
        place = ((box["x"] - frame["x"]) / pixel, (box["y"] - frame["y"]) / pixel)
        size = (box["width"] / pixel, box["height"] / pixel)
        assert (*place, *size) == pytest.approx((x0, 2, 5 - x0, 6), abs=0.01)


@pytest.mark.parametrize("width", [360, 1440])
def test_every_pixel_of_a_picture_is_as_wide_as_the_others(browser: Browser, post: str, width: int) -> None:
    with opened(browser, width=width) as page:
        page.goto(post)
        figure = explore(page, "fig-maps")
        box = frame_of(figure)
        assert box["width"] == box["height"]
        assert box["width"] % SIDE == 0
        assert box["width"] >= 240
        rendering = figure.locator("img.left").evaluate("image => getComputedStyle(image).imageRendering")
        assert rendering == "pixelated"
        assert figure.locator(".interactive").evaluate("panel => panel.scrollWidth <= panel.clientWidth")


def test_no_picture_is_asked_for_before_its_figure_comes_near(browser: Browser, post: str) -> None:
    with opened(browser, height=300) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url.rpartition("/")[2]))
        page.goto(post)
        page.wait_for_load_state("networkidle")
        assert "interactive.js" in asked
        pictures = re.compile(r"fig-maps\.\d+\.png")
        assert [name for name in asked if pictures.fullmatch(name)] == []
        assert_shown(
            explore(page, "fig-maps"), "a.JPEG", left=("not conserved", 0.1), right=("conserved", 0.1)
        )
        assert sorted(name for name in asked if pictures.fullmatch(name)) == [
            "fig-maps.5.png",
            "fig-maps.6.png",
        ]


# -- the page around it --------------------------------------------------------------------------------


def test_the_button_changes_between_both(page: Page) -> None:
    figure = explore(page, "fig-sums")
    button = figure.get_by_role("button", name="Show the figure that the caption describes")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(figure.locator(".figure-light img")).to_be_hidden()
    press(figure.get_by_label("Number of small vectors"), "End")
    button.click()
    expect(figure.locator(".figure-light img")).to_be_visible()
    expect(figure.locator(".interactive")).to_be_hidden()
    figure.get_by_role("button", name="Explore").click()
    assert exact(figure) == expected(1000)


def test_a_preview_shows_the_static_figure(page: Page) -> None:
    explore(page, "fig-sums")
    page.locator("a.ref").hover()
    card = page.get_by_role("tooltip")
    expect(card.locator(".figure-light img")).to_be_visible()
    expect(card.locator("input, button, script")).to_have_count(0)


def test_hardly_anything_moves_when_the_script_arrives(page: Page) -> None:
    """The first figures are opened at once; 0.1 is what counts as good."""
    assert page.evaluate(SHIFT) <= 0.05
    assert page.locator("#fig-sums .explore").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_colours_and_names_are_fit_in_both_schemes(
    browser: Browser, post: str, scheme: Any, width: int
) -> None:
    with opened(browser, width=width, color_scheme=scheme) as page:
        page.goto(post)
        for label in ("fig-sums", "fig-curves", "fig-maps"):
            explore(page, label)
        if source := axe.script(CACHE):
            page.evaluate(source)
            told = f"axe.run({AXE_PAGE}).then(all => all.violations.map(one => [one.id, one.nodes[0].html]))"
            assert page.evaluate(told) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        total = page.locator("#fig-sums ellipse.total").first
        ink = total.evaluate("drawn => getComputedStyle(drawn).stroke")
        assert ink == {"light": "rgb(27, 31, 36)", "dark": "rgb(230, 233, 237)"}[scheme]


def test_lines_look_as_they_do_in_the_static_figure(page: Page) -> None:
    figure = explore(page, "fig-curves")
    strokes = figure.locator("polyline.curve").evaluate_all(
        "drawn => drawn.map(one => [getComputedStyle(one).stroke, getComputedStyle(one).strokeDasharray])"
    )
    assert strokes == [["rgb(27, 31, 36)", "none"], ["rgb(213, 88, 29)", "10px, 3px"]]
    assert "scale" in figure.locator(".plot").inner_text()
    expect(figure.get_by_role("slider", name="layer (layers)")).to_be_visible()


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
    figures = [explore(page, label) for label in ("fig-sums", "fig-maps")]
    page.emulate_media(media="print")
    for figure in figures:
        expect(figure.locator(".figure-light img")).to_be_visible()
        expect(figure.locator(".interactive")).to_be_hidden()
        expect(figure.locator(".explore")).to_be_hidden()
    with opened(browser, java_script_enabled=False, color_scheme="light") as silent:
        silent.goto(post)
        for label in ("fig-sums", "fig-maps"):
            still = silent.locator(f"#{label}")
            expect(still.locator(".figure-light img")).to_be_visible()
            expect(still.locator("img:visible")).to_have_count(1)
            expect(still.locator(".explore-bar")).to_be_hidden()
            assert "{" not in still.inner_text()
