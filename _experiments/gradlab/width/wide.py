"""Networks in the NTK parametrisation, whose training has a limit as the width grows.

Lee, Xiao et al. (NeurIPS 2019) and Jacot et al. (NeurIPS 2018): every parameter starts standard normal and
the scale stands in the network instead, ``z = sqrt(sigma_w^2 / fan_in) W a + sqrt(sigma_b^2) b``. One
output, tanh between the layers.

The tangent kernel, the table of inner products of the output's gradients at all pairs of inputs, is formed
layer by layer as in :mod:`gradlab.confusion.pairs`:

    Theta_ij = sum over layers of (sigma_w^2 / fan_in (a_i . a_j) + sigma_b^2) (delta_i . delta_j).
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import grad

Parameters = tuple[tuple[Tensor, Tensor], ...]  # one (weight, bias) per layer


@dataclass(frozen=True)
class WideDesign:
    """``layers`` counts weight matrices; all hidden layers have ``width`` units."""

    width: int
    layers: int = 3
    weight_variance: float = 1.5
    bias_variance: float = 0.05

    def sizes(self, inputs: int) -> list[int]:
        """Units of every layer, the inputs first and the single output last."""
        return [inputs, *[self.width] * (self.layers - 1), 1]


def initial(
    design: WideDesign, inputs: int, generator: torch.Generator, dtype: torch.dtype = torch.float32
) -> Parameters:
    """Standard normal weights and biases."""
    sizes = design.sizes(inputs)
    return tuple(
        (
            torch.randn(rows, columns, generator=generator, dtype=dtype),
            torch.randn(rows, generator=generator, dtype=dtype),
        )
        for columns, rows in itertools.pairwise(sizes)
    )


def _layers(
    design: WideDesign, parameters: Parameters, inputs: Float[Tensor, "n d"]
) -> tuple[list[Tensor], list[Tensor]]:
    """Input and output of every layer."""
    seen, given = [], []
    a = inputs
    for weight, bias in parameters:
        seen.append(a)
        scale = math.sqrt(design.weight_variance / a.shape[-1])
        z = scale * (a @ weight.mT) + math.sqrt(design.bias_variance) * bias
        given.append(z)
        a = torch.tanh(z)
    return seen, given


def outputs(design: WideDesign, parameters: Parameters, inputs: Float[Tensor, "n d"]) -> Float[Tensor, " n"]:
    """The network's single output for every input."""
    return _layers(design, parameters, inputs)[1][-1][:, 0]


def layer_kernels(
    design: WideDesign, parameters: Parameters, inputs: Float[Tensor, "n d"]
) -> list[Float[Tensor, "n n"]]:
    """Each layer's share of the tangent kernel, in float64; the kernel is their sum."""
    leaves = tuple((w.detach().requires_grad_(), b.detach()) for w, b in parameters)
    seen, given = _layers(design, leaves, inputs)
    deltas = torch.autograd.grad(given[-1].sum(), given)
    shares = []
    for a, delta in zip(seen, deltas, strict=True):
        a, delta = a.detach().double(), delta.double()
        inner = design.weight_variance / a.shape[1] * (a @ a.mT) + design.bias_variance
        shares.append(inner * (delta @ delta.mT))
    return shares


def kernel(design: WideDesign, parameters: Parameters, inputs: Float[Tensor, "n d"]) -> Float[Tensor, "n n"]:
    """The empirical tangent kernel, in float64."""
    return torch.stack(layer_kernels(design, parameters, inputs)).sum(0)


def readout_kernel(
    design: WideDesign, parameters: Parameters, inputs: Float[Tensor, "n d"]
) -> Float[Tensor, "n n"]:
    """The share of the last layer alone: the kernel of training nothing but the readout."""
    return layer_kernels(design, parameters, inputs)[-1]


def descend(
    design: WideDesign,
    parameters: Parameters,
    inputs: Float[Tensor, "n d"],
    targets: Float[Tensor, " n"],
    rate: float,
    steps: int,
) -> Parameters:
    """Full-batch gradient descent on half the mean squared error."""
    return descend_by(lambda values: outputs(design, values, inputs), parameters, targets, rate, steps)


def descend_by(
    function: Callable[[Parameters], Float[Tensor, " n"]],
    parameters: Parameters,
    targets: Float[Tensor, " n"],
    rate: float,
    steps: int,
) -> Parameters:
    """The same of any ``function`` from parameters to the outputs for the training points."""

    def loss(values: Parameters) -> Tensor:
        return (function(values) - targets).square().mean() / 2

    gradient = grad(loss)
    for _ in range(steps):
        slopes = gradient(parameters)
        parameters = tuple(
            (w - rate * dw, b - rate * db) for (w, b), (dw, db) in zip(parameters, slopes, strict=True)
        )
    return parameters


def moved(before: Parameters, after: Parameters) -> list[float]:
    """Per layer, the length of the weights' change over the length of the initial weights."""
    return [float((w1 - w0).norm() / w0.norm()) for (w0, _), (w1, _) in zip(before, after, strict=True)]


def moved_total(before: Parameters, after: Parameters) -> tuple[float, float]:
    """The length of the change of all parameters, and the same over their initial length."""
    start = torch.cat([p.flatten() for layer in before for p in layer])
    change = torch.cat([p.flatten() for layer in after for p in layer]) - start
    return float(change.norm()), float(change.norm() / start.norm())
