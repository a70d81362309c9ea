"""Estimates from one sample of independent draws, each with its 95 % interval."""

import math

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats
from torch import Tensor

from gradlab.statistics.paired import Interval


def share(events: Bool[Tensor, "n"]) -> Interval:
    """The share of true entries with its score interval (Wilson 1927)."""
    bounds = stats.binomtest(int(events.sum()), len(events)).proportion_ci(method="wilson")
    return Interval(float(events.double().mean()), float(bounds.low), float(bounds.high), len(events))


def median(sample: Float[Tensor, "n"]) -> Interval:
    """The median with the interval between two order statistics, which holds for any distribution.

    The number of draws below the true median is binomial with probability 1/2; its quantiles are the
    ranks of the two order statistics. Ranks are whole numbers, so the interval has 95 % up to the
    probability of one rank.
    """
    ordered = np.sort(sample.numpy())
    low, high = stats.binom.ppf([0.025, 0.975], len(ordered), 0.5).astype(int)
    return Interval(float(np.median(ordered)), float(ordered[low]), float(ordered[high]), len(ordered))


def mean(sample: Float[Tensor, "n"]) -> Interval:
    """The mean with its normal interval."""
    centre, half = float(sample.mean()), 1.96 * float(sample.std()) / math.sqrt(len(sample))
    return Interval(centre, centre - half, centre + half, len(sample))


def root_mean_square(sample: Float[Tensor, "n"]) -> Interval:
    """The root mean square; its bounds are the roots of the bounds of the mean square."""
    squares = mean(sample**2)
    return Interval(math.sqrt(squares.mean), math.sqrt(squares.low), math.sqrt(squares.high), squares.n)
