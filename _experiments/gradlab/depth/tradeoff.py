"""The trade-off of an architecture: how far from affine it is, against how fast its gradients grow.

Both sides are measured on the same draw of the weights. A residual block is two layers, so what no affine
map explains is measured over two layers for every architecture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import stats

from gradlab.depth import domain_collapse, gsc_growth, multilayer
from gradlab.depth.multilayer import Architecture, Setting, Trial
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import geometric_interval, mean_interval

LAYERS = 2
"""Between the states whose affine fit is measured."""
PROBES = 2
PROBED_INPUTS = 100
"""The GSC takes fewer inputs than an affine fit."""


@dataclass(frozen=True)
class Place:
    """Where an architecture lies: share of variance not explained, and growth factor of the GSC per layer.

    The share is a geometric mean over seeds, the factor an arithmetic one, both with 95 % t intervals.
    """

    architecture: Architecture
    share: Interval
    factor: Interval

    @property
    def floor_ratio(self) -> float:
        """Excess over 1 of the squared GSC of two layers, per share of their variance not explained."""
        return (self.factor.mean ** (2 * LAYERS) - 1) / self.share.mean


def both_sides(trial: Trial) -> tuple[float, float]:
    """The share of variance and the growth factor of one draw of the weights."""
    # The upper half of the depth: what the network does once it has settled.
    start = LAYERS * (len(trial.network.weights) // (2 * LAYERS))
    shares = domain_collapse.residuals(trial.network, trial.inputs, LAYERS, start)
    some = replace(trial, inputs=trial.inputs[:PROBED_INPUTS])
    return float(np.mean(shares)), gsc_growth.backward_factor(some, PROBES)


def place(chosen: Architecture, setting: Setting, seeds: Sequence[int]) -> Place:
    """Measure both sides for every seed."""
    sides = [both_sides(multilayer.trial(chosen, setting, seed)) for seed in seeds]
    shares, factors = zip(*sides, strict=True)
    return Place(chosen, geometric_interval(shares), mean_interval(factors))


def tanh_family(gains: Sequence[float]) -> dict[str, Architecture]:
    """Tanh networks with larger weights, by names such as ``tanh-1.2``."""
    return {f"tanh-{gain:g}": Architecture(f"tanh, gain {gain:g}", "tanh", gain=gain) for gain in gains}


def rank_correlation(places: Sequence[Place]) -> float:
    """Spearman's rank correlation between the two sides."""
    shares, factors = [one.share.mean for one in places], [one.factor.mean for one in places]
    return float(stats.spearmanr(shares, factors).statistic)


def columns(places: Sequence[Place]) -> Mapping[str, Sequence[str | float]]:
    """Columns with an entry for each architecture."""
    return {
        "architecture": [one.architecture.title for one in places],
        "not explained": [one.share.mean for one in places],
        "factor": [one.factor.mean for one in places],
        "factor, low": [one.factor.low for one in places],
        "factor, high": [one.factor.high for one in places],
    }
