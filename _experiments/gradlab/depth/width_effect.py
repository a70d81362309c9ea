"""What the width of the layers does to the growth of the gradient scale coefficient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from gradlab.depth import gsc_growth, multilayer
from gradlab.depth.gsc_growth import Growth
from gradlab.depth.multilayer import Architecture, Setting
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import mean_interval


@dataclass(frozen=True)
class WidthEffect:
    """Factor of the GSC per layer of one architecture, by width in units and at infinite width."""

    title: str
    factors: Mapping[int, Interval]
    infinite: float

    @property
    def difference(self) -> float:
        """By how many per cent the factor of the narrowest network exceeds that of the widest."""
        narrow, wide = self.factors[min(self.factors)], self.factors[max(self.factors)]
        return 100 * (narrow.mean / wide.mean - 1)


def factor(chosen: Architecture, setting: Setting, seeds: Sequence[int], probes: int) -> Interval:
    """Factor per layer from backward profiles, mean over seeds."""
    trials = (multilayer.trial(chosen, setting, seed) for seed in seeds)
    return mean_interval([gsc_growth.backward_factor(trial, probes) for trial in trials])


def compare(
    growth: Growth, widths: Sequence[int], setting: Setting, seeds: Sequence[int], probes: int
) -> WidthEffect:
    """Measure the factor at other widths, in single precision, beside that of ``growth`` at its own width."""
    chosen, factors = growth.architecture, {setting.width: growth.factor}
    for width in widths:
        other = replace(setting, width=width, dtype=torch.float32)
        factors[width] = factor(chosen, other, seeds, probes)
    return WidthEffect(chosen.title, factors, growth.wide_factor)


def table(found: Sequence[WidthEffect]) -> tuple[list[str], list[list[str | float]]]:
    """Columns and rows, one for each architecture; all were measured at the same widths."""
    widths = sorted(found[0].factors)
    columns = ["architecture", *(f"width {width}" for width in widths), "infinite width"]
    columns.append(f"{widths[0]} against {widths[-1]} (%)")
    rows: list[list[str | float]] = [
        [one.title, *(one.factors[width].mean for width in widths), one.infinite, one.difference]
        for one in found
    ]
    return columns, rows
