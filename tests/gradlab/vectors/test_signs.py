"""Gradients of the small network against finite differences, and changes of sign counted by hand."""

import math

import pytest
import torch

from gradlab.vectors import signs


def standardised(x: torch.Tensor) -> torch.Tensor:
    """Batch normalisation by its definition."""
    return (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + 1e-5)


def test_a_gradient_is_the_slope_of_the_logit():
    inputs = torch.randn(6, 5, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = signs.hidden_gradients(inputs, draws=2, seed=3, hidden=4)
    generator = torch.Generator().manual_seed(3)
    for gradient in found:
        first, second, third = (
            torch.randn(shape, generator=generator, dtype=torch.float64) * math.sqrt(2 / shape[0])
            for shape in ((5, 4), (4, 4), (4, 10))
        )

        def logit(shift, first=first, second=second, third=third):
            hidden = standardised(inputs @ first + shift).clamp_min(0) @ second
            return float((standardised(hidden).clamp_min(0) @ third)[:, 0].sum())

        for unit in ((0, 0), (2, 3), (5, 1)):
            step = torch.zeros(6, 4, dtype=torch.float64)
            step[unit] = 1e-5
            slope = (logit(step) - logit(-step)) / 2e-5
            assert float(gradient[unit]) == pytest.approx(slope, rel=1e-4, abs=1e-7)


def test_independent_draws_differ_and_the_seed_decides():
    inputs = torch.randn(8, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    first, again = (signs.hidden_gradients(inputs, 2, seed=0, hidden=4) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first[0], first[1])


def test_changes_are_counted_for_each_pair_without_the_zeros():
    gradients = torch.tensor(
        [
            [[1.0, -1.0, 0.0, 2.0]],
            [[-3.0, -1.0, 5.0, 1.0]],  # one change among three
            [[1.0, 1.0, 1.0, 1.0]],
            [[-1.0, -2.0, 0.0, 0.0]],  # two among two
        ]
    )
    assert signs.sign_changes(gradients).tolist() == pytest.approx([1 / 3, 1])
