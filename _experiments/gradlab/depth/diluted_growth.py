"""What diluting the nonlinearity of a deep network does to the growth of its gradient scale coefficient.

A network is diluted on what a hidden layer sees, not on noise: one more layer lies below it and turns noise
into pre-activations. Intervals are 95 % t intervals over seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.depth import dilution, gradient_scale, mean_field, multilayer
from gradlab.depth.multilayer import Architecture, Network, Setting
from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import geometric_interval, mean_interval

FRESH = 1000
"""Inputs on which dilution is measured; none of them fixed the factors of the layers."""


@dataclass(frozen=True)
class Hidden:
    """A plain network with pre-activations as its inputs, some to dilute it on, others to measure on."""

    network: Network
    inputs: Float[Tensor, "inputs width"]
    fresh: Float[Tensor, "fresh width"]
    generator: torch.Generator


def hidden(chosen: Architecture, setting: Setting, seed: int) -> Hidden:
    """Draw a network of one more layer, use that layer on two sets of noise and take it off."""
    trial = multilayer.trial(chosen, replace(setting, depth=setting.depth + 1), seed)
    network, generator = trial.network, trial.generator
    more = multilayer.noise(FRESH, setting.width, generator, setting.dtype)
    above = replace(network, weights=network.weights[1:])
    return Hidden(above, network.branch(trial.inputs, 0), network.branch(more, 0), generator)


def factor(chosen: Architecture, k: float, setting: Setting, seed: int, probes: int) -> float:
    """Growth factor of the GSC per layer of a network diluted by k, fitted over its depth."""
    drawn = hidden(chosen, setting, seed)
    diluted = dilution.dilute(drawn.network, k, drawn.inputs)
    profile = gradient_scale.backward_profile(
        diluted.states, drawn.inputs, chosen.across_inputs, probes, drawn.generator
    )
    # The profile falls from the input to the output: the growth upwards is the inverse.
    return 1 / gradient_scale.growth(diluted.depths[:-1], profile.gsc[:-1])


@dataclass(frozen=True)
class Grown:
    """Factors of the GSC per layer of one architecture diluted by ``k``, one for each seed."""

    architecture: Architecture
    k: float
    factors: Float[np.ndarray, " seeds"]

    @property
    def excess(self) -> Float[np.ndarray, " seeds"]:
        """What exceeds 1 in the squares of the factors."""
        return self.factors**2 - 1

    @property
    def mean_excess(self) -> Interval:
        """Arithmetic mean of the excess over seeds."""
        return mean_interval(self.excess.tolist())

    @property
    def theory(self) -> float:
        """The excess of an infinitely wide layer, divided by ``k^2 + 1``."""
        return dilution.diluted_excess(wide_excess(self.architecture), self.k)


def wide_excess(chosen: Architecture) -> float:
    """The excess of a layer of infinite width, undiluted."""
    return dilution.excess(mean_field.base(chosen))


def grow(chosen: Architecture, k: float, setting: Setting, seeds: Sequence[int], probes: int) -> Grown:
    """Fit the factor per layer for every seed."""
    return Grown(chosen, k, np.array([factor(chosen, k, setting, seed, probes) for seed in seeds]))


@dataclass(frozen=True)
class Recovery:
    """What dilution by ``k`` is on fresh inputs, averaged over layers.

    ``measured`` is the ratio of quadratic means, ``nonlinear_share`` the share of the mean square output.
    """

    k: float
    measured: Interval
    nonlinear_share: Interval

    @property
    def error(self) -> float:
        """By how many per cent the measured ratio exceeds k."""
        return 100 * (self.measured.mean / self.k - 1)


def recover(chosen: Architecture, k: float, setting: Setting, seeds: Sequence[int]) -> Recovery:
    """Take the layers apart again, on inputs that their factors were not fixed on."""
    ratios, shares = [], []
    for seed in seeds:
        drawn = hidden(chosen, setting, seed)
        diluted = dilution.dilute(drawn.network, k, drawn.inputs)
        states = diluted.states(drawn.fresh)
        parts = [diluted.parts(state, layer) for layer, state in enumerate(states[:-1])]
        ratios.append(float(np.mean([part.k for part in parts])))
        shares.append(float(np.mean([part.nonlinear_share for part in parts])))
    return Recovery(k, mean_interval(ratios), mean_interval(shares))


@dataclass(frozen=True)
class Divisors:
    """By what dilution divides: the excess, the GSC of one layer, and that of all layers.

    Geometric means of ratios between networks of the same seed, with intervals of their logarithms.
    """

    title: str
    k: float
    excess: Interval
    gradient: Interval
    whole: Interval

    @property
    def due(self) -> float:
        """``k^2 + 1``, which the theory has for the excess."""
        return self.k**2 + 1

    def relative(self, divisor: Interval) -> Interval:
        """A divisor over ``k^2 + 1``."""
        mean, low, high = (end / self.due for end in (divisor.mean, divisor.low, divisor.high))
        return Interval(mean, low, high, divisor.n)


def divide(plain: Grown, diluted: Grown, depth: int) -> Divisors:
    """Compare a network of ``depth`` layers with the same one diluted, seed by seed."""
    layer = plain.factors / diluted.factors
    return Divisors(
        plain.architecture.title,
        diluted.k,
        excess=geometric_interval((plain.excess / diluted.excess).tolist()),
        gradient=geometric_interval(layer.tolist()),
        whole=geometric_interval((layer**depth).tolist()),
    )


def table(
    divisors: Sequence[Divisors], recovered: Sequence[Recovery]
) -> tuple[list[str], list[list[str | float]]]:
    """Columns and rows, one for each nonlinear part and each k."""
    columns = ["nonlinear part", "k", "k² + 1", "k on fresh inputs", "excess divided by", "low", "high"]
    columns += ["GSC per layer divided by", "GSC over all layers divided by"]
    rows: list[list[str | float]] = []
    for one, recovery in zip(divisors, recovered, strict=True):
        excess = one.excess
        rows.append(
            [
                *(one.title, one.k, one.due, recovery.measured.mean),
                *(excess.mean, excess.low, excess.high, one.gradient.mean, one.whole.mean),
            ]
        )
    return columns, rows


def columns(grown: Sequence[Grown]) -> Mapping[str, Sequence[str | float]]:
    """Columns with an entry for each nonlinear part and each k."""
    return {
        "nonlinear part": [one.architecture.title for one in grown],
        "k": [one.k for one in grown],
        "excess": [one.mean_excess.mean for one in grown],
        "excess, theory": [one.theory for one in grown],
        "GSC per layer": [float(one.factors.mean()) for one in grown],
    }
