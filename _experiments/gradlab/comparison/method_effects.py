"""What conservation changes in the maps of other attribution methods."""

from dataclasses import dataclass

import numpy as np

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.effects import lower_median, typical
from gradlab.comparison.table import Measurements, method_heading
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean


@dataclass(frozen=True)
class MethodEffect:
    """One attribution method: mean densities inside the box, the paired ``gain`` (conserved minus not), and
    the median and largest 1 - cosine and the mean rank correlation of the conserved with the unconserved map.
    """

    method: str
    plain: float
    unconserved: float
    conserved: float
    gain: Mean
    median: float
    largest: float
    spearman: float

    @property
    def slug(self) -> str:
        """The method in the name of a published value."""
        return self.method.lower().replace("×", "times").replace(" ", "-")


def of_methods(methods: Measurements, arm: Arm) -> dict[str, MethodEffect]:
    """Every method of the table, by name; ``arm`` says which channels are kept."""
    ending = method_heading("", PLAIN, "density")
    names = [column.removesuffix(ending) for column in methods.columns if column.endswith(ending)]
    return {name: _effect(methods, name, arm) for name in names}


def _effect(methods: Measurements, name: str, arm: Arm) -> MethodEffect:
    def column(of: Arm, metric: str) -> np.ndarray:
        return methods.fact(method_heading(name, of, metric)).astype(np.float64)

    without, conserved = column(arm, "density"), column(arm.conserved(), "density")
    gain = clustered.mean_interval(conserved - without, methods.fact("class"))
    distance = column(arm.conserved(), "distance")
    return MethodEffect(
        name,
        typical(column(PLAIN, "density")),
        typical(without),
        typical(conserved),
        gain,
        median=typical(distance, lower_median),
        largest=typical(distance, np.max),
        spearman=typical(column(arm.conserved(), "spearman")),
    )
