"""The task of two digits: its parts, its rate, and that descent and linear model share them."""

import pytest
import torch

from gradlab.photographs import handwriting
from gradlab.width import gaussian_process, linearised, task, wide

TASK = task.digits(3, 8, train=6, test=4, steps=5)


def test_the_first_digits_are_learnt_and_the_rate_is_half_of_the_largest():
    data = handwriting.pair(3, 8, 10, torch.Generator().manual_seed(0))
    assert torch.equal(TASK.inputs, data.inputs)
    assert TASK.targets.tolist() == data.labels[:6].tolist()
    assert set(TASK.targets.tolist()) == {-1.0, 1.0}
    assert (TASK.train, TASK.steps) == (6, 5)
    limit = gaussian_process.tanh_kernels(data.inputs, 3, 1.5, 0.05)
    assert torch.equal(TASK.limit.ntk, limit.ntk)
    largest = 2 / float(torch.linalg.eigvalsh(limit.ntk[:6, :6] / 6)[-1])
    assert TASK.rate == pytest.approx(largest / 2)


def test_a_network_is_drawn_by_its_seed():
    design = TASK.design(7)
    assert (design.width, design.layers) == (7, 3)
    expected = wide.initial(design, 64, torch.Generator().manual_seed(9))
    found = TASK.network(7, 9)
    assert all(
        torch.equal(a, b) for x, y in zip(found, expected, strict=True) for a, b in zip(x, y, strict=True)
    )
    assert torch.equal(TASK.outputs(7, found), wide.outputs(design, expected, TASK.inputs.float()))
    assert torch.equal(TASK.kernel(7, found), wide.kernel(design, expected, TASK.inputs.float()))


def test_descent_of_a_very_wide_network_is_that_of_its_linear_model():
    before = TASK.network(2048, 0)
    first, kernel = TASK.outputs(2048, before), TASK.kernel(2048, before)
    trained = TASK.outputs(2048, TASK.descend(2048, before, 5)).double()
    linear = TASK.linear(first, kernel, 5)
    assert float((trained - linear).norm()) < 0.05 * float((trained - first).norm())
    assert torch.equal(linear, linearised.evolve(first, TASK.targets, kernel, TASK.rate, 5))
