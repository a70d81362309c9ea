"""Means over seeds, one value each, with Student's t intervals, also on the logarithmic scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats
from torch import Tensor

from gradlab.statistics.paired import Interval


@dataclass(frozen=True)
class Spread:
    """Mean and sample standard deviation over ``n`` seeds.

    ``low`` to ``high`` is the 95 % t interval of the mean.
    """

    mean: float
    sd: float
    low: float
    high: float
    n: int


def spread(values: Sequence[float] | Float[Tensor, " n"] | Float[np.ndarray, " n"]) -> Spread:
    """Summarise one number per seed; at least two are needed."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or len(found) < 2:
        raise ValueError(f"one number per seed and at least two seeds are needed, not shape {found.shape}")
    interval = mean_interval(found.tolist())
    return Spread(interval.mean, float(found.std(ddof=1)), interval.low, interval.high, interval.n)


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
