"""What the drawings of confusion before training show."""

from typing import Any

import numpy as np
import pytest

from gradlab.confusion import initial_confusion, initial_figures
from gradlab.confusion.fully_connected import Design
from gradlab.notebook import figures
from gradlab.statistics.seeds import spread

pytestmark = pytest.mark.usefixtures("house")


def named_lines(ax):
    return {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}


def test_width_has_one_curve_per_depth_in_every_panel():
    widths = [8, 32]
    lowest = {
        Design(depth, width, phi): spread([-1 / depth, -1 / depth + 1 / width])
        for phi in initial_confusion.NONLINEARITY_NAMES
        for depth in (4, 16, 32)
        for width in widths
    }
    figure: Any = initial_figures.against_width(lowest, widths)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["ReLU", "linear", "tanh"]
    assert figure.axes[0].get_ylabel() == "smallest cosine of a pair"
    lines = named_lines(figure.axes[1])
    assert list(lines) == ["depth 4", "depth 16", "depth 32"]
    assert lines["depth 16"].get_color() == figures.VERMILION
    assert lines["depth 16"].get_xydata().tolist() == [[8, -1 / 16 + 1 / 16], [32, -1 / 16 + 1 / 64]]
    band = figure.axes[1].collections[1].get_paths()[0].vertices
    found = lowest[Design(16, 8, "linear")]
    assert {round(y, 12) for x, y in band if x == 8} == {round(found.low, 12), round(found.high, 12)}


def test_depth_has_one_curve_per_initialisation():
    lowest = {
        Design(depth, 5, phi, kind): spread([-0.1 * depth, -0.1 * depth - (kind == "gaussian")])
        for phi in initial_confusion.NONLINEARITY_NAMES
        for kind in initial_confusion.INITIALISATION_NAMES
        for depth in (2, 4)
    }
    figure: Any = initial_figures.against_depth(lowest, [2, 4], width=5)
    lines = named_lines(figure.axes[2])
    assert lines["Gaussian"].get_ydata() == pytest.approx([-0.7, -0.9])
    assert lines["orthogonal"].get_ydata() == pytest.approx([-0.2, -0.4])
    assert figure.axes[2].get_xlabel() == "depth (weight matrices)"
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == ["Gaussian", "orthogonal"]


def test_distributions_colour_confusion_alike_in_both_panels():
    points = np.linspace(-1, 1, 3)
    panels = {
        title: {f"{title} {i}": np.array([0.0, float(i), 0.0]) for i in range(4)} for title in ("a", "b")
    }
    figure: Any = initial_figures.distributions(points, panels)
    left, right = figure.axes
    first, last = named_lines(left)["a 0"], named_lines(right)["b 3"]
    assert first.get_color() == last.get_color() == figures.VERMILION
    assert last.get_ydata().tolist() == [0, 3, 0]
    assert right.get_title(loc="left") == "b"
    assert right.get_xlabel() == "cosine of a pair"


def test_looks_are_those_of_the_lines():
    assert initial_figures.looks({4: figures.GREEN}) == {4: figures.look(figures.GREEN, marker=True)}
