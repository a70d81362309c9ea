"""Least-squares fits: losses, gradients and minima beside automatic differentiation."""

import pytest
import torch

from gradlab.confusion import least_squares
from gradlab.confusion.fits import LinearFits, NetworkFits

PROBLEMS = [least_squares.draw(9, 4, torch.Generator().manual_seed(seed)) for seed in range(3)]
LINEAR = LinearFits.of(PROBLEMS)
NETWORK = NetworkFits(LINEAR.inputs, LINEAR.targets, hidden=2, decay=0.01)
START = NETWORK.initial(torch.Generator().manual_seed(0))


def network_loss(weights, x, y):
    """One sample's loss, written out."""
    first, last = weights[:8].reshape(2, 4), weights[8:]
    return ((last * torch.tanh(first @ x)).sum() - y) ** 2 / 2 + 0.01 / 2 * (weights**2).sum()


def linear_loss(weights, x, y):
    """One sample's loss, written out."""
    return (x @ weights - y) ** 2 / 2


@pytest.mark.parametrize(
    ("fits", "start", "loss"),
    [(LINEAR, torch.ones(3, 4, dtype=torch.float64), linear_loss), (NETWORK, START, network_loss)],
    ids=["linear", "network"],
)
def test_losses_and_gradients_are_those_of_each_sample(fits, start, loss):
    gradients = fits.gradients(start)
    chosen = torch.tensor([2, 0, 8])
    single = fits.gradient(start, chosen)
    for member in range(3):
        losses = []
        for sample in range(9):
            weights = start[member].clone().requires_grad_()
            found = loss(weights, fits.inputs[member, sample], fits.targets[member, sample])
            (expected,) = torch.autograd.grad(found, weights)
            assert gradients[member, sample].tolist() == pytest.approx(expected.tolist())
            losses.append(float(found.detach()))
        assert float(fits.losses(start)[member]) == pytest.approx(sum(losses) / 9)
        assert torch.allclose(single[member], gradients[member, chosen[member]])


def test_the_best_linear_fit_has_the_smallest_loss():
    best = LINEAR.best()
    assert LINEAR.losses(best).tolist() == pytest.approx([problem.floor() for problem in PROBLEMS])
    assert float(LINEAR.gradients(best).mean(1).norm(dim=1).max()) < 1e-12


def test_the_best_networks_are_local_minima():
    best = NETWORK.best(START)
    assert float(NETWORK.gradients(best).mean(1).norm(dim=1).max()) < 1e-6
    assert bool((NETWORK.losses(best) < NETWORK.losses(START)).all())
    near = best + 1e-3 * torch.randn(best.shape, generator=torch.Generator().manual_seed(1)).double()
    assert bool((NETWORK.losses(near) > NETWORK.losses(best)).all())
