"""Tables of what conservation changes in one network: the columns and rows of each."""

from collections.abc import Mapping, Sequence

import numpy as np

from gradlab.comparison.arms import PLAIN, Arm
from gradlab.comparison.effects import Effects, typical
from gradlab.comparison.measured import Measured, title_of
from gradlab.comparison.method_effects import Fall, MethodEffect
from gradlab.comparison.turning import Turning
from gradlab.notebook.publish import Scalar
from gradlab.statistics import paired
from gradlab.statistics.paired import Interval

Table = tuple[list[str], list[list[Scalar]]]
"""Columns and rows."""


def densities(measured: Measured, effects: Effects, p: Mapping[tuple[str, float], float]) -> Table:
    """Density inside the box: both arms, their difference, its p-value, and that with other boxes."""
    columns = [
        "Filtered", "Quantile", "Not conserved", "Conserved", "Difference", "Low", "High", "p (Holm)",
        "With other boxes", "1 − cos, median", "n",
    ]  # fmt: skip
    rows: list[list[Scalar]] = []
    for f, q in measured.pairs:
        found = effects["density", f, q]
        turned = typical(measured.main.of(Arm(f, q).conserved(), "distance"), np.median)
        means = [effects[kind, f, q].mean for kind in ("not", "conserved")]
        bounds = [found.mean, found.low, found.high]
        rows.append([title_of(f), q, *means, *bounds, p[f, q], effects["others", f, q].mean, turned, found.n])
    return columns, rows


def localisation(measured: Measured, effects: Effects) -> Table:
    """The share of relevance inside the box, and the pointing game with McNemar's test."""
    columns = [
        "Filtered", "Quantile", "Mass, not", "Mass, conserved", "Difference", "Low", "High",
        "Pointing, not", "Pointing, conserved", "p (McNemar)",
    ]  # fmt: skip
    rows: list[list[Scalar]] = []
    for f, q in measured.pairs:
        both_arms = (Arm(f, q), Arm(f, q).conserved())
        masses = [typical(measured.main.of(arm, "mass")) for arm in both_arms]
        mass = effects["mass", f, q]
        hits = np.stack([measured.main.of(arm, "pointing") for arm in both_arms])
        without, conserved = hits[:, np.isfinite(hits).all(0)]
        p = paired.mcnemar_p(without.astype(bool), conserved.astype(bool))
        shares = [typical(without), typical(conserved)]
        rows.append([title_of(f), q, *masses, mass.mean, mass.low, mass.high, *shares, p])
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


def _with_bounds(interval: Interval) -> str:
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


def removal(falls: Sequence[Fall]) -> Table:
    """What the class loses when pixels are removed, by arm."""
    columns = [
        "Arm", "Quantile", "MoRF: fall of p", "MoRF: fall of log-odds", "LeRF: fall of p",
        "LeRF: fall of log-odds",
    ]  # fmt: skip
    rows: list[list[Scalar]] = []
    for fall in falls:
        name = "not conserved" if fall.arm == fall.arm.unconserved() else "conserved"
        arm: list[Scalar] = ["plain", "all"] if fall.arm == PLAIN else [name, fall.arm.quantile]
        rows.append([*arm, fall.morf, fall.morf_log_odds, fall.lerf, fall.lerf_log_odds])
    return columns, rows
