"""What the drawing of random networks' outputs shows."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from gradlab.notebook import figures
from gradlab.statistics.seeds import spread
from gradlab.width import kurtosis_figures
from gradlab.width.output_kurtosis import Kurtosis

pytestmark = pytest.mark.usefixtures("house")


def test_densities_and_kurtosis_with_both_estimates():
    points = np.array([-1.0, 0.0, 1.0])
    densities = {width: np.array([0.1, width / 100, 0.1]) for width in (8, 16, 32)}
    direct = spread([1.0, 3.0])
    found = {
        (width, hidden): Kurtosis(
            width, hidden, hidden / width, spread([0.5, 0.75]), direct if (width, hidden) == (8, 3) else None
        )
        for hidden in (1, 3, 7)
        for width in (8, 16)
    }
    figure: Any = kurtosis_figures.outputs(points, densities, found)
    left, right = figure.axes
    lines = {line.get_label(): line for line in left.get_lines()}
    assert lines["width 16"].get_ydata().tolist() == [0.1, 0.16, 0.1]
    assert lines["normal"].get_ydata() == pytest.approx(stats.norm.pdf(points))
    assert (left.get_xlim(), left.get_yscale()) == ((-1.0, 1.0), "log")
    texts = [text.get_text() for text in right.get_legend().get_texts()]
    assert texts == ["1 hidden layer", "3 hidden layers", "7 hidden layers"]
    formula = next(line for line in right.get_lines() if line.get_label() == "3 hidden layers")
    assert formula.get_xydata().tolist() == [[8, 3 / 8], [16, 3 / 16]]
    marks = [bars.lines[0] for bars in right.containers]
    filled = [figures.MARKERS[colour] for colour in (figures.BLUE, figures.GREEN, figures.PURPLE)]
    assert [mark.get_marker() for mark in marks[::2]] == filled
    assert [mark.get_marker() for mark in marks[1::2]] == ["x"] * 3
    assert marks[2].get_xydata().tolist() == [[8, 0.625], [16, 0.625]]
    assert marks[3].get_xydata().tolist() == [[8, 2.0]]
    assert right.containers[3].lines[2][0].get_segments()[0][1, 1] == pytest.approx(direct.high)
    assert marks[1].get_xydata().size == 0
