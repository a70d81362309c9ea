"""The interval of a mean over seeds."""

import pytest
from scipy import stats

from gradlab import seeds


def test_interval_is_that_of_the_t_distribution():
    values = [1.0, 2.0, 4.0, 3.5]
    found = seeds.spread(values)
    low, high = stats.t.interval(0.95, 3, loc=found.mean, scale=stats.sem(values))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 4


def test_one_seed_has_no_interval():
    with pytest.raises(ValueError, match="at least two seeds"):
        seeds.spread([1.0])
