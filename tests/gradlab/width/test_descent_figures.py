"""What the drawings of training beside the linear model show."""

from typing import Any

import numpy as np
import pytest

from gradlab.notebook import figures
from gradlab.statistics.seeds import spread
from gradlab.width import descent_figures
from gradlab.width.distances import QUANTITIES, Scaling
from gradlab.width.paths import Paths

pytestmark = pytest.mark.usefixtures("house")


def test_training_shows_each_digit_solid_and_its_linear_model_dashed():
    marks = [0, 1, 200]
    network = np.arange(12.0).reshape(3, 4)
    figure: Any = descent_figures.training({8: Paths(network, -network), 16: Paths(network, network)}, marks)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["width 8", "width 16"]
    lines = figure.axes[0].get_lines()
    assert len(lines) == 8
    assert (lines[2].get_color(), lines[2].get_linestyle()) == (figures.VERMILION, "-")
    assert lines[2].get_xydata().tolist() == [[0, 1], [1, 5], [200, 9]]
    assert (lines[3].get_color(), lines[3].get_linestyle()) == (figures.INK, "--")
    assert lines[3].get_ydata().tolist() == [-1, -5, -9]
    assert figure.axes[0].get_xlim() == (0, 200)


def test_distances_have_the_fitted_power_through_their_centre():
    widths = (32, 64, 128)
    values = np.array([[1 / w, 1 / w] for w in widths])
    values[0] = 0.4
    found = {name: Scaling(widths, values) for name in QUANTITIES}
    exponents = {name: spread([-1.0, -1.0]) for name in QUANTITIES}
    figure: Any = descent_figures.distances(found, exponents, smallest=64)
    left, right = figure.axes
    assert (left.get_ylabel(), right.get_ylabel()) == ("distance", "relative change")
    fitted = {line.get_label(): line for line in left.get_lines()}["kernel: −1.00"]
    assert fitted.get_xydata() == pytest.approx(np.array([[64, 1 / 64], [128, 1 / 128]]))
    points = right.containers[1].lines[0]
    assert points.get_marker() == "s"
    assert points.get_ydata() == pytest.approx([0.4, 1 / 64, 1 / 128])
    assert [text.get_text() for text in right.get_legend().get_texts()] == [
        "input layer: −1.00",
        "hidden layer: −1.00",
        "output layer: −1.00",
    ]
    grey = [line for line in left.get_lines() if line.get_color() == figures.MUTED]
    falls = [line.get_ydata()[1] / line.get_ydata()[0] for line in grey]
    assert falls == pytest.approx([4**-0.5, 4**-1])
    assert [text.get_text() for text in left.texts] == ["−½", "−1"]
