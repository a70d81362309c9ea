"""The best of several rates, found by training each alone."""

import pytest
import torch

from gradlab.confusion import descent, fully_connected, tuning
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.tuning import Regime, Tuned
from gradlab.photographs import handwriting
from gradlab.statistics.seeds import spread

DESIGN = Design(3, 10)
RATES = (1e-4, 0.1, 30.0)
REGIME = Regime(seeds=2, steps=12, batch_size=20)


def course_alone(data, rate):
    networks = [
        fully_connected.initial(DESIGN, 64, torch.Generator().manual_seed(1000 + seed)) for seed in (0, 1)
    ]
    batches = descent.minibatches(len(data), 20, 12, torch.Generator().manual_seed(0))
    return descent.train(DESIGN, descent.stack(networks), data, torch.tensor([rate, rate]), batches)


def test_tuned_networks_are_those_of_the_best_rate_trained_alone():
    data = handwriting.sample(60, torch.Generator().manual_seed(3)).to(torch.float32)
    courses = {rate: course_alone(data, rate) for rate in RATES}
    best = min(RATES, key=lambda rate: float(courses[rate].losses[:, -10:].mean()))
    assert best == 0.1
    found = tuning.tune(DESIGN, RATES, data, REGIME)
    assert found.rate == best
    assert torch.allclose(found.losses, courses[best].losses, atol=1e-5)
    for trained, expected in zip(found.end, courses[best].weights, strict=True):
        assert torch.allclose(trained, expected, atol=1e-5)
    start = fully_connected.initial(DESIGN, 64, torch.Generator().manual_seed(1001))
    for untrained, expected in zip(found.start, start, strict=True):
        assert torch.equal(untrained[1], expected.float())


def test_final_loss_is_that_of_the_last_ten_steps():
    losses = torch.cat([torch.full((2, 5), 99.0), torch.arange(20.0).reshape(2, 10)], dim=1)
    assert tuning.final(losses).tolist() == [4.5, 14.5]
    weights = (torch.zeros(2, 1, 1),)
    assert Tuned(0.1, losses, weights, weights).final_loss() == spread([4.5, 14.5])
    assert tuning.LAST == 10


def test_final_loss_of_a_diverged_rate_never_wins():
    data = handwriting.sample(60, torch.Generator().manual_seed(3)).to(torch.float32)
    found = tuning.tune(DESIGN, (1e8, 0.01), data, REGIME)
    assert found.rate == pytest.approx(0.01)
