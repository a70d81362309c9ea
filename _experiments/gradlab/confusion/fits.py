"""Least-squares fits whose samples disagree: linear ones, and small networks with too few weights to fit all.

The samples are those of :mod:`gradlab.confusion.least_squares`: inputs of unit length, targets that have
nothing to do with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from gradlab.confusion.least_squares import Problem


@dataclass(frozen=True)
class LinearFits:
    """One linear model per member: ``f_i(w) = (x_i . w - y_i)^2 / 2``.

    As the inputs have unit length, every ``f_i`` is smooth with ``L = 1`` and satisfies the
    Polyak-Lojasiewicz inequality with ``mu = 1``.
    """

    inputs: Float[Tensor, "members n d"]
    targets: Float[Tensor, "members n"]

    @classmethod
    def of(cls, problems: Sequence[Problem]) -> "LinearFits":
        """The fits of problems of equal shape."""
        return cls(torch.stack([p.inputs for p in problems]), torch.stack([p.targets for p in problems]))

    def best(self) -> Float[Tensor, "members d"]:
        """The shortest of the weights with the smallest mean loss."""
        found: Tensor = torch.linalg.lstsq(self.inputs, self.targets[..., None], driver="gelsd").solution
        return found[..., 0]

    def losses(self, weights: Float[Tensor, "members d"]) -> Float[Tensor, " members"]:
        """The mean loss of each member."""
        return self._residuals(weights).square().mean(1) / 2

    def gradients(self, weights: Float[Tensor, "members d"]) -> Float[Tensor, "members n d"]:
        """The gradient of every sample's loss."""
        return self._residuals(weights)[..., None] * self.inputs

    def gradient(
        self, weights: Float[Tensor, "members d"], samples: Int[Tensor, " members"]
    ) -> Float[Tensor, "members d"]:
        """The gradient of the loss of one sample per member."""
        members = torch.arange(len(samples))
        x = self.inputs[members, samples]
        residual = (x * weights).sum(1) - self.targets[members, samples]
        return residual[:, None] * x

    def _residuals(self, weights: Float[Tensor, "members d"]) -> Float[Tensor, "members n"]:
        return (self.inputs @ weights[..., None])[..., 0] - self.targets


@dataclass(frozen=True)
class NetworkFits:
    """One network per member, ``g(x) = v . tanh(W x)``; its weights are ``W``, row by row, and then ``v``.

    ``f_i`` is half the squared residual plus ``decay / 2`` times the squared length of the weights: without
    it, targets that mean nothing are fitted best by weights without bound.
    """

    inputs: Float[Tensor, "members n d"]
    targets: Float[Tensor, "members n"]
    hidden: int
    decay: float

    def initial(self, generator: torch.Generator) -> Float[Tensor, "members p"]:
        """Normal weights; every row of ``W``, and ``v``, has the length one on average."""
        members, _, d = self.inputs.shape
        first = torch.randn(members, self.hidden * d, generator=generator, dtype=self.inputs.dtype)
        last = torch.randn(members, self.hidden, generator=generator, dtype=self.inputs.dtype)
        return torch.cat([first / d**0.5, last / self.hidden**0.5], dim=1)

    def best(self, start: Float[Tensor, "members p"], iterations: int = 300) -> Float[Tensor, "members p"]:
        """The nearest local minimum of each mean loss, by the method of Levenberg and Marquardt.

        Damping falls threefold after a step that lowers the loss, and rises threefold after one that does
        not and is taken back.
        """
        weights, damping = start, torch.ones(len(start), 1, 1, dtype=start.dtype)
        loss = self.losses(weights)
        unit = torch.eye(start.shape[1], dtype=start.dtype)
        for _ in range(iterations):
            jacobian = self._jacobian(weights, self.inputs)
            curvature = jacobian.mT @ jacobian / jacobian.shape[1] + (self.decay + damping) * unit
            tried = weights - torch.linalg.solve(curvature, self.gradients(weights).mean(1))
            found = self.losses(tried)
            better = found < loss
            weights = torch.where(better[:, None], tried, weights)
            loss = torch.where(better, found, loss)
            damping = torch.where(better[:, None, None], damping / 3, damping * 3).clamp(1e-12, 1e12)
        return weights

    def losses(self, weights: Float[Tensor, "members p"]) -> Float[Tensor, " members"]:
        """The mean loss of each member."""
        residuals = self._outputs(weights, self.inputs) - self.targets
        return (residuals.square().mean(1) + self.decay * weights.square().sum(1)) / 2

    def gradients(self, weights: Float[Tensor, "members p"]) -> Float[Tensor, "members n p"]:
        """The gradient of every sample's loss."""
        return self._gradients(weights, self.inputs, self.targets)

    def gradient(
        self, weights: Float[Tensor, "members p"], samples: Int[Tensor, " members"]
    ) -> Float[Tensor, "members p"]:
        """The gradient of the loss of one sample per member."""
        members = torch.arange(len(samples))
        x, y = self.inputs[members, samples], self.targets[members, samples]
        return self._gradients(weights, x[:, None], y[:, None])[:, 0]

    def _gradients(self, weights: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        residuals = self._outputs(weights, inputs) - targets
        return residuals[..., None] * self._jacobian(weights, inputs) + self.decay * weights[:, None]

    def _parts(self, weights: Tensor) -> tuple[Tensor, Tensor]:
        split = self.hidden * self.inputs.shape[2]
        return weights[:, :split].reshape(len(weights), self.hidden, -1), weights[:, split:]

    def _outputs(self, weights: Tensor, inputs: Tensor) -> Tensor:
        first, last = self._parts(weights)
        return (torch.tanh(inputs @ first.mT) @ last[..., None])[..., 0]

    def _jacobian(self, weights: Tensor, inputs: Tensor) -> Tensor:
        """The derivatives of every output by the weights."""
        first, last = self._parts(weights)
        units = torch.tanh(inputs @ first.mT)
        behind = last[:, None] * (1 - units.square())
        return torch.cat([(behind[..., None] * inputs[:, :, None]).flatten(2), units], dim=2)
