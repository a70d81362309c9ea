"""The collapsing domain: when all inputs look alike to a nonlinearity, it is as good as linear.

Three measures per layer, over many inputs and at the argument of the nonlinearity (after normalisation):
the spread of a unit's pre-activation, its sign diversity, and what a straight line fails to explain of the
unit's output. The first two follow Philipp, Song & Carbonell (arXiv:1712.05577).
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.depth.multilayer import NONLINEARITIES, NORMALISATIONS, Network

SMALLEST_DIRECTION = 1e-6
"""Singular value, relative to the largest, below which an affine fit ignores a direction of its input."""


def spread(arguments: Float[Tensor, "inputs width"]) -> float:
    """Standard deviation over inputs, root mean square over units; in units of the pre-activation."""
    return float(arguments.var(0).mean().sqrt())


def sign_diversity(arguments: Float[Tensor, "inputs width"]) -> float:
    """Share of inputs on the rarer side of zero, mean over units: 0.5 at most, 0 if no sign ever changes."""
    positive = (arguments > 0).double().mean(0)
    return float(torch.minimum(positive, 1 - positive).mean())


def unexplained(arguments: Float[Tensor, "inputs width"], values: Float[Tensor, "inputs width"]) -> float:
    """``1 - R^2`` of the best straight line through each unit's (argument, value) pairs.

    Residual and total sums of squares are added over units first, so a unit that never varies has no say.
    """
    x, y = arguments - arguments.mean(0), values - values.mean(0)
    slope = (x * y).sum(0) / x.square().sum(0)
    return float((y - slope * x).square().sum() / y.square().sum())


def affine_residual(below: Float[Tensor, "inputs width"], above: Float[Tensor, "inputs units"]) -> float:
    """Share of the variance of ``above`` that no affine map of ``below`` explains.

    Both sums of squares are divided by their degrees of freedom, which removes the bias of a fit with
    ``width + 1`` coefficients per unit.
    """
    inputs, width = below.shape
    if inputs <= width + 1:
        raise ValueError(f"a fit of {width + 1} coefficients needs more than {inputs} inputs")
    below, above = below.double(), above.double()
    design = torch.cat([below, below.new_ones(inputs, 1)], dim=1)
    # Collapsed inputs are nearly dependent. A cut far above rounding keeps the rank, and so the result, the
    # same on every machine.
    directions, sizes, _ = torch.linalg.svd(design, full_matrices=False)
    kept = directions[:, sizes > SMALLEST_DIRECTION * sizes[0]]
    residual = (above - kept @ (kept.mT @ above)).square().sum() / (inputs - width - 1)
    return float(residual / ((above - above.mean(0)).square().sum() / (inputs - 1)))


@dataclass(frozen=True)
class Domain:
    """The three measures at one nonlinearity, ``depth`` layers above the inputs."""

    depth: int
    spread: float
    sign_diversity: float
    unexplained: float


def domains(network: Network, inputs: Float[Tensor, "inputs width"]) -> list[Domain]:
    """Measure at the first nonlinearity after every state but the last."""
    normalise = NORMALISATIONS[network.architecture.norm]
    phi = NONLINEARITIES[network.architecture.nonlinearity]
    found = []
    for depth, state in zip(network.depths[:-1], network.states(inputs), strict=False):
        arguments = normalise(state)
        values = phi(arguments)
        measures = spread(arguments), sign_diversity(arguments), unexplained(arguments, values)
        found.append(Domain(depth, *measures))
    return found


def residuals(
    network: Network, inputs: Float[Tensor, "inputs width"], layers: int = 2, start: int = 0
) -> list[float]:
    """``affine_residual`` from state to state, ``layers`` layers apart, from layer ``start`` upwards."""
    if layers % network.per_step or start % layers:
        raise ValueError(
            f"{layers} layers from layer {start} are not whole steps of {network.per_step} from the inputs"
        )
    states = network.states(inputs)[start // network.per_step :: layers // network.per_step]
    return [affine_residual(below, above) for below, above in pairwise(states)]
