"""Where the linear algebra of the infinite network fails: wrong kernels, narrow networks, large rates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from gradlab.statistics.paired import Interval
from gradlab.width import ensembles, gaussian_process, linearised
from gradlab.width.task import Task

LIMIT, RADIAL, LINEAR = "tangent kernel", "radial basis functions", "linear network"
"""The kernels that predict: that of the infinite network, and two that belong to something else."""


def kernels(task: Task) -> dict[str, Float[Tensor, "n n"]]:
    """All three, with the same largest eigenvalue on the training digits, so that one rate suits all.

    The length of the radial basis functions is the median distance of training digits; a linear network's
    kernel is that of its inputs.
    """
    inputs, train = task.inputs.double(), slice(task.train)
    distances = torch.cdist(inputs, inputs)
    length = distances[train, train][torch.triu_indices(task.train, task.train, 1).unbind()].median()
    found = {
        LIMIT: task.limit.ntk,
        RADIAL: torch.exp(-distances.square() / (2 * length.square())),
        LINEAR: inputs @ inputs.mT,
    }
    largest = {name: torch.linalg.eigvalsh(kernel[train, train])[-1] for name, kernel in found.items()}
    return {name: kernel * (largest[LIMIT] / largest[name]) for name, kernel in found.items()}


def predictions(task: Task) -> dict[str, Float[Tensor, " test"]]:
    """What each kernel predicts of the mean trained network, for the test digits."""
    return {
        name: gaussian_process.after_training(
            task.limit.nngp, kernel, task.targets, task.rate, task.steps
        ).mean[task.train :]
        for name, kernel in kernels(task).items()
    }


@dataclass(frozen=True)
class Beside:
    """What the infinite network misses of the mean of trained networks, and what others miss beyond.

    Shares of the mean square of its prediction, see ``missed`` and ``further`` of the ensembles.
    """

    width: int
    missed: Interval
    further: Mapping[str, Interval]


def by_width(task: Task, outputs: Mapping[int, Float[Tensor, "networks test"]]) -> list[Beside]:
    """Compare the networks of each width with all predictions."""
    predicted = predictions(task)
    limit = predicted.pop(LIMIT)
    return [
        Beside(
            width,
            ensembles.missed(found, limit),
            {name: ensembles.further(found, limit, other) for name, other in predicted.items()},
        )
        for width, found in outputs.items()
    ]


@dataclass(frozen=True)
class Fast:
    """Root mean squares over test digits after training at a rate that is too large for the limit.

    ``prediction`` is that of the infinite network, ``networks`` that of each network that stayed finite, of
    ``count`` that were trained.
    """

    prediction: float
    networks: tuple[float, ...]
    count: int


def fast(task: Task, width: int, networks: int, factor: float) -> Fast:
    """Train at ``factor`` times the largest rate at which the infinite network does not diverge."""
    largest = linearised.largest_rate(task.limit.ntk[: task.train, : task.train])
    faster = replace(task, rate=factor * largest)
    outputs = ensembles.train_all(faster, width, networks)
    rms = outputs.square().mean(1).sqrt()
    predicted = predictions(faster)[LIMIT]
    return Fast(float(predicted.square().mean().sqrt()), tuple(rms[rms.isfinite()].tolist()), len(outputs))


HEADS = [
    "width",
    *(f"{what}{end}" for what in ("missed", "radial", "linear") for end in ("", ", low", ", high")),
]
"""The columns of :func:`rows`."""


def rows(found: Sequence[Beside]) -> list[list[Any]]:
    """A table's rows: by width, what the limit misses and what the controls miss beyond, with intervals."""
    return [
        [
            one.width,
            *(
                end
                for share in (one.missed, *one.further.values())
                for end in (share.mean, share.low, share.high)
            ),
        ]
        for one in found
    ]
