"""What a very wide network should do: lengths and Jacobians by recursion from layer to layer.

In the limit of infinite width the entries of a pre-activation are independent normal variables over the
draw of the weights, and everything below is a Gaussian expectation. Per layer, with ``z`` the normalised
pre-activation, the mean square of the Jacobian grows by ``E[phi'(z)^2] / s^2`` and the mean square of the
pre-activation becomes ``E[phi(z)^2]``; ``s`` is what normalisation divides by. Batch norm removes the
mean over inputs first, so its ``s^2`` is a variance, which is why it makes the ratio larger.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from gradlab.depth.multilayer import NONLINEARITIES, Architecture


def _nodes() -> tuple[torch.Tensor, torch.Tensor]:
    """Gauss-Legendre nodes and normal weights on both sides of zero, where ReLU and SELU have a kink."""
    position, weight = (torch.from_numpy(x) for x in np.polynomial.legendre.leggauss(120))
    half = 5.5 * (position + 1)
    z = torch.cat([-half, half])
    density = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)
    return z, 5.5 * torch.cat([weight, weight]) * density


@dataclass(frozen=True)
class Moments:
    """Expectations over a centred normal pre-activation: of phi, of its square, of its slope squared."""

    mean: float
    square: float
    slope: float


def moments(nonlinearity: str, variance: float) -> Moments:
    """Gaussian moments of a nonlinearity whose argument has this variance."""
    z, weight = _nodes()
    argument = (math.sqrt(variance) * z).requires_grad_()
    value = NONLINEARITIES[nonlinearity](argument)
    (slope,) = torch.autograd.grad(value.sum(), argument)
    value = value.detach()
    return Moments(*(float((weight * x).sum()) for x in (value, value.square(), slope.square())))


@dataclass(frozen=True)
class _Field:
    """Mean square of the entries, the part of it that all inputs share, and the squared Jacobian."""

    square: float
    shared: float
    jacobian: float


def _layer(chosen: Architecture, below: _Field) -> _Field:
    gain = chosen.gain**2
    if chosen.norm == "none":
        found, divisor = moments(chosen.nonlinearity, below.square), 1.0
    else:
        found = moments(chosen.nonlinearity, 1.0)
        divisor = below.square - below.shared if chosen.norm == "batch" else below.square
    return _Field(gain * found.square, gain * found.mean**2, gain * found.slope / divisor * below.jacobian)


def expected_gsc(chosen: Architecture, depth: int) -> Sequence[float]:
    """GSC from standard normal inputs to every state of an infinitely wide network."""
    field, gsc = _Field(1.0, 0.0, 1.0), [1.0]
    for _ in range(0, depth, chosen.skip or 1):
        branch = _Field(field.square, field.shared, 1.0)
        for _ in range(chosen.skip or 1):
            branch = _layer(chosen, branch)
        if chosen.skip:  # the branch's weights are independent of the stream's: squares add up
            field = _Field(
                field.square + branch.square,
                field.shared + branch.shared,
                field.jacobian * (1 + branch.jacobian),
            )
        else:
            field = _Field(branch.square, branch.shared, field.jacobian * branch.jacobian)
        gsc.append(math.sqrt(field.jacobian / field.square))
    return gsc


def nonlinear_share(nonlinearity: str) -> float:
    """Share of the variance of phi(z), z standard normal, that no straight line explains."""
    z, weight = _nodes()
    value = NONLINEARITIES[nonlinearity](z)
    mean, square = float((weight * value).sum()), float((weight * value.square()).sum())
    return 1 - float((weight * z * value).sum()) ** 2 / (square - mean**2)


def base(chosen: Architecture) -> float:
    """Growth factor of GSC per layer of a plain network whose pre-activations have unit mean square.

    ``sqrt(E[phi'^2] / E[phi^2])``, with the variance of phi instead of its square under batch norm.
    """
    found = moments(chosen.nonlinearity, 1.0)
    spread = found.square - found.mean**2 if chosen.norm == "batch" else found.square
    return math.sqrt(found.slope / spread)
