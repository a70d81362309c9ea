"""Stochastic gradient descent of many equally shaped networks at once.

Networks that differ in their initial weights and learning rates are trained side by side, their weights
stacked along a first axis (``torch.func.vmap``); all of them see the same mini-batches in the same order.
No momentum, no decay, constant rate: the setting of the gradient-confusion paper.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.func import grad, vmap

from gradlab.confusion import fully_connected
from gradlab.confusion.fully_connected import Design
from gradlab.photographs.handwriting import Vectors

Stack = tuple[Float[Tensor, "members _ _"], ...]


@dataclass(frozen=True)
class Course:
    """``losses`` are of the mini-batch before each step; a member that diverged has inf from there on."""

    weights: Stack
    losses: Float[Tensor, "members steps"]


def stack(members: Sequence[Sequence[Tensor]], dtype: torch.dtype = torch.float32) -> Stack:
    """Join the weights of equally shaped networks."""
    return tuple(torch.stack(layer).to(dtype) for layer in zip(*members, strict=True))


def member(weights: Stack, index: int) -> list[Float[Tensor, "_ _"]]:
    """One network's weights."""
    return [layer[index] for layer in weights]


def minibatches(count: int, size: int, steps: int, generator: torch.Generator) -> Int[Tensor, "steps size"]:
    """Indices of ``steps`` mini-batches: whole ones from fresh permutations of ``range(count)``."""
    per_epoch = count // size
    if not per_epoch:
        raise ValueError(f"mini-batches of {size} cannot be cut from {count} samples")
    epochs = math.ceil(steps / per_epoch)
    orders = [torch.randperm(count, generator=generator)[: per_epoch * size] for _ in range(epochs)]
    return torch.cat(orders).reshape(-1, size)[:steps]


def train(
    design: Design,
    weights: Stack,
    data: Vectors,
    rates: Float[Tensor, " members"],
    batches: Int[Tensor, "steps size"],
) -> Course:
    """Run one step per row of ``batches``; ``rates`` holds one constant learning rate per member."""

    def loss(values: tuple[Tensor, ...], inputs: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        found = fully_connected.loss(design, values, inputs, labels)
        return found, found.detach()

    gradient = vmap(grad(loss, has_aux=True), in_dims=(0, None, None))
    seen = []
    for batch in batches:
        steps, before = gradient(weights, data.inputs[batch], data.labels[batch])
        seen.append(before)
        weights = tuple(w - rates[:, None, None] * step for w, step in zip(weights, steps, strict=True))
    losses = torch.stack(seen, dim=1)
    # Once the weights overflow nothing comes back, and NaN would read as "no value" instead of "worst".
    diverged = (~losses.isfinite()).cummax(dim=1).values
    return Course(weights, losses.masked_fill(diverged, math.inf))


def best_rate(final: Float[Tensor, "rates seeds"]) -> int:
    """Index of the rate with the smallest mean final loss over seeds."""
    return int(final.mean(1).argmin())
