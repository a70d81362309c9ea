"""What filtering and conservation change over several trainings of one network: differences and intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.comparison.measured import title_of
from gradlab.comparison.table import Measurements
from gradlab.notebook import results
from gradlab.notebook.publish import Scalar
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean

INTERVAL = "95 % t interval, clustered by training and class"
METRICS = ("density", "mass", "pointing")
TRAINING = "training-"
"""What the names of tables of a training begin with."""

DAMAGE = "plain minus not conserved"
GAIN = "conserved minus not"
TO_PLAIN = "conserved minus plain"
RANDOM_GAIN = "random channels, conserved minus not"
CLASS_RANDOM = "conserved, class minus random channels"
COMPARISONS = (DAMAGE, GAIN, TO_PLAIN, RANDOM_GAIN, CLASS_RANDOM)


def name(metric: str, quantile: float, comparison: str) -> str:
    """How a difference at the upper modules is called in tables and rules."""
    return f"{metric}, q = {quantile:g}: {comparison}"


@dataclass(frozen=True)
class Repetitions:
    """Trainings of one network, a table each, with the same photographs in the same order."""

    trainings: Mapping[str, Measurements]

    @classmethod
    def of(cls, runs: Sequence[str]) -> "Repetitions":
        """Every training that one of ``runs`` published; ValueError if their photographs are not the same."""
        found = {
            table.removeprefix(TRAINING): Measurements(rows)
            for run in runs
            for table, rows in results.of(run).rows.items()
            if table.startswith(TRAINING)
        }
        first, *others = (table.fact("photograph").tolist() for table in found.values())
        if any(other != first for other in others):
            raise ValueError(f"the trainings of {', '.join(runs)} were measured on different photographs")
        return cls(found)

    @property
    def classes(self) -> np.ndarray:
        """The class of each photograph."""
        return next(iter(self.trainings.values())).fact("class")

    @property
    def quantiles(self) -> tuple[float, ...]:
        """The shares of kept channels."""
        return next(iter(self.trainings.values())).quantiles

    @property
    def top1(self) -> list[float]:
        """Of each training the share of photographs that it names."""
        return [float(table.fact("correct").mean()) for table in self.trainings.values()]

    def difference(
        self, metric: str, quantile: float, comparison: str, filtering: str = "upper"
    ) -> Float[np.ndarray, "trainings n"]:
        """One of :data:`COMPARISONS` for each training and photograph; NaN where a map is not usable."""
        arm, random = Arm(filtering, quantile), Arm(filtering, quantile, Selection.RANDOM)
        first, second = {
            DAMAGE: (PLAIN, arm),
            GAIN: (arm.conserved(), arm),
            TO_PLAIN: (arm.conserved(), PLAIN),
            RANDOM_GAIN: (random.conserved(), random),
            CLASS_RANDOM: (arm.conserved(), random.conserved()),
        }[comparison]
        return np.stack(
            [table.of(first, metric) - table.of(second, metric) for table in self.trainings.values()]
        )

    @cached_property
    def means(self) -> dict[str, Mean]:
        """Every metric, quantile and comparison at the upper modules, by :func:`name`."""
        return {
            name(metric, q, comparison): clustered.mean_interval(
                self.difference(metric, q, comparison), self.classes
            )
            for metric in METRICS
            for q in self.quantiles
            for comparison in COMPARISONS
        }

    @cached_property
    def of_each(self) -> dict[str, list[Mean]]:
        """The same of each training alone."""
        return {
            name(metric, q, comparison): [
                clustered.mean_interval(values, self.classes)
                for values in self.difference(metric, q, comparison)
            ]
            for metric in METRICS
            for q in self.quantiles
            for comparison in COMPARISONS
        }

    def plain(self, metric: str) -> Mean:
        """The plain gradient itself."""
        values = np.stack([table.of(PLAIN, metric) for table in self.trainings.values()])
        return clustered.mean_interval(values, self.classes)

    @property
    def filterings(self) -> tuple[str, ...]:
        """The lists of modules that class channels were filtered at."""
        return next(iter(self.trainings.values())).filterings


Table = tuple[list[str], list[list[Scalar]]]


def table(found: Repetitions) -> Table:
    """Every comparison at the upper modules: mean and interval of each metric side by side."""
    heads = ["Comparison", "q"]
    heads += [f"{metric}{part}" for metric in METRICS for part in ("", ", 95 % low", ", 95 % high")]
    rows: list[list[Scalar]] = []
    for comparison in COMPARISONS:
        for q in found.quantiles:
            own = [found.means[name(metric, q, comparison)] for metric in METRICS]
            rows.append([comparison, q, *(end for one in own for end in (one.mean, one.low, one.high))])
    return heads, rows


def list_table(found: Repetitions, quantiles: Sequence[float]) -> Table:
    """Conserved minus not at every list of modules, with Holm's correction over the rows of a metric."""
    cases = [(f, q) for f in found.filterings for q in quantiles]
    means = {
        metric: {
            case: clustered.mean_interval(found.difference(metric, case[1], GAIN, case[0]), found.classes)
            for case in cases
        }
        for metric in METRICS
    }
    corrected = {metric: clustered.holm_p(own) for metric, own in means.items()}
    parts = ("", ", 95 % low", ", 95 % high", ", p")
    heads = ["Modules", "q", *(f"{metric}{part}" for metric in METRICS for part in parts)]
    rows: list[list[Scalar]] = []
    for case in cases:
        row: list[Scalar] = [title_of(case[0]), case[1]]
        for metric in METRICS:
            one = means[metric][case]
            row += [one.mean, one.low, one.high, corrected[metric].get(case)]
        rows.append(row)
    return heads, rows
