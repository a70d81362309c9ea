"""Architectures: what is measured of each, and their rank correlation."""

import pytest
import torch

from gradlab.confusion import initial_confusion, speed, tuning
from gradlab.confusion.fully_connected import Design
from gradlab.confusion.speed import Architecture
from gradlab.confusion.tuning import Regime
from gradlab.photographs import handwriting
from gradlab.statistics.seeds import spread


def architecture(cosine, loss, depth=2, width=4):
    return Architecture(Design(depth, width), spread([cosine, cosine]), spread([loss, loss]))


def test_every_design_is_trained_at_its_best_rate():
    data = handwriting.sample(60, torch.Generator().manual_seed(1)).to(torch.float32)
    regime = Regime(seeds=2, steps=12, batch_size=20)
    untrained = initial_confusion.survey([Design(2, 5), Design(3, 5)], samples=6, seeds=2)
    found = speed.measure(untrained, (0.01, 0.1), data, regime)
    assert [one.design for one in found] == [Design(2, 5), Design(3, 5)]
    assert found[1].cosine == spread(untrained[Design(3, 5)].smallest())
    assert found[1].loss == tuning.tune(Design(3, 5), (0.01, 0.1), data, regime).final_loss()


def test_rank_correlation_is_that_of_ranks():
    found = speed.rank_correlation(
        [architecture(c, x) for c, x in ((-0.9, 5), (-0.5, 2), (-0.1, 3), (0.0, 1))]
    )
    # 1 - 6 sum d^2 / (n (n^2 - 1)) with rank differences -3, 0, 0, 3 for ranks 1 2 3 4 and 4 2 3 1.
    assert found == pytest.approx(1 - 6 * 18 / (4 * 15))


def test_data_have_one_entry_per_architecture():
    assert speed.columns([architecture(-0.5, 2.0), architecture(-0.25, 1.0, 3, 8)]) == {
        "depth": [2, 3],
        "width": [4, 8],
        "smallest cosine": [-0.5, -0.25],
        "final loss": [2.0, 1.0],
    }
