"""Tangent kernels against full Jacobians, closed-form descent against descent."""

import pytest
import torch
from torch.func import functional_call, jacrev

from gradlab.width import linearised, wide

DESIGN = wide.WideDesign(width=10)
INPUTS = torch.randn(7, 6, generator=torch.Generator().manual_seed(5), dtype=torch.float64)
TARGETS = torch.tensor([1.0, -1.0, 1.0, -1.0], dtype=torch.float64)


@pytest.fixture
def parameters():
    return wide.initial(DESIGN, 6, torch.Generator().manual_seed(0), torch.float64)


def jacobians(parameters):
    """Per layer, the derivative of every output by that layer's weights and bias, as rows."""
    found = jacrev(lambda p: wide.outputs(DESIGN, p, INPUTS))(parameters)
    return [torch.cat([part.flatten(1) for part in layer], dim=1) for layer in found]


def test_kernel_is_that_of_the_full_jacobian(parameters):
    for share, rows in zip(
        wide.layer_kernels(DESIGN, parameters, INPUTS), jacobians(parameters), strict=True
    ):
        assert torch.allclose(share, rows @ rows.mT)
    full = torch.cat(jacobians(parameters), dim=1)
    assert torch.allclose(wide.kernel(DESIGN, parameters, INPUTS), full @ full.mT)


def test_outputs_are_those_of_a_torch_module(parameters):
    module = torch.nn.Sequential(
        torch.nn.Linear(6, 10),
        torch.nn.Tanh(),
        torch.nn.Linear(10, 10),
        torch.nn.Tanh(),
        torch.nn.Linear(10, 1),
    ).double()
    state = {}
    for position, (weight, bias) in zip((0, 2, 4), parameters, strict=True):
        state[f"{position}.weight"] = weight * (1.5 / weight.shape[1]) ** 0.5
        state[f"{position}.bias"] = bias * 0.05**0.5
    expected = functional_call(module, state, INPUTS)[:, 0]
    assert torch.allclose(wide.outputs(DESIGN, parameters, INPUTS), expected)


def test_readout_kernel_uses_the_features_alone(parameters):
    features = INPUTS
    for weight, bias in parameters[:-1]:
        features = torch.tanh(features @ weight.mT * (1.5 / weight.shape[1]) ** 0.5 + bias * 0.05**0.5)
    expected = 1.5 / 10 * features @ features.mT + 0.05
    assert torch.allclose(wide.readout_kernel(DESIGN, parameters, INPUTS), expected)


def test_closed_form_is_descent_of_the_linear_model(parameters):
    """Twenty steps on the first-order expansion, taken one by one in parameter space."""
    rows = torch.cat(jacobians(parameters), dim=1)
    start = wide.outputs(DESIGN, parameters, INPUTS)
    change = torch.zeros(rows.shape[1], dtype=torch.float64)
    for _ in range(20):
        residual = start[:4] + rows[:4] @ change - TARGETS
        change = change - 0.3 * rows[:4].mT @ residual / 4
    found = linearised.evolve(start, TARGETS, rows @ rows.mT, 0.3, 20)
    assert torch.allclose(found, start + rows @ change)


def test_a_singular_kernel_is_no_obstacle():
    kernel = torch.ones(3, 3, dtype=torch.float64)
    found = linearised.response(kernel, 2, 0.5, 3)
    direct = torch.zeros(3, 2, dtype=torch.float64)
    remaining = torch.eye(2, dtype=torch.float64)
    for _ in range(3):
        direct = direct + kernel[:, :2] @ remaining * 0.5 / 2
        remaining = remaining - 0.5 * kernel[:2, :2] @ remaining / 2
    assert torch.allclose(found, direct)


def test_descent_follows_the_closed_form_while_it_is_short(parameters):
    rate = 1e-4
    after = wide.descend(DESIGN, parameters, INPUTS[:4], TARGETS, rate, 5)
    start = wide.outputs(DESIGN, parameters, INPUTS)
    linear = linearised.evolve(start, TARGETS, wide.kernel(DESIGN, parameters, INPUTS), rate, 5)
    found = wide.outputs(DESIGN, after, INPUTS)
    assert float((found - linear).norm()) < 1e-3 * float((found - start).norm())


def test_moved_measures_change_against_the_start(parameters):
    after = tuple((w * 1.5, b * 1.5) for w, b in parameters)
    assert wide.moved(parameters, after) == pytest.approx([0.5] * 3)
    length, relative = wide.moved_total(parameters, after)
    assert relative == pytest.approx(0.5)
    assert length == pytest.approx(0.5 * sum(float(p.square().sum()) for x in parameters for p in x) ** 0.5)


def test_beyond_the_largest_rate_descent_diverges(parameters):
    kernel = wide.kernel(DESIGN, parameters, INPUTS[:4])
    limit = linearised.largest_rate(kernel)
    start = wide.outputs(DESIGN, parameters, INPUTS[:4])
    below, above = (
        float((linearised.evolve(start, TARGETS, kernel, f * limit, 400) - TARGETS).norm())
        for f in (0.9, 1.1)
    )
    assert below < float((start - TARGETS).norm()) < above
