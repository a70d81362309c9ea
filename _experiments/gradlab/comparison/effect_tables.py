"""Tables of what conservation changes in one network: the columns and rows of each."""

from collections.abc import Mapping

import numpy as np

from gradlab.comparison.arms import Arm
from gradlab.comparison.effects import Effects, typical
from gradlab.comparison.measured import Measured, title_of
from gradlab.comparison.method_effects import MethodEffect
from gradlab.comparison.turning import Turning
from gradlab.notebook.publish import Scalar
from gradlab.statistics.clustered import Mean

Table = tuple[list[str], list[list[Scalar]]]
"""Columns and rows."""


def of_metric(
    measured: Measured, effects: Effects, metric: str, p: Mapping[tuple[str, float], float]
) -> Table:
    """One metric of all arms: plain, both filtered arms, and the differences of the conserved one to each.

    ``p`` are the p-values of conserved minus not; an entry is empty where no photograph was usable.
    """
    columns = [
        "Filtered", "Quantile", "Plain", "Not conserved", "Conserved", "Difference", "Low", "High",
        "p (Holm)", "To plain", "To plain, low", "To plain, high", "n",
    ]  # fmt: skip
    plain = effects[f"{metric} plain", "", 0].mean
    rows: list[list[Scalar]] = []
    for f, q in measured.pairs:
        found, to_plain = effects[metric, f, q], effects[f"{metric} to plain", f, q]
        arms = [effects[f"{metric} {kind}", f, q].mean for kind in ("not", "conserved")]
        bounds = [found.mean, found.low, found.high, p.get((f, q), float("nan"))]
        own = [*arms, *bounds, to_plain.mean, to_plain.low, to_plain.high]
        rows.append([title_of(f), q, plain, *(None if np.isnan(entry) else entry for entry in own), found.n])
    return columns, rows


def controls(measured: Measured, control: Effects) -> Table:
    """The differences of the control arms with their intervals, and the rank correlation of the maps."""
    columns = [
        "Filtered", "Quantile", "Published rule", "Exact variance", "Random channels", "Class over random",
        "Spearman",
    ]  # fmt: skip
    kinds = ("same photographs", "exact", "random", "class to random")
    return columns, [
        [
            title_of(f),
            q,
            *(_with_bounds(control[kind, f, q]) for kind in kinds),
            typical(measured.controls.of(Arm(f, q).conserved(), "spearman")),
        ]
        for f, q in measured.pairs
    ]


def _with_bounds(interval: Mean) -> str:
    return f"{interval.mean:.3f} [{interval.low:.3f}, {interval.high:.3f}]".replace("-", "−")


def arms(control: Effects) -> Table:
    """The difference at the upper modules by how channels were chosen, and with random weights."""
    names = {
        "class channels": "same photographs",
        "channels of the photograph": "instance",
        "random channels": "random",
        "class channels, random weights": "random weights",
    }
    return ["Arm", "Quantile", "Difference", "Low", "High"], [
        [name, q, found.mean, found.low, found.high]
        for name, kind in names.items()
        for q in control.quantiles
        for found in [control[kind, "upper", q]]
    ]


def theorem(turnings: Mapping[str, Turning]) -> Table:
    """How many modules lie on every path, and how far the gradient turns."""
    columns = [
        "Filtered", "Modules", "On every path", "1 − cos, largest", "1 − cos, median",
        "Norm against product, largest",
    ]  # fmt: skip
    return columns, [
        [title_of(f), one.modules, one.separators, one.largest, one.median, one.excess]
        for f, one in turnings.items()
    ]


def methods(effects: Mapping[str, MethodEffect]) -> Table:
    """Density inside the box by attribution method, and the distance between the maps."""
    columns = [
        "Method", "Plain", "Not conserved", "Conserved", "Difference", "Low", "High", "1 − cos, median",
        "1 − cos, largest", "Spearman",
    ]  # fmt: skip
    rows: list[list[Scalar]] = []
    for one in effects.values():
        means = [one.plain, one.unconserved, one.conserved]
        bounds = [one.gain.mean, one.gain.low, one.gain.high]
        rows.append([one.method, *means, *bounds, one.median, one.largest, one.spearman])
    return columns, rows
