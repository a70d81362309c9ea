"""Stochastic gradient descent at a constant rate, one sample a step drawn with replacement.

Many fits are descended side by side ("members"): problems that differ in their data, at several rates. A
fit has ``n`` samples with the losses ``f_i`` and the mean loss ``F``.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from torch import Tensor


@runtime_checkable
class Fits(Protocol):
    """Fits of equal shape, one per member, as functions of their weights."""

    def losses(self, weights: Float[Tensor, "members p"]) -> Float[Tensor, " members"]:
        """The mean loss of each member."""

    def gradients(self, weights: Float[Tensor, "members p"]) -> Float[Tensor, "members n p"]:
        """The gradient of every sample's loss."""

    def gradient(
        self, weights: Float[Tensor, "members p"], samples: Int[Tensor, " members"]
    ) -> Float[Tensor, "members p"]:
        """The gradient of the loss of one sample per member."""


@dataclass(frozen=True)
class Course:
    """What was recorded along the way: first entry before any step, last after all of them.

    ``losses`` are mean losses; ``etas`` are the confusion bounds, the negative part of the smallest inner
    product of two samples' gradients; ``variances`` are the mean squared distances of the samples' gradients
    from their mean.
    """

    steps: tuple[int, ...]
    losses: Float[Tensor, "records members"]
    etas: Float[Tensor, "records members"]
    variances: Float[Tensor, "records members"]
    weights: Float[Tensor, "members p"]

    def late(self) -> slice:
        """The records of the second half of the steps."""
        half = self.steps[-1] / 2
        return slice(next(place for place, step in enumerate(self.steps) if step > half), None)


def confusion(gradients: Float[Tensor, "members n p"]) -> Float[Tensor, " members"]:
    """The confusion bound of each member, as :func:`gradlab.confusion.pairs.eta` has it for one table."""
    table = gradients @ gradients.mT
    different = ~torch.eye(table.shape[-1], dtype=torch.bool)
    return (-table[:, different].amin(1)).clamp(min=0)


def variance(gradients: Float[Tensor, "members n p"]) -> Float[Tensor, " members"]:
    """The mean squared distance of the samples' gradients from their mean."""
    return (gradients - gradients.mean(1, keepdim=True)).square().sum(2).mean(1)


def descend(
    fits: Fits,
    start: Float[Tensor, "members p"],
    rates: Float[Tensor, " members"],
    samples: Int[Tensor, "steps members"],
    records: int,
) -> Course:
    """One step per row of ``samples``; about ``records`` looks at equal distances.

    A member that diverges has inf or NaN from there on.
    """
    weights, steps = start, []
    seen: list[tuple[Tensor, Tensor, Tensor]] = []

    def record(step: int) -> None:
        gradients = fits.gradients(weights)
        steps.append(step)
        seen.append((fits.losses(weights), confusion(gradients), variance(gradients)))

    every = max(1, len(samples) // records)
    for step, chosen in enumerate(samples):
        if step % every == 0:
            record(step)
        weights = weights - rates[:, None] * fits.gradient(weights, chosen)
    record(len(samples))
    losses, etas, variances = (torch.stack(column) for column in zip(*seen, strict=True))
    return Course(tuple(steps), losses, etas, variances, weights)
