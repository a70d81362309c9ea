"""The floor that stochastic gradient descent reaches at a constant rate, measured beside its theory.

The theory stands in :mod:`gradlab.confusion.rate_bounds`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from scipy import stats
from torch import Tensor

from gradlab.confusion import constant_rate, least_squares, rate_bounds
from gradlab.confusion.constant_rate import Course, Fits
from gradlab.confusion.fits import LinearFits, NetworkFits
from gradlab.confusion.least_squares import Problem
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import Spread, mean_interval, spread

_ORDERS, _NETWORKS = 7000, 9000  # apart from the seeds of the problems, to which they are added
_RECORDS = 200


@dataclass(frozen=True)
class Runs:
    """Descents at several rates, each with the same seeds, about minima of the losses ``best``."""

    rates: tuple[float, ...]
    course: Course
    best: Float[Tensor, " seeds"]

    def by_rate(self, values: Float[Tensor, "... members"]) -> Float[np.ndarray, "... rates seeds"]:
        """One entry per rate and seed."""
        found: np.ndarray = values.reshape(*values.shape[:-1], len(self.rates), -1).numpy()
        return found

    def excess(self) -> Float[np.ndarray, "records rates seeds"]:
        """By how much each recorded mean loss exceeds that of the minimum."""
        found: np.ndarray = self.by_rate(self.course.losses) - self.best.numpy()
        return found

    def floors(self) -> Float[np.ndarray, "rates seeds"]:
        """The mean of this excess over the second half of the steps."""
        found: np.ndarray = self.excess()[self.course.late()].mean(0)
        return found

    def etas(self) -> Float[np.ndarray, "rates seeds"]:
        """The largest confusion bound that was recorded."""
        found: np.ndarray = self.by_rate(self.course.etas).max(0)
        return found

    def variances(self) -> Float[np.ndarray, "rates seeds"]:
        """The largest variance of the gradients that was recorded."""
        found: np.ndarray = self.by_rate(self.course.variances).max(0)
        return found

    def alphas(self) -> Float[np.ndarray, "rates 1"]:
        """The rates as a column."""
        return np.array(self.rates)[:, None]

    def products(self) -> Float[np.ndarray, "rates seeds"]:
        """Rate times confusion bound."""
        found: np.ndarray = self.alphas() * self.etas()
        return found

    def first_variance(self) -> Float[np.ndarray, " seeds"]:
        """The variance of the gradients where the descent began."""
        found: np.ndarray = self.by_rate(self.course.variances[0])[0]
        return found


def _descend(
    fits: Fits,
    start: Float[Tensor, "seeds p"],
    best: Float[Tensor, " seeds"],
    rates: Sequence[float],
    steps: int,
    drawn: Sequence[Problem],
    seed: int,
) -> Runs:
    """``fits`` has a member for each seed at each rate, all seeds of the first rate first."""
    seeds = len(start)
    generator = torch.Generator().manual_seed(_ORDERS + seed)
    samples = torch.randint(len(drawn[0].targets), (steps, seeds), generator=generator).repeat(1, len(rates))
    each = torch.tensor(rates, dtype=start.dtype).repeat_interleave(seeds)
    course = constant_rate.descend(fits, start.repeat(len(rates), 1), each, samples, _RECORDS)
    return Runs(tuple(rates), course, best)


def problems(dimensions: int, samples: int, seeds: Sequence[int]) -> list[Problem]:
    """The problems of :func:`gradlab.confusion.regressions.measure`, one per seed."""
    return [least_squares.draw(samples, dimensions, torch.Generator().manual_seed(seed)) for seed in seeds]


def linear(
    drawn: Sequence[Problem], rates: Sequence[float], steps: int, seed: int, *, from_best: bool
) -> Runs:
    """Linear fits, from the minimum, where nothing but noise leads away, or else from zero.

    ``seed`` decides the order of the samples.
    """
    fits = LinearFits.of(drawn)
    best = fits.best()
    start = best if from_best else torch.zeros_like(best)
    every = LinearFits.of([*drawn] * len(rates))
    return _descend(every, start, fits.losses(best), rates, steps, drawn, seed)


def network(
    drawn: Sequence[Problem], hidden: int, decay: float, rates: Sequence[float], steps: int, seed: int
) -> Runs:
    """Small networks, each from a local minimum of its own; ``seed`` decides their weights and the order."""
    alone = LinearFits.of(drawn)
    fits = NetworkFits(alone.inputs, alone.targets, hidden, decay)
    best = fits.best(fits.initial(torch.Generator().manual_seed(_NETWORKS + seed)))
    again = LinearFits.of([*drawn] * len(rates))
    every = NetworkFits(again.inputs, again.targets, hidden, decay)
    return _descend(every, best, fits.losses(best), rates, steps, drawn, seed)


def exponent(runs: Runs, x: Float[np.ndarray, "rates seeds"], largest: float) -> Spread:
    """The power of ``x`` that fits the floors of each seed best, over the rates up to ``largest``."""
    shown = np.array(runs.rates) <= largest
    powers = zip(np.log(x[shown]).T, np.log(runs.floors()[shown]).T, strict=True)
    return spread([float(stats.linregress(*logs).slope) for logs in powers])


def first_order_ratio(runs: Runs) -> list[Interval]:
    """At each rate, the floor over ``alpha V / 4``, with the variance at the minimum."""
    ratios = runs.floors() / (runs.alphas() * runs.first_variance() / 4)
    return [mean_interval(row.tolist()) for row in ratios]


def confusion_floors(
    runs: Runs, samples: int
) -> tuple[Float[np.ndarray, " rates"], Float[np.ndarray, " rates"]]:
    """Rate times confusion bound and theorem 3.1's floor, means over seeds, at the rates where it applies."""
    valid = [place for place, rate in enumerate(runs.rates) if rate < rate_bounds.largest_rate(samples)]
    floors = [
        rate_bounds.confusion_floor(runs.rates[place], runs.etas()[place], samples).mean() for place in valid
    ]
    return runs.products()[valid].mean(1), np.array(floors)


HEADS = [
    "fits",
    "rate",
    "floor",
    "low",
    "high",
    "α η",
    "floor over α V / 4",
    "exact",
    "by confusion",
    "by variance",
]
"""The columns of :func:`rows`."""


def linear_rows(drawn: Sequence[Problem], runs: Runs) -> list[list[Any]]:
    """A table's rows for linear fits, one per rate, with the exact floor and the guaranteed ones."""
    count, best = len(drawn[0].targets), runs.best.numpy()
    curvature = rate_bounds.curvatures(drawn)
    found = []
    for row, rate, eta, variance in zip(rows(runs), runs.rates, runs.etas(), runs.variances(), strict=True):
        exact = rate_bounds.linear_floor(rate, best).mean()
        by_variance = rate_bounds.variance_floor(rate, variance, curvature).mean()
        by_confusion = rate_bounds.confusion_floor(rate, eta, count).mean()
        bounds = [by_confusion if np.isfinite(by_confusion) else None, by_variance]
        found.append([f"linear, d = {drawn[0].inputs.shape[1]}", *row, exact, *bounds])
    return found


def network_rows(runs: Runs) -> list[list[Any]]:
    """A table's rows for networks, one per rate."""
    return [["network", *row, None, None, None] for row in rows(runs)]


def rows(runs: Runs) -> list[list[Any]]:
    """Rate, floor with its interval, rate times confusion bound, floor in units of its first order."""
    floors = [mean_interval(row.tolist()) for row in runs.floors()]
    products = runs.products().mean(1)
    return [
        [rate, floor.mean, floor.low, floor.high, product, ratio.mean]
        for rate, floor, product, ratio in zip(
            runs.rates, floors, products, first_order_ratio(runs), strict=True
        )
    ]


def columns(table: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """A table's rows as columns of data."""
    return {head: [row[place] for row in table] for place, head in enumerate(HEADS)}
