"""Distances from the linear model against their definitions, and powers of the width."""

import numpy as np
import pytest
import torch

from gradlab.statistics.seeds import spread
from gradlab.width import distances, linearised, task, wide
from gradlab.width.distances import QUANTITIES, Scaling

TASK = task.digits(3, 8, train=6, test=4, steps=5)


def test_distances_are_those_of_a_network_trained_step_by_step():
    found = distances.measure(TASK, 12, seed=2)
    design = wide.WideDesign(12)
    start = wide.initial(design, 64, torch.Generator().manual_seed(1202))
    inputs, targets = TASK.inputs.float(), TASK.targets.float()
    leaves = [p.clone().requires_grad_() for layer in start for p in layer]
    for _ in range(5):
        layers = tuple(zip(leaves[::2], leaves[1::2], strict=True))
        loss = ((wide.outputs(design, layers, inputs[:6]) - targets) ** 2).mean() / 2
        slopes = torch.autograd.grad(loss, leaves)
        leaves = [(p - TASK.rate * s).detach().requires_grad_() for p, s in zip(leaves, slopes, strict=True)]
    end = tuple((w.detach(), b.detach()) for w, b in zip(leaves[::2], leaves[1::2], strict=True))
    outputs = wide.outputs(design, end, inputs).double()
    kernel = wide.kernel(design, start, inputs)
    linear = linearised.evolve(wide.outputs(design, start, inputs), TASK.targets, kernel, TASK.rate, 5)
    assert found.outputs == pytest.approx(float(((outputs - linear)[6:] ** 2).mean()) ** 0.5, rel=1e-3)
    change = wide.kernel(design, end, inputs) - kernel
    assert found.kernel == pytest.approx(float(change.norm() / kernel.norm()), rel=1e-3)
    assert found.loss == pytest.approx(float(((outputs[:6] - TASK.targets) ** 2).mean() / 2), rel=1e-3)
    assert found.layers == pytest.approx(wide.moved(start, end), rel=1e-3)
    assert (found.length, found.parameters) == pytest.approx(wide.moved_total(start, end), rel=1e-3)


def test_scalings_hold_each_quantity_by_width_and_seed():
    found = distances.scalings(TASK, [8, 16], seeds=2)
    assert list(found) == [*QUANTITIES, "length", "loss"]
    one = distances.measure(TASK, 16, seed=1)
    measured = [one.outputs, one.kernel, one.parameters, *one.layers, one.length, one.loss]
    assert [scaling.values[1, 1] for scaling in found.values()] == pytest.approx(measured)


def power(exponent):
    """A power law that the smallest width does not follow, times a factor for each of two seeds."""
    widths = (2, 4, 8, 16)
    values = np.array([[w**exponent, 3.0 * w**exponent] for w in widths])
    values[0] = 77.0
    return Scaling(widths, values)


def test_exponent_is_fitted_from_a_width_on():
    found = power(-0.75).exponent(smallest=4)
    assert (found.mean, found.low, found.high) == pytest.approx((-0.75, -0.75, -0.75))
    assert power(-0.75).exponent(smallest=2).mean < -0.9


def test_means_are_over_seeds():
    scaling = power(-1.0)
    assert scaling.at(8) == spread([1 / 8, 3 / 8])
    assert [one.mean for one in scaling.means()] == pytest.approx([77, 1 / 2, 1 / 4, 1 / 8])


def test_data_and_table():
    found = {name: power(-1.0) for name in QUANTITIES}
    columns = distances.columns(found)
    assert columns["width"] == [2, 4, 8, 16]
    assert len(columns) == 1 + 3 * len(QUANTITIES)
    assert columns["kernel, mean"] == pytest.approx([77, 1 / 2, 1 / 4, 1 / 8])
    assert columns["hidden layer, low"] == [one.low for one in power(-1.0).means()]
    exponents = {"kernel": spread([-1.0, -1.5])}
    (row,) = distances.rows(found, exponents, widths=(4, 16))
    low, high = exponents["kernel"].low, exponents["kernel"].high
    assert row == ["kernel", pytest.approx(0.5), pytest.approx(0.125), -1.25, low, high]
