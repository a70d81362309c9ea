"""Means over seeds and their intervals."""

import math

import pytest
from scipy import stats

from gradlab.statistics import seeds


def test_interval_is_that_of_the_t_distribution() -> None:
    values = [1.0, 2.0, 4.0, 3.5]
    found = seeds.spread(values)
    low, high = stats.t.interval(0.95, 3, loc=found.mean, scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 4


def test_mean_interval_is_students() -> None:
    sample = [1.0, 2.0, 4.0, 4.5]
    low, high = stats.t.interval(0.95, 3, loc=2.875, scale=stats.sem(sample))
    found = seeds.mean_interval(sample)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((2.875, low, high, 4))


def test_geometric_interval_is_that_of_the_logarithms() -> None:
    found = seeds.geometric_interval([1.0, 10.0, 100.0])
    assert found.mean == pytest.approx(10)
    assert math.sqrt(found.low * found.high) == pytest.approx(10)


@pytest.mark.parametrize("summary", [seeds.spread, seeds.mean_interval])
def test_one_seed_has_no_interval(summary) -> None:
    with pytest.raises(ValueError, match="two"):
        summary([1.0])
