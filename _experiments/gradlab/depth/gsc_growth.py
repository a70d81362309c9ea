"""How the gradient scale coefficient of an architecture grows with depth, over several draws of its weights.

The growth is fitted as a factor per layer. The step at the inputs is left out of every fit: the inputs are
not yet what a layer produces.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch

from gradlab.depth import gradient_scale, mean_field, multilayer
from gradlab.depth.gradient_scale import Profile
from gradlab.depth.multilayer import Architecture, Setting, Trial
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import geometric_interval, mean_interval


def forward(trial: Trial, probes: int) -> Profile:
    """GSC from the inputs to every state; the probes come from the trial's generator."""
    network = trial.network
    whole = network.architecture.across_inputs
    return gradient_scale.forward_profile(network.states, trial.inputs, whole, probes, trial.generator)


def backward(trial: Trial, probes: int) -> Profile:
    """GSC from every state to the output; the probes come from the trial's generator."""
    network = trial.network
    whole = network.architecture.across_inputs
    return gradient_scale.backward_profile(network.states, trial.inputs, whole, probes, trial.generator)


def backward_factor(trial: Trial, probes: int) -> float:
    """Factor per layer, fitted to the GSC from every state to the output."""
    profile = backward(trial, probes)
    # This profile falls from the inputs to the output: the growth upwards is the inverse.
    return 1 / gradient_scale.growth(trial.network.depths[1:], profile.gsc[1:])


@dataclass(frozen=True)
class Growth:
    """GSC from the inputs to every state of one architecture, a profile for each seed.

    ``depths`` counts the layers below each state. Intervals are 95 % t intervals over seeds.
    """

    architecture: Architecture
    depths: tuple[int, ...]
    profiles: tuple[Profile, ...]

    @cached_property
    def curve(self) -> tuple[Interval, ...]:
        """Geometric mean of the GSC at each state."""
        states = range(len(self.depths))
        return tuple(geometric_interval([float(p.gsc[state]) for p in self.profiles]) for state in states)

    @property
    def total(self) -> Interval:
        """Geometric mean of the GSC over the whole depth."""
        return self.curve[-1]

    @property
    def raw_gain(self) -> Interval:
        """Geometric mean of the quadratic mean of the whole network's Jacobian."""
        return geometric_interval([float(profile.jacobian[-1]) for profile in self.profiles])

    @cached_property
    def factors(self) -> tuple[float, ...]:
        """Fitted factor per layer of each seed."""
        return tuple(gradient_scale.growth(self.depths[1:], p.gsc[1:]) for p in self.profiles)

    @property
    def factor(self) -> Interval:
        """Fitted factor per layer."""
        return mean_interval(self.factors)

    @property
    def lower_half(self) -> Interval:
        """Factor per layer over the lower half of the depth, from its first and its last state."""
        return self._factor_between(0, self._middle)

    @property
    def upper_half(self) -> Interval:
        """Factor per layer over the upper half of the depth, from its first and its last state."""
        return self._factor_between(self._middle, len(self.depths) - 1)

    @cached_property
    def wide(self) -> tuple[float, ...]:
        """GSC at each state of an infinitely wide network."""
        return tuple(mean_field.expected_gsc(self.architecture, self.depths[-1]))

    @cached_property
    def wide_factor(self) -> float:
        """Factor per layer of an infinitely wide network, by the same fit."""
        return gradient_scale.growth(self.depths[1:], torch.tensor(self.wide[1:]))

    @property
    def _middle(self) -> int:
        """The state that is closest to half the depth."""
        half = self.depths[-1] // 2
        return min(range(len(self.depths)), key=lambda state: abs(self.depths[state] - half))

    def _factor_between(self, lower: int, upper: int) -> Interval:
        layers = self.depths[upper] - self.depths[lower]
        logs = [profile.gsc.log() for profile in self.profiles]
        return mean_interval([math.exp(float(log[upper] - log[lower]) / layers) for log in logs])


def measure(chosen: Architecture, setting: Setting, seeds: Sequence[int], probes: int) -> Growth:
    """One forward profile for each seed, by ``probes`` Jacobian-vector products."""
    trials = [multilayer.trial(chosen, setting, seed) for seed in seeds]
    depths = tuple(trials[0].network.depths)
    return Growth(chosen, depths, tuple(forward(trial, probes) for trial in trials))


def table(found: Sequence[Growth]) -> tuple[list[str], list[list[str | float]]]:
    """Columns and rows, one for each architecture, the largest GSC first."""
    columns = ["architecture", "GSC", "GSC low", "GSC high", "GSC, infinite width"]
    columns += ["factor", "factor low", "factor high", "factor, infinite width", "raw gain"]
    rows: list[list[str | float]] = []
    for growth in sorted(found, key=lambda growth: -growth.total.mean):
        total, factor = growth.total, growth.factor
        rows.append(
            [
                growth.architecture.title,
                *(total.mean, total.low, total.high, growth.wide[-1]),
                *(factor.mean, factor.low, factor.high, growth.wide_factor),
                growth.raw_gain.mean,
            ]
        )
    return columns, rows


def layer_columns(found: Sequence[Growth]) -> Mapping[str, Sequence[str | float]]:
    """Columns with an entry for each state of each architecture."""
    entries = [
        (growth.architecture.title, layer, interval, wide)
        for growth in found
        for layer, interval, wide in zip(growth.depths, growth.curve, growth.wide, strict=True)
    ]
    return {
        "architecture": [title for title, *_ in entries],
        "layer": [layer for _, layer, _, _ in entries],
        "gsc": [interval.mean for _, _, interval, _ in entries],
        "low": [interval.low for _, _, interval, _ in entries],
        "high": [interval.high for _, _, interval, _ in entries],
        "infinite width": [wide for *_, wide in entries],
    }


def factor_columns(found: Sequence[Growth]) -> Mapping[str, Sequence[str | float]]:
    """Columns with the factor per layer of each architecture, the smallest first."""
    ordered = sorted(found, key=lambda growth: growth.factor.mean)
    return {
        "architecture": [growth.architecture.title for growth in ordered],
        "factor": [growth.factor.mean for growth in ordered],
        "low": [growth.factor.low for growth in ordered],
        "high": [growth.factor.high for growth in ordered],
        "infinite width": [growth.wide_factor for growth in ordered],
    }
