"""What the drawing of least squares shows."""

from typing import Any

import numpy as np
import pytest

from gradlab.confusion import regression_figures
from gradlab.confusion.least_squares import Descent
from gradlab.confusion.regressions import Regressions
from gradlab.notebook import figures

pytestmark = pytest.mark.usefixtures("house")


def regressions(last):
    courses = (Descent((1.0, last), (2.0, 2 * last)), Descent((4.0, 4 * last), (8.0, 2 * last)))
    return Regressions((last / 4, last / 2), courses)


def test_descents_and_what_they_end_with():
    found = {2: regressions(0.5), 3: regressions(0.25), 5: regressions(0.125)}
    figure: Any = regression_figures.descents(found, samples=4, few=2, many=5)
    left, right = figure.axes
    lines = {line.get_label(): line for line in left.get_lines()}
    assert lines["2 dimensions"].get_ydata() == pytest.approx([2.0, 1.0])
    assert lines["5 dimensions"].get_ydata() == pytest.approx([2.0, 0.25])
    thin = [line.get_ydata().tolist() for line in left.get_lines() if line.get_linewidth() == 0.5]
    assert thin[:2] == [[1.0, 0.5], [4.0, 2.0]]
    floor = left.get_lines()[-1]
    assert floor.get_ydata() == pytest.approx([0.1875, 0.1875])
    assert left.get_xlim() == (0, 1)
    eta, loss = right.containers
    assert (eta.get_label(), loss.get_label()) == ("confusion bound η", "final loss")
    assert eta.lines[0].get_color() == figures.PURPLE
    assert loss.lines[0].get_xydata() == pytest.approx(np.array([[2, 1.0], [3, 0.5], [5, 0.25]]))
    assert right.get_lines()[-1].get_xdata() == [4, 4]
    # No spread over seeds in eta: its bars have no length.
    assert eta.lines[2][0].get_segments()[0][:, 1] == pytest.approx([1.0, 1.0])
