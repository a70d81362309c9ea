"""Many networks trained at once against one trained alone."""

import math

import pytest
import torch

from gradlab.confusion import descent, fully_connected
from gradlab.confusion.fully_connected import Design
from gradlab.photographs import handwriting


def draws(seed=0):
    return torch.Generator().manual_seed(seed)


def test_members_do_not_influence_each_other():
    design = Design(4, 12, batch_norm=True, skip=True)
    data = handwriting.sample(60, draws())
    nets = [fully_connected.initial(design, 64, draws(seed)) for seed in (0, 1)]
    batches = descent.minibatches(len(data), 20, 4, draws())
    rates = torch.tensor([0.05, 0.2], dtype=torch.float64)
    course = descent.train(design, descent.stack(nets, torch.float64), data, rates, batches)
    leaves = [w.clone().requires_grad_() for w in nets[1]]
    alone = []
    for batch in batches:
        loss = fully_connected.loss(design, leaves, data.inputs[batch], data.labels[batch])
        alone.append(loss.item())
        steps = torch.autograd.grad(loss, leaves)
        leaves = [(w - 0.2 * g).detach().requires_grad_() for w, g in zip(leaves, steps, strict=True)]
    assert course.losses[1].tolist() == pytest.approx(alone, rel=1e-9)
    for trained, expected in zip(descent.member(course.weights, 1), leaves, strict=True):
        assert torch.allclose(trained, expected, atol=1e-10)


def test_a_diverged_member_has_infinite_loss_from_then_on():
    design = Design(3, 12, "linear")
    data = handwriting.sample(60, draws()).to(torch.float32)
    nets = [fully_connected.initial(design, 64, draws())] * 2
    batches = descent.minibatches(len(data), 20, 60, draws())
    course = descent.train(design, descent.stack(nets), data, torch.tensor([0.01, 1e8]), batches)
    assert bool(course.losses[0].isfinite().all())
    assert float(course.losses[1, -1]) == math.inf
    infinite = course.losses[1].isinf()
    assert bool((infinite == infinite.cummax(0).values).all())


def test_minibatches_use_every_sample_once_per_epoch():
    batches = descent.minibatches(12, 4, 5, draws())
    assert batches.shape == (5, 4)
    assert sorted(batches[:3].flatten().tolist()) == list(range(12))
    with pytest.raises(ValueError, match="cannot be cut"):
        descent.minibatches(3, 4, 1, draws())


def test_best_rate_is_that_of_the_smallest_mean():
    final = torch.tensor([[1.0, 1.0], [0.2, 0.4], [0.1, math.inf]])
    assert descent.best_rate(final) == 1
