"""The kernels of infinite width against very wide networks and closed forms."""

import math

import pytest
import torch

from gradlab.width import gaussian_process, wide

GENERATOR_SEED = 3


def rows(n=4, d=6):
    generator = torch.Generator().manual_seed(GENERATOR_SEED)
    return torch.randn(n, d, generator=generator, dtype=torch.float64)


def test_quadrature_is_exact_for_a_polynomial():
    covariance = torch.tensor([[1.3, 0.4], [0.4, 0.8]], dtype=torch.float64)
    found = gaussian_process._expectation(lambda z: z**2, covariance)
    # Isserlis: E[u^2 v^2] = E[u^2] E[v^2] + 2 E[u v]^2.
    assert float(found[0, 1]) == pytest.approx(1.3 * 0.8 + 2 * 0.4**2)
    assert float(found[1, 1]) == pytest.approx(3 * 0.8**2)


def test_both_kernels_are_the_limit_of_wide_networks():
    inputs = rows()
    limit = gaussian_process.tanh_kernels(inputs, 3, 1.5, 0.05)
    design = wide.WideDesign(width=1024)
    tangent, readout = [], []
    for seed in range(12):
        parameters = wide.initial(design, 6, torch.Generator().manual_seed(seed))
        tangent.append(wide.kernel(design, parameters, inputs.float()))
        readout.append(wide.readout_kernel(design, parameters, inputs.float()))
    for found, expected in ((tangent, limit.ntk), (readout, limit.nngp)):
        assert torch.allclose(torch.stack(found).mean(0), expected, atol=0.03)


def test_readout_training_forever_is_the_textbook_posterior():
    kernel = gaussian_process.tanh_kernels(rows(), 3, 1.5, 0.05).nngp
    targets = torch.tensor([1.0, -1.0, 0.5], dtype=torch.float64)
    found = gaussian_process.after_training(kernel, kernel, targets, 0.5, 10**7)
    solved = torch.linalg.solve(kernel[:3, :3], torch.stack([targets, kernel[:3, 3]], dim=1))
    assert float(found.mean[3]) == pytest.approx(float(kernel[3, :3] @ solved[:, 0]), rel=1e-6)
    variance = float(kernel[3, 3] - kernel[3, :3] @ solved[:, 1])
    assert float(found.sd[3]) == pytest.approx(math.sqrt(variance), rel=1e-6)
    assert torch.allclose(found.mean[:3], targets, atol=1e-6)


def test_before_training_the_outputs_are_the_prior():
    kernels = gaussian_process.tanh_kernels(rows(), 3, 1.5, 0.05)
    found = gaussian_process.after_training(kernels.nngp, kernels.ntk, torch.ones(2), 0.5, 0)
    assert torch.allclose(found.sd.square(), kernels.nngp.diagonal())
    assert torch.allclose(found.mean, torch.zeros(4, dtype=torch.float64))
