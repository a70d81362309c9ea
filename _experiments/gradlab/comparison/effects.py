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
from gradlab.statistics import paired
from gradlab.statistics.paired import Interval

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


@dataclass(frozen=True)
class Effects:
    """Intervals by what was compared, list of modules and quantile; see :func:`of_all`."""

    quantiles: tuple[float, ...]
    intervals: Mapping[Key, Interval]

    def __getitem__(self, key: Key) -> Interval:
        return self.intervals[key]

    def bounds(self, kind: str, filtering: str) -> dict[str, float]:
        """Mean and interval at each quantile, for the record of a claim."""
        return {
            f"{part} at q={q:g}": getattr(self[kind, filtering, q], part)
            for q in self.quantiles
            for part in ("mean", "low", "high")
        }


def intervals(differences: Mapping[Key, np.ndarray], seed: int) -> dict[Key, Interval]:
    """The bootstrap interval of the mean of each difference, with the same draws of photographs for all."""
    found = paired.paired_bootstrap(np.stack(list(differences.values()), 1), seed=seed)
    return dict(zip(differences, found, strict=True))


def differences(table: Measurements) -> dict[Key, Float[np.ndarray, "n"]]:
    """Per photograph, for every list and quantile: conserved minus not conserved by metric ("density",
    "others", "mass", "pointing"); how much "density" is above "others" ("beyond others"); conserved minus
    plain ("to plain"); and the densities of both arms themselves ("not", "conserved").
    """
    found = {}
    for f, q in table.pairs:
        arm = Arm(f, q)
        for metric in ("density", "others", "mass", "pointing"):
            found[metric, f, q] = gain(table, arm, metric)
        found["beyond others", f, q] = found["density", f, q] - found["others", f, q]
        found["to plain", f, q] = table.of(arm.conserved(), "density") - table.of(PLAIN, "density")
        found["not", f, q] = table.of(arm, "density")
        found["conserved", f, q] = table.of(arm.conserved(), "density")
    return found


def of_all(table: Measurements, seed: int = 0) -> Effects:
    """The intervals of :func:`differences`, at quantile 0 under "gap" those of the difference of "density"
    between the smallest and the largest quantile, and as ("plain", "", 0) that of the plain density.
    """
    found = differences(table)
    first, *_, last = table.quantiles
    for f in table.filterings:
        found["gap", f, 0] = found["density", f, first] - found["density", f, last]
    found["plain", "", 0] = table.of(PLAIN, "density")
    return Effects(table.quantiles, intervals(found, seed))


def of_controls(measured: Measured, seed: int) -> Effects:
    """Intervals over the photographs of the control arms, conserved minus not conserved.

    For every list and quantile: the published rule ("same photographs"), the exact variance ("exact"),
    random channels ("random"), and conserved class channels minus conserved random ones ("class to random").
    For the upper modules: channels of the photograph ("instance"), and a network that has learned nothing
    ("random weights").
    """
    table, found = measured.controls, {}
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
    return Effects(measured.quantiles, intervals(found, seed))


def holm_p(measured: Measured, seed: int) -> dict[tuple[str, float], float]:
    """Of every list and quantile the p-value of "conservation leaves the density as it is", by random sign
    flips and with Holm's correction over all of them.
    """
    gains = [gain(measured.main, Arm(f, q)) for f, q in measured.pairs]
    corrected = paired.holm(paired.sign_flip_p(np.stack(gains, 1), seed=seed))
    return dict(zip(measured.pairs, corrected.tolist(), strict=True))
