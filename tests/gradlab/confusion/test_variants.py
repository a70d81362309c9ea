"""Variants of a network: mini-batch cosines against gradients one by one, table, order."""

import pytest
import torch

from gradlab.confusion import descent, fully_connected, variants
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.confusion.tuning import Regime, Tuned
from gradlab.confusion.variants import Trained, Variant
from gradlab.photographs import handwriting


def small():
    return handwriting.sample(50, torch.Generator().manual_seed(2)).to(torch.float32)


def test_minibatch_cosines_are_those_of_gradients_taken_one_by_one():
    design, data = Design(4, 8, batch_norm=True), small()
    nets = [fully_connected.initial(design, 64, torch.Generator().manual_seed(seed)) for seed in (0, 1)]
    weights = descent.stack(nets)
    found = variants.minibatch_cosines(design, weights, data, batch_size=10, batches=4)
    for seed in (0, 1):
        chosen = descent.minibatches(50, 10, 4, torch.Generator().manual_seed(2000 + seed))
        rows = []
        for batch in chosen:
            leaves = [w.clone().requires_grad_() for w in descent.member(weights, seed)]
            loss = fully_connected.loss(design, leaves, data.inputs[batch], data.labels[batch])
            row = torch.cat([slope.flatten() for slope in torch.autograd.grad(loss, leaves)])
            rows.append(row / row.norm())
        expected = [float(rows[i] @ rows[j]) for i in range(4) for j in range(i + 1, 4)]
        assert found.rows[seed].tolist() == pytest.approx(expected, abs=1e-5)


def test_training_compares_the_first_with_the_last_weights():
    variant, data = Variant(Design(3, 8), (1e-4, 0.1)), small()
    found = variants.train(variant, data, Regime(seeds=2, steps=15, batch_size=10), batches=3)
    assert found.tuned.rate == 0.1
    for cosines, weights in ((found.before, found.tuned.start), (found.after, found.tuned.end)):
        expected = variants.minibatch_cosines(variant.design, weights, data, 10, 3)
        assert torch.equal(torch.stack(cosines.rows), torch.stack(expected.rows))
    assert not torch.equal(found.before.rows[0], found.after.rows[0])


def trained(loss, before, after):
    weights = (torch.zeros(2, 1, 1),)
    losses = torch.full((2, 12), loss)
    rows = [tuple(torch.tensor([low, middle, 0.9]) for low, middle in seeds) for seeds in (before, after)]
    return Trained(Tuned(0.1, losses, weights, weights), SeedCosines(rows[0]), SeedCosines(rows[1]))


def test_table_has_means_over_seeds():
    found = {
        "plain": trained(2.0, [(-0.75, 0.0), (-0.25, 0.5)], [(-1.0, 0.125), (-0.5, 0.375)]),
        "skip": trained(1.0, [(-0.25, 0.0), (0.0, 0.0)], [(0.0, 0.5), (0.0, 0.5)]),
    }
    assert len(variants.HEADS) == 6
    assert variants.rows(found) == [
        ["plain", 2.0, 0.25, -0.5, 0.25, -0.75],
        ["skip", 1.0, 0.0, -0.125, 0.5, 0.0],
    ]
