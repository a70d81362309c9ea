"""How the domain of an architecture collapses with depth, over several draws of its weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gradlab.depth import domain_collapse, multilayer
from gradlab.depth.multilayer import Architecture, Setting
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import geometric_interval, mean_interval

# The spread and what a line leaves unexplained cover orders of magnitude; the sign diversity has a bound at
# both ends.
MEASURES = {"spread": geometric_interval, "sign_diversity": mean_interval, "unexplained": geometric_interval}
"""The measures of :class:`gradlab.depth.domain_collapse.Domain`, each with its mean over seeds."""


@dataclass(frozen=True)
class Collapse:
    """The three measures of one architecture, layer by layer from the inputs upwards.

    Means over seeds (geometric for spread and unexplained) with their 95 % t intervals.
    """

    architecture: Architecture
    layers: tuple[int, ...]
    spread: tuple[Interval, ...]
    sign_diversity: tuple[Interval, ...]
    unexplained: tuple[Interval, ...]

    def curve(self, measure: str) -> tuple[Interval, ...]:
        """One of ``MEASURES`` by its name."""
        return {
            "spread": self.spread,
            "sign_diversity": self.sign_diversity,
            "unexplained": self.unexplained,
        }[measure]


def measure(chosen: Architecture, setting: Setting, seeds: Sequence[int]) -> Collapse:
    """Measure at every layer that has a nonlinearity of its own, the first of each residual block."""
    runs = []
    for seed in seeds:
        trial = multilayer.trial(chosen, setting, seed)
        runs.append(domain_collapse.domains(trial.network, trial.inputs))
    curves = {
        name: tuple(average([getattr(domain, name) for domain in layer]) for layer in zip(*runs, strict=True))
        for name, average in MEASURES.items()
    }
    return Collapse(chosen, tuple(domain.depth + 1 for domain in runs[0]), **curves)


def table(found: Sequence[Collapse]) -> tuple[list[str], list[list[str | float]]]:
    """Columns and rows at the last layer, one for each architecture, the most linear first."""
    columns = ["architecture", "spread", "sign diversity", "diversity low", "diversity high"]
    columns += ["not explained", "not explained low", "not explained high"]
    rows: list[list[str | float]] = []
    for one in sorted(found, key=lambda one: one.unexplained[-1].mean):
        signs, unexplained = one.sign_diversity[-1], one.unexplained[-1]
        rows.append(
            [
                *(one.architecture.title, one.spread[-1].mean, signs.mean, signs.low, signs.high),
                *(unexplained.mean, unexplained.low, unexplained.high),
            ]
        )
    return columns, rows


def columns(found: Sequence[Collapse]) -> Mapping[str, Sequence[str | float]]:
    """Columns with the means at each layer of each architecture."""
    return {
        "architecture": [one.architecture.title for one in found for _ in one.layers],
        "layer": [layer for one in found for layer in one.layers],
        "spread": [interval.mean for one in found for interval in one.spread],
        "sign_diversity": [interval.mean for one in found for interval in one.sign_diversity],
        "unexplained": [interval.mean for one in found for interval in one.unexplained],
    }
