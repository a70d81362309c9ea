"""Summaries of cosines over seeds."""

import math

import numpy as np
import pytest
import torch

from gradlab.confusion import seed_cosines
from gradlab.confusion.seed_cosines import SeedCosines
from gradlab.statistics.seeds import spread


def cosines(*rows):
    return SeedCosines(tuple(torch.tensor(row, dtype=torch.float64) for row in rows))


def test_each_seed_has_its_own_summary_though_rows_differ_in_length():
    found = cosines([-0.5, 0.1, 0.4, 0.2], [0.3, -0.2, -0.1])
    assert found.smallest().tolist() == [-0.5, -0.2]
    assert found.medians().tolist() == [0.1, -0.1]
    assert found.negative_shares().tolist() == pytest.approx([1 / 4, 2 / 3])


def test_change_is_paired_by_seed():
    first, second = cosines([-0.5, 0.0], [-0.1, 0.0]), cosines([-0.2, 0.0], [-0.3, 0.0])
    found = seed_cosines.change(first, second)
    assert found == spread([0.3, -0.3 + 0.1])


def test_density_is_the_mean_of_normal_curves_around_every_sixteenth_pair():
    generator = torch.Generator().manual_seed(0)
    drawn = torch.rand(2, 80, generator=generator, dtype=torch.float64) * 2 - 1
    points = np.linspace(-1, 1, 5)
    kept = drawn.flatten().tolist()[::16]
    # Scott's rule: the sample's standard deviation over the fifth root of its size.
    width = float(np.std(kept, ddof=1)) * len(kept) ** (-1 / 5)
    expected = [
        sum(math.exp(-(((x - c) / width) ** 2) / 2) for c in kept)
        / (len(kept) * width * math.sqrt(2 * math.pi))
        for x in points
    ]
    assert SeedCosines(tuple(drawn)).density(points).tolist() == pytest.approx(expected)
