"""Summaries of a quantity that was measured once per seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy import stats
from torch import Tensor


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
    mean, sd = float(found.mean()), float(found.std(ddof=1))
    half = float(stats.t.ppf(0.975, len(found) - 1)) * sd / math.sqrt(len(found))
    return Spread(mean, sd, mean - half, mean + half, len(found))
