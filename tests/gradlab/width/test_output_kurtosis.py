"""Estimates of the kurtosis beside its formula, the density, the tables."""

import math

import numpy as np
import pytest
import torch
from scipy import stats

from gradlab.statistics.seeds import spread
from gradlab.width import initial_outputs, output_kurtosis
from gradlab.width.output_kurtosis import Kurtosis


def test_both_estimates_are_spreads_over_batches_around_the_formula():
    exact = initial_outputs.exact_excess_kurtosis(64, 2)
    found = output_kurtosis.conditional(64, 2, batches=3)
    assert found.n == 3
    assert found.mean == pytest.approx(exact, rel=0.06)
    direct = output_kurtosis.direct(16, 1, networks=60_000, batches=3)
    assert direct.n == 3
    assert direct.mean == pytest.approx(initial_outputs.exact_excess_kurtosis(16, 1), rel=0.15)


def test_batches_come_from_one_generator():
    generator = torch.Generator().manual_seed(7000 + 8 * 100 + 2)
    drawn = [initial_outputs.outputs(8, 2, 50, generator) for _ in range(2)]
    expected = spread([initial_outputs.direct_excess_kurtosis(values) for values in drawn])
    assert output_kurtosis.direct(8, 2, networks=50, batches=2) == expected


def test_comparison_has_every_pair_and_direct_estimates_where_given():
    direct = spread([1.0, 2.0])
    found = output_kurtosis.compare([256, 512], [1, 2], 2, {(512, 2): direct})
    assert list(found) == [(256, 1), (512, 1), (256, 2), (512, 2)]
    assert found[512, 2].direct == direct
    assert found[512, 1].direct is None
    assert found[256, 2].exact == initial_outputs.exact_excess_kurtosis(256, 2)
    assert found[256, 2].conditional == output_kurtosis.conditional(256, 2, 2)


def test_density_is_the_mean_of_normal_ones_and_silent_networks_add_nothing():
    points = np.array([-2.0, 0.5, 1.0])
    q = initial_outputs.variances(2, 1, 40, torch.Generator().manual_seed(2)).tolist()
    assert 0.0 in q
    expected = [
        sum(math.exp(-x * x / (2 * v)) / math.sqrt(2 * math.pi * v) for v in q if v > 0) / len(q)
        for x in points
    ]
    assert output_kurtosis.output_density(2, 1, 40, points) == pytest.approx(expected)


def test_density_of_wide_networks_is_nearly_normal():
    points = np.linspace(-3, 3, 7)
    wide = output_kurtosis.output_density(512, 1, 200, points)
    assert wide == pytest.approx(stats.norm.pdf(points), abs=0.01)


def kurtosis(width, exact, estimate, direct=None):
    return Kurtosis(width, 1, exact, spread([estimate, estimate]), direct)


def test_deviation_is_relative_and_has_no_sign():
    assert kurtosis(8, 2.0, 1.5).deviation == 0.25
    assert kurtosis(8, 2.0, 2.5).deviation == 0.25


def test_data_and_table_leave_open_what_was_not_estimated():
    found = [kurtosis(8, 2.0, 1.5, spread([1.0, 3.0])), kurtosis(16, 1.0, 1.25), kurtosis(32, 0.5, 0.5)]
    columns = output_kurtosis.columns(found)
    assert columns["direct"] == [2.0, None, None]
    assert columns["exact"] == [2.0, 1.0, 0.5]
    assert columns["low"] == columns["conditional"] == columns["high"] == [1.5, 1.25, 0.5]
    assert len(output_kurtosis.HEADS) == 5
    assert output_kurtosis.rows(found, widths=(8, 16)) == [[8, 1, 2.0, 1.5, 2.0], [16, 1, 1.0, 1.25, None]]
