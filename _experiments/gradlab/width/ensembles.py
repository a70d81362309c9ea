"""Ensembles of trained networks beside what the infinitely wide network predicts of them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.statistics.paired import Interval
from gradlab.statistics.seeds import mean_interval
from gradlab.width import gaussian_process, wide
from gradlab.width.gaussian_process import Posterior
from gradlab.width.task import Task

READOUT, ALL = "readout only (NNGP)", "all layers (NTK)"
"""What is trained, and the kernel that predicts it."""
_FIRST = 50_000  # the first seed of the ensemble


@dataclass(frozen=True)
class Ensemble:
    """Outputs of trained networks for the test digits, and their predicted distribution."""

    outputs: Float[Tensor, "networks test"]
    predicted: Posterior

    @property
    def mean(self) -> Float[Tensor, " test"]:
        """The mean over networks."""
        return self.outputs.mean(0)

    @property
    def sd(self) -> Float[Tensor, " test"]:
        """The standard deviation over networks."""
        return self.outputs.std(0)

    @property
    def standard_error(self) -> Float[Tensor, " test"]:
        """That of the mean over networks."""
        return self.sd / math.sqrt(len(self.outputs))


@dataclass(frozen=True)
class Agreement:
    """Over the test digits: root mean squares (rms) in units of the output, and the mean ratio of spreads.

    ``error`` is the ensemble's mean minus the predicted one, ``standardised`` the same in standard errors;
    the ratio is the ensemble's standard deviation over the predicted one.
    """

    error: float
    standard_error: float
    standardised: float
    prediction: float
    spread_ratio: float

    def named(self) -> dict[str, float]:
        """The numbers under the names by which they are told."""
        return {
            "rms error of the mean": self.error,
            "rms standard error": self.standard_error,
            "error in standard errors": self.standardised,
            "rms of the predictions": self.prediction,
            "ratio of spreads": self.spread_ratio,
        }


def train(task: Task, width: int, networks: int) -> dict[str, Ensemble]:
    """Train the readout alone, and all layers, of the same initial networks."""
    readout, everything = [], []
    for seed in range(networks):
        before = task.network(width, _FIRST + seed)
        after = task.descend(width, before, task.steps)
        everything.append(task.outputs(width, after).double())
        # A network is linear in its readout: training that alone has an exact closed form.
        kernel = wide.readout_kernel(task.design(width), before, task.inputs.float())
        readout.append(task.linear(task.outputs(width, before), kernel, task.steps))
    return {
        READOUT: _beside_prediction(task, task.limit.nngp, readout),
        ALL: _beside_prediction(task, task.limit.ntk, everything),
    }


def train_all(task: Task, width: int, networks: int) -> Float[Tensor, "networks test"]:
    """Outputs for the test digits of networks whose layers are all trained."""
    found = []
    for seed in range(networks):
        after = task.descend(width, task.network(width, _FIRST + seed), task.steps)
        found.append(task.outputs(width, after)[task.train :].double())
    return torch.stack(found)


def _beside_prediction(
    task: Task, tangent: Float[Tensor, "n n"], outputs: list[Float[Tensor, " n"]]
) -> Ensemble:
    found = gaussian_process.after_training(task.limit.nngp, tangent, task.targets, task.rate, task.steps)
    predicted = Posterior(found.mean[task.train :], found.sd[task.train :])
    return Ensemble(torch.stack(outputs)[:, task.train :], predicted)


def _rms(values: Float[Tensor, " test"]) -> float:
    return float(values.square().mean().sqrt())


def agreement(ensemble: Ensemble) -> Agreement:
    """How well the prediction describes the ensemble."""
    error = ensemble.mean - ensemble.predicted.mean
    return Agreement(
        error=_rms(error),
        standard_error=_rms(ensemble.standard_error),
        standardised=_rms(error / ensemble.standard_error),
        prediction=_rms(ensemble.predicted.mean),
        spread_ratio=float((ensemble.sd / ensemble.predicted.sd).mean()),
    )


def missed(outputs: Float[Tensor, "networks test"], predicted: Float[Tensor, " test"]) -> Interval:
    """The mean squared error of a prediction of the mean network, over the mean square of the prediction.

    From products of the errors of different networks only, so the spread between networks adds nothing: it is
    zero on average for a perfect prediction, and may be negative. With the jackknife's 95 % t interval.
    """
    errors = outputs - predicted
    count, total = len(errors), errors.sum(0)
    own = errors.square().sum(1)
    pairs = total.square().sum() - own.sum()
    without = (total - errors).square().sum(1) - (own.sum() - own)
    whole, rest = pairs / (count * (count - 1)), without / ((count - 1) * (count - 2))
    values = (count * whole - (count - 1) * rest) / predicted.square().sum()
    return mean_interval(values.tolist())


def further(
    outputs: Float[Tensor, "networks test"],
    predicted: Float[Tensor, " test"],
    other: Float[Tensor, " test"],
) -> Interval:
    """By how much the mean squared error of ``other`` exceeds that of ``predicted``, in that of ``missed``.

    The spread between networks adds the same to both and cancels, network by network. 95 % t interval.
    """
    more = (outputs - other).square().sum(1) - (outputs - predicted).square().sum(1)
    return mean_interval((more / predicted.square().sum()).tolist())


def columns(ensembles: Mapping[str, Ensemble]) -> dict[str, list[Any]]:
    """The numbers behind the figure, one entry per test digit."""
    return {
        f"{name}, {part}": values.tolist()
        for name, ensemble in ensembles.items()
        for part, values in (
            ("predicted mean", ensemble.predicted.mean),
            ("predicted sd", ensemble.predicted.sd),
            ("ensemble mean", ensemble.mean),
            ("ensemble sd", ensemble.sd),
        )
    }
