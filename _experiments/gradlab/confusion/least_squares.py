"""The linear-regression example of gradient confusion: more parameters than samples, or fewer.

``N`` inputs lie uniformly on the unit sphere of ``d`` dimensions, the targets are standard normal and have
nothing to do with them, and the loss of sample ``i`` is ``(x_i . w - y_i)^2 / 2``. With ``d >= N`` one ``w``
fits all samples; with ``d < N`` none does, and gradients go on disagreeing wherever descent ends up.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.confusion import pairs


@dataclass(frozen=True)
class Problem:
    """Inputs of unit length and their targets."""

    inputs: Float[Tensor, "n d"]
    targets: Float[Tensor, " n"]

    def loss(self, w: Float[Tensor, " d"]) -> float:
        """The mean over samples of half the squared residual."""
        return float((self.inputs @ w - self.targets).square().mean() / 2)

    def floor(self) -> float:
        """The smallest loss that any ``w`` reaches."""
        best = torch.linalg.lstsq(self.inputs, self.targets[:, None], driver="gelsd").solution[:, 0]
        return self.loss(best)

    def inner_products(self, w: Float[Tensor, " d"]) -> Float[Tensor, "n n"]:
        """Inner products of the per-sample gradients ``(x_i . w - y_i) x_i``."""
        residuals = self.inputs @ w - self.targets
        return (self.inputs @ self.inputs.mT) * residuals[:, None] * residuals


@dataclass(frozen=True)
class Descent:
    """The mean loss and the confusion bound after each epoch (first entry: before any)."""

    losses: tuple[float, ...]
    eta: tuple[float, ...]


def draw(samples: int, dimensions: int, generator: torch.Generator) -> Problem:
    """A random problem, in float64."""
    inputs = torch.randn(samples, dimensions, generator=generator, dtype=torch.float64)
    targets = torch.randn(samples, generator=generator, dtype=torch.float64)
    return Problem(inputs / inputs.norm(dim=1, keepdim=True), targets)


def descend(problem: Problem, epochs: int, rate: float, generator: torch.Generator) -> Descent:
    """Stochastic gradient descent from zero, one sample a step, each sample once an epoch."""
    w = torch.zeros(problem.inputs.shape[1], dtype=problem.inputs.dtype)
    losses, etas = [], []

    def record() -> None:
        losses.append(problem.loss(w))
        etas.append(pairs.eta(problem.inner_products(w)))

    record()
    for _ in range(epochs):
        for i in torch.randperm(len(problem.targets), generator=generator).tolist():
            x = problem.inputs[i]
            w = w - rate * (x @ w - problem.targets[i]) * x
        record()
    return Descent(tuple(losses), tuple(etas))
