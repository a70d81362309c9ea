"""Bounds on the floor of descent at a constant rate."""

import numpy as np
import pytest
import torch

from gradlab.confusion import least_squares, rate_bounds

ETA = np.array([0.2, 0.4])


def test_the_theorem_ends_at_its_largest_rate():
    assert rate_bounds.largest_rate(100) == pytest.approx(0.02)
    assert np.isinf(rate_bounds.confusion_floor(0.02, ETA, 100)).all()
    # alpha eta / (1 - rho) with rho as the theorem has it, mu = L = 1.
    rate, count = 0.01, 100
    rho = 1 - 2 / count * (rate - count * rate**2 / 2)
    assert rate_bounds.confusion_contraction(rate, count) == pytest.approx(1 - rho)
    assert rate_bounds.confusion_floor(rate, ETA, count) == pytest.approx(rate * ETA / (1 - rho))


def test_without_slack_the_theorem_does_not_shrink_with_the_rate():
    assert rate_bounds.confusion_floor(1e-9, ETA, 100) == pytest.approx(50 * ETA, rel=1e-6)


def test_curvatures_are_eigenvalues_of_the_mean_loss():
    for dimensions in (3, 8):
        problem = least_squares.draw(5, dimensions, torch.Generator().manual_seed(0))
        eigenvalues = np.linalg.eigvalsh((problem.inputs.mT @ problem.inputs / 5).numpy())
        positive = eigenvalues[eigenvalues > 1e-12]
        assert rate_bounds.curvatures([problem])[0] == pytest.approx([positive[0], positive[-1]])


def test_the_variance_floor_is_where_its_recursion_rests():
    curvature, variance, rate = np.array([[0.1, 0.6]]), np.array([0.5]), 0.3
    (floor,) = rate_bounds.variance_floor(rate, variance, curvature)
    (taken,) = rate_bounds.variance_contraction(rate, curvature)
    assert taken == pytest.approx(2 * 0.1 * 0.3 * (1 - 0.09))
    after = (1 - taken) * floor + rate**2 * 0.6 * 0.5 / 2
    assert after == pytest.approx(floor)


def test_the_linear_floor_is_stationary():
    # From E|w - w*|^2: two rates times the excess doubled equal the squared rate times twice the loss.
    rate, best = 0.7, np.array([0.3])
    (excess,) = rate_bounds.linear_floor(rate, best)
    assert 4 * rate * excess == pytest.approx(rate**2 * 2 * (0.3 + excess))
