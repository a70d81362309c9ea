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
    """Factors of the GSC per layer of one architecture, one per seed, by width in units."""

    title: str
    factors: Mapping[int, Sequence[float]]
    infinite: float

    def mean(self, width: int) -> float:
        """The mean factor at one width."""
        return mean_interval(self.factors[width]).mean

    @property
    def difference(self) -> Interval:
        """By how many per cent the factor of the narrowest network exceeds that of the widest.

        With the t interval over seeds, of which each has a network of each width.
        """
        both = zip(self.factors[min(self.factors)], self.factors[max(self.factors)], strict=True)
        return mean_interval([100 * (narrow / wide - 1) for narrow, wide in both])


def factors(chosen: Architecture, setting: Setting, seeds: Sequence[int], probes: int) -> list[float]:
    """Factor per layer of each seed, from backward profiles."""
    trials = (multilayer.trial(chosen, setting, seed) for seed in seeds)
    return [gsc_growth.backward_factor(trial, probes) for trial in trials]


def compare(
    growth: Growth, widths: Sequence[int], setting: Setting, seeds: Sequence[int], probes: int
) -> WidthEffect:
    """Measure the factor at other widths, in single precision, beside that of ``growth`` at its own width."""
    chosen = growth.architecture
    found: dict[int, Sequence[float]] = {setting.width: growth.factors}
    for width in widths:
        other = replace(setting, width=width, dtype=torch.float32)
        found[width] = factors(chosen, other, seeds, probes)
    return WidthEffect(chosen.title, found, growth.wide_factor)


def table(found: Sequence[WidthEffect]) -> tuple[list[str], list[list[str | float]]]:
    """Columns and rows, one for each architecture; all were measured at the same widths."""
    widths = sorted(found[0].factors)
    columns = ["architecture", *(f"width {width}" for width in widths), "infinite width"]
    columns += [f"{widths[0]} against {widths[-1]} (%)", "low", "high"]
    rows: list[list[str | float]] = [
        [one.title, *(one.mean(width) for width in widths), one.infinite, gain.mean, gain.low, gain.high]
        for one in found
        for gain in [one.difference]
    ]
    return columns, rows
