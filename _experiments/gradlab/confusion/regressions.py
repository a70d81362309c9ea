"""Least-squares problems of growing dimension, several random ones of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from gradlab.confusion import least_squares
from gradlab.confusion.least_squares import Descent
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import geometric_interval, spread

_ORDERS = 500  # first seed of the orders of samples, apart from those of the problems


@dataclass(frozen=True)
class Regressions:
    """Problems of one dimension, one per seed: their smallest possible losses and their descents."""

    floors: tuple[float, ...]
    courses: tuple[Descent, ...]

    def final_losses(self) -> list[float]:
        """The mean loss of each problem after the last epoch."""
        return [course.losses[-1] for course in self.courses]

    def final_etas(self) -> list[float]:
        """The confusion bound of each problem after the last epoch, in squared gradients."""
        return [course.eta[-1] for course in self.courses]


def measure(dimensions: int, samples: int, epochs: int, rate: float, seeds: int) -> Regressions:
    """Draw ``seeds`` problems and descend each of them, one sample a step."""
    floors, courses = [], []
    for seed in range(seeds):
        problem = least_squares.draw(samples, dimensions, torch.Generator().manual_seed(seed))
        order = torch.Generator().manual_seed(_ORDERS + seed)
        floors.append(problem.floor())
        courses.append(least_squares.descend(problem, epochs, rate, order))
    return Regressions(tuple(floors), tuple(courses))


def geometric(found: Mapping[int, Regressions]) -> dict[str, list[Interval]]:
    """Geometric means over seeds of the final loss and of the confusion bound, for each dimension."""
    return {
        "final loss": [geometric_interval(one.final_losses()) for one in found.values()],
        "eta": [geometric_interval(one.final_etas()) for one in found.values()],
    }


def columns(found: Mapping[int, Regressions]) -> dict[str, list[Any]]:
    """The numbers behind the figure, one entry per dimension."""
    described: dict[str, list[Any]] = {
        "dimensions": list(found),
        "smallest possible loss": [spread(one.floors).mean for one in found.values()],
    }
    return described | {
        f"{name}, {part}": [getattr(interval, field) for interval in intervals]
        for name, intervals in geometric(found).items()
        for part, field in (("geometric mean", "mean"), ("low", "low"), ("high", "high"))
    }
