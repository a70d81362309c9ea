"""What multiplying every weight of a network by one number does to its gradients.

The raw gradient and the gradient scale coefficient are taken from the inputs to the output, on the same
draw of the weights, the inputs and the probes for every factor.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gradlab.depth import gsc_growth, multilayer
from gradlab.depth.multilayer import Architecture, Setting


@dataclass(frozen=True)
class Rescaled:
    """Raw gradient (quadratic mean of the Jacobian) and GSC of one network, one of each for each factor."""

    architecture: Architecture
    factors: tuple[float, ...]
    raw: tuple[float, ...]
    gsc: tuple[float, ...]

    @property
    def deviation(self) -> float:
        """Largest relative difference of the GSC from that of the network as it was drawn."""
        original = self.gsc[self.factors.index(1.0)]
        return max(abs(gsc / original - 1) for gsc in self.gsc)


def rescale(
    chosen: Architecture, factors: Sequence[float], setting: Setting, seed: int, probes: int
) -> Rescaled:
    """Measure one network under every factor; 1.0 has to be one of them."""
    if 1.0 not in factors:
        raise ValueError(f"the factors {', '.join(map(str, factors))} lack 1.0, the network as it was drawn")
    profiles = []
    for factor in factors:
        trial = multilayer.trial(chosen, setting, seed)
        scaled = replace(trial, network=trial.network.scaled(factor))
        profiles.append(gsc_growth.backward(scaled, probes))
    raw, gsc = ([float(getattr(p, what)[0]) for p in profiles] for what in ("jacobian", "gsc"))
    return Rescaled(chosen, tuple(factors), tuple(raw), tuple(gsc))


def factor_columns(found: Sequence[Rescaled]) -> Mapping[str, Sequence[str | float]]:
    """Columns with an entry for each factor of each architecture."""
    return {
        "architecture": [one.architecture.title for one in found for _ in one.factors],
        "factor": [factor for one in found for factor in one.factors],
        "raw gradient": [raw for one in found for raw in one.raw],
        "gsc": [gsc for one in found for gsc in one.gsc],
    }
