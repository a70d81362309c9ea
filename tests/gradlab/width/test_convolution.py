"""Convolutional networks: their outputs, their kernel and their descent beside automatic differentiation."""

import pytest
import torch
from torch.func import grad, vmap

from gradlab.width import convolution, linearised
from gradlab.width.convolution import ConvolutionDesign

DESIGN = ConvolutionDesign(5)
PARAMETERS = convolution.initial(DESIGN, torch.Generator().manual_seed(3))
INPUTS = torch.randn(4, 64, generator=torch.Generator().manual_seed(4))


def test_outputs_are_those_of_the_network_written_out():
    a = INPUTS[1].reshape(1, 8, 8)
    for weight, bias in PARAMETERS[:-1]:
        z = torch.empty(5, a.shape[1] - 2, a.shape[2] - 2)
        for row in range(z.shape[1]):
            for column in range(z.shape[2]):
                field = a[:, row : row + 3, column : column + 3]
                seen = (weight * field).sum((1, 2, 3)) * (1.5 / field.numel()) ** 0.5
                z[:, row, column] = seen + 0.05**0.5 * bias
        a = torch.tanh(z)
    weight, bias = PARAMETERS[-1]
    expected = (1.5 / 5) ** 0.5 * weight @ a.mean((1, 2)) + 0.05**0.5 * bias
    assert float(convolution.outputs(DESIGN, PARAMETERS, INPUTS)[1]) == pytest.approx(
        float(expected), rel=1e-4
    )


def test_the_kernel_has_the_inner_products_of_gradients():
    def output(parameters, picture):
        return convolution.outputs(DESIGN, parameters, picture[None])[0]

    gradients = vmap(grad(output), in_dims=(None, 0))(PARAMETERS, INPUTS)
    rows = torch.cat([part.flatten(1) for layer in gradients for part in layer], dim=1).double()
    found = convolution.kernel(DESIGN, PARAMETERS, INPUTS)
    assert found.dtype == torch.float64
    assert torch.allclose(found, rows @ rows.mT, rtol=1e-4, atol=1e-6)


def test_a_step_goes_down_the_mean_squared_error():
    targets, leaves = (
        torch.tensor([1.0, -1.0, 1.0, -1.0]),
        [(w.clone().requires_grad_(), b.clone().requires_grad_()) for w, b in PARAMETERS],
    )
    ((convolution.outputs(DESIGN, tuple(leaves), INPUTS) - targets) ** 2).mean().div(2).backward()
    found = convolution.descend(DESIGN, PARAMETERS, INPUTS, targets, rate=0.3, steps=1)
    for after, before, leaf in zip(found, PARAMETERS, leaves, strict=True):
        for new, old, with_slope in zip(after, before, leaf, strict=True):
            assert with_slope.grad is not None
            assert torch.allclose(new, old - 0.3 * with_slope.grad, atol=1e-6)


def test_descent_of_a_wide_network_is_that_of_its_linear_model():
    wide = ConvolutionDesign(512)
    before = convolution.initial(wide, torch.Generator().manual_seed(0))
    kernel, start = convolution.kernel(wide, before, INPUTS), convolution.outputs(wide, before, INPUTS)
    targets = torch.tensor([1.0, -1.0, 1.0])
    rate = linearised.largest_rate(kernel[:3, :3]) / 4
    end = convolution.outputs(wide, convolution.descend(wide, before, INPUTS[:3], targets, rate, 5), INPUTS)
    linear = linearised.evolve(start, targets.double(), kernel, rate, 5)
    assert float((end - linear).norm()) < 0.05 * float((end - start).norm())
