"""The exact kurtosis against networks with all their weights, and the shortcut against both."""

import pytest
import torch

from gradlab.width import initial_outputs as outputs_of


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("width", "hidden"), [(32, 1), (32, 2), (64, 4)])
def test_conditional_estimate_meets_the_formula(width, hidden):
    q = outputs_of.variances(width, hidden, 200_000, draws())
    exact = outputs_of.exact_excess_kurtosis(width, hidden)
    assert outputs_of.conditional_excess_kurtosis(q) == pytest.approx(exact, rel=0.06)
    assert float(q.mean()) == pytest.approx(1, abs=0.01)


def test_full_networks_meet_the_formula():
    values = outputs_of.outputs(16, 2, 300_000, draws())
    exact = outputs_of.exact_excess_kurtosis(16, 2)
    assert outputs_of.direct_excess_kurtosis(values) == pytest.approx(exact, rel=0.12)
    assert float(values.var()) == pytest.approx(1, rel=0.02)


def test_a_gaussian_has_none():
    normal = torch.randn(400_000, generator=draws())
    assert outputs_of.direct_excess_kurtosis(normal) == pytest.approx(0, abs=0.04)
    assert outputs_of.conditional_excess_kurtosis(torch.full((10,), 2.0)) == pytest.approx(0)
    assert outputs_of.exact_excess_kurtosis(10**9, 4) == pytest.approx(0, abs=1e-6)
