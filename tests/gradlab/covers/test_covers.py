"""Covers: their size, that text is legible where they are small, and that numbers come from results."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from gradlab.covers import drawings, sheet
from gradlab.notebook import figures
from gradlab.notebook.results import Table, Value

SMALL = 300
"""CSS px: how wide a cover is in a list."""


def value(mean: float, low: float = 0.0, high: float = 0.0) -> Value:
    return Value(mean, low, high, 9, "", "")


def line(group: str) -> Table:
    rows = tuple(
        (group, "relu", 4, float(x), -1 + 0.1 * x, -1.1 + 0.1 * x, -0.9 + 0.1 * x) for x in (1, 2, 4, 8)
    )
    columns = ("architecture", "nonlinearity", "group", "width", "mean smallest cosine", "low", "high")
    return Table("fig", columns, rows)


@pytest.fixture(autouse=True)
def house_style() -> Iterator[None]:
    with mpl.rc_context():
        figures.use_house_style()
        yield


def covers() -> dict[str, sheet.Draw]:
    growing = Table(
        "fig",
        ("architecture", "layer", "gsc"),
        tuple((name, layer, base**layer) for name, base in (("a", 1.2), ("b", 1.02)) for layer in range(51)),
    )
    wide = line("a")
    deep = Table("fig", tuple("depth" if name == "width" else name for name in wide.columns), wide.rows)
    maps, box = [np.eye(8, dtype=np.uint8)] * 2, (1.0, 1.0, 5.0, 5.0)
    return {
        "maps": partial(drawings.lost_and_found, maps=maps, box=box, lost=value(0.151), found=value(0.134)),
        "growth": partial(
            drawings.growth, table=growing, named=[("a", "fast", figures.BLUE), ("b", "slow", figures.GREEN)]
        ),
        "cosines": partial(drawings.cosines, width=(wide, {"nonlinearity": "relu"}), depth=(deep, {})),
        "gains": partial(drawings.gains, named=[("one", value(0.1, 0.05, 0.15), figures.BLUE)]),
    }


@pytest.mark.parametrize("name", covers())
def test_covers_are_cards_whose_text_is_legible_in_a_list(name):
    figure: Any = sheet.cover(covers()[name])
    assert tuple(figure.get_size_inches() * 200) == pytest.approx((1200, 675))
    ratios = [one.get_size_inches()[1] / one.get_size_inches()[0] for one in (figure, figure.narrow)]
    assert ratios == pytest.approx([9 / 16] * 2)
    for one in (figure, figure.narrow):
        one.draw_without_rendering()
        width, height = one.get_size_inches() * one.dpi
        for text in one.findobj(Text):
            if not (text.get_visible() and text.get_text().strip()):
                continue
            assert text.get_fontsize() / 72 / one.get_figwidth() * SMALL >= 10, text.get_text()
            box = text.get_window_extent()
            assert box.x0 >= 0, text.get_text()
            assert box.y0 >= 0, text.get_text()
            assert box.x1 <= width, text.get_text()
            assert box.y1 <= height, text.get_text()


def test_numbers_are_those_of_the_results():
    figure = sheet.cover(covers()["maps"])
    texts = {text.get_text() for text in figure.texts}
    assert {"15 % lose the object", "13 % find it again"} <= texts
    texts = {text.get_text() for text in sheet.cover(covers()["growth"]).texts}
    assert {f"×{1.2**50:,.0f}", f"×{1.02**50:.1f}"} <= texts
    with pytest.raises(TypeError, match="a cover shows a number, not 'many'"):
        drawings.number(Value("many", None, None, None, "", ""))


def test_the_ground_is_opaque_and_of_the_theme():
    figure = sheet.cover(covers()["gains"])
    ground: Any = figure.artists[0] if figure.artists else figure.patches[0]
    assert to_hex(ground.get_facecolor()) == figures.PAPER
    assert ground.get_window_extent().bounds == pytest.approx(
        (0, 0, *(figure.get_size_inches() * figure.dpi))
    )
