from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from gradlab.depth import curves, domain_collapse_figures, tradeoff
from gradlab.depth.collapse_curves import Collapse
from gradlab.depth.multilayer import ARCHITECTURES
from gradlab.depth.tradeoff import Place
from gradlab.notebook import figures
from gradlab.statistics.paired import Interval


@pytest.fixture(autouse=True)
def closed():
    """No figure is left open."""
    yield
    plt.close("all")


def around(mean: float) -> Interval:
    return Interval(mean, mean * 0.9, mean * 1.1, 3)


def test_each_measure_has_a_panel_of_curves() -> None:
    found = {}
    for number, (name, chosen) in enumerate(ARCHITECTURES.items(), start=1):
        curve = (around(0.4), around(0.01 * number))
        found[name] = Collapse(chosen, (1, 2), curve, curve, curve)
    figure: Any = domain_collapse_figures.draw_collapse(found)
    axes = figure.axes
    assert [ax.get_title(loc="left") or ax.get_title() for ax in axes] == [
        "spread", "sign diversity", "not explained by a line",
    ]  # fmt: skip
    assert [ax.get_yscale() for ax in axes] == ["log", "linear", "log"]
    for ax, names in zip(axes, domain_collapse_figures.PANELS.values(), strict=True):
        assert [text.get_text() for text in ax.texts] == [ARCHITECTURES[name].title for name in names]
        for line, name in zip(ax.lines, names, strict=True):
            np.testing.assert_allclose(line.get_xydata(), [[1, 0.4], [2, found[name].spread[-1].mean]])
            assert line.get_color() == curves.COLOURS[name]


def test_the_tradeoff_joins_the_family_and_hollows_residual_networks() -> None:
    family = tradeoff.tanh_family([1.2, 2.0])
    places = {
        name: Place(chosen, around(0.001 * number), around(1 + 0.01 * number))
        for number, (name, chosen) in enumerate((ARCHITECTURES | family).items(), start=1)
    }
    figure: Any = domain_collapse_figures.draw_tradeoff(places, list(family))
    (ax,) = figure.axes
    floor, joined, *rest = ax.lines
    np.testing.assert_allclose(floor.get_ydata(), (1 + floor.get_xdata()) ** 0.25)
    np.testing.assert_allclose(joined.get_xdata(), [places[n].share.mean for n in ("tanh", *family)])
    dots = [line for line in rest if line.get_marker() == "o"]
    assert len(dots) == len(ARCHITECTURES)
    hollow = [dot for dot in dots if dot.get_markerfacecolor() == figures.PAPER]
    residual = [name for name, chosen in ARCHITECTURES.items() if chosen.skip]
    assert [dot.get_xdata()[0] for dot in hollow] == [places[name].share.mean for name in residual]
    diamonds = [line for line in rest if line.get_marker() == "D"]
    assert [line.get_ydata()[0] for line in diamonds] == [places[name].factor.mean for name in family]
    named = [chosen.title for chosen in ARCHITECTURES.values()] + ["tanh, gain 2"]
    assert [text.get_text() for text in ax.texts] == named


def test_only_names_far_from_their_marks_have_lines_to_them() -> None:
    places = {name: Place(chosen, around(0.01), around(1.1)) for name, chosen in ARCHITECTURES.items()}
    family = tradeoff.tanh_family([2.0])
    places["tanh-2"] = Place(family["tanh-2"], around(0.1), around(1.2))
    figure: Any = domain_collapse_figures.draw_tradeoff(places, list(family))
    (ax,) = figure.axes
    drawn = {text.get_text() for text in ax.texts if text.arrow_patch}
    assert drawn == {"batch-ReLU, skip", "layer-tanh", "layer-tanh, skip"}
