"""The gain by conservation in several trainings of one network: over photographs, and over trainings."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradlab.comparison import effects
from gradlab.comparison.arms import Arm
from gradlab.comparison.effect_tables import Table
from gradlab.comparison.effects import Key, gain
from gradlab.comparison.measured import Measured, title_of
from gradlab.notebook.publish import Scalar
from gradlab.statistics import seeds
from gradlab.statistics.paired import Interval

METRICS = ("density", "others")
"""Own box, and mean of the other photographs' boxes."""


@dataclass(frozen=True)
class Training:
    """One training: its differences (conserved minus not, by metric, list of modules and quantile) per
    photograph, and their intervals over photographs. ``top1`` is the share of photographs that it names.
    """

    top1: float
    differences: dict[Key, np.ndarray]
    intervals: dict[Key, Interval]

    @classmethod
    def of(cls, measured: Measured, seed: int) -> "Training":
        """From the tables of its measuring run; ``seed`` is of the bootstrap."""
        found = {
            (metric, f, q): gain(measured.main, Arm(f, q), metric)
            for metric in METRICS
            for f, q in measured.pairs
        }
        top1 = float(measured.main.fact("correct").mean())
        return cls(top1, found, effects.intervals(found, seed))


@dataclass(frozen=True)
class Trainings:
    """Trainings by the same recipe, from different seeds, on the same photographs."""

    trainings: tuple[Training, ...]
    quantiles: tuple[float, ...]
    filterings: tuple[str, ...]

    @classmethod
    def of(cls, measured: Sequence[Measured], seed: int) -> "Trainings":
        """One for each measuring run, in their order; at least two are needed."""
        found = tuple(Training.of(one, seed) for one in measured)
        return cls(found, measured[0].quantiles, measured[0].filterings)

    @property
    def pairs(self) -> list[tuple[str, float]]:
        """Every list of modules at every quantile."""
        return [(f, q) for f in self.filterings for q in self.quantiles]

    def means(self, metric: str, filtering: str, quantile: float) -> list[float]:
        """The mean difference of every training."""
        return [one.intervals[metric, filtering, quantile].mean for one in self.trainings]

    @cached_property
    def over(self) -> dict[Key, Interval]:
        """The mean over the trainings with its t interval."""
        return {
            (metric, f, q): seeds.mean_interval(self.means(metric, f, q))
            for metric in METRICS
            for f, q in self.pairs
        }

    def between(self, filtering: str, quantile: float) -> float:
        """Standard deviation of the trainings' mean differences of density."""
        return float(np.std(self.means("density", filtering, quantile), ddof=1))

    def standard_error(self, filtering: str, quantile: float) -> float:
        """Standard error that the photographs alone give to a mean difference of density, mean over the
        trainings.
        """
        columns = [one.differences["density", filtering, quantile] for one in self.trainings]
        usable = [column[np.isfinite(column)] for column in columns]
        return float(np.mean([column.std(ddof=1) / np.sqrt(len(column)) for column in usable]))

    def bounds(self, filtering: str, quantiles: Sequence[float]) -> dict[str, float]:
        """Mean and interval of every training, for the record of a claim."""
        return {
            f"{part}, training {number}, q={q:g}": getattr(one.intervals["density", filtering, q], part)
            for number, one in enumerate(self.trainings, start=1)
            for q in quantiles
            for part in ("mean", "low", "high")
        }


def table(found: Trainings) -> Table:
    """The mean over trainings, the lowest and highest training, and both kinds of spread."""
    columns = [
        "Filtered", "Quantile", "Mean", "Low", "High", "Lowest training", "Highest training",
        "SD, trainings", "SE, photographs", "With other boxes",
    ]  # fmt: skip
    rows: list[list[Scalar]] = []
    for f, q in found.pairs:
        over, means = found.over["density", f, q], found.means("density", f, q)
        spreads = [found.between(f, q), found.standard_error(f, q)]
        others = found.over["others", f, q].mean
        rows.append(
            [title_of(f), q, over.mean, over.low, over.high, min(means), max(means), *spreads, others]
        )
    return columns, rows
