import math

import pytest
from scipy import stats

from gradlab import seed_intervals


def test_mean_interval_is_students() -> None:
    sample = [1.0, 2.0, 4.0, 4.5]
    low, high = stats.t.interval(0.95, 3, loc=2.875, scale=stats.sem(sample))
    found = seed_intervals.mean_interval(sample)
    assert (found.mean, found.low, found.high, found.n) == pytest.approx((2.875, low, high, 4))


def test_geometric_interval_is_that_of_the_logarithms() -> None:
    found = seed_intervals.geometric_interval([1.0, 10.0, 100.0])
    assert found.mean == pytest.approx(10)
    assert math.sqrt(found.low * found.high) == pytest.approx(10)


def test_one_seed_has_no_interval() -> None:
    with pytest.raises(ValueError, match="two of them, not 1"):
        seed_intervals.mean_interval([1.0])
