"""Convolutional networks in the NTK parametrisation, as functions of their weights.

The counterpart of :mod:`gradlab.width.wide`: pictures of 8 x 8 pixels, convolutions of 3 x 3 without padding,
each followed by tanh, the mean over what positions are left, and a linear readout of one number.

The tangent kernel is formed layer by layer, without any gradient. A convolution uses one matrix at every
position ``p``, so with ``a_ip`` what it sees there of input ``i`` and ``delta_ip`` the output's derivative by
what it gives there,

    Theta_ij = sum over layers, p and q of
               (sigma_w^2 / fan_in (a_ip . a_jq) + sigma_b^2) (delta_ip . delta_jq).
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from gradlab.width import wide
from gradlab.width.wide import Parameters

SIDE = 8  # pixels of a picture
FIELD = 3  # pixels that a convolution sees in each direction


@dataclass(frozen=True)
class ConvolutionDesign:
    """``convolutions`` of ``channels`` channels each, and a readout."""

    channels: int
    convolutions: int = 2
    weight_variance: float = 1.5
    bias_variance: float = 0.05


def initial(design: ConvolutionDesign, generator: torch.Generator) -> Parameters:
    """Standard normal weights, (out, in, 3, 3) for a convolution, and biases, in float32."""
    parameters, seen = [], 1
    for _ in range(design.convolutions):
        weight = torch.randn(design.channels, seen, FIELD, FIELD, generator=generator)
        parameters.append((weight, torch.randn(design.channels, generator=generator)))
        seen = design.channels
    readout = torch.randn(1, design.channels, generator=generator), torch.randn(1, generator=generator)
    return (*parameters, readout)


def _layers(
    design: ConvolutionDesign, parameters: Parameters, inputs: Float[Tensor, "n pixels"]
) -> tuple[list[Tensor], list[Tensor]]:
    """Input and output of every layer; those of convolutions have channels and two axes of positions."""
    a = inputs.reshape(len(inputs), 1, SIDE, SIDE)
    seen, given = [], []
    *convolutions, readout = parameters
    for weight, bias in convolutions:
        seen.append(a)
        scale = math.sqrt(design.weight_variance / weight[0].numel())
        z = F.conv2d(a, scale * weight, math.sqrt(design.bias_variance) * bias)
        given.append(z)
        a = torch.tanh(z)
    seen.append(a.mean((2, 3)))
    scale = math.sqrt(design.weight_variance / design.channels)
    given.append(F.linear(seen[-1], scale * readout[0], math.sqrt(design.bias_variance) * readout[1]))
    return seen, given


def outputs(
    design: ConvolutionDesign, parameters: Parameters, inputs: Float[Tensor, "n pixels"]
) -> Float[Tensor, " n"]:
    """The network's single output for every picture."""
    return _layers(design, parameters, inputs)[1][-1][:, 0]


def kernel(
    design: ConvolutionDesign, parameters: Parameters, inputs: Float[Tensor, "n pixels"]
) -> Float[Tensor, "n n"]:
    """The empirical tangent kernel, in float64."""
    leaves = tuple((w.detach().requires_grad_(), b.detach()) for w, b in parameters)
    seen, given = _layers(design, leaves, inputs)
    deltas = torch.autograd.grad(given[-1].sum(), given)
    total = torch.zeros(len(inputs), len(inputs), dtype=torch.float64)
    for a, delta in zip(seen, deltas, strict=True):
        # One row per picture and position; the readout has one position.
        fields = (F.unfold(a.detach(), FIELD) if a.ndim == 4 else a.detach()[..., None]).mT.double()
        positions = delta.flatten(2).mT.double() if a.ndim == 4 else delta[:, None].double()
        count, fan_in = fields.shape[1:]
        fields, positions = fields.flatten(0, 1), positions.flatten(0, 1)
        inner = design.weight_variance / fan_in * (fields @ fields.mT) + design.bias_variance
        pairs = inner * (positions @ positions.mT)
        total += pairs.reshape(len(inputs), count, len(inputs), count).sum((1, 3))
    return total


def descend(
    design: ConvolutionDesign,
    parameters: Parameters,
    inputs: Float[Tensor, "n pixels"],
    targets: Float[Tensor, " n"],
    rate: float,
    steps: int,
) -> Parameters:
    """Full-batch gradient descent on half the mean squared error."""
    return wide.descend_by(lambda values: outputs(design, values, inputs), parameters, targets, rate, steps)
