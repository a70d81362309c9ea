"""Random least-squares problems: gradients, the smallest loss, descent."""

import torch

from gradlab.confusion import least_squares, pairs


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def test_gradients_are_those_of_autograd():
    problem = least_squares.draw(6, 4, draws())
    w = torch.randn(4, generator=draws(1), dtype=torch.float64)
    rows = []
    for x, y in zip(problem.inputs, problem.targets, strict=True):
        leaf = w.clone().requires_grad_()
        ((x @ leaf - y).square() / 2).backward()
        assert leaf.grad is not None
        rows.append(leaf.grad)
    assert torch.allclose(problem.inner_products(w), pairs.products(torch.stack(rows)))


def test_floor_is_zero_exactly_when_one_vector_fits_all():
    assert least_squares.draw(20, 30, draws()).floor() < 1e-20
    problem = least_squares.draw(40, 20, draws())
    assert 0.02 < problem.floor() < problem.loss(torch.zeros(20, dtype=torch.float64))


def test_descent_reaches_the_floor_only_without_confusion():
    few = least_squares.descend(least_squares.draw(20, 40, draws()), 60, 0.5, draws())
    many = least_squares.descend(least_squares.draw(20, 10, draws()), 60, 0.5, draws())
    assert len(few.losses) == 61
    assert few.losses[-1] < 1e-3 < many.losses[-1]
    assert few.eta[-1] < many.eta[-1]
