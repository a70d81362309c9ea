"""The gradient scale coefficient of Philipp, Song & Carbonell (arXiv:1712.05577).

For a layer ``f_k`` and a layer ``f_l`` above it, with Jacobian ``J = df_l/df_k``,

    GSC(k, l) = |J|_qm |f_k| / |f_l|,    |J|_qm = |J|_F / sqrt(columns of J).

``|J|_qm`` is the root mean square of ``|J u|`` over random directions ``u`` of unit length, so GSC is the
relative change of ``f_l`` per relative change of ``f_k``: a number without a unit. Over inputs it is
averaged in the square. A network with batch norm is a function of the batch, so there the batch is the one
input, and ``J`` contains what each example does to the others.

The Frobenius norm is estimated without bias from Gaussian probes: ``E|J v|^2 = E|J^T u|^2 = |J|_F^2`` for
standard normal ``v`` and ``u``.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from scipy.stats import linregress
from torch import Tensor
from torch.func import jacrev, jvp, vmap

States = Callable[[Tensor], list[Tensor]]


@dataclass(frozen=True)
class Profile:
    """Estimates at every state of a network, from the inputs (first) to the output (last).

    ``jacobian`` holds root mean squares of ``|J|_qm`` over inputs; ``gsc`` those of the GSC.
    """

    jacobian: Float[Tensor, " states"]
    gsc: Float[Tensor, " states"]


def _squares(vectors: Float[Tensor, "*lead inputs width"], whole: bool) -> Float[Tensor, "*lead units"]:
    """Squared length per example, or of the batch as one vector."""
    per_example = vectors.square().sum(-1)
    return per_example.sum(-1, keepdim=True) if whole else per_example


def _columns(state: Float[Tensor, "inputs width"], whole: bool) -> int:
    return state.numel() if whole else state.shape[-1]


def _profile(squares: list[Tensor], lower: list[Tensor], upper: list[Tensor], whole: bool) -> Profile:
    """Combine estimates of ``|J|_F^2`` per unit with the lengths of the layers below and above."""
    quadratic, relative = [], []
    for square, below, above in zip(squares, lower, upper, strict=True):
        mean_square = square / _columns(below, whole)
        quadratic.append(mean_square.mean().sqrt())
        relative.append((mean_square * _squares(below, whole) / _squares(above, whole)).mean().sqrt())
    return Profile(torch.stack(quadratic), torch.stack(relative))


def forward_profile(
    states: States,
    inputs: Float[Tensor, "inputs width"],
    whole: bool,
    probes: int,
    generator: torch.Generator,
) -> Profile:
    """GSC from the inputs to every state, by ``probes`` Jacobian-vector products.

    ``whole`` treats the batch as one input, as batch norm requires; without it each row of ``inputs`` is
    an input of its own, and rows must not influence each other.
    """
    directions = torch.randn(probes, *inputs.shape, generator=generator, dtype=inputs.dtype)

    def push(direction: Tensor) -> list[Tensor]:
        tangents = jvp(states, (inputs,), (direction,))[1]
        return [_squares(tangent, whole) for tangent in tangents]

    squares = [per_probe.mean(0) for per_probe in vmap(push)(directions)]
    reached = states(inputs)
    return _profile(squares, [inputs] * len(reached), reached, whole)


def backward_profile(
    states: States,
    inputs: Float[Tensor, "inputs width"],
    whole: bool,
    probes: int,
    generator: torch.Generator,
) -> Profile:
    """GSC from every state to the output, by ``probes`` vector-Jacobian products of the output.

    The states are those of one pass; the derivative by a state counts every path from it to the output.
    """
    reached = states(inputs.detach().requires_grad_())
    signals = torch.randn(probes, *reached[-1].shape, generator=generator, dtype=inputs.dtype)
    gradients = torch.autograd.grad(reached[-1], reached, signals, is_grads_batched=True)
    squares = [_squares(gradient, whole).mean(0) for gradient in gradients]
    lower = [state.detach() for state in reached]
    return _profile(squares, lower, [lower[-1]] * len(lower), whole)


def exact_gsc(states: States, inputs: Float[Tensor, "inputs width"], whole: bool) -> Float[Tensor, ""]:
    """GSC from the inputs to the output by the full Jacobian: for small networks and for tests."""

    def last(rows: Tensor) -> Tensor:
        return states(rows)[-1]

    batches = [inputs] if whole else [row[None] for row in inputs]
    relative = []
    for batch in batches:
        jacobian = jacrev(last)(batch).reshape(-1, batch.numel())
        length = batch.square().sum() / last(batch).square().sum()
        relative.append(jacobian.square().sum() / batch.numel() * length)
    return torch.stack(relative).mean().sqrt()


def growth(depths: Sequence[int], gsc: Float[Tensor, " states"]) -> float:
    """Factor per layer: the exponential of the least-squares slope of log GSC against depth."""
    slope = linregress(depths, gsc.double().log().numpy()).slope
    return math.exp(slope)
