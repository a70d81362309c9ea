"""What conservation changes in one network: paired differences over photographs, their intervals and tests.

All comparisons are paired: the same photograph in both arms. A photograph whose map is not usable in one
of the arms leaves that comparison.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from gradlab.comparison.arms import PLAIN, Arm, Selection
from gradlab.comparison.measured import Measured
from gradlab.comparison.table import Measurements
from gradlab.filtering.conservation import Conservation
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean

ROUNDING = 1e-4
"""A difference of densities below this is rounding: they are of order one, and known to five digits."""

Key = tuple[str, str, float]
"""What is compared, the list of filtered modules, the quantile of kept channels."""


def typical(values: np.ndarray, statistic: Callable[[np.ndarray], np.floating] = np.mean) -> float:
    """The statistic of the usable entries, NaN if there are none."""
    usable = np.asarray(values)[np.isfinite(values)]
    return float(statistic(usable)) if len(usable) else float("nan")


def lower_median(values: np.ndarray) -> np.floating:
    """The median, or of an even number of entries the smaller of the two in the middle."""
    found: np.floating = np.percentile(values, 50, method="lower")
    return found


def gain(table: Measurements, arm: Arm, metric: str = "density") -> Float[np.ndarray, "n"]:
    """Conserved minus not conserved, with the channels of ``arm``."""
    found: Float[np.ndarray, " n"] = table.of(arm.conserved(), metric) - table.of(arm.unconserved(), metric)
    return found


METRICS = ("density", "mass", "pointing")
"""By which a map is held against the box of its photograph."""


@dataclass(frozen=True)
class Effects:
    """Means with intervals by what was compared, list of modules and quantile; see :func:`of_all`."""

    quantiles: tuple[float, ...]
    intervals: Mapping[Key, Mean]

    def __getitem__(self, key: Key) -> Mean:
        return self.intervals[key]


def intervals(differences: Mapping[Key, np.ndarray], table: Measurements) -> dict[Key, Mean]:
    """The mean of each difference over the photographs of ``table``, whose classes share their channels."""
    classes = table.fact("class")
    return {key: clustered.mean_interval(values, classes) for key, values in differences.items()}


def differences(table: Measurements) -> dict[Key, Float[np.ndarray, "n"]]:
    """Per photograph, for every list and quantile and each of :data:`METRICS`: conserved minus not conserved
    ("density"), conserved minus plain ("density to plain"), and both arms ("density not", "density
    conserved"). Of the density also conserved minus not with the other photographs' boxes ("others"), and how
    much more the own box gains ("beyond others"). At quantile 0 the plain gradient ("density plain").
    """
    found: dict[Key, np.ndarray] = {(f"{m} plain", "", 0): table.of(PLAIN, m) for m in METRICS}
    for f, q in table.pairs:
        arm = Arm(f, q)
        for metric in METRICS:
            without, conserved = table.of(arm, metric), table.of(arm.conserved(), metric)
            found[metric, f, q] = conserved - without
            found[f"{metric} to plain", f, q] = conserved - table.of(PLAIN, metric)
            found[f"{metric} not", f, q] = without
            found[f"{metric} conserved", f, q] = conserved
        found["others", f, q] = gain(table, arm, "others")
        found["beyond others", f, q] = found["density", f, q] - found["others", f, q]
    return found


def of_all(table: Measurements) -> Effects:
    """The means of :func:`differences` with their intervals."""
    return Effects(table.quantiles, intervals(differences(table), table))


def of_controls(measured: Measured) -> Effects:
    """Intervals over the photographs of the control arms, density, conserved minus not conserved.

    For every list and quantile: the published rule ("same photographs"), the exact variance ("exact"),
    random channels ("random"), and conserved class channels minus conserved random ones ("class to random").
    For the upper modules: channels of the photograph ("instance"), and a network that has learned nothing
    ("random weights").
    """
    table: Measurements = measured.controls
    found: dict[Key, np.ndarray] = {}
    for f, q in measured.pairs:
        arm, random = Arm(f, q), Arm(f, q, Selection.RANDOM)
        exact = Arm(f, q, conservation=Conservation.EXACT)
        found["exact", f, q] = table.of(exact, "density") - table.of(arm, "density")
        found["random", f, q] = gain(table, random)
        conserved = [table.of(one.conserved(), "density") for one in (arm, random)]
        found["class to random", f, q] = conserved[0] - conserved[1]
        found["same photographs", f, q] = gain(table, arm)
    untrained = measured.random_weights.named(table.fact("photograph"))
    for q in measured.quantiles:
        found["instance", "upper", q] = gain(table, Arm("upper", q, Selection.INSTANCE))
        found["random weights", "upper", q] = gain(untrained, Arm("upper", q))
    return Effects(measured.quantiles, intervals(found, table))


def holm_p(effects: Effects, metric: str) -> dict[tuple[str, float], float]:
    """Of every list and quantile the p-value of "conservation leaves the metric as it is", after Holm's
    correction over all of them.
    """
    own = {(f, q): mean for (kind, f, q), mean in effects.intervals.items() if kind == metric}
    return clustered.holm_p(own)
