"""Diluted nonlinearities: layers that are partly linear, by a chosen amount.

After Philipp, Song & Carbonell (arXiv:1712.05577), ``f`` is k-diluted for a random ``v`` if

    f(v) = S v + rho(v)    and    Q|S v| / Q|rho(v)| = k,    Q[X] = E[X^2]^(1/2).

If the two parts are uncorrelated, and so are their Jacobians, squared lengths add (Pythagoras) and

    GSC_f^2 - 1 = (GSC_rho^2 - 1) / (k^2 + 1).

Here ``S`` is a multiple of the identity, as in a residual network, and ``rho`` is a layer of
:mod:`gradlab.depth.multilayer` with independent weights, so that the condition holds up to 1/width.
"""

from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from gradlab.depth.multilayer import Architecture, Network


def quadratic_mean(vectors: Float[Tensor, "inputs width"]) -> float:
    """Q of the length: the root mean square of the rows' Euclidean norms."""
    return float(vectors.square().sum(-1).mean().sqrt())


@dataclass(frozen=True)
class Parts:
    """The linear and the nonlinear part of one layer, at the same inputs."""

    linear: Float[Tensor, "inputs width"]
    nonlinear: Float[Tensor, "inputs width"]

    @property
    def k(self) -> float:
        """Dilution by its definition."""
        return quadratic_mean(self.linear) / quadratic_mean(self.nonlinear)

    @property
    def nonlinear_share(self) -> float:
        """Share of the mean square output that comes from the nonlinear part: 1 / (k^2 + 1)."""
        linear, nonlinear = quadratic_mean(self.linear) ** 2, quadratic_mean(self.nonlinear) ** 2
        return nonlinear / (linear + nonlinear)


@dataclass(frozen=True)
class DilutedNetwork:
    """Layers ``linear_factor * v + nonlinear_factor * rho(v)`` with constant factors, one pair per layer."""

    architecture: Architecture
    weights: tuple[Float[Tensor, "width width"], ...]
    factors: tuple[tuple[float, float], ...]

    @property
    def depths(self) -> list[int]:
        """The number of layers below each of the states."""
        return list(range(len(self.weights) + 1))

    def parts(self, v: Float[Tensor, "inputs width"], layer: int) -> Parts:
        """The two parts of one layer for the pre-activations ``v`` below it."""
        linear, nonlinear = self.factors[layer]
        rho = self.architecture.activate(v) @ self.weights[layer].mT
        return Parts(linear * v, nonlinear * rho)

    def states(self, inputs: Float[Tensor, "inputs width"]) -> list[Float[Tensor, "inputs width"]]:
        """The inputs, then the pre-activations after every layer."""
        found = [inputs]
        for layer in range(len(self.weights)):
            parts = self.parts(found[-1], layer)
            found.append(parts.linear + parts.nonlinear)
        return found


def dilute(network: Network, k: float, inputs: Float[Tensor, "inputs width"]) -> DilutedNetwork:
    """Dilute every layer of a plain network by ``k``, with factors fixed on ``inputs``.

    Both parts are divided by their quadratic means over ``inputs``, and the sum keeps unit mean square
    entries. The factors are constants: neither a derivative nor other inputs change them.
    """
    if network.architecture.skip:
        raise ValueError(f"{network.architecture.title!r} has skip connections; dilute a plain network")
    if k < 0:
        raise ValueError(f"dilution is a ratio of lengths and cannot be {k}")
    # A unit mean square per entry is a quadratic mean length of sqrt(width).
    target = (inputs.shape[-1] / (k**2 + 1)) ** 0.5
    factors: list[tuple[float, float]] = []
    v = inputs
    for layer in range(len(network.weights)):
        rho = network.branch(v, layer)
        factors.append((k * target / quadratic_mean(v), target / quadratic_mean(rho)))
        v = factors[-1][0] * v + factors[-1][1] * rho
    return DilutedNetwork(network.architecture, network.weights, tuple(factors))


def residual_parts(network: Network, inputs: Float[Tensor, "inputs width"]) -> list[Parts]:
    """What the skip connections and the branches of a residual network contribute, block by block."""
    if not network.architecture.skip:
        raise ValueError(f"{network.architecture.title!r} has no skip connections")
    states = network.states(inputs)
    return [
        Parts(below, network.branch(below, start))
        for below, start in zip(states, network.depths[:-1], strict=False)
    ]


def excess(growth: float) -> float:
    """What exceeds 1 in the square of a GSC or of its growth per layer."""
    return growth**2 - 1


def diluted_excess(undiluted: float, k: float) -> float:
    """The theory: the excess of the undiluted layer, divided by ``k^2 + 1``."""
    return undiluted / (k**2 + 1)
