from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from gradlab.depth import curves, gradient_scale_figures
from gradlab.depth.gradient_scale import Profile
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import ARCHITECTURES
from gradlab.depth.weight_scale import Rescaled
from gradlab.notebook import figures


@pytest.fixture(autouse=True)
def closed():
    """No figure is left open."""
    yield
    plt.close("all")


@pytest.fixture
def found() -> dict[str, Growth]:
    """Each architecture grows by another factor, in the order of the register."""
    growths = {}
    for number, (name, chosen) in enumerate(ARCHITECTURES.items(), start=1):
        depths = tuple(range(0, 5, chosen.skip or 1))
        gsc = torch.tensor([(1 + number / 10) ** depth for depth in depths], dtype=torch.float64)
        growths[name] = Growth(chosen, depths, (Profile(gsc, gsc), Profile(gsc, gsc)))
    return growths


def test_growth_shows_each_architecture_beside_its_infinitely_wide_one(found: dict[str, Growth]) -> None:
    figure: Any = gradient_scale_figures.draw_growth(found)
    fast, slow = figure.axes
    for ax, names in ((fast, gradient_scale_figures.FAST), (slow, gradient_scale_figures.SLOW)):
        assert ax.get_yscale() == "log"
        assert ax.get_xlim() == (0, 4)
        assert [text.get_text() for text in ax.texts] == [ARCHITECTURES[name].title for name in names]
        for name, measured, wide in zip(names, ax.lines[::2], ax.lines[1::2], strict=True):
            means = [interval.mean for interval in found[name].curve]
            np.testing.assert_allclose(measured.get_xydata(), np.column_stack([found[name].depths, means]))
            np.testing.assert_allclose(wide.get_ydata(), found[name].wide)
            assert measured.get_color() == wide.get_color() == curves.COLOURS[name]
    assert {*gradient_scale_figures.FAST, *gradient_scale_figures.SLOW} == ARCHITECTURES.keys()


def test_factors_rise_from_row_to_row(found: dict[str, Growth]) -> None:
    figure: Any = gradient_scale_figures.draw_factors(found)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        chosen.title for chosen in ARCHITECTURES.values()
    ]
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    marks = [line for line in ax.lines if line.get_marker() == "|"]
    assert [float(dot.get_xdata()[0]) for dot in dots] == pytest.approx([1.1 + row / 10 for row in range(9)])
    assert [mark.get_xdata()[0] for mark in marks] == [growth.wide_factor for growth in found.values()]
    assert [dot.get_color() for dot in dots] == [curves.COLOURS[name] for name in found]


def test_rescaled_networks_have_a_panel_for_each_quantity() -> None:
    found = {
        "relu": Rescaled(ARCHITECTURES["relu"], (0.5, 1.0, 2.0), (0.1, 1.0, 10.0), (2.0, 2.0, 2.0)),
        "tanh": Rescaled(ARCHITECTURES["tanh"], (0.5, 1.0, 2.0), (0.2, 1.0, 5.0), (1.0, 2.0, 9.0)),
    }
    figure: Any = gradient_scale_figures.draw_rescaled(found)
    raw, gsc = figure.axes
    assert [list(line.get_ydata()) for line in raw.lines] == [[0.1, 1.0, 10.0], [0.2, 1.0, 5.0]]
    assert [list(line.get_ydata()) for line in gsc.lines] == [[2.0, 2.0, 2.0], [1.0, 2.0, 9.0]]
    for ax in (raw, gsc):
        assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
        assert [label.get_text() for label in ax.get_xticklabels()] == ["0.5", "1", "2"]
        assert [text.get_text() for text in ax.texts] == ["ReLU", "tanh"]
        assert [text.get_color() for text in ax.texts] == [figures.BLUE, figures.CYAN]
