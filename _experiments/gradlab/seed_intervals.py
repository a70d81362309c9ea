"""Means over seeds with Student's t intervals, on the plain and on the logarithmic scale."""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from gradlab.statistics import Interval


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Arithmetic mean with its t interval; a ValueError if there are fewer than two values."""
    if len(values) < 2:
        raise ValueError(f"an interval over seeds needs two of them, not {len(values)}")
    sample = np.asarray(values, dtype=float)
    quantile = float(stats.t.ppf((1 + confidence) / 2, len(sample) - 1))
    centre, half = float(sample.mean()), quantile * float(sample.std(ddof=1)) / math.sqrt(len(sample))
    return Interval(centre, centre - half, centre + half, len(sample))


def geometric_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Geometric mean of positive values, with the interval of the mean logarithm."""
    logs = mean_interval([math.log(value) for value in values], confidence)
    return Interval(math.exp(logs.mean), math.exp(logs.low), math.exp(logs.high), logs.n)
