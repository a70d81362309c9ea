"""Summaries of a quantity that was measured once per seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from torch import Tensor

from gradlab.seed_intervals import mean_interval


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
