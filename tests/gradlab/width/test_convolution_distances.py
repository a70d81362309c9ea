"""Distances of convolutional networks from linear models, their table and their drawing."""

from typing import Any

import numpy as np
import pytest
import torch

from gradlab.statistics.seeds import spread
from gradlab.width import convolution, convolution_distances, convolution_figures, linearised, task
from gradlab.width.convolution import ConvolutionDesign
from gradlab.width.convolution_distances import CONNECTED, KERNEL, LOSS, MOVED, OTHER, OWN, PARAMETERS
from gradlab.width.distances import Scaling

TASK = task.digits(3, 8, train=5, test=3, steps=4)


def test_the_rate_is_a_quarter_of_the_largest():
    design, inputs = ConvolutionDesign(6), TASK.inputs.float()[:5]
    drawn = convolution.initial(design, torch.Generator().manual_seed(90_000))
    largest = linearised.largest_rate(convolution.kernel(design, drawn, inputs))
    assert convolution_distances.rate(TASK, 6) == pytest.approx(largest / 4)


def test_a_network_that_is_not_trained_is_where_its_models_are():
    still = task.Task(TASK.inputs, TASK.targets, TASK.limit, TASK.rate, steps=0)
    found = convolution_distances.measure(still, 4, 1, rate=1.0)
    start = convolution.outputs(
        ConvolutionDesign(4),
        convolution.initial(ConvolutionDesign(4), torch.Generator().manual_seed(401)),
        TASK.inputs.float(),
    )
    assert found.pop(LOSS) == pytest.approx(float((start[:5] - TASK.targets).square().mean() / 2), rel=1e-5)
    assert found == pytest.approx(dict.fromkeys(found, 0.0), abs=1e-12)


def test_the_own_kernel_describes_a_short_descent_best():
    rate = convolution_distances.rate(TASK, 128)
    found = convolution_distances.measure(TASK, 128, 0, rate)
    assert found[OWN] < found[OTHER] < found[MOVED]
    assert found[OWN] < found[CONNECTED]
    assert 0 < found[KERNEL] < 1
    assert 0 < found[PARAMETERS] < 0.1
    again = convolution_distances.scalings(TASK, [4, 8], (3, 1), rate)
    assert again[OWN].values.shape == (2, 2)
    assert again[KERNEL].values[1, 1] == convolution_distances.measure(TASK, 8, 1, rate)[KERNEL]


@pytest.mark.usefixtures("house")
def test_table_data_and_drawing():
    values = np.array([[0.5, 0.3], [0.25, 0.15]])
    names = (*convolution_distances.QUANTITIES, MOVED)
    found = {name: Scaling((4, 8), values) for name in names}
    powers = {name: spread([-1.0, -0.5]) for name in convolution_distances.QUANTITIES}
    rows = convolution_distances.rows(found, powers, channels=(8,))
    assert rows[0] == [OWN, pytest.approx(0.2), -0.75, powers[OWN].low, powers[OWN].high]
    columns = convolution_distances.columns(found)
    assert columns["channels"] == [4, 8]
    assert columns[f"{KERNEL}, mean"] == pytest.approx([0.4, 0.2])
    figure: Any = convolution_figures.distances(found, powers, smallest=4)
    left, right = figure.axes
    labels = [line.get_label() for line in left.get_lines()]
    assert f"{CONNECTED}: −0.75" in labels
    moved = next(line for line in left.get_lines() if line.get_label() == MOVED)
    assert moved.get_ydata() == pytest.approx([0.4, 0.2])
    assert right.containers[0].lines[0].get_ydata() == pytest.approx([0.4, 0.2])
